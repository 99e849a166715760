/**
 * The messages, outcomes, options and errors of bulk sending.
 *
 * @since 0.2.0
 */
import * as Schema from "effect/Schema"
import type { DurationInput } from "../internal/dialect/core.js"
import {
  durationFromMillis,
  literals,
  optionalInput,
  TaggedError,
  union
} from "../internal/dialect/schema.js"
import {
  APIError,
  DeadlineExceededError,
  InvalidRequestError,
  ResponseDecodeError,
  TransportError
} from "../internal/model/errors.js"
import type { BatchItemError, EmailInput } from "../sending/emails/schemas.js"
import type { UnconfirmedReason } from "./ledger/model.js"

/**
 * A message with the id by which a ledger knows it.
 *
 * @since 0.2.0
 * @category models
 */
export interface BulkMessage {
  /** 1 to 255 characters, unique within the campaign. The same id has to stand for the same message in every run. */
  readonly id: string
  readonly email: EmailInput
}

/**
 * The server accepted the message.
 *
 * @since 0.2.0
 * @category models
 */
export interface Queued {
  readonly _tag: "Queued"
  readonly id: string
  /** Starts with `eml_`. */
  readonly message_id: string
}

/**
 * The message was not sent, and sending it again would not help. The code of the error is `invalid_request` if the SDK
 * found the message invalid, `id_reused` if the ledger knows the id with other content, and otherwise the server's.
 *
 * @since 0.2.0
 * @category models
 */
export interface Rejected {
  readonly _tag: "Rejected"
  readonly id: string
  readonly error: BatchItemError
}

/**
 * It is unknown whether the message was sent, and it cannot be found out. The SDK does not send it again.
 *
 * @since 0.2.0
 * @category models
 */
export interface Unconfirmed {
  readonly _tag: "Unconfirmed"
  readonly id: string
  readonly reason: UnconfirmedReason
}

/**
 * The outcome of one message.
 *
 * @since 0.2.0
 * @category models
 */
export type Outcome = Queued | Rejected | Unconfirmed

/**
 * The limits of a run, which `Bulk.send` and `Outbox.drain` share.
 *
 * @since 0.2.0
 * @category options
 */
export interface RunOptions {
  /** The number of requests that are in flight at once. Default: 4. */
  readonly concurrency?: number | undefined
  /** The maximum number of messages of a request, at most 100. Default: 100. */
  readonly chunkSize?: number | undefined
  /**
   * The maximum size of a request in bytes. A message that is larger by itself is sent alone. Default: 8,388,608 (8 MiB).
   */
  readonly maxChunkBytes?: number | undefined
  /** How long a request waits for further messages of a slow source before it is sent. Default: 1 second. */
  readonly linger?: DurationInput | undefined
  /**
   * The longest delay that the server may ask for with status 429. A longer one stops the run with `BulkStopped`, so that
   * a daily limit is reported. Pass `"25 hours"` to wait for the next day instead. Default: 5 minutes.
   */
  readonly maxWait?: DurationInput | undefined
  /** How long a request may fail with transient failures before the run stops. Default: 10 minutes. */
  readonly giveUpAfter?: DurationInput | undefined
  /**
   * How often a run sends a message again after the server reported a transient failure of it, in a response that accepted
   * other messages. After that it is `Rejected` with the server's error or, if that is the rate limit, the run stops with
   * `BulkStopped`. Default: 5.
   */
  readonly maxItemRetries?: number | undefined
  /**
   * How long a runner may be silent before another one takes over the requests that it has in flight. After a crash the
   * next run waits for this time before it continues them. Default: 30 seconds.
   */
  readonly lease?: DurationInput | undefined
  /** The number of messages, if it is known. `Progress` and `BulkStopped` then report how many remain. */
  readonly total?: number | undefined
}

/**
 * The options of `Bulk.send`.
 *
 * @since 0.2.0
 * @category options
 */
export interface BulkOptions extends RunOptions {
  /**
   * The name of the campaign, 1 to 200 characters. The ledger keeps the ids of each campaign apart. Use the same name to
   * resume a run.
   */
  readonly campaign: string
}

/**
 * Why a run stopped:
 *
 * - `credentials`: the credential is missing or invalid (status 401).
 * - `credits`: the team cannot pay (status 402).
 * - `forbidden`: the credential may not send, or the team is restricted (status 403).
 * - `rate_limit`: the server asks for a longer wait than `maxWait`, as with the daily limit of a plan.
 * - `providers`: the team has no active provider.
 * - `unavailable`: requests failed for longer than `giveUpAfter`.
 * - `deadline`: the deadline of `Call.deadline` does not allow another attempt.
 * - `refused`: the server refused a request for another reason.
 *
 * @since 0.2.0
 * @category models
 */
export type StopReason =
  | "credentials"
  | "credits"
  | "forbidden"
  | "rate_limit"
  | "providers"
  | "unavailable"
  | "deadline"
  | "refused"

/**
 * A run stopped before its end, because every further request would fail in the same way. All outcomes that were known
 * have been emitted. Run it again with the same ledger when the cause is gone: it continues where it stopped.
 *
 * @since 0.2.0
 * @category errors
 */
export class BulkStopped extends TaggedError<BulkStopped>("effect-sendmux/BulkStopped")("BulkStopped", {
  reason: literals(
    "credentials",
    "credits",
    "forbidden",
    "rate_limit",
    "providers",
    "unavailable",
    "deadline",
    "refused"
  ),
  /** The failure of the request. */
  error: union(APIError, TransportError, ResponseDecodeError, InvalidRequestError, DeadlineExceededError),
  /** How long the server asks to wait, if it does. */
  retryAfter: optionalInput(durationFromMillis),
  /** The messages of this run that the server accepted. */
  queued: Schema.Number,
  rejected: Schema.Number,
  unconfirmed: Schema.Number,
  /**
   * The messages that may have been sent, because no response arrived. The ledger holds their requests, and the next
   * run sends them again under the same key.
   */
  inFlight: Schema.Number,
  /** The messages that have no outcome yet, including those in flight. Absent unless the option `total` was given. */
  remaining: optionalInput(Schema.Number)
}) {
  override get message(): string {
    const { inFlight, queued, rejected, remaining, unconfirmed } = this
    const counts = `${queued} queued, ${rejected} rejected, ${unconfirmed} unconfirmed, ${inFlight} in flight`
    const rest = remaining === undefined ? "" : `, ${remaining} remaining`
    return `The run stopped (${this.reason}) with ${counts}${rest}: ${this.error.message}`
  }
  override toString(): string {
    return `${this._tag}: ${this.message}`
  }
}

/**
 * The id of a message is known with other content. Nothing was sent. Use a new id for a new message.
 *
 * @since 0.2.0
 * @category errors
 */
export class IdReusedError extends TaggedError<IdReusedError>("effect-sendmux/IdReusedError")(
  "IdReusedError",
  { id: Schema.String }
) {
  override get message(): string {
    return `The ledger knows the id ${JSON.stringify(this.id)} with other content: use a new id for a new message`
  }
  override toString(): string {
    return `${this._tag}: ${this.message}`
  }
}
