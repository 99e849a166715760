/**
 * The failures that the server reports.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { withCaller } from "../dialect/fiber.js"
import type { HttpClientResponse } from "../dialect/http.js"
import {
  durationFromMillis,
  openText,
  optionalInput,
  TaggedError,
  unchecked,
  utcFromEpochMillis
} from "../dialect/schema.js"
import type { errorCodes } from "./errorCodes.js"
import { failureText, readFailure, requestSuffix } from "./failure.js"

/**
 * The error codes that the API documents. The API may add codes, so `APIError.code` can be any string.
 *
 * @since 0.1.0
 * @category models
 */
export type ErrorCode = (typeof errorCodes)[number]

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
  code: openText<ErrorCode>(),
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

  /**
   * Reads a failed response, such as one of `Core.httpClient`, as the methods read theirs. It reads the `text` of the
   * response, which may have been read before, as may its `json`. Without the API's error envelope, the code is that of the
   * status, such as `http_502`. `attempts` is 1, because a response does not tell how often its client sent the request.
   *
   * `operation` is the name in the error. Default: the method of the request, such as `GET request`.
   *
   * @since 0.2.0
   */
  static fromResponse(
    response: HttpClientResponse.HttpClientResponse,
    options: { readonly operation?: string | undefined } = {}
  ): Effect.Effect<APIError> {
    return withCaller((caller) => {
      const { headers, request, status } = response
      const token = request.headers["authorization"]?.replace(/^\S+ +/, "")
      const secrets = token === undefined ? [] : [token]
      const operation = options.operation ?? `${request.method} request`
      const body = Effect.match(response.text, {
        onFailure: () => ({ text: "", truncated: true }),
        onSuccess: failureText
      })
      return Effect.map(body, (read) => {
        const failed = { operation, attempts: 1, now: caller.now(), secrets }
        return new APIError(readFailure(failed, request.method === "GET", status, headers, read), unchecked)
      })
    })
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
