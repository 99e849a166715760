/**
 * The API's schema vocabulary. Resource modules are tables of these names.
 */
import * as Schema from "effect/Schema"
import * as Dialect from "../dialect/schema.js"
import { isContent } from "../request/content.js"

/** A value of a response that may be null; a missing one reads as null. */
export const Nullable = Dialect.nullable

/** A key that a response may leave out. */
export const Optional = Dialect.optional

/** A key that a request may leave out. */
export const OptionalInput = Dialect.optionalInput

/** A closed set of values, for what a caller gives. */
export const Literals = Dialect.literals

/** A set of values that the API may grow: known ones are offered, others let through. */
export const OpenEnum = Dialect.openString

/** One of several shapes. */
export const OneOf = Dialect.union

/** An object with any keys and values of one schema. */
export const RecordOf = Dialect.record

/** An object of which nothing is known. */
export const UnknownRecord = Dialect.unknownRecord

/** An instant; an ISO 8601 string on the wire. */
export const Timestamp = Dialect.utcTimestamp

/** An instant that may be null; an unreadable one is null too, so that one bad date cannot fail a page. */
export const NullableTimestamp = /* @__PURE__ */ Dialect.nullableLenient(Dialect.utcTimestamp)

/** An instant that a caller gives. */
export const TimestampInput = Dialect.timestampInput

/** A decimal amount of money. */
export const Money = Dialect.decimal

/** A secret of a response, `Redacted` once decoded. */
export const Secret = Dialect.secret

/** A secret that a caller gives, plain or `Redacted`. */
export const SecretInput = Dialect.secretInput

/** A file as text in base64, which a caller may give as bytes. */
export const Base64Input = Dialect.base64Input

/** Bytes to upload. */
export const Content = Dialect.guarded(isContent, "a Uint8Array, a Blob or a Stream of Uint8Array")

/** A schema with one more rule. */
export const Checked = Dialect.check

interface TextLimits {
  readonly min?: number
  readonly max?: number
  readonly singleLine?: boolean
}

const lineBreak = /[\r\n]/

/** A string that a caller gives, with its limits in characters. */
export const Text = ({
  min = 0,
  max = Number.POSITIVE_INFINITY,
  singleLine = false
}: TextLimits): Dialect.Codec<string, string> =>
  Dialect.check(Schema.String, (text) => {
    if (text.length < min) return min === 1 ? "must not be empty" : `must have at least ${min} characters`
    if (text.length > max) return `must have at most ${max} characters, and has ${text.length}`
    if (singleLine && lineBreak.test(text)) return "must not contain a line break"
    return undefined
  })

/** A MIME type that a caller gives, parameters included. */
export const MimeType: Dialect.Codec<string, string> = Dialect.check(Text({ max: 255 }), (type) =>
  /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+\s*(;[\x20-\x7e]*)?$/.test(type)
    ? undefined
    : "must be a MIME type such as application/pdf"
)

const address = /^[^\s@]+@[^\s@]+$/

/** An email address that a caller gives: one `@`, no white space, at most 254 characters. */
export const EmailAddress: Dialect.Codec<string, string> = Dialect.check(Schema.String, (text) => {
  if (!address.test(text)) return "must be an email address such as ada@example.com, without a display name"
  return text.length > 254 ? "must have at most 254 characters" : undefined
})

/** A whole number that a caller gives, within limits that are part of them. */
export const WholeNumber = (
  min: number,
  max: number = Number.MAX_SAFE_INTEGER
): Dialect.Codec<number, number> =>
  Dialect.check(Schema.Number, (value) =>
    Number.isSafeInteger(value) && value >= min && value <= max
      ? undefined
      : max === Number.MAX_SAFE_INTEGER
        ? `must be a whole number of at least ${min}`
        : `must be a whole number from ${min} to ${max}`
  )

/** A list that a caller gives, with its limits in elements. */
export const ListOf = <A, I>(
  item: Dialect.Codec<A, I>,
  min: number,
  max: number
): Dialect.Codec<ReadonlyArray<A>, ReadonlyArray<I>> =>
  Dialect.check(Schema.Array(item), (list) =>
    list.length < min
      ? `must have at least ${min} ${min === 1 ? "element" : "elements"}`
      : list.length > max
        ? `must have at most ${max} elements, and has ${list.length}`
        : undefined
  )

/** Ids that a caller gives as an array and the API takes as one comma-joined value. */
export const CommaJoined = (min: number, max: number): Dialect.Codec<ReadonlyArray<string>, string> =>
  Dialect.mapped(
    Schema.String,
    Dialect.typeOf(
      ListOf(
        Dialect.check(Schema.String, (id) =>
          id === "" || id.includes(",") ? "must be an id: not empty and without a comma" : undefined
        ),
        min,
        max
      )
    ),
    (text) => text.split(","),
    (ids) => ids.join(",")
  )
