/**
 * Helpers for programs that send as fast as they may.
 */
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import type { SeenRequest } from "../../src/Sandbox.js"
import type { recordingClock } from "../support/time.js"

/** Advances the clock from the end of one recorded sleep to that of the next, until a time. */
export const advanceTo = (end: number, { next }: ReturnType<typeof recordingClock>): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (;;) {
      yield* TestClock.adjust(0)
      const at = Math.min(end, next())
      yield* TestClock.setTime(at)
      if (at >= end) return
    }
  })

export const servedOf = (requests: ReadonlyArray<SeenRequest>): number =>
  requests.filter(({ status }) => status === 200).length

export const refusedOf = (requests: ReadonlyArray<SeenRequest>): number =>
  requests.filter(({ status }) => status === 429).length
