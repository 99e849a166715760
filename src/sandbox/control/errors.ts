/**
 * The errors of the control.
 */
import * as Schema from "effect/Schema"
import { durationFromMillis, literals, TaggedError } from "../../internal/dialect/schema.js"
import * as Duration from "effect/Duration"

/**
 * Nothing that matches has happened before the wait ended.
 *
 * @since 0.2.0
 * @category errors
 */
export class SandboxTimeoutError extends TaggedError<SandboxTimeoutError>(
  "effect-sendmux/SandboxTimeoutError"
)("SandboxTimeoutError", {
  /** What the wait was for. */
  kind: literals("email", "arrival", "request", "delivery"),
  /** The duration of the wait. */
  waited: durationFromMillis,
  /** The number of items that did not match. */
  count: Schema.Number,
  /** A line for each of the newest items that did not match. */
  seen: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const { count, kind, seen } = this
    const instead =
      count === 0
        ? `there was no ${kind} at all`
        : `instead there ${count === 1 ? "was" : `were ${count}, the newest of which`} ${count === 1 ? "" : "are "}${seen.join("; ")}`
    return `No ${kind} matched within ${Duration.toMillis(this.waited)} milliseconds; ${instead}`
  }
}

/**
 * A raw message cannot be delivered.
 *
 * @since 0.2.0
 * @category errors
 */
export class InboundMailError extends TaggedError<InboundMailError>("effect-sendmux/InboundMailError")(
  "InboundMailError",
  {
    /** What is wrong with the message, and how to fix it. */
    detail: Schema.String
  }
) {
  override get message(): string {
    return this.detail
  }
}
