/**
 * A delivery report: the number of messages that were sent in a week, and the reasons why the others were not.
 */

import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { emailSeries, Management, sentShare } from "effect-sendmux/Management"

const percent = (share: number | undefined): string =>
  share === undefined ? "-" : `${(100 * share).toFixed(1)} %`

/** Returns the report as lines of text. */
export const deliveryReport = Effect.gen(function* () {
  const { emails } = yield* Management
  const metrics = yield* emails.getMetrics({ window: "7d", granularity: "daily" })
  const { failed, rejected, sent, total } = metrics.summary

  const reasons = new Map<string, number>()
  const from_date = DateTime.subtract(yield* DateTime.now, { days: 7 })
  for (const status of ["failed", "rejected"] as const) {
    yield* emails.listLogs({ status, from_date, limit: 100 }).pipe(
      Stream.runForEach(({ status_reason }) =>
        Effect.sync(() => {
          const reason = status_reason ?? "no reason given"
          reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
        })
      )
    )
  }

  return [
    `${total} messages, ${sent} sent, ${failed} failed, ${rejected} rejected`,
    `share sent: ${percent(sentShare(metrics.summary))}`,
    ...emailSeries(metrics, "total")
      .filter(({ value }) => value !== undefined && value > 0)
      .map(({ at, value }) => `${DateTime.formatIsoDateUtc(at)}: ${value}`),
    ...Array.from(reasons, ([reason, count]) => `${count} × ${reason}`)
  ]
})
