/**
 * The typed errors of the SDK. They hold no request, no response, no cause and no secret.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import {
  durationFromMillis,
  literals,
  openString,
  optionalInput,
  TaggedError,
  union,
  utcFromEpochMillis
} from "../dialect/schema.js"

/**
 * The error codes that the API documents. The API may add codes, so `APIError.code` can be any string.
 *
 * @since 0.1.0
 * @category models
 */
export type ErrorCode = (typeof errorCodes)[number]

const errorCodes = [
  "invalid_parameter",
  "missing_parameter",
  "authentication_required",
  "insufficient_credits",
  "insufficient_permissions",
  "billing_restricted",
  "not_found",
  "conflict",
  "limit_exceeded",
  "idempotency_conflict",
  "payload_too_large",
  "validation_error",
  "rate_limit_exceeded",
  "internal_error",
  "service_unavailable",
  "no_active_providers",
  "invalid_delivery_group",
  "delivery_group_not_found",
  "delivery_group_not_allowed",
  "delivery_group_scope_invalid"
] as const

/**
 * A problem with one field, as the server reported it.
 *
 * @since 0.1.0
 * @category schemas
 */
export const FieldIssue = Schema.Struct({
  /** The dotted path of the field, such as `to.email`. */
  field: Schema.String,
  /** The code of the failed rule, such as `invalid_string`. */
  code: Schema.String,
  /** A human-readable description. */
  message: Schema.String
})

/**
 * The decoded `FieldIssue`.
 *
 * @since 0.1.0
 * @category models
 */
export interface FieldIssue extends Schema.Schema.Type<typeof FieldIssue> {}

/**
 * The state of the credential's rate limit, from the headers of a response.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RateLimit = Schema.Struct({
  /** The number of requests allowed in a window. */
  limit: optionalInput(Schema.Number),
  /** The number of requests left in the current window. */
  remaining: optionalInput(Schema.Number),
  /** When the current window ends. */
  reset: optionalInput(utcFromEpochMillis)
})

/**
 * The decoded `RateLimit`.
 *
 * @since 0.1.0
 * @category models
 */
export interface RateLimit extends Schema.Schema.Type<typeof RateLimit> {}

/** A refusal that lasts longer is not one of the rate limit, whose windows take a minute. */
const longestWindowMillis = 300_000

/** The end of a message: the id that support asks for. */
const requestSuffix = (requestId: string | undefined): string =>
  requestId === undefined ? "" : `, request ${requestId}`

/**
 * The server responded with a failure. The code is that of the API's error envelope or, if the response has none, as
 * with a proxy in between, `http_` and the status, such as `http_502`.
 *
 * @example
 * import { APIError, Sending } from "effect-sendmux"
 * import * as Effect from "effect/Effect"
 *
 * export const program = Sending.pipe(
 *   Effect.flatMap((sending) => sending.attachments.get("att_tz4a98xxat96iws9zmbrgj3a")),
 *   Effect.catchIf(APIError.is("not_found"), (error) => Effect.succeed(`expired (${error.requestId})`))
 * )
 *
 * @since 0.1.0
 * @category errors
 */
export class APIError extends TaggedError<APIError>("effect-sendmux/APIError")("APIError", {
  /** The operation that failed, such as `sending.emails.send`. */
  operation: Schema.String,
  /** The HTTP status. */
  status: Schema.Number,
  /** The machine-readable reason: branch on this. */
  code: openString(errorCodes),
  /** A human-readable description, as the server sent it. */
  detail: Schema.String,
  /** The parameter that caused the failure, if the server named one. */
  param: optionalInput(Schema.String),
  /** The URL of the documentation of the code. */
  docUrl: optionalInput(Schema.String),
  /** The fields that the server rejected. */
  errors: Schema.Array(FieldIssue),
  /** Whether the same request may succeed later: as the server reports it, otherwise as the status implies. */
  retryable: Schema.Boolean,
  /** `true` if the response body was truncated, so that only the status is known. */
  truncated: optionalInput(Schema.Boolean),
  /** The id of the request, which Sendmux support asks for. */
  requestId: optionalInput(Schema.String),
  /** How long the server asks the client to wait. */
  retryAfter: optionalInput(durationFromMillis),
  /** The state of the rate limit, if the server sent it. */
  rateLimit: optionalInput(RateLimit),
  /** The number of requests that the call made. */
  attempts: Schema.Number
}) {
  /**
   * Makes a refinement, such as for `Effect.catchIf`, that accepts an `APIError` with one of the codes.
   *
   * @since 0.1.0
   */
  static is<const Code extends ErrorCode | (string & {})>(
    ...codes: readonly [Code, ...Array<Code>]
  ): (error: unknown) => error is APIError & { readonly code: Code } {
    return (error): error is APIError & { readonly code: Code } =>
      error instanceof APIError && codes.some((code) => code === error.code)
  }

  /**
   * Whether an error is the refusal of a limit that lasts longer than the rate limit, such as the recipients that a plan
   * allows in a day. The windows of the rate limit take a minute, so a `rate_limit_exceeded` whose `retryAfter` is longer
   * than 5 minutes has another cause. It is a normal event: the call has failed at once, nothing was sent, and the same
   * message can be sent after `retryAfter`.
   *
   * @since 0.2.0
   */
  static isDailyLimit(
    error: unknown
  ): error is APIError & { readonly code: "rate_limit_exceeded"; readonly retryAfter: Duration.Duration } {
    return (
      error instanceof APIError &&
      error.code === "rate_limit_exceeded" &&
      error.retryAfter !== undefined &&
      Duration.toMillis(error.retryAfter) > longestWindowMillis
    )
  }

  /** The operation, the status, the code, the description, the first field and the id of the request. */
  override get message(): string {
    const [first] = this.errors
    const field = first === undefined ? "" : ` (${first.field}: ${first.message})`
    return `${this.operation}: ${this.status} ${this.code}: ${this.detail}${field}${requestSuffix(this.requestId)}`
  }
  override toString(): string {
    return `${this._tag}: ${this.message}`
  }
}

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
