/**
 * The metrics of the limiter, by operation.
 */
import { counter, durationHistogram } from "../internal/dialect/core.js"
import { memoized } from "../internal/values/memo.js"

export interface Instruments {
  /** A request was sent after a wait, in milliseconds. */
  readonly waited: (millis: number) => void
  /** A request was not sent, because it would have had to wait too long. */
  readonly refused: () => void
}

/** The instruments of an operation. */
export const instrumentsOf = /* @__PURE__ */ memoized((operation): Instruments => {
  const tags = { operation }
  const waited = durationHistogram(
    "sendmux_rate_limit_pacing_ms",
    "How long requests waited for the rate limit before they were sent",
    tags
  )
  const refusals = counter(
    "sendmux_rate_limit_refusals",
    "Requests that were not sent, because the rate limit would have delayed them for too long",
    tags
  )
  return { waited, refused: () => refusals(1) }
})
