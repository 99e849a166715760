import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/TestClock"
import type { APIError, TransportError } from "../../src/internal/model/errors.js"
import { growing, poll, type WaitOptions } from "../../src/internal/timing/poll.js"
import { errorsOf } from "../support/errors.js"
import { untyped } from "../support/synthetic.js"
import { errorOf, recordWaits } from "../support/time.js"

const operation = "mailbox.things.wait"

const { apiError, transportError } = errorsOf(operation)

class Odd {
  readonly _tag = "Odd"
}

type Failure = APIError | TransportError | Odd

/** Polls a source that gives these results in turn: nothing yet, a failure, or a value. */
const polling = (
  results: ReadonlyArray<"nothing" | Failure | number>,
  options?: WaitOptions,
  isTransient?: (error: Failure) => boolean
) =>
  Effect.gen(function* () {
    let reads = 0
    const read = Effect.suspend((): Effect.Effect<Option.Option<number>, Failure> => {
      const result = results[reads++] ?? "nothing"
      if (result === "nothing") return Effect.succeed(Option.none())
      return typeof result === "number" ? Effect.succeed(Option.some(result)) : Effect.fail(result)
    })
    const { exit, waits } = yield* recordWaits(
      poll({
        operation,
        read,
        options,
        schedule: growing(1_000, 3_000),
        timeout: 10_000,
        ...(isTransient === undefined ? {} : { isTransient }),
        gaveUp: ({ attempts, waited }) => ({ _tag: "GaveUp" as const, attempts, waited })
      })
    )
    return { exit, reads, waits, error: exit._tag === "Failure" ? errorOf(exit) : undefined }
  })

const forever: WaitOptions = { timeout: Number.POSITIVE_INFINITY }

describe("poll", () => {
  it.effect("reads at once, and succeeds with the first result", () =>
    Effect.gen(function* () {
      const { exit, reads, waits } = yield* polling([7])
      expect([exit, reads, waits]).toMatchObject([{ value: 7 }, 1, []])
    })
  )

  it.effect("reads again after delays that grow by half up to their limit", () =>
    Effect.gen(function* () {
      const nothing = Array.from({ length: 6 }, () => "nothing" as const)
      const { exit, waits } = yield* polling([...nothing, 7], forever)
      expect(exit).toMatchObject({ value: 7 })
      expect(waits).toEqual([1_000, 1_500, 2_250, 3_000, 3_000, 3_000])
    })
  )

  it.effect("gives up at the timeout, in the middle of a delay, and reports the reads and the time", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_000_000)
      const byDefault = yield* polling([])
      expect(byDefault.error).toEqual({ _tag: "GaveUp", attempts: 5, waited: Duration.millis(10_000) })
      expect(byDefault.waits.reduce((sum, wait) => sum + wait)).toBe(10_000)
      const own = yield* polling([], { timeout: "1200 millis" })
      expect(own.error).toEqual({ _tag: "GaveUp", attempts: 2, waited: Duration.millis(1_200) })
    })
  )

  it.effect("gives up when the schedule ends, and reports the time until then", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_000_000)
      const schedule = Schedule.intersect(Schedule.spaced("2 seconds"), Schedule.recurs(2))
      const { error, reads, waits } = yield* polling([], { ...forever, schedule })
      expect(error).toEqual({ _tag: "GaveUp", attempts: 3, waited: Duration.millis(4_000) })
      expect([reads, waits]).toEqual([3, [2_000, 2_000]])
    })
  )

  it.effect("rejects a timeout that is not a duration greater than zero before it reads", () =>
    Effect.gen(function* () {
      for (const timeout of [0, -1, "soon", Number.NaN, null]) {
        const { error, reads } = yield* polling([7], { timeout: untyped(timeout) })
        expect(error).toMatchObject({ _tag: "InvalidRequestError", operation })
        expect(String(error)).toContain("option timeout must be a duration greater than zero")
        expect(reads).toBe(0)
      }
      expect((yield* polling([7], { timeout: 1 })).exit).toMatchObject({ value: 7 })
    })
  )
})

describe("poll, after a failed read", () => {
  it.effect("continues after transient failures, and fails with the fifth in a row", () =>
    Effect.gen(function* () {
      const busy = apiError(503)
      const lost = transportError("Network")
      const four = yield* polling([busy, lost, busy, lost, 7], forever)
      expect(four.exit).toMatchObject({ value: 7 })
      const five = yield* polling([busy, busy, busy, busy, lost, 7], forever)
      expect([five.error, five.reads]).toMatchObject([{ _tag: "TransportError", reason: "Network" }, 5])
      const between = yield* polling([busy, busy, busy, busy, "nothing", busy, busy, busy, busy, 7], forever)
      expect(between.exit).toMatchObject({ value: 7 })
    })
  )

  it.effect("fails at once with a failure that is not transient", () =>
    Effect.gen(function* () {
      for (const error of [
        apiError(404),
        transportError("TooLarge"),
        transportError("AccessToken"),
        new Odd()
      ]) {
        const failed = yield* polling([error, 7], forever)
        expect([failed.error, failed.reads]).toEqual([error, 1])
      }
    })
  )

  it.effect("continues after the failures that the caller considers transient, up to the same number", () =>
    Effect.gen(function* () {
      const odd = new Odd()
      const isOdd = (error: Failure) => error._tag === "Odd"
      expect((yield* polling([odd, odd, 7], forever, isOdd)).exit).toMatchObject({ value: 7 })
      expect((yield* polling([odd, apiError(404), 7], forever, isOdd)).error).toMatchObject({ status: 404 })
      expect((yield* polling([odd, odd, odd, odd, odd, 7], forever, isOdd)).error).toBe(odd)
    })
  )

  it.effect("waits as long as the server asks for, and then for its own delay", () =>
    Effect.gen(function* () {
      const { exit, waits } = yield* polling(
        [apiError(503, { retryAfter: Duration.millis(4_000) }), apiError(503), 7],
        forever
      )
      expect(exit).toMatchObject({ value: 7 })
      expect(waits).toEqual([4_000, 1_000, 1_500])
    })
  )

  it.effect("fails at once if the server asks for a delay beyond the deadline", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_000_000)
      const beyond = yield* polling(["nothing", apiError(503, { retryAfter: Duration.millis(9_001) })])
      expect([beyond.error, beyond.waits]).toMatchObject([{ status: 503 }, [1_000]])
      const exact = yield* polling(["nothing", apiError(503, { retryAfter: Duration.millis(9_000) })])
      expect(exact.error).toMatchObject({ _tag: "GaveUp", attempts: 2 })
    })
  )
})
