import type * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Schedule from "effect/Schedule"

export * from "effect/Schedule"

/** Continues while both continue, with the longer of their delays. */
export const intersect: {
  (that: Schedule.Schedule<unknown>): (self: Schedule.Schedule<unknown>) => Schedule.Schedule<unknown>
  (self: Schedule.Schedule<unknown>, that: Schedule.Schedule<unknown>): Schedule.Schedule<unknown>
} = dual(2, (self: Schedule.Schedule<unknown>, that: Schedule.Schedule<unknown>) =>
  Schedule.max([self, that])
)

export const tapOutput = <A, In>(
  self: Schedule.Schedule<A, In>,
  f: (output: A) => Effect.Effect<unknown>
): Schedule.Schedule<A, In> => Schedule.tap(self, ({ output }) => f(output))
