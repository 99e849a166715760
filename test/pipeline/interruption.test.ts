import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import type { SendmuxError } from "../../src/internal/model/errors.js"
import * as Retry from "../../src/internal/timing/retry.js"
import { failedWith } from "../support/dialect/exits.js"
import { metrics } from "../support/dialect/telemetry.js"
import { failure, mockClient, ok } from "../support/http.js"
import { makeThings, type Things } from "../support/synthetic.js"
import { counterValue, type RecordedSpan, record } from "../support/telemetry.js"

const item = { id: "thg_1" }
const withoutTimeout = { timeout: Number.POSITIVE_INFINITY }
const read = (things: Things) => things.getPart("a", "b")

/** The number of ended calls of an operation, by outcome. */
const outcomes = (operation: string): Effect.Effect<Readonly<Record<string, number>>> =>
  Effect.map(metrics, (all) => {
    const counts: Record<string, number> = {}
    for (const { name, state, tags } of all) {
      const count: unknown = Reflect.get(state, "count")
      if (name === "sendmux_calls" && tags["operation"] === operation) {
        counts[tags["outcome"] ?? ""] = Number(count)
      }
    }
    return counts
  })

/** Runs an effect and returns by how much it has changed the counts of an operation's outcomes. */
const countedDuring = <A, E, R>(operation: string, self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const before = yield* outcomes(operation)
    yield* self
    const after = yield* outcomes(operation)
    const changes = Object.entries(after).map(([outcome, count]) => [outcome, count - (before[outcome] ?? 0)])
    return Object.fromEntries(changes.filter(([, change]) => change !== 0))
  })

const exitOf = ({ status }: RecordedSpan): Exit.Exit<unknown, unknown> | undefined =>
  status._tag === "Ended" ? status.exit : undefined

const isInterrupted = (span: RecordedSpan): boolean => {
  const exit = exitOf(span)
  return exit !== undefined && Exit.isInterrupted(exit)
}

describe("interruption between a failed attempt and its retry", () => {
  const interruptedInDelay = (policy?: Retry.RetryPolicy) => {
    const { layer, spans } = record()
    return Effect.gen(function* () {
      const { client, seen } = mockClient(() => failure(503, "service_unavailable"))
      const things = yield* makeThings(client, withoutTimeout)
      const call = policy === undefined ? read(things) : Retry.with(read(things), policy)
      const fiber = yield* Effect.fork(call)
      yield* TestClock.adjust(0)
      expect(seen).toHaveLength(1)
      const exit = yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 hour")
      return { exit, requests: seen.length, spans }
    }).pipe(Effect.provide(layer))
  }

  it.effect("sends no further request and ends the call as interrupted", () =>
    Effect.gen(function* () {
      const { exit, requests } = yield* interruptedInDelay()
      expect(Exit.isInterrupted(exit)).toBe(true)
      expect(requests).toBe(1)
    })
  )

  it.effect("ends the span of the call as interrupted, after the failed span of the attempt", () =>
    Effect.gen(function* () {
      const { spans } = yield* interruptedInDelay()
      const [call, attempt, ...others] = spans
      expect(others).toEqual([])
      if (call === undefined || attempt === undefined) return expect.unreachable("two spans were expected")
      expect(isInterrupted(call)).toBe(true)
      expect(call.attributes.get("sendmux.attempts")).toBe(1)
      expect(exitOf(attempt)).toMatchObject(failedWith({ _tag: "APIError", status: 503 }))
    })
  )

  it.effect("counts the call once, with the outcome interrupt", () =>
    Effect.gen(function* () {
      const counted = yield* countedDuring("mailbox.things.getPart", interruptedInDelay())
      expect(counted).toEqual({ interrupt: 1 })
    })
  )

  it.effect("works in the delay of a policy that was set with Retry.with", () =>
    Effect.gen(function* () {
      const policy = Retry.policy({
        maxAttempts: 10,
        baseDelay: "10 minutes",
        maxDelay: "10 minutes",
        budget: "1 day"
      })
      const { exit, requests } = yield* interruptedInDelay(policy)
      expect(Exit.isInterrupted(exit)).toBe(true)
      expect(requests).toBe(1)
    })
  )

  it.effect("sends no further request when a timeout of the caller interrupts the delay", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(() =>
        failure(429, "rate_limit_exceeded", { headers: { "retry-after": "30" } })
      )
      const things = yield* makeThings(client, withoutTimeout)
      const fiber = yield* Effect.fork(Effect.timeoutOption(read(things), "5 seconds"))
      yield* TestClock.adjust("5 seconds")
      expect(yield* Fiber.join(fiber)).toEqual(Option.none())
      yield* TestClock.adjust("1 hour")
      expect(seen).toHaveLength(1)
    })
  )
})

describe("interruption of an attempt", () => {
  it.effect("counts the call and ends both spans once, whichever attempt is interrupted", () =>
    Effect.gen(function* () {
      for (const failures of [0, 1, 2]) {
        const { layer, spans } = record()
        const counted = yield* countedDuring(
          "mailbox.things.getPart",
          Effect.gen(function* () {
            const { client, seen } = mockClient((_, index) =>
              index < failures ? failure(503, "service_unavailable") : Effect.never
            )
            const things = yield* makeThings(client, withoutTimeout)
            const fiber = yield* Effect.fork(read(things))
            yield* TestClock.adjust("1 minute")
            expect(seen).toHaveLength(failures + 1)
            yield* Fiber.interrupt(fiber)
          }).pipe(Effect.provide(layer))
        )
        expect(counted).toEqual({ interrupt: 1 })
        expect(spans.map(({ ends, name }) => [name, ends])).toEqual([
          ["Sendmux.mailbox.things.getPart", 1],
          ...Array.from({ length: failures + 1 }, () => ["Sendmux.attempt", 1])
        ])
        expect(spans.filter(isInterrupted).map(({ name }) => name)).toEqual([
          "Sendmux.mailbox.things.getPart",
          "Sendmux.attempt"
        ])
      }
    })
  )

  it.effect("waits until the client has released the request", () =>
    Effect.gen(function* () {
      const released: Array<string> = []
      const { client } = mockClient(() =>
        Effect.onInterrupt(Effect.never, () =>
          Effect.zipRight(
            Effect.yieldNow(),
            Effect.sync(() => released.push("request"))
          )
        )
      )
      const things = yield* makeThings(client, withoutTimeout)
      const fiber = yield* Effect.fork(read(things))
      yield* TestClock.adjust(0)
      yield* Fiber.interrupt(fiber)
      expect(released).toEqual(["request"])
    })
  )

  it.effect("counts the call once when its own timeout and that of the caller elapse at the same time", () =>
    Effect.gen(function* () {
      const { client } = mockClient(() => Effect.never)
      const things = yield* makeThings(client, { timeout: "1 second", retry: Retry.none })
      const counted = yield* countedDuring(
        "mailbox.things.getPart",
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.timeoutOption(read(things), "1 second"))
          yield* TestClock.adjust("1 second")
          yield* Fiber.await(fiber)
        })
      )
      expect(Object.values(counted)).toEqual([1])
    })
  )
})

/** Ways to run a call where its fiber cannot be interrupted, and to observe its failure. */
const regions: Readonly<
  Record<string, (call: Effect.Effect<unknown, SendmuxError>) => Effect.Effect<SendmuxError, unknown>>
> = {
  "under Effect.uninterruptible": (call) => Effect.uninterruptible(Effect.flip(call)),
  "in the acquisition of Effect.acquireRelease": (call) =>
    Effect.scoped(Effect.acquireRelease(Effect.flip(call), () => Effect.void)),
  "in a finalizer": (call) =>
    Effect.gen(function* () {
      const failed = yield* Deferred.make<SendmuxError>()
      const scope = yield* Scope.make()
      yield* Scope.addFinalizer(
        scope,
        Effect.ignore(Effect.flatMap(Effect.flip(call), (error) => Deferred.succeed(failed, error)))
      )
      yield* Scope.close(scope, Exit.void)
      return yield* Deferred.await(failed)
    }),
  "in Effect.ensuring of an interrupted fiber": (call) =>
    Effect.gen(function* () {
      const failed = yield* Deferred.make<SendmuxError>()
      const cleanUp = Effect.ignore(
        Effect.flatMap(Effect.flip(call), (error) => Deferred.succeed(failed, error))
      )
      const fiber = yield* Effect.fork(Effect.ensuring(Effect.never, cleanUp))
      yield* Effect.yieldNow()
      yield* Fiber.interruptFork(fiber)
      return yield* Deferred.await(failed)
    })
}

const timedOut = { _tag: "TransportError", reason: "Timeout", attempts: 1 }

for (const [region, run] of Object.entries(regions)) {
  describe(`a call ${region}`, () => {
    it.effect("fails with its timeout under the test clock", () =>
      Effect.gen(function* () {
        let interrupted = 0
        const { client, seen } = mockClient(() =>
          Effect.onInterrupt(Effect.never, () => Effect.sync(() => void interrupted++))
        )
        const things = yield* makeThings(client, { timeout: "5 seconds", retry: Retry.none })
        const fiber = yield* Effect.fork(run(read(things)))
        yield* TestClock.adjust("4999 millis")
        expect(yield* Fiber.poll(fiber)).toEqual(Option.none())
        yield* TestClock.adjust("1 millis")
        expect(yield* Fiber.join(fiber)).toMatchObject(timedOut)
        expect([seen.length, interrupted]).toEqual([1, 1])
      })
    )

    it.live("fails with its timeout under the live clock", () =>
      Effect.gen(function* () {
        let interrupted = 0
        const { client } = mockClient(() =>
          Effect.onInterrupt(Effect.never, () => Effect.sync(() => void interrupted++))
        )
        const things = yield* makeThings(client, { timeout: 20, retry: Retry.none })
        expect(yield* run(read(things))).toMatchObject(timedOut)
        expect(interrupted).toBe(1)
      })
    )

    it.effect("limits the opening of a stream as well", () =>
      Effect.gen(function* () {
        const { client } = mockClient(() => Effect.never)
        const things = yield* makeThings(client, { timeout: "5 seconds", retry: Retry.none })
        const fiber = yield* Effect.fork(run(Stream.runDrain(things.download("a"))))
        yield* TestClock.adjust("5 seconds")
        expect(yield* Fiber.join(fiber)).toMatchObject(timedOut)
      })
    )
  })
}

describe("an uninterruptible call", () => {
  it.effect("succeeds although its fiber was interrupted meanwhile, and counts as a success", () =>
    Effect.gen(function* () {
      const counted = yield* countedDuring(
        "mailbox.things.getPart",
        Effect.gen(function* () {
          const { client } = mockClient(() =>
            Effect.delay(
              Effect.sync(() => ok(item)),
              "2 seconds"
            )
          )
          const things = yield* makeThings(client)
          const results: Array<unknown> = []
          const keep = (data: unknown) => Effect.sync(() => results.push(data))
          const fiber = yield* Effect.fork(Effect.uninterruptible(Effect.flatMap(read(things), keep)))
          yield* TestClock.adjust("1 second")
          yield* Fiber.interruptFork(fiber)
          yield* TestClock.adjust("1 second")
          yield* Fiber.await(fiber)
          expect(results).toEqual([item])
        })
      )
      expect(counted).toEqual({ success: 1 })
    })
  )

  it.effect("retries after a failed attempt, since nothing may interrupt it", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient((_, index) =>
        index === 0 ? failure(503, "service_unavailable") : ok(item)
      )
      const things = yield* makeThings(client)
      const fiber = yield* Effect.fork(Effect.uninterruptible(read(things)))
      yield* TestClock.adjust(0)
      yield* Fiber.interruptFork(fiber)
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.await(fiber)
      expect(seen).toHaveLength(2)
      expect(yield* counterValue("sendmux_retries", { operation: "mailbox.things.getPart" })).toBeGreaterThan(
        0
      )
    })
  )
})
