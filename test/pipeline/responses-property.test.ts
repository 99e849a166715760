import { inspect } from "node:util"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as fc from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { union } from "../../src/internal/dialect/schema.js"
import {
  APIError,
  PaginationError,
  ResponseDecodeError,
  TransportError
} from "../../src/internal/model/errors.js"
import * as Retry from "../../src/internal/timing/retry.js"
import { failedWith, failureIn } from "../support/dialect/exits.js"
import { mockClient } from "../support/http.js"
import { makeThings, type Things, thing } from "../support/synthetic.js"

const AnyError = union(APIError, TransportError, ResponseDecodeError, PaginationError)

const calls: Record<string, (things: Things) => Effect.Effect<unknown, unknown>> = {
  "a read": (things) => things.get("a"),
  "a conditional read": (things) => things.get.ifNoneMatch('"1"', "a"),
  "a write": (things) => things.create.withResponse({ text: "x" }),
  "a list": (things) => Stream.runCollect(Stream.take(things.list(), 50)),
  "a page": (things) => things.list.page(),
  text: (things) => things.text(),
  bytes: (things) => Stream.runDrain(things.download("a")),
  "bytes with their response": (things) =>
    Effect.flatMap(things.download.withResponse("a"), ({ data }) => Stream.runDrain(data))
}

interface FakeResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | string
}

const noBody: ReadonlySet<number> = new Set([204, 205, 304])

const toResponse = ({ body, headers, status }: FakeResponse) =>
  new Response(noBody.has(status) ? null : (body as BodyInit), { status, headers })

/** Expects a call to succeed or to fail with a typed error that can be printed, encoded and decoded. */
const expectTyped = (call: (things: Things) => Effect.Effect<unknown, unknown>, response: FakeResponse) =>
  Effect.gen(function* () {
    const { client } = mockClient(() => toResponse(response))
    const things = yield* makeThings(client, { retry: Retry.none, timeout: Number.POSITIVE_INFINITY })
    const exit = yield* Effect.exit(call(things))
    if (Exit.isSuccess(exit)) return
    const error = failureIn(exit)
    if (error === undefined) throw new Error(`the call ended with a defect: ${Cause.pretty(exit.cause)}`)
    expect(Schema.is(AnyError)(error)).toBe(true)
    const wire = JSON.stringify(yield* Schema.encodeUnknown(AnyError)(error))
    const back = yield* Schema.decodeUnknown(AnyError)(JSON.parse(wire))
    expect([String(back), back._tag]).toEqual([String(error), Reflect.get(Object(error), "_tag")])
    expect(`${inspect(error)}${JSON.stringify(error)}${Cause.pretty(exit.cause)}`).not.toBe("")
  }).pipe(Effect.runPromise)

const status = fc.oneof(
  {
    arbitrary: fc.constantFrom(200, 201, 202, 204, 206, 304, 400, 404, 409, 422, 429, 500, 502, 503),
    weight: 3
  },
  { arbitrary: fc.integer({ min: 200, max: 599 }), weight: 1 }
)

const absurd = fc.oneof(
  fc.constantFrom(
    "0",
    "-1",
    "1e308",
    "1e400",
    "9007199254740993",
    "NaN",
    "Infinity",
    "-Infinity",
    "0x7f",
    "1.5",
    " "
  ),
  fc.constantFrom(
    "Sat, 01 Aug 2026 12:00:00 GMT",
    "Sat, 99 Zzz 99999 99:99:99 GMT",
    "8640000000001",
    "³",
    "1,2"
  ),
  fc.double().map(String),
  fc.string().map((text) => text.replace(/[^\x20-\x7e]/g, ""))
)

const headers = fc
  .dictionary(
    fc.constantFrom(
      "retry-after",
      "x-ratelimit-limit",
      "x-ratelimit-remaining",
      "x-ratelimit-reset",
      "x-request-id",
      "etag",
      "location",
      "content-length",
      "content-type",
      "content-range"
    ),
    absurd
  )
  .map((record) => ({ ...record }))

/** JSON in the form of the API's envelope, with arbitrary values. */
const nearlyEnvelope = fc.record(
  {
    ok: fc.oneof(fc.boolean(), fc.jsonValue()),
    data: fc.oneof(
      fc.record({ id: fc.jsonValue(), at: fc.oneof(fc.string(), fc.jsonValue()), secret: fc.jsonValue() }),
      fc.array(fc.record({ id: fc.oneof(fc.string(), fc.jsonValue()) })),
      fc.jsonValue()
    ),
    error: fc.oneof(
      fc.record(
        {
          code: fc.jsonValue(),
          message: fc.jsonValue(),
          retryable: fc.jsonValue(),
          param: fc.jsonValue(),
          doc_url: fc.jsonValue(),
          errors: fc.oneof(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), fc.jsonValue())
        },
        { requiredKeys: [] }
      ),
      fc.jsonValue()
    ),
    meta: fc.oneof(
      fc.dictionary(fc.oneof(fc.constant("request_id"), fc.string()), fc.jsonValue()),
      fc.jsonValue()
    ),
    pagination: fc.oneof(
      fc.record({
        has_more: fc.oneof(fc.boolean(), fc.jsonValue()),
        next_cursor: fc.oneof(fc.string(), fc.jsonValue())
      }),
      fc.jsonValue()
    ),
    __proto__: fc.jsonValue()
  },
  { requiredKeys: [] }
)

const bodies: Record<string, fc.Arbitrary<Uint8Array | string>> = {
  "arbitrary bytes": fc.uint8Array({ maxLength: 200 }),
  "arbitrary text": fc.string({ unit: "binary", maxLength: 200 }),
  "arbitrary JSON": fc.json(),
  "almost an envelope": nearlyEnvelope.map((value) => JSON.stringify(value))
}

const runs = { numRuns: 40 }

describe("a call succeeds or fails with a typed error", () => {
  for (const [what, body] of Object.entries(bodies)) {
    for (const [name, call] of Object.entries(calls)) {
      it(`when the response to ${name} is ${what}`, () =>
        fc.assert(
          fc.asyncProperty(fc.record({ status, headers, body }), (response) => expectTyped(call, response)),
          runs
        ))
    }
  }

  it("when the response is JSON with a hundred thousand levels", async () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000)
    for (const text of [deep, `{"ok":true,"data":${deep}}`, `{"ok":false,"error":{"message":${deep}}}`]) {
      for (const status of [200, 500]) {
        for (const call of Object.values(calls)) await expectTyped(call, { status, headers: {}, body: text })
      }
    }
  })
})

describe("a truncated body", () => {
  const whole = JSON.stringify({
    ok: true,
    data: { ...thing, id: "ünïcödé 日本 🚀" },
    meta: { request_id: "req_1", nested: [1, { a: null }] },
    pagination: { has_more: false }
  })
  const bytes = new TextEncoder().encode(whole)

  it("fails with TruncatedBody wherever it was truncated, and succeeds when it is complete", async () => {
    for (let length = 0; length <= bytes.length; length++) {
      const { client } = mockClient(() => new Response(bytes.slice(0, length)))
      const exit = await Effect.runPromiseExit(
        Effect.flatMap(makeThings(client, { retry: Retry.none }), (things) => things.get("a"))
      )
      if (length === bytes.length) expect(exit._tag).toBe("Success")
      else
        expect([length, exit]).toMatchObject([length, failedWith({ reason: "TruncatedBody", attempts: 1 })])
    }
  })

  it("of a failure leaves the status, wherever it was truncated", async () => {
    const failed = new TextEncoder().encode('{"ok":false,"error":{"code":"not_found","message":"Fort 日本"}}')
    for (let length = 0; length < failed.length; length++) {
      const { client } = mockClient(() => new Response(failed.slice(0, length), { status: 404 }))
      const exit = await Effect.runPromiseExit(
        Effect.flatMap(makeThings(client, { retry: Retry.none }), (things) => things.get("a"))
      )
      expect(exit).toMatchObject(failedWith({ _tag: "APIError", status: 404, code: "http_404" }))
    }
  })
})
