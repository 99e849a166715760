/**
 * A served sandbox in a process of its own, and requests to a server as fast as it responds.
 */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import type { Dispatcher, Pool } from "undici"
import type { Listening, SandboxRequest } from "../children/servedSandbox.js"
import { compiled } from "./build.js"

export interface Served {
  readonly origin: string
  readonly child: ChildProcess
  readonly close: () => void
}

/** Serves a sandbox with a Node. */
export const serveSandbox = async (options: SandboxRequest, execPath = process.execPath): Promise<Served> => {
  const child = fork(compiled("test/bench/children/servedSandbox.ts"), [JSON.stringify(options)], {
    execPath,
    execArgv: ["--expose-gc"],
    stdio: ["ignore", "ignore", "inherit", "ipc"]
  })
  const [{ origin }]: [Listening] = (await once(child, "message")) as [Listening]
  return { origin, child, close: () => child.kill() }
}

/** A request, and the status that its response must have. */
export interface Shot {
  readonly method: Dispatcher.HttpMethod
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly status: number
}

/** The server closes connections that were idle for long. On a busy machine this may cross a new request. */
const maxResets = 3

/**
 * Sends a request. It uses the callbacks of undici, which cost a third of its promises, so that the server is measured and
 * not the client. The body is kept only for the message about an unexpected status.
 */
const shoot = (pool: Pool, shot: Shot, resets: number, done: (error: Error | undefined) => void): void => {
  const { body, headers, method, path, status } = shot
  let received = 0
  let text = ""
  pool.dispatch(
    { method, path, headers, body: body ?? null },
    {
      onRequestStart: () => undefined,
      onResponseStart: (_, statusCode) => {
        received = statusCode
      },
      onResponseData: (_, chunk) => {
        if (received !== status && text.length < 500) text += chunk.toString()
      },
      onResponseEnd: () =>
        done(
          received === status
            ? undefined
            : new Error(`${method} ${path} has the status ${received}: ${text.slice(0, 500)}`)
        ),
      onResponseError: (_, error) => {
        if (Reflect.get(error, "code") !== "ECONNRESET" || resets >= maxResets) return done(error)
        return shoot(pool, shot, resets + 1, done)
      }
    }
  )
}

/** Sends requests, at most `concurrency` at a time, until `next` returns `undefined`. */
export const shootAll = (pool: Pool, concurrency: number, next: () => Shot | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    let running = concurrency
    let failed = false
    const one = (): void => {
      const shot = failed ? undefined : next()
      if (shot === undefined) {
        running--
        if (running === 0) resolve()
        return
      }
      shoot(pool, shot, 0, (error) => {
        if (error === undefined) return one()
        failed = true
        return reject(error)
      })
    }
    for (let index = 0; index < concurrency; index++) one()
  })
