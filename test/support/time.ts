import type * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as TestClock from "effect/TestClock"

/** Waits for one turn of the real event loop, in which work outside of Effect can finish, such as a digest. */
const eventLoop = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** The outcome of an effect, and its delays in milliseconds. */
export interface Waited<A, E> {
  readonly exit: Exit.Exit<A, E>
  readonly waits: ReadonlyArray<number>
}

/**
 * Runs an effect under the test clock and records its delays. `random` is the only random number. The clock advances to
 * the end of the next delay and never further, so the recorded delays are exact.
 */
export const recordWaits = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  random = 0
): Effect.Effect<Waited<A, E>, never, R> =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(Effect.withRandom(self, Random.fixed([random])))
    const waits: Array<number> = []
    let idle = 0
    for (;;) {
      yield* TestClock.adjust(0)
      const exit = yield* Fiber.poll(fiber)
      if (exit._tag === "Some") return { exit: exit.value, waits }
      const now = yield* Clock.currentTimeMillis
      const next = Math.min(...Chunk.toReadonlyArray(yield* TestClock.sleeps()))
      if (!Number.isFinite(next)) {
        if (++idle > 2000)
          return yield* Effect.dieMessage("the effect waits for something other than the clock")
        yield* eventLoop
        continue
      }
      waits.push(next - now)
      yield* TestClock.setTime(next)
    }
  })

/** Returns the typed error of an exit. A success or a defect fails the test. */
export const errorOf = <A, E>(exit: Exit.Exit<A, E>): E => {
  if (Exit.isSuccess(exit)) throw new Error("expected a failure, but the effect succeeded")
  const cause: Cause.Cause<E> = exit.cause
  if (cause._tag !== "Fail") throw new Error(`expected a typed failure, but the cause is ${String(cause)}`)
  return cause.error
}
