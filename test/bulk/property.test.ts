import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { Bulk, Ledger } from "../../src/Bulk.js"
import * as Sandbox from "../../src/Sandbox.js"
import { Sending } from "../../src/Sending.js"
import { quiet } from "../support/dialect/telemetry.js"
import {
  arrivals,
  batch,
  collect,
  duplicates,
  message,
  messages,
  options,
  services,
  tags
} from "./support.js"
import { live } from "./time.js"

const faults: ReadonlyArray<Sandbox.FaultKind> = [
  { _tag: "ErrorResponse", status: 503 },
  { _tag: "ErrorResponse", status: 500 },
  { _tag: "ErrorResponse", status: 402 },
  { _tag: "BadGateway" },
  { _tag: "ConnectionLost" },
  { _tag: "ResponseLost" },
  { _tag: "ResponseTruncated" },
  { _tag: "RateLimited", retryAfter: 3 },
  { _tag: "Slow", millis: 4_000 },
  { _tag: "Slow", millis: 70_000 }
]

const scenario = FastCheck.record({
  faults: FastCheck.array(
    FastCheck.record({
      kind: FastCheck.constantFrom(...faults),
      probability: FastCheck.double({ min: 0.02, max: 0.3, noNaN: true })
    }),
    { maxLength: 4 }
  ),
  count: FastCheck.integer({ min: 1, max: 120 }),
  chunkSize: FastCheck.integer({ min: 1, max: 20 }),
  concurrency: FastCheck.integer({ min: 1, max: 4 }),
  /** The seconds after which runs are interrupted, one after the other; two run at a time. */
  interruptions: FastCheck.array(FastCheck.integer({ min: 0, max: 30 }), { maxLength: 4 })
})

/** Raise it for a longer search: `BULK_RUNS=200 npx vitest run test/bulk/property.test.ts`. */
const numRuns = Number(process.env["BULK_RUNS"] ?? 12)

describe("with any faults and interruptions", () => {
  it.effect("each message arrives exactly once, and a final run returns all outcomes", () =>
    Effect.forEach(FastCheck.sample(scenario, numRuns), (sampled) => {
      const { chunkSize, concurrency, count, faults, interruptions } = sampled
      const text = JSON.stringify(sampled)
      return Effect.gen(function* () {
        const control = yield* Sandbox.Control
        for (const fault of faults) yield* control.inject({ operation: batch, ...fault })
        const run = Effect.exit(
          Stream.runDrain(
            Bulk.send(messages(count), { ...options, chunkSize, concurrency, lease: "5 seconds" })
          )
        )
        for (const seconds of interruptions) {
          const one = yield* Effect.fork(run)
          const other = yield* Effect.fork(run)
          yield* live(Effect.sleep(`${seconds} seconds`))
          yield* Fiber.interrupt(one)
          yield* Fiber.interrupt(other)
        }
        yield* control.clearFaults
        const outcomes = yield* live(collect(messages(count), { ...options, lease: "5 seconds" }))
        expect(tags(outcomes), text).toEqual({ Queued: count })
        expect((yield* arrivals).size, text).toBe(count)
        expect(yield* duplicates, text).toEqual([])
      }).pipe(Effect.provide(services()), Effect.provide(quiet))
    })
  )
})

describe("Bulk.send over another implementation of Sending", () => {
  it.effect("sends the messages through its sendBatch, with the same key for the same messages", () => {
    const keys: Array<string | undefined> = []
    const sending = Effect.map(Sending.make({ apiKey: Sandbox.mailboxKey }), (real) => ({
      ...real,
      emails: {
        ...real.emails,
        sendBatch: Object.assign(
          (...[batch, callOptions]: Parameters<typeof real.emails.sendBatch>) => {
            keys.push(callOptions?.idempotencyKey)
            return real.emails.sendBatch(batch, callOptions)
          },
          { withResponse: real.emails.sendBatch.withResponse }
        )
      }
    }))
    const layer = Layer.provideMerge(Layer.effect(Sending, sending), Sandbox.layer)
    const run = (campaign: string) =>
      live(collect([message(1), message(2, { to: { email: "a,b@c.de" } })], { campaign })).pipe(
        Effect.provide(Ledger.layerMemory)
      )
    return Effect.gen(function* () {
      expect(tags(yield* run("news"))).toEqual({ Queued: 1, Rejected: 1 })
      expect(tags(yield* run("news"))).toEqual({ Queued: 1, Rejected: 1 })
      expect((yield* arrivals).get("reader1@example.com")).toBe(1)
      expect(keys).toHaveLength(2)
      expect(keys[0]).toBe(keys[1])
    }).pipe(Effect.provide(layer))
  })
})
