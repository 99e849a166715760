/**
 * The shape of every call: what steers it, what it gives back, and the forms a method comes in.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type * as Stream from "effect/Stream"
import type { DurationInput } from "../dialect/core.js"
import type { RateLimit, SendmuxError, SendmuxStreamError } from "./errors.js"

export type {
  /**
   * A length of time: milliseconds, or text such as `"30 seconds"`.
   *
   * @since 0.1.0
   * @category models
   */
  DurationInput
} from "../dialect/core.js"
export type {
  /**
   * A point in time that a caller gives: an ISO 8601 string, a `Date` or a `DateTime`.
   *
   * @since 0.1.0
   * @category models
   */
  TimestampInput
} from "../dialect/schema.js"

/**
 * What steers any call.
 *
 * @since 0.1.0
 * @category options
 */
export interface CallOptions {
  /**
   * How long one attempt may take, its answer read to the end (for streams: until the headers are there).
   * Default: the layer's, 60 seconds where it says nothing. `Infinity` for no limit.
   */
  readonly timeout?: DurationInput | undefined
  /** The largest response body in bytes. Default: the layer's, otherwise 32 MiB. */
  readonly maxResponseBytes?: number | undefined
  /** Further request headers. Those the SDK sets itself are refused. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * Options of a call that the server runs once for each key.
 *
 * @since 0.1.0
 * @category options
 */
export interface IdempotentOptions extends CallOptions {
  /**
   * 1 to 255 visible characters. The server answers the same key and body with its first answer for 24 hours.
   * Default: a fresh one for each call, the same for all its attempts.
   */
  readonly idempotencyKey?: string | undefined
}

/**
 * Options of a write that may ask that nobody wrote in between.
 *
 * @since 0.1.0
 * @category options
 */
export interface ConditionalWriteOptions extends CallOptions {
  /** The ETag the change builds on, verbatim. Another one on the server fails with `conflict`. */
  readonly ifMatch?: string | undefined
}

/**
 * Which mailbox a call is about, for credentials that reach several.
 *
 * @since 0.1.0
 * @category options
 */
export interface MailboxTarget {
  /**
   * The mailbox's public id. Default: that of the surrounding `Mailbox.withMailbox`, otherwise the layer's. Without
   * any of them the API uses the credential's only mailbox, and fails with `missing_parameter` if there are several.
   */
  readonly mailbox_id?: string | undefined
}

/**
 * A part of a file: offsets in bytes from 0, `end` included. Without `end`, everything from `start` on.
 *
 * @since 0.1.0
 * @category models
 */
export interface ByteRange {
  readonly start: number
  readonly end?: number | undefined
}

/**
 * Options of a download.
 *
 * @since 0.1.0
 * @category options
 */
export interface DownloadOptions extends CallOptions {
  /** The part of the file to download. Default: all of it. */
  readonly range?: ByteRange | undefined
}

/**
 * What came with the data.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResponseMeta {
  readonly status: number
  /** Quote this to support. */
  readonly requestId: string | undefined
  /** The version of the resource, to give back verbatim to `ifNoneMatch` or `ifMatch`. */
  readonly etag: string | undefined
  /** Where a created resource lives, as the server wrote it. */
  readonly location: string | undefined
  readonly rateLimit: RateLimit | undefined
  /** How long the server asks to wait before the next look, where it says so. */
  readonly retryAfter: Duration.Duration | undefined
  /** How many requests the call made. */
  readonly attempts: number
  /** Everything else the envelope's `meta` held. */
  readonly extra: Readonly<Record<string, unknown>>
}

/**
 * Data with what came along.
 *
 * @since 0.1.0
 * @category models
 */
export interface ApiResponse<out A> {
  readonly data: A
  readonly meta: ResponseMeta
}

/**
 * One page of a list.
 *
 * @since 0.1.0
 * @category models
 */
export interface Page<out A> {
  readonly items: ReadonlyArray<A>
  readonly hasMore: boolean
  /** Pass it as `cursor` to read on from here. */
  readonly nextCursor: string | undefined
  readonly meta: ResponseMeta
}

/**
 * A call that gives decoded data.
 *
 * @since 0.1.0
 * @category methods
 */
export interface Method<in Args extends ReadonlyArray<unknown>, out A> {
  (...args: Args): Effect.Effect<A, SendmuxError>
  /** The same call, with status, request id, ETag, rate limit and attempts. */
  readonly withResponse: (...args: Args) => Effect.Effect<ApiResponse<A>, SendmuxError>
}

/**
 * A read that can be asked only for what is newer than an ETag.
 *
 * @since 0.1.0
 * @category methods
 */
export interface ConditionalMethod<in Args extends ReadonlyArray<unknown>, out A> extends Method<Args, A> {
  /** `Option.none` when the resource still is what the ETag stands for. */
  readonly ifNoneMatch: (
    etag: string,
    ...args: Args
  ) => Effect.Effect<Option.Option<ApiResponse<A>>, SendmuxError>
}

/**
 * A list behind cursors.
 *
 * @since 0.1.0
 * @category methods
 */
export interface ListMethod<in Args extends ReadonlyArray<unknown>, out A> {
  /** Every item, page after page, each page fetched when it is needed. */
  (...args: Args): Stream.Stream<A, SendmuxStreamError>
  /** The pages, with their `meta`. */
  readonly pages: (...args: Args) => Stream.Stream<Page<A>, SendmuxStreamError>
  /** One page. */
  readonly page: (...args: Args) => Effect.Effect<Page<A>, SendmuxError>
}

/**
 * A list behind cursors whose first page can be asked for only when newer than an ETag.
 *
 * @since 0.1.0
 * @category methods
 */
export interface ConditionalListMethod<in Args extends ReadonlyArray<unknown>, out A>
  extends ListMethod<Args, A> {
  /** One page; `Option.none` when it still is what the ETag stands for. */
  readonly ifNoneMatch: (etag: string, ...args: Args) => Effect.Effect<Option.Option<Page<A>>, SendmuxError>
}

/**
 * A call that gives a stream: of bytes, or of server-sent events.
 *
 * @since 0.1.0
 * @category methods
 */
export interface StreamMethod<in Args extends ReadonlyArray<unknown>, out A> {
  (...args: Args): Stream.Stream<A, SendmuxError>
  /** Sends the request now and gives the stream with what came along. Run the stream, or the socket stays open. */
  readonly withResponse: (
    ...args: Args
  ) => Effect.Effect<ApiResponse<Stream.Stream<A, SendmuxError>>, SendmuxError>
}

/**
 * Bytes to upload. A stream needs its exact `size` beside it; it is gathered and counted before anything is sent.
 *
 * @since 0.1.0
 * @category models
 */
export type Content = Uint8Array | Blob | Stream.Stream<Uint8Array, unknown>

/**
 * A secret, plain or `Redacted`.
 *
 * @since 0.1.0
 * @category models
 */
export type SecretText = string | Redacted.Redacted

/**
 * A point in time in a response.
 *
 * @since 0.1.0
 * @category models
 */
export type Timestamp = DateTime.Utc
