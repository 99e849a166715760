/**
 * Helpers for programs that send as fast as they may.
 */
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import type { SeenRequest } from "../../src/Sandbox.js"

/** Advances the clock from one timer to the next, until a time. */
export const advanceTo = (end: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (;;) {
      yield* TestClock.adjust(0)
      const next = Math.min(end, ...(yield* TestClock.sleeps()))
      yield* TestClock.setTime(next)
      if (next >= end) return
    }
  })

export const servedOf = (requests: ReadonlyArray<SeenRequest>): number =>
  requests.filter(({ status }) => status === 200).length

export const refusedOf = (requests: ReadonlyArray<SeenRequest>): number =>
  requests.filter(({ status }) => status === 429).length
