/**
 * Looking again and again until what is waited for is there.
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
import { APIError, InvalidRequestError, TransportError } from "../model/errors.js"

/**
 * How a wait goes about it.
 *
 * @since 0.1.0
 * @category options
 */
export interface WaitOptions {
  /** When to look again, after each look that found nothing yet. When it ends, so does the wait. */
  readonly schedule?: Schedule.Schedule<unknown, unknown> | undefined
  /** How long to wait in all; `Infinity` for as long as the schedule goes on. */
  readonly timeout?: DurationInput | undefined
}

/** What a wait that gave up can tell. */
export interface Waited {
  readonly looks: number
  readonly waited: Duration.Duration
}

interface Poll<A, L, E> {
  /** The call that looks, for errors. */
  readonly operation: string
  /** `Option.none` while there is nothing yet. */
  readonly look: Effect.Effect<Option.Option<A>, L>
  readonly options: WaitOptions | undefined
  readonly schedule: Schedule.Schedule<unknown, unknown>
  /** Milliseconds. */
  readonly timeout: number
  /** Failures after which looking again makes sense, besides those that the server or the network calls passing. */
  readonly passing?: (error: L) => boolean
  readonly gaveUp: (facts: Waited) => E
}

/** How long an option says to wait, in milliseconds. */
export const waitMillis = (
  operation: string,
  given: unknown,
  otherwise: number
): number | InvalidRequestError => {
  const millis = given === undefined ? otherwise : toMillis(given)
  return millis !== undefined && millis > 0
    ? millis
    : new InvalidRequestError({ operation, issue: "option timeout must be a duration of more than zero" })
}

/** A delay in milliseconds that grows by half each time up to a limit. */
export const growing = (first: number, limit: number): Schedule.Schedule<unknown, unknown> =>
  scheduleFromStep<number, unknown>(first, (_, delay) => ({
    state: Math.min(limit, Math.round(delay * 1.5)),
    delay
  }))

/** So many looks in a row that failed are more than a passing trouble. */
const maxFailures = 5

/** Looks, at once and then as the schedule says, until something is there or the wait is over. */
export const poll = <A, L, E>(spec: Poll<A, L, E>): Effect.Effect<A, L | InvalidRequestError | E> =>
  Effect.suspend((): Effect.Effect<A, L | InvalidRequestError | E> => {
    const { gaveUp, look, operation, options, passing } = spec
    const timeout = waitMillis(operation, options?.timeout, spec.timeout)
    if (typeof timeout !== "number") return Effect.fail(timeout)
    let looks = 0
    const loop = Effect.gen(function* () {
      const startedAt = yield* now
      const pace = yield* pacer(options?.schedule ?? spec.schedule)
      let failures = 0
      const lookOnce = Effect.suspend(() => {
        looks++
        return catchAll(
          Effect.map(look, (found) => {
            failures = 0
            return found
          }),
          (error) => {
            failures++
            const goOn = failures < maxFailures && (isPassing(error) || passing?.(error) === true)
            return goOn
              ? Effect.as(asAsked(error, startedAt + timeout), Option.none<A>())
              : Effect.fail(error)
          }
        )
      })
      while (true) {
        const found = yield* lookOnce
        if (Option.isSome(found)) return found.value
        if (!(yield* pace(undefined))) {
          const waited = Duration.millis((yield* now) - startedAt)
          return yield* Effect.fail(gaveUp({ looks, waited }))
        }
      }
    })
    return Number.isFinite(timeout)
      ? timeoutFail(loop, timeout, () => gaveUp({ looks, waited: Duration.millis(timeout) }))
      : loop
  })

const isPassing = (error: unknown): boolean =>
  (error instanceof APIError && error.retryable) ||
  (error instanceof TransportError && error.reason !== "AccessToken")

/** Waits as the server asks; where that would outlast the wait, the failure is known now. */
const asAsked = <L>(error: L, deadline: number): Effect.Effect<void, L> => {
  const hint = error instanceof APIError ? error.retryAfter : undefined
  if (hint === undefined) return Effect.void
  return Effect.flatMap(now, (at) =>
    at + Duration.toMillis(hint) > deadline ? Effect.fail(error) : Effect.sleep(hint)
  )
}
