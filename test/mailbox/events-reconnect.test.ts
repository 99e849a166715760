import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import type { EventStreamOptions } from "../../src/mailbox/events/events.js"
import { eventsOver, frame, isMessage, silent } from "../support/eventStreams.js"
import { failure } from "../support/http.js"

describe("events.stream, when a connection ends", () => {
  it.effect(
    "uses a new access token for each connection, and fails with the APIError of a refused connection",
    () => {
      let tokens = 0
      const accessToken = Effect.sync(() => Redacted.make(`token-${++tokens}`))
      const used: Array<string | undefined> = []
      const { events } = eventsOver(
        (_, index, headers) => {
          used.push(headers["authorization"])
          return index < 2
            ? Stream.make(frame(String(index + 1)))
            : failure(index === 2 ? 401 : 403, "authentication_required")
        },
        { accessToken }
      )
      return Effect.gen(function* () {
        const { stream } = yield* events
        const received: Array<string | undefined> = []
        const fiber = yield* Effect.fork(
          Effect.flip(Stream.runForEach(stream(), (event) => Effect.sync(() => received.push(event.id))))
        )
        yield* TestClock.adjust("10 seconds")
        const error = yield* Fiber.join(fiber)
        expect(error._tag === "APIError" && error.status).toBe(401)
        expect(used).toEqual(["Bearer token-1", "Bearer token-2", "Bearer token-3"])
        expect(received).toEqual(["1", "2"])
      })
    }
  )

  it.effect("waits as long as the server asks, and otherwise longer after each failure", () => {
    const at: Array<number> = []
    let clock = 0
    const { events } = eventsOver(
      (_, index) => {
        at.push(clock)
        if (index === 0) return failure(429, "rate_limit_exceeded", { headers: { "retry-after": "90" } })
        return index < 6 ? Stream.empty : Stream.concat(Stream.make(frame("1")), silent)
      },
      { retry: undefined }
    )
    return Effect.gen(function* () {
      const { stream } = yield* events
      const options: EventStreamOptions = { reconnect: { baseDelay: "1 second", maxDelay: "8 seconds" } }
      const fiber = yield* Effect.fork(Stream.runHead(stream({}, options).pipe(Stream.filter(isMessage))))
      for (let second = 0; second < 135; second++) {
        clock = second
        yield* TestClock.adjust("1 second")
      }
      yield* Fiber.join(fiber)
      const delays = at.slice(1).map((time, index) => time - (at[index] ?? 0))
      expect(delays[0]).toBeGreaterThanOrEqual(90)
      expect(delays[0]).toBeLessThanOrEqual(92)
      expect(delays.slice(1)).toHaveLength(5)
      delays.slice(1).forEach((delay, index) => {
        const whole = Math.min(8, 2 ** (index + 2))
        expect(delay).toBeGreaterThanOrEqual(whole / 2 - 1)
        expect(delay).toBeLessThanOrEqual(whole + 1)
      })
    })
  })

  it.effect("connects again within an hour, even if the retry field asks for more", () => {
    const { events, seen } = eventsOver((_, index) =>
      index === 0 ? Stream.make(`retry: 99999999999\n\n${frame("1")}`) : silent
    )
    return Effect.gen(function* () {
      const { stream } = yield* events
      const fiber = yield* Effect.fork(Stream.runDrain(stream()))
      yield* TestClock.adjust("59 minutes")
      expect(seen).toHaveLength(1)
      yield* TestClock.adjust("2 minutes")
      expect(seen.length).toBeGreaterThan(1)
      yield* Fiber.interrupt(fiber)
    })
  })

  it.effect("fails after maxFailures consecutive failures", () => {
    const { events, seen } = eventsOver(() => Stream.fail(new Error("The connection ended")))
    return Effect.gen(function* () {
      const { stream } = yield* events
      const fiber = yield* Effect.fork(
        Effect.flip(Stream.runDrain(stream({}, { reconnect: { maxFailures: 3 } })))
      )
      yield* TestClock.adjust("1 minute")
      const error = yield* Fiber.join(fiber)
      expect(error._tag === "TransportError" && error.reason).toBe("TruncatedBody")
      expect(seen).toHaveLength(3)
      const refused = yield* Effect.flip(Stream.runDrain(stream({}, { reconnect: { maxFailures: 0 } })))
      expect(refused._tag).toBe("InvalidRequestError")
    })
  })

  it.effect("opens another connection whenever one ends, until the consumer stops", () => {
    const { events, seen } = eventsOver((_, index) =>
      Stream.concat(
        Stream.make(frame(String(index))),
        Stream.drain(Stream.fromEffect(Effect.sleep(Duration.seconds(60))))
      )
    )
    return Effect.gen(function* () {
      const { stream } = yield* events
      let count = 0
      const fiber = yield* Effect.fork(Stream.runForEach(stream(), () => Effect.sync(() => count++)))
      yield* Effect.forEach(Array.from({ length: 1 }), () => TestClock.adjust("1 hour"))
      expect(count).toBeGreaterThan(55)
      expect(seen.length).toBe(count)
      yield* Fiber.interrupt(fiber)
    })
  })
})
