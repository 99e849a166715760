import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Retry from "../../src/internal/timing/retry.js"
import { failure, mockClient, ok, type Reaction } from "../support/http.js"
import { makeThings, type Things } from "../support/synthetic.js"
import { errorOf, recordWaits } from "../support/time.js"

const item = { id: "thg_1" }

/** The waits of a read whose requests get these answers, the last one again and again. */
const waitsOf = (
  answers: ReadonlyArray<() => Reaction>,
  { random = 0, retry }: { random?: number; retry?: Retry.RetryPolicy } = {},
  call: (things: Things) => Effect.Effect<unknown, unknown> = (things) => things.getPart("a", "b")
) =>
  Effect.gen(function* () {
    const { client, seen } = mockClient((_, index) =>
      (answers[index] ?? answers[answers.length - 1] ?? (() => "network"))()
    )
    const things = yield* makeThings(client, { timeout: Number.POSITIVE_INFINITY, retry })
    const { exit, waits } = yield* recordWaits(call(things), random)
    return { exit, waits, requests: seen.length }
  })

const busy = () => failure(503, "service_unavailable")
const limited = (headers: Record<string, string>) => () => failure(429, "rate_limit_exceeded", { headers })
const fine = () => ok(item)

describe("without a hint of the server", () => {
  const patient = (options: Retry.PolicyOptions = {}) => Retry.policy({ maxAttempts: 8, ...options })

  it.effect("the default waits twice, 250 ms and 500 ms at most and half of that at least", () =>
    Effect.gen(function* () {
      expect((yield* waitsOf([busy], { random: 0 })).waits).toEqual([125, 250])
      expect((yield* waitsOf([busy], { random: 1 })).waits).toEqual([250, 500])
    })
  )

  it.effect("doubles up to maxDelay, with half of it as jitter", () =>
    Effect.gen(function* () {
      expect((yield* waitsOf([busy], { random: 1, retry: patient() })).waits).toEqual([
        250, 500, 1000, 2000, 4000, 5000, 5000
      ])
      expect((yield* waitsOf([busy], { random: 0, retry: patient() })).waits).toEqual([
        125, 250, 500, 1000, 2000, 2500, 2500
      ])
      const own = patient({ baseDelay: "1 second", maxDelay: "3 seconds" })
      expect((yield* waitsOf([() => "network"], { random: 1, retry: own })).waits.slice(0, 4)).toEqual([
        1000, 2000, 3000, 3000
      ])
    })
  )

  it.effect("ends when the next wait would pass the budget", () =>
    Effect.gen(function* () {
      const retry = patient({ budget: "3 seconds" })
      const { waits, requests } = yield* waitsOf([busy], { random: 1, retry })
      expect(waits).toEqual([250, 500, 1000])
      expect(requests).toBe(4)
    })
  )
})

describe("with a hint of the server", () => {
  it.effect("waits the seconds of Retry-After", () =>
    Effect.gen(function* () {
      for (const status of [429, 503]) {
        const hinted = () => failure(status, "x", { headers: { "retry-after": "7" } })
        const { exit, waits } = yield* waitsOf([hinted, fine])
        expect(waits).toEqual([7000])
        expect(exit).toEqual(Exit.succeed(item))
      }
    })
  )

  it.effect("waits until the date of Retry-After", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 7, 1, 12, 0, 0))
      const hinted = limited({ "retry-after": "Sat, 01 Aug 2026 12:00:09 GMT" })
      expect((yield* waitsOf([hinted, fine])).waits).toEqual([9000])
    })
  )

  it.effect("goes on at once when the date has passed", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 7, 1, 12, 0, 0))
      const hinted = limited({ "retry-after": "Sat, 01 Aug 2026 11:00:00 GMT" })
      const { exit, waits } = yield* waitsOf([hinted, fine])
      expect(waits).toEqual([])
      expect(exit).toEqual(Exit.succeed(item))
    })
  )

  it.effect("waits until X-RateLimit-Reset where a 429 has no Retry-After", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_785_585_600_000)
      const reset = { "x-ratelimit-reset": "1785585612" }
      expect((yield* waitsOf([limited(reset), fine])).waits).toEqual([12_000])
      expect((yield* waitsOf([limited({ ...reset, "retry-after": "2" }), fine])).waits).toEqual([2000])
      const unlimited = () => failure(503, "service_unavailable", { headers: reset })
      expect((yield* waitsOf([unlimited, fine])).waits).toEqual([125])
    })
  )

  it.effect("adds jitter on top, never takes it away", () =>
    Effect.gen(function* () {
      const hinted = limited({ "retry-after": "3" })
      for (const random of [0, 0.5, 0.999]) {
        const { waits } = yield* waitsOf([hinted, fine], { random })
        expect(waits[0]).toBeGreaterThanOrEqual(3000)
        expect(waits[0]).toBeLessThanOrEqual(3250)
      }
      expect((yield* waitsOf([hinted, fine], { random: 1 })).waits).toEqual([3250])
    })
  )

  it.effect("is not held to maxDelay", () =>
    Effect.gen(function* () {
      const retry = Retry.policy({ maxDelay: "1 second" })
      expect((yield* waitsOf([limited({ "retry-after": "30" }), fine], { retry })).waits).toEqual([30_000])
    })
  )

  it.effect("of exactly the budget is waited for, whatever the jitter", () =>
    Effect.gen(function* () {
      for (const random of [0, 1]) {
        const { exit, waits } = yield* waitsOf([limited({ "retry-after": "60" }), fine], { random })
        expect(exit).toEqual(Exit.succeed(item))
        expect(waits).toEqual([60_000 + random * 250])
      }
    })
  )

  it.effect("past the budget fails at once, with the hint in the error", () =>
    Effect.gen(function* () {
      for (const hint of ["61", "86400"]) {
        const { exit, waits, requests } = yield* waitsOf([limited({ "retry-after": hint })])
        expect([waits, requests]).toEqual([[], 1])
        const error = errorOf(exit)
        expect(error).toMatchObject({ _tag: "APIError", retryAfter: Duration.seconds(Number(hint)) })
      }
    })
  )

  it.effect("counts against the budget together with the waits before it", () =>
    Effect.gen(function* () {
      const answers = [limited({ "retry-after": "40" }), limited({ "retry-after": "21" })]
      const { waits, requests } = yield* waitsOf(answers)
      expect([waits, requests]).toEqual([[40_000], 2])
    })
  )

  it.effect("that is none falls back to the delay that grows", () =>
    Effect.gen(function* () {
      for (const nonsense of ["", "soon", "-3", "NaN", "Infinity", "in 5", "99999999999999999999 1"]) {
        const { waits } = yield* waitsOf([limited({ "retry-after": nonsense }), fine])
        expect([nonsense, waits]).toEqual([nonsense, [125]])
      }
    })
  )
})

describe("policies", () => {
  it.effect("give the delay of each step", () =>
    Effect.gen(function* () {
      const seen: Array<number> = []
      const retry = Schedule.tapOutput(Retry.policy(), (delay) =>
        Effect.sync(() => seen.push(Duration.toMillis(delay)))
      )
      const { waits } = yield* waitsOf([busy], { retry, random: 1 })
      expect(waits).toEqual([250, 500])
      expect(seen.slice(0, 2)).toEqual(waits)
    })
  )

  it.effect("may be any schedule over the errors", () =>
    Effect.gen(function* () {
      const retry: Retry.RetryPolicy = Schedule.intersect(Schedule.recurs(4), Schedule.spaced("3 seconds"))
      expect((yield* waitsOf([busy], { retry })).waits).toEqual([3000, 3000, 3000, 3000])
    })
  )

  it.effect("begin anew for every call", () =>
    Effect.gen(function* () {
      const retry = Retry.policy({ maxAttempts: 2 })
      const { requests } = yield* waitsOf([busy], { retry }, (things) =>
        Effect.zipRight(Effect.ignore(things.getPart("a", "b")), things.getPart("a", "b"))
      )
      expect(requests).toBe(4)
    })
  )

  it.effect("reach every page of a Stream through Retry.with", () =>
    Effect.gen(function* () {
      const retry = Retry.policy({ maxAttempts: 2, baseDelay: 100, maxDelay: 100 })
      const { exit, waits, requests } = yield* waitsOf([busy], { random: 1, retry: Retry.none }, (things) =>
        things.list().pipe(Retry.with(retry), Stream.runCollect)
      )
      expect([waits, requests]).toEqual([[100], 2])
      expect(errorOf(exit)).toMatchObject({ _tag: "APIError", attempts: 2 })
    })
  )

  it("refuse what cannot be meant", () => {
    for (const maxAttempts of [0, -1, Number.NaN]) {
      expect(() => Retry.policy({ maxAttempts })).toThrow("maxAttempts")
    }
    for (const bad of [-1, Number.NaN, "soon" as Duration.DurationInput]) {
      expect(() => Retry.policy({ baseDelay: bad })).toThrow("baseDelay")
      expect(() => Retry.policy({ maxDelay: bad })).toThrow("maxDelay")
      expect(() => Retry.policy({ budget: bad })).toThrow("budget")
    }
  })
})
