import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { Bulk, Outbox, Progress } from "../../src/Bulk.js"
import * as Sandbox from "../../src/Sandbox.js"
import { batch, message, messages, options, services } from "./support.js"
import { live } from "./time.js"

const run = (count: number) =>
  live(Stream.runDrain(Bulk.send(messages(count), { ...options, total: count, concurrency: 1 })))

describe("Progress", () => {
  it.effect("counts the outcomes of all runs, and what remains of their totals", () =>
    Effect.gen(function* () {
      const { snapshot } = yield* Progress
      expect(yield* snapshot).toMatchObject({ queued: 0, total: undefined, remaining: undefined, rate: 0 })
      yield* run(150)
      expect(yield* snapshot).toMatchObject({ queued: 150, total: 150, remaining: 0 })
      const bad = [message(900, { subject: "" }), message(901)]
      yield* live(Stream.runDrain(Bulk.send(bad, { ...options, total: 2 })))
      yield* live(Outbox.send(message(1).email, { id: "a" }))
      expect(yield* snapshot).toMatchObject({ queued: 152, rejected: 1, unconfirmed: 0, total: 152 })
    }).pipe(Effect.provide(Layer.merge(services(), Progress.layer)))
  )

  it.effect("reports waits because of the rate limit while they last, and in total", () =>
    Effect.gen(function* () {
      const control = yield* Sandbox.Control
      const { changes } = yield* Progress
      yield* control.inject({ operation: batch, kind: { _tag: "RateLimited", retryAfter: 20 } })
      const seen = yield* live(
        Effect.zipRight(
          Effect.fork(Stream.runDrain(Bulk.send(messages(300), { ...options, total: 300, concurrency: 1 }))),
          Stream.runCollect(Stream.takeUntil(changes("2 seconds"), ({ remaining }) => remaining === 0))
        )
      )
      const snapshots = [...seen]
      const waiting = snapshots.filter(({ waitingUntil }) => waitingUntil !== undefined)
      expect(waiting.length).toBeGreaterThan(5)
      const last = snapshots.at(-1)
      expect(last).toMatchObject({ queued: 300, remaining: 0, waits: 1, waitingUntil: undefined })
      expect(last?.waited).toBeGreaterThanOrEqual(20_000)
      expect(last?.waited).toBeLessThan(22_000)
    }).pipe(Effect.provide(Layer.merge(services(), Progress.layer)))
  )

  it.effect("estimates the end from the rate of the last 30 seconds", () =>
    Effect.gen(function* () {
      const { snapshot } = yield* Progress
      // Chunks are sent after a linger of one second, so that the rate is that of the source.
      const slow = Stream.mapEffect(Stream.fromIterable(messages(200)), (one) =>
        Effect.as(Effect.sleep("100 millis"), one)
      )
      const fiber = yield* Effect.fork(
        Stream.runDrain(Bulk.send(slow, { ...options, total: 200, concurrency: 1 }))
      )
      for (let second = 0; second < 14; second++) {
        yield* live(Effect.sleep("1 second"))
      }
      const { estimatedEnd = 0, rate, remaining = 0 } = yield* snapshot
      expect(rate).toBeGreaterThan(3)
      expect(rate).toBeLessThan(15)
      expect(remaining).toBeGreaterThan(0)
      const time = yield* Clock.currentTimeMillis
      expect(estimatedEnd).toBeCloseTo(time + (remaining / rate) * 1_000, -1)
      yield* live(Fiber.join(fiber))
      expect((yield* snapshot).remaining).toBe(0)
    }).pipe(Effect.provide(Layer.merge(services(), Progress.layer)))
  )
})
