/**
 * Metrics of the pipeline. Their tags are the operation and, for ended calls, the outcome: low cardinality, no ids.
 */
import { counter, durationHistogram } from "../dialect/core.js"
import { memoized } from "../values/memo.js"

/** The instruments of one operation. */
export interface Instruments {
  /** A call has ended. */
  readonly ended: (outcome: string, millis: number) => void
  /** A further attempt begins. */
  readonly retried: () => void
  /** A request was refused by the rate limit, and the call will wait. */
  readonly limited: () => void
}

/** The instruments of an operation. */
export const instrumentsOf = /* @__PURE__ */ memoized((operation): Instruments => {
  const tags = { operation }
  const calls = memoized((outcome) =>
    counter("sendmux_calls", "Calls that ended, by outcome", { operation, outcome })
  )
  const duration = durationHistogram(
    "sendmux_call_duration_ms",
    "How long calls took, retries included",
    tags
  )
  const retries = counter("sendmux_retries", "Attempts beyond the first", tags)
  const waits = counter("sendmux_rate_limit_waits", "Waits because the rate limit refused a request", tags)
  return {
    ended: (outcome, millis) => {
      calls(outcome)(1)
      duration(millis)
    },
    retried: () => retries(1),
    limited: () => waits(1)
  }
})
