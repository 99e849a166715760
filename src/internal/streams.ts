/**
 * Bodies that are read as they arrive: bytes, and server-sent events.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createParser } from "eventsource-parser"
import type { SendmuxError } from "../Errors.js"
import { type HttpClientResponse, systemCode, transduce } from "./effect.js"
import { type AttemptContext, cutBody } from "./response.js"

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

const expectedLength = ({ headers }: HttpResponse): number | undefined => {
  const text = headers["content-length"]
  if (text === undefined || headers["content-encoding"] !== undefined) return undefined
  const length = Number(text)
  return Number.isSafeInteger(length) && length >= 0 ? length : undefined
}

/** One frame of an event stream. */
export interface ServerSentEvent {
  /** The id to resume after, where the frame has one. */
  readonly id: string | undefined
  /** The event's name; `message` where the frame has none. */
  readonly event: string
  readonly data: string
}

/** The frames of an event stream. Comments and frames without data, which keep the line alive, are dropped. */
export const readEvents = (
  response: HttpResponse,
  context: AttemptContext
): Stream.Stream<ServerSentEvent, SendmuxError> =>
  Stream.suspend(() => {
    const ready: Array<ServerSentEvent> = []
    const parser = createParser({
      onEvent: ({ id, event, data }) => {
        if (data !== "") ready.push({ id, event: event ?? "message", data })
      }
    })
    const decoder = new TextDecoder()
    const bytes = Stream.mapError(response.stream, (error) => cutBody(context, systemCode(error)))
    return transduce(
      bytes,
      (chunk) =>
        Effect.sync(() => {
          parser.feed(decoder.decode(chunk, { stream: true }))
          return ready.splice(0)
        }),
      Effect.succeed([])
    )
  })
