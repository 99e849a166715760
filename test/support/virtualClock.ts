/**
 * A clock that a test advances. A step of `TestClock` takes milliseconds of real time, and this one takes none, so that a
 * property can have many steps.
 */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { makeClock } from "../../src/internal/dialect/clock.js"

/** One turn of the real event loop, in which fibers and promises go on. */
const turn = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** The turns after which everything that does not wait for the clock has come to its end. */
const turnsToSettle = 12

/** The turns after which a fiber waits for something that does not come. */
const turnsToGiveUp = 20_000

export const makeVirtualClock = () => {
  let time = 0
  const sleeps = new Set<{ readonly at: number; readonly wake: () => void }>()
  const clock = makeClock({
    now: () => time,
    sleep: (millis) =>
      Effect.async<void>((resume) => {
        const one = { at: time + millis, wake: () => resume(Effect.void) }
        sleeps.add(one)
        return Effect.sync(() => void sleeps.delete(one))
      })
  })

  /** Advances to the next sleep that ends by a time, and ends it. Returns whether there was one. */
  const step = (until: number): boolean => {
    let next: { readonly at: number; readonly wake: () => void } | undefined
    for (const one of sleeps) if (one.at <= until && (next === undefined || one.at < next.at)) next = one
    if (next === undefined) return false
    time = Math.max(time, next.at)
    sleeps.delete(next)
    next.wake()
    return true
  }

  const settle = Effect.gen(function* () {
    for (let turns = 0; turns < turnsToSettle; turns++) yield* turn
  })

  /** Advances the clock. The sleeps until then end one after the other. */
  const advance = (millis: number) =>
    Effect.gen(function* () {
      const until = time + millis
      do yield* settle
      while (step(until))
      time = until
    })

  /** Advances the clock until a fiber has ended. Dies if it waits for something else, which a join would do forever. */
  const finish = <A, E>(fiber: Fiber.RuntimeFiber<A, E>): Effect.Effect<Exit.Exit<A, E>> =>
    Effect.gen(function* () {
      for (let turns = 0; turns < turnsToGiveUp; turns++) {
        const exit = yield* Fiber.poll(fiber)
        if (exit._tag === "Some") return exit.value
        if (turns % turnsToSettle === turnsToSettle - 1) step(Number.POSITIVE_INFINITY)
        yield* turn
      }
      return yield* Effect.dieMessage("the fiber waits for something other than the clock")
    })

  return { clock, advance, finish }
}
