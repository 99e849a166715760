/**
 * The typed errors of the SDK. They hold no request, no response, no cause and no secret.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import {
  durationFromMillis,
  literals,
  openString,
  optionalInput,
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
  "no_active_providers"
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

const text = (headline: string, facts: ReadonlyArray<string | number | undefined>): string =>
  `${headline} (${facts.filter((fact) => fact !== undefined).join(", ")})`

const requestIdFact = (requestId: string | undefined) =>
  requestId === undefined ? undefined : `request_id=${requestId}`

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
export class APIError extends Schema.TaggedError<APIError>("effect-sendmux/APIError")("APIError", {
  /** The operation that failed, such as `sending.emails.send`. */
  operation: Schema.String,
  /** The HTTP status. */
  status: Schema.Number,
  /** The machine-readable reason: branch on this. */
  code: openString(errorCodes),
  /** A human-readable description. */
  message: Schema.String,
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

  override toString(): string {
    return text(`[${this.code}] ${this.message}`, [
      this.operation,
      this.status,
      requestIdFact(this.requestId)
    ])
  }
}

/**
 * Why there is no usable response:
 *
 * - `Network`: the request or the connection failed.
 * - `Timeout`: the response took longer than `timeout`.
 * - `CutBody`: the response body was truncated.
 * - `TooLarge`: the response body is larger than `maxResponseBytes`.
 * - `AccessToken`: the `accessToken` effect failed.
 *
 * @since 0.1.0
 * @category models
 */
export type TransportReason = "Network" | "Timeout" | "CutBody" | "TooLarge" | "AccessToken"

/**
 * No usable response was received. A write without an idempotency key may or may not have taken effect.
 *
 * @since 0.1.0
 * @category errors
 */
export class TransportError extends Schema.TaggedError<TransportError>("effect-sendmux/TransportError")(
  "TransportError",
  {
    operation: Schema.String,
    reason: literals("Network", "Timeout", "CutBody", "TooLarge", "AccessToken"),
    /** A human-readable description. */
    message: Schema.String,
    /** The code of the operating system for a network failure, such as `ECONNREFUSED`, if there is one. */
    systemCode: optionalInput(Schema.String),
    /** The number of requests that the call made. */
    attempts: Schema.Number
  }
) {
  override toString(): string {
    return text(`[${this.reason}] ${this.message}`, [
      this.operation,
      `attempts=${this.attempts}`,
      this.systemCode
    ])
  }
}

/**
 * The server reported success, but its response does not match the schema. The operation has taken effect, so do not
 * repeat it blindly.
 *
 * @since 0.1.0
 * @category errors
 */
export class ResponseDecodeError extends Schema.TaggedError<ResponseDecodeError>(
  "effect-sendmux/ResponseDecodeError"
)("ResponseDecodeError", {
  operation: Schema.String,
  status: Schema.Number,
  requestId: optionalInput(Schema.String),
  /** The paths at which the response does not match the schema. It contains no values of the response. */
  issue: Schema.String
}) {
  override get message(): string {
    return `The response does not match the schema: ${this.issue}`
  }
  override toString(): string {
    return text(this.message, [this.operation, this.status, requestIdFact(this.requestId)])
  }
}

/**
 * The arguments of a call are invalid. Nothing was sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidRequestError extends Schema.TaggedError<InvalidRequestError>(
  "effect-sendmux/InvalidRequestError"
)("InvalidRequestError", {
  operation: Schema.String,
  /** What is wrong and how to fix it, one line for each field. It contains no values of the input. */
  issue: Schema.String
}) {
  override get message(): string {
    return `Nothing was sent: ${this.issue}`
  }
  override toString(): string {
    return text(this.message, [this.operation])
  }
}

/**
 * A list cannot continue: the server reported more pages without a cursor (`MissingCursor`), or returned the cursor of
 * a page that was already read (`RepeatedCursor`).
 *
 * @since 0.1.0
 * @category errors
 */
export class PaginationError extends Schema.TaggedError<PaginationError>("effect-sendmux/PaginationError")(
  "PaginationError",
  {
    operation: Schema.String,
    reason: literals("MissingCursor", "RepeatedCursor"),
    requestId: optionalInput(Schema.String)
  }
) {
  override get message(): string {
    return this.reason === "MissingCursor"
      ? "The server reported another page, but sent no cursor for it"
      : "The server sent the cursor of a page that was already read"
  }
  override toString(): string {
    return text(this.message, [this.operation, requestIdFact(this.requestId)])
  }
}

/**
 * The options of a layer are invalid, such as a key of the wrong kind or an invalid base URL. It never contains the key.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConfigurationError extends Schema.TaggedError<ConfigurationError>(
  "effect-sendmux/ConfigurationError"
)("ConfigurationError", {
  /** The surface whose layer was being built. */
  surface: literals("sending", "mailbox", "management"),
  /** The invalid option. */
  option: Schema.String,
  /** What is wrong and how to fix it. */
  issue: Schema.String
}) {
  override get message(): string {
    return `${this.option} ${this.issue}`
  }
  override toString(): string {
    return text(this.message, [this.surface])
  }
}

/**
 * The errors of a call.
 *
 * @since 0.1.0
 * @category errors
 */
export type SendmuxError = APIError | TransportError | ResponseDecodeError | InvalidRequestError

/**
 * The errors of a list that is read page by page.
 *
 * @since 0.1.0
 * @category errors
 */
export type SendmuxStreamError = SendmuxError | PaginationError
