/**
 * Server-sent events, read as they arrive.
 */
import * as Stream from "effect/Stream"
import { createParser } from "eventsource-parser"
import { type HttpClientResponse, systemCode } from "../dialect/http.js"
import { failOnStall, mapArrayOrFail } from "../dialect/stream.js"
import type { SendmuxError } from "../model/errors.js"
import { compressedBody } from "./bytes.js"
import type { AttemptContext } from "./context.js"
import { streamEndOf } from "./deadline.js"
import { decodeFailure, truncatedBody } from "./errors.js"
import { metaOf } from "./meta.js"

/** One frame of an event stream. */
export interface ServerSentEvent {
  /** The id to resume after, if the frame has one. */
  readonly id: string | undefined
  /** The event's name; `message` if the frame has none. */
  readonly event: string
  readonly data: string
}

/** The content of one chunk of an event stream. Without events (a comment, part of a frame) it is still a sign of life. */
export interface EventBatch {
  readonly events: ReadonlyArray<ServerSentEvent>
  /** How many milliseconds to wait before the next connection, if the server has said so. */
  readonly retry: number | undefined
}

const eventStreamType = /^\s*text\/event-stream\s*(;|$)/i

/** A longer id is ignored: it would have to fit into a request header and into a store. */
const maxIdLength = 1_024

/**
 * Far more than any event has, so that an event without an end cannot fill the memory. Everything but comments counts,
 * because many short lines take far more memory than their data has characters.
 */
const maxFrameCharacters = 4 * 1024 * 1024

/** One element when the connection is open: its chunks, which can be read while the stream is open. */
export const readEvents = (
  response: HttpClientResponse.HttpClientResponse,
  context: AttemptContext
): Stream.Stream<Stream.Stream<EventBatch, SendmuxError>, SendmuxError> => {
  const type = response.headers["content-type"]
  if (type !== undefined && response.status !== 204 && !eventStreamType.test(type)) {
    const message = `expected text/event-stream, and the response is ${type}: check baseUrl`
    const meta = metaOf(context, response.status, response.headers, undefined)
    return Stream.fail(decodeFailure(context, meta, [{ path: "", message }]))
  }
  const compressed = compressedBody(response, context)
  if (compressed !== undefined) return Stream.fail(compressed)
  return Stream.succeed(
    Stream.suspend(() => {
      const parse = makeParser()
      const received = Stream.mapError(response.stream, (error) => truncatedBody(context, systemCode(error)))
      const end = streamEndOf(context)
      const limited =
        end === undefined ? received : failOnStall(received, Number.POSITIVE_INFINITY, end.onPassed, end)
      return mapArrayOrFail(limited, (chunk) => {
        const batch = parse(chunk)
        return batch === undefined ? { failure: truncatedBody(context) } : [batch]
      })
    })
  )
}

/** A parser of chunks; `undefined` when a frame exceeds every reasonable size. */
const makeParser = (): ((chunk: Uint8Array) => EventBatch | undefined) => {
  const ready: Array<ServerSentEvent> = []
  let retry: number | undefined
  let overflow = false
  /** The number of characters since the last event. */
  let pending = 0
  const parser = createParser({
    maxBufferSize: maxFrameCharacters,
    onEvent: ({ id, event, data }) => {
      const isUsable = id !== undefined && id !== "" && id.length <= maxIdLength
      ready.push({ id: isUsable ? id : undefined, event: event ?? "message", data })
    },
    // With its colon, space and two line ends. A quiet stream consists of nothing else for weeks.
    onComment: (comment) => {
      pending = Math.max(0, pending - comment.length - 4)
    },
    onRetry: (millis) => {
      retry = millis
    },
    onError: ({ type }) => {
      if (type === "max-buffer-size-exceeded") overflow = true
    }
  })
  const decoder = new TextDecoder()
  return (chunk) => {
    const text = decoder.decode(chunk, { stream: true })
    pending += text.length
    parser.feed(text)
    if (ready.length > 0) pending = 0
    else if (pending > maxFrameCharacters) overflow = true
    return overflow ? undefined : { events: ready.splice(0), retry }
  }
}
