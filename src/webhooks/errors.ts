/**
 * Why a delivery was refused.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { literals } from "../internal/dialect/schema.js"

const reasons = [
  "MissingSignature",
  "BadSignature",
  "StaleTimestamp",
  "EventIdMismatch",
  "MalformedBody",
  "Duplicate"
] as const

/**
 * - `MissingSignature`: no signature came, or only half of the newer one.
 * - `BadSignature`: none of the secrets made this signature for these bytes, or a header came twice.
 * - `StaleTimestamp`: well signed, but too long ago or too far in the future: a replay, or a clock that is off.
 * - `EventIdMismatch`: id or type of the body are not the ones the headers name.
 * - `MalformedBody`: well signed, but not an event as this version knows it.
 * - `Duplicate`: `seen` knows the event already.
 *
 * @since 0.1.0
 * @category models
 */
export type VerificationFailure = (typeof reasons)[number]

/**
 * A delivery that must not be acted on. Holds neither a secret nor the signature that would have been right.
 *
 * @since 0.1.0
 * @category errors
 */
export class WebhookVerificationError extends Schema.TaggedError<WebhookVerificationError>(
  "effect-sendmux/WebhookVerificationError"
)("WebhookVerificationError", {
  reason: literals(...reasons),
  /** What is wrong, for people, without values of the body. */
  issue: Schema.String
}) {
  /** @since 0.1.0 */
  override get message(): string {
    return this.issue
  }
  /** @since 0.1.0 */
  override toString(): string {
    return `[${this.reason}] ${this.issue}`
  }
}
