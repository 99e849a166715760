/**
 * What a mailbox cost within a window of time.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { described, mappedOption } from "../../internal/dialect/schema.js"
import {
  Checked,
  Money,
  NullableTimestamp,
  OpenEnum,
  Timestamp,
  TimestampInput
} from "../../internal/schema/schema.js"

/** A count that the API writes as decimal digits in a string. */
const Count = described(
  mappedOption(
    Schema.String,
    Schema.Number,
    (text) => (/^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined),
    String
  ),
  "a decimal number"
)

const SettlementState = OpenEnum(["pending", "final"])

/**
 * What the mail of one direction came to within a window.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxEmailCost = Schema.Struct({
  /** Messages in all. */
  quantity: Count,
  /** What they cost, charged yet or not. */
  incurred_amount: Money,
  /** Messages that were charged to the balance. */
  posted_quantity: Count,
  posted_amount: Money,
  /** Messages that will never be charged. */
  unbillable_quantity: Count,
  unbillable_amount: Money,
  /** From when on messages are counted; null where none are. */
  coverage_started_at: NullableTimestamp,
  /** `final` once nothing in the window can change any more. */
  state: SettlementState
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxEmailCost extends Schema.Schema.Type<typeof MailboxEmailCost> {}

/**
 * What storage came to within a window.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxStorageCost = Schema.Struct({
  /** To 18 decimal places, before rounding. */
  raw_amount: Money,
  /** The part of the team's storage charge that falls to this mailbox. */
  allocated_amount: Money,
  posted_amount: Money,
  /** `final` once nothing in the window can change any more. */
  state: SettlementState
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxStorageCost extends Schema.Schema.Type<typeof MailboxStorageCost> {}

/**
 * What a mailbox cost within a window of time.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxCostUsage = Schema.Struct({
  mailbox_id: Schema.String,
  start: Timestamp,
  end: Timestamp,
  currency: OpenEnum(["USD"]),
  /** `final` once nothing in the window can change any more. */
  state: SettlementState,
  /** What was charged to the balance in all. */
  posted_amount: Money,
  incoming: MailboxEmailCost,
  outgoing: MailboxEmailCost,
  storage: MailboxStorageCost
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxCostUsage extends Schema.Schema.Type<typeof MailboxCostUsage> {}

const pointInTime = /^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:\d{2})$/i

const Boundary = Checked(TimestampInput, (value) => {
  if (typeof value !== "string") return undefined
  if (!pointInTime.test(value) || Number.isNaN(Date.parse(value))) {
    return "must be a point in time with its offset, such as 2026-10-01T00:00:00Z"
  }
  return /\.\d{4}/.test(value) ? "must not be more precise than a millisecond" : undefined
})

const longestWindow = 366 * 86_400_000

const millisOf = (value: Schema.Schema.Type<typeof TimestampInput>): number => {
  if (typeof value === "string") return Date.parse(value)
  return value instanceof Date ? value.getTime() : DateTime.toEpochMillis(value)
}

const costWindow = Schema.Struct({
  /** The first instant of the window. */
  start: Boundary,
  /** The first instant after the window, at most 366 days after its start. */
  end: Boundary
})

/**
 * The window of time whose cost to tell: from `start` until just before `end`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxCostInput = Checked(costWindow, ({ start, end }) => {
  const length = millisOf(end) - millisOf(start)
  if (length < 0) return "end must not be before start"
  return length > longestWindow ? "start and end must be at most 366 days apart" : undefined
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxCostInput extends Schema.Schema.Type<typeof costWindow> {}
