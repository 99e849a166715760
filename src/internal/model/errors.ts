/**
 * The typed errors of the SDK. They hold no request, no response, no cause and no secret.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { durationFromMillis, literals, optionalInput, TaggedError, union } from "../dialect/schema.js"
import { APIError } from "./apiError.js"
import { requestSuffix } from "./failure.js"

export * from "./apiError.js"

/**
 * Why there is no usable response:
 *
 * - `Network`: the request or the connection failed.
 * - `Timeout`: the response took longer than `timeout`.
 * - `TruncatedBody`: the response body was truncated.
 * - `TooLarge`: the response body is larger than `maxResponseBytes`.
 * - `AccessToken`: the `accessToken` effect failed.
 * - `LoginRequired`: the `accessToken` effect failed with `LoginRequired`, because the owner has to log in again. Such a call
 *   is not retried.
 *
 * @since 0.1.0
 * @category models
 */
export type TransportReason =
  | "Network"
  | "Timeout"
  | "TruncatedBody"
  | "TooLarge"
  | "AccessToken"
  | "LoginRequired"

/**
 * No usable response was received. A write without an idempotency key may or may not have taken effect.
 *
 * @since 0.1.0
 * @category errors
 */
export class TransportError extends TaggedError<TransportError>("effect-sendmux/TransportError")(
  "TransportError",
  {
    operation: Schema.String,
    reason: literals("Network", "Timeout", "TruncatedBody", "TooLarge", "AccessToken", "LoginRequired"),
    /** A human-readable description. */
    detail: Schema.String,
    /** The code of the operating system for a network failure, such as `ECONNREFUSED`, if there is one. */
    systemCode: optionalInput(Schema.String),
    /** The number of requests that the call made. */
    attempts: Schema.Number
  }
) {
  /** The operation, the reason, the description, the system's code and the number of attempts. */
  override get message(): string {
    const code = this.systemCode === undefined ? "" : `${this.systemCode}, `
    const attempts = `${this.attempts} ${this.attempts === 1 ? "attempt" : "attempts"}`
    return `${this.operation}: ${this.reason}: ${this.detail} (${code}${attempts})`
  }
  override toString(): string {
    return `${this._tag}: ${this.message}`
  }
}

/**
 * What a call was waiting for when it met its deadline:
 *
 * - `Response`: the response of a request, or the next part of a stream.
 * - `Retry`: the next attempt after a failure.
 * - `RateLimit`: the permission of a limiter to send the request.
 * - `Check`: the next check of a method that waits, such as `waitUntilVerified`.
 * - `Input`: the bytes of an upload, which are read before anything is sent.
 *
 * @since 0.2.0
 * @category models
 */
export type AwaitedThing = "Response" | "Retry" | "RateLimit" | "Check" | "Input"

/**
 * The call could not end before the deadline that `Call.deadline` has set. It fails at once if the next wait would end
 * after the deadline.
 *
 * @since 0.2.0
 * @category errors
 */
export class DeadlineExceededError extends TaggedError<DeadlineExceededError>(
  "effect-sendmux/DeadlineExceededError"
)("DeadlineExceededError", {
  operation: Schema.String,
  /** What the call was waiting for. */
  awaited: literals("Response", "Retry", "RateLimit", "Check", "Input"),
  /** The time that was left until the deadline. */
  remaining: durationFromMillis,
  /** How long the wait would have been, if that is known. */
  needed: optionalInput(durationFromMillis),
  /** The number of requests that the call made, or the number of checks of a method that waits. */
  attempts: Schema.Number,
  /**
   * Whether the server may have run a request whose response is not known. If it is `false`, no request of the call took
   * effect.
   */
  uncertain: Schema.Boolean,
  /** The failure of the last attempt, if there was one. */
  failure: optionalInput(union(APIError, TransportError))
}) {
  /** The operation, what it was waiting for, the time that was left, and the last failure. */
  override get message(): string {
    const { awaited, failure, needed, remaining } = this
    const wait = needed === undefined ? "" : ` of ${Duration.toMillis(needed)} ms`
    const last = failure === undefined ? "" : `; the last attempt failed: ${failure.message}`
    return `${this.operation}: the deadline does not allow the wait${wait} for ${awaitedWords[awaited]}: ${Duration.toMillis(remaining)} ms are left${last}`
  }
  override toString(): string {
    return `${this._tag}: ${this.message}`
  }
}

const awaitedWords: Readonly<Record<AwaitedThing, string>> = {
  Response: "the response",
  Retry: "the next attempt",
  RateLimit: "the rate limit",
  Check: "the next check",
  Input: "the bytes of the upload"
}

/**
 * The server reported success, but its response does not match the schema. The operation has taken effect, so do not
 * repeat it blindly.
 *
 * @since 0.1.0
 * @category errors
 */
export class ResponseDecodeError extends TaggedError<ResponseDecodeError>(
  "effect-sendmux/ResponseDecodeError"
)("ResponseDecodeError", {
  operation: Schema.String,
  status: Schema.Number,
  requestId: optionalInput(Schema.String),
  /** The paths at which the response does not match the schema. It contains no values of the response. */
  issue: Schema.String
}) {
  override get message(): string {
    const issue = this.issue.replaceAll("\n", "; ")
    return `${this.operation}: the response (${this.status}) does not match the schema: ${issue}${requestSuffix(this.requestId)}`
  }
  override toString(): string {
    return `${this._tag}: ${this.message}`
  }
}

/**
 * A problem with one argument of a call.
 *
 * @since 0.2.0
 * @category schemas
 */
export const RequestIssue = Schema.Struct({
  /** The dotted path of the field in the input, such as `to.email`. Empty if the problem is not with a field. */
  path: Schema.String,
  /** What is wrong and how to fix it, without the value. */
  message: Schema.String
})

/**
 * The decoded `RequestIssue`.
 *
 * @since 0.2.0
 * @category models
 */
export interface RequestIssue extends Schema.Schema.Type<typeof RequestIssue> {}

/**
 * The arguments of a call are invalid. Nothing was sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidRequestError extends TaggedError<InvalidRequestError>(
  "effect-sendmux/InvalidRequestError"
)("InvalidRequestError", {
  /** The operation that was called, such as `sending.emails.send`. */
  operation: Schema.String,
  /** Every problem with the arguments. */
  issues: Schema.Array(RequestIssue)
}) {
  /** The problems as text, one line each. */
  get issue(): string {
    return this.issues.map(({ message, path }) => (path === "" ? message : `${path} ${message}`)).join("\n")
  }
  override get message(): string {
    return `${this.operation}: nothing was sent: ${this.issue.replaceAll("\n", "; ")}`
  }
  override toString(): string {
    return `${this._tag}: ${this.message}`
  }
}

/**
 * A list cannot continue: the server reported more pages without a cursor (`MissingCursor`), or returned the cursor of
 * a page that was already read (`RepeatedCursor`).
 *
 * @since 0.1.0
 * @category errors
 */
export class PaginationError extends TaggedError<PaginationError>("effect-sendmux/PaginationError")(
  "PaginationError",
  {
    operation: Schema.String,
    reason: literals("MissingCursor", "RepeatedCursor"),
    requestId: optionalInput(Schema.String)
  }
) {
  override get message(): string {
    const problem =
      this.reason === "MissingCursor"
        ? "the server reported another page, but sent no cursor for it"
        : "the server sent the cursor of a page that was already read"
    return `${this.operation}: ${problem}${requestSuffix(this.requestId)}`
  }
  override toString(): string {
    return `${this._tag}: ${this.message}`
  }
}

/**
 * The options of a layer are invalid, such as a key of the wrong kind or an invalid base URL. It never contains the key.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConfigurationError extends TaggedError<ConfigurationError>("effect-sendmux/ConfigurationError")(
  "ConfigurationError",
  {
    /** The surface whose layer was being built. */
    surface: literals("sending", "mailbox", "management"),
    /** The invalid option. */
    option: Schema.String,
    /** What is wrong and how to fix it. */
    issue: Schema.String
  }
) {
  override get message(): string {
    return `The ${this.surface} layer: ${this.option} ${this.issue}`
  }
  override toString(): string {
    return `${this._tag}: ${this.message}`
  }
}

/**
 * The errors of a call. `DeadlineExceededError` occurs only inside of `Call.deadline`.
 *
 * @since 0.1.0
 * @category errors
 */
export type SendmuxError =
  | APIError
  | TransportError
  | ResponseDecodeError
  | InvalidRequestError
  | DeadlineExceededError

/**
 * The errors of a list that is read page by page.
 *
 * @since 0.1.0
 * @category errors
 */
export type SendmuxStreamError = SendmuxError | PaginationError
