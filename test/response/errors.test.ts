import { afterEach, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { vi } from "vitest"
import { isRetryableStatus } from "../../src/internal/model/failure.js"
import type { AnyOperation } from "../../src/internal/operation/operation.js"
import { compressedBody } from "../../src/internal/response/bytes.js"
import type { AttemptContext } from "../../src/internal/response/context.js"
import {
  apiError,
  bodyError,
  decodeFailure,
  encodingOf,
  networkError,
  tooLarge,
  truncatedBody,
  unexpectedBody
} from "../../src/internal/response/errors.js"
import { metaOf } from "../../src/internal/response/meta.js"
import { checkUploadMethod } from "../../src/internal/response/uploadMethod.js"
import { thingOperations, untyped } from "../support/synthetic.js"
import { errorOf } from "../support/time.js"

const contextOf = (operation: AnyOperation): AttemptContext => ({
  operation,
  attempts: 2,
  now: 0,
  secrets: ["key-one"],
  maxBytes: 1_000,
  idleTimeout: 1_000,
  deadline: Number.POSITIVE_INFINITY
})

const context = contextOf(untyped(thingOperations.get))

const errorFrom = (status: number, body: unknown, truncated = false, given: AttemptContext = context) =>
  apiError(given, status, {}, typeof body === "string" ? body : JSON.stringify(body), truncated)

describe("the error of a failed response", () => {
  it("has what the envelope and the headers say", () => {
    const body = {
      ok: false,
      error: {
        code: "validation_error",
        message: "It is invalid",
        param: "to.email",
        doc_url: "https://docs.example/validation",
        retryable: false,
        errors: [{ field: "to.email", code: "invalid", message: "It is no address" }, "odd", { field: 7 }]
      },
      meta: { request_id: "req_1" }
    }
    const error = apiError(context, 422, { "x-ratelimit-limit": "9" }, JSON.stringify(body))
    expect({ ...error }).toMatchObject({
      operation: "mailbox.things.get",
      status: 422,
      code: "validation_error",
      detail: "It is invalid",
      param: "to.email",
      docUrl: "https://docs.example/validation",
      errors: [
        { field: "to.email", code: "invalid", message: "It is no address" },
        { field: "", code: "", message: "" }
      ],
      retryable: false,
      truncated: undefined,
      requestId: "req_1",
      rateLimit: { limit: 9 },
      attempts: 2
    })
  })

  it("has a code of its status, and says that there is no envelope", () => {
    for (const body of [
      "",
      "<html>",
      "7",
      "[]",
      {},
      { error: "text" },
      { error: { code: 7, message: "" } }
    ]) {
      const error = errorFrom(404, body)
      expect([error.code, error.detail, error.errors]).toEqual([
        "http_404",
        "The server responded with 404 and without the API's error envelope",
        []
      ])
    }
  })

  it("says that a redirect is not followed, with its status if the runtime reports it", () => {
    const redirect = (status: number) =>
      `The server responded with a redirect (${status}), which is not followed: check baseUrl`
    expect(errorFrom(300, "").detail).toBe(redirect(300))
    expect(errorFrom(399, "").detail).toBe(redirect(399))
    expect(errorFrom(400, "").detail).not.toContain("redirect")
    expect(errorFrom(299, "").detail).not.toContain("redirect")
    expect(errorFrom(0, "").detail).toBe(
      "The server responded with a redirect, which is not followed: check baseUrl"
    )
  })

  it("says that its body was truncated", () => {
    const error = errorFrom(503, '{"ok":', true)
    expect([error.detail, error.truncated]).toEqual([
      "The server responded with 503, and the response body was truncated",
      true
    ])
  })

  it("is retryable as the envelope says, if it has a code, or else by its status", () => {
    const stated = (status: number, error: object) => errorFrom(status, { error }).retryable
    expect(stated(400, { code: "x", retryable: true })).toBe(true)
    expect(stated(503, { code: "x", retryable: false })).toBe(false)
    expect(stated(400, { retryable: true })).toBe(false)
    expect(stated(503, { retryable: false })).toBe(true)
    expect(stated(503, { code: "x", retryable: "no" })).toBe(true)
    for (const status of [408, 429, 500, 502, 503, 504]) {
      expect([isRetryableStatus(status), stated(status, { code: "x" })]).toEqual([true, true])
    }
    for (const status of [400, 404, 409, 501, 505]) {
      expect([isRetryableStatus(status), stated(status, { code: "x" })]).toEqual([false, false])
    }
  })

  it("is retryable if its body was truncated and the request can be sent twice", () => {
    const cut = (operation: keyof typeof thingOperations, status = 404, truncated = true) =>
      errorFrom(status, "", truncated, contextOf(untyped(thingOperations[operation]))).retryable
    expect([cut("get"), cut("batchGet"), cut("create")]).toEqual([true, true, true])
    expect([cut("note"), cut("change")]).toEqual([false, false])
    expect([cut("note", 503), cut("get", 404, false), cut("create", 404, false)]).toEqual([
      true,
      false,
      false
    ])
  })

  it("scrubs and shortens its texts, and keeps at most 100 issues of fields", () => {
    const long = "x".repeat(5_000)
    const issue = { field: long, code: long, message: `key-one ${long}` }
    const error = errorFrom(422, {
      error: {
        code: long,
        message: `key-one ${long}`,
        param: long,
        doc_url: long,
        errors: Array.from({ length: 101 }, () => issue)
      }
    })
    expect([error.code.length, error.detail.length, error.param?.length, error.docUrl?.length]).toEqual([
      200, 2_000, 200, 2_000
    ])
    expect(error.detail).toMatch(/^<redacted> x/)
    expect(error.errors).toHaveLength(100)
    const [first] = error.errors
    expect([first?.field.length, first?.code.length, first?.message.length]).toEqual([200, 200, 2_000])
    expect(first?.message).toMatch(/^<redacted> x/)
  })
})

describe("the error of a request without a response", () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  it("says what happened, by the code of the system", () => {
    const known: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
      ["The connection was refused: check that baseUrl is reachable", ["ECONNREFUSED"]],
      ["The host name could not be resolved: check baseUrl and the DNS", ["ENOTFOUND", "EAI_AGAIN"]],
      ["The connection could not be established in time", ["ETIMEDOUT", "UND_ERR_CONNECT_TIMEOUT"]],
      [
        "The connection was closed before a response arrived",
        ["ECONNRESET", "EPIPE", "ECONNABORTED", "UND_ERR_SOCKET"]
      ],
      ["The host could not be reached: check the network", ["EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL"]],
      [
        "The TLS connection could not be established: check the certificate",
        [
          "CERT_HAS_EXPIRED",
          "ERR_TLS_CERT_ALTNAME_INVALID",
          "ERR_SSL_WRONG_VERSION_NUMBER",
          "EPROTO",
          "DEPTH_ZERO_SELF_SIGNED_CERT",
          "SELF_SIGNED_CERT_IN_CHAIN",
          "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
          "HOSTNAME_MISMATCH"
        ]
      ]
    ]
    for (const [detail, codes] of known) {
      for (const code of codes) {
        expect(networkError(context, code)).toMatchObject({
          operation: "mailbox.things.get",
          reason: "Network",
          detail,
          systemCode: code,
          attempts: 2
        })
        expect(networkError(context, `X${code}`).detail, code).toBe(
          "The request failed before a response arrived"
        )
      }
    }
    for (const whole of ["ECONNREFUSED", "ETIMEDOUT", "ECONNRESET", "EHOSTUNREACH"]) {
      expect(networkError(context, `${whole}X`).detail).toBe("The request failed before a response arrived")
    }
    expect(networkError(context, undefined).detail).toBe("The request failed before a response arrived")
  })

  it("mentions CORS in a browser, which reports no code", () => {
    vi.stubGlobal("document", {})
    expect(networkError(context, undefined).detail).toBe(
      "The request failed before a response arrived: the browser reports a request that it blocked (CORS) in the same way"
    )
    expect(networkError(context, "ECONNREFUSED").detail).toContain("refused")
  })
})

describe("the error of a response that cannot be read", () => {
  const meta = metaOf(context, 200, { "x-request-id": "req_1" }, undefined)

  it("says that the body was truncated or too large", () => {
    expect(truncatedBody(context, "ECONNRESET")).toMatchObject({
      reason: "TruncatedBody",
      detail: "The response body was truncated",
      systemCode: "ECONNRESET"
    })
    expect(tooLarge(context)).toMatchObject({
      reason: "TooLarge",
      detail: "The response body is larger than 1000 bytes: raise maxResponseBytes if that is expected",
      systemCode: undefined
    })
  })

  it("has the reason of the failure to read the body, and the code of the system if there is one", () => {
    expect(bodyError(context, { _tag: "TooLarge" })).toMatchObject({ reason: "TooLarge" })
    expect(bodyError(context, { _tag: "Truncated", cause: { code: "ECONNRESET" } })).toMatchObject({
      reason: "TruncatedBody",
      systemCode: "ECONNRESET"
    })
  })

  it("names the encoding of a compressed body if it is a plausible one", () => {
    const named = (encoding: string | undefined) => encodingOf({ "content-encoding": encoding })
    expect(["br", " x-gzip\t", "a".repeat(20)].map(named)).toEqual([
      " (br)",
      " (x-gzip)",
      ` (${"a".repeat(20)})`
    ])
    for (const encoding of [undefined, "", "gzip, br", "br;", "<br", "a".repeat(21)]) {
      expect(named(encoding), encoding).toBe("")
    }
  })

  it("says that a stream is compressed, unless the client decompresses it", () => {
    const errorOfStream = (source: unknown) =>
      compressedBody(untyped({ status: 200, headers: { "content-encoding": "br" }, source }), context)
    expect(errorOfStream({})).toMatchObject({
      _tag: "ResponseDecodeError",
      issue:
        "the response is compressed (br), which this HTTP client does not decompress: the client must not ask for it, or use a client based on fetch"
    })
    expect(errorOfStream(new Response())).toBeUndefined()
  })

  it("has a line for each issue, scrubbed and cut, and at most 100", () => {
    const error = unexpectedBody(context, meta, "data.key-one is odd\ndata.b is odd")
    expect({ ...error }).toMatchObject({
      operation: "mailbox.things.get",
      status: 200,
      requestId: "req_1",
      issue: "data.<redacted> is odd\ndata.b is odd"
    })
    const long = unexpectedBody(
      context,
      meta,
      Array.from({ length: 101 }, () => "x".repeat(3_000)).join("\n")
    )
    const lines = long.issue.split("\n")
    expect([lines.length, lines[0]?.length]).toEqual([100, 2_000])
    const issues = [
      { path: "data.a", message: "expected a string" },
      { path: "", message: "expected an object" }
    ]
    expect(decodeFailure(context, meta, issues).issue).toBe("data.a expected a string\nexpected an object")
  })

  it("says that an upload needs another method than PUT", () => {
    const check = (method: string) =>
      Effect.runSyncExit(checkUploadMethod("mailbox.attachments.uploadDelegated", { data: { method }, meta }))
    expect([check("PUT"), check("put")].every(Exit.isSuccess)).toBe(true)
    expect(errorOf(check("POST"))).toMatchObject({
      operation: "mailbox.attachments.uploadDelegated",
      status: 200,
      requestId: "req_1",
      issue: "method: the upload grant requires a method other than PUT, which this version cannot send"
    })
  })
})
