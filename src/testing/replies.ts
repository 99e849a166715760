/**
 * What a mocked operation responds with.
 */
import type * as Effect from "effect/Effect"
import { type DurationInput, toMillis } from "../internal/dialect/core.js"
import type { FailureCode } from "../sandbox/exchange.js"

/** @internal */
export type ReplyBody<A> =
  | { readonly kind: "data"; readonly data: A; readonly options: OkOptions }
  | { readonly kind: "error"; readonly code: string; readonly options: ErrorOptions }
  | { readonly kind: "notModified"; readonly etag: string }
  | { readonly kind: "raw"; readonly options: RawOptions }
  | { readonly kind: "connectionLost" }
  | { readonly kind: "delayed"; readonly millis: number; readonly reply: Reply<A> }

/**
 * A response of a mocked operation. Make one with `ok`, `error`, `notModified`, `raw`, `connectionLost` or `delayed`.
 *
 * @since 0.2.0
 * @category models
 */
export interface Reply<out A> {
  readonly _tag: "Reply"
  /** @internal */
  readonly body: ReplyBody<A>
}

const replyOf = <A>(body: ReplyBody<A>): Reply<A> => ({ _tag: "Reply", body })

/**
 * The options of `ok`.
 *
 * @since 0.2.0
 * @category options
 */
export interface OkOptions {
  /** Default: the first success status of the operation. */
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The `ETag` header. A request that names it in `If-None-Match` receives status 304. */
  readonly etag?: string | undefined
  /** For a list: the cursor of the next page. Without one, the page is the last one. */
  readonly nextCursor?: string | undefined
  /** Further fields of the envelope's `meta`. */
  readonly meta?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Responds with data: what the method of the operation returns. For a list, it is the items of a page. The schema of the
 * operation encodes it.
 *
 * @since 0.2.0
 * @category replies
 */
export const ok = <const A>(data: A, options: OkOptions = {}): Reply<A> =>
  replyOf({ kind: "data", data, options })

/**
 * The options of `error`.
 *
 * @since 0.2.0
 * @category options
 */
export interface ErrorOptions {
  /** Default: the status of the code, or 400 for an unknown code. */
  readonly status?: number | undefined
  readonly message?: string | undefined
  /** The `Retry-After` header in seconds. */
  readonly retryAfter?: number | undefined
  /** Default: what the API says for the code. */
  readonly retryable?: boolean | undefined
  readonly param?: string | undefined
  /** The problems of single fields. */
  readonly errors?:
    | ReadonlyArray<{ readonly field: string; readonly code: string; readonly message: string }>
    | undefined
}

/**
 * Responds with an error of the API, such as `error("not_found")`.
 *
 * @since 0.2.0
 * @category replies
 */
export const error = (code: FailureCode | (string & {}), options: ErrorOptions = {}): Reply<never> =>
  replyOf({ kind: "error", code, options })

/**
 * Responds with status 304 to a read with `If-None-Match`.
 *
 * @since 0.2.0
 * @category replies
 */
export const notModified = (etag: string): Reply<never> => replyOf({ kind: "notModified", etag })

/**
 * The options of `raw`.
 *
 * @since 0.2.0
 * @category options
 */
export interface RawOptions {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | Uint8Array | undefined
}

/**
 * Responds with any status, headers and body, such as the HTML page of a proxy.
 *
 * @since 0.2.0
 * @category replies
 */
export const raw = (options: RawOptions): Reply<never> => replyOf({ kind: "raw", options })

/**
 * Breaks the connection before a response arrives.
 *
 * @since 0.2.0
 * @category replies
 */
export const connectionLost: Reply<never> = replyOf({ kind: "connectionLost" })

/**
 * Delays a reply, by the `Clock` of the test. Throws a `RangeError` for a delay that is not a duration.
 *
 * @since 0.2.0
 * @category replies
 */
export const delayed = <A>(delay: DurationInput, reply: Reply<A>): Reply<A> => {
  const millis = toMillis(delay)
  if (millis === undefined) throw new RangeError('the delay must be a duration, such as "2 seconds"')
  return replyOf({ kind: "delayed", millis, reply })
}

/**
 * Replies for the calls of an operation in turn. A call after the last reply ends the test with a defect.
 *
 * @since 0.2.0
 * @category models
 */
export interface ReplySequence<out A> {
  readonly _tag: "ReplySequence"
  readonly replies: ReadonlyArray<Reply<A>>
}

/**
 * Replies to the calls of an operation in turn, such as an error first and data then.
 *
 * @since 0.2.0
 * @category replies
 */
export const sequence = <A>(...replies: ReadonlyArray<Reply<A>>): ReplySequence<A> => ({
  _tag: "ReplySequence",
  replies
})

/**
 * A call that a mock received.
 *
 * @since 0.2.0
 * @category models
 */
export interface MockCall<Ids extends ReadonlyArray<string> = ReadonlyArray<string>, Input = unknown> {
  /** The operation, such as `management.domains.get`. */
  readonly operation: string
  /** The positional ids. */
  readonly ids: Ids
  /** The input as the server reads it, or `undefined` for an operation without input. */
  readonly input: Input
  /** The headers, without those that contain a credential. */
  readonly headers: Readonly<Record<string, string>>
  readonly idempotencyKey: string | undefined
  /** The number of the call among those of its operation, beginning with 1. */
  readonly number: number
}

/**
 * How a mock replies to an operation: with one reply for all calls, with replies in turn, or with a function.
 *
 * @since 0.2.0
 * @category models
 */
export type Replies<A, Ids extends ReadonlyArray<string> = ReadonlyArray<string>, Input = unknown> =
  | Reply<A>
  | ReplySequence<A>
  | ((call: MockCall<Ids, Input>) => Reply<A> | Effect.Effect<Reply<A>>)
