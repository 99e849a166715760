/**
 * The cost of a mailbox in a period.
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

/** The API sends these counts as decimal text. */
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
 * The cost of the incoming or the outgoing messages of a mailbox in a period.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxEmailCost = Schema.Struct({
  /** The number of messages. */
  quantity: Count,
  /** The cost of the messages, whether or not it has been charged. */
  incurred_amount: Money,
  /** The number of messages that were charged to the balance. */
  posted_quantity: Count,
  posted_amount: Money,
  /** The number of messages that will not be charged. */
  unbillable_quantity: Count,
  unbillable_amount: Money,
  /** The time from which messages are counted. Null if messages are not counted. */
  coverage_started_at: NullableTimestamp,
  /** `final` when the values of the period can no longer change. */
  state: SettlementState
})

/**
 * The cost of the incoming or the outgoing messages of a mailbox in a period.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxEmailCost extends Schema.Schema.Type<typeof MailboxEmailCost> {}

/**
 * The cost of the storage of a mailbox in a period.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxStorageCost = Schema.Struct({
  /** The amount before rounding, with 18 decimal places. */
  raw_amount: Money,
  /** The share of the storage charge of the team that is allocated to this mailbox. */
  allocated_amount: Money,
  posted_amount: Money,
  /** `final` when the values of the period can no longer change. */
  state: SettlementState
})

/**
 * The cost of the storage of a mailbox in a period.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxStorageCost extends Schema.Schema.Type<typeof MailboxStorageCost> {}

/**
 * The cost of a mailbox in a period.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxCostUsage = Schema.Struct({
  mailbox_id: Schema.String,
  start: Timestamp,
  end: Timestamp,
  currency: OpenEnum(["USD"]),
  /** `final` when the values of the period can no longer change. */
  state: SettlementState,
  /** The total amount that was charged to the balance. */
  posted_amount: Money,
  incoming: MailboxEmailCost,
  outgoing: MailboxEmailCost,
  storage: MailboxStorageCost
})

/**
 * The cost of a mailbox in a period.
 *
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

const maxPeriod = 366 * 86_400_000

const toMillis = (value: Schema.Schema.Type<typeof TimestampInput>): number => {
  if (typeof value === "string") return Date.parse(value)
  return value instanceof Date ? value.getTime() : DateTime.toEpochMillis(value)
}

const period = Schema.Struct({
  /** The start of the period, which belongs to the period. */
  start: Boundary,
  /** The end of the period, which does not belong to the period. At most 366 days after the start. */
  end: Boundary
})

/**
 * The period of a cost report, at most 366 days. The start belongs to the period, the end does not.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxCostInput = Checked(period, ({ start, end }) => {
  const length = toMillis(end) - toMillis(start)
  if (length < 0) return "end must not be before start"
  return length > maxPeriod ? "start and end must be at most 366 days apart" : undefined
})

/**
 * The period of a cost report.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxCostInput extends Schema.Schema.Type<typeof period> {}
