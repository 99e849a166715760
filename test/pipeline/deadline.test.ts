import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { DeadlineExceededError } from "../../src/internal/model/errors.js"
import type { PipelineOptions } from "../../src/internal/pipeline/make.js"
import * as Call from "../../src/internal/timing/deadline.js"
import { growing, poll } from "../../src/internal/timing/poll.js"
import * as Retry from "../../src/internal/timing/retry.js"
import { hasEnded } from "../support/dialect/exits.js"
import { apiKey, failure, mockClient, ok, type Reaction } from "../support/http.js"
import { makeThings, type Things, untyped } from "../support/synthetic.js"
import { counterValue, record } from "../support/telemetry.js"
import { errorOf, recordWaits } from "../support/time.js"

const item = { id: "thg_1" }

const read = (things: Things) => things.getPart("a", "b")
const create = (things: Things) => things.create({ text: "x" })

/** Runs a call against a server that responds by the index of the request, and records its delays. */
const against = <A, E>(
  react: (index: number) => Reaction,
  call: (things: Things) => Effect.Effect<A, E>,
  options: Partial<PipelineOptions> = {}
) =>
  Effect.gen(function* () {
    const { client, seen } = mockClient((_, index) => react(index))
    const things = yield* makeThings(client, options)
    const { exit, waits } = yield* recordWaits(call(things))
    return { exit, waits, requests: seen.length }
  })

const never = () => Effect.never

const limited = (seconds: number) =>
  failure(429, "rate_limit_exceeded", { headers: { "retry-after": String(seconds) } })

describe("an attempt under a deadline", () => {
  it.effect("has at most the time that is left", () =>
    Effect.gen(function* () {
      const { exit, requests, waits } = yield* against(never, (things) =>
        Call.deadline(create(things), "5 seconds")
      )
      expect(errorOf(exit)).toMatchObject({
        _tag: "DeadlineExceededError",
        operation: "mailbox.things.create",
        awaited: "Response",
        remaining: Duration.zero,
        attempts: 1,
        uncertain: true
      })
      expect([requests, waits]).toEqual([1, [5_000]])
    })
  )

  it.effect("is not sent after the deadline", () =>
    Effect.gen(function* () {
      const { exit, requests } = yield* against(
        () => ok(item),
        (things) => Effect.andThen(Effect.sleep(1_000), read(things)).pipe(Call.deadline("1 second"))
      )
      expect(errorOf(exit)).toMatchObject({ awaited: "Response", attempts: 0, uncertain: false })
      expect(requests).toBe(0)
      const zero = yield* against(
        () => ok(item),
        (things) => read(things).pipe(Call.deadline(0))
      )
      expect([errorOf(zero.exit)._tag, zero.requests]).toEqual(["DeadlineExceededError", 0])
    })
  )

  it.effect("keeps its own timeout if that is earlier, and the next attempt has the rest", () =>
    Effect.gen(function* () {
      const { exit, waits } = yield* against(
        never,
        (things) => things.getPart("a", "b", { timeout: "2 seconds" }).pipe(Call.deadline("3 seconds")),
        { retry: Retry.policy({ baseDelay: 500 }) }
      )
      expect(errorOf(exit)).toMatchObject({ awaited: "Response", attempts: 2, uncertain: true })
      expect(waits).toEqual([2_000, 250, 750])
    })
  )

  it.effect("ends at the deadline where the caller cannot be interrupted", () =>
    Effect.gen(function* () {
      const { exit, waits } = yield* against(never, (things) =>
        Effect.uninterruptible(read(things)).pipe(Call.deadline("5 seconds"))
      )
      expect(errorOf(exit)._tag).toBe("DeadlineExceededError")
      expect(waits).toEqual([5_000])
    })
  )

  it.effect("includes the time of the accessToken effect", () =>
    Effect.gen(function* () {
      const { exit, requests } = yield* against(
        () => ok(item),
        (things) => read(things).pipe(Call.deadline("5 seconds")),
        { accessToken: Effect.never }
      )
      expect(errorOf(exit)).toMatchObject({ awaited: "Response", attempts: 1 })
      expect(requests).toBe(0)
    })
  )

  it.live("ends at the deadline by a plain timer on the live clock", () =>
    Effect.gen(function* () {
      const { client } = mockClient(never)
      const things = yield* makeThings(client)
      const error = yield* Effect.flip(read(things).pipe(Call.deadline(20)))
      expect(error).toMatchObject({ _tag: "DeadlineExceededError", awaited: "Response", attempts: 1 })
    })
  )
})

describe("a delay before the next attempt", () => {
  it.effect("fails the call at once if it would end after the deadline, with the last failure", () =>
    Effect.gen(function* () {
      const { exit, requests, waits } = yield* against(
        () => limited(30),
        (things) => create(things).pipe(Call.deadline("10 seconds"))
      )
      const error = errorOf(exit)
      expect(error).toMatchObject({
        _tag: "DeadlineExceededError",
        awaited: "Retry",
        remaining: Duration.seconds(10),
        needed: Duration.seconds(30),
        attempts: 1,
        uncertain: false,
        failure: { _tag: "APIError", code: "rate_limit_exceeded", requestId: "req_failed" }
      })
      expect(error.message).toBe(
        "mailbox.things.create: the deadline does not allow the wait of 30000 ms for the next attempt: 10000 ms are left; the last attempt failed: mailbox.things.create: 429 rate_limit_exceeded: It is rate_limit_exceeded, request req_failed"
      )
      expect([requests, waits]).toEqual([1, []])
    })
  )

  it.effect("is made if it ends before the deadline", () =>
    Effect.gen(function* () {
      const { exit, requests, waits } = yield* against(
        (index) => (index === 0 ? limited(10) : ok(item)),
        (things) => create(things).pipe(Call.deadline("10001 millis"))
      )
      expect([exit, requests, waits]).toEqual([Exit.succeed(item), 2, [10_000]])
    })
  )

  it.effect("says that the server may have run the request, if an attempt had no response", () =>
    Effect.gen(function* () {
      const { exit } = yield* against(
        (index) => (index === 0 ? "network" : failure(503, "service_unavailable")),
        (things) => create(things).pipe(Call.deadline(200)),
        { retry: Retry.policy({ baseDelay: 200 }) }
      )
      expect(errorOf(exit)).toMatchObject({ awaited: "Retry", attempts: 2, uncertain: true })
    })
  )

  it.effect("leaves a failure that is not retried as it is", () =>
    Effect.gen(function* () {
      const { exit } = yield* against(
        () => failure(404, "not_found"),
        (things) => read(things).pipe(Call.deadline("10 seconds"))
      )
      expect(errorOf(exit)).toMatchObject({ _tag: "APIError", code: "not_found" })
      const exhausted = yield* against(
        () => failure(503, "service_unavailable"),
        (things) => read(things).pipe(Call.deadline("10 minutes"))
      )
      expect(errorOf(exhausted.exit)).toMatchObject({ _tag: "APIError", attempts: 3 })
    })
  )
})

describe("nested deadlines", () => {
  it.effect("end at the earliest of them", () =>
    Effect.gen(function* () {
      for (const [inner, outer] of [
        [2_000, 5_000],
        [5_000, 2_000],
        [2_000, Number.POSITIVE_INFINITY],
        [Number.POSITIVE_INFINITY, 2_000]
      ] as const) {
        const { waits } = yield* against(never, (things) =>
          read(things).pipe(Call.deadline(inner), Call.deadline(outer))
        )
        expect(waits).toEqual([2_000])
      }
    })
  )

  it.effect("do not affect the calls after them", () =>
    Effect.gen(function* () {
      const { exit } = yield* against(
        (index) => (index === 0 ? Effect.never : Effect.delay(Effect.succeed(ok(item)), 3_000)),
        (things) => Effect.andThen(Effect.flip(read(things).pipe(Call.deadline(10))), read(things))
      )
      expect(exit).toEqual(Exit.succeed(item))
    })
  )

  it.effect("apply to the fibers that are started inside", () =>
    Effect.gen(function* () {
      const { exit, waits } = yield* against(never, (things) =>
        Effect.forEach([1, 2, 3], () => Effect.flip(read(things)), { concurrency: 3 }).pipe(
          Call.deadline("1 second")
        )
      )
      expect(exit).toMatchObject({ value: [{ attempts: 1 }, { attempts: 1 }, { attempts: 1 }] })
      expect(waits).toEqual([1_000])
    })
  )
})

describe("the time that is left", () => {
  it.effect("is known inside of a deadline only", () =>
    Effect.gen(function* () {
      expect(yield* Call.remaining).toEqual(Option.none())
      expect(yield* Call.remaining.pipe(Call.deadline("3 seconds"))).toEqual(Option.some(Duration.seconds(3)))
      const late = Effect.andThen(Effect.sleep("4 seconds"), Call.remaining).pipe(Call.deadline("3 seconds"))
      const running = yield* Effect.fork(late)
      yield* TestClock.adjust("4 seconds")
      expect(yield* Fiber.join(running)).toEqual(Option.some(Duration.zero))
      expect(yield* Call.remaining.pipe(Call.deadline(Number.POSITIVE_INFINITY))).toEqual(Option.none())
    })
  )

  it("cannot be negative or something other than a duration", () => {
    for (const duration of [-1, Number.NaN, "soon", undefined]) {
      expect(() => Call.deadline(Effect.void, untyped(duration))).toThrow(
        new RangeError("Call.deadline: the duration must be zero or more")
      )
    }
  })
})

describe("a stream under a deadline", () => {
  it.effect("has the time from its start to its end, all pages together", () =>
    Effect.gen(function* () {
      const page = (index: number) =>
        Effect.delay(
          Effect.succeed(
            new Response(
              JSON.stringify({
                ok: true,
                data: [item],
                pagination: { has_more: true, next_cursor: `c${index}` }
              })
            )
          ),
          1_000
        )
      const { client, seen } = mockClient((_, index) => page(index))
      const things = yield* makeThings(client)
      const list = things.list().pipe(Call.deadline("2500 millis"))
      yield* TestClock.adjust("1 hour")
      const { exit, waits } = yield* recordWaits(Stream.runDrain(list))
      expect(errorOf(exit)).toMatchObject({ _tag: "DeadlineExceededError", awaited: "Response" })
      expect([seen.length, waits]).toEqual([3, [1_000, 1_000, 500]])
    })
  )

  const stalled = () => {
    let cancelled = false
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(3)),
      cancel: () => {
        cancelled = true
      }
    })
    return { response: new Response(body), wasCancelled: () => cancelled }
  }

  for (const idleTimeout of ["20 seconds", Number.POSITIVE_INFINITY] as const) {
    it.effect(`ends a download that waits, with idleTimeout ${idleTimeout}`, () =>
      Effect.gen(function* () {
        const server = stalled()
        const { client } = mockClient(() => server.response)
        const things = yield* makeThings(client)
        const running = yield* Effect.fork(
          Effect.flip(Stream.runDrain(things.download("a", { idleTimeout }).pipe(Call.deadline("5 seconds"))))
        )
        yield* TestClock.adjust(4_999)
        expect(hasEnded(running)).toBe(false)
        yield* TestClock.adjust(1)
        expect(yield* Fiber.join(running)).toMatchObject({
          _tag: "DeadlineExceededError",
          operation: "mailbox.things.download",
          awaited: "Response"
        })
        expect(server.wasCancelled()).toBe(true)
      })
    )
  }

  it.effect("keeps the idleTimeout of a download that is earlier", () =>
    Effect.gen(function* () {
      const { client } = mockClient(() => stalled().response)
      const things = yield* makeThings(client)
      const download = things.download("a", { idleTimeout: "2 seconds" }).pipe(Call.deadline("5 seconds"))
      const running = yield* Effect.fork(Effect.flip(Stream.runDrain(download)))
      yield* TestClock.adjust(2_000)
      expect(yield* Fiber.join(running)).toMatchObject({ _tag: "TransportError", reason: "Timeout" })
    })
  )

  it.effect("fails without waiting if it is read after the deadline, also outside of it", () =>
    Effect.gen(function* () {
      const { client } = mockClient(() => new Response("abc"))
      const things = yield* makeThings(client)
      const { data } = yield* things.download.withResponse("a").pipe(Call.deadline("5 seconds"))
      yield* TestClock.adjust("5 seconds")
      const error = yield* Effect.flip(Stream.runDrain(data))
      expect(error._tag).toBe("DeadlineExceededError")
    })
  )

  it.effect("ends live events that wait", () =>
    Effect.gen(function* () {
      const { response, wasCancelled } = stalled()
      const { client } = mockClient(
        () => new Response(response.body, { headers: { "content-type": "text/event-stream" } })
      )
      const things = yield* makeThings(client)
      const events = Stream.flatMap(things.events(), (batches) => batches).pipe(Call.deadline("5 seconds"))
      const running = yield* Effect.fork(Effect.flip(Stream.runDrain(events)))
      yield* TestClock.adjust(5_000)
      expect((yield* Fiber.join(running))._tag).toBe("DeadlineExceededError")
      expect(wasCancelled()).toBe(true)
    })
  )

  it.effect("also limits the reading of an upload", () =>
    Effect.gen(function* () {
      const content = Stream.concat(Stream.make(new Uint8Array(3)), Stream.never)
      const { exit, requests, waits } = yield* against(
        () => ok(item),
        (things) =>
          things
            .upload({ name: "a", content, size: 6 })
            .pipe(Effect.uninterruptible, Call.deadline("5 seconds"))
      )
      expect(errorOf(exit)).toMatchObject({ awaited: "Input", attempts: 0, uncertain: false })
      expect([requests, waits]).toEqual([0, [5_000]])
    })
  )
})

describe("a method that waits, under a deadline", () => {
  const waiting = (timeout: number, deadline: number, checks: Array<number> = []) =>
    recordWaits(
      poll({
        operation: "mailbox.things.wait",
        read: Effect.sync(() => {
          checks.push(1)
          return Option.none<number>()
        }),
        options: undefined,
        schedule: growing(1_000, 10_000),
        timeout,
        gaveUp: ({ waited }) => ({ _tag: "GaveUp" as const, waited })
      }).pipe(Effect.uninterruptible, Call.deadline(deadline))
    )

  it.effect("fails at once if its next check would be after the deadline", () =>
    Effect.gen(function* () {
      const { exit, waits } = yield* waiting(Number.POSITIVE_INFINITY, 4_000)
      expect(errorOf(exit)).toMatchObject({
        _tag: "DeadlineExceededError",
        operation: "mailbox.things.wait",
        awaited: "Check",
        needed: Duration.millis(2_250),
        remaining: Duration.millis(1_500),
        attempts: 3,
        uncertain: false
      })
      expect(waits).toEqual([1_000, 1_500])
    })
  )

  it.effect("has its own timeout if that is earlier", () =>
    Effect.gen(function* () {
      const { exit } = yield* recordWaits(
        poll({
          operation: "mailbox.things.wait",
          read: Effect.succeed(Option.none<number>()),
          options: undefined,
          schedule: growing(1_000, 10_000),
          timeout: 3_000,
          gaveUp: ({ waited }) => ({ _tag: "GaveUp" as const, waited })
        }).pipe(Call.deadline(3_500))
      )
      expect(errorOf(exit)).toEqual({ _tag: "GaveUp", waited: Duration.millis(3_000) })
    })
  )

  it.effect("fails at once if the server asks for a longer wait", () =>
    Effect.gen(function* () {
      const { client } = mockClient(() => limited(30))
      const things = yield* makeThings(client, { retry: Retry.none })
      const { exit, waits } = yield* recordWaits(
        poll({
          operation: "mailbox.things.wait",
          read: Effect.as(read(things), Option.none<number>()),
          options: undefined,
          schedule: growing(1_000, 10_000),
          timeout: 60_000,
          gaveUp: () => ({ _tag: "GaveUp" as const })
        }).pipe(Call.deadline("10 seconds"))
      )
      expect(errorOf(exit)).toMatchObject({
        _tag: "DeadlineExceededError",
        awaited: "Check",
        needed: Duration.seconds(30),
        failure: { code: "rate_limit_exceeded" }
      })
      expect(waits).toEqual([])
    })
  )
})

describe("the error of a deadline", () => {
  const exceeded = Effect.gen(function* () {
    const { exit } = yield* against(
      () =>
        failure(429, "rate_limit_exceeded", { headers: { "retry-after": "30" }, message: `for ${apiKey}` }),
      (things) => create(things).pipe(Call.deadline("10 seconds"))
    )
    return errorOf(exit)
  })

  it.effect("can be encoded as JSON and decoded again, with its failure", () =>
    Effect.gen(function* () {
      const error = yield* exceeded
      if (error._tag !== "DeadlineExceededError") throw new Error(error._tag)
      const json = JSON.stringify(yield* Schema.encode(DeadlineExceededError)(error))
      const decoded = yield* Schema.decodeUnknown(DeadlineExceededError)(JSON.parse(json))
      expect(decoded).toBeInstanceOf(DeadlineExceededError)
      expect(decoded.message).toBe(error.message)
      expect(decoded.failure).toMatchObject({ _tag: "APIError", retryAfter: Duration.seconds(30) })
    })
  )

  it.effect("does not contain the credential, which the server has echoed", () =>
    Effect.gen(function* () {
      const error = yield* exceeded
      for (const text of [error.message, String(error), JSON.stringify(error)]) {
        expect(text).toContain("<redacted>")
        expect(text).not.toContain(Redacted.value(Redacted.make(apiKey)))
      }
    })
  )

  it.effect("is the outcome of the call in spans and metrics", () =>
    Effect.gen(function* () {
      const { layer, spans } = record()
      const tags = { operation: "mailbox.things.create", outcome: "DeadlineExceededError" }
      const before = yield* counterValue("sendmux_calls", tags)
      yield* Effect.provide(exceeded, layer)
      expect((yield* counterValue("sendmux_calls", tags)) - before).toBe(1)
      const call = spans.find(({ name }) => name === "Sendmux.mailbox.things.create")
      expect(call?.attributes.get("sendmux.attempts")).toBe(1)
      expect(call?.status).toMatchObject({ _tag: "Ended", exit: { _tag: "Failure" } })
      expect(call?.ends).toBe(1)
    })
  )
})
