/**
 * The schemas from which the resources build their own. A name that ends with `Input` is for requests.
 */
import * as Schema from "effect/Schema"
import * as Dialect from "../dialect/schema.js"
import { isContent } from "./content.js"

/** A value of a response that may be null. A missing value decodes to null. */
export const Nullable = Dialect.nullable

/** A key that a response may omit. */
export const Optional = Dialect.optional

/** A key that a caller may omit. */
export const OptionalInput = Dialect.optionalInput

/** A closed set of values, for inputs. */
export const Literals = Dialect.literals

/** A set of known values that the API may extend. Other strings are accepted too. */
export const OpenEnum = Dialect.openString

/** A union of schemas. */
export const OneOf = Dialect.union

/** An object with arbitrary keys, whose values have one schema. */
export const RecordOf = Dialect.record

/** An object of unknown shape. */
export const UnknownRecord = Dialect.unknownRecord

/** A point in time, which is an ISO 8601 string in JSON. */
export const Timestamp = Dialect.utcTimestamp

/** A point in time that may be null. An invalid one decodes to null, so that one bad date cannot fail a page. */
export const NullableTimestamp = /* @__PURE__ */ Dialect.nullableLenient(Dialect.utcTimestamp)

/** A point in time in an input. */
export const TimestampInput = Dialect.timestampInput

/** A decimal amount of money. */
export const Money = Dialect.decimal

/** A secret in a response, which decodes to `Redacted`. */
export const Secret = Dialect.secret

/** A secret in an input, as a string or as `Redacted`. */
export const SecretInput = Dialect.secretInput

/** A file in an input, as base64 text or as bytes. */
export const Base64Input = Dialect.base64Input

/** An object with a name, which messages about invalid values use. */
export const Described = Dialect.describedStruct

/** Bytes to upload. */
export const Content = Dialect.guarded(isContent, "a Uint8Array, a Blob or a Stream of Uint8Array")

/** Adds a rule to a schema. */
export const Checked = Dialect.check

interface TextLimits {
  readonly min?: number
  readonly max?: number
  readonly singleLine?: boolean
}

const lineBreak = /[\r\n]/

/** A string in an input, with its limits in characters. */
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

/** A MIME type in an input, with optional parameters. */
export const MimeType: Dialect.Codec<string, string> = Dialect.check(Text({ max: 255 }), (type) =>
  /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+\s*(;[\x20-\x7e]*)?$/.test(type)
    ? undefined
    : "must be a MIME type such as application/pdf"
)

const address = /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u

/** An email address in an input: one `@`, no white space, no control character, at most 254 characters. */
export const EmailAddress: Dialect.Codec<string, string> = Dialect.check(Schema.String, (text) => {
  if (!address.test(text)) return "must be an email address such as ada@example.com, without a display name"
  return text.length > 254 ? "must have at most 254 characters" : undefined
})

/** An integer in an input, within inclusive limits. */
export const WholeNumber = (
  min: number,
  max: number = Number.MAX_SAFE_INTEGER
): Dialect.Codec<number, number> =>
  Dialect.check(Schema.Number, (value) =>
    Number.isSafeInteger(value) && value >= min && value <= max
      ? undefined
      : max === Number.MAX_SAFE_INTEGER
        ? `must be an integer of at least ${min}`
        : `must be an integer from ${min} to ${max}`
  )

/** A list in an input, with its limits in elements. */
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

/** A list of ids in an input, which the API accepts as one comma-separated value. */
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
