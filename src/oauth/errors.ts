/**
 * The errors of logins and tokens. They hold no request, no response, no cause and no secret.
 *
 * @since 0.2.0
 */
import * as Schema from "effect/Schema"
import {
  durationFromMillis,
  literals,
  openString,
  optionalInput,
  TaggedError
} from "../internal/dialect/schema.js"
import type { InvalidRequestError, ResponseDecodeError, TransportError } from "../internal/model/errors.js"

export { type LoginReason, LoginRequired } from "../internal/model/loginRequired.js"

/**
 * The error codes of OAuth servers that are documented. A server may send others.
 *
 * @since 0.2.0
 * @category models
 */
export type OAuthErrorCode = (typeof errorCodes)[number]

const errorCodes = [
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
  "invalid_target",
  "invalid_redirect_uri",
  "invalid_client_metadata",
  "access_denied",
  "authorization_pending",
  "slow_down",
  "expired_token",
  "server_error",
  "temporarily_unavailable"
] as const

/**
 * The authorization server responded with a failure. The code is that of the server's OAuth error or, if the response has
 * none, `http_` and the status, such as `http_502`.
 *
 * @since 0.2.0
 * @category errors
 */
export class OAuthError extends TaggedError<OAuthError>("effect-sendmux/OAuthError")("OAuthError", {
  /** What was requested, such as `oauth.refresh` or `agent.identity`. */
  operation: Schema.String,
  /** The HTTP status. */
  status: Schema.Number,
  /** The machine-readable reason: branch on this. */
  code: openString(errorCodes),
  /** A description for people, as the server sent it. */
  detail: Schema.String,
  /** How long the server asks to wait before the next request. */
  retryAfter: optionalInput(durationFromMillis),
  /** What the exceeded rate limit applies to, if the server says so. */
  rateLimitScope: optionalInput(Schema.String),
  /** The id of the request, which Sendmux support asks for. */
  requestId: optionalInput(Schema.String)
}) {
  /**
   * Makes a refinement, such as for `Effect.catchIf`, that accepts an `OAuthError` with one of the codes.
   *
   * @since 0.2.0
   */
  static is<const Code extends OAuthErrorCode | (string & {})>(
    ...codes: readonly [Code, ...Array<Code>]
  ): (error: unknown) => error is OAuthError & { readonly code: Code } {
    return (error): error is OAuthError & { readonly code: Code } =>
      error instanceof OAuthError && codes.some((code) => code === error.code)
  }

  override get message(): string {
    const request = this.requestId === undefined ? "" : `, request ${this.requestId}`
    return `${this.operation}: ${this.status} ${this.code}: ${this.detail}${request}`
  }
  override toString(): string {
    return `${this._tag}: ${this.message}`
  }
}

/**
 * Why a callback is not accepted:
 *
 * - `Malformed`: it is no URL, or its query has no `code`, or has a parameter more than once.
 * - `StateMismatch`: its `state` is not that of the login. Somebody else may have made it.
 * - `IssuerMismatch`: its `iss` is missing or is not the server at which the login started.
 * - `Denied`: the server reports that the login failed. `code` and `detail` say why, such as `access_denied`.
 * - `AlreadyUsed`: the login was finished before. Its code must not be sent again.
 *
 * @since 0.2.0
 * @category models
 */
export type CallbackReason = "Malformed" | "StateMismatch" | "IssuerMismatch" | "Denied" | "AlreadyUsed"

const callbackReasons: Readonly<Record<CallbackReason, string>> = {
  Malformed: "it is not a URL whose query has one code and one state",
  StateMismatch: "its state is not that of the login, so somebody else may have made it",
  IssuerMismatch: "its iss is missing, or is not the server at which the login was started",
  Denied: "the server reports that the login failed",
  AlreadyUsed: "the login was finished before, so start a new login"
}

/**
 * The callback of a login is not accepted. No code was sent to the server.
 *
 * @since 0.2.0
 * @category errors
 */
export class CallbackError extends TaggedError<CallbackError>("effect-sendmux/CallbackError")(
  "CallbackError",
  {
    reason: literals("Malformed", "StateMismatch", "IssuerMismatch", "Denied", "AlreadyUsed"),
    /** The code of the server's OAuth error, if the reason is `Denied`. */
    code: optionalInput(openString(errorCodes)),
    /** The server's description for people, if it sent one. */
    detail: optionalInput(Schema.String)
  }
) {
  override get message(): string {
    const code = this.code === undefined ? "" : `: ${this.code}`
    const detail = this.detail === undefined ? "" : `: ${this.detail}`
    return `The callback is not accepted: ${callbackReasons[this.reason]}${code}${detail}`
  }
  override toString(): string {
    return `${this._tag}: ${this.message}`
  }
}

/**
 * The token store failed. It contains neither the name of a grant, nor tokens, nor the cause.
 *
 * @since 0.2.0
 * @category errors
 */
export class TokenStoreError extends TaggedError<TokenStoreError>("effect-sendmux/TokenStoreError")(
  "TokenStoreError",
  {
    action: literals("get", "set", "remove", "lock"),
    /** A description for people, without values. */
    reason: Schema.String
  }
) {
  override get message(): string {
    return `The token store failed (${this.action}): ${this.reason}`
  }
  override toString(): string {
    return `${this._tag}: ${this.message}`
  }
}

/**
 * The errors of a request to the authorization server. A `TransportError` or a `ResponseDecodeError` leaves open whether
 * the server has run the request.
 *
 * @since 0.2.0
 * @category errors
 */
export type OAuthRequestError = OAuthError | TransportError | ResponseDecodeError | InvalidRequestError
