import type * as Duration from "effect/Duration"

export * from "effect/Duration"
export type DurationInput = Duration.Input
