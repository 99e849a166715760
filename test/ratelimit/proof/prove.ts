/**
 * Measures the rate that senders reach over real sockets: the sandbox is served on loopback with short windows, and each
 * process of senders is a process of its own.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import { serve } from "../../support/sandbox.js"
import * as Sandbox from "../../../src/Sandbox.js"
import type { SenderSettings } from "./sender.js"

export interface ProofSettings {
  /** The number of processes, and of senders in each of them. */
  readonly processes: number
  readonly senders: number
  /** Requests in a window. */
  readonly limit: number
  /** The length of a window in milliseconds. */
  readonly window: number
  readonly windows: number
  readonly redis: { readonly host: string; readonly port: number } | undefined
}

export interface Proof {
  /** The requests that were served in the measured windows, as a part of those that the limit allows. */
  readonly rate: number
  readonly served: number
  readonly refused: number
  /** The part of all requests that was refused with 429. */
  readonly refusedShare: number
}

const sender = fileURLToPath(new URL("./sender.ts", import.meta.url))

const startSender = (settings: SenderSettings): ChildProcess =>
  spawn(process.execPath, ["--import", "tsx", sender, JSON.stringify(settings)], {
    stdio: ["ignore", "inherit", "inherit"]
  })

const stopped = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once("exit", () => resolve())
    child.kill("SIGKILL")
  })

/** When the first window begins after every process has sent a request, or `undefined` if that is not yet so. */
const beginning = (
  requests: ReadonlyArray<Sandbox.SeenRequest>,
  processes: number,
  window: number
): number | undefined => {
  const started = new Set<string | undefined>()
  let begins = Number.NEGATIVE_INFINITY
  for (const { at, headers, status } of requests) {
    if (at >= begins + window) {
      if (started.size === processes || (processes === 1 && started.size === 0)) return at
      begins = at
    }
    if (status === 200) started.add(headers["x-process"])
  }
  return undefined
}

/** Runs the senders for a number of windows, from a beginning of a window on. */
export const prove = ({ limit, processes, redis, senders, window, windows }: ProofSettings) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.make({
      limits: { sending: limit },
      rateLimit: { window },
      maxRequests: limit * (windows + 20) * 2
    })
    const url = yield* serve(sandbox)
    const prefix = `proof:${Date.now()}:${process.pid}:`
    const settings: SenderSettings = {
      url,
      senders,
      window,
      redis: redis === undefined ? undefined : { ...redis, prefix }
    }
    yield* Effect.acquireRelease(
      Effect.sync(() => Array.from({ length: processes }, () => startSender(settings))),
      (children) => Effect.promise(() => Promise.all(children.map(stopped)))
    )
    let first: number | undefined
    while (first === undefined) {
      yield* Effect.sleep(50)
      first = beginning(yield* sandbox.control.requests, processes, window)
    }
    const from = first
    const end = from + windows * window
    yield* Effect.sleep(end - Date.now())
    const requests = (yield* sandbox.control.requests).filter(({ at }) => at >= from && at < end)
    const served = requests.filter(({ status }) => status === 200).length
    const refused = requests.filter(({ status }) => status === 429).length
    return {
      rate: served / (limit * windows),
      served,
      refused,
      refusedShare: refused / requests.length
    } satisfies Proof
  }).pipe(Effect.scoped)
