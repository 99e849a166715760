/**
 * What accompanies the data of a response: request id, ETag, rate limit, and the server's hint when to retry.
 */
import * as Duration from "effect/Duration"
import { utcFromMillis } from "../dialect/core.js"
import type { ResponseMeta } from "../model/call.js"
import type { RateLimit } from "../model/errors.js"
import { isRecord, stringIn } from "../values/json.js"
import type { AttemptContext, HeaderRecord } from "./context.js"
import { safeText } from "./scrub.js"

const noExtra: Readonly<Record<string, unknown>> = Object.freeze({})

export const metaOf = (
  context: AttemptContext,
  status: number,
  headers: HeaderRecord,
  envelopeMeta: unknown
): ResponseMeta => ({
  status,
  requestId: requestIdOf(context, headers, envelopeMeta),
  etag: headers["etag"],
  location: headers["location"],
  rateLimit: rateLimitOf(headers),
  retryAfter: retryAfterOf(status, headers, context.now),
  attempts: context.attempts,
  extra: extraOf(envelopeMeta)
})

/** Everything in the envelope's `meta` but the request id, which most responses have alone. */
const extraOf = (envelopeMeta: unknown): Readonly<Record<string, unknown>> => {
  if (!isRecord(envelopeMeta)) return noExtra
  for (const key in envelopeMeta) {
    if (key !== "request_id") {
      const { request_id: _, ...extra } = envelopeMeta
      return extra
    }
  }
  return noExtra
}

const maxRequestIdLength = 256

/** The envelope's request id, otherwise the header's. It appears in errors and spans. */
export const requestIdOf = (
  { secrets }: Pick<AttemptContext, "secrets">,
  headers: HeaderRecord,
  envelopeMeta: unknown
): string | undefined => {
  const requestId = stringIn(envelopeMeta, "request_id") ?? headers["x-request-id"]
  return requestId === undefined ? undefined : safeText(requestId, secrets, maxRequestIdLength)
}

const numberHeader = (headers: HeaderRecord, name: string): number | undefined => {
  const text = headers[name]
  if (text === undefined || text.trim() === "") return undefined
  const value = Number(text)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}

/** The last instant that a date can represent, in seconds. */
const lastSecond = 8_640_000_000_000

export const rateLimitOf = (headers: HeaderRecord): RateLimit | undefined => {
  const limit = numberHeader(headers, "x-ratelimit-limit")
  const remaining = numberHeader(headers, "x-ratelimit-remaining")
  const seconds = numberHeader(headers, "x-ratelimit-reset")
  const reset = seconds === undefined || seconds > lastSecond ? undefined : utcFromMillis(seconds * 1000)
  return limit === undefined && remaining === undefined && reset === undefined
    ? undefined
    : { limit, remaining, reset }
}

/** Finite, so that it survives encoding as JSON. */
const hintOf = (millis: number): Duration.Duration =>
  Duration.millis(Math.min(Math.max(0, millis), lastSecond * 1000))

/** `Date.parse` finds a date in almost any text with a number; an HTTP date begins with its weekday. */
const httpDate = /^(mon|tue|wed|thu|fri|sat|sun)[a-z]*,? /i

/** How long the server asks to wait: `Retry-After` in seconds or as a date; for a 429 without it, the limit's reset. */
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
