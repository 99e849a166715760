/**
 * The part of the dialect for an `HttpClient` that hands its requests to a function, without a socket.
 */

import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { joinBytes } from "../../values/bytes.js"
import { catchAll } from "../core.js"
import {
  connectionFailure,
  encodingFailure,
  type HttpClientFailure,
  kindOfFailure,
  systemCode
} from "../http.js"

/** How much of a body is read, and how long the reader waits for its next part. */
export interface BodyLimits {
  readonly maxBytes: number
  readonly timeoutMillis: number
}

/** The reason why a body was not read: it is over the limit, its next part did not arrive, or the connection failed. */
export type BodyProblem = "TooLarge" | "Stalled" | "Unreadable"

/** What is known about the call of a request while it is handled. */
export interface CallFacts {
  /** The operation, such as `sending.emails.send`. */
  readonly operation?: string
  /** The kind of the fault that applies to the call. */
  readonly fault?: string
}

/** A request whose body is not read yet. */
export interface IncomingRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly readBody: (limits: BodyLimits) => Effect.Effect<Uint8Array, BodyProblem>
  /** Receives the facts about the call as they become known, also if the client does not wait for the response. */
  readonly note?: ((facts: CallFacts) => void) | undefined
}

/** A request whose body was read. */
export interface LocalRequest extends Omit<IncomingRequest, "readBody" | "note"> {
  readonly body: Uint8Array
}

/** A response. With `broken`, the connection fails before the response or in the middle of its body. */
export interface LocalResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | Stream.Stream<Uint8Array> | undefined
  readonly broken?: "before" | "midway"
}

/** Makes an `HttpClient` from a function. */
export const clientOf = (
  handle: (request: IncomingRequest) => Effect.Effect<LocalResponse>
): HttpClient.HttpClient =>
  HttpClient.make((request, url) =>
    Effect.gen(function* () {
      const body = yield* bytesOf(request)
      const response = yield* handle({
        method: request.method,
        url,
        headers: headersOf(request),
        readBody: ({ maxBytes }) =>
          body.byteLength > maxBytes ? Effect.fail("TooLarge") : Effect.succeed(body)
      })
      return response.broken === "before"
        ? yield* Effect.fail(connectionFailure(request, { code: "ECONNRESET" }))
        : responseOf(request, response)
    })
  )

/** The headers as a client sends them: with the length of the body, if it is known before the body is read. */
const headersOf = ({ body, headers }: HttpClientRequest.HttpClientRequest): IncomingRequest["headers"] => {
  const length = body._tag === "Empty" ? undefined : body.contentLength
  return length === undefined || "content-length" in headers
    ? headers
    : { ...headers, "content-length": String(length) }
}

const bytesOf = (
  request: HttpClientRequest.HttpClientRequest
): Effect.Effect<Uint8Array, HttpClientFailure> => {
  const { body } = request
  const unreadable = (cause: unknown) => encodingFailure(request, cause)
  switch (body._tag) {
    case "Empty":
      return Effect.succeed(new Uint8Array(0))
    case "Uint8Array":
      return Effect.succeed(body.body)
    case "Stream":
      return Effect.mapError(collect(body.stream), unreadable)
    default: {
      const source = body._tag === "FormData" ? body.formData : body.body
      return Effect.tryPromise({
        try: async () => new Uint8Array(await new Response(source as BodyInit).arrayBuffer()),
        catch: unreadable
      })
    }
  }
}

const collect = <E>(stream: Stream.Stream<Uint8Array, E>): Effect.Effect<Uint8Array, E> =>
  Effect.map(Stream.runCollect(stream), (chunks) => joinBytes(Array.from(chunks)))

/** The response to a post, whose body is text. */
export interface PostResponse {
  readonly status: number
  readonly body: string
}

/** The reason why there was no response. */
export interface PostFailure {
  readonly reason: string
  /** Whether no connection was opened, so that the receiver did not get the request. */
  readonly notConnected: boolean
}

/** The part of a response body that is read. */
const maxPostResponseBytes = 65_536

/** Reads the start of a body. The rest is not read, and its connection is closed. */
const startOf = <E>(body: Stream.Stream<Uint8Array, E>): Effect.Effect<string, E> =>
  Effect.suspend(() => {
    const parts: Array<Uint8Array> = []
    let size = 0
    const isEnough = () => size >= maxPostResponseBytes
    return Stream.runForEachWhile(body, (part) =>
      Effect.sync(() => {
        parts.push(part.subarray(0, maxPostResponseBytes - size))
        size += part.byteLength
        return !isEnough()
      })
    ).pipe(Effect.map(() => new TextDecoder().decode(joinBytes(parts), { stream: isEnough() })))
  })

/**
 * Posts bytes and reads the text of the response, up to 64 KiB. Redirects are not followed.
 */
export const postBytes = (
  client: HttpClient.HttpClient,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array
): Effect.Effect<PostResponse, PostFailure> =>
  Effect.gen(function* () {
    const request = HttpClientRequest.post(url, {
      headers,
      body: HttpBody.uint8Array(body, headers["content-type"] ?? "application/json")
    })
    const response = yield* HttpClient.withScope(client).execute(request)
    // The platform reports a response without a body, such as one with status 204, as a failure.
    const text = yield* catchAll(startOf(response.stream), (error) =>
      kindOfFailure(error) === "EmptyBody" ? Effect.succeed("") : Effect.fail(error)
    )
    return { status: response.status, body: text }
  }).pipe(
    Effect.mapError((error) => ({
      reason: `There was no response (${kindOfFailure(error)})`,
      notConnected: systemCode(error) === "ECONNREFUSED"
    })),
    Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
    Effect.scoped
  )

/** A client that uses the `fetch` of the runtime. */
export const fetchClient: Effect.Effect<HttpClient.HttpClient> = Effect.provide(
  HttpClient.HttpClient,
  FetchHttpClient.layer
)

const statusesWithoutBody = new Set([204, 205, 304])

const responseOf = (
  request: HttpClientRequest.HttpClientRequest,
  response: LocalResponse
): HttpClientResponse.HttpClientResponse => {
  const init = { status: response.status, headers: response.headers }
  const { body, broken } = response
  if (body === undefined || statusesWithoutBody.has(response.status)) {
    return HttpClientResponse.fromWeb(request, new Response(null, init))
  }
  if (typeof body === "string" || body instanceof Uint8Array) {
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : new Uint8Array(body)
    return HttpClientResponse.fromWeb(
      request,
      new Response(broken === "midway" ? truncated(bytes) : bytes, init)
    )
  }
  const web = HttpClientResponse.fromWeb(request, new Response(null, init))
  // The stream itself runs in the fiber of its reader: with the reader's clock, and interrupted with the reader.
  return Object.create(web, { stream: { value: broken === "midway" ? Stream.take(body, 1) : body } })
}

/** Emits the first half of a body, and fails as a connection that was reset. */
const truncated = (bytes: Uint8Array): ReadableStream<Uint8Array> =>
  new ReadableStream({
    pull: (controller) => {
      if (bytes.byteLength > 1) controller.enqueue(bytes.slice(0, bytes.byteLength / 2))
      controller.error(Object.assign(new Error("The connection was reset"), { code: "ECONNRESET" }))
    }
  })
