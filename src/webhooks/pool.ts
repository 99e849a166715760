/**
 * A bounded queue with workers that is drained before it closes.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import {
  catchAll,
  catchCause,
  closeOver,
  type Detached,
  detach,
  timeoutFailNow
} from "../internal/dialect/core.js"

export interface PoolOptions {
  /** The maximum number of waiting items, without the ones that the workers hold. */
  readonly capacity: number
  /** The number of workers. */
  readonly concurrency: number
  /** The maximum time in milliseconds for which closing waits for accepted items. */
  readonly drainMillis: number
}

/** How long closing waits for interrupted workers, and for the abandoning of what is left, in milliseconds. */
const graceMillis = 1_000

export interface Pool<A> {
  /** Accepts an item, or returns `false` if the pool is full or closing. */
  readonly offer: (item: A) => boolean
}

/**
 * Starts workers that live as long as the scope. When the scope closes, the pool accepts no more items, and finishes the
 * accepted ones for up to `drainMillis`. It then runs `abandon` for the items that wait, interrupts the workers, and
 * runs `abandon` for the items that they were working on. A worker that cannot be interrupted does not delay this.
 */
export const makePool = <A, R, R2>(
  options: PoolOptions,
  work: (item: A) => Effect.Effect<void, never, R>,
  abandon: (item: A) => Effect.Effect<void, never, R2>
): Effect.Effect<Pool<A>, never, R | R2 | Scope.Scope> =>
  Effect.gen(function* () {
    const closedWork = yield* closeOver(work)
    const closedAbandon = yield* closeOver(abandon)
    const { pool } = yield* Effect.acquireRelease(
      startPool(options, closedWork, closedAbandon),
      ({ close }) => close
    )
    return pool
  })

interface RunningPool<A> {
  readonly pool: Pool<A>
  readonly close: Effect.Effect<void>
}

const startPool = <A>(
  { capacity, concurrency, drainMillis }: PoolOptions,
  work: (item: A) => Effect.Effect<void>,
  abandon: (item: A) => Effect.Effect<void>
): Effect.Effect<RunningPool<A>> =>
  Effect.gen(function* () {
    const waiting: Array<A> = []
    const inWork = new Set<A>()
    const idle: Array<() => void> = []
    let closing = false

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

    const worker = Effect.gen(function* () {
      while (true) {
        const item = waiting.shift()
        if (item === undefined) {
          if (closing) return
          yield* nextOffer
          continue
        }
        inWork.add(item)
        yield* catchCause(work(item), (cause) => Effect.logError("A webhook worker failed", cause))
        // An interruption skips this line, so that `stop` finds the item and abandons it.
        inWork.delete(item)
      }
    })

    const offer = (item: A): boolean => {
      if (closing || inWork.size + waiting.length >= concurrency + capacity) return false
      waiting.push(item)
      wake(1)
      return true
    }

    const concurrently = <B>(items: Iterable<B>, f: (item: B) => Effect.Effect<void>) =>
      Effect.forEach(items, f, { discard: true, concurrency: "unbounded" })

    const within = (millis: number, self: Effect.Effect<void>): Effect.Effect<void> =>
      timeoutFailNow(self, millis, () => "late").pipe(catchAll(() => Effect.void))

    const stop = (workers: ReadonlyArray<Detached>): Effect.Effect<void> =>
      Effect.gen(function* () {
        yield* within(
          drainMillis,
          concurrently(workers, ({ ended }) => ended)
        )
        yield* within(graceMillis, concurrently(waiting.splice(0), abandon))
        yield* within(
          graceMillis,
          concurrently(workers, ({ interrupt }) => interrupt)
        )
        yield* within(graceMillis, concurrently([...inWork], abandon))
      })

    const workers = yield* Effect.all(Array.from({ length: concurrency }, () => detach(worker)))
    const close = Effect.gen(function* () {
      closing = true
      wake(idle.length)
      yield* stop(workers)
    })
    return { pool: { offer }, close }
  })
