/**
 * The changes of the sandbox as they happen, and reads that are repeated when what they show has changed.
 */
import { useEffect, useRef, useState } from "preact/hooks"
import { base, ControlError, readJson } from "./api.js"

export type Kind =
  | "request"
  | "response"
  | "email"
  | "arrival"
  | "draft"
  | "log"
  | "delivery"
  | "fault"
  | "team"
  | "clock"
  | "reset"

export type Connection = "connecting" | "live" | "lost"

type Listener = (kinds: ReadonlySet<Kind>) => void

const listeners = new Set<Listener>()
const connectionListeners = new Set<(connection: Connection) => void>()

/** Changes are reported together at most this often, so that a busy sandbox does not flood the page. */
const flushMillis = 250

let connection: Connection = "connecting"
let pending = new Set<Kind>()
let isWaiting = false

const setConnection = (next: Connection): void => {
  connection = next
  for (const listener of connectionListeners) listener(next)
}

const flush = (): void => {
  isWaiting = false
  const kinds = pending
  pending = new Set()
  for (const listener of [...listeners]) listener(kinds)
}

const note = (kind: Kind): void => {
  pending.add(kind)
  if (isWaiting) return
  isWaiting = true
  window.setTimeout(flush, flushMillis)
}

/** Reports a change at once, because the page has made it. */
export const noteOwnChange = (kind: Kind): void => note(kind)

/** Listens to the changes. The browser connects again by itself, unless the response was not a stream of events. */
export const connect = (): void => {
  const source = new EventSource(`${base}/events`)
  source.addEventListener("open", () => {
    setConnection("live")
    // What changed before the stream was open was missed, also at the first time.
    note("reset")
  })
  source.addEventListener("error", () => {
    setConnection("lost")
    if (source.readyState === EventSource.CLOSED) window.setTimeout(connect, 3000)
  })
  source.addEventListener("change", (event: MessageEvent<string>) => {
    const change: unknown = JSON.parse(event.data)
    if (typeof change === "object" && change !== null) note(Reflect.get(change, "kind") as Kind)
  })
}

export const useConnection = (): Connection => {
  const [shown, setShown] = useState(connection)
  useEffect(() => {
    setShown(connection)
    connectionListeners.add(setShown)
    return () => {
      connectionListeners.delete(setShown)
    }
  }, [])
  return shown
}

export interface Read<out A> {
  readonly data: A | undefined
  readonly error: string | undefined
  /** Whether the item does not exist, or not any more. */
  readonly isMissing: boolean
}

const nothing: Read<never> = { data: undefined, error: undefined, isMissing: false }

/**
 * Reads a path, and again after each change of one of the kinds. The data of the same path stays until it is replaced. With an
 * undefined path nothing is read.
 */
export const useRead = <A>(
  path: string | undefined,
  kinds: ReadonlyArray<Kind>,
  read: (path: string, signal: AbortSignal) => Promise<A> = readJson
): Read<A> => {
  const [state, setState] = useState<{ readonly path: string | undefined; readonly read: Read<A> }>({
    path,
    read: nothing
  })
  const reader = useRef(read)
  reader.current = read
  const wanted = kinds.join()
  useEffect(() => {
    if (path === undefined) return
    const controller = new AbortController()
    let isReading = false
    let isStale = false
    const start = async (): Promise<void> => {
      if (isReading) {
        isStale = true
        return
      }
      isReading = true
      do {
        isStale = false
        try {
          const data = await reader.current(path, controller.signal)
          // Another path is wanted now, whose data this must not replace.
          if (controller.signal.aborted) return
          setState({ path, read: { data, error: undefined, isMissing: false } })
        } catch (error) {
          if (controller.signal.aborted) return
          const isMissing = error instanceof ControlError && error.status === 404
          const message = error instanceof Error ? error.message : String(error)
          setState((before) => ({
            path,
            read: {
              // What was shown stays while the sandbox does not respond.
              data: isMissing || before.path !== path ? undefined : before.read.data,
              error: message,
              isMissing
            }
          }))
        }
      } while (isStale && !controller.signal.aborted)
      isReading = false
    }
    const listener: Listener = (changed) => {
      if (changed.has("reset") || wanted.split(",").some((kind) => changed.has(kind as Kind))) void start()
    }
    listeners.add(listener)
    void start()
    return () => {
      listeners.delete(listener)
      controller.abort()
    }
  }, [path, wanted])
  return state.path === path ? state.read : nothing
}
