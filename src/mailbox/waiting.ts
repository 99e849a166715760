/**
 * Waiting for what takes its time, within limits.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { durationFromMillis, optionalInput } from "../internal/dialect/schema.js"
import type { SendmuxError } from "../internal/model/errors.js"
import { growing, poll, type WaitOptions } from "../internal/timing/poll.js"
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
 * The options of a wait on the mailbox surface. By default it waits for up to 60 seconds, and checks again after 250
 * milliseconds and then at growing delays of up to 3 seconds.
 *
 * @since 0.1.0
 * @category options
 */
export interface MailboxWaitOptions extends WaitOptions, Omit<MailboxOptions, "timeout"> {}

const defaultTimeout = 60_000

/** Soon at first, then less and less often. */
const defaultSchedule = growing(250, 3000)

export interface Waiting<A, E> {
  readonly operation: string
  readonly options: MailboxWaitOptions
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
  hint,
  ...given
}: Waiting<A, E>): Effect.Effect<A, SendmuxError | WaitTimeoutError | E> =>
  Effect.suspend(() => {
    let { first } = given
    let status: string | undefined
    const examine = (value: A): Effect.Effect<Option.Option<A>, E> => {
      first = undefined
      status = statusOf(value)
      const settled = settle(value)
      if (settled !== undefined) return Effect.map(settled, Option.some)
      const asked = hint?.()
      return asked === undefined
        ? Effect.succeed(Option.none())
        : Effect.as(Effect.sleep(asked), Option.none())
    }
    return poll<A, SendmuxError | E, WaitTimeoutError>({
      operation,
      read: Effect.suspend(
        (): Effect.Effect<Option.Option<A>, SendmuxError | E> =>
          first === undefined ? Effect.flatMap(read, examine) : examine(first)
      ),
      options,
      schedule: defaultSchedule,
      timeout: defaultTimeout,
      gaveUp: ({ waited }) => new WaitTimeoutError({ operation, waited, status })
    })
  })
