/**
 * The part of the dialect for what bulk sending needs: mutual exclusion, and reading a stream step by step.
 */
import * as Effect from "effect/Effect"
import * as EffectPull from "effect/Pull"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"

/** Runs one effect at a time. */
export type Mutex = <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

export const makeMutex = (): Mutex => {
  const semaphore = Semaphore.makeUnsafe(1)
  return (self) => semaphore.withPermits(1)(self)
}

/** Reads the next elements of a stream, at least one. `undefined` at its end. */
export type Pull<A, E, R> = Effect.Effect<ReadonlyArray<A> | undefined, E, R>

/** Opens a stream. Its resources are released when the scope closes. */
export const openPull = <A, E, R>(
  stream: Stream.Stream<A, E, R>
): Effect.Effect<Pull<A, E, R>, never, R | Scope.Scope> =>
  Effect.map(Stream.toPull(stream), (pull) =>
    EffectPull.catchDone(
      Effect.map(pull, (chunk): ReadonlyArray<A> | undefined => chunk),
      () => Effect.succeed(undefined)
    )
  )

/** Runs `f` for up to `concurrency` elements at once, and emits each result when it is there. Reads nothing ahead. */
export const mapUnordered = <A, E, R, B, E2, R2>(
  self: Stream.Stream<A, E, R>,
  concurrency: number,
  f: (element: A) => Effect.Effect<B, E2, R2>
): Stream.Stream<B, E | E2, R | R2> =>
  Stream.flatMap(self, (element) => Stream.fromEffect(f(element)), { concurrency, bufferSize: 1 })
