/**
 * The error that tells a program to let the owner of a grant log in again.
 *
 * @since 0.2.0
 */
import * as Schema from "effect/Schema"
import { literals, TaggedError } from "../dialect/schema.js"

/**
 * Why there is no access token without another login:
 *
 * - `NoGrant`: the store has no tokens of this name.
 * - `Rejected`: the server refused the refresh token. It expired, or the owner revoked the grant.
 * - `UncertainRefresh`: a refresh was started, and its response did not arrive or was not stored. The refresh token may have
 *   been used, and sending it once more would revoke the grant.
 * - `NoRefreshToken`: the access token expired, and the server issued no refresh token with it.
 * - `OtherClient`: the stored tokens belong to another client or to another server.
 * - `Unreadable`: the stored text is not what the SDK has written, for example after a crash of a file system.
 * - `Expired`: the identity and the claim token of an agent have expired.
 *
 * @since 0.2.0
 * @category models
 */
export type LoginReason = (typeof loginReasons)[number]

const loginReasons = [
  "NoGrant",
  "Rejected",
  "UncertainRefresh",
  "NoRefreshToken",
  "OtherClient",
  "Unreadable",
  "Expired"
] as const

const explanations: Readonly<Record<LoginReason, string>> = {
  NoGrant: "there are no stored tokens",
  Rejected: "the server rejected the refresh token",
  UncertainRefresh:
    "a refresh was started and its response is not known, so the refresh token must not be sent again",
  NoRefreshToken: "the access token expired, and there is no refresh token",
  OtherClient: "the stored tokens belong to another client or server",
  Unreadable: "the stored tokens cannot be read",
  Expired: "the identity and the claim token of the agent have expired"
}

/**
 * There is no valid access token, and only another login can get one.
 *
 * @since 0.2.0
 * @category errors
 */
export class LoginRequired extends TaggedError<LoginRequired>("effect-sendmux/LoginRequired")(
  "LoginRequired",
  {
    /** The name of the grant, as the program chose it. */
    grant: Schema.String,
    reason: literals(...loginReasons)
  }
) {
  override get message(): string {
    return `A login is required for the grant ${JSON.stringify(this.grant)}: ${explanations[this.reason]}`
  }
  override toString(): string {
    return `${this._tag}: ${this.message}`
  }
}
