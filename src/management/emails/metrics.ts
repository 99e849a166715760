/**
 * The number of outgoing messages over time.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import type { Timestamp as Instant } from "../../internal/model/call.js"
import { Literals, OptionalInput, Text, Timestamp } from "../../internal/schema/schema.js"
import { windowKeys } from "../common.js"

const counts = {
  total: Schema.Number,
  sent: Schema.Number,
  failed: Schema.Number,
  rejected: Schema.Number,
  /** Messages without a final status. */
  pending: Schema.Number
}

/**
 * The number of messages by status.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EmailCounts = Schema.Struct(counts)

/**
 * The number of messages by status.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmailCounts extends Schema.Schema.Type<typeof EmailCounts> {}

/**
 * The number of messages of one hour or one day.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EmailMetricsPoint = Schema.Struct({
  /** The start of the hour or the day. */
  timestamp: Timestamp,
  ...counts
})

/**
 * The number of messages of one hour or one day.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmailMetricsPoint extends Schema.Schema.Type<typeof EmailMetricsPoint> {}

/**
 * The number of messages of a period, compared with the period before.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EmailMetrics = Schema.Struct({
  /** The totals of the period. */
  summary: EmailCounts,
  /** The totals of the period before, and the change since then in percent. */
  comparison: Schema.Struct({ ...counts, change_pct: EmailCounts }),
  /** The counts by hour or by day. */
  timeseries: Schema.Array(EmailMetricsPoint)
})

/**
 * The number of messages of a period, compared with the period before.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmailMetrics extends Schema.Schema.Type<typeof EmailMetrics> {}

/**
 * The messages to count, and the granularity.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EmailMetricsInput = Schema.Struct({
  /** The length of a period that ends now. Default: `24h`. Ignored if dates are given. */
  window: OptionalInput(Literals("24h", "7d", "30d")),
  ...windowKeys,
  /** Default: `daily`. */
  granularity: OptionalInput(Literals("hourly", "daily")),
  /** Only messages that were sent through the provider with this id. */
  provider_id: OptionalInput(Text({ min: 1 }))
})

/**
 * The messages to count, and the granularity.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmailMetricsInput extends Schema.Schema.Type<typeof EmailMetricsInput> {}

// -----------------------------------------------------------------------------
// series
// -----------------------------------------------------------------------------

/**
 * A measure of a series: a count, or `sent_share`, which is the result of `sentShare`.
 *
 * @since 0.1.0
 * @category models
 */
export type EmailMeasure = keyof EmailCounts | "sent_share"

/**
 * A point of a series.
 *
 * @since 0.1.0
 * @category models
 */
export interface SeriesPoint {
  /** The start of the hour or the day. */
  readonly at: Instant
  /** `undefined` for the share of a point without messages that have a final status. */
  readonly value: number | undefined
}

/**
 * Returns one measure over time, in chronological order.
 *
 * @example
 * import { emailSeries, Management } from "effect-sendmux/Management"
 * import * as Effect from "effect/Effect"
 *
 * export const sentPerDay = Management.pipe(
 *   Effect.flatMap(({ emails }) => emails.getMetrics({ window: "7d" })),
 *   Effect.map((metrics) => emailSeries(metrics, "sent"))
 * )
 *
 * @since 0.1.0
 * @category metrics
 */
export const emailSeries = (
  { timeseries }: Pick<EmailMetrics, "timeseries">,
  measure: EmailMeasure
): ReadonlyArray<SeriesPoint> =>
  [...timeseries]
    .sort((a, b) => DateTime.toEpochMillis(a.timestamp) - DateTime.toEpochMillis(b.timestamp))
    .map((point) => ({
      at: point.timestamp,
      value: measure === "sent_share" ? sentShare(point) : point[measure]
    }))

/**
 * Returns the share of sent messages among the messages with a final status: a number from 0 to 1, or `undefined` if no
 * message has a final status.
 *
 * @since 0.1.0
 * @category metrics
 */
export const sentShare = ({
  failed,
  rejected,
  sent
}: Pick<EmailCounts, "sent" | "failed" | "rejected">): number | undefined => {
  const final = sent + failed + rejected
  return final === 0 ? undefined : sent / final
}
