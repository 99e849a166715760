/**
 * The types that all calls share: their options, their results and the forms of methods.
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
   * A duration: milliseconds, or text such as `"30 seconds"`.
   *
   * @since 0.1.0
   * @category models
   */
  DurationInput
} from "../dialect/core.js"
export type {
  /**
   * A point in time in an input: an ISO 8601 string, a `Date` or a `DateTime`.
   *
   * @since 0.1.0
   * @category models
   */
  TimestampInput
} from "../dialect/schema.js"

/**
 * The options that every call accepts.
 *
 * @since 0.1.0
 * @category options
 */
export interface CallOptions {
  /**
   * How long one attempt may take, until its response is read completely or, for a stream, until the headers have
   * arrived. `Infinity` means no limit. Default: the layer's `timeout`, otherwise 60 seconds.
   */
  readonly timeout?: DurationInput | undefined
  /** The maximum size of a response body in bytes. Default: the layer's `maxResponseBytes`, otherwise 32 MiB. */
  readonly maxResponseBytes?: number | undefined
  /** Additional request headers. A header that the SDK sets itself fails the call with an `InvalidRequestError`. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * The options of a call that accepts an idempotency key: the server runs it once for each key.
 *
 * @since 0.1.0
 * @category options
 */
export interface IdempotentOptions extends CallOptions {
  /**
   * 1 to 255 printable ASCII characters. For 24 hours the server responds to the same key and body with its first
   * response. Default: a random key for each call, which all attempts of the call share.
   */
  readonly idempotencyKey?: string | undefined
  /**
   * What to do if the first attempt fails with `idempotency_conflict`: the key is in use by a request that is still
   * running, or was used with another body. The server does not tell these cases apart.
   *
   * - `"fail"` (default) fails the call.
   * - `"wait"` retries within the budget of the retry policy. Use it with a key that a crashed predecessor may have sent.
   *
   * After an attempt without a response the call always waits, because the request that is running can be its own.
   */
  readonly onConflict?: "wait" | "fail" | undefined
}

/**
 * The options of a write that can depend on the version of the resource.
 *
 * @since 0.1.0
 * @category options
 */
export interface ConditionalWriteOptions extends CallOptions {
  /**
   * The ETag of the version that the change is based on, exactly as the server sent it. If the resource has changed
   * since then, the call fails with an `APIError` whose code is `conflict`.
   */
  readonly ifMatch?: string | undefined
}

/**
 * The option that selects a mailbox, for a credential that can access several.
 *
 * @since 0.1.0
 * @category options
 */
export interface MailboxTarget {
  /**
   * The public id of the mailbox. Default: the mailbox of the surrounding `Mailbox.withMailbox`, otherwise the layer's
   * `mailbox_id`. If none is set, the API uses the only mailbox of the credential, and fails with `missing_parameter`
   * if the credential can access several.
   */
  readonly mailbox_id?: string | undefined
}

/**
 * A part of a file, as byte offsets that start at 0. `end` is inclusive; without it the range reaches to the end of
 * the file.
 *
 * @since 0.1.0
 * @category models
 */
export interface ByteRange {
  readonly start: number
  readonly end?: number | undefined
}

/**
 * The options of a call that returns a stream of bytes.
 *
 * @since 0.2.0
 * @category options
 */
export interface ByteStreamOptions extends CallOptions {
  /**
   * How long the server may pause between two chunks. After that the stream fails with a `TransportError` whose reason
   * is `Timeout`. `Infinity` means no limit. Default: 60 seconds.
   */
  readonly idleTimeout?: DurationInput | undefined
}

/**
 * The options of a download.
 *
 * @since 0.1.0
 * @category options
 */
export interface DownloadOptions extends ByteStreamOptions {
  /** The part of the file to download. Default: all of it. */
  readonly range?: ByteRange | undefined
}

/**
 * The metadata of a response.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResponseMeta {
  /** The HTTP status. */
  readonly status: number
  /** The id of the request, which Sendmux support asks for. */
  readonly requestId: string | undefined
  /** The version of the resource. Pass it unchanged to `ifNoneMatch` or `ifMatch`. */
  readonly etag: string | undefined
  /** The URL of a created resource, as the server sent it. */
  readonly location: string | undefined
  /** The state of the rate limit, if the server sent it. */
  readonly rateLimit: RateLimit | undefined
  /** How long the server asks the client to wait before the next request, if it does. */
  readonly retryAfter: Duration.Duration | undefined
  /** The number of requests that the call made. */
  readonly attempts: number
  /** All other fields of the envelope's `meta`. */
  readonly extra: Readonly<Record<string, unknown>>
}

/**
 * Decoded data with the metadata of its response.
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
  /** The cursor of the next page: pass it as the input `cursor`. */
  readonly nextCursor: string | undefined
  readonly meta: ResponseMeta
}

/**
 * A call that succeeds with decoded data.
 *
 * @since 0.1.0
 * @category methods
 */
export interface Method<in Args extends ReadonlyArray<unknown>, out A> {
  (...args: Args): Effect.Effect<A, SendmuxError>
  /** Makes the same call, and succeeds with the data and the metadata of its response. */
  readonly withResponse: (...args: Args) => Effect.Effect<ApiResponse<A>, SendmuxError>
}

/**
 * A read that can skip the data if the resource has not changed since an ETag.
 *
 * @since 0.1.0
 * @category methods
 */
export interface ConditionalMethod<in Args extends ReadonlyArray<unknown>, out A> extends Method<Args, A> {
  /** Succeeds with `Option.none` if the resource still has the given ETag. */
  readonly ifNoneMatch: (
    etag: string,
    ...args: Args
  ) => Effect.Effect<Option.Option<ApiResponse<A>>, SendmuxError>
}

/**
 * A list that the API returns in pages.
 *
 * @since 0.1.0
 * @category methods
 */
export interface ListMethod<in Args extends ReadonlyArray<unknown>, out A> {
  /** Streams all items. Each page is fetched when its items are needed. */
  (...args: Args): Stream.Stream<A, SendmuxStreamError>
  /** Streams the pages with their metadata. */
  readonly pages: (...args: Args) => Stream.Stream<Page<A>, SendmuxStreamError>
  /** Fetches one page. */
  readonly page: (...args: Args) => Effect.Effect<Page<A>, SendmuxError>
}

/**
 * A list whose first page can be skipped if it has not changed since an ETag.
 *
 * @since 0.1.0
 * @category methods
 */
export interface ConditionalListMethod<in Args extends ReadonlyArray<unknown>, out A>
  extends ListMethod<Args, A> {
  /** Fetches one page. Succeeds with `Option.none` if the page still has the given ETag. */
  readonly ifNoneMatch: (etag: string, ...args: Args) => Effect.Effect<Option.Option<Page<A>>, SendmuxError>
}

/**
 * A call that returns a stream of bytes or of server-sent events.
 *
 * @since 0.1.0
 * @category methods
 */
export interface StreamMethod<in Args extends ReadonlyArray<unknown>, out A> {
  (...args: Args): Stream.Stream<A, SendmuxError>
  /**
   * Sends the request immediately, and succeeds with the stream and the metadata of its response. Run the stream, since
   * the connection stays open until it ends.
   */
  readonly withResponse: (
    ...args: Args
  ) => Effect.Effect<ApiResponse<Stream.Stream<A, SendmuxError>>, SendmuxError>
}

/**
 * Bytes to upload. A stream requires the exact `size` in the same input. It is read completely and its size is checked
 * before anything is sent.
 *
 * @since 0.1.0
 * @category models
 */
export type Content = Uint8Array | Blob | Stream.Stream<Uint8Array, unknown>

/**
 * A secret in an input, as a string or as `Redacted`.
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
