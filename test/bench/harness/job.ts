/**
 * What a client does in a workload: a job that can be checked once and then run many times.
 */
export interface Job {
  /** Performs the operation once, and fails unless its result is right. */
  readonly check: () => Promise<void>
  /** Performs the given number of units: calls, events or changes. */
  readonly run: (units: number) => Promise<void>
  readonly close: () => Promise<void>
}

/** The names of the jobs that a client may offer. */
export type JobName =
  | "send"
  | "batch"
  | "campaign"
  | "campaign-sqlite"
  | "messages"
  | "logs"
  | "download"
  | "upload"
  | "events"
  | "sync"

/** The jobs of one client. Each is given the origin of the loopback server. */
export type Jobs = { readonly [N in JobName]?: (origin: string) => Promise<Job> }

/** The number of calls in flight at a time. */
export const concurrency = 8

/** Splits a number of calls among the workers. */
export const shares = (calls: number): ReadonlyArray<number> =>
  Array.from({ length: concurrency }, (_, worker) => Math.floor((calls + worker) / concurrency)).filter(
    (share) => share > 0
  )

const nothing = async (): Promise<void> => {}

/** Fails with the result in the message unless a check of it passes. */
export const expectRight = <A>(result: A, isRight: (result: A) => boolean): void => {
  if (!isRight(result)) throw new Error(`wrong result: ${JSON.stringify(result)?.slice(0, 500)}`)
}

/** A job of calls that return promises. */
export const promiseJob = <A>(
  call: () => Promise<A>,
  isRight: (result: A) => boolean,
  close: () => Promise<void> = nothing
): Job => ({
  check: async () => expectRight(await call(), isRight),
  run: async (calls) => {
    const worker = async (share: number): Promise<void> => {
      for (let made = 0; made < share; made++) await call()
    }
    await Promise.all(shares(calls).map(worker))
  },
  close
})

/** A job whose units arrive in one stream. `take` reads the given number of them and returns how many it has read. */
export const streamJob = (
  take: (units: number) => Promise<number>,
  checkedUnits: number,
  close: () => Promise<void> = nothing
): Job => {
  const run = async (units: number): Promise<void> => {
    const taken = await take(units)
    if (taken !== units) throw new Error(`read ${taken} instead of ${units}`)
  }
  return { check: () => run(checkedUnits), run, close }
}
