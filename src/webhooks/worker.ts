/**
 * A bounded queue with workers, which is emptied before it closes.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import {
  catchAll,
  catchCause,
  closeOver,
  type Detached,
  detach,
  timeoutFail
} from "../internal/dialect/core.js"

export interface PoolOptions {
  /** How many items wait at most, those being worked on not counted. */
  readonly capacity: number
  /** How many items are worked on at once. */
  readonly concurrency: number
  /** For how many milliseconds the closing waits for the work that was taken on. */
  readonly drainMillis: number
}

export interface Pool<A> {
  /** Takes an item on, or says `false`: it is full, or closing. Decides at once. */
  readonly offer: (item: A) => boolean
}

/**
 * Workers that live as long as the scope. When it closes nothing more is taken on, what was is finished within the
 * time for it, and then `abandon` is run for each item that was not.
 */
export const makePool = <A, R, R2>(
  options: PoolOptions,
  work: (item: A) => Effect.Effect<void, never, R>,
  abandon: (item: A) => Effect.Effect<void, never, R2>
): Effect.Effect<Pool<A>, never, R | R2 | Scope.Scope> =>
  Effect.flatMap(Effect.all([closeOver(work), closeOver(abandon)]), ([run, giveUp]) =>
    Effect.map(
      Effect.acquireRelease(start(options, run, giveUp), ({ close }) => close),
      ({ pool }) => pool
    )
  )

interface Running<A> {
  readonly pool: Pool<A>
  readonly close: Effect.Effect<void>
}

const start = <A>(
  { capacity, concurrency, drainMillis }: PoolOptions,
  work: (item: A) => Effect.Effect<void>,
  abandon: (item: A) => Effect.Effect<void>
): Effect.Effect<Running<A>> =>
  Effect.suspend(() => {
    const waiting: Array<A> = []
    const inWork = new Set<A>()
    const idle: Array<() => void> = []
    let closing = false

    const worker: Effect.Effect<void> = Effect.suspend(() => {
      const item = waiting.shift()
      if (item === undefined) return closing ? Effect.void : Effect.flatMap(nextOffer, () => worker)
      inWork.add(item)
      const done = Effect.sync(() => {
        inWork.delete(item)
      })
      const safely = catchCause(work(item), (cause) => Effect.logError("A webhook worker failed", cause))
      return Effect.flatMap(
        Effect.flatMap(safely, () => done),
        () => worker
      )
    })

    const nextOffer = Effect.promise(
      () =>
        new Promise<void>((resolve) => {
          if (closing || waiting.length > 0) resolve()
          else idle.push(resolve)
        })
    )

    const wake = (count: number): void => {
      for (const resolve of idle.splice(0, count)) resolve()
    }

    const offer = (item: A): boolean => {
      if (closing || inWork.size + waiting.length >= concurrency + capacity) return false
      waiting.push(item)
      wake(1)
      return true
    }

    const close = (workers: ReadonlyArray<Detached>): Effect.Effect<void> =>
      Effect.suspend(() => {
        closing = true
        wake(idle.length)
        const drained = Effect.all(
          workers.map(({ ended }) => ended),
          { discard: true, concurrency: "unbounded" }
        )
        const inTime = catchAll(
          timeoutFail(Effect.interruptible(drained), drainMillis, () => "late"),
          () => Effect.void
        )
        return Effect.flatMap(inTime, () => stop(workers))
      })

    const stop = (workers: ReadonlyArray<Detached>): Effect.Effect<void> =>
      Effect.suspend(() => {
        const interrupted = Effect.forEach(workers, ({ interrupt }) => interrupt, {
          discard: true,
          concurrency: "unbounded"
        })
        const left = Effect.sync(() => [...inWork, ...waiting.splice(0)])
        return Effect.flatMap(
          Effect.flatMap(interrupted, () => left),
          (items) => Effect.forEach(items, abandon, { discard: true })
        )
      })

    const workers = Effect.all(Array.from({ length: concurrency }, () => detach(worker)))
    return Effect.map(workers, (started) => ({ pool: { offer }, close: close(started) }))
  })
