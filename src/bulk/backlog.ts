/**
 * The messages that are not in a chunk yet: those of the source, of which at most two chunks are read ahead, and those
 * that have to be sent or looked up again after a delay.
 */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import type { Pull } from "../internal/dialect/concurrency.js"
import { backgroundRunner, closeOver, maxTimerMillis, now } from "../internal/dialect/core.js"
import { makeBell } from "../internal/dialect/shared/wakeups.js"
import type { Rejected } from "./model.js"
import type { Item } from "./prepare.js"
import type { Run } from "./run.js"

/** The next step of a run. */
export type Job =
  | { readonly _tag: "Send"; readonly items: ReadonlyArray<Item> }
  /** Messages that cannot be sent. */
  | { readonly _tag: "Refuse"; readonly rejected: ReadonlyArray<Rejected> }
  /** Look for a chunk that another runner has left. */
  | { readonly _tag: "TakeOver" }

export interface Backlog<out E> {
  /** Waits for the next job. `undefined` at the end of the run. */
  readonly next: Effect.Effect<Job | undefined>
  /** Puts messages back, which are due after a number of milliseconds. */
  readonly again: (items: ReadonlyArray<Item>, time: number, delay: number) => void
  /** Reports that a job has ended, and so puts no more messages back. */
  readonly ended: () => void
  /** Looks for chunks of other runners soon. */
  readonly lookForChunks: (at: number) => void
  /** How the source ended, if it has. */
  readonly sourceExit: () => Exit.Exit<void, E> | undefined
}

/** The most chunks of messages that are put back before the source is read further. */
const maxDelayedChunks = 20

/** Opens the backlog of a run. The source is read in the background until the scope closes. */
export const makeBacklog = <T, E, R>(
  run: Run,
  pull: Pull<T, E, R>,
  prepare: (elements: ReadonlyArray<T>) => Effect.Effect<ReadonlyArray<Item | Rejected>>
): Effect.Effect<Backlog<E>, never, R | Scope.Scope> =>
  Effect.gen(function* () {
    const { chunkSize, lease, linger, maxChunkBytes } = run.limits
    const bell = makeBell()
    const ready: Array<Item> = []
    let readyBytes = 0
    let oldestAt = 0
    const delayed: Array<{ readonly item: Item; readonly dueAt: number }> = []
    let rejected: Array<Rejected> = []
    let sourceExit: Exit.Exit<void, E> | undefined
    let active = 0
    let takeOverAt = run.takesOver === "always" ? 0 : Number.POSITIVE_INFINITY
    let changes = 0

    const changed = (): void => {
      changes++
      bell.ring()
    }

    // ---------------------------------------------------------------------------
    // reading
    // ---------------------------------------------------------------------------

    const hasSpace = () =>
      ready.length < 2 * chunkSize &&
      rejected.length < 2 * chunkSize &&
      readyBytes < 2 * maxChunkBytes &&
      delayed.length < maxDelayedChunks * chunkSize

    const add = (item: Item, time: number): void => {
      if (ready.length === 0) oldestAt = time
      ready.push(item)
      readyBytes += item.bytes
    }

    const readSlice = (elements: ReadonlyArray<T>) =>
      Effect.gen(function* () {
        yield* bell.wait(hasSpace, Number.POSITIVE_INFINITY)
        const prepared = yield* prepare(elements)
        const time = yield* now
        for (const one of prepared) {
          if (one._tag === "Item") add(one, time)
          else rejected.push(one)
        }
        changed()
      })

    const read: Effect.Effect<void, E, R> = Effect.gen(function* () {
      for (;;) {
        yield* bell.wait(hasSpace, Number.POSITIVE_INFINITY)
        const elements = yield* pull
        if (elements === undefined) return
        for (let start = 0; start < elements.length; start += chunkSize) {
          yield* readSlice(elements.slice(start, start + chunkSize))
        }
      }
    })

    const reading = yield* closeOver(() => read)
    const start = yield* backgroundRunner
    start(
      Effect.map(Effect.exit(reading()), (exit) => {
        sourceExit = exit
        changed()
      })
    )

    // ---------------------------------------------------------------------------
    // taking
    // ---------------------------------------------------------------------------

    const moveDue = (time: number): void => {
      if (delayed.length === 0) return
      const due = delayed.filter(({ dueAt }) => dueAt <= time)
      if (due.length === 0) return
      const rest = delayed.filter(({ dueAt }) => dueAt > time)
      delayed.length = 0
      delayed.push(...rest)
      // They have waited longer than those that were read since.
      if (ready.length === 0) oldestAt = time
      ready.unshift(...due.map(({ item }) => item))
      readyBytes += due.reduce((sum, { item }) => sum + item.bytes, 0)
    }

    /** Takes the messages of one chunk. The same id is never twice in a chunk. */
    const take = (time: number): ReadonlyArray<Item> => {
      const taken: Array<Item> = []
      const ids = new Set<string>()
      let bytes = 0
      let count = 0
      for (const item of ready) {
        const full = taken.length >= chunkSize || bytes + item.bytes > maxChunkBytes
        if (taken.length > 0 && (full || item.alone || taken[0]?.alone === true)) break
        count++
        if (ids.has(item.id)) {
          delayed.push({ item, dueAt: time + repeatedDelay })
          continue
        }
        ids.add(item.id)
        taken.push(item)
        bytes += item.bytes
      }
      for (const item of ready.splice(0, count)) readyBytes -= item.bytes
      oldestAt = time
      return taken
    }

    const isFull = () => ready.length >= chunkSize || readyBytes >= maxChunkBytes || ready[0]?.alone === true

    /** The next job at `time`, or the number of milliseconds after which to look again. */
    const jobAt = (time: number): Job | undefined | number => {
      moveDue(time)
      if (rejected.length > 0) {
        const all = rejected
        rejected = []
        return { _tag: "Refuse", rejected: all }
      }
      const paused = run.pausedUntil() - time
      if (paused > 0) return paused
      if (takeOverAt <= time) {
        takeOverAt = run.takesOver === "always" ? time + lease : Number.POSITIVE_INFINITY
        return { _tag: "TakeOver" }
      }
      const lingered = sourceExit !== undefined ? Number.POSITIVE_INFINITY : time - oldestAt
      if (ready.length > 0 && (isFull() || lingered >= linger)) return { _tag: "Send", items: take(time) }
      const idle = ready.length === 0 && delayed.length === 0 && active === 0
      if (sourceExit !== undefined && idle) return undefined
      const nextDue = delayed.reduce((least, { dueAt }) => Math.min(least, dueAt), Number.POSITIVE_INFINITY)
      const lingerEnd = ready.length > 0 ? oldestAt + linger : Number.POSITIVE_INFINITY
      return Math.max(1, Math.min(nextDue, lingerEnd, takeOverAt) - time)
    }

    const next: Effect.Effect<Job | undefined> = Effect.gen(function* () {
      for (;;) {
        if (run.stopped()) return undefined
        const time = yield* now
        // Compared in the wait, so that no change between is missed.
        const before = changes
        const job = jobAt(time)
        if (typeof job !== "number") {
          if (job !== undefined) active++
          bell.ring()
          return job
        }
        yield* bell.wait(() => changes !== before, Math.min(job, maxTimerMillis))
      }
    })

    return {
      next,
      again: (items, time, delay) => {
        for (const item of items) delayed.push({ item, dueAt: time + delay })
        changed()
      },
      ended: () => {
        active--
        changed()
      },
      lookForChunks: (at) => {
        takeOverAt = Math.min(takeOverAt, at)
      },
      sourceExit: () => sourceExit
    }
  })

/** How long a message waits whose id is already in the chunk. */
const repeatedDelay = 250
