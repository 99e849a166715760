/**
 * What a failed response says. Stands below `errors.ts`, whose `APIError.fromResponse` reads it too.
 */
import * as Effect from "effect/Effect"
import type { HttpClientResponse } from "../dialect/http.js"
import { readText } from "../dialect/shared/body.js"
import { isRecord, looksLikeJson, parseJson, stringIn } from "../values/json.js"
import { safeText } from "../values/scrub.js"
import { type HeaderRecord, rateLimitOf, requestIdOf, retryAfterOf } from "./headers.js"

/** The longest texts that an error keeps, in characters, and the most issues. */
export const maxTextLength = 2_000
const maxNameLength = 200
export const maxIssues = 100

/** The largest body of a failed response, in bytes: more is no error envelope. */
const maxErrorBytes = 1024 * 1024

const retryableStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])

export const isRetryableStatus = (status: number): boolean => retryableStatuses.has(status)

/** The code of a failure that does not contain one. */
export const codeOfStatus = (status: number): string => `http_${status}`

/** The body of a failed response. */
export interface FailureText {
  readonly text: string
  readonly truncated: boolean
}

/** Reads the body of a failed response. One that cannot be read is empty. */
export const readFailureText = (
  response: HttpClientResponse.HttpClientResponse,
  headers: HeaderRecord,
  maxBytes: number
): Effect.Effect<FailureText> =>
  Effect.match(readText(response, headers, Math.min(maxBytes, maxErrorBytes)), {
    onFailure: ({ _tag }) => ({ text: "", truncated: _tag === "Truncated" }),
    onSuccess: failureText
  })

/** The text of a failed response. JSON that does not parse was truncated. */
export const failureText = (text: string): FailureText => ({
  text,
  truncated: looksLikeJson(text) && parseJson(text) === undefined
})

/** What is known about a failed request besides its response. */
interface FailedRequest {
  /** Its name in the error. */
  readonly operation: string
  readonly attempts: number
  /** Milliseconds since the epoch. */
  readonly now: number
  /** What the error must not quote. */
  readonly secrets: ReadonlyArray<string>
}

/**
 * The fields of the `APIError` of a response, in the API's envelope or without it. `isSafe`: whether the request may be sent
 * again when it is unknown whether the server ran it.
 */
export const readFailure = (
  { attempts, now, operation, secrets }: FailedRequest,
  isSafe: boolean,
  status: number,
  headers: HeaderRecord,
  { text, truncated }: FailureText
) => {
  const body = parseJson(text)
  const envelope = isRecord(body) ? body : {}
  const error = isRecord(envelope["error"]) ? envelope["error"] : {}
  const textIn = (key: string, length: number) => {
    const value = stringIn(error, key)
    return value === undefined ? undefined : safeText(value, secrets, length)
  }
  const code = textIn("code", maxNameLength)
  const stated = code === undefined ? undefined : error["retryable"]
  return {
    operation,
    status,
    code: code ?? codeOfStatus(status),
    detail: textIn("message", maxTextLength) ?? fallbackDetail(status, truncated),
    param: textIn("param", maxNameLength),
    docUrl: textIn("doc_url", maxTextLength),
    errors: fieldIssues(error["errors"], secrets),
    // Another attempt may show what a truncated body did not, such as that a resource is gone.
    retryable: typeof stated === "boolean" ? stated : (truncated && isSafe) || isRetryableStatus(status),
    truncated: truncated ? true : undefined,
    requestId: requestIdOf(secrets, headers, envelope["meta"]),
    retryAfter: retryAfterOf(status, headers, now),
    rateLimit: rateLimitOf(headers),
    attempts
  }
}

const fallbackDetail = (status: number, truncated: boolean): string => {
  if (status === 0) return "The server responded with a redirect, which is not followed: check baseUrl"
  if (truncated) return `The server responded with ${status}, and the response body was truncated`
  return status >= 300 && status < 400
    ? `The server responded with a redirect (${status}), which is not followed: check baseUrl`
    : `The server responded with ${status} and without the API's error envelope`
}

const fieldIssues = (errors: unknown, secrets: ReadonlyArray<string>) => {
  if (!Array.isArray(errors)) return []
  const textIn = (issue: unknown, key: string, length: number) =>
    safeText(stringIn(issue, key) ?? "", secrets, length)
  return errors
    .slice(0, maxIssues)
    .filter(isRecord)
    .map((issue) => ({
      field: textIn(issue, "field", maxNameLength),
      code: textIn(issue, "code", maxNameLength),
      message: textIn(issue, "message", maxTextLength)
    }))
}

/** The end of a message: the id that support asks for. */
export const requestSuffix = (requestId: string | undefined): string =>
  requestId === undefined ? "" : `, request ${requestId}`
