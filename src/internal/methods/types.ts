/**
 * The forms of methods that the operations of a surface can become. Each form requires the flags that it depends on.
 */
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type * as Stream from "effect/Stream"
import type {
  ApiResponse,
  ByteStreamOptions,
  CallOptions,
  ConditionalListMethod,
  ConditionalMethod,
  ListMethod,
  Method,
  StreamMethod
} from "../model/call.js"
import type { SendmuxError } from "../model/errors.js"
import type { Flagged, OptionsOf, Trait } from "../operation/flags.js"
import type { Operation } from "../operation/operation.js"
import type { EncodedBody } from "../request/encodedBody.js"
import type { OpenDownload } from "../response/bytes.js"
import type { EventBatch } from "../response/serverSentEvents.js"

/**
 * Positional path parameters.
 *
 * @since 0.2.0
 * @category models
 */
export type AnyIds = ReadonlyArray<string>

/**
 * Positional ids, then the input, then the options; an input without required keys is optional.
 *
 * @since 0.2.0
 * @category models
 */
export type Args<Ids extends AnyIds, Input, T extends Trait> = [Input] extends [undefined]
  ? [...ids: Ids, options?: OptionsOf<T>]
  : Record<never, never> extends Input
    ? [...ids: Ids, input?: Input, options?: OptionsOf<T>]
    : [...ids: Ids, input: Input, options?: OptionsOf<T>]

/**
 * What a call reads to its end: everything but streams.
 *
 * @since 0.2.0
 * @category models
 */
export type WithData = Flagged<"envelope"> | Flagged<"document"> | Flagged<"text">

/** Methods that give data. */
export interface DataMethods {
  /** A call that succeeds with decoded data. Its `withResponse` also has the metadata of the response. */
  readonly call: <Ids extends AnyIds, Input, A, T extends Trait>(
    operation: Operation<Ids, Input, A, T> & WithData
  ) => Method<Args<Ids, Input, T>, A>
  /** A call whose body was encoded before. */
  readonly encoded: <A, T extends Trait>(
    operation: Operation<[], never, A, T> & WithData
  ) => (body: EncodedBody, options?: OptionsOf<T>) => Effect.Effect<A, SendmuxError>
  /** A read with an ETag, of an operation with the flag `conditional`. */
  readonly conditional: <Ids extends AnyIds, Input, A, T extends Trait>(
    operation: Operation<Ids, Input, A, T> & WithData & Flagged<"conditional">
  ) => ConditionalMethod<Args<Ids, Input, T>, A>
}

/** Methods of uploads to URLs that the API has issued. */
export interface UploadMethods {
  /** An upload with the headers that came with its URL. */
  readonly presigned: <A>(operation: Operation<AnyIds, never, A> & WithData) => PresignedUpload<A>
}

/** Methods over cursor lists. */
export interface ListMethods {
  /** A cursor list as a stream, of an operation with the flag `paginated`. Its data is an array, its input has `cursor`. */
  readonly list: <Ids extends AnyIds, Input, A, T extends Trait>(
    operation: Operation<Ids, Input, ReadonlyArray<A>, T> & Flagged<"paginated">
  ) => ListMethod<Args<Ids, Input, T>, A>
  /** A cursor list with an ETag, of an operation with the flags `paginated` and `conditional`. */
  readonly conditionalList: <Ids extends AnyIds, Input, A, T extends Trait>(
    operation: Operation<Ids, Input, ReadonlyArray<A>, T> & Flagged<"paginated" | "conditional">
  ) => ConditionalListMethod<Args<Ids, Input, T>, A>
}

/** Methods that give streams of bytes or events. */
export interface StreamMethods {
  /** A download as a stream, of an operation with `response: "bytes"`. */
  readonly bytes: <Ids extends AnyIds, Input, T extends Trait>(
    operation: Operation<Ids, Input, unknown, T> & Flagged<"bytes">
  ) => StreamMethod<Args<Ids, Input, T>, Uint8Array>
  /** A download together with its response: a stream of one element, which is valid while the stream is open. */
  readonly openBytes: <Ids extends AnyIds, Input, T extends Trait>(
    operation: Operation<Ids, Input, unknown, T> & Flagged<"bytes">
  ) => (...args: Args<Ids, Input, T>) => Stream.Stream<OpenDownload, SendmuxError>
  /** Like `openBytes`, from a URL that the API has issued; the operation states that no credential is sent. */
  readonly openSigned: (operation: Operation<[], never, unknown> & Flagged<"bytes">) => OpenSigned
  /** A download with an ETag, of an operation that also has the flag `conditional`. */
  readonly conditionalBytes: <Ids extends AnyIds, Input, T extends Trait>(
    operation: Operation<Ids, Input, unknown, T> & Flagged<"bytes" | "conditional">
  ) => ConditionalStreamMethod<Args<Ids, Input, T>, Uint8Array>
  /** An event stream: one element for each connection, which is valid while the stream is open. */
  readonly events: <Ids extends AnyIds, Input, T extends Trait>(
    operation: Operation<Ids, Input, unknown, T> & Flagged<"events">
  ) => (...args: Args<Ids, Input, T>) => Stream.Stream<Stream.Stream<EventBatch, SendmuxError>, SendmuxError>
}

/** Methods of every form. */
export type Methods = DataMethods & UploadMethods & ListMethods & StreamMethods

type OpenSigned = (
  url: Redacted.Redacted,
  options: ByteStreamOptions & { readonly range?: unknown }
) => Stream.Stream<OpenDownload, SendmuxError>

/**
 * A stream that can be requested only if it is newer than an ETag.
 *
 * @since 0.2.0
 * @category models
 */
export interface ConditionalStreamMethod<in Args extends ReadonlyArray<unknown>, out A>
  extends StreamMethod<Args, A> {
  readonly ifNoneMatch: (
    etag: string,
    ...args: Args
  ) => Effect.Effect<Option.Option<ApiResponse<Stream.Stream<A, SendmuxError>>>, SendmuxError>
}

export type PresignedUpload<A> = (
  url: Redacted.Redacted,
  headers: Readonly<Record<string, Redacted.Redacted>>,
  bytes: Uint8Array,
  options: CallOptions
) => Effect.Effect<A, SendmuxError>
