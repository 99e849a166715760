/**
 * Conversions of single values, which the schemas of both versions use in their interpreted and in their compiled form.
 */
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { asString, type Convert, misfit } from "../../values/codecValues.js"
import { parseTimestamp } from "../../values/isoTimestamp.js"
import { utcFromMillis } from "../core.js"

const epoch = /* @__PURE__ */ utcFromMillis(0)

/** `utcFromMillis` for valid milliseconds, without the `Date` that it makes to validate them. */
const utcFromValidMillis = (millis: number): DateTime.Utc => DateTime.mapEpochMillis(epoch, () => millis)

const isUtc = (u: unknown): u is DateTime.Utc => DateTime.isDateTime(u) && DateTime.isUtc(u)

/** Reads a date in the format of `Date.parse`. Returns `undefined` for other text. */
export const utcOf = (text: string): DateTime.Utc | undefined => {
  const millis = Date.parse(text)
  return Number.isNaN(millis) ? undefined : utcFromMillis(millis)
}

/** An ISO timestamp and an instant. */
export const convertTimestamp = (decoding: boolean): Convert =>
  decoding
    ? (value) => {
        if (typeof value !== "string") return misfit
        const millis = parseTimestamp(value)
        return Number.isNaN(millis) ? misfit : utcFromValidMillis(millis)
      }
    : (value) => (isUtc(value) ? DateTime.formatIso(value) : misfit)

/** A decimal string and a number. */
export const convertDecimal = (decoding: boolean): Convert =>
  decoding
    ? (value) => {
        if (typeof value !== "string") return misfit
        const parsed = BigDecimal.fromString(value)
        return Option.isSome(parsed) ? BigDecimal.normalize(parsed.value) : misfit
      }
    : (value) => (BigDecimal.isBigDecimal(value) ? BigDecimal.format(BigDecimal.normalize(value)) : misfit)

/** A string and a `Redacted` string. */
export const convertSecret = (decoding: boolean): Convert =>
  decoding
    ? (value) => (typeof value === "string" ? Redacted.make(value) : misfit)
    : (value) => (Redacted.isRedacted(value) ? asString(Redacted.value(value)) : misfit)

/** Copies a `Redacted` string, in both directions, as Schema does. */
export const copyRedacted: Convert = (value) => {
  if (!Redacted.isRedacted(value)) return misfit
  const text = Redacted.value(value)
  return typeof text === "string" ? Redacted.make(text) : misfit
}

/** The text of a secret. */
export const plainOf = (value: string | Redacted.Redacted): string =>
  typeof value === "string" ? value : Redacted.value(value)

/** A point in time that a caller gives: an ISO string (sent as it is), a `Date` or a `DateTime`. */
export type TimestampInput = string | Date | DateTime.DateTime

/** The ISO timestamp of a point in time. */
export const isoOf = (value: TimestampInput): string => {
  if (typeof value === "string") return value
  return value instanceof Date ? value.toISOString() : DateTime.formatIso(value)
}

const base64 = /^[A-Za-z0-9+/\r\n]+$/
const padding = /^(?:=[\r\n]*){1,2}$/

/** In two steps, so that no text takes longer than its length. */
const isBase64 = (text: string): boolean => {
  const end = text.indexOf("=")
  return end === -1 ? base64.test(text) : base64.test(text.slice(0, end)) && padding.test(text.slice(end))
}

/** The problem of the content of a file, which is base64 text or bytes. */
export const problemOfContent = (value: string | Uint8Array): string | undefined => {
  if (value.length === 0) return "must not be empty"
  return typeof value !== "string" || isBase64(value) ? undefined : "must be base64, or a Uint8Array"
}
