/**
 * Schemas that several resources of the Management API share.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Checked, OptionalInput, Text, TimestampInput, WholeNumber } from "../internal/schema/schema.js"

/**
 * The input keys of a paginated list.
 *
 * @internal
 */
export const pageKeys = {
  /** The position at which to start: the `nextCursor` of a page. Default: the start of the list. */
  cursor: OptionalInput(Text({ min: 1 })),
  /** The number of items on each page, 1 to 100. The default depends on the list. */
  limit: OptionalInput(WholeNumber(1, 100))
}

/**
 * The start and the page size of a paginated list.
 *
 * @since 0.1.0
 * @category schemas
 */
export const PageInput = Schema.Struct(pageKeys)

/**
 * The start and the page size of a paginated list.
 *
 * @since 0.1.0
 * @category models
 */
export interface PageInput extends Schema.Schema.Type<typeof PageInput> {}

/**
 * The start or the end of a period: a date such as `2026-08-31`, or a point in time.
 *
 * @internal
 */
export const DateInput = Checked(TimestampInput, (value) =>
  typeof value === "string" && Number.isNaN(Date.parse(value))
    ? "must be a date such as 2026-08-31, a point in time in ISO 8601, a Date or a DateTime"
    : undefined
)

/**
 * The input keys of a period.
 *
 * @internal
 */
export const windowKeys = {
  /** The start of the period. A date means midnight UTC. */
  from_date: OptionalInput(DateInput),
  /** The end of the period. A date means the end of that day in UTC. */
  to_date: OptionalInput(DateInput)
}

/**
 * The confirmation that a resource was deleted.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Deleted = Schema.Struct({
  deleted: Schema.Boolean,
  /** The id of the deleted resource. */
  id: Schema.String
})

/**
 * The confirmation that a resource was deleted.
 *
 * @since 0.1.0
 * @category models
 */
export interface Deleted extends Schema.Schema.Type<typeof Deleted> {}
