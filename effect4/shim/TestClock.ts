/** Effect 3's test clock waits until every fiber is suspended, before and after it moves. Effect 4's does not. */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"

export * from "effect/testing/TestClock"

const turn = Effect.callback<void>((resume) => {
  setTimeout(() => resume(Effect.void), 1)
})

const settle = Effect.repeat(turn, { times: 4 })

const whileSettled = (move: Effect.Effect<void>): Effect.Effect<void> =>
  settle.pipe(Effect.andThen(move), Effect.andThen(settle))

export const adjust = (duration: Duration.Input): Effect.Effect<void> =>
  whileSettled(TestClock.adjust(duration))

export const setTime = (timestamp: number): Effect.Effect<void> => whileSettled(TestClock.setTime(timestamp))
