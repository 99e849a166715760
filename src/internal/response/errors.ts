/**
 * From a failed response to a typed error.
 */

import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { type HttpClientResponse, systemCode } from "../dialect/http.js"
import { type Issue, unchecked } from "../dialect/schema.js"
import type { BodyFailure } from "../dialect/shared/body.js"
import type { ResponseMeta } from "../model/call.js"
import { APIError, ResponseDecodeError, TransportError } from "../model/errors.js"
import { maxIssues, maxTextLength, readFailure, readFailureText } from "../model/failure.js"
import type { HeaderRecord } from "../model/headers.js"
import type { Refusal } from "../model/limiter.js"
import { operationName } from "../operation/operation.js"
import { formatIssues } from "../schema/issues.js"
import { safeText } from "../values/scrub.js"
import type { AttemptContext } from "./context.js"

/** A failure as the server describes it, in the API's envelope or in the response of something in between. */
export const apiError = (
  context: AttemptContext,
  status: number,
  headers: HeaderRecord,
  text: string,
  truncated = false
): APIError => {
  const { flags, replayable } = context.operation
  const failed = { ...context, operation: operationName(context.operation) }
  const isSafe = replayable || flags.idempotencyKey === true
  return new APIError(readFailure(failed, isSafe, status, headers, { text, truncated }), unchecked)
}

/** Fails with what a failed response says; where its body was truncated, with its status alone. */
export const failWith = (
  context: AttemptContext,
  status: number,
  headers: HeaderRecord,
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<never, APIError> =>
  Effect.flatMap(readFailureText(response, headers, context.maxBytes), ({ text, truncated }) =>
    Effect.fail(apiError(context, status, headers, text, truncated))
  )

/** A request that was not sent, because the rate limit would have delayed it for longer than the call may wait. */
export const rateRefusal = (
  { attempts, operation }: Pick<AttemptContext, "operation" | "attempts">,
  { allowed, rateLimit, wait }: Refusal
): APIError =>
  new APIError(
    {
      operation: operationName(operation),
      status: 429,
      code: "rate_limit_exceeded",
      detail: `The request was not sent: the rate limit allows it in ${wait} ms, and the call may wait ${allowed} ms`,
      param: undefined,
      docUrl: undefined,
      errors: [],
      retryable: true,
      truncated: undefined,
      requestId: undefined,
      retryAfter: Duration.millis(wait),
      rateLimit,
      attempts
    },
    unchecked
  )

/** A body that ended early or is too large. */
export const bodyError = (context: AttemptContext, failure: BodyFailure): TransportError =>
  failure._tag === "TooLarge" ? tooLarge(context) : truncatedBody(context, systemCode(failure.cause))

export const truncatedBody = (context: AttemptContext, systemCode?: string): TransportError =>
  transportError(context, "TruncatedBody", "The response body was truncated", systemCode)

export const tooLarge = (context: AttemptContext): TransportError =>
  transportError(
    context,
    "TooLarge",
    `The response body is larger than ${context.maxBytes} bytes: raise maxResponseBytes if that is expected`
  )

/** A request without a response. */
export const networkError = (
  context: Pick<AttemptContext, "operation" | "attempts">,
  systemCode: string | undefined
): TransportError => transportError(context, "Network", networkMessage(systemCode), systemCode)

const networkMessages: ReadonlyArray<readonly [RegExp, string]> = [
  [/^ECONNREFUSED$/, "The connection was refused: check that baseUrl is reachable"],
  [/^(ENOTFOUND|EAI_)/, "The host name could not be resolved: check baseUrl and the DNS"],
  [/^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/, "The connection could not be established in time"],
  [/^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET)$/, "The connection was closed before a response arrived"],
  [/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/, "The host could not be reached: check the network"],
  [
    /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/,
    "The TLS connection could not be established: check the certificate"
  ]
]

const networkMessage = (systemCode: string | undefined): string => {
  const known = networkMessages.find(([code]) => systemCode !== undefined && code.test(systemCode))
  if (known !== undefined) return known[1]
  // A browser does not report why a request failed.
  return "document" in globalThis
    ? "The request failed before a response arrived: the browser reports a request that it blocked (CORS) in the same way"
    : "The request failed before a response arrived"
}

export const transportError = (
  { attempts, operation }: Pick<AttemptContext, "operation" | "attempts">,
  reason: TransportError["reason"],
  detail: string,
  systemCode?: string
): TransportError =>
  new TransportError({ operation: operationName(operation), reason, detail, systemCode, attempts }, unchecked)

/** The lines of an issue, of which each path may come from the server. */
const safeIssue = (issue: string, secrets: ReadonlyArray<string>): string =>
  issue
    .split("\n", maxIssues)
    .map((line) => safeText(line, secrets, maxTextLength))
    .join("\n")

/** A successful response with something other than the API's JSON. */
export const unexpectedBody = (
  context: AttemptContext,
  meta: ResponseMeta,
  issue: string
): ResponseDecodeError =>
  new ResponseDecodeError({
    operation: operationName(context.operation),
    status: meta.status,
    requestId: meta.requestId,
    issue: safeIssue(issue, context.secrets)
  })

/** Whether the body of a response is compressed as it was sent. */
export const isEncoded = (headers: HeaderRecord): boolean => {
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? ""
  return encoding !== "" && encoding !== "identity"
}

/** The encoding of a compressed response in brackets, if the header is a plausible one. */
export const encodingOf = (headers: HeaderRecord): string => {
  const encoding = headers["content-encoding"]?.trim() ?? ""
  return /^[\w-]{1,20}$/.test(encoding) ? ` (${encoding})` : ""
}

/** A successful response whose data does not match its schema. */
export const decodeFailure = (
  context: AttemptContext,
  meta: ResponseMeta,
  issues: ReadonlyArray<Issue>
): ResponseDecodeError => unexpectedBody(context, meta, formatIssues(issues))
