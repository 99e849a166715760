/**
 * The dialect's part for an `HttpClient` that is no client at all: requests handed to a function.
 */

import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { joinBytes } from "../values/bytes.js"

/** A request whose body was read. */
export interface LocalRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
}

/** An answer; with `broken`, a connection that fails before it, or midway through its body. */
export interface LocalResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | Stream.Stream<Uint8Array> | undefined
  readonly broken?: "before" | "midway"
}

/** An `HttpClient` over a function, without a socket. */
export const clientOf = (
  handle: (request: LocalRequest) => Effect.Effect<LocalResponse>
): HttpClient.HttpClient =>
  HttpClient.make((request, url) =>
    Effect.flatMap(bytesOf(request), (body) =>
      Effect.flatMap(
        handle({ method: request.method, url, headers: request.headers, body }),
        (answer): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError> =>
          answer.broken === "before"
            ? Effect.fail(
                new HttpClientError.RequestError({
                  request,
                  reason: "Transport",
                  cause: { code: "ECONNRESET" }
                })
              )
            : Effect.succeed(responseOf(request, answer))
      )
    )
  )

const bytesOf = (
  request: HttpClientRequest.HttpClientRequest
): Effect.Effect<Uint8Array, HttpClientError.RequestError> => {
  const { body } = request
  const unreadable = (cause: unknown) =>
    new HttpClientError.RequestError({ request, reason: "Encode", cause })
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

/** Posts bytes and reads the answer's text; fails with what went wrong, in words. */
export const postBytes = (
  client: HttpClient.HttpClient,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array
): Effect.Effect<{ readonly status: number; readonly body: string }, string> =>
  Effect.scoped(
    Effect.mapError(
      Effect.flatMap(
        HttpClient.withScope(client).execute(
          HttpClientRequest.post(url, {
            headers,
            body: HttpBody.uint8Array(body, headers["content-type"] ?? "application/json")
          })
        ),
        (response) => Effect.map(response.text, (text) => ({ status: response.status, body: text }))
      ),
      (error) => `no answer came (${error.reason})`
    )
  )

/** A client over the runtime's own `fetch`. */
export const fetchClient: Effect.Effect<HttpClient.HttpClient> = Effect.provide(
  HttpClient.HttpClient,
  FetchHttpClient.layer
)

const statusesWithoutBody = new Set([204, 205, 304])

const responseOf = (
  request: HttpClientRequest.HttpClientRequest,
  answer: LocalResponse
): HttpClientResponse.HttpClientResponse => {
  const init = { status: answer.status, headers: answer.headers }
  const { body } = answer
  if (body === undefined || statusesWithoutBody.has(answer.status)) {
    return HttpClientResponse.fromWeb(request, new Response(null, init))
  }
  if (typeof body === "string" || body instanceof Uint8Array) {
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : new Uint8Array(body)
    return HttpClientResponse.fromWeb(
      request,
      new Response(answer.broken === "midway" ? cutShort(bytes) : bytes, init)
    )
  }
  const web = HttpClientResponse.fromWeb(request, new Response(null, init))
  // Handed over as it is, so that it runs in the reader's own fiber: by its clock, and let go with it.
  return Object.create(web, { stream: { value: answer.broken === "midway" ? Stream.take(body, 1) : body } })
}

/** The first half of a body, and then the end of the connection. */
const cutShort = (bytes: Uint8Array): ReadableStream<Uint8Array> =>
  new ReadableStream({
    pull: (controller) => {
      if (bytes.byteLength > 1) controller.enqueue(bytes.slice(0, bytes.byteLength / 2))
      controller.error(Object.assign(new Error("the connection was cut"), { code: "ECONNRESET" }))
    }
  })
