import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import { rateLimitOf, requestIdOf, retryAfterOf } from "../../src/internal/model/headers.js"
import type { AttemptContext } from "../../src/internal/response/context.js"
import { metaOf } from "../../src/internal/response/meta.js"
import { thingOperations } from "../support/synthetic.js"

const now = Date.UTC(2026, 7, 1, 12, 0, 0)

const context: AttemptContext = {
  operation: thingOperations.get,
  attempts: 2,
  now,
  secrets: ["key-one"],
  maxBytes: 1_000,
  idleTimeout: 1_000,
  deadline: Number.POSITIVE_INFINITY
}

/** The last second that a date can represent. */
const lastSecond = 8_640_000_000_000

describe("the rate limit of a response", () => {
  it("has what its headers contain", () => {
    const all = rateLimitOf({
      "x-ratelimit-limit": "100",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": "1785585600"
    })
    expect([all?.limit, all?.remaining]).toEqual([100, 0])
    expect(all?.reset === undefined ? undefined : DateTime.toEpochMillis(all.reset)).toBe(1_785_585_600_000)
    expect(rateLimitOf({ "x-ratelimit-limit": "100" })).toEqual({
      limit: 100,
      remaining: undefined,
      reset: undefined
    })
    expect(rateLimitOf({ "x-ratelimit-remaining": "7" })).toMatchObject({ remaining: 7 })
    expect(rateLimitOf({ "x-ratelimit-reset": "0" })?.reset).toBeDefined()
    expect(rateLimitOf({})).toBeUndefined()
  })

  it("ignores a header that is not a number of zero or more", () => {
    for (const value of ["", " ", "many", "-1", "Infinity", "NaN"]) {
      expect(rateLimitOf({ "x-ratelimit-limit": value }), value).toBeUndefined()
    }
  })

  it("ignores a reset that no date can represent", () => {
    expect(rateLimitOf({ "x-ratelimit-reset": String(lastSecond) })?.reset).toBeDefined()
    expect(rateLimitOf({ "x-ratelimit-reset": String(lastSecond + 1) })).toBeUndefined()
  })
})

describe("the delay that a response asks for", () => {
  const millisOf = (retryAfter: string | undefined, status = 503, reset?: string): number | undefined => {
    const hint = retryAfterOf(status, { "retry-after": retryAfter, "x-ratelimit-reset": reset }, now)
    return hint === undefined ? undefined : Duration.toMillis(hint)
  }

  it("is a number of seconds", () => {
    expect(millisOf("7")).toBe(7_000)
    expect(millisOf(" 7 ")).toBe(7_000)
    expect(millisOf("0")).toBe(0)
    expect(millisOf("0.5")).toBe(500)
    expect(millisOf("-1")).toBeUndefined()
    expect(millisOf("1e300")).toBe(lastSecond * 1000)
  })

  it("lasts until a date in one of the three formats of HTTP", () => {
    expect(millisOf("Sat, 01 Aug 2026 12:00:09 GMT")).toBe(9_000)
    expect(millisOf("Saturday, 01 Aug 2026 12:00:09 GMT")).toBe(9_000)
    expect(millisOf("sat Aug 1 12:00:09 2026 GMT")).toBe(9_000)
    expect(millisOf("Sat, 01 Aug 2026 11:00:00 GMT")).toBe(0)
  })

  it("is not read from a text in another format", () => {
    const others = [
      "",
      " ",
      "soon",
      "NaN",
      "Infinity",
      "2026-08-01",
      "Aug 1 2026",
      "Sat, soon",
      "x Sat, 1 Aug 2026"
    ]
    for (const text of others) expect(millisOf(text), text).toBeUndefined()
    expect(millisOf(undefined)).toBeUndefined()
  })

  it("lasts until the reset of the rate limit if a 429 asks for no other delay", () => {
    const reset = String(now / 1000 + 12)
    expect(millisOf(undefined, 429, reset)).toBe(12_000)
    expect(millisOf("soon", 429, reset)).toBe(12_000)
    expect(millisOf("2", 429, reset)).toBe(2_000)
    expect(millisOf("-1", 429, reset)).toBeUndefined()
    expect(millisOf(undefined, 503, reset)).toBeUndefined()
    expect(millisOf(undefined, 429, "0")).toBe(0)
    expect(millisOf(undefined, 429, "soon")).toBeUndefined()
  })
})

describe("the request id of a response", () => {
  it("is that of the envelope, or else that of the header", () => {
    const headers = { "x-request-id": "req_header" }
    expect(requestIdOf(context.secrets, headers, { request_id: "req_body" })).toBe("req_body")
    expect(requestIdOf(context.secrets, headers, { request_id: "" })).toBe("req_header")
    expect(requestIdOf(context.secrets, headers, { request_id: 7 })).toBe("req_header")
    expect(requestIdOf(context.secrets, headers, undefined)).toBe("req_header")
    expect(requestIdOf(context.secrets, {}, undefined)).toBeUndefined()
  })

  it("is scrubbed, and cut after 256 characters", () => {
    expect(requestIdOf(context.secrets, { "x-request-id": "key-one" }, undefined)).toBe("<redacted>")
    expect(requestIdOf(context.secrets, { "x-request-id": "r".repeat(256) }, undefined)).toBe("r".repeat(256))
    expect(requestIdOf(context.secrets, { "x-request-id": "r".repeat(257) }, undefined)).toHaveLength(256)
  })
})

describe("the metadata of a response", () => {
  it("contains status, ETag, location, delay and attempts", () => {
    const headers = { etag: '"1"', location: "/things/1", "retry-after": "7", "x-ratelimit-limit": "9" }
    expect(metaOf(context, 202, headers, { request_id: "req_1" })).toEqual({
      status: 202,
      requestId: "req_1",
      etag: '"1"',
      location: "/things/1",
      rateLimit: { limit: 9, remaining: undefined, reset: undefined },
      retryAfter: Duration.seconds(7),
      attempts: 2,
      extra: {}
    })
  })

  it("contains the other fields of the envelope's meta as extra, which is frozen if there are none", () => {
    const extraOf = (meta: unknown) => metaOf(context, 200, {}, meta).extra
    expect(extraOf({ request_id: "req_1", query_state: "q", n: 1 })).toEqual({ query_state: "q", n: 1 })
    expect(extraOf({ query_state: "q" })).toEqual({ query_state: "q" })
    for (const meta of [undefined, null, "text", [1], {}, { request_id: "req_1" }]) {
      expect(extraOf(meta)).toEqual({})
      expect(Object.isFrozen(extraOf(meta))).toBe(true)
    }
  })
})
