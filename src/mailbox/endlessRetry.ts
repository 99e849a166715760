/**
 * The retries of reads that belong to a stream without an end.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { catchAll } from "../internal/dialect/core.js"
import type { APIError, PaginationError, SendmuxError, SendmuxStreamError } from "../internal/model/errors.js"
import { isTransient } from "../internal/model/transient.js"
import { currentDeadline, retryBefore } from "../internal/timing/deadline.js"
import { policy, type RetryPolicy } from "../internal/timing/retry.js"
import { isOddResponse, maxHintMillis, maxOddResponses, reportWait } from "./endless.js"

type Reading<A> = Effect.Effect<A, SendmuxStreamError>

/** Retries forever, up to a minute apart. */
export const foreverRetry: RetryPolicy = /* @__PURE__ */ policy({
  maxAttempts: Number.POSITIVE_INFINITY,
  baseDelay: 1_000,
  maxDelay: 60_000,
  budget: Number.POSITIVE_INFINITY
})

/**
 * Retries transient failures as the policy says, and odd responses too if the stream has worked. A `PaginationError` is
 * no `SendmuxError`, which is all a policy accepts, so it passes the retries as a value.
 */
export const retryTransient = <A>(
  operation: string,
  self: Reading<A>,
  retry: RetryPolicy,
  hasWorked: () => boolean
): Reading<A> =>
  Effect.suspend(() => {
    let oddResponses = 0
    let latest: SendmuxError | undefined
    const mayRetry = (error: SendmuxError): boolean => {
      oddResponses = isOddResponse(error) ? oddResponses + 1 : 0
      return isTransient(error) || (oddResponses > 0 && oddResponses < maxOddResponses && hasWorked())
    }
    const attempt = catchAll(
      Effect.map(self, (value) => ({ value })),
      (error): Effect.Effect<{ readonly error: PaginationError }, SendmuxError> => {
        if (error._tag === "PaginationError") return Effect.succeed({ error })
        latest = error
        return Effect.fail(withShortHint(error))
      }
    )
    let failures = 0
    const counted = (error: SendmuxError): boolean => {
      failures++
      return mayRetry(error)
    }
    const retried = Effect.flatMap(currentDeadline, (at) =>
      retryBefore(
        at,
        attempt,
        retry,
        counted,
        () => ({ operation, attempts: failures }),
        (error, delay) => reportWait(operation, error, delay)
      )
    )
    return Effect.flatMap(
      Effect.mapError(retried, (error) =>
        error._tag === "DeadlineExceededError" ? error : (latest ?? error)
      ),
      (result) => ("error" in result ? Effect.fail(result.error) : Effect.succeed(result.value))
    )
  })

/** The error as the policy sees it, so that a wrong hint of a server cannot stop the stream for long. */
const withShortHint = (error: SendmuxError): SendmuxError => {
  if (error._tag !== "APIError" || error.retryAfter === undefined) return error
  if (Duration.toMillis(error.retryAfter) <= maxHintMillis) return error
  const shortened: APIError = Object.create(error, {
    retryAfter: { value: Duration.millis(maxHintMillis), enumerable: true }
  })
  return shortened
}
