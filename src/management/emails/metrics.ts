/**
 * How many emails were sent, counted over time.
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
  /** Not settled yet. */
  pending: Schema.Number
}

/**
 * Emails by what became of them.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EmailCounts = Schema.Struct(counts)

/**
 * @since 0.1.0
 * @category models
 */
export interface EmailCounts extends Schema.Schema.Type<typeof EmailCounts> {}

/**
 * The emails of one hour or one day.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EmailMetricsPoint = Schema.Struct({
  /** When the hour or the day begins. */
  timestamp: Timestamp,
  ...counts
})

/**
 * @since 0.1.0
 * @category models
 */
export interface EmailMetricsPoint extends Schema.Schema.Type<typeof EmailMetricsPoint> {}

/**
 * The emails of a window of time, beside those of the window before it.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EmailMetrics = Schema.Struct({
  summary: EmailCounts,
  /** The window before, and the change since then in percent. */
  comparison: Schema.Struct({ ...counts, change_pct: EmailCounts }),
  timeseries: Schema.Array(EmailMetricsPoint)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface EmailMetrics extends Schema.Schema.Type<typeof EmailMetrics> {}

/**
 * Which emails to count, and how finely.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EmailMetricsInput = Schema.Struct({
  /** The time up to now. Default: `24h`. Dates take precedence over it. */
  window: OptionalInput(Literals("24h", "7d", "30d")),
  ...windowKeys,
  /** Default: `daily`. */
  granularity: OptionalInput(Literals("hourly", "daily")),
  /** Only what went through this provider. */
  provider_id: OptionalInput(Text({ min: 1 }))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface EmailMetricsInput extends Schema.Schema.Type<typeof EmailMetricsInput> {}

// -----------------------------------------------------------------------------
// series
// -----------------------------------------------------------------------------

/**
 * What a series can follow: a count, or the share of the settled emails that were sent, from 0 to 1.
 *
 * @since 0.1.0
 * @category models
 */
export type EmailMeasure = keyof EmailCounts | "sent_share"

/**
 * A value at a point in time.
 *
 * @since 0.1.0
 * @category models
 */
export interface SeriesPoint {
  /** When the hour or the day begins. */
  readonly at: Instant
  /** `undefined` where there is nothing to take a share of. */
  readonly value: number | undefined
}

/**
 * One measure over time, oldest first: ready for a chart or a table.
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
 * Of the emails that are settled, the share that was sent: 0 to 1, or `undefined` while none is settled.
 *
 * @since 0.1.0
 * @category metrics
 */
export const sentShare = ({ failed, rejected, sent }: Pick<EmailCounts, "sent" | "failed" | "rejected">) => {
  const settled = sent + failed + rejected
  return settled === 0 ? undefined : sent / settled
}
