import { dual } from "effect/Function"
import * as Stream from "effect/Stream"

export * from "effect/Stream"
export const mapConcat: {
  <A, B>(f: (element: A) => Iterable<B>): <E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<B, E, R>
  <A, E, R, B>(self: Stream.Stream<A, E, R>, f: (element: A) => Iterable<B>): Stream.Stream<B, E, R>
} = dual(2, <A, E, R, B>(self: Stream.Stream<A, E, R>, f: (element: A) => Iterable<B>) =>
  Stream.flattenIterable(Stream.map(self, f))
)
export const repeatValue = <A>(value: A): Stream.Stream<A> => Stream.forever(Stream.succeed(value))

/** Effect 4 makes the first value of a fold at each run. */
export const runFold = <A, E, R, S>(
  self: Stream.Stream<A, E, R>,
  initial: S,
  f: (state: S, element: A) => S
) => Stream.runFold(self, () => initial, f)
export { fromEffectRepeat as repeatEffect } from "effect/Stream"
