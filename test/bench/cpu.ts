/**
 * Processor time per call, side by side: every round runs each contestant once, in rotating order, and what counts
 * is the ratio within a round. A busy machine then slows all contestants of a round alike.
 */
import { median } from "./report.js"

export interface Contestant {
  readonly name: string
  /** Makes so many calls, `workers` of them at a time. */
  readonly run: (calls: number) => Promise<void>
}

export interface Result {
  readonly name: string
  /** Microseconds of user and system time per call. */
  readonly micros: number
  /** The median of the rounds' ratios to another contestant. */
  readonly ratioTo: (other: string) => number
}

/** Calls in flight at a time. */
export const workers = 8

const collectGarbage = (): void => {
  globalThis.gc?.()
}

const measure = async ({ run }: Contestant, calls: number): Promise<number> => {
  collectGarbage()
  const before = process.cpuUsage()
  await run(calls)
  const { system, user } = process.cpuUsage(before)
  return (system + user) / calls
}

export const compare = async (
  contestants: ReadonlyArray<Contestant>,
  { calls, rounds }: { readonly calls: number; readonly rounds: number }
): Promise<ReadonlyArray<Result>> => {
  const samples = new Map(contestants.map(({ name }) => [name, [] as number[]]))
  for (const { run } of contestants) await run(calls * 2)
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const contestant = contestants[(round + turn) % contestants.length]
      if (contestant !== undefined) {
        samples.get(contestant.name)?.push(await measure(contestant, calls))
      }
    }
  }
  return contestants.map(({ name }) => {
    const own = samples.get(name) ?? []
    return {
      name,
      micros: median(own),
      ratioTo: (other) => {
        const others = samples.get(other) ?? []
        return median(own.map((value, round) => value / (others[round] ?? Number.NaN)))
      }
    }
  })
}

/** So many calls of a promise, `workers` at a time. */
export const inParallel =
  (call: () => Promise<unknown>) =>
  async (calls: number): Promise<void> => {
    const worker = async () => {
      for (let made = 0; made < calls / workers; made++) await call()
    }
    await Promise.all(Array.from({ length: workers }, worker))
  }
