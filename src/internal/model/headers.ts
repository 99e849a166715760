/**
 * What the headers of a response say: request id, rate limit, and the server's hint when to retry.
 */
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import { utcFromMillis } from "../dialect/core.js"
import { stringIn } from "../values/json.js"
import { safeText } from "../values/scrub.js"

export type HeaderRecord = Readonly<Record<string, string | undefined>>

/** The fields of `RateLimit`, whose schema stands above this file. */
export interface RateLimitFacts {
  readonly limit: number | undefined
  readonly remaining: number | undefined
  readonly reset: DateTime.Utc | undefined
}

const maxRequestIdLength = 256

/** The envelope's request id, otherwise the header's. It appears in errors and spans. */
export const requestIdOf = (
  secrets: ReadonlyArray<string>,
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

/** The state of the rate limit, if the server sent it. */
export const rateLimitOf = (headers: HeaderRecord): RateLimitFacts | undefined => {
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
