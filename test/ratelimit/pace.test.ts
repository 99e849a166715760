import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as RateLimit from "../../src/RateLimit.js"
import * as Sandbox from "../../src/Sandbox.js"
import { Sending } from "../../src/Sending.js"
import { advanceTo, refusedOf, servedOf } from "./pacing.js"
import { recordingClock } from "../support/time.js"

const limit = 100
const windows = 3
const minute = 60_000

/** A client that delays every other request, and the responses to the others. */
const slowed = (client: HttpClient.HttpClient, millis: number) => {
  let requests = 0
  return HttpClient.transform(client, (response) => {
    const latency = millis * (0.5 + ((requests++ * 7) % 10) / 10)
    return requests % 2 === 0
      ? Effect.delay(response, latency)
      : Effect.zipLeft(response, Effect.sleep(latency))
  })
}

describe("the rate of senders that send as fast as possible", () => {
  for (const [senders, latency] of [
    [1, 200],
    [4, 800],
    [16, 2_000]
  ] as const) {
    it.effect(`is at least 98% of the limit without a refused request, for ${senders} in one process`, () =>
      Effect.gen(function* () {
        // The clock does not begin at a whole second.
        yield* TestClock.setTime(1_000_123)
        const sandbox = yield* Sandbox.make({ limits: { sending: limit } })
        const layer = Sending.layer({
          apiKey: Sandbox.mailboxKey,
          transformClient: (client) => slowed(client, latency)
        }).pipe(
          Layer.provide(RateLimit.layerMemory()),
          Layer.provide(Layer.succeed(HttpClient.HttpClient, sandbox.client))
        )
        const recording = recordingClock(yield* Effect.clock)
        const started = yield* Clock.currentTimeMillis
        const end = started + windows * minute
        const send = Effect.gen(function* () {
          const sending = yield* Sending
          const all = Array.from({ length: senders }, () => Effect.forever(sending.connection.get()))
          yield* Effect.all(all, { concurrency: "unbounded", discard: true })
        })
        const fiber = yield* Effect.fork(Effect.withClock(Effect.provide(send, layer), recording.clock))
        yield* advanceTo(end, recording)
        yield* Fiber.interrupt(fiber)
        const requests = yield* sandbox.control.requests
        const served = servedOf(requests)
        const refused = refusedOf(requests)
        expect(refused).toBe(0)
        expect(served / (limit * windows)).toBeGreaterThanOrEqual(0.98)
      }).pipe(Effect.scoped)
    )
  }
})
