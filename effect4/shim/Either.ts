export type Either<A, E> =
  | { readonly _tag: "Right"; readonly right: A }
  | { readonly _tag: "Left"; readonly left: E }
export const right = <A>(value: A): Either<A, never> => ({ _tag: "Right", right: value })
export const left = <E>(error: E): Either<never, E> => ({ _tag: "Left", left: error })
export const isRight = <A, E>(self: Either<A, E>): self is Extract<Either<A, E>, { _tag: "Right" }> =>
  self._tag === "Right"
export const isLeft = <A, E>(self: Either<A, E>): self is Extract<Either<A, E>, { _tag: "Left" }> =>
  self._tag === "Left"
