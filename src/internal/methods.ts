/**
 * From operations to the typed methods of a service.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import type {
  CallOptions,
  ConditionalListMethod,
  ConditionalMethod,
  ListMethod,
  Method,
  Page,
  Response,
  StreamMethod
} from "../Call.js"
import { PaginationError, type SendmuxError, type SendmuxStreamError } from "../Errors.js"
import { mapArray, openStream, paginate } from "./effect.js"
import { type Operation, operationName } from "./operation.js"
import {
  type DecodeStream,
  type Fetched,
  open,
  openScoped,
  type Pipeline,
  run,
  runConditional
} from "./pipeline.js"
import { type AllOptions, type Arguments, prepare, preparePresigned, splitArguments } from "./request.js"
import { readBytes, readEvents, type ServerSentEvent } from "./streams.js"

type AnyIds = ReadonlyArray<string>

/** Positional ids, then the input, then the options; an input without required keys may be left out. */
export type Args<Ids extends AnyIds, Input> = [Input] extends [undefined]
  ? [...ids: Ids, options?: AllOptions]
  : Record<never, never> extends Input
    ? [...ids: Ids, input?: Input, options?: AllOptions]
    : [...ids: Ids, input: Input, options?: AllOptions]

/** Makes the methods of one surface from its operations. */
export interface Methods {
  /** A call that gives data. */
  readonly call: <Ids extends AnyIds, Input, A>(
    operation: Operation<Ids, Input, A>
  ) => Method<Args<Ids, Input>, A>
  /** A read with an ETag. */
  readonly conditional: <Ids extends AnyIds, Input, A>(
    operation: Operation<Ids, Input, A>
  ) => ConditionalMethod<Args<Ids, Input>, A>
  /** A list behind cursors. */
  readonly list: <Ids extends AnyIds, Input, A>(
    operation: Operation<Ids, Input, ReadonlyArray<A>>
  ) => ListMethod<Args<Ids, Input>, A>
  /** A list behind cursors with an ETag. */
  readonly conditionalList: <Ids extends AnyIds, Input, A>(
    operation: Operation<Ids, Input, ReadonlyArray<A>>
  ) => ConditionalListMethod<Args<Ids, Input>, A>
  /** An upload to an address that the API handed out, with the headers that came with it. */
  readonly presigned: <A>(operation: Operation<AnyIds, never, A>) => PresignedUpload<A>
  /** A download. */
  readonly bytes: <Ids extends AnyIds, Input>(
    operation: Operation<Ids, Input, unknown>
  ) => StreamMethod<Args<Ids, Input>, Uint8Array>
  /** An event stream, by its frames. */
  readonly events: <Ids extends AnyIds, Input>(
    operation: Operation<Ids, Input, unknown>
  ) => StreamMethod<Args<Ids, Input>, ServerSentEvent>
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
  events: (operation) => streamOf(pipeline, operation, readEvents)
})

const responseOf =
  <A>(pipeline: Pipeline, operation: Operation<AnyIds, never, A>) =>
  (...args: ReadonlyArray<unknown>): Effect.Effect<Response<A>, SendmuxError> =>
    Effect.flatMap(prepare(operation, pipeline, splitArguments(operation, args)), (request) =>
      Effect.map(run(pipeline, operation, request), toResponse)
    )

const conditionalOf =
  <A>(pipeline: Pipeline, operation: Operation<AnyIds, never, A>) =>
  (etag: string, args: Arguments): Effect.Effect<Option.Option<Fetched<A>>, SendmuxError> =>
    Effect.flatMap(prepare(operation, pipeline, args, etag), (request) =>
      runConditional(pipeline, operation, request)
    )

const toResponse = <A>({ data, meta }: Fetched<A>): Response<A> => ({ data, meta })

const toPage = <A>({ data, hasMore, nextCursor, meta }: Fetched<ReadonlyArray<A>>): Page<A> => ({
  items: data,
  hasMore,
  nextCursor,
  meta
})

const withResponse = <A>(
  respond: (...args: ReadonlyArray<unknown>) => Effect.Effect<Response<A>, SendmuxError>
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
    const seen = new Set<string>()
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
