/**
 * Reads a resource of a mailbox repeatedly until its state ends the wait.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { SendmuxError } from "../internal/model/errors.js"
import { pause } from "../internal/timing/deadline.js"
import { growing, poll } from "../internal/timing/poll.js"
import type { MailboxOptions } from "./options.js"
import { type MailboxWaitOptions, WaitTimeoutError } from "./waiting.js"

/** The duration of a wait in milliseconds, unless its options set another one. */
export const defaultTimeout = 60_000

const defaultSchedule = growing(250, 3000)

/** The options of a single request of a wait. The timeout of the wait does not apply to it. */
export const requestOptions = ({
  schedule: _schedule,
  timeout: _timeout,
  ...options
}: MailboxWaitOptions): MailboxOptions => options

/** A value of the awaited resource. */
export interface Observed<A> {
  readonly value: A
  /** How long the server asks the client to wait before the next read. */
  readonly retryAfter: Duration.Duration | undefined
}

interface WaitSpec<A, E> {
  /** The name of the waiting method, for errors. */
  readonly operation: string
  readonly options: MailboxWaitOptions
  readonly read: Effect.Effect<Observed<A>, SendmuxError>
  readonly statusOf: (value: A) => string
  /** The outcome of the wait, or `undefined` while the wait continues. */
  readonly outcomeOf: (value: A) => Effect.Effect<A, E> | undefined
  /** A value that is already known and replaces the first read. */
  readonly known?: A | undefined
}

/** Reads until `outcomeOf` returns an outcome, or until the wait is over. */
export const waitUntil = <A, E = never>(
  spec: WaitSpec<A, E>
): Effect.Effect<A, SendmuxError | WaitTimeoutError | E> =>
  Effect.suspend(() => {
    const { operation, options, outcomeOf, statusOf } = spec
    let { known } = spec
    let status: string | undefined
    let reads = 0

    const next = Effect.suspend((): Effect.Effect<Observed<A>, SendmuxError> => {
      if (known === undefined) return spec.read
      const value = known
      known = undefined
      return Effect.succeed({ value, retryAfter: undefined })
    })

    const read = Effect.gen(function* () {
      reads++
      const { retryAfter, value } = yield* next
      status = statusOf(value)
      const outcome = outcomeOf(value)
      if (outcome !== undefined) return Option.some(yield* outcome)
      if (retryAfter !== undefined) {
        yield* pause(Duration.toMillis(retryAfter), { operation, awaited: "Check", attempts: reads })
      }
      return Option.none<A>()
    })

    return poll<A, SendmuxError | E, WaitTimeoutError>({
      operation,
      read,
      options,
      schedule: defaultSchedule,
      timeout: defaultTimeout,
      gaveUp: ({ waited }) => new WaitTimeoutError({ operation, waited, status })
    })
  })
