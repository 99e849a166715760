/**
 * The length of the windows in which the sandbox counts requests.
 */
import { type DurationInput, toMillis } from "../../internal/dialect/core.js"

/** The shortest window in milliseconds, since `Retry-After` has whole seconds. */
export const minWindowMillis = 1_000

/** The length of a window in milliseconds. Throws a `RangeError` if it is too short. */
export const windowMillisOf = (window: DurationInput): number => {
  const millis = toMillis(window)
  if (millis === undefined || !(millis >= minWindowMillis && Number.isFinite(millis))) {
    throw new RangeError("Sandbox: the window of the rate limit must be a duration of at least 1 second")
  }
  return millis
}
