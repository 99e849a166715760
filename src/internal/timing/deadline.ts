/**
 * Options of all calls inside of an Effect or a Stream.
 *
 * @since 0.2.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Schedule from "effect/Schedule"
import {
  type AllowsDelay,
  type DurationInput,
  type Reference,
  reference,
  retryWhile,
  toMillis
} from "../dialect/core.js"
import { failureOf, withCaller } from "../dialect/fiber.js"
import { type WithValue, withDerivedValueOf } from "../dialect/stream.js"
import type { DeadlineExceededError, SendmuxError } from "../model/errors.js"
import { deadlineExceeded, type Late } from "../response/deadline.js"

/**
 * When calls have to end, in milliseconds since the epoch. `Infinity` without a deadline.
 *
 * @internal
 */
export const CurrentDeadline: Reference<number> = reference(
  "effect-sendmux/Call/CurrentDeadline",
  () => Number.POSITIVE_INFINITY
)

/**
 * Sets a deadline for all Sendmux calls inside an Effect or a Stream. The duration begins when the Effect or the Stream
 * starts. Of nested deadlines, the earliest applies.
 *
 * Attempts, delays between them, waits for the rate limit, the checks of methods that wait, and streams share the time
 * that is left. An attempt has at most that time. A wait that would end after the deadline fails at once. Both fail with
 * `DeadlineExceededError`. The deadline does not interrupt your own code: use `Effect.timeout` for that.
 *
 * A stream that was opened before the deadline also ends at the deadline. `Infinity` adds no deadline. Throws a
 * `RangeError` when the duration is negative or not a duration.
 *
 * @example
 * import { Call, Management } from "effect-sendmux"
 * import * as Effect from "effect/Effect"
 *
 * export const isVerified = (domain_id: string) =>
 *   Effect.gen(function* () {
 *     const { domains } = yield* Management
 *     yield* domains.waitUntilVerified(domain_id)
 *     return true
 *   }).pipe(
 *     Call.deadline("10 minutes"),
 *     Effect.catchTag("DeadlineExceededError", () => Effect.succeed(false))
 *   )
 *
 * @since 0.2.0
 * @category combinators
 */
export const deadline: WithValue<DurationInput> = /* @__PURE__ */ withDerivedValueOf(
  CurrentDeadline,
  (duration: DurationInput) => {
    const millis = toMillis(duration)
    if (millis === undefined) throw new RangeError("Call.deadline: the duration must be zero or more")
    return (caller) => Math.min(caller.valueOf(CurrentDeadline), caller.now() + millis)
  }
)

/**
 * The time that is left until the deadline, for helpers of your own. It is zero after the deadline, and `Option.none`
 * without a deadline.
 *
 * @since 0.2.0
 * @category getters
 */
export const remaining: Effect.Effect<Option.Option<Duration.Duration>> = /* @__PURE__ */ withCaller(
  (caller) => {
    const at = caller.valueOf(CurrentDeadline)
    return Effect.succeed(
      Number.isFinite(at) ? Option.some(Duration.millis(Math.max(0, at - caller.now()))) : Option.none()
    )
  }
)

/**
 * The time of the deadline, in milliseconds since the epoch. `Infinity` without a deadline.
 *
 * @internal
 */
export const currentDeadline: Effect.Effect<number> = /* @__PURE__ */ withCaller((caller) =>
  Effect.succeed(caller.valueOf(CurrentDeadline))
)

/**
 * Sleeps for a number of milliseconds, or fails at once if that would end after the deadline. `report` runs before the
 * sleep.
 *
 * @internal
 */
export const pause = (
  millis: number,
  late: Omit<Late, "left" | "needed">,
  report: Effect.Effect<void> = Effect.void
): Effect.Effect<void, DeadlineExceededError> =>
  withCaller((caller) => {
    const left = caller.valueOf(CurrentDeadline) - caller.now()
    return millis > left
      ? Effect.fail(deadlineExceeded({ ...late, left, needed: millis }))
      : Effect.andThen(report, Effect.sleep(Duration.millis(millis)))
  })

/** A delay that would end after the deadline. */
interface UnfitDelay {
  readonly needed: number
  readonly left: number
}

/**
 * Makes a test of delays against a deadline. It remembers the delay that does not fit.
 *
 * @internal
 */
export const delaysBefore = (
  at: number
): { readonly allows: AllowsDelay; readonly unfit: () => UnfitDelay | undefined } => {
  let unfit: UnfitDelay | undefined
  return {
    allows: (needed, time) => {
      const left = at - time
      if (needed <= left) return true
      unfit = { needed, left }
      return false
    },
    unfit: () => unfit
  }
}

/** What an effect does before each delay of its retries. */
type OnRetry<E> = (error: E, delay: number) => Effect.Effect<void>

/**
 * Retries an effect like `retryWhile`. If the next delay would end after the deadline, it fails at once with
 * `DeadlineExceededError`, which has the last failure and what `late` returns.
 *
 * @internal
 */
export const retryBefore = <A, E extends SendmuxError, R>(
  at: number,
  self: Effect.Effect<A, E, R>,
  schedule: Schedule.Schedule<unknown, E>,
  mayRetry: (error: E) => boolean,
  late: () => Pick<Late, "operation" | "attempts" | "uncertain">,
  onRetry?: OnRetry<E>
): Effect.Effect<A, E | DeadlineExceededError, R> => {
  if (!Number.isFinite(at)) return retryWhile(self, schedule, mayRetry, onRetry)
  return Effect.suspend(() => {
    const { allows, unfit } = delaysBefore(at)
    return Effect.flatMap(
      Effect.exit(retryWhile(self, schedule, mayRetry, onRetry, allows)),
      (exit): Effect.Effect<A, E | DeadlineExceededError> => {
        const delay = unfit()
        return delay === undefined
          ? exit
          : Effect.fail(deadlineExceeded({ ...late(), ...delay, awaited: "Retry", failure: failureOf(exit) }))
      }
    )
  })
}
