/**
 * Verifies a domain repeatedly until the verification succeeds.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { durationFromMillis, TaggedError } from "../../internal/dialect/schema.js"
import { APIError, type SendmuxError } from "../../internal/model/errors.js"
import { OptionalInput } from "../../internal/schema/schema.js"
import { growing, poll, type WaitOptions } from "../../internal/timing/poll.js"
import { outstandingDns } from "./dns.js"
import { DomainVerification } from "./schemas.js"

/**
 * The domain was not verified before the wait ended.
 *
 * @since 0.1.0
 * @category errors
 */
export class DomainVerificationTimeoutError extends TaggedError<DomainVerificationTimeoutError>(
  "effect-sendmux/DomainVerificationTimeoutError"
)("DomainVerificationTimeoutError", {
  domain_id: Schema.String,
  /** The number of verifications. */
  attempts: Schema.Number,
  /** The duration of the wait. */
  waited: durationFromMillis,
  /**
   * The purposes of the records that are missing, wrong or pending: `verification`, `spf`, `dkim`, `dmarc`, `mx`, ...
   */
  missing: Schema.Array(Schema.String),
  /** The result of the last verification. `checkDns` turns it into advice for each record. */
  verification: OptionalInput(DomainVerification)
}) {
  override get message(): string {
    const missing =
      this.missing.length === 0 ? "" : `; records that are not confirmed: ${this.missing.join(", ")}`
    return `The domain ${this.domain_id} was not verified after ${this.attempts} attempts${missing}`
  }
}

/** DNS changes take minutes to hours, so the delay starts long and grows. */
const schedule = growing(10_000, 120_000)

const defaultTimeout = 30 * 60_000

/** @internal */
export const waitUntilVerified = (
  operation: string,
  verify: Effect.Effect<DomainVerification, SendmuxError>,
  domain_id: string,
  options: WaitOptions | undefined
): Effect.Effect<DomainVerification, SendmuxError | DomainVerificationTimeoutError> =>
  Effect.suspend(() => {
    let verification: DomainVerification | undefined
    return poll({
      operation,
      read: Effect.map(verify, (result) => {
        verification = result
        return result.status === "verified" ? Option.some(result) : Option.none()
      }),
      options,
      schedule,
      timeout: defaultTimeout,
      // The domain was changed during the verification, so the next one may succeed.
      isTransient: APIError.is("conflict"),
      gaveUp: ({ attempts, waited }) =>
        new DomainVerificationTimeoutError({
          domain_id,
          attempts,
          waited,
          missing: verification === undefined ? [] : outstandingDns(verification),
          verification
        })
    })
  })
