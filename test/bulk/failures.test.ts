import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { Bulk, Ledger, type Outcome } from "../../src/Bulk.js"
import * as Call from "../../src/internal/timing/deadline.js"
import * as Sandbox from "../../src/Sandbox.js"
import { mockClient, ok, sendingOver } from "../support/http.js"
import {
  arrivals,
  batch,
  collect,
  duplicates,
  messages,
  options,
  requests,
  services,
  tags
} from "./support.js"
import { live, settled } from "./time.js"

const inject = (kind: Sandbox.FaultKind, times = 1) =>
  Effect.flatMap(Sandbox.Control, (control) => control.inject({ operation: batch, kind, times }))

/** Runs a campaign until it fails, and returns the error with the outcomes that came before. */
const failing = (
  count: number,
  more: Partial<typeof options> & { readonly total?: number; readonly maxItemRetries?: number } = {}
) =>
  Effect.suspend(() => {
    const outcomes: Array<Outcome> = []
    const run = Stream.runForEach(
      Bulk.send(messages(count), { ...options, concurrency: 1, ...more }),
      (outcome) => Effect.sync(() => outcomes.push(outcome))
    )
    return Effect.map(live(Effect.flip(run)), (error) => ({ error, outcomes }))
  })

describe("Bulk.send, when requests fail", () => {
  const transient: ReadonlyArray<readonly [string, Sandbox.FaultKind]> = [
    ["a 503", { _tag: "ErrorResponse", status: 503 }],
    ["a 500", { _tag: "ErrorResponse", status: 500 }],
    ["a 502 of a proxy", { _tag: "BadGateway" }],
    ["a lost connection", { _tag: "ConnectionLost" }],
    ["a lost response", { _tag: "ResponseLost" }],
    ["a truncated response", { _tag: "ResponseTruncated" }],
    ["a 429", { _tag: "RateLimited", retryAfter: 7 }]
  ]
  for (const [name, kind] of transient) {
    it.effect(`sends each message once after ${name}`, () =>
      Effect.gen(function* () {
        yield* inject(kind, 2)
        expect(tags(yield* live(collect(messages(250))))).toEqual({ Queued: 250 })
        expect((yield* arrivals).size).toBe(250)
        expect(yield* duplicates).toEqual([])
        expect((yield* requests).length).toBe(5)
      }).pipe(Effect.provide(services()))
    )
  }

  it.effect("sends a chunk again under the same key after a lost response", () =>
    Effect.gen(function* () {
      yield* inject({ _tag: "ResponseLost" })
      yield* live(collect(messages(3)))
      const keys = (yield* requests).map(({ headers }) => headers["idempotency-key"])
      expect(keys).toHaveLength(2)
      expect(keys[0]).toBe(keys[1])
      expect(keys[0]).toMatch(/^sendmux-bulk-[\w-]{22}$/)
    }).pipe(Effect.provide(services()))
  )

  const stops: ReadonlyArray<readonly [number, string | undefined, string]> = [
    [401, undefined, "credentials"],
    [402, undefined, "credits"],
    [403, "billing_restricted", "forbidden"],
    [404, undefined, "refused"],
    [503, "no_active_providers", "providers"]
  ]
  for (const [status, code, reason] of stops) {
    it.effect(`stops at a ${status} with the reason ${reason}, and resumes with nothing lost`, () =>
      Effect.gen(function* () {
        const control = yield* Sandbox.Control
        yield* live(collect(messages(100)))
        yield* control.inject({ operation: batch, kind: { _tag: "ErrorResponse", status, code } })
        const { error, outcomes } = yield* failing(300, { total: 300 })
        expect(error._tag).toBe("BulkStopped")
        if (error._tag !== "BulkStopped") return
        expect([error.reason, error.queued, error.inFlight, error.remaining]).toEqual([reason, 100, 0, 200])
        expect(error.message).toContain(`The run stopped (${reason}) with 100 queued`)
        expect(tags(outcomes)).toEqual({ Queued: 100 })
        expect(tags(yield* live(collect(messages(300))))).toEqual({ Queued: 300 })
        expect(yield* duplicates).toEqual([])
      }).pipe(Effect.provide(services()))
    )
  }

  it.effect("keeps a chunk in flight that may have been accepted before the run stopped", () =>
    Effect.gen(function* () {
      yield* inject({ _tag: "ResponseLost" })
      yield* inject({ _tag: "ErrorResponse", status: 401 })
      const { error } = yield* failing(100)
      expect(error._tag === "BulkStopped" && [error.reason, error.inFlight]).toEqual(["credentials", 100])
      expect((yield* arrivals).size).toBe(100)
      expect(tags(yield* live(collect(messages(100))))).toEqual({ Queued: 100 })
      expect(yield* duplicates).toEqual([])
    }).pipe(Effect.provide(services()))
  )

  it.effect("stops at a daily limit and says how long to wait, unless maxWait allows the wait", () =>
    Effect.gen(function* () {
      yield* inject({ _tag: "RateLimited", retryAfter: 20 * 3600 })
      const { error } = yield* failing(10)
      expect(error._tag === "BulkStopped" && [error.reason, error.retryAfter]).toEqual([
        "rate_limit",
        expect.objectContaining({ value: { _tag: "Millis", millis: 20 * 3_600_000 } })
      ])
      yield* inject({ _tag: "RateLimited", retryAfter: 20 * 3600 })
      const before = yield* Clock.currentTimeMillis
      const fiber = yield* Effect.fork(collect(messages(10), { ...options, maxWait: "25 hours" }))
      yield* settled
      expect(yield* requests).toHaveLength(2)
      yield* TestClock.adjust("19 hours")
      yield* settled
      expect(yield* requests).toHaveLength(2)
      yield* TestClock.adjust("1 hour")
      expect(tags(yield* live(Fiber.join(fiber)))).toEqual({ Queued: 10 })
      expect((yield* Clock.currentTimeMillis) - before).toBeGreaterThan(20 * 3_600_000)
    }).pipe(Effect.provide(services()))
  )

  it.effect(
    "stops at once if the next attempt would be after the deadline, and continues in the next run",
    () =>
      Effect.gen(function* () {
        const stopped = (count: number) =>
          Effect.map(
            live(
              Effect.flip(
                Stream.runDrain(
                  Bulk.send(messages(count), { ...options, concurrency: 1 }).pipe(Call.deadline("20 seconds"))
                )
              )
            ),
            (error) =>
              error._tag === "BulkStopped" ? [error.reason, error.inFlight, error.error._tag] : error
          )
        yield* inject({ _tag: "RateLimited", retryAfter: 30 })
        expect(yield* stopped(10)).toEqual(["deadline", 0, "APIError"])
        yield* inject({ _tag: "ErrorResponse", status: 503 }, 10_000)
        expect(yield* stopped(10)).toEqual(["deadline", 0, "APIError"])
        const control = yield* Sandbox.Control
        yield* control.clearFaults
        yield* inject({ _tag: "Slow", millis: 60_000 })
        expect(yield* stopped(10)).toEqual(["deadline", 10, "DeadlineExceededError"])
        expect(tags(yield* live(collect(messages(10))))).toEqual({ Queued: 10 })
        expect(yield* duplicates).toEqual([])
      }).pipe(Effect.provide(services()))
  )

  it.effect("stops when requests fail for longer than giveUpAfter", () =>
    Effect.gen(function* () {
      yield* inject({ _tag: "ErrorResponse", status: 503 }, 10_000)
      const { error } = yield* failing(10)
      expect(error._tag === "BulkStopped" && error.reason).toBe("unavailable")
      const control = yield* Sandbox.Control
      yield* control.clearFaults
      expect(tags(yield* live(collect(messages(10))))).toEqual({ Queued: 10 })
    }).pipe(Effect.provide(services()))
  )

  it.effect("reports a message as Unconfirmed when its key has expired, and does not send it again", () =>
    Effect.gen(function* () {
      yield* inject({ _tag: "ResponseLost" })
      yield* inject({ _tag: "ErrorResponse", status: 401 })
      yield* failing(2)
      yield* TestClock.adjust("25 hours")
      const outcomes = yield* live(collect(messages(3)))
      expect(outcomes.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual([
        { _tag: "Unconfirmed", id: "m-0", reason: "expired" },
        { _tag: "Unconfirmed", id: "m-1", reason: "expired" },
        expect.objectContaining({ _tag: "Queued", id: "m-2" })
      ])
      expect(yield* duplicates).toEqual([])
    }).pipe(Effect.provide(services()))
  )

  it.effect("sends a message after more than 24 hours that was certainly not sent before", () =>
    Effect.gen(function* () {
      yield* inject({ _tag: "ErrorResponse", status: 402 })
      yield* failing(2)
      yield* TestClock.adjust("25 hours")
      expect(tags(yield* live(collect(messages(2))))).toEqual({ Queued: 2 })
    }).pipe(Effect.provide(services()))
  )

  it.effect("waits for a request under the same key that is still running", () =>
    Effect.gen(function* () {
      yield* inject({ _tag: "Slow", millis: 100_000 })
      expect(tags(yield* live(collect(messages(5))))).toEqual({ Queued: 5 })
      expect((yield* requests).length).toBeGreaterThan(2)
      expect(yield* duplicates).toEqual([])
    }).pipe(Effect.provide(services()))
  )

  it.effect("reports a message as Unconfirmed when its key stays in conflict", () =>
    Effect.gen(function* () {
      yield* inject({ _tag: "ErrorResponse", status: 409, code: "idempotency_conflict" }, 10_000)
      const outcomes = yield* live(collect(messages(2)))
      expect(outcomes.map((outcome) => outcome._tag === "Unconfirmed" && outcome.reason)).toEqual([
        "conflict",
        "conflict"
      ])
    }).pipe(Effect.provide(services()))
  )

  it.effect("leaves a chunk to the next run when it is interrupted during a request", () =>
    Effect.gen(function* () {
      yield* inject({ _tag: "Slow", millis: 30_000 })
      const fiber = yield* Effect.fork(collect(messages(5)))
      yield* TestClock.adjust("5 seconds")
      expect((yield* arrivals).size).toBe(5)
      yield* Fiber.interrupt(fiber)
      expect(tags(yield* live(collect(messages(5))))).toEqual({ Queued: 5 })
      expect(yield* duplicates).toEqual([])
    }).pipe(Effect.provide(services()))
  )

  it.effect(
    "sends a chunk only once if the source repeats it while it is in flight, even if a 429 releases chunks",
    () =>
      Effect.gen(function* () {
        yield* inject({ _tag: "Slow", millis: 3_000 })
        yield* inject({ _tag: "RateLimited", retryAfter: 1 }, 3)
        const source = [...messages(100), ...messages(100), ...messages(100)]
        expect(tags(yield* live(collect(source)))).toEqual({ Queued: 300 })
        expect((yield* arrivals).size).toBe(100)
        expect(yield* duplicates).toEqual([])
      }).pipe(Effect.provide(services()))
  )

  it.effect("shares the campaign with another runner on the same ledger, and sends nothing twice", () =>
    Effect.gen(function* () {
      yield* inject({ _tag: "ResponseLost" }, 3)
      yield* inject({ _tag: "Slow", millis: 5_000 }, 3)
      const [first, second] = yield* live(
        Effect.all([collect(messages(2_000)), collect(messages(2_000))], { concurrency: 2 })
      )
      expect(tags(first)).toEqual({ Queued: 2_000 })
      expect(tags(second)).toEqual({ Queued: 2_000 })
      expect((yield* arrivals).size).toBe(2_000)
      expect(yield* duplicates).toEqual([])
    }).pipe(Effect.provide(services()))
  )

  describe("of single messages", () => {
    /** A server that responds to the first requests with an error for each message whose subject ends with 1. */
    const failingItems = (code: string, requests: number) =>
      mockClient(({ body }, index) => {
        const batch: { readonly messages: ReadonlyArray<{ readonly subject: string }> } = JSON.parse(body)
        const results = batch.messages.map(({ subject }, at) =>
          index < requests && subject.endsWith("1")
            ? {
                index: at,
                message_id: null,
                status: "failed",
                error: { code, message: "later", retryable: true }
              }
            : { index: at, message_id: `eml_${subject}`, status: "queued" }
        )
        return ok({ results, summary: { total: results.length, queued: results.length, failed: 0 } })
      })

    it.effect("sends a message again in a later chunk, under another key", () => {
      const { client, seen } = failingItems("service_unavailable", 3)
      return Effect.gen(function* () {
        expect(tags(yield* live(collect(messages(10))))).toEqual({ Queued: 10 })
        expect(seen.map(({ body }) => JSON.parse(body).messages.length)).toEqual([10, 1, 1, 1])
        expect(new Set(seen.map(({ headers }) => headers["idempotency-key"])).size).toBe(4)
      }).pipe(Effect.provide(sendingOver(client)), Effect.provide(Ledger.layerMemory))
    })

    it.effect("rejects a message with the server's error when it has been sent again too often", () => {
      const { client, seen } = failingItems("service_unavailable", 100)
      return Effect.gen(function* () {
        const outcomes = yield* live(collect(messages(10), { ...options, maxItemRetries: 2 }))
        expect(tags(outcomes)).toEqual({ Queued: 9, Rejected: 1 })
        expect(seen).toHaveLength(3)
      }).pipe(Effect.provide(sendingOver(client)), Effect.provide(Ledger.layerMemory))
    })

    it.effect("stops when the rate limit keeps refusing a message, and sends it in a later run", () => {
      const { client } = failingItems("rate_limit_exceeded", 4)
      return Effect.gen(function* () {
        const { error, outcomes } = yield* failing(10, { maxItemRetries: 2, total: 10 })
        expect(tags(outcomes)).toEqual({ Queued: 9 })
        expect(error._tag === "BulkStopped" && [error.reason, error.remaining]).toEqual(["rate_limit", 1])
        expect(tags(yield* live(collect(messages(10))))).toEqual({ Queued: 10 })
      }).pipe(Effect.provide(sendingOver(client)), Effect.provide(Ledger.layerMemory))
    })
  })
})
