import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import { backgroundRunner } from "../../src/internal/dialect/core.js"
import { CurrentLimiter } from "../../src/internal/model/limiter.js"
import { makeLimiter } from "../../src/ratelimit/limiter.js"
import { makeSharing, type SharedCounter } from "../../src/ratelimit/sharing.js"
import * as Sandbox from "../../src/Sandbox.js"
import { Sending } from "../../src/Sending.js"
import { record } from "../support/telemetry.js"
import { advanceTo, refusedOf, servedOf } from "./pacing.js"
import { recordingClock } from "../support/time.js"

const minute = 60_000

/** A store in memory that counts as that of Redis does. It fails or hangs while `broken` says so. */
const makeStore = () => {
  const counts = new Map<string, number>()
  const firsts = new Map<string, number>()
  const state: { broken: "no" | "fails" | "hangs" } = { broken: "no" }
  const counter: SharedCounter = {
    add: (key, by, limit) =>
      Effect.suspend(() => {
        if (state.broken === "hangs") return Effect.never
        if (state.broken === "fails") {
          return Effect.fail(Object.assign(new Error("redis://user:hunter2@host"), { code: "ECONNREFUSED" }))
        }
        return Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const sum = (counts.get(key) ?? 0) + by
          if (sum <= limit) counts.set(key, sum)
          const first = firsts.get(key) ?? now
          firsts.set(key, first)
          return Effect.delay(Effect.succeed({ sum, age: now - first }), "2 millis")
        })
      })
  }
  return { counter, counts, state }
}

/** The SDK as one of several processes: with a limiter of its own over a shared store. */
const processOf = (client: HttpClient.HttpClient, counter: SharedCounter, latency: number) =>
  Effect.gen(function* () {
    const run = yield* backgroundRunner
    const sharing = makeSharing({ counter, length: minute, run })
    const limiter = makeLimiter({ length: minute, maxWait: undefined }, sharing)
    const slow = HttpClient.transform(client, (response) => Effect.delay(response, latency))
    return yield* Sending.make({ apiKey: Sandbox.mailboxKey }).pipe(
      Effect.provideService(HttpClient.HttpClient, slow),
      Effect.provide(Layer.succeed(CurrentLimiter, limiter))
    )
  })

describe("two processes that share a limit", () => {
  it.effect("reach at least 98% of it without a refused request", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_000_123)
      const limit = 60
      const windows = 3
      const sandbox = yield* Sandbox.make({ limits: { sending: limit } })
      const { counter, counts } = makeStore()
      const started = yield* Clock.currentTimeMillis
      const recording = recordingClock(yield* Effect.clock)
      const program = Effect.gen(function* () {
        const senders = yield* Effect.forEach([300, 700], (latency) =>
          Effect.map(processOf(sandbox.client, counter, latency), (sending) =>
            Array.from({ length: 4 }, () => Effect.forever(sending.connection.get()))
          )
        )
        yield* Effect.all(senders.flat(), { concurrency: "unbounded", discard: true })
      })
      const fiber = yield* Effect.fork(Effect.withClock(program, recording.clock))
      yield* advanceTo(started + windows * minute, recording)
      yield* Fiber.interrupt(fiber)
      const requests = yield* sandbox.control.requests
      expect(refusedOf(requests)).toBe(0)
      expect(servedOf(requests) / (limit * windows)).toBeGreaterThanOrEqual(0.98)
      // A store holds digests and counts only.
      expect([...counts.keys()].every((key) => /^[0-9a-f]{32}:\d+$/.test(key))).toBe(true)
      expect([...counts.values()].every((count) => count <= limit)).toBe(true)
    }).pipe(Effect.scoped)
  )
})

describe("a store that cannot be used", () => {
  for (const broken of ["fails", "hangs"] as const) {
    it.effect(
      `and ${broken} lets each process pace itself, with one Warning, and one Info when it is back`,
      () => {
        const { layer, lines, logs } = record()
        const linesOf = (text: string) => lines.filter((line) => line.includes(text))
        return Effect.gen(function* () {
          const sandbox = yield* Sandbox.make({ limits: { sending: 20 } })
          const { counter, counts, state } = makeStore()
          const recording = recordingClock(yield* Effect.clock)
          const program = Effect.flatMap(processOf(sandbox.client, counter, 10), (sending) =>
            Effect.forever(sending.connection.get())
          )
          const started = yield* Clock.currentTimeMillis
          const fiber = yield* Effect.fork(Effect.withClock(program, recording.clock))
          state.broken = broken
          yield* advanceTo(started + minute, recording)
          expect(servedOf(yield* sandbox.control.requests)).toBe(20)
          expect(linesOf("WARN ")).toHaveLength(1)
          expect(linesOf("WARN ")[0]).toContain("each process follows the limit by itself")
          expect(logs.join("\n")).not.toContain("hunter2")
          expect(counts.size).toBe(0)
          state.broken = "no"
          yield* advanceTo(started + 2 * minute + 10_000, recording)
          yield* Fiber.interrupt(fiber)
          expect(linesOf("share the limit again")).toHaveLength(1)
          expect(linesOf("share the limit again")[0]).toMatch(/^INFO /)
          expect(linesOf("WARN ")).toHaveLength(1)
          expect(refusedOf(yield* sandbox.control.requests)).toBe(0)
          expect([...counts.values()].some((count) => count > 1)).toBe(true)
        }).pipe(Effect.scoped, Effect.provide(layer))
      }
    )
  }
})
