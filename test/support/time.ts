import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as TestClock from "effect/TestClock"
import { failureIn } from "./dialect/exits.js"
import { makeClock, sleepBy, timeOf } from "../../src/internal/dialect/clock.js"

/** Waits for one turn of the real event loop, in which work outside of Effect can finish, such as a digest. */
const eventLoop = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** The outcome of an effect, and its delays in milliseconds. */
export interface Waited<A, E> {
  readonly exit: Exit.Exit<A, E>
  readonly waits: ReadonlyArray<number>
}

/** A clock that sleeps by another one, and knows when each of its sleeps ends. */
export const recordingClock = (inner: Clock.Clock) => {
  const ends = new Set<{ readonly at: number }>()
  const clock = makeClock({
    now: () => timeOf(inner),
    sleep: (millis) =>
      Effect.suspend(() => {
        const end = { at: timeOf(inner) + millis }
        ends.add(end)
        return Effect.ensuring(
          sleepBy(inner, millis),
          Effect.sync(() => ends.delete(end))
        )
      })
  })
  return { clock, next: () => Math.min(...[...ends].map(({ at }) => at)) }
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
    const { clock, next } = recordingClock(yield* Effect.clock)
    const fiber = yield* Effect.fork(Effect.withClock(Effect.withRandom(self, Random.fixed([random])), clock))
    const waits: Array<number> = []
    let idle = 0
    for (;;) {
      yield* TestClock.adjust(0)
      const exit = yield* Fiber.poll(fiber)
      if (exit._tag === "Some") return { exit: exit.value, waits }
      const now = yield* Clock.currentTimeMillis
      const end = next()
      if (!Number.isFinite(end)) {
        if (++idle > 2000)
          return yield* Effect.dieMessage("the effect waits for something other than the clock")
        yield* eventLoop
        continue
      }
      waits.push(end - now)
      yield* TestClock.setTime(end)
    }
  })

/** Returns the typed error of an exit. A success or a defect fails the test. */
export const errorOf = <A, E>(exit: Exit.Exit<A, E>): E => {
  if (Exit.isSuccess(exit)) throw new Error("expected a failure, but the effect succeeded")
  const error = failureIn(exit)
  if (error === undefined) throw new Error(`expected a typed failure, but the cause is ${String(exit.cause)}`)
  return error
}
