/**
 * Two sandboxes with one seed respond alike, byte by byte.
 */
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { Sandbox } from "../../../src/index.js"

const origin = "http://127.0.0.1"

/** What a program does, as lines of a request and a body. */
const steps: ReadonlyArray<readonly [line: string, body?: unknown]> = [
  ["POST /__sandbox/faults", { probability: 0.5, kind: { _tag: "BadGateway" } }],
  ...Array.from({ length: 8 }, (_, index): readonly [string, unknown] => [
    "POST /sending/api/v1/emails/send",
    {
      from: { email: "a@example.com" },
      to: { email: "agent@sandbox.test" },
      subject: `${index}`,
      html_body: "x"
    }
  ]),
  ["DELETE /__sandbox/faults"],
  ["POST /app/api/v1/domains", { domain: "example.test" }],
  ["POST /__sandbox/clock", { advance_ms: 90_000 }],
  ["POST /app/api/v1/webhooks", { url: "https://x.example.com", event_types: ["sendmux.test"] }],
  ["GET /app/api/v1/mailbox/messages"],
  ["GET /app/api/v1/emails/logs"],
  ["GET /__sandbox/outbox"],
  ["GET /__sandbox/counters"]
]

/** Runs the steps, and returns every response as text. */
const transcript = (seed: number | undefined) =>
  Effect.gen(function* () {
    const { client, control } = yield* Sandbox.make({ seed })
    const run = Effect.forEach(steps, ([line, body]) =>
      Effect.gen(function* () {
        const [method = "", path = ""] = line.split(" ")
        const key = path.includes("/app/api/v1/mailbox") || path.includes("/sending") ? "mbx" : "root"
        const base = HttpClientRequest.make(method as "GET" | "POST" | "DELETE")(`${origin}${path}`).pipe(
          HttpClientRequest.setHeader("authorization", `Bearer smx_${key}_sandbox`)
        )
        const request =
          body === undefined
            ? base
            : HttpClientRequest.bodyText(base, JSON.stringify(body), "application/json")
        const response = yield* client.execute(request)
        yield* TestClock.adjust("1 second")
        return [line, response.status, JSON.stringify(response.headers), yield* response.text].join("\n")
      })
    )
    const first = yield* run
    return { control, first, run }
  })

it.effect("two sandboxes with the same seed respond to the same requests with the same bytes", () =>
  Effect.gen(function* () {
    const start = (seed: number | undefined) =>
      Effect.gen(function* () {
        yield* TestClock.setTime(0)
        return (yield* transcript(seed)).first
      })
    const one = yield* start(42)
    expect(one.filter((text) => text.includes("\n502\n")).length).toBeGreaterThan(0)
    expect(one.filter((text) => text.includes("\n200\n")).length).toBeGreaterThan(4)
    expect(yield* start(42)).toEqual(one)
    expect(yield* start(43)).not.toEqual(one)
    expect(yield* start(undefined)).toEqual(yield* start(undefined))
  }).pipe(Effect.scoped)
)

it.effect("a sandbox responds after a reset as it did at its start", () =>
  Effect.gen(function* () {
    yield* TestClock.setTime(0)
    const { control, first, run } = yield* transcript(7)
    yield* control.reset
    yield* TestClock.setTime(0)
    const again = yield* run
    const ofApi = (texts: ReadonlyArray<string>) => texts.filter((text) => !/^\w+ \/__sandbox/.test(text))
    expect(ofApi(again)).toEqual(ofApi(first))
  }).pipe(Effect.scoped)
)

it("a seed that is no integer from 0 to 4294967295 is rejected", () => {
  for (const seed of [-1, 1.5, Number.NaN, 2 ** 32]) {
    expect(() => Sandbox.make({ seed })).toThrow("Sandbox: the seed must be an integer from 0 to 4294967295")
  }
})
