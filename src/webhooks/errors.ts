/**
 * The error of a delivery that fails verification.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { literals, TaggedError } from "../internal/dialect/schema.js"

const reasons = [
  "MissingSignature",
  "BadSignature",
  "StaleTimestamp",
  "EventIdMismatch",
  "MalformedBody",
  "Duplicate"
] as const

/**
 * The reason why a delivery failed verification.
 *
 * - `MissingSignature`: the request has no signature, or only one of the two headers of a version 2 signature.
 * - `BadSignature`: the signature does not match the body under any of the secrets, is malformed, or a header occurs
 *   more than once.
 * - `StaleTimestamp`: the signature is valid, but its timestamp is too far from the current time. The delivery is a
 *   replay, or a clock is wrong.
 * - `EventIdMismatch`: the id or the type in the body differs from the one in the headers.
 * - `MalformedBody`: the signature is valid, but the body does not decode as an event.
 * - `Duplicate`: `seen` reported that the event was handled before.
 *
 * @since 0.1.0
 * @category models
 */
export type VerificationFailure = (typeof reasons)[number]

/**
 * A delivery failed verification and must not be acted on. The error contains neither a secret nor the expected
 * signature.
 *
 * @since 0.1.0
 * @category errors
 */
export class WebhookVerificationError extends TaggedError<WebhookVerificationError>(
  "effect-sendmux/WebhookVerificationError"
)("WebhookVerificationError", {
  reason: literals(...reasons),
  /** A human-readable description of the problem, without values from the body. */
  issue: Schema.String
}) {
  override get message(): string {
    return this.issue
  }
  override toString(): string {
    return `[${this.reason}] ${this.issue}`
  }
}
