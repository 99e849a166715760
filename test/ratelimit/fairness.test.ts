import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import type { Gate } from "../../src/internal/model/limiter.js"
import { makeBucket } from "../../src/ratelimit/bucket.js"
import { makeWindow } from "../../src/ratelimit/window.js"
import { timeOf } from "../../src/internal/dialect/clock.js"
import { hasEnded } from "../support/dialect/exits.js"
import { quiet } from "../support/dialect/telemetry.js"

const length = 10_000

interface Scenario {
  readonly limit: number
  readonly calls: ReadonlyArray<{
    /** How long after the call before, in milliseconds. */
    readonly after: number
    /** How long its request takes. */
    readonly latency: number
    readonly budget: number
    /** When it is interrupted after it began, in milliseconds. */
    readonly interruptedAfter: number | undefined
  }>
}

const scenario: FastCheck.Arbitrary<Scenario> = FastCheck.record({
  limit: FastCheck.integer({ min: 1, max: 4 }),
  calls: FastCheck.array(
    FastCheck.record({
      after: FastCheck.integer({ min: 0, max: 1_500 }),
      latency: FastCheck.integer({ min: 1, max: 700 }),
      budget: FastCheck.constantFrom(0, 4_000, 15_000, 60_000),
      interruptedAfter: FastCheck.option(FastCheck.integer({ min: 0, max: 9_000 }), {
        nil: undefined,
        freq: 4
      })
    }),
    { minLength: 1, maxLength: 14 }
  )
})

interface Ended {
  readonly id: number
  readonly enteredAt: number
  readonly decidedAt: number
  readonly budget: number
  readonly outcome: "sent" | "refused"
}

/** A server whose windows begin with their first request. */
const makeServer = (limit: number) => {
  let endsAt = 0
  let used = 0
  let refused = 0
  return {
    respond: (now: number) => {
      if (now >= endsAt) {
        endsAt = now + length
        used = 0
      }
      if (++used > limit) refused++
      return {
        status: used > limit ? 429 : 200,
        retryAfter: used > limit ? endsAt - now : undefined,
        date: undefined,
        rateLimit: {
          limit,
          remaining: Math.max(0, limit - used),
          reset: DateTime.unsafeMake(Math.ceil(endsAt / 1_000) * 1_000)
        }
      }
    },
    refused: () => refused
  }
}

const play = ({ calls, limit }: Scenario) =>
  Effect.gen(function* () {
    const clock = yield* Effect.clock
    const now = () => timeOf(clock)
    const window = makeWindow({ length, assumedLimit: 100, alwaysProbes: false })
    const gate: Gate = makeBucket({ name: "test", window, length, maxWait: undefined, leasesOf: undefined })
    const server = makeServer(limit)
    const ended: Array<Ended> = []

    const call = (id: number, { budget, latency }: Scenario["calls"][number]) =>
      Effect.gen(function* () {
        const enteredAt = now()
        const decided = (outcome: Ended["outcome"]) =>
          ended.push({ id, enteredAt, decidedAt: now(), budget, outcome })
        const entered = yield* Effect.exit(
          gate.enter({ operation: "op", now, budget, waited: 0, deadline: Number.POSITIVE_INFINITY })
        )
        if (Exit.isFailure(entered)) {
          decided("refused")
          return
        }
        decided("sent")
        const permit = entered.value
        yield* Effect.sleep(latency).pipe(
          Effect.tap(() => Effect.sync(() => permit.received({ ...server.respond(now()), now: now() }))),
          Effect.onExit(() => Effect.sync(() => permit.ended(now())))
        )
      })

    const fibers: Array<Fiber.RuntimeFiber<void>> = []
    for (const [id, given] of calls.entries()) {
      yield* TestClock.adjust(given.after)
      const fiber = yield* Effect.fork(call(id, given))
      fibers.push(fiber)
      yield* TestClock.adjust(0)
      if (given.interruptedAfter !== undefined) {
        yield* Effect.fork(Effect.delay(Fiber.interrupt(fiber), given.interruptedAfter))
      }
    }
    for (let i = 0; i < 8; i++) yield* TestClock.adjust(length)
    return {
      ended,
      serverRefusals: server.refused(),
      unfinished: fibers.filter((fiber) => !hasEnded(fiber)).length
    }
  }).pipe(Effect.provide(Layer.merge(quiet, TestContext.TestContext)))

describe("a gate", () => {
  it("lets calls through in the order in which they came, within their budgets, and forgets none", async () => {
    await FastCheck.assert(
      FastCheck.asyncProperty(scenario, async (given) => {
        const { ended, serverRefusals, unfinished } = await Effect.runPromise(play(given))
        expect(unfinished).toBe(0)
        expect(serverRefusals).toBe(0)
        // Calls that are let through at the same time may begin in any order.
        const sentAt = ended
          .filter(({ outcome }) => outcome === "sent")
          .toSorted((a, b) => a.id - b.id)
          .map(({ decidedAt }) => decidedAt)
        expect(sentAt).toEqual(sentAt.toSorted((a, b) => a - b))
        for (const { budget, decidedAt, enteredAt } of ended) {
          expect(decidedAt - enteredAt).toBeLessThanOrEqual(budget + 1_000)
        }
        const interrupted = given.calls.filter(
          ({ interruptedAfter }) => interruptedAfter !== undefined
        ).length
        expect(ended.length).toBeGreaterThanOrEqual(given.calls.length - interrupted)
      }),
      { numRuns: 30 }
    )
  })
})
