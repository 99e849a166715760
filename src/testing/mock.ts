/**
 * An `HttpClient` that replies to operations with prepared responses.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { layerFrom, Service } from "../internal/dialect/core.js"
import { type HttpClient, HttpClientTag } from "../internal/dialect/http.js"
import { encoder } from "../internal/dialect/schema.js"
import {
  clientOf,
  type IncomingRequest,
  type LocalRequest,
  type LocalResponse
} from "../internal/dialect/shared/localClient.js"
import type { AnyOperation } from "../internal/operation/operation.js"
import { closestName } from "../internal/values/closest.js"
import { ApiFailure, factsOfCode, replyResponse } from "../sandbox/exchange.js"
import { matcher, readInput } from "../sandbox/http/routes.js"
import { targetOf } from "../sandbox/http/target.js"
import {
  allOperations,
  type DataOf,
  type IdsOf,
  type InputOf,
  type MockEvent,
  type OperationName,
  operationNamed
} from "./operations.js"
import type { MockCall, Replies, Reply } from "./replies.js"

/**
 * The replies of a mock, by operation.
 *
 * @since 0.2.0
 * @category models
 */
export type MockReplies = {
  readonly [Name in OperationName]?: Replies<DataOf<Name>, IdsOf<Name>, InputOf<Name>> | undefined
}

/**
 * Inspects a mock, and changes its replies.
 *
 * @since 0.2.0
 * @category models
 */
export interface MockControl {
  /** The calls that the mock received, oldest first. A retried call is there once for each attempt. */
  readonly calls: Effect.Effect<ReadonlyArray<MockCall>>
  /** The calls of one operation, oldest first. */
  readonly callsTo: <const Name extends OperationName>(
    name: Name
  ) => Effect.Effect<ReadonlyArray<MockCall<IdsOf<Name>, InputOf<Name>>>>
  /** Replaces the replies of an operation. */
  readonly reply: <const Name extends OperationName>(
    name: Name,
    replies: Replies<DataOf<Name>, IdsOf<Name>, InputOf<Name>>
  ) => Effect.Effect<void>
  /** The operations with replies that no call has used: those without a call, and sequences with a rest. */
  readonly unused: Effect.Effect<ReadonlyArray<OperationName>>
}

/**
 * The control of a mock. `layer` provides it.
 *
 * @since 0.2.0
 * @category services
 */
export class Mock extends Service("effect-sendmux/Testing/Mock")<Mock, MockControl>() {}

type AnyReplies = Replies<unknown, never, never>

interface Prepared {
  readonly replies: AnyReplies
  used: number
}

const secretHeaders: ReadonlySet<string> = new Set(["authorization", "x-sendmux-upload-token"])

const shownHeaders = (headers: IncomingRequest["headers"]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || secretHeaders.has(name) ? [] : [[name, value]]
    )
  )

/** Ends the test with a defect, which no retry and no error handler of the code under test hides. */
const defect = (message: string): Effect.Effect<never> => Effect.die(new Error(message))

/** A mock as a client and its control. */
class MockState {
  private readonly match = matcher(
    allOperations.filter(({ path }) => path !== "").map((operation) => ({ operation }))
  )
  private readonly prepared = new Map<string, Prepared>()
  private readonly calls: Array<MockCall> = []

  constructor(replies: MockReplies) {
    for (const [name, given] of Object.entries(replies)) {
      if (given !== undefined) this.prepare(name, given)
    }
  }

  prepare(name: string, replies: AnyReplies): void {
    if (operationNamed(name) === undefined) {
      const names = allOperations.map((operation) => operation.name)
      const close = closestName(name, names)
      throw new Error(
        `${name} is not the name of an operation${close === undefined ? "" : `. Did you mean ${close}?`}`
      )
    }
    this.prepared.set(name, { replies, used: 0 })
  }

  handle(request: IncomingRequest): Effect.Effect<LocalResponse> {
    const target = targetOf(request.url)
    const matched = target && this.match(target.host, request.method, target.path)
    const operation = matched && operationNamed(matched.route.operation.name)
    if (matched === undefined || operation === undefined) {
      return defect(
        `The mock knows no operation ${request.method} ${request.url.origin}${request.url.pathname}`
      )
    }
    return this.respond(request, operation, matched.ids)
  }

  private respond(
    request: IncomingRequest,
    operation: AnyOperation,
    ids: ReadonlyArray<string>
  ): Effect.Effect<LocalResponse> {
    const { calls, prepared } = this
    return Effect.gen(function* () {
      const body = yield* Effect.orDie(request.readBody({ maxBytes: Infinity, timeoutMillis: Infinity }))
      const received: LocalRequest = {
        method: request.method,
        url: request.url,
        headers: request.headers,
        body
      }
      const call: MockCall = {
        operation: operation.name,
        ids,
        input: yield* inputOf(operation, received),
        headers: shownHeaders(request.headers),
        idempotencyKey: request.headers["idempotency-key"],
        number: calls.filter((earlier) => earlier.operation === operation.name).length + 1
      }
      calls.push(call)
      const reply = yield* replyTo(call, prepared)
      return yield* responseTo(operation, reply, received, `req_mock_${calls.length}`)
    })
  }

  readonly control: MockControl = {
    calls: Effect.sync(() => [...this.calls]),
    callsTo: (name) =>
      Effect.sync(() => {
        // The calls of an operation have the ids and the input of that operation.
        type Calls = ReadonlyArray<MockCall<IdsOf<typeof name>, InputOf<typeof name>>>
        return this.calls.filter(({ operation }) => operation === name) as ReadonlyArray<unknown> as Calls
      }),
    reply: (name, replies) => Effect.sync(() => this.prepare(name, replies)),
    unused: Effect.sync(() =>
      [...this.prepared].flatMap(([name, { replies, used }]) => {
        const total = "replies" in replies ? replies.replies.length : 1
        return used < total ? [name as OperationName] : []
      })
    )
  }
}

/** Reads the input of a call. An input that does not fit would be refused by the API. */
const inputOf = (operation: AnyOperation, request: LocalRequest): Effect.Effect<unknown> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(readInput(operation, { request }))
    } catch (thrown) {
      return thrown instanceof ApiFailure
        ? defect(`The API would refuse the request of ${operation.name}: ${thrown.message}`)
        : Effect.die(thrown)
    }
  })

const replyTo = (call: MockCall, prepared: ReadonlyMap<string, Prepared>): Effect.Effect<Reply<unknown>> => {
  const found = prepared.get(call.operation)
  if (found === undefined) {
    const names = [...prepared.keys()]
    return defect(
      `The mock has no reply for ${call.operation}. It has replies for ${names.length === 0 ? "no operation" : names.join(", ")}`
    )
  }
  const { replies } = found
  const position = found.used++
  if ("replies" in replies) {
    const reply = replies.replies[position]
    return reply === undefined
      ? defect(
          `The mock has ${replies.replies.length} replies for ${call.operation}, and this is call ${position + 1}`
        )
      : Effect.succeed(reply)
  }
  if (typeof replies !== "function") return Effect.succeed(replies)
  // The call has the ids and the input of the operation that the function was given for.
  const made = (replies as (call: MockCall) => Reply<unknown> | Effect.Effect<Reply<unknown>>)(call)
  return Effect.isEffect(made) ? made : Effect.succeed(made)
}

// -----------------------------------------------------------------------------
// responses
// -----------------------------------------------------------------------------

const responseTo = (
  operation: AnyOperation,
  { body }: Reply<unknown>,
  request: LocalRequest,
  requestId: string
): Effect.Effect<LocalResponse> => {
  switch (body.kind) {
    case "delayed":
      return Effect.flatMap(Effect.sleep(body.millis), () =>
        responseTo(operation, body.reply, request, requestId)
      )
    case "connectionLost":
      return Effect.succeed({ status: 0, headers: {}, body: undefined, broken: "before" })
    case "notModified":
      return Effect.succeed({ status: 304, headers: { etag: body.etag }, body: undefined })
    case "raw":
      return Effect.succeed({
        status: body.options.status,
        headers: body.options.headers ?? {},
        body: body.options.body
      })
    case "error":
      return Effect.succeed(errorResponse(body.code, body.options, requestId))
    case "data":
      return dataResponse(operation, body.data, body.options, request, requestId)
  }
}

const errorResponse = (
  code: string,
  {
    errors,
    message = "The mock responds with this error",
    param,
    retryable,
    retryAfter,
    status
  }: ErrorFields,
  requestId: string
): LocalResponse => {
  const [knownStatus, knownRetryable] = factsOfCode(code) ?? [400, false]
  return {
    status: status ?? knownStatus,
    headers: {
      "content-type": "application/json; charset=utf-8",
      "x-request-id": requestId,
      ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) })
    },
    body: JSON.stringify({
      ok: false,
      error: { code, message, retryable: retryable ?? knownRetryable, param, errors },
      meta: { request_id: requestId }
    })
  }
}

type ErrorFields = Extract<Reply<unknown>["body"], { readonly kind: "error" }>["options"]

type OkFields = Extract<Reply<unknown>["body"], { readonly kind: "data" }>["options"]

const dataResponse = (
  operation: AnyOperation,
  data: unknown,
  { etag, headers, meta, nextCursor, status }: OkFields,
  request: LocalRequest,
  requestId: string
): Effect.Effect<LocalResponse> => {
  if (etag !== undefined && request.headers["if-none-match"] === etag) {
    return Effect.succeed({ status: 304, headers: { etag }, body: undefined })
  }
  const wire = wireOf(operation, data)
  if (typeof wire === "string") return defect(wire)
  const response = replyResponse(
    {
      status,
      headers: { "x-request-id": requestId, ...(etag === undefined ? {} : { etag }), ...headers },
      body: bodyOf(operation, wire.value, nextCursor, meta)
    },
    operation.success[0] ?? 200,
    requestId
  )
  return Effect.succeed(response)
}

type Body = Parameters<typeof replyResponse>[0]["body"]

const bodyOf = (
  operation: AnyOperation,
  value: unknown,
  nextCursor: string | undefined,
  meta: OkFields["meta"]
): Body => {
  const more = meta === undefined ? {} : { meta }
  switch (operation.response) {
    case "document":
      return { kind: "document", data: value }
    case "text":
      return { kind: "text", text: String(value) }
    case "bytes":
      return {
        kind: "bytes",
        bytes: value instanceof Uint8Array ? value : new Uint8Array(0),
        contentType: "application/octet-stream"
      }
    case "events":
      return { kind: "stream", stream: framesOf(value), contentType: "text/event-stream" }
    case "envelope":
      return operation.flags.paginated === true
        ? {
            kind: "page",
            items: value,
            pagination: { hasMore: nextCursor !== undefined, nextCursor },
            ...more
          }
        : { kind: "data", data: value, ...more }
  }
}

const isEvents = (value: unknown): value is ReadonlyArray<MockEvent> => Array.isArray(value)

/** The frames of events, after which the connection stays open. */
const framesOf = (value: unknown): Stream.Stream<Uint8Array> => {
  const text = (isEvents(value) ? value : [])
    .map(
      ({ data, event, id }) =>
        `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
    )
    .join("")
  return Stream.concat(Stream.succeed(new TextEncoder().encode(`: connected\n\n${text}`)), Stream.never)
}

/** The wire form of data, or the message of a defect. */
const wireOf = (operation: AnyOperation, data: unknown): { readonly value: unknown } | string => {
  if (operation.response === "bytes" || operation.response === "events" || operation.data === undefined) {
    return { value: data }
  }
  const coded = encoder(operation.data)(data)
  if (coded.ok) return { value: coded.value }
  const issues = coded.issues.map(({ message, path }) => `${path === "" ? "the data" : path} ${message}`)
  return `The reply of the mock for ${operation.name} does not fit: ${issues.join("; ")}`
}

// -----------------------------------------------------------------------------
// layers
// -----------------------------------------------------------------------------

/**
 * Makes a mock as a value: the client, and its control. Throws an `Error` for a name that is not the name of an operation.
 *
 * @since 0.2.0
 * @category constructors
 */
export const makeMock = (
  replies: MockReplies
): { readonly client: HttpClient.HttpClient; readonly control: MockControl } => {
  const state = new MockState(replies)
  return { client: clientOf((request) => state.handle(request)), control: state.control }
}

/**
 * A layer with an `HttpClient` that replies to operations with prepared responses, and with the `Mock` that tells what was
 * called. The data of a reply has the type that the method returns, and the schema of the operation encodes it.
 *
 * A call of an operation without a reply ends the test with a defect that names the operation.
 *
 * @example
 * import { Management } from "effect-sendmux"
 * import * as Testing from "effect-sendmux/Testing"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import * as Redacted from "effect/Redacted"
 *
 * const mock = Testing.layer({
 *   "management.domains.delete": Testing.sequence(
 *     Testing.error("service_unavailable", { retryAfter: 1 }),
 *     Testing.ok({ deleted: true, id: "mdom_1" })
 *   )
 * })
 *
 * export const program = Effect.gen(function* () {
 *   const management = yield* Management
 *   yield* management.domains.delete("mdom_1")
 *   const mock = yield* Testing.Mock
 *   return (yield* mock.callsTo("management.domains.delete")).length
 * }).pipe(
 *   Effect.provide(
 *     Management.layer({ apiKey: Redacted.make("smx_root_test") }).pipe(Layer.provideMerge(mock))
 *   )
 * )
 *
 * @since 0.2.0
 * @category layers
 */
export const layer = (replies: MockReplies): Layer.Layer<HttpClient.HttpClient | Mock> =>
  // A layer that is built twice has the calls of each build apart.
  layerFrom(
    Effect.sync(() => {
      const { client, control } = makeMock(replies)
      return Layer.merge(Layer.succeed(HttpClientTag, client), Layer.succeed(Mock, control))
    })
  )
