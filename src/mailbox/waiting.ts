/**
 * The options and the error of methods that wait, such as `drafts.waitUntilReady`.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { durationFromMillis, optionalInput, TaggedError } from "../internal/dialect/schema.js"
import type { WaitOptions } from "../internal/timing/poll.js"
import type { MailboxOptions } from "./options.js"

/**
 * The expected result was not available before the wait ended. It may become available later.
 *
 * @since 0.1.0
 * @category errors
 */
export class WaitTimeoutError extends TaggedError<WaitTimeoutError>("effect-sendmux/WaitTimeoutError")(
  "WaitTimeoutError",
  {
    /** The method that waited, such as `mailbox.messages.waitFor`. */
    operation: Schema.String,
    /** The duration of the wait. It is shorter than the timeout if the schedule ended first. */
    waited: durationFromMillis,
    /** The last known status, for a resource that has one. */
    status: optionalInput(Schema.String)
  }
) {
  override get message(): string {
    const lastStatus = this.status === undefined ? "" : `; the last known status is ${this.status}`
    return `The wait ended without a result after ${Duration.toMillis(this.waited)} ms${lastStatus}`
  }
  override toString(): string {
    return `${this.message} (${this.operation})`
  }
}

/**
 * How long to wait in a mailbox and how often to check, together with the options of each request.
 *
 * `timeout` limits the whole wait. Default: 60 seconds. `schedule` determines when to check again. Default: after
 * 250 ms, then at growing delays of up to 3 seconds.
 *
 * @since 0.1.0
 * @category options
 */
export interface MailboxWaitOptions extends WaitOptions, Omit<MailboxOptions, "timeout"> {}
