/** The types of effects and streams. */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"

export type SuccessOf<T> = T extends Effect.Effect<infer A, infer _E, infer _R> ? A : never
export type ErrorIn<T> = T extends Effect.Effect<infer _A, infer E, infer _R> ? E : never
export type ContextOf<T> = T extends Effect.Effect<infer _A, infer _E, infer R> ? R : never
export type StreamErrorOf<T> = T extends Stream.Stream<infer _A, infer E, infer _R> ? E : never
