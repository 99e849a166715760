/**
 * The proof that each message is sent once: over a sandbox with faults, by processes that are killed.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bundle, type Child, start } from "./child.js"
import type { RunnerArgument, RunnerResult } from "./runner.js"

export interface ProofOptions {
  readonly messages: number
  /** How often a runner is ended with SIGKILL. */
  readonly kills: number
  /** The number of processes that send at the same time. */
  readonly runners: number
  /** Whether to send one by one through the outbox, instead of in batches. */
  readonly outbox: boolean
  /** The rate limit in requests per minute. */
  readonly limit: number
  /** The URL of a PostgreSQL database for the ledger. Default: an SQLite file. */
  readonly postgres?: string | undefined
  /** The longest time that a runner lives before it is killed, in milliseconds. */
  readonly lifetime: number
  readonly seed: number
  readonly log?: (line: string) => void
}

export interface ProofFigures {
  readonly messages: number
  readonly arrived: number
  readonly missing: number
  readonly duplicates: number
  readonly outcomes: Readonly<Record<string, number>>
  readonly kills: number
  readonly seconds: number
  readonly requests: number
  /** Requests by the status of their response. 0 is a broken connection or a lost response. */
  readonly statuses: Readonly<Record<string, number>>
  readonly perSecond: number
  /** The largest memory of a runner that ended, in MiB. */
  readonly maxRss: number
}

const faults = [
  { probability: 0.05, kind: { _tag: "ErrorResponse", status: 503 } },
  { probability: 0.02, kind: { _tag: "ResponseLost" } },
  { probability: 0.01, kind: { _tag: "ConnectionLost" } },
  { probability: 0.01, kind: { _tag: "RateLimited", retryAfter: 1 } }
]

const get = async (url: string): Promise<Record<string, unknown>> => {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} responded with ${response.status}`)
  return (await response.json()) as Record<string, unknown>
}

/** Reads a list of the sandbox's control to its end. */
async function* readAll(url: string, list: string): AsyncGenerator<Record<string, unknown>> {
  let cursor = "0"
  for (;;) {
    const page = await get(`${url}/__sandbox/${list}?cursor=${cursor}`)
    const items = page[list === "outbox" ? "emails" : list]
    yield* items as ReadonlyArray<Record<string, unknown>>
    if (page["has_more"] !== true) return
    cursor = String(page["next_cursor"])
  }
}

/** Runs the proof. It ends all processes that it has started. */
export const prove = async (options: ProofOptions): Promise<ProofFigures> => {
  const { kills, lifetime, log = () => {}, messages, runners, seed } = options
  const bundles = await bundle()
  const directory = mkdtempSync(join(tmpdir(), "bulk-proof-"))
  const random = randomFrom(seed)
  const running = new Set<Child>()
  const launch = (name: string, argument: unknown): Child => {
    const child = start(bundles.script(name), argument)
    running.add(child)
    void child.ended.then(() => running.delete(child))
    return child
  }
  try {
    const server = launch("server", { limit: options.limit })
    const url = String(await server.line())
    const operation = `sending.emails.sendBatch`
    for (const fault of faults) {
      const body = JSON.stringify({ operation, ...fault })
      const response = await fetch(`${url}/__sandbox/faults`, { method: "POST", body })
      if (!response.ok) throw new Error(`The sandbox refused a fault: ${await response.text()}`)
    }
    const argument: RunnerArgument = {
      url,
      messages,
      outbox: options.outbox,
      ledger: options.postgres ?? join(directory, "ledger.sqlite"),
      lease: 1_000,
      concurrency: options.outbox ? 8 : 4
    }
    let left = kills
    const results: Array<RunnerResult> = []

    /** Runs one sender until it ends by itself, and starts it again after each kill. */
    const supervise = async (): Promise<void> => {
      for (;;) {
        const child = launch("runner", argument)
        await child.line()
        let killed = false
        let timer: ReturnType<typeof setTimeout> | undefined
        if (left > 0) {
          timer = setTimeout(() => {
            if (left <= 0) return
            left--
            killed = true
            child.kill()
            log(`killed a runner, ${left} kills left`)
          }, random() * lifetime)
        }
        const result = await child.line()
        clearTimeout(timer)
        const succeeded = await child.ended
        if (succeeded) {
          results.push(result as RunnerResult)
          // A run that ended before all kills happened is followed by another one, which has to send nothing.
          if (left <= 0) return
        } else if (!killed) throw new Error("A runner failed")
      }
    }

    const startedAt = performance.now()
    await Promise.all(Array.from({ length: runners }, supervise))
    const seconds = (performance.now() - startedAt) / 1000
    const arrivals = new Map<string, number>()
    for await (const { to } of readAll(url, "outbox")) {
      const address = (to as ReadonlyArray<{ readonly email: string }>)[0]?.email ?? ""
      arrivals.set(address, (arrivals.get(address) ?? 0) + 1)
    }
    const statuses: Record<string, number> = {}
    let requests = 0
    for await (const request of readAll(url, "requests")) {
      if (request["operation"] !== operation) continue
      requests++
      const status = String(request["status"] ?? "none")
      statuses[status] = (statuses[status] ?? 0) + 1
    }
    let missing = 0
    for (let index = 0; index < messages; index++) {
      if (!arrivals.has(`m${index}@example.com`)) missing++
    }
    const duplicates = [...arrivals.values()].reduce((sum, count) => sum + count - 1, 0)
    return {
      messages,
      arrived: arrivals.size,
      missing,
      duplicates,
      outcomes: results.at(-1)?.outcomes ?? {},
      kills: kills - left,
      seconds: Math.round(seconds * 10) / 10,
      requests,
      statuses,
      perSecond: Math.round(messages / seconds),
      maxRss: Math.round(Math.max(...results.map(({ maxRss }) => maxRss)) / 2 ** 20)
    }
  } finally {
    for (const child of running) child.kill()
    await Promise.all([...running].map(({ ended }) => ended))
    rmSync(directory, { recursive: true, force: true })
    bundles.remove()
  }
}

/** Makes numbers in [0, 1) from a seed. */
const randomFrom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
