import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"

/** Runs an effect while the test clock moves on, until it ends. */
export const live = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(self)
    const moving = yield* Effect.fork(
      Effect.forever(Effect.zipRight(TestClock.adjust("1 second"), Effect.yieldNow()))
    )
    const exit = yield* Fiber.await(fiber)
    yield* Fiber.interrupt(moving)
    return yield* exit
  })

/** Lets everything run that does not wait for time. */
export const settled = Effect.promise(async () => {
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
})
