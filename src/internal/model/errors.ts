/**
 * What can go wrong: a closed union of errors that hold no request, response or cause, and no secret.
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
 * The codes the API documents. Others may come: a code is any string.
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
 * One thing the server found wrong with a field.
 *
 * @since 0.1.0
 * @category schemas
 */
export const FieldIssue = Schema.Struct({
  /** Dotted path to the field, such as `to.email`. */
  field: Schema.String,
  /** The validator's code, such as `invalid_string`. */
  code: Schema.String,
  /** What is wrong, for people. */
  message: Schema.String
})

/**
 * @since 0.1.0
 * @category models
 */
export interface FieldIssue extends Schema.Schema.Type<typeof FieldIssue> {}

/**
 * The state of the credential's rate limit as the response told it.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RateLimit = Schema.Struct({
  /** Requests allowed in a window. */
  limit: optionalInput(Schema.Number),
  /** Requests left in this window. */
  remaining: optionalInput(Schema.Number),
  /** When the window ends. */
  reset: optionalInput(utcFromEpochMillis)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface RateLimit extends Schema.Schema.Type<typeof RateLimit> {}

const text = (headline: string, facts: ReadonlyArray<string | number | undefined>): string =>
  `${headline} (${facts.filter((fact) => fact !== undefined).join(", ")})`

const requestIdFact = (requestId: string | undefined) =>
  requestId === undefined ? undefined : `request_id=${requestId}`

/**
 * The server answered with a failure: the API's own error envelope, or whatever a proxy in between said, in which
 * case the code is `http_` and the status, such as `http_502`.
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
  /** The call that failed, such as `sending.emails.send`. */
  operation: Schema.String,
  /** The HTTP status. */
  status: Schema.Number,
  /** What went wrong, for programs: branch on this. */
  code: openString(errorCodes),
  /** What went wrong, for people. */
  message: Schema.String,
  /** The parameter at fault, where there is one. */
  param: optionalInput(Schema.String),
  /** A page about the code. */
  docUrl: optionalInput(Schema.String),
  /** Every field the server found wrong. */
  errors: Schema.Array(FieldIssue),
  /** Whether the same request may succeed later, by the server's own word or, where it has none, by the status. */
  retryable: Schema.Boolean,
  /** `true` when the response body was truncated, so that the status alone is known. */
  truncated: optionalInput(Schema.Boolean),
  /** The id of the request, for support. */
  requestId: optionalInput(Schema.String),
  /** How long the server asks to wait. */
  retryAfter: optionalInput(durationFromMillis),
  /** The rate limit, where the response told it. */
  rateLimit: optionalInput(RateLimit),
  /** How many requests this call made. */
  attempts: Schema.Number
}) {
  /**
   * A refinement for `Effect.catchIf`: an `APIError` with one of the codes.
   *
   * @since 0.1.0
   */
  static is<const Code extends ErrorCode | (string & {})>(
    ...codes: readonly [Code, ...Array<Code>]
  ): (error: unknown) => error is APIError & { readonly code: Code } {
    return (error): error is APIError & { readonly code: Code } =>
      error instanceof APIError && codes.some((code) => code === error.code)
  }

  /** @since 0.1.0 */
  override toString(): string {
    return text(`[${this.code}] ${this.message}`, [
      this.operation,
      this.status,
      requestIdFact(this.requestId)
    ])
  }
}

/**
 * Why there was no usable answer: the network failed, the answer took longer than `timeout`, its body was cut
 * short, or the access token could not be had.
 *
 * @since 0.1.0
 * @category models
 */
export type TransportReason = "Network" | "Timeout" | "CutBody" | "TooLarge" | "AccessToken"

/**
 * No usable answer came. For a call that changes something and carries no idempotency key, the server may or may
 * not have acted.
 *
 * @since 0.1.0
 * @category errors
 */
export class TransportError extends Schema.TaggedError<TransportError>("effect-sendmux/TransportError")(
  "TransportError",
  {
    operation: Schema.String,
    reason: literals("Network", "Timeout", "CutBody", "TooLarge", "AccessToken"),
    /** What happened, for people. */
    message: Schema.String,
    /** The system's word for a network failure, such as `ECONNREFUSED`, where it has one. */
    systemCode: optionalInput(Schema.String),
    /** How many requests this call made. */
    attempts: Schema.Number
  }
) {
  /** @since 0.1.0 */
  override toString(): string {
    return text(`[${this.reason}] ${this.message}`, [
      this.operation,
      `attempts=${this.attempts}`,
      this.systemCode
    ])
  }
}

/**
 * The server succeeded and answered with something that does not fit the schema. What was asked for has happened:
 * do not simply send again.
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
  /** Where the answer and the schema part, without the answer's values. */
  issue: Schema.String
}) {
  /** @since 0.1.0 */
  override get message(): string {
    return `The response does not fit: ${this.issue}`
  }
  /** @since 0.1.0 */
  override toString(): string {
    return text(this.message, [this.operation, this.status, requestIdFact(this.requestId)])
  }
}

/**
 * The input cannot be sent, and nothing was.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidRequestError extends Schema.TaggedError<InvalidRequestError>(
  "effect-sendmux/InvalidRequestError"
)("InvalidRequestError", {
  operation: Schema.String,
  /** What is wrong and how to mend it, one line for each field, without values. */
  issue: Schema.String
}) {
  /** @since 0.1.0 */
  override get message(): string {
    return `Nothing was sent: ${this.issue}`
  }
  /** @since 0.1.0 */
  override toString(): string {
    return text(this.message, [this.operation])
  }
}

/**
 * A list cannot go on: the server said there is more without saying where (`MissingCursor`), or pointed back to a
 * page already read (`RepeatedCursor`).
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
  /** @since 0.1.0 */
  override get message(): string {
    return this.reason === "MissingCursor"
      ? "The server says there is more and gives no cursor to it"
      : "The server gave the cursor of a page that was already read"
  }
  /** @since 0.1.0 */
  override toString(): string {
    return text(this.message, [this.operation, requestIdFact(this.requestId)])
  }
}

/**
 * A layer's options cannot work: a key of the wrong kind, a base URL that is none. Never quotes the key.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConfigurationError extends Schema.TaggedError<ConfigurationError>(
  "effect-sendmux/ConfigurationError"
)("ConfigurationError", {
  /** The surface whose layer was being built. */
  surface: literals("sending", "mailbox", "management"),
  /** The option at fault. */
  option: Schema.String,
  /** What is wrong and how to mend it. */
  issue: Schema.String
}) {
  /** @since 0.1.0 */
  override get message(): string {
    return `${this.option} ${this.issue}`
  }
  /** @since 0.1.0 */
  override toString(): string {
    return text(this.message, [this.surface])
  }
}

/**
 * Every way in which one call can fail.
 *
 * @since 0.1.0
 * @category errors
 */
export type SendmuxError = APIError | TransportError | ResponseDecodeError | InvalidRequestError

/**
 * Every way in which a list read page by page can fail.
 *
 * @since 0.1.0
 * @category errors
 */
export type SendmuxStreamError = SendmuxError | PaginationError
