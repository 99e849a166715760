import type * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as TestClock from "effect/TestClock"

/** A turn of the real event loop, for what is done outside of Effect, such as a digest. */
const eventLoop = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** What became of an effect, and every wait on its way, in milliseconds. */
export interface Waited<A, E> {
  readonly exit: Exit.Exit<A, E>
  readonly waits: ReadonlyArray<number>
}

/**
 * Runs an effect by the test clock from one wait to the next, with `random` as the only random number. The clock is
 * never moved further than the next wait asks, so that `waits` are exact.
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
        if (++idle > 2000) return yield* Effect.dieMessage("the effect waits for nothing the clock knows")
        yield* eventLoop
        continue
      }
      waits.push(next - now)
      yield* TestClock.setTime(next)
    }
  })

/** The typed error of an exit; a success or a defect fails the test. */
export const errorOf = <A, E>(exit: Exit.Exit<A, E>): E => {
  if (Exit.isSuccess(exit)) throw new Error("expected a failure, and it succeeded")
  const cause: Cause.Cause<E> = exit.cause
  if (cause._tag !== "Fail") throw new Error(`expected a typed failure, and it is ${String(cause)}`)
  return cause.error
}
