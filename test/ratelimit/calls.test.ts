import { inspect } from "node:util"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as EntityTagCache from "../../src/EntityTagCache.js"
import { CurrentLimiter } from "../../src/internal/model/limiter.js"
import * as Call from "../../src/internal/timing/deadline.js"
import * as Retry from "../../src/internal/timing/retry.js"
import * as RateLimit from "../../src/RateLimit.js"
import * as Sandbox from "../../src/Sandbox.js"
import { Sending } from "../../src/Sending.js"
import { apiKey, failure, mockClient, ok } from "../support/http.js"
import { expectNoLeak } from "../support/leaks.js"
import { makeThings, thing } from "../support/synthetic.js"
import { counterValue, record } from "../support/telemetry.js"
import { errorOf, recordWaits } from "../support/time.js"
import { allowed, limitedThings, limitHeaders, refusal } from "./support.js"

/** A response that arrives after a delay. */
const later = (delay: Duration.DurationInput, respond: () => Response) =>
  Effect.delay(Effect.sync(respond), delay)

/** Makes a call several times at the same time. */
const atOnce = <A, E, R>(count: number, call: Effect.Effect<A, E, R>) =>
  Effect.all(
    Array.from({ length: count }, () => call),
    { concurrency: "unbounded" }
  )

describe("a call whose window is used up", () => {
  it.effect(
    "waits until the window ends, and shows the wait in its span, its metric and one Info log",
    () => {
      const { layer, lines, logs, spans } = record()
      return Effect.gen(function* () {
        const { client, seen } = mockClient((_, index) => allowed(2, 1 - (index % 2), index < 2 ? 30 : 90))
        const things = yield* limitedThings(client)
        const before = yield* counterValue("sendmux_rate_limit_pacing_ms", {
          operation: "mailbox.things.getPart"
        })
        const { waits } = yield* recordWaits(
          Effect.forEach([1, 2, 3], () => things.getPart("a", "b"), { discard: true })
        )
        expect(waits).toEqual([30_000])
        expect(seen).toHaveLength(3)
        const [first, , third] = spans.filter(({ name }) => name === "Sendmux.mailbox.things.getPart")
        expect(third?.attributes.get("sendmux.rate_limit.waited_ms")).toBe(30_000)
        expect(first?.attributes.has("sendmux.rate_limit.waited_ms")).toBe(false)
        expect(lines.filter((line) => line.startsWith("INFO "))).toHaveLength(1)
        expect(logs.join("\n")).toContain(
          "mailbox: the rate limit of 2 requests is used up, the next one is sent in 30000 ms"
        )
        const after = yield* counterValue("sendmux_rate_limit_pacing_ms", {
          operation: "mailbox.things.getPart"
        })
        expect(after - before).toBe(1)
      }).pipe(Effect.provide(layer))
    }
  )

  it.effect("fails at once with DeadlineExceededError if the wait would end after the deadline", () =>
    Effect.gen(function* () {
      for (const maxWait of [undefined, "5 minutes"] as const) {
        const { client, seen } = mockClient(() => allowed(1, 0, 45))
        const things = yield* limitedThings(client, { maxWait })
        yield* things.getPart("a", "b")
        const { exit, waits } = yield* recordWaits(things.getPart("a", "b").pipe(Call.deadline("30 seconds")))
        expect(errorOf(exit)).toMatchObject({
          _tag: "DeadlineExceededError",
          awaited: "RateLimit",
          needed: Duration.seconds(45),
          remaining: Duration.seconds(30),
          attempts: 0,
          uncertain: false,
          failure: { _tag: "APIError", code: "rate_limit_exceeded", retryAfter: Duration.seconds(45) }
        })
        expect([seen.length, waits]).toEqual([1, []])
      }
    })
  )

  it.effect("ends at the deadline where it cannot be interrupted, and gives up its place in the queue", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient((_, index) => (index === 0 ? Effect.never : allowed(1, 1, 60)))
      const things = yield* limitedThings(client)
      const first = yield* Effect.fork(things.getPart("a", "b"))
      yield* TestClock.adjust(0)
      const { exit, waits } = yield* recordWaits(
        things.getPart("a", "b").pipe(Effect.uninterruptible, Call.deadline(300))
      )
      expect(errorOf(exit)).toMatchObject({ awaited: "RateLimit", attempts: 0 })
      expect([seen.length, waits]).toEqual([1, [300]])
      yield* Fiber.interrupt(first)
      yield* recordWaits(things.getPart("a", "b"))
      expect(seen).toHaveLength(2)
    })
  )

  it.effect("fails at once if the wait exceeds the budget of its retries, and sends nothing", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(() => allowed(1, 0, 45))
      const things = yield* limitedThings(client, {}, { retry: Retry.policy({ budget: "30 seconds" }) })
      yield* things.getPart("a", "b")
      const tags = { operation: "mailbox.things.getPart" }
      const before = yield* counterValue("sendmux_rate_limit_refusals", tags)
      const { exit, waits } = yield* recordWaits(things.getPart("a", "b"))
      expect(waits).toEqual([])
      expect(seen).toHaveLength(1)
      expect(errorOf(exit)).toMatchObject({
        _tag: "APIError",
        status: 429,
        code: "rate_limit_exceeded",
        retryable: true,
        attempts: 0,
        retryAfter: Duration.seconds(45),
        rateLimit: { limit: 1, remaining: 0 },
        detail:
          "The request was not sent: the rate limit allows it in 45000 ms, and the call may wait 30000 ms"
      })
      expect((yield* counterValue("sendmux_rate_limit_refusals", tags)) - before).toBe(1)
      // A policy for one call applies to its waits as well.
      const patient = things.getPart("a", "b").pipe(Retry.with(Retry.policy({ budget: "1 minute" })))
      expect((yield* recordWaits(patient)).waits).toEqual([45_000])
    })
  )

  it.effect("waits up to maxWait whatever its retry policy, and a refusal is not retried", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(() => allowed(1, 0, 45))
      const things = yield* limitedThings(client, { maxWait: "20 seconds" }, { retry: Schedule.recurs(5) })
      yield* things.getPart("a", "b")
      const { exit, waits } = yield* recordWaits(things.getPart("a", "b"))
      expect(Exit.isFailure(exit)).toBe(true)
      expect(waits).toEqual([])
      const patient = yield* limitedThings(client, { maxWait: "1 minute" }, { retry: Retry.none })
      yield* patient.getPart("a", "b")
      expect((yield* recordWaits(patient.getPart("a", "b"))).waits).toEqual([45_000])
      expect(seen).toHaveLength(3)
    })
  )

  it.effect("does not use up the timeout of its attempt while it waits", () =>
    Effect.gen(function* () {
      const { client } = mockClient(() => allowed(1, 0, 45))
      const things = yield* limitedThings(client, {}, { timeout: "5 seconds" })
      yield* things.getPart("a", "b")
      const fiber = yield* Effect.fork(things.getPart("a", "b"))
      yield* TestClock.adjust("45 seconds")
      expect(yield* Fiber.join(fiber)).toMatchObject({ id: "thg_1" })
    })
  )

  it.effect("ends as interrupted while it waits, and leaves its place to the next call", () => {
    const { layer, spans } = record()
    return Effect.gen(function* () {
      const { client, seen } = mockClient((_, index) => allowed(1, 0, index === 0 ? 45 : 105))
      const things = yield* limitedThings(client, { maxWait: "3 minutes" })
      yield* things.getPart("a", "b")
      const first = yield* Effect.fork(things.getPart("a", "first"))
      yield* TestClock.adjust(0)
      const second = yield* Effect.fork(things.getPart("a", "second"))
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("35 seconds")
      yield* Fiber.join(second)
      expect(seen.map(({ url }) => url.pathname.split("/").pop())).toEqual(["b", "second"])
      const [, interrupted] = spans.filter(({ name }) => name === "Sendmux.mailbox.things.getPart")
      expect(interrupted?.ends).toBe(1)
    }).pipe(Effect.provide(layer))
  })
})

describe("the limit", () => {
  it.effect("also holds back the retries of a call", () =>
    Effect.gen(function* () {
      const { client } = mockClient((_, index) =>
        index === 0
          ? failure(503, "service_unavailable", { headers: limitHeaders(1, 0, 20) })
          : allowed(1, 0, 80)
      )
      const things = yield* limitedThings(client)
      // The backoff of the retry is 125 ms, and the rest of the window follows.
      const { waits } = yield* recordWaits(things.getPart("a", "b"))
      expect(waits).toEqual([125, 19_875])
    })
  )

  it.effect("holds back streams and cached reads", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(({ headers }, index) =>
        headers["if-none-match"] === undefined
          ? ok(thing, { headers: { ...limitHeaders(1, 0, 60 * index + 30), etag: '"1"' } })
          : new Response(null, { status: 304, headers: limitHeaders(1, 0, 60 * index + 30) })
      )
      const things = yield* Effect.provide(limitedThings(client), EntityTagCache.layerMemory())
      yield* things.get("a")
      expect((yield* recordWaits(things.get("a"))).waits).toEqual([30_000])
      expect((yield* recordWaits(Stream.runDrain(things.download("a")))).waits).toEqual([60_000])
      expect(seen).toHaveLength(3)
    })
  )

  it.effect("is learned by the first request, whose response the others wait for", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient((_, index) =>
        later("400 millis", () => allowed(3, Math.max(0, 2 - index), 60))
      )
      const things = yield* limitedThings(client, { maxWait: "2 minutes" })
      yield* Effect.fork(atOnce(5, things.getPart("a", "b")))
      yield* TestClock.adjust(0)
      expect(seen).toHaveLength(1)
      yield* TestClock.adjust("400 millis")
      expect(seen).toHaveLength(3)
      yield* TestClock.adjust("59600 millis")
      expect(seen).toHaveLength(4)
    })
  )

  it.effect("does not let a slow first request hold up the others for more than a second", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(() => Effect.never)
      const things = yield* limitedThings(client)
      yield* Effect.fork(atOnce(5, things.getPart("a", "b")))
      yield* TestClock.adjust("999 millis")
      expect(seen).toHaveLength(1)
      yield* TestClock.adjust("1 millis")
      expect(seen).toHaveLength(5)
    })
  )

  it.effect("does not apply to a server that states none", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(() => ok({ id: "thg_1" }))
      const things = yield* limitedThings(client)
      expect((yield* recordWaits(atOnce(500, things.getPart("a", "b")))).waits).toEqual([])
      expect(seen).toHaveLength(500)
    })
  )

  it.effect("does not apply to requests without the credential", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.make({ limits: { sending: 1 } })
      const sending = yield* Effect.provide(
        Effect.provideService(
          Sending.make({ apiKey: Sandbox.mailboxKey }),
          HttpClient.HttpClient,
          sandbox.client
        ),
        RateLimit.layerMemory()
      )
      yield* sending.connection.get()
      expect((yield* recordWaits(sending.meta.getOpenApiSpec())).waits).toEqual([])
    }).pipe(Effect.scoped)
  )

  it.effect("is counted for each credential, and shared by layers with the same credential", () =>
    Effect.gen(function* () {
      const { client } = mockClient(() => allowed(1, 0, 50))
      yield* Effect.gen(function* () {
        const first = yield* makeThings(client)
        const same = yield* makeThings(client)
        const other = yield* makeThings(client, { apiKey: Redacted.make("smx_mbx_other") })
        yield* first.getPart("a", "b")
        expect((yield* recordWaits(other.getPart("a", "b"))).waits).toEqual([])
        expect((yield* recordWaits(same.getPart("a", "b"))).waits).toEqual([50_000])
      }).pipe(Effect.provide(RateLimit.layerMemory()))
    })
  )

  it.effect("is that of the layer if an effect supplies the tokens", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(() => allowed(1, 0, 50))
      let tokens = 0
      const accessToken = Effect.sync(() => Redacted.make(`token-${++tokens}`))
      const things = yield* limitedThings(client, {}, { accessToken })
      yield* things.getPart("a", "b")
      expect((yield* recordWaits(things.getPart("a", "b"))).waits).toEqual([50_000])
      expect(seen.map(({ headers }) => headers["authorization"])).toEqual([
        "Bearer token-1",
        "Bearer token-2"
      ])
    })
  )
})

describe("a refusal by the server", () => {
  it.effect("holds back other calls, and one request finds out whether it is over", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient((_, index) =>
        index === 0 ? refusal(10) : later("100 millis", () => allowed(5, 4, 70))
      )
      const things = yield* limitedThings(client, {}, { retry: Retry.none })
      yield* Effect.exit(things.getPart("a", "b"))
      const fiber = yield* Effect.fork(atOnce(3, things.getPart("a", "b")))
      yield* TestClock.adjust("9999 millis")
      expect(seen).toHaveLength(1)
      yield* TestClock.adjust("1 millis")
      expect(seen).toHaveLength(2)
      yield* TestClock.adjust("100 millis")
      expect(seen).toHaveLength(4)
      yield* TestClock.adjust("100 millis")
      yield* Fiber.join(fiber)
    })
  )

  it.effect("stops waiting at once when a response states a new window", () =>
    Effect.gen(function* () {
      // The first request is refused, and the second, which was sent before, states a later window.
      const { client, seen } = mockClient((_, index) =>
        index === 0
          ? allowed(9, 7, 30)
          : index === 1
            ? later("1 second", () => refusal(50))
            : index === 2
              ? later("5 seconds", () => allowed(9, 8, 90))
              : allowed(9, 5, 90)
      )
      const things = yield* limitedThings(client, {}, { retry: Retry.none })
      yield* things.getPart("a", "b")
      yield* Effect.fork(Effect.exit(things.getPart("a", "b")))
      yield* Effect.fork(things.getPart("a", "b"))
      yield* TestClock.adjust("1 second")
      const waiting = yield* Effect.fork(things.getPart("a", "b"))
      yield* TestClock.adjust("3 seconds")
      expect(seen).toHaveLength(3)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(waiting)
      expect(yield* Clock.currentTimeMillis).toBe(5_000)
    })
  )

  it.effect("ends waits that no longer fit, at once", () =>
    Effect.gen(function* () {
      const { client } = mockClient((_, index) =>
        index === 0 ? allowed(2, 1, 20) : later("1 second", () => refusal(55))
      )
      const things = yield* limitedThings(client, { maxWait: "30 seconds" }, { retry: Retry.none })
      yield* things.getPart("a", "b")
      const inFlight = yield* Effect.fork(Effect.exit(things.getPart("a", "b")))
      yield* TestClock.adjust(0)
      const waiting = yield* Effect.fork(Effect.exit(things.getPart("a", "b")))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(inFlight)
      expect(errorOf(yield* Fiber.join(waiting))).toMatchObject({
        code: "rate_limit_exceeded",
        attempts: 0,
        retryAfter: Duration.seconds(55)
      })
      expect(yield* Clock.currentTimeMillis).toBe(1_000)
    })
  )

  it.effect(
    "for longer than two windows holds back the refused operation only, and asks once in a window",
    () =>
      Effect.gen(function* () {
        const day = 86_400
        const { client, seen } = mockClient(({ method }) =>
          method === "GET" ? allowed(99, 98, 60) : refusal(day)
        )
        const things = yield* limitedThings(client)
        const change = Effect.exit(things.create({ text: "x" }))
        expect(errorOf(yield* change)).toMatchObject({ status: 429, attempts: 1 })
        const withheld = errorOf(yield* change)
        expect(withheld).toMatchObject({ status: 429, attempts: 0, retryAfter: Duration.seconds(day) })
        expect((yield* recordWaits(things.getPart("a", "b"))).waits).toEqual([])
        expect(seen).toHaveLength(2)
        yield* TestClock.adjust("1 minute")
        expect(errorOf(yield* change)).toMatchObject({ attempts: 1 })
        expect(errorOf(yield* change)).toMatchObject({ attempts: 0 })
        expect(seen).toHaveLength(3)
      })
  )
})

describe("the limiter", () => {
  it.effect("does not leak the credential", () =>
    Effect.gen(function* () {
      const { client } = mockClient(() => allowed(1, 0, 200))
      const things = yield* limitedThings(client)
      yield* things.getPart("a", "b")
      yield* expectNoLeak(things.getPart("a", "b"), "APIError")
      const limiter = yield* Effect.provide(CurrentLimiter, RateLimit.layerMemory())
      const gate = yield* limiter?.gateOf({ surface: "sending", baseUrl: "https://x.test", token: apiKey }) ??
        Effect.die("no limiter")
      const texts = [inspect(limiter, { depth: 20, showHidden: true }), inspect(gate, { depth: 20 })]
      expect([...texts, JSON.stringify(limiter)].filter((text) => text.includes(apiKey))).toEqual([])
    })
  )

  it("throws for options that are out of range", () => {
    expect(() => RateLimit.layerMemory({ window: "10 millis" })).toThrow(RangeError)
    expect(() => RateLimit.layerMemory({ maxWait: -1 })).toThrow("RateLimit.layerMemory: maxWait")
    expect(Layer.isLayer(RateLimit.layerMemory({ maxWait: 0, window: "1 second" }))).toBe(true)
  })
})
