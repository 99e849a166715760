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

/** The delays of a read that receives these responses, the last of them repeatedly. */
const waitsOf = (
  responses: ReadonlyArray<() => Reaction>,
  { random = 0, retry }: { random?: number; retry?: Retry.RetryPolicy } = {},
  call: (things: Things) => Effect.Effect<unknown, unknown> = (things) => things.getPart("a", "b")
) =>
  Effect.gen(function* () {
    const { client, seen } = mockClient((_, index) =>
      (responses[index] ?? responses[responses.length - 1] ?? (() => "network"))()
    )
    const things = yield* makeThings(client, { timeout: Number.POSITIVE_INFINITY, retry })
    const { exit, waits } = yield* recordWaits(call(things), random)
    return { exit, waits, requests: seen.length }
  })

const busy = () => failure(503, "service_unavailable")
const limited = (headers: Record<string, string>) => () => failure(429, "rate_limit_exceeded", { headers })
const fine = () => ok(item)

describe("a delay that the server does not ask for", () => {
  const patient = (options: Retry.PolicyOptions = {}) => Retry.policy({ maxAttempts: 8, ...options })

  it.effect("is at most 250 ms and then 500 ms by default, and at least half of that", () =>
    Effect.gen(function* () {
      expect((yield* waitsOf([busy], { random: 0 })).waits).toEqual([125, 250])
      expect((yield* waitsOf([busy], { random: 1 })).waits).toEqual([250, 500])
    })
  )

  it.effect("doubles up to maxDelay, and jitter removes up to half of it", () =>
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

  it.effect("ends the retries when it would exceed the budget", () =>
    Effect.gen(function* () {
      const retry = patient({ budget: "3 seconds" })
      const { waits, requests } = yield* waitsOf([busy], { random: 1, retry })
      expect(waits).toEqual([250, 500, 1000])
      expect(requests).toBe(4)
    })
  )
})

describe("a delay that the server asks for", () => {
  it.effect("is the number of seconds in Retry-After", () =>
    Effect.gen(function* () {
      for (const status of [429, 503]) {
        const hinted = () => failure(status, "x", { headers: { "retry-after": "7" } })
        const { exit, waits } = yield* waitsOf([hinted, fine])
        expect(waits).toEqual([7000])
        expect(exit).toEqual(Exit.succeed(item))
      }
    })
  )

  it.effect("lasts until the date in Retry-After", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 7, 1, 12, 0, 0))
      const hinted = limited({ "retry-after": "Sat, 01 Aug 2026 12:00:09 GMT" })
      expect((yield* waitsOf([hinted, fine])).waits).toEqual([9000])
    })
  )

  it.effect("is zero when the date has passed", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 7, 1, 12, 0, 0))
      const hinted = limited({ "retry-after": "Sat, 01 Aug 2026 11:00:00 GMT" })
      const { exit, waits } = yield* waitsOf([hinted, fine])
      expect(waits).toEqual([])
      expect(exit).toEqual(Exit.succeed(item))
    })
  )

  it.effect("lasts until X-RateLimit-Reset when a 429 has no Retry-After", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_785_585_600_000)
      const reset = { "x-ratelimit-reset": "1785585612" }
      expect((yield* waitsOf([limited(reset), fine])).waits).toEqual([12_000])
      expect((yield* waitsOf([limited({ ...reset, "retry-after": "2" }), fine])).waits).toEqual([2000])
      const unlimited = () => failure(503, "service_unavailable", { headers: reset })
      expect((yield* waitsOf([unlimited, fine])).waits).toEqual([125])
    })
  )

  it.effect("is only ever lengthened by jitter", () =>
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

  it.effect("may be longer than maxDelay", () =>
    Effect.gen(function* () {
      const retry = Retry.policy({ maxDelay: "1 second" })
      expect((yield* waitsOf([limited({ "retry-after": "30" }), fine], { retry })).waits).toEqual([30_000])
    })
  )

  it.effect("may be exactly as long as the budget, whatever the jitter", () =>
    Effect.gen(function* () {
      for (const random of [0, 1]) {
        const { exit, waits } = yield* waitsOf([limited({ "retry-after": "60" }), fine], { random })
        expect(exit).toEqual(Exit.succeed(item))
        expect(waits).toEqual([60_000 + random * 250])
      }
    })
  )

  it.effect("fails the call immediately when it exceeds the budget, and is in the error", () =>
    Effect.gen(function* () {
      for (const hint of ["61", "86400"]) {
        const { exit, waits, requests } = yield* waitsOf([limited({ "retry-after": hint })])
        expect([waits, requests]).toEqual([[], 1])
        const error = errorOf(exit)
        expect(error).toMatchObject({ _tag: "APIError", retryAfter: Duration.seconds(Number(hint)) })
      }
    })
  )

  it.effect("counts toward the budget together with the delays before it", () =>
    Effect.gen(function* () {
      const responses = [limited({ "retry-after": "40" }), limited({ "retry-after": "21" })]
      const { waits, requests } = yield* waitsOf(responses)
      expect([waits, requests]).toEqual([[40_000], 2])
    })
  )

  it.effect("is ignored when the header is invalid", () =>
    Effect.gen(function* () {
      for (const nonsense of ["", "soon", "-3", "NaN", "Infinity", "in 5", "99999999999999999999 1"]) {
        const { waits } = yield* waitsOf([limited({ "retry-after": nonsense }), fine])
        expect([nonsense, waits]).toEqual([nonsense, [125]])
      }
    })
  )
})

describe("a retry policy", () => {
  it.effect("outputs the delay before each retry", () =>
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

  it.effect("may be any schedule whose input is the error", () =>
    Effect.gen(function* () {
      const retry: Retry.RetryPolicy = Schedule.intersect(Schedule.recurs(4), Schedule.spaced("3 seconds"))
      expect((yield* waitsOf([busy], { retry })).waits).toEqual([3000, 3000, 3000, 3000])
    })
  )

  it.effect("starts again for each call", () =>
    Effect.gen(function* () {
      const retry = Retry.policy({ maxAttempts: 2 })
      const { requests } = yield* waitsOf([busy], { retry }, (things) =>
        Effect.zipRight(Effect.ignore(things.getPart("a", "b")), things.getPart("a", "b"))
      )
      expect(requests).toBe(4)
    })
  )

  it.effect("applies to every page of a Stream when it is set with Retry.with", () =>
    Effect.gen(function* () {
      const retry = Retry.policy({ maxAttempts: 2, baseDelay: 100, maxDelay: 100 })
      const { exit, waits, requests } = yield* waitsOf([busy], { random: 1, retry: Retry.none }, (things) =>
        things.list().pipe(Retry.with(retry), Stream.runCollect)
      )
      expect([waits, requests]).toEqual([[100], 2])
      expect(errorOf(exit)).toMatchObject({ _tag: "APIError", attempts: 2 })
    })
  )

  it("has a stable name, by which two copies of the package share it", () => {
    expect(Reflect.get(Retry.CurrentPolicy, "key")).toBe("effect-sendmux/Retry/CurrentPolicy")
  })

  it("accepts delays and a budget of zero", () => {
    expect(() => Retry.policy({ maxAttempts: 1, baseDelay: 0, maxDelay: 0, budget: 0 })).not.toThrow()
  })

  it("throws for an option out of range", () => {
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
