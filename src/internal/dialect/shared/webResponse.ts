/**
 * The part of the dialect that makes responses of the platform's client.
 */
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Stream from "effect/Stream"
import { systemCode } from "../http.js"

/** The statuses of responses without a body. */
const emptyStatuses: ReadonlySet<number> = new Set([204, 205, 304])

/**
 * A response as that of another request, which does not show the request that was sent. `text` is its body if that has been
 * read. The errors of a body that has not been read are replaced as well.
 */
export const responseOf = (
  request: HttpClientRequest.HttpClientRequest,
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
