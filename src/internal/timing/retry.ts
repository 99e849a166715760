/**
 * Retry policies: each is a `Schedule` over the typed errors, whose output is the delay.
 *
 * A policy decides how often and after which delay a call is retried. Whether a failed call may be sent again at all
 * depends on the call: see `docs/errors-and-retries.md`.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schedule from "effect/Schedule"
import { type DurationInput, type Reference, reference, scheduleFromStep, toMillis } from "../dialect/core.js"
import { type WithValue, withValueOf } from "../dialect/stream.js"
import { APIError, type SendmuxError } from "../model/errors.js"
import type { RetryPolicy } from "../model/options.js"
import { doubled, hintJitter, withJitter } from "./backoff.js"
import { withBudget } from "./budget.js"

export type { RetryPolicy }

/**
 * The limits of a retry policy.
 *
 * @since 0.1.0
 * @category models
 */
export interface PolicyOptions {
  /** The maximum number of requests, including the first. Default: 3. */
  readonly maxAttempts?: number | undefined
  /** The first delay when the server does not ask for one. It doubles with each retry. Default: 250 ms. */
  readonly baseDelay?: DurationInput | undefined
  /** The longest delay when the server does not ask for one. Default: 5 seconds. */
  readonly maxDelay?: DurationInput | undefined
  /** How long after the first failure the last attempt may start. Default: 60 seconds. */
  readonly budget?: DurationInput | undefined
}

interface State {
  readonly startedAt: number
  readonly failures: number
  readonly counted: number
}

/**
 * Makes a retry policy from limits. Its output is the delay before each retry.
 *
 * When the server asks for a delay (`Retry-After` or `X-RateLimit-Reset`), the policy waits at least that long, plus
 * a little jitter. Otherwise the delay grows exponentially, with jitter. A delay that would exceed the budget ends
 * the retries immediately. A daily limit, whose `Retry-After` is hours, therefore fails with its `APIError` at once.
 * Retries while an earlier attempt with the same idempotency key is still running (`idempotency_conflict`) count
 * toward the budget only, and not toward `maxAttempts`.
 *
 * Throws a `RangeError` when an option is out of range.
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
  const made = scheduleFromStep<State, SendmuxError>(initial, (error, state, now, random) => {
    const startedAt = state.startedAt < 0 ? now : state.startedAt
    const counted = state.counted + (isInFlight(error) ? 0 : 1)
    if (counted >= maxAttempts) return undefined
    const hint = error._tag === "APIError" ? error.retryAfter : undefined
    // The jitter does not count toward the budget, so that a hint of exactly the remaining budget is respected.
    const grownDelay = doubled(baseDelay, maxDelay, state.failures)
    const asked = hint === undefined ? undefined : Duration.toMillis(hint)
    const [wait, jitter] =
      asked === undefined
        ? [withJitter(grownDelay, random), 0]
        : // Only the budget limits the retries of a request that is running, so a hint of zero must not be followed.
          [isInFlight(error) ? Math.max(asked, grownDelay) : asked, hintJitter(baseDelay, random)]
    if (now - startedAt + wait > budget) return undefined
    return { state: { startedAt, failures: state.failures + 1, counted }, delay: Math.ceil(wait + jitter) }
  })
  return withBudget(made, budget)
}

const isInFlight = APIError.is("idempotency_conflict")

const millis = (name: string, input: DurationInput): number => {
  const value = toMillis(input)
  if (value === undefined) throw new RangeError(`Retry.policy: ${name} must be a duration of zero or more`)
  return value
}

/**
 * A policy that never retries.
 *
 * @since 0.1.0
 * @category constructors
 */
export const none: RetryPolicy = Schedule.recurs(0)

/**
 * The policy that `Retry.with` sets. `undefined` means that each layer's own policy applies.
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
   * Replaces the layer's retry policy for every Sendmux call inside an Effect or a Stream.
   *
   * @since 0.1.0
   * @category combinators
   */
  with_ as with
}
