import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { Outbox } from "../../src/Bulk.js"
import * as Call from "../../src/internal/timing/deadline.js"
import * as Sandbox from "../../src/Sandbox.js"
import { arrivals, batch, duplicates, message, requests, services, tags } from "./support.js"
import { live, settled } from "./time.js"

const { email } = message(1)

const drained = Effect.map(Stream.runCollect(Outbox.drain()), (chunk) => [...chunk])

const inject = (kind: Sandbox.FaultKind, times = 1) =>
  Effect.flatMap(Sandbox.Control, (control) => control.inject({ operation: batch, kind, times }))

describe("Outbox", () => {
  it.effect("sends a message once for its id, and returns the same outcome again", () =>
    Effect.gen(function* () {
      const first = yield* live(Outbox.send(email, { id: "receipt-1" }))
      const second = yield* live(Outbox.send(email, { id: "receipt-1" }))
      expect(first).toMatchObject({ _tag: "Queued", id: "receipt-1" })
      expect(second).toEqual(first)
      expect(yield* requests).toHaveLength(1)
      yield* live(Outbox.send(email, { id: "receipt-1", outbox: "other" }))
      expect(yield* requests).toHaveLength(2)
    }).pipe(Effect.provide(services()))
  )

  it.effect("refuses an id with other content, and sends nothing", () =>
    Effect.gen(function* () {
      yield* live(Outbox.send(email, { id: "a" }))
      const other = { ...email, subject: "Other" }
      const sent = yield* live(Effect.flip(Outbox.send(other, { id: "a" })))
      expect(sent._tag).toBe("IdReusedError")
      expect(sent.message).toContain('The ledger knows the id "a" with other content')
      const enqueued = yield* Effect.flip(Outbox.enqueue(other, { id: "a" }))
      expect(enqueued._tag).toBe("IdReusedError")
      expect(yield* requests).toHaveLength(1)
    }).pipe(Effect.provide(services()))
  )

  it.effect("refuses an invalid message and invalid options before anything is recorded", () =>
    Effect.gen(function* () {
      const bad = yield* Effect.flip(Outbox.send({ ...email, subject: "" }, { id: "a" }))
      expect(bad.message).toContain("Outbox.send: nothing was sent: subject must not be empty")
      const id = yield* Effect.flip(Outbox.enqueue(email, { id: "\n" }))
      expect(id.message).toContain("id must be text")
      const name = yield* Effect.flip(Stream.runDrain(Outbox.drain({ outbox: "", lease: 1 })))
      expect(name.message).toContain("outbox must be text")
      expect(yield* live(drained)).toEqual([])
    }).pipe(Effect.provide(services()))
  )

  it.effect("drains what was enqueued, in batches, and is empty afterwards", () =>
    Effect.gen(function* () {
      for (let index = 0; index < 250; index++)
        yield* Outbox.enqueue(message(index).email, { id: `e-${index}` })
      yield* Outbox.enqueue(message(0).email, { id: "e-0" })
      expect(yield* requests).toHaveLength(0)
      expect(tags(yield* live(drained))).toEqual({ Queued: 250 })
      expect(yield* requests).toHaveLength(3)
      expect(yield* live(drained)).toEqual([])
      yield* Outbox.enqueue(message(0).email, { id: "e-0" })
      expect(yield* live(drained)).toEqual([])
      expect((yield* arrivals).size).toBe(250)
    }).pipe(Effect.provide(services()))
  )

  it.effect("keeps a message that could not be sent now, for a later drain", () =>
    Effect.gen(function* () {
      yield* inject({ _tag: "ErrorResponse", status: 402 })
      const error = yield* live(Effect.flip(Outbox.send(email, { id: "a" })))
      expect(error._tag === "BulkStopped" && error.reason).toBe("credits")
      expect(tags(yield* live(drained))).toEqual({ Queued: 1 })
      expect(yield* duplicates).toEqual([])
    }).pipe(Effect.provide(services()))
  )

  it.effect("continues a message whose sender was interrupted during the request", () =>
    Effect.gen(function* () {
      yield* inject({ _tag: "Slow", millis: 20_000 })
      const fiber = yield* Effect.fork(Outbox.send(email, { id: "a" }))
      yield* settled
      expect((yield* arrivals).size).toBe(1)
      yield* Fiber.interrupt(fiber)
      expect(yield* live(drained)).toMatchObject([{ _tag: "Queued", id: "a" }])
      expect(yield* duplicates).toEqual([])
    }).pipe(Effect.provide(services()))
  )

  it.effect("waits for what another process has in flight, instead of sending it too", () =>
    Effect.gen(function* () {
      yield* inject({ _tag: "Slow", millis: 20_000 })
      const [sent, twice, rest] = yield* live(
        Effect.all(
          [
            Outbox.send(email, { id: "a" }),
            Effect.delay(Outbox.send(email, { id: "a" }), "1 second"),
            drained
          ],
          { concurrency: 3 }
        )
      )
      expect(twice).toEqual(sent)
      expect(rest.length).toBeLessThanOrEqual(1)
      expect(yield* duplicates).toEqual([])
    }).pipe(Effect.provide(services()))
  )

  it.effect("does not wait for another process longer than the deadline allows", () =>
    Effect.gen(function* () {
      yield* inject({ _tag: "Slow", millis: 20_000 })
      const [sent, error] = yield* live(
        Effect.all(
          [
            Outbox.send(email, { id: "a" }),
            Effect.delay(
              Effect.flip(Stream.runDrain(Outbox.drain().pipe(Call.deadline("5 seconds")))),
              "1 second"
            )
          ],
          { concurrency: "unbounded" }
        )
      )
      expect(sent._tag).toBe("Queued")
      expect(error).toMatchObject({
        _tag: "BulkStopped",
        reason: "deadline",
        error: { _tag: "DeadlineExceededError", operation: "Outbox.drain", awaited: "Check" }
      })
      expect(yield* requests).toHaveLength(1)
    }).pipe(Effect.provide(services()))
  )

  it.effect("drains in the background as long as the layer lives", () =>
    Effect.gen(function* () {
      yield* Outbox.enqueue(email, { id: "a" })
      yield* Effect.gen(function* () {
        yield* settled
        expect((yield* arrivals).size).toBe(1)
        yield* Outbox.enqueue(message(2).email, { id: "b" })
        yield* TestClock.adjust("11 seconds")
        yield* settled
        expect((yield* arrivals).size).toBe(2)
      }).pipe(Effect.provide(Outbox.layer({ every: "10 seconds" })))
      yield* Outbox.enqueue(message(3).email, { id: "c" })
      yield* TestClock.adjust("1 minute")
      yield* settled
      expect((yield* arrivals).size).toBe(2)
    }).pipe(Effect.provide(services()))
  )
})
