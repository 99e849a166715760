/**
 * When to try again: a `Schedule` over the typed errors, whose output is the delay.
 *
 * A schedule decides how often and how late; whether a failed call may be sent again at all is decided by the
 * call: see `docs/errors-and-retries.md`.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schedule from "effect/Schedule"
import { type DurationInput, type Reference, reference, scheduleFromStep, toMillis } from "../dialect/core.js"
import { type WithValue, withValueOf } from "../dialect/stream.js"
import { APIError, type SendmuxError } from "../model/errors.js"

import type { RetryPolicy } from "../model/options.js"

export type { RetryPolicy }

/**
 * @since 0.1.0
 * @category models
 */
export interface PolicyOptions {
  /** Requests in all, the first one included. Default 3. */
  readonly maxAttempts?: number | undefined
  /** The first delay where the server gives no hint; doubles from there. Default 250 ms. */
  readonly baseDelay?: DurationInput | undefined
  /** The longest delay where the server gives no hint. Default 5 seconds. */
  readonly maxDelay?: DurationInput | undefined
  /** How long after the first failure the last attempt may begin. Default 60 seconds. */
  readonly budget?: DurationInput | undefined
}

interface State {
  readonly startedAt: number
  readonly failures: number
  readonly counted: number
}

/**
 * The delay the server asked for is kept to, with a little jitter added on top; without one the delay grows
 * exponentially, with jitter. A delay that would pass the budget ends the retries at once, so that a daily limit,
 * whose `Retry-After` is hours, fails now with its `APIError` instead of hanging. Waiting for a request of our own
 * that is still in flight (`idempotency_conflict`) is bounded by the budget alone.
 *
 * Output: the delay of each step.
 *
 * @example
 * import { Retry, Sending } from "effect-sendmux"
 * import * as Redacted from "effect/Redacted"
 *
 * export const patient = Sending.layer({
 *   apiKey: Redacted.make("smx_mbx_sandbox"),
 *   retry: Retry.policy({ maxAttempts: 5, budget: "2 minutes" })
 * })
 *
 * @since 0.1.0
 * @category constructors
 */
export const policy = (options: PolicyOptions = {}): Schedule.Schedule<Duration.Duration, SendmuxError> => {
  const maxAttempts = options.maxAttempts ?? 3
  const baseDelay = millis("baseDelay", options.baseDelay ?? 250)
  const maxDelay = millis("maxDelay", options.maxDelay ?? 5_000)
  const budget = millis("budget", options.budget ?? 60_000)
  if (!(maxAttempts >= 1)) throw new RangeError("Retry.policy: maxAttempts must be at least 1")
  const initial: State = { startedAt: -1, failures: 0, counted: 0 }
  return scheduleFromStep<State, SendmuxError>(initial, (error, state, now, random) => {
    const startedAt = state.startedAt < 0 ? now : state.startedAt
    const counted = state.counted + (isInFlight(error) ? 0 : 1)
    if (counted >= maxAttempts) return undefined
    const hint = error._tag === "APIError" ? error.retryAfter : undefined
    // A hint of exactly what is left of the budget is kept to: the jitter on top does not count against it.
    const [wait, jitter] =
      hint === undefined
        ? [withJitter(Math.min(maxDelay, baseDelay * 2 ** Math.min(state.failures, 30)), random), 0]
        : [Duration.toMillis(hint), random * Math.min(baseDelay, 1_000)]
    if (now - startedAt + wait > budget) return undefined
    return { state: { startedAt, failures: state.failures + 1, counted }, delay: Math.ceil(wait + jitter) }
  })
}

const isInFlight = APIError.is("idempotency_conflict")

/** Full delay at most, half of it at least: spread out, and never earlier than half. */
const withJitter = (delay: number, random: number): number => delay * (0.5 + random / 2)

const millis = (name: string, input: DurationInput): number => {
  const value = typeof input === "number" && !(input >= 0) ? undefined : toMillis(input)
  if (value === undefined) throw new RangeError(`Retry.policy: ${name} must be a duration of zero or more`)
  return value
}

/**
 * Never tries again.
 *
 * @since 0.1.0
 * @category constructors
 */
export const none: RetryPolicy = Schedule.recurs(0)

/**
 * The policy of the calls within `Retry.with`; `undefined` leaves it to each layer.
 *
 * @internal
 */
export const CurrentPolicy: Reference<RetryPolicy | undefined> = reference<RetryPolicy | undefined>(
  "effect-sendmux/Retry/CurrentPolicy",
  () => undefined
)

const with_: WithValue<RetryPolicy> = withValueOf(CurrentPolicy)

export {
  /**
   * Gives every Sendmux call within an Effect or a Stream another policy than its layer's.
   *
   * @since 0.1.0
   * @category combinators
   */
  with_ as with
}
