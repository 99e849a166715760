/**
 * The length of the windows in which the sandbox counts requests.
 */
import { type DurationInput, toMillis } from "../../internal/dialect/core.js"
import { defaultWindowMillis } from "./world.js"

/** The option in milliseconds. Throws a `RangeError` if it is too short, since `Retry-After` has whole seconds. */
export const windowMillisOf = (window: DurationInput | undefined): number => {
  const millis = window === undefined ? defaultWindowMillis : toMillis(window)
  if (millis === undefined || !(millis >= 1_000 && Number.isFinite(millis))) {
    throw new RangeError("Sandbox: the window of the rate limit must be a duration of at least 1 second")
  }
  return millis
}
