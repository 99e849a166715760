import type * as Duration from "effect/Duration"

export * from "effect/Duration"
export type DurationInput = Duration.Input
export { fromInputUnsafe as decode } from "effect/Duration"
