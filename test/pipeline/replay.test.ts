import { describe, expect, it } from "@effect/vitest"
import {
  InvalidRequestError,
  ResponseDecodeError,
  type SendmuxError
} from "../../src/internal/model/errors.js"
import { leavesRequestRunning, mayRetry } from "../../src/internal/pipeline/replay.js"
import { errorsOf } from "../support/errors.js"

const operation = "mailbox.things.create"

const { apiError: failed, transportError } = errorsOf(operation)

const apiError = (
  status: number,
  code: string,
  more: { readonly retryable?: boolean; readonly truncated?: boolean } = {}
) => failed(status, { code, retryable: true, ...more })

const others: ReadonlyArray<SendmuxError> = [
  new ResponseDecodeError({ operation, status: 200, requestId: undefined, issue: "odd" }),
  new InvalidRequestError({ operation, issues: [{ path: "", message: "odd" }] })
]

describe("a failed attempt", () => {
  it("may still run on the server if the API has not responded to it", () => {
    for (const reason of ["Network", "Timeout", "TruncatedBody"] as const) {
      expect(leavesRequestRunning(transportError(reason))).toBe(true)
    }
    expect(leavesRequestRunning(transportError("Network", "ECONNRESET"))).toBe(true)
    for (const status of [408, 499, 502, 504, 520, 522, 524]) {
      expect(leavesRequestRunning(apiError(status, `http_${status}`)), String(status)).toBe(true)
    }
  })

  it("does not run if it was not sent, or if the API has responded", () => {
    expect(leavesRequestRunning(transportError("AccessToken"))).toBe(false)
    for (const code of [
      "ECONNREFUSED",
      "ENOTFOUND",
      "EAI_AGAIN",
      "EHOSTUNREACH",
      "ENETUNREACH",
      "UND_ERR_CONNECT_TIMEOUT"
    ]) {
      expect(leavesRequestRunning(transportError("Network", code)), code).toBe(false)
    }
    expect(leavesRequestRunning(apiError(502, "service_unavailable"))).toBe(false)
    for (const status of [400, 404, 429, 500, 503]) {
      expect(leavesRequestRunning(apiError(status, `http_${status}`))).toBe(false)
    }
    for (const error of others) expect(leavesRequestRunning(error)).toBe(false)
  })
})

describe("a call", () => {
  const call = { replayable: true, hasKey: true, waitsForKey: false }
  const unsafe = { replayable: false, hasKey: false, waitsForKey: false }

  it("is sent again after a failure of transport if it is safe to repeat", () => {
    for (const reason of ["Network", "Timeout", "TruncatedBody"] as const) {
      expect(mayRetry(call, false, transportError(reason))).toBe(true)
      expect(mayRetry(unsafe, true, transportError(reason))).toBe(false)
    }
    expect(mayRetry(call, false, transportError("TooLarge"))).toBe(false)
  })

  it("is sent again without a token, since nothing was sent, and after a rate limit, since nothing ran", () => {
    for (const given of [call, unsafe]) {
      expect(mayRetry(given, false, transportError("AccessToken"))).toBe(true)
      expect(mayRetry(given, false, apiError(429, "rate_limit_exceeded"))).toBe(true)
      expect(mayRetry(given, false, apiError(429, "rate_limit_exceeded", { retryable: false }))).toBe(false)
    }
  })

  it("is sent again after a retryable failure of the API with a status that is temporary", () => {
    for (const status of [408, 500, 502, 503, 504]) {
      expect(mayRetry(call, false, apiError(status, "x"))).toBe(true)
      expect(mayRetry(unsafe, false, apiError(status, "x"))).toBe(false)
      expect(mayRetry(call, false, apiError(status, "x", { retryable: false }))).toBe(false)
    }
    for (const status of [400, 404, 409, 501]) {
      expect(mayRetry(call, false, apiError(status, "x"))).toBe(false)
      expect(mayRetry(call, false, apiError(status, "x", { truncated: true }))).toBe(true)
      expect(mayRetry(unsafe, false, apiError(status, "x", { truncated: true }))).toBe(false)
      expect(mayRetry(call, false, apiError(status, "x", { truncated: false }))).toBe(false)
    }
    expect(mayRetry(call, false, apiError(503, "no_active_providers"))).toBe(false)
    for (const error of others) expect(mayRetry(call, true, error)).toBe(false)
  })

  it("waits for the request that uses its key if that may be its own, or if it asked to wait", () => {
    const conflict = apiError(409, "idempotency_conflict", { retryable: false })
    expect(mayRetry(call, false, conflict)).toBe(false)
    expect(mayRetry(call, true, conflict)).toBe(true)
    expect(mayRetry({ ...call, waitsForKey: true }, false, conflict)).toBe(true)
    expect(mayRetry({ ...call, hasKey: false, waitsForKey: true }, true, conflict)).toBe(false)
  })
})
