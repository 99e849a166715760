/**
 * What several resources of the Management API share.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Checked, OptionalInput, Text, TimestampInput, WholeNumber } from "../internal/schema/schema.js"

/**
 * The keys that page a list.
 *
 * @internal
 */
export const pageKeys = {
  /** Where to read on: the `nextCursor` of a page. */
  cursor: OptionalInput(Text({ min: 1 })),
  /** Items on one page, 1 to 100; the server has its own default. */
  limit: OptionalInput(WholeNumber(1, 100))
}

/**
 * Which page of a list to begin with, and how long its pages are.
 *
 * @since 0.1.0
 * @category schemas
 */
export const PageInput = Schema.Struct(pageKeys)

/**
 * @since 0.1.0
 * @category models
 */
export interface PageInput extends Schema.Schema.Type<typeof PageInput> {}

/**
 * An end of a window of time: a date such as `2026-08-31`, or a point in time.
 *
 * @internal
 */
export const DateInput = Checked(TimestampInput, (value) =>
  typeof value === "string" && Number.isNaN(Date.parse(value))
    ? "must be a date such as 2026-08-31, a point in time in ISO 8601, a Date or a DateTime"
    : undefined
)

/**
 * The ends of a window of time.
 *
 * @internal
 */
export const windowKeys = {
  /** From here on; a plain date begins at midnight UTC. */
  from_date: OptionalInput(DateInput),
  /** Up to here; a plain date means to the end of that day in UTC. */
  to_date: OptionalInput(DateInput)
}

/**
 * What the API says of a thing it has removed.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Deleted = Schema.Struct({
  deleted: Schema.Boolean,
  /** The id of what is gone. */
  id: Schema.String
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Deleted extends Schema.Schema.Type<typeof Deleted> {}
