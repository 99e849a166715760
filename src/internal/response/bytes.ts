/**
 * Response bodies that are read as they arrive, in constant memory.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type HttpClientResponse, systemCode } from "../dialect/http.js"
import { decompresses } from "../dialect/shared/body.js"
import { failOnStall } from "../dialect/stream.js"
import type { SendmuxError } from "../model/errors.js"
import type { AttemptContext } from "./context.js"
import { streamEndOf } from "./deadline.js"
import { decodeFailure, encodingOf, isEncoded, transportError, truncatedBody } from "./errors.js"
import { metaOf } from "./meta.js"

type HttpResponse = HttpClientResponse.HttpClientResponse

const stalled = (context: AttemptContext): SendmuxError =>
  transportError(context, "Timeout", `No data arrived for ${context.idleTimeout} ms`)

/**
 * The bytes of a response. Fails if the server pauses for longer than the timeout of the call, or sends fewer bytes than
 * `Content-Length` announces.
 */
export const readBytes = (
  response: HttpResponse,
  context: AttemptContext
): Stream.Stream<Uint8Array, SendmuxError> =>
  Stream.suspend(() => {
    const compressed = compressedBody(response, context)
    if (compressed !== undefined) return Stream.fail(compressed)
    const expected = announcedLength(response)
    const received = Stream.mapError(response.stream, (error) => truncatedBody(context, systemCode(error)))
    const { idleTimeout } = context
    const end = streamEndOf(context)
    const bytes =
      Number.isFinite(idleTimeout) || end !== undefined
        ? failOnStall(received, idleTimeout, () => stalled(context), end)
        : received
    if (expected === undefined) return bytes
    let count = 0
    const counted = Stream.map(bytes, (chunk) => {
      count += chunk.byteLength
      return chunk
    })
    const complete = Effect.suspend(() =>
      count < expected ? Effect.fail(truncatedBody(context)) : Effect.void
    )
    return Stream.concat(counted, Stream.drain(Stream.fromEffect(complete)))
  })

/** The failure of a stream whose bytes are compressed, and which the client does not decompress. */
export const compressedBody = (response: HttpResponse, context: AttemptContext): SendmuxError | undefined => {
  if (!isEncoded(response.headers) || decompresses(response)) return undefined
  const message = `the response is compressed${encodingOf(response.headers)}, which this HTTP client does not decompress: the client must not ask for it, or use a client based on fetch`
  const meta = metaOf(context, response.status, response.headers, undefined)
  return decodeFailure(context, meta, [{ path: "", message }])
}

const announcedLength = (response: HttpResponse): number | undefined => {
  const text = response.headers["content-length"]
  if (text === undefined || isEncoded(response.headers)) return undefined
  const length = Number(text)
  return Number.isSafeInteger(length) && length >= 0 ? length : undefined
}

/** The response to a download, its bytes not yet read. */
export interface OpenDownload {
  readonly status: number
  readonly contentRange: string | undefined
  /** The version of the file. */
  readonly etag: string | undefined
  /** Whether the bytes are compressed, so that ranges and ETag are those of the compressed bytes. */
  readonly encoded: boolean
  /** How many bytes the response announces. */
  readonly length: number | undefined
  readonly bytes: Stream.Stream<Uint8Array, SendmuxError>
}

/** One element when the response has arrived: its facts and its bytes, which can be read while the stream is open. */
export const readDownload = (
  response: HttpResponse,
  context: AttemptContext
): Stream.Stream<OpenDownload, SendmuxError> =>
  Stream.succeed({
    status: response.status,
    contentRange: response.headers["content-range"],
    etag: response.headers["etag"],
    encoded: isEncoded(response.headers),
    length: announcedLength(response),
    bytes: readBytes(response, context)
  })
