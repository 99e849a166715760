/**
 * Metrics of the pipeline. Their tags are the operation and, for ended calls, the outcome: low cardinality, no ids.
 */
import { counter, durationHistogram } from "../dialect/core.js"

/** The instruments of one operation. */
export interface Instruments {
  /** A call has ended. */
  readonly ended: (outcome: string, millis: number) => void
  /** A further attempt begins. */
  readonly retried: () => void
  /** A request was refused by the rate limit, and the call will wait. */
  readonly limited: () => void
}

const known = new Map<string, Instruments>()

/** The instruments of an operation, made on first use. */
export const instrumentsOf = (operation: string): Instruments => {
  const made = known.get(operation)
  if (made !== undefined) return made
  const tags = { operation }
  const calls = new Map<string, (by: number) => void>()
  const duration = durationHistogram(
    "sendmux_call_duration_ms",
    "How long calls took, retries included",
    tags
  )
  const retries = counter("sendmux_retries", "Attempts beyond the first", tags)
  const waits = counter("sendmux_rate_limit_waits", "Waits because the rate limit refused a request", tags)
  const instruments: Instruments = {
    ended: (outcome, millis) => {
      let count = calls.get(outcome)
      if (count === undefined) {
        count = counter("sendmux_calls", "Calls that ended, by outcome", { operation, outcome })
        calls.set(outcome, count)
      }
      count(1)
      duration(millis)
    },
    retried: () => retries(1),
    limited: () => waits(1)
  }
  known.set(operation, instruments)
  return instruments
}
