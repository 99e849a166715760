/**
 * Bodies that are read as they arrive: bytes, and server-sent events.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createParser } from "eventsource-parser"
import { type HttpClientResponse, systemCode } from "../dialect/http.js"
import type { SendmuxError } from "../model/errors.js"
import { type AttemptContext, cutBody, decodeFailure, metaOf } from "./response.js"

type HttpResponse = HttpClientResponse.HttpClientResponse

/** The bytes of an answer, in constant memory; fewer than `Content-Length` says is a cut body. */
export const readBytes = (
  response: HttpResponse,
  context: AttemptContext
): Stream.Stream<Uint8Array, SendmuxError> =>
  Stream.suspend(() => {
    const expected = expectedLength(response)
    const bytes = Stream.mapError(response.stream, (error) => cutBody(context, systemCode(error)))
    if (expected === undefined) return bytes
    let received = 0
    const counted = Stream.map(bytes, (chunk) => {
      received += chunk.byteLength
      return chunk
    })
    const complete = Effect.suspend(() => (received < expected ? Effect.fail(cutBody(context)) : Effect.void))
    return Stream.concat(counted, Stream.drain(Stream.fromEffect(complete)))
  })

const isEncoded = ({ headers }: HttpResponse): boolean => {
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? ""
  return encoding !== "" && encoding !== "identity"
}

const expectedLength = (response: HttpResponse): number | undefined => {
  const text = response.headers["content-length"]
  if (text === undefined || isEncoded(response)) return undefined
  const length = Number(text)
  return Number.isSafeInteger(length) && length >= 0 ? length : undefined
}

/** The answer to a download, its bytes yet to be read. */
export interface OpenDownload {
  readonly status: number
  readonly contentRange: string | undefined
  /** The version of the file. */
  readonly etag: string | undefined
  /** Whether the bytes travel compressed, so that ranges and ETag are those of the compressed bytes. */
  readonly encoded: boolean
  /** How many bytes this answer has, where it says so. */
  readonly length: number | undefined
  readonly bytes: Stream.Stream<Uint8Array, SendmuxError>
}

/** One element, once the answer is there: what it says of its bytes, and the bytes, to be read while it is open. */
export const readDownload = (
  response: HttpResponse,
  context: AttemptContext
): Stream.Stream<OpenDownload, SendmuxError> =>
  Stream.succeed({
    status: response.status,
    contentRange: response.headers["content-range"],
    etag: response.headers["etag"],
    encoded: isEncoded(response),
    length: expectedLength(response),
    bytes: readBytes(response, context)
  })

/** One frame of an event stream. */
export interface ServerSentEvent {
  /** The id to resume after, where the frame has one. */
  readonly id: string | undefined
  /** The event's name; `message` where the frame has none. */
  readonly event: string
  readonly data: string
}

/** What one piece of an event stream held. Without events (a comment, half a frame) it still is a sign of life. */
export interface EventBatch {
  readonly events: ReadonlyArray<ServerSentEvent>
  /** How many milliseconds to wait before connecting again, where the server has said so. */
  readonly retry: number | undefined
}

const eventStreamType = /^\s*text\/event-stream\s*(;|$)/i

/** Far more than any event has, so that a line without an end cannot fill the memory. */
const maxFrameCharacters = 64 * 1024 * 1024

/** One element, once the line is open: its pieces, to be read while it is open. */
export const readEvents = (
  response: HttpResponse,
  context: AttemptContext
): Stream.Stream<Stream.Stream<EventBatch, SendmuxError>, SendmuxError> => {
  const type = response.headers["content-type"]
  if (type !== undefined && response.status !== 204 && !eventStreamType.test(type)) {
    const message = `expected text/event-stream, and the answer is ${type}: check baseUrl`
    const meta = metaOf(context, response.status, response.headers, undefined)
    return Stream.fail(decodeFailure(context, meta, [{ path: "", message }]))
  }
  return Stream.succeed(
    Stream.suspend(() => {
      const ready: Array<ServerSentEvent> = []
      let retry: number | undefined
      let overflown = false
      const parser = createParser({
        maxBufferSize: maxFrameCharacters,
        onEvent: ({ id, event, data }) => {
          ready.push({ id: id === "" ? undefined : id, event: event ?? "message", data })
        },
        onRetry: (millis) => {
          retry = millis
        },
        onError: ({ type }) => {
          if (type === "max-buffer-size-exceeded") overflown = true
        }
      })
      const decoder = new TextDecoder()
      return Stream.mapEffect(
        Stream.mapError(response.stream, (error) => cutBody(context, systemCode(error))),
        (chunk) =>
          Effect.suspend(() => {
            parser.feed(decoder.decode(chunk, { stream: true }))
            return overflown
              ? Effect.fail(cutBody(context))
              : Effect.succeed<EventBatch>({ events: ready.splice(0), retry })
          })
      )
    })
  )
}
