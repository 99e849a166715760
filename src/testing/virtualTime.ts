/**
 * Time that advances by itself in a test.
 */
import * as Effect from "effect/Effect"
import { type Clock, currentClock, makeClock, sleepBy, timeOf, withClock } from "../internal/dialect/clock.js"
import { async, detach } from "../internal/dialect/core.js"
import { fromExit } from "../internal/dialect/fiber.js"

/**
 * The options of `autoAdvance`.
 *
 * @since 0.2.0
 * @category options
 */
export interface AutoAdvanceOptions {
  /**
   * How many milliseconds of real time an effect may wait for something other than time, before it ends with a defect.
   * Default: 2000.
   */
  readonly patience?: number | undefined
}

/** A wait that has not ended. */
interface Wait {
  readonly at: number
}

/** Time as `autoAdvance` moves it. */
interface Timeline {
  readonly clock: Clock
  /** Moves the time to the end of a wait. */
  readonly moveTo: (at: number) => Effect.Effect<void>
}

type TestClock = Clock & { readonly setTime: (at: number) => Effect.Effect<void> }

const isTestClock = (clock: Clock): clock is TestClock =>
  "setTime" in clock && typeof clock.setTime === "function"

/** The time of the test clock, which ends the waits that other fibers have at that clock as well. */
const timelineOfTest = (clock: TestClock): Timeline => ({ clock, moveTo: (at) => clock.setTime(at) })

/** A time of its own that begins now. */
const ownTimeline = (start: number): Timeline => {
  let time = start
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>()
  return {
    clock: makeClock({
      now: () => time,
      sleep: (millis) =>
        async<void>((resume) => {
          const sleeper = { at: time + millis, wake: () => resume(Effect.void) }
          sleepers.add(sleeper)
          return Effect.sync(() => sleepers.delete(sleeper))
        })
    }),
    moveTo: (at) =>
      Effect.sync(() => {
        time = Math.max(time, at)
        const due = [...sleepers].filter((sleeper) => sleeper.at <= time).sort((a, b) => a.at - b.at)
        for (const sleeper of due) {
          sleepers.delete(sleeper)
          sleeper.wake()
        }
      })
  }
}

/** Waits for a turn of the event loop, in which work outside of Effect can end, such as a digest. */
const turn = async<void>((resume) => {
  setTimeout(() => resume(Effect.void), 0)
})

/** The number of turns without a change after which an effect waits for time only. */
const quietTurns = 4

/**
 * Runs an effect in virtual time. Whenever the effect waits for time only, the clock moves to the end of its next wait, so
 * that retries, polls and timeouts take no real time and nothing has to be adjusted by hand. With `TestClock`, that clock
 * moves, and the waits of background fibers end as well. Without it, the effect gets a clock of its own.
 *
 * Use it for code whose requests stay in the process, with the mock or with the sandbox. Requests over sockets take real
 * time, in which the clock would run ahead to their timeouts.
 *
 * Ends with a defect if the effect waits for something other than time, such as a message that nobody sends.
 *
 * @example
 * import { Management, Sandbox } from "effect-sendmux"
 * import * as Testing from "effect-sendmux/Testing"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 *
 * export const program = Effect.gen(function* () {
 *   const management = yield* Management
 *   const control = yield* Sandbox.Control
 *   yield* control.inject({ times: 2, kind: { _tag: "RateLimited", retryAfter: 15 } })
 *   return yield* management.billing.getBalance()
 * }).pipe(
 *   Testing.autoAdvance(),
 *   Effect.provide(Management.layer({ apiKey: Sandbox.rootKey }).pipe(Layer.provideMerge(Sandbox.layer)))
 * )
 *
 * @since 0.2.0
 * @category virtual time
 */
export const autoAdvance =
  ({ patience = 2000 }: AutoAdvanceOptions = {}) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.gen(function* () {
      const outer = yield* currentClock
      const { clock, moveTo } = isTestClock(outer) ? timelineOfTest(outer) : ownTimeline(timeOf(outer))
      const waits = new Set<Wait>()
      let changes = 0
      const counting = makeClock({
        now: () => timeOf(clock),
        sleep: (millis) =>
          Effect.suspend(() => {
            const wait = { at: timeOf(clock) + millis }
            waits.add(wait)
            changes++
            return Effect.onExit(sleepBy(clock, millis), () =>
              Effect.sync(() => {
                waits.delete(wait)
                changes++
              })
            )
          })
      })
      let done = false
      const watched = Effect.onExit(withClock(self, counting), () =>
        Effect.sync(() => {
          done = true
        })
      )
      const running = yield* detach(watched)

      const advance = Effect.gen(function* () {
        let seen = -1
        let quiet = 0
        let since = Date.now()
        while (!done) {
          yield* turn
          if (done) return
          quiet = changes === seen ? quiet + 1 : 0
          if (quiet === 0) since = Date.now()
          seen = changes
          if (quiet < quietTurns) continue
          const next = Math.min(...[...waits].map(({ at }) => at))
          if (Number.isFinite(next)) {
            quiet = 0
            yield* moveTo(next)
          } else if (Date.now() - since > patience) {
            return yield* Effect.die(
              new Error(
                `autoAdvance: for ${patience} ms the effect has waited for something other than time, such as a message that nobody sends`
              )
            )
          }
        }
      })
      yield* Effect.onExit(advance, () => (done ? Effect.void : running.interrupt))
      return yield* fromExit(yield* running.ended, undefined)
    })
