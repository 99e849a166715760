/**
 * From operations to the typed methods of a service.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { mapArray, openStream, paginate } from "../dialect/stream.js"
import type {
  ApiResponse,
  CallOptions,
  ConditionalListMethod,
  ConditionalMethod,
  ListMethod,
  Method,
  Page,
  StreamMethod
} from "../model/call.js"
import {
  InvalidRequestError,
  PaginationError,
  type SendmuxError,
  type SendmuxStreamError
} from "../model/errors.js"
import type { Flagged, OptionsOf, Trait } from "../operation/flags.js"
import { type Operation, operationName } from "../operation/operation.js"
import { open, openConditional, openScoped, type Pipeline, run, runConditional } from "../pipeline/run.js"
import {
  type AllOptions,
  type Arguments,
  addressSecrets,
  handedAddress,
  type PreparedRequest,
  prepare,
  preparePresigned,
  splitArguments
} from "../request/prepare.js"
import type { DecodeStream, Fetched } from "../response/read.js"
import {
  type EventBatch,
  type OpenDownload,
  readBytes,
  readDownload,
  readEvents
} from "../response/streams.js"

type AnyIds = ReadonlyArray<string>

/** Positional ids, then the input, then the options; an input without required keys is optional. */
export type Args<Ids extends AnyIds, Input, T extends Trait> = [Input] extends [undefined]
  ? [...ids: Ids, options?: OptionsOf<T>]
  : Record<never, never> extends Input
    ? [...ids: Ids, input?: Input, options?: OptionsOf<T>]
    : [...ids: Ids, input: Input, options?: OptionsOf<T>]

/** What a call reads to its end: everything but streams. */
type WithData = Flagged<"envelope"> | Flagged<"document"> | Flagged<"text">

/** Makes the methods of one surface from its operations. Each form requires the flags that it depends on. */
export interface Methods {
  /** A call that gives data. */
  readonly call: <Ids extends AnyIds, Input, A, T extends Trait>(
    operation: Operation<Ids, Input, A, T> & WithData
  ) => Method<Args<Ids, Input, T>, A>
  /** A read with an ETag. */
  readonly conditional: <Ids extends AnyIds, Input, A, T extends Trait>(
    operation: Operation<Ids, Input, A, T> & WithData & Flagged<"conditional">
  ) => ConditionalMethod<Args<Ids, Input, T>, A>
  /** A cursor list. */
  readonly list: <Ids extends AnyIds, Input, A, T extends Trait>(
    operation: Operation<Ids, Input, ReadonlyArray<A>, T> & Flagged<"paginated">
  ) => ListMethod<Args<Ids, Input, T>, A>
  /** A cursor list with an ETag. */
  readonly conditionalList: <Ids extends AnyIds, Input, A, T extends Trait>(
    operation: Operation<Ids, Input, ReadonlyArray<A>, T> & Flagged<"paginated" | "conditional">
  ) => ConditionalListMethod<Args<Ids, Input, T>, A>
  /** An upload to a URL that the API has issued, with the headers that came with it. */
  readonly presigned: <A>(operation: Operation<AnyIds, never, A> & WithData) => PresignedUpload<A>
  /** A download. */
  readonly bytes: <Ids extends AnyIds, Input, T extends Trait>(
    operation: Operation<Ids, Input, unknown, T> & Flagged<"bytes">
  ) => StreamMethod<Args<Ids, Input, T>, Uint8Array>
  /** A download together with its response: a stream of one element, which is valid while the stream is open. */
  readonly openBytes: <Ids extends AnyIds, Input, T extends Trait>(
    operation: Operation<Ids, Input, unknown, T> & Flagged<"bytes">
  ) => (...args: Args<Ids, Input, T>) => Stream.Stream<OpenDownload, SendmuxError>
  /** Like `openBytes`, from a URL that the API has issued; the operation states that no credential is sent. */
  readonly openSigned: (operation: Operation<[], never, unknown> & Flagged<"bytes">) => OpenSigned
  /** A download with an ETag. */
  readonly conditionalBytes: <Ids extends AnyIds, Input, T extends Trait>(
    operation: Operation<Ids, Input, unknown, T> & Flagged<"bytes" | "conditional">
  ) => ConditionalStreamMethod<Args<Ids, Input, T>, Uint8Array>
  /** An event stream: one element for each connection, which is valid while the stream is open. */
  readonly events: <Ids extends AnyIds, Input, T extends Trait>(
    operation: Operation<Ids, Input, unknown, T> & Flagged<"events">
  ) => (...args: Args<Ids, Input, T>) => Stream.Stream<Stream.Stream<EventBatch, SendmuxError>, SendmuxError>
}

type OpenSigned = (
  address: Redacted.Redacted,
  options: AllOptions
) => Stream.Stream<OpenDownload, SendmuxError>

/** A stream that can be asked for only when it is newer than an ETag. */
export interface ConditionalStreamMethod<in Args extends ReadonlyArray<unknown>, out A>
  extends StreamMethod<Args, A> {
  readonly ifNoneMatch: (
    etag: string,
    ...args: Args
  ) => Effect.Effect<Option.Option<ApiResponse<Stream.Stream<A, SendmuxError>>>, SendmuxError>
}

type PresignedUpload<A> = (
  address: Redacted.Redacted,
  headers: Readonly<Record<string, Redacted.Redacted>>,
  bytes: Uint8Array,
  options: CallOptions
) => Effect.Effect<A, SendmuxError>

export const makeMethods = (pipeline: Pipeline): Methods => ({
  call: (operation) => withResponse(responseOf(pipeline, operation)),
  conditional: (operation) => {
    const fetchIfNew = conditionalOf(pipeline, operation)
    return Object.assign(withResponse(responseOf(pipeline, operation)), {
      ifNoneMatch: (etag: string, ...args: ReadonlyArray<unknown>) =>
        Effect.map(fetchIfNew(etag, splitArguments(operation, args)), Option.map(toResponse))
    })
  },
  list: (operation) => listOf(pipeline, operation),
  conditionalList: (operation) => {
    const fetchIfNew = conditionalOf(pipeline, operation)
    return Object.assign(listOf(pipeline, operation), {
      ifNoneMatch: (etag: string, ...args: ReadonlyArray<unknown>) =>
        Effect.map(fetchIfNew(etag, splitArguments(operation, args)), Option.map(toPage))
    })
  },
  presigned: (operation) => (address, headers, bytes, options) =>
    Effect.flatMap(preparePresigned(operation, pipeline, address, headers, bytes, options), (request) =>
      Effect.map(run(pipeline, operation, request), ({ data }) => data)
    ),
  bytes: (operation) => streamOf(pipeline, operation, readBytes),
  openBytes: (operation) => streamOf(pipeline, operation, readDownload),
  openSigned: (operation) => (address, options) =>
    openStream(
      Effect.flatMap(prepareSigned(operation, pipeline, address, options), (request) =>
        Effect.map(openScoped(pipeline, request, readDownload), ({ data }) => data)
      )
    ),
  conditionalBytes: (operation) =>
    Object.assign(streamOf(pipeline, operation, readBytes), {
      ifNoneMatch: (etag: string, ...args: ReadonlyArray<unknown>) =>
        Effect.flatMap(prepare(operation, pipeline, splitArguments(operation, args), etag), (request) =>
          openConditional(pipeline, request, readBytes)
        )
    }),
  events: (operation) => streamOf(pipeline, operation, readEvents)
})

const responseOf =
  <A>(pipeline: Pipeline, operation: Operation<AnyIds, never, A>) =>
  (...args: ReadonlyArray<unknown>): Effect.Effect<ApiResponse<A>, SendmuxError> =>
    Effect.flatMap(prepare(operation, pipeline, splitArguments(operation, args)), (request) =>
      Effect.map(run(pipeline, operation, request), toResponse)
    )

const conditionalOf =
  <A>(pipeline: Pipeline, operation: Operation<AnyIds, never, A>) =>
  (etag: string, args: Arguments): Effect.Effect<Option.Option<Fetched<A>>, SendmuxError> =>
    Effect.flatMap(prepare(operation, pipeline, args, etag), (request) =>
      runConditional(pipeline, operation, request)
    )

const toResponse = <A>({ data, meta }: Fetched<A>): ApiResponse<A> => ({ data, meta })

const toPage = <A>({ data, hasMore, nextCursor, meta }: Fetched<ReadonlyArray<A>>): Page<A> => ({
  items: data,
  hasMore,
  nextCursor,
  meta
})

const withResponse = <A>(
  respond: (...args: ReadonlyArray<unknown>) => Effect.Effect<ApiResponse<A>, SendmuxError>
) =>
  Object.assign((...args: ReadonlyArray<unknown>) => Effect.map(respond(...args), ({ data }) => data), {
    withResponse: respond
  })

/** The same method with other data, made from what came and from the arguments of the call. */
export const mapData = <Args extends ReadonlyArray<unknown>, A, B>(
  method: Method<Args, A>,
  f: (data: A, args: NoInfer<Args>) => B
): Method<Args, B> =>
  Object.assign((...args: Args) => Effect.map(method(...args), (data) => f(data, args)), {
    withResponse: (...args: Args) =>
      Effect.map(method.withResponse(...args), ({ data, meta }) => ({ data: f(data, args), meta }))
  })

// -----------------------------------------------------------------------------
// lists
// -----------------------------------------------------------------------------

const listOf = <A>(pipeline: Pipeline, operation: Operation<AnyIds, never, ReadonlyArray<A>>) => {
  const fetchPage = (args: Arguments): Effect.Effect<Page<A>, SendmuxError> =>
    Effect.flatMap(prepare(operation, pipeline, args), (request) =>
      Effect.map(run(pipeline, operation, request), toPage)
    )
  const pages = (...args: ReadonlyArray<unknown>) =>
    followCursors(operation, fetchPage, splitArguments(operation, args))
  return Object.assign((...args: ReadonlyArray<unknown>) => mapArray(pages(...args), (page) => page.items), {
    pages,
    page: (...args: ReadonlyArray<unknown>) => fetchPage(splitArguments(operation, args))
  })
}

/** Reads page after page with the same filters, and stops with an error rather than read a page twice. */
const followCursors = <A>(
  operation: Operation<AnyIds, never, ReadonlyArray<A>>,
  fetchPage: (args: Arguments) => Effect.Effect<Page<A>, SendmuxError>,
  args: Arguments
): Stream.Stream<Page<A>, SendmuxStreamError> =>
  Stream.suspend(() => {
    const start: unknown = Reflect.get(asObject(args.input), "cursor")
    const seen = new Set<unknown>([start])
    const broken = (reason: PaginationError["reason"], page: Page<A>) =>
      new PaginationError({ operation: operationName(operation), reason, requestId: page.meta.requestId })
    return Stream.flatMap(
      paginate(args, (current) =>
        Effect.map(fetchPage(current), (page) => {
          const cursor = page.hasMore ? page.nextCursor : undefined
          const problem = !page.hasMore
            ? undefined
            : cursor === undefined
              ? broken("MissingCursor", page)
              : seen.has(cursor)
                ? broken("RepeatedCursor", page)
                : undefined
          if (cursor !== undefined) seen.add(cursor)
          const next =
            cursor === undefined || problem !== undefined
              ? Option.none<Arguments>()
              : Option.some<Arguments>({ ...current, input: { ...asObject(current.input), cursor } })
          return [[{ page, problem }], next] as const
        })
      ),
      ({ page, problem }) =>
        problem === undefined
          ? Stream.succeed(page)
          : Stream.concat(Stream.succeed(page), Stream.fail(problem))
    )
  })

const asObject = (input: unknown): object => (typeof input === "object" && input !== null ? input : {})

// -----------------------------------------------------------------------------
// streams
// -----------------------------------------------------------------------------

const streamOf = <A>(
  pipeline: Pipeline,
  operation: Operation<AnyIds, never, unknown>,
  decode: DecodeStream<A>
) =>
  Object.assign(
    (...args: ReadonlyArray<unknown>): Stream.Stream<A, SendmuxError> =>
      openStream(
        Effect.flatMap(prepare(operation, pipeline, splitArguments(operation, args)), (request) =>
          Effect.map(openScoped(pipeline, request, decode), ({ data }) => data)
        )
      ),
    {
      withResponse: (...args: ReadonlyArray<unknown>) =>
        Effect.flatMap(prepare(operation, pipeline, splitArguments(operation, args)), (request) =>
          open(pipeline, request, decode)
        )
    }
  )

/** Fixes a read of an address that the API handed out. The address is a secret. */
const prepareSigned = (
  operation: Operation<[], never, unknown>,
  pipeline: Pipeline,
  address: Redacted.Redacted,
  options: AllOptions
): Effect.Effect<PreparedRequest, InvalidRequestError> =>
  Effect.flatMap(prepare(operation, pipeline, { ids: [], input: undefined, options }), (request) => {
    const given = Redacted.value(address)
    const url = handedAddress(given, pipeline.baseUrl)
    if (url === undefined) {
      const issue = "the API handed out a download URL that is none"
      return Effect.fail(new InvalidRequestError({ operation: operationName(operation), issue }))
    }
    const secrets = [...request.secrets, ...addressSecrets(given, url)]
    return Effect.succeed({ ...request, url: url.href, secrets })
  })
