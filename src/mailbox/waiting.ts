/**
 * Waiting for what takes its time, within limits.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type { DurationInput } from "../Call.js"
import { InvalidRequestError, type SendmuxError } from "../Errors.js"
import { catchAll, now, retryWhile, scheduleFromStep, timeoutFail, toMillis } from "../internal/effect.js"
import { durationFromMillis, optionalInput } from "../internal/effectSchema.js"
import type { MailboxOptions } from "./options.js"

/**
 * What was waited for has not come in time. It may still come.
 *
 * @since 0.1.0
 * @category errors
 */
export class WaitTimeoutError extends Schema.TaggedError<WaitTimeoutError>("effect-sendmux/WaitTimeoutError")(
  "WaitTimeoutError",
  {
    /** What was waiting, such as `mailbox.messages.waitFor`. */
    operation: Schema.String,
    /** How long it waited; shorter than the timeout when the schedule ended first. */
    waited: durationFromMillis,
    /** The status that was seen last, for what has one. */
    status: optionalInput(Schema.String)
  }
) {
  /** @since 0.1.0 */
  override get message(): string {
    const seen = this.status === undefined ? "" : `; last seen: ${this.status}`
    return `Gave up waiting after ${Duration.toMillis(this.waited)} ms${seen}`
  }
  /** @since 0.1.0 */
  override toString(): string {
    return `${this.message} (${this.operation})`
  }
}

/**
 * How long to wait, and how often to look.
 *
 * @since 0.1.0
 * @category options
 */
export interface WaitOptions extends Omit<MailboxOptions, "timeout"> {
  /** How long to wait in all. Default: 60 seconds. */
  readonly timeout?: DurationInput | undefined
  /** When to look again; its end is the end of the waiting. Default: after 250 ms, later and later, up to 3 seconds. */
  readonly schedule?: Schedule.Schedule<unknown> | undefined
}

const defaultTimeout = 60_000

/** Soon at first, then less and less often. */
const defaultSchedule = scheduleFromStep<number, unknown>(0, (_, times) => ({
  state: times + 1,
  delay: Math.round(Math.min(3000, 250 * 1.5 ** times))
}))

/** How long an option says to wait, in milliseconds. */
export const waitMillis = (
  operation: string,
  timeout: unknown
): Effect.Effect<number, InvalidRequestError> => {
  const millis = timeout === undefined ? defaultTimeout : toMillis(timeout)
  return millis !== undefined && millis > 0
    ? Effect.succeed(millis)
    : Effect.fail(
        new InvalidRequestError({ operation, issue: "option timeout must be a duration of more than zero" })
      )
}

/** Ends with a `WaitTimeoutError` what takes longer. */
export const within = <A, E>(
  self: Effect.Effect<A, E>,
  operation: string,
  millis: number,
  status: () => string | undefined
): Effect.Effect<A, E | WaitTimeoutError> =>
  Number.isFinite(millis)
    ? timeoutFail(
        self,
        millis,
        () => new WaitTimeoutError({ operation, waited: Duration.millis(millis), status: status() })
      )
    : self

/** Not there yet; look again when the schedule says. */
class NotYet {
  readonly _tag = "NotYet"
}

const notYet = new NotYet()

export interface Waiting<A, E> {
  readonly operation: string
  readonly options: WaitOptions
  readonly read: Effect.Effect<A, SendmuxError>
  readonly statusOf: (value: A) => string
  /** `undefined` while there is reason to wait. */
  readonly settle: (value: A) => Effect.Effect<A, E> | undefined
  /** How long the server asked, with the last value, to wait before the next look. */
  readonly hint?: () => Duration.Duration | undefined
  /** What was read before, so that the first look is not taken at once. */
  readonly first?: A | undefined
}

/** Reads again and again until a value settles the matter. */
export const waitUntil = <A, E = never>({
  operation,
  options,
  read,
  statusOf,
  settle,
  ...given
}: Waiting<A, E>): Effect.Effect<A, SendmuxError | WaitTimeoutError | E> =>
  Effect.gen(function* () {
    const millis = yield* waitMillis(operation, options.timeout)
    const startedAt = yield* now
    let status: string | undefined
    let first = given.first
    const examine = (value: A): Effect.Effect<A, E | NotYet> => {
      status = statusOf(value)
      const hint = given.hint?.()
      return (
        settle(value) ??
        (hint === undefined
          ? Effect.fail(notYet)
          : Effect.flatMap(Effect.sleep(hint), () => Effect.fail(notYet)))
      )
    }
    const patiently = catchAll(read, (error): Effect.Effect<A, SendmuxError | NotYet> => {
      const hint = error._tag === "APIError" && error.retryable ? error.retryAfter : undefined
      return hint !== undefined && Duration.toMillis(hint) < millis
        ? Effect.flatMap(Effect.sleep(hint), () => Effect.fail(notYet))
        : Effect.fail(error)
    })
    const look: Effect.Effect<A, SendmuxError | E | NotYet> = Effect.suspend(() => {
      if (first === undefined) return Effect.flatMap(patiently, examine)
      const value = first
      first = undefined
      return examine(value)
    })
    const looking = retryWhile(look, options.schedule ?? defaultSchedule, isNotYet)
    const gaveUp = Effect.flatMap(now, (endedAt) =>
      Effect.fail(new WaitTimeoutError({ operation, waited: Duration.millis(endedAt - startedAt), status }))
    )
    const ended = catchAll(
      looking,
      (error): Effect.Effect<A, SendmuxError | E | WaitTimeoutError> =>
        isNotYet(error) ? gaveUp : Effect.fail(error)
    )
    return yield* within(ended, operation, millis, () => status)
  })

const isNotYet = <E>(error: E | NotYet): error is NotYet => error instanceof NotYet
