/**
 * Polling: repeats a read until it finds what the caller waits for, or until the wait is over.
 */

import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Schedule from "effect/Schedule"
import {
  catchAll,
  type DurationInput,
  now,
  pacer,
  scheduleFromStep,
  timeoutFail,
  toMillis
} from "../dialect/core.js"
import {
  APIError,
  type DeadlineExceededError,
  type InvalidRequestError,
  TransportError
} from "../model/errors.js"
import { invalidRequest } from "../model/invalidRequest.js"
import { isTransient } from "../model/transient.js"
import { deadlineExceeded } from "../response/deadline.js"
import { grown } from "./backoff.js"
import { currentDeadline, delaysBefore, pause } from "./deadline.js"

/**
 * How long to wait, and how often to check.
 *
 * @since 0.1.0
 * @category options
 */
export interface WaitOptions {
  /** When to check again, after each check that found nothing. The wait ends when the schedule ends. */
  readonly schedule?: Schedule.Schedule<unknown, unknown> | undefined
  /** How long to wait in total. `Infinity` waits for as long as the schedule continues. */
  readonly timeout?: DurationInput | undefined
}

/** The facts about a wait that ended without a result. */
export interface Waited {
  /** How often it checked. */
  readonly attempts: number
  readonly waited: Duration.Duration
}

interface PollSpec<A, L, E> {
  /** The name of the waiting operation, for errors. */
  readonly operation: string
  /** Reads once; succeeds with `Option.none` while there is no result. */
  readonly read: Effect.Effect<Option.Option<A>, L>
  readonly options: WaitOptions | undefined
  /** The default schedule. */
  readonly schedule: Schedule.Schedule<unknown, unknown>
  /** The default timeout, in milliseconds. */
  readonly timeout: number
  /** Failures to treat as transient, besides those that `isTransient` recognizes. */
  readonly isTransient?: (error: L) => boolean
  readonly gaveUp: (facts: Waited) => E
}

/** The milliseconds of a `timeout` option, or the error that reports why the option is invalid. */
export const waitMillis = (
  operation: string,
  given: unknown,
  otherwise: number
): number | InvalidRequestError => {
  const millis = given === undefined ? otherwise : toMillis(given)
  return millis !== undefined && millis > 0
    ? millis
    : invalidRequest(operation, "option timeout must be a duration greater than zero")
}

/** A schedule whose delay, in milliseconds, starts at `first` and grows by half each time, up to `limit`. */
export const growing = (first: number, limit: number): Schedule.Schedule<unknown, unknown> =>
  scheduleFromStep<number, unknown>(first, (_, delay) => ({ state: grown(delay, limit), delay }))

/** After this many failures in a row, a failure is no longer considered transient. */
const maxFailures = 5

/** Reads immediately and then as the schedule says, until there is a result or the wait is over. */
export const poll = <A, L, E>(
  spec: PollSpec<A, L, E>
): Effect.Effect<A, L | InvalidRequestError | DeadlineExceededError | E> =>
  Effect.suspend((): Effect.Effect<A, L | InvalidRequestError | DeadlineExceededError | E> => {
    const { gaveUp, operation, options, read } = spec
    const timeout = waitMillis(operation, options?.timeout, spec.timeout)
    if (typeof timeout !== "number") return Effect.fail(timeout)
    let attempts = 0
    const loop = Effect.gen(function* () {
      const startedAt = yield* now
      const deadline = yield* currentDeadline
      // The timeout of the wait itself ends a delay in the middle. Only an earlier deadline prevents the delay.
      const { allows, unfit } = delaysBefore(
        deadline < startedAt + timeout ? deadline : Number.POSITIVE_INFINITY
      )
      const pace = yield* pacer(options?.schedule ?? spec.schedule, allows)
      let failures = 0
      const afterFailure = (error: L): Effect.Effect<Option.Option<A>, L | DeadlineExceededError> => {
        failures++
        const canContinue =
          failures < maxFailures && (isTransientFailure(error) || spec.isTransient?.(error) === true)
        return canContinue
          ? Effect.as(waitForHint(operation, attempts, error, startedAt + timeout), Option.none())
          : Effect.fail(error)
      }
      const readOnce = Effect.gen(function* () {
        attempts++
        const found = yield* read
        failures = 0
        return found
      })
      while (true) {
        const found = yield* catchAll(readOnce, afterFailure)
        if (Option.isSome(found)) return found.value
        if (!(yield* pace(undefined))) {
          const delay = unfit()
          if (delay !== undefined) {
            return yield* Effect.fail(deadlineExceeded({ ...delay, operation, awaited: "Check", attempts }))
          }
          const waited = Duration.millis((yield* now) - startedAt)
          return yield* Effect.fail(gaveUp({ attempts, waited }))
        }
      }
    })
    return Number.isFinite(timeout)
      ? timeoutFail(loop, timeout, () => gaveUp({ attempts, waited: Duration.millis(timeout) }))
      : loop
  })

/** A failed `accessToken` effect ends the wait, because the program that provides it knows better when to retry. */
const isTransientFailure = (error: unknown): boolean =>
  isTransient(error) && !(error instanceof TransportError && error.reason === "AccessToken")

/** Waits for as long as the server asked to. Fails immediately if the wait or the call has to end earlier. */
const waitForHint = <L>(
  operation: string,
  attempts: number,
  error: L,
  end: number
): Effect.Effect<void, L | DeadlineExceededError> =>
  Effect.gen(function* () {
    if (!(error instanceof APIError) || error.retryAfter === undefined) return
    const hint = Duration.toMillis(error.retryAfter)
    if ((yield* now) + hint > end) return yield* Effect.fail(error)
    yield* pause(hint, { operation, awaited: "Check", attempts, failure: error })
  })
