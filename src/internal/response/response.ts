/**
 * From an answer to data or a typed failure. Bodies are read as text once and then parsed, so that a body cut short
 * is a failure of transport and not of decoding.
 */

import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { catchAll, utcFromMillis } from "../dialect/core.js"
import type { HttpClientResponse } from "../dialect/http.js"
import type { Issue } from "../dialect/schema.js"
import type { ResponseMeta } from "../model/call.js"
import {
  APIError,
  type FieldIssue,
  type RateLimit,
  ResponseDecodeError,
  TransportError
} from "../model/errors.js"
import { type OperationFacts, operationName } from "../operation/operation.js"
import { formatIssues } from "../request/prepare.js"
import { isRecord, parseJson } from "../values/json.js"

/** What one attempt knows when it reads its answer. */
export interface AttemptContext {
  readonly operation: OperationFacts
  readonly attempts: number
  /** Milliseconds since the epoch, by `Clock`. */
  readonly now: number
  /** What must never be quoted, should the server echo it. */
  readonly secrets: ReadonlyArray<string>
}

type HeaderRecord = Readonly<Record<string, string | undefined>>

/** An answer's JSON, told apart. */
export interface Parsed {
  readonly data: unknown
  readonly hasMore: boolean
  readonly nextCursor: string | undefined
  readonly meta: ResponseMeta
}

const stringIn = (record: unknown, key: string): string | undefined => {
  if (!isRecord(record)) return undefined
  const value = record[key]
  return typeof value === "string" && value !== "" ? value : undefined
}

// -----------------------------------------------------------------------------
// headers
// -----------------------------------------------------------------------------

const emptyExtra: Readonly<Record<string, unknown>> = Object.freeze({})

export const metaOf = (
  context: AttemptContext,
  status: number,
  headers: HeaderRecord,
  envelopeMeta: unknown
): ResponseMeta => {
  let extra = emptyExtra
  if (isRecord(envelopeMeta)) {
    const { request_id: _, ...rest } = envelopeMeta
    for (const key in rest) {
      if (key !== "") {
        extra = rest
        break
      }
    }
  }
  return {
    status,
    requestId: requestIdOf(context, headers, envelopeMeta),
    etag: headers["etag"],
    location: headers["location"],
    rateLimit: rateLimitOf(headers),
    retryAfter: retryAfterOf(status, headers, context.now),
    attempts: context.attempts,
    extra
  }
}

/** The envelope's request id or, for what has none, the header's. It ends up in errors and spans. */
export const requestIdOf = (
  { secrets }: Pick<AttemptContext, "secrets">,
  headers: HeaderRecord,
  envelopeMeta: unknown
): string | undefined => {
  const requestId = stringIn(envelopeMeta, "request_id") ?? headers["x-request-id"]
  return requestId === undefined ? undefined : scrub(requestId, secrets)
}

const numberHeader = (headers: HeaderRecord, name: string): number | undefined => {
  const text = headers[name]
  if (text === undefined || text.trim() === "") return undefined
  const value = Number(text)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}

/** The last instant a date can hold, in seconds. */
const lastSecond = 8_640_000_000_000

const rateLimitOf = (headers: HeaderRecord): RateLimit | undefined => {
  const limit = numberHeader(headers, "x-ratelimit-limit")
  const remaining = numberHeader(headers, "x-ratelimit-remaining")
  const seconds = numberHeader(headers, "x-ratelimit-reset")
  const reset = seconds === undefined || seconds > lastSecond ? undefined : utcFromMillis(seconds * 1000)
  return limit === undefined && remaining === undefined && reset === undefined
    ? undefined
    : { limit, remaining, reset }
}

/** Finite, so that it outlives its way over JSON. */
const hintOf = (millis: number): Duration.Duration =>
  Duration.millis(Math.min(Math.max(0, millis), lastSecond * 1000))

/** `Date.parse` finds a date in almost any text with a number, so a date of HTTP must begin with its weekday. */
const httpDate = /^(mon|tue|wed|thu|fri|sat|sun)[a-z]*,? /i

/** How long the server asks to wait: `Retry-After` in seconds or as a date, else, when refused by the rate limit, its reset. */
export const retryAfterOf = (
  status: number,
  headers: HeaderRecord,
  now: number
): Duration.Duration | undefined => {
  const text = headers["retry-after"]?.trim()
  if (text !== undefined && text !== "") {
    const seconds = Number(text)
    if (Number.isFinite(seconds)) return seconds >= 0 ? hintOf(seconds * 1000) : undefined
    const date = httpDate.test(text) ? Date.parse(text) : Number.NaN
    if (!Number.isNaN(date)) return hintOf(date - now)
  }
  const reset = status === 429 ? numberHeader(headers, "x-ratelimit-reset") : undefined
  return reset === undefined ? undefined : hintOf(reset * 1000 - now)
}

// -----------------------------------------------------------------------------
// failures
// -----------------------------------------------------------------------------

/** Replaces every secret of the call, should the server have quoted it, as it is or as it stands in a URL. */
export const scrub = (text: string, secrets: ReadonlyArray<string>): string =>
  secrets
    .flatMap(formsOf)
    .sort((one, other) => other.length - one.length)
    .reduce((clean, form) => clean.split(form).join("<redacted>"), text)

const halfSurrogate = /\p{Surrogate}/u

const formsOf = (secret: string): ReadonlyArray<string> => {
  if (secret === "") return []
  return halfSurrogate.test(secret) ? [secret] : [secret, encodeURIComponent(secret)]
}

const retryableStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])

export const isRetryableStatus = (status: number): boolean => retryableStatuses.has(status)

/** A failure from whatever the server said: the API's envelope, or something in between that is not the API. */
export const apiError = (
  context: AttemptContext,
  status: number,
  headers: HeaderRecord,
  text: string,
  cut = false
): APIError => {
  const body = parseJson(text)
  const envelope = isRecord(body) ? body : {}
  const error = isRecord(envelope["error"]) ? envelope["error"] : {}
  const clean = (value: string | undefined) =>
    value === undefined ? undefined : scrub(value, context.secrets)
  const code = clean(stringIn(error, "code"))
  const told = code === undefined ? undefined : error["retryable"]
  return new APIError(
    {
      operation: operationName(context.operation),
      status,
      code: code ?? codeOfStatus(status),
      message: clean(stringIn(error, "message")) ?? fallbackMessage(status, cut),
      param: clean(stringIn(error, "param")),
      docUrl: clean(stringIn(error, "doc_url")),
      errors: fieldIssues(error["errors"], context.secrets),
      retryable: typeof told === "boolean" ? told : cut || isRetryableStatus(status),
      requestId: requestIdOf(context, headers, envelope["meta"]),
      retryAfter: retryAfterOf(status, headers, context.now),
      rateLimit: rateLimitOf(headers),
      attempts: context.attempts
    },
    { disableValidation: true }
  )
}

/** The code of a failure that does not say its own. */
export const codeOfStatus = (status: number): string => `http_${status}`

const fallbackMessage = (status: number, cut: boolean): string => {
  if (cut) return `The server answered ${status}, and what it said was cut short`
  return status >= 300 && status < 400
    ? `The server answered with a redirect (${status}), which is not followed: check baseUrl`
    : `The server answered ${status} without the API's error envelope`
}

const fieldIssues = (errors: unknown, secrets: ReadonlyArray<string>): ReadonlyArray<FieldIssue> =>
  Array.isArray(errors)
    ? errors.filter(isRecord).map((issue) => ({
        field: scrub(stringIn(issue, "field") ?? "", secrets),
        code: scrub(stringIn(issue, "code") ?? "", secrets),
        message: scrub(stringIn(issue, "message") ?? "", secrets)
      }))
    : []

export const cutBody = (context: AttemptContext, systemCode?: string): TransportError =>
  new TransportError(
    {
      operation: operationName(context.operation),
      reason: "CutBody",
      message: "The answer ended before its end",
      systemCode,
      attempts: context.attempts
    },
    { disableValidation: true }
  )

const misfit = (context: AttemptContext, meta: ResponseMeta, issue: string): ResponseDecodeError =>
  new ResponseDecodeError({
    operation: operationName(context.operation),
    status: meta.status,
    requestId: meta.requestId,
    issue: scrub(issue, context.secrets)
  })

// -----------------------------------------------------------------------------
// success
// -----------------------------------------------------------------------------

/**
 * Fails with what a failed answer says. Where its body was cut short the status alone has to do. Another attempt may
 * tell what this one could not, such as that something is gone: where it is safe, the failure counts as retryable.
 */
export const failWith = (
  context: AttemptContext,
  status: number,
  headers: HeaderRecord,
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<never, APIError> =>
  Effect.flatMap(
    catchAll(response.text, () => Effect.succeed(undefined)),
    (text) => {
      const { flags, replayable } = context.operation
      const cut = text === undefined || (looksLikeJson(text) && parseJson(text) === undefined)
      return Effect.fail(
        apiError(context, status, headers, text ?? "", cut && (replayable || flags.idempotencyKey === true))
      )
    }
  )

const looksLikeJson = (text: string): boolean => /^\s*[{[]/.test(text)

/** Tells a successful JSON answer apart, with or without the envelope. */
export const parseBody = (
  context: AttemptContext,
  status: number,
  headers: HeaderRecord,
  text: string
): Parsed | APIError | ResponseDecodeError | TransportError => {
  const body = parseJson(text)
  const bare = (): ResponseMeta => metaOf(context, status, headers, undefined)
  if (body === undefined) {
    return text.trim() === "" || looksLikeJson(text)
      ? cutBody(context)
      : misfit(context, bare(), "expected JSON, and the answer is something else")
  }
  if (context.operation.response === "document") {
    return { data: body, hasMore: false, nextCursor: undefined, meta: bare() }
  }
  if (!isRecord(body)) return misfit(context, bare(), "expected the API's envelope, an object")
  const envelope = body
  if (envelope["ok"] === false) return apiError(context, status, headers, text)
  const meta = metaOf(context, status, headers, envelope["meta"])
  if (!("data" in envelope)) return misfit(context, meta, "data is missing")
  const pagination = envelope["pagination"]
  return {
    data: envelope["data"],
    hasMore: isRecord(pagination) && pagination["has_more"] === true,
    nextCursor: stringIn(pagination, "next_cursor"),
    meta
  }
}

/** The failure of an answer that was understood but does not fit its schema. */
export const decodeFailure = (
  context: AttemptContext,
  meta: ResponseMeta,
  issues: ReadonlyArray<Issue>
): ResponseDecodeError => misfit(context, meta, formatIssues(issues))
