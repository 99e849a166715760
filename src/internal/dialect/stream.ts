/**
 * The part of the dialect for streams.
 */
import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type Reference, withReference } from "./core.js"
import { allowsPlainTimer, type Caller, withCaller } from "./fiber.js"
import { makeHandover } from "./shared/handover.js"

/** An Effect or a Stream of any types. */
export type Program = Effect.Effect<unknown, unknown, unknown> | Stream.Stream<unknown, unknown, unknown>

/** A conditional type, because `pipe` would see only the last of several overloads. Every Effect is also a Stream. */
export type Same<Self> =
  Self extends Effect.Effect<infer A, infer E, infer R>
    ? Effect.Effect<A, E, R>
    : Self extends Stream.Stream<infer A, infer E, infer R>
      ? Stream.Stream<A, E, R>
      : never

/** Runs a program with another value of a reference: `with(program, value)`, or `with(value)` in a `pipe`. */
export interface WithValue<in Value> {
  (value: Value): <Self extends Program>(self: Self) => Same<Self>
  <Self extends Program>(self: Self, value: Value): Same<Self>
}

export const withValueOf = <Value>(ref: Reference<Value>): WithValue<Value> =>
  dual(2, (self: Program, value: Value) =>
    Effect.isEffect(self)
      ? withReference(self, ref, value)
      : Stream.mapInputContext(self, (context: Context.Context<unknown>) => Context.add(context, ref, value))
  )

/**
 * Runs a program with a value of a reference that is derived when the program starts. `prepare` is called earlier, when the
 * program is made, and may throw.
 */
export const withDerivedValueOf = <Given, Value>(
  ref: Reference<Value>,
  prepare: (given: Given) => (caller: Caller) => Value
): WithValue<Given> =>
  dual(2, (self: Program, given: Given) => {
    const derive = prepare(given)
    return Effect.isEffect(self)
      ? withCaller((caller) => withReference(self, ref, derive(caller)))
      : Stream.unwrap(
          withCaller((caller) => {
            const value = derive(caller)
            return Effect.succeed(
              Stream.mapInputContext(self, (context: Context.Context<unknown>) =>
                Context.add(context, ref, value)
              )
            )
          })
        )
  })

/** Returns whether a value is a stream. */
export const isStream = (u: unknown): u is Stream.Stream<unknown, unknown, unknown> =>
  typeof u === "object" && u !== null && Stream.StreamTypeId in u

/** Streams the elements of pages. Each step succeeds with the elements of one page and the next state, if there is one. */
export const paginate = <S, A, E, R>(
  initial: S,
  step: (state: S) => Effect.Effect<readonly [ReadonlyArray<A>, Option.Option<S>], E, R>
): Stream.Stream<A, E, R> =>
  Stream.paginateChunkEffect(initial, (state) =>
    Effect.map(step(state), ([items, next]) => [Chunk.unsafeFromArray(items), next] as const)
  )

/** Replaces each element by several. */
export const mapArray = <A, B, E, R>(
  self: Stream.Stream<A, E, R>,
  f: (element: A) => ReadonlyArray<B>
): Stream.Stream<B, E, R> => Stream.mapConcat(self, f)

/**
 * Replaces each element by several, or fails. The elements of a chunk become one chunk. Nothing is kept of a chunk that
 * has been consumed, while an inner stream or an effect for each element keeps it until the next complete garbage
 * collection.
 */
export const mapArrayOrFail = <A, B, E, R, E2>(
  self: Stream.Stream<A, E, R>,
  f: (element: A) => ReadonlyArray<B> | Failed<E2>
): Stream.Stream<B, E | E2, R> => {
  const mapped: Channel.Channel<
    Chunk.Chunk<B>,
    Chunk.Chunk<A>,
    E | E2,
    E,
    unknown,
    unknown
  > = Channel.readWithCause({
    onInput: (elements: Chunk.Chunk<A>) => {
      const output: Array<B> = []
      for (const element of elements) {
        const result = f(element)
        if ("failure" in result) {
          return Channel.flatMap(Channel.write(Chunk.unsafeFromArray(output)), () =>
            Channel.fail<E | E2>(result.failure)
          )
        }
        for (const value of result) output.push(value)
      }
      return Channel.flatMap(Channel.write(Chunk.unsafeFromArray(output)), () => mapped)
    },
    onFailure: Channel.failCause,
    onDone: () => Channel.void
  })
  return Stream.pipeThroughChannelOrFail(self, mapped)
}

/** The failure that ends a stream. */
export interface Failed<out E> {
  readonly failure: E
}

/** Replaces each element by several. The effect of an element runs when the results of the one before are consumed. */
export const mapArrayEffect = <A, B, E, R, E2, R2>(
  self: Stream.Stream<A, E, R>,
  f: (element: A) => Effect.Effect<ReadonlyArray<B>, E2, R2>
): Stream.Stream<B, E | E2, R | R2> => Stream.mapConcatEffect(self, f)

/** Makes a stream from an effect that opens it. The resources of the effect are released when the stream ends. */
export const openStream = <A, E, E2, R>(
  open: Effect.Effect<Stream.Stream<A, E>, E2, R | Scope.Scope>
): Stream.Stream<A, E | E2, Exclude<R, Scope.Scope>> => Stream.unwrapScoped(open)

/** Continues with another stream after a failure. */
export const recoverStream = <A, E, R, B, E2>(
  self: Stream.Stream<A, E, R>,
  recover: (error: E) => Stream.Stream<B, E2>
): Stream.Stream<A | B, E2, R> => Stream.catchAll(self, recover)

/** A time, in milliseconds since the epoch, after which a stream fails. */
export interface StreamEnd<out E> {
  readonly at: number
  readonly onPassed: () => E
}

/**
 * Fails with `onStall()` if requested elements do not arrive within the given number of milliseconds, and with
 * `end.onPassed()` if they do not arrive before the end.
 *
 * One fiber pulls the stream, so that a chunk costs a timer. `Stream.timeoutFail` starts two fibers for each chunk, which
 * keep the chunk in memory until the next complete garbage collection.
 */
export const failOnStall = <A, E, R, E2>(
  self: Stream.Stream<A, E, R>,
  millis: number,
  onStall: () => E2,
  end?: StreamEnd<E2>
): Stream.Stream<A, E | E2, R> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const source = makeHandover(yield* Stream.toPull(self))
      yield* Effect.forkScoped(Effect.interruptible(source.run))
      const next = withCaller((caller) => {
        const left = end === undefined ? Number.POSITIVE_INFINITY : end.at - caller.now()
        const limit = Math.min(millis, left)
        const failed = () =>
          Option.some<E | E2>(end !== undefined && left < millis ? end.onPassed() : onStall())
        if (limit <= 0) return Effect.fail(failed())
        return allowsPlainTimer(caller, limit)
          ? source.take(limit, failed)
          : Effect.timeoutFail(source.take(undefined, failed), { duration: limit, onTimeout: failed })
      })
      return Stream.repeatEffectChunkOption(next)
    })
  )

/** Emits the results of an effect that is run again and again. */
export const repeatEffect = <A, E, R>(self: Effect.Effect<A, E, R>): Stream.Stream<A, E, R> =>
  Stream.repeatEffect(self)
