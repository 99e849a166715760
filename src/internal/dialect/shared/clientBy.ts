/**
 * The part of the dialect for clients of the platform that send requests by a function.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type HttpClientFailure, systemCode } from "../http.js"

/** A request of the platform's client. */
export type ClientRequest = HttpClientRequest.HttpClientRequest

/** Makes a client that sends requests by a function. Unlike those of the platform, it makes no span. */
export const clientBy = (
  send: (request: ClientRequest) => Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientFailure>
): HttpClient.HttpClient =>
  HttpClient.makeWith<never, never, HttpClientFailure, never>(
    (request) => Effect.flatMap(request, send),
    Effect.succeed
  )

/** A request with another URL, which has its query. */
export const requestAt = (request: ClientRequest, url: URL): ClientRequest =>
  HttpClientRequest.setUrl(request, url)

/** The statuses of responses without a body. */
const emptyStatuses: ReadonlySet<number> = new Set([204, 205, 304])

/**
 * A response as that of another request, which does not show the request that was sent. `text` is its body if that has been
 * read. The errors of a body that has not been read are replaced as well.
 */
export const responseOf = (
  request: ClientRequest,
  response: HttpClientResponse.HttpClientResponse,
  text: string | undefined
): HttpClientResponse.HttpClientResponse => {
  const { status } = response
  const headers = new globalThis.Headers()
  for (const [name, value] of Object.entries(response.headers)) {
    // A text is decompressed.
    if (text === undefined || !/^(?:content-encoding|content-length|transfer-encoding)$/.test(name)) {
      headers.set(name, value)
    }
  }
  const stream = () =>
    Stream.toReadableStream(
      Stream.mapError(response.stream, (error) => new Error(systemCode(error) ?? "The body was truncated"))
    )
  const body = emptyStatuses.has(status) ? null : (text ?? stream())
  return HttpClientResponse.fromWeb(request, new Response(body, { status, headers }))
}
