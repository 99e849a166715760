/**
 * The bodies of requests and responses as they are recorded.
 */
import { createParser } from "eventsource-parser"
import type { OperationFacts } from "../../src/internal/operation/operation.js"
import { parseJson } from "../../src/internal/values/json.js"
import { errorShape, successShape } from "./envelopes.js"
import { joined, type RawHeaders } from "./headers.js"
import { mask } from "./names.js"
import { dataShape, inputShape } from "./operations.js"
import type { Body } from "./recording.js"
import { type ScrubOptions, scrubJson } from "./scrub.js"
import type { Shape } from "./shape.js"

const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const bytesBody = ({ keepContent }: ScrubOptions, bytes: Uint8Array): Body => ({
  kind: "bytes",
  size: bytes.byteLength,
  ...(keepContent ? { base64: Buffer.from(bytes).toString("base64") } : {})
})

/** The body of a request. */
export const requestBodyOf = (
  options: ScrubOptions,
  operation: OperationFacts | undefined,
  headers: RawHeaders,
  bytes: Uint8Array
): Body | undefined => {
  if (bytes.byteLength === 0) return undefined
  const isJson = joined(headers["content-type"])?.includes("json") === true
  return operation?.body === "bytes" || !isJson
    ? bytesBody(options, bytes)
    : jsonBody(options, bytes, inputShape(operation))
}

const jsonBody = (options: ScrubOptions, bytes: Uint8Array, shape: Shape): Body => {
  const text = textOf(bytes)
  if (text === undefined) return bytesBody(options, bytes)
  try {
    const value: unknown = JSON.parse(text)
    return { kind: "json", value: scrubJson(options, value, shape) }
  } catch {
    return { kind: "text", text: mask(text) }
  }
}

/** The body of a response. */
export const responseBodyOf = (
  options: ScrubOptions,
  operation: OperationFacts | undefined,
  status: number,
  headers: RawHeaders,
  body: Uint8Array | number
): Body | undefined => {
  if (typeof body === "number") return { kind: "bytes", size: body }
  if (body.byteLength === 0) return undefined
  const type = joined(headers["content-type"]) ?? ""
  if (type.startsWith("text/event-stream")) {
    return { kind: "events", events: eventsIn(options, operation, textOf(body) ?? "") }
  }
  if (type.includes("json")) {
    // A document such as a description of the API is public, and has no shape to compare.
    if (status < 400 && operation?.response === "document") return { kind: "json", value: {} }
    return jsonBody(options, body, status < 400 ? successShape(operation) : errorShape)
  }
  const text = type.startsWith("text/") ? textOf(body) : undefined
  return text === undefined
    ? bytesBody(options, body)
    : { kind: "text", text: options.keepContent ? text : mask(text) }
}

/** The most events of a stream that are recorded. */
const maxEvents = 100

type RecordedEvent = Extract<Body, { kind: "events" }>["events"][number]

const eventsIn = (
  options: ScrubOptions,
  operation: OperationFacts | undefined,
  text: string
): ReadonlyArray<RecordedEvent> => {
  const events: Array<RecordedEvent> = []
  const parser = createParser({
    onEvent: ({ data, event = "", id }) => {
      if (events.length >= maxEvents) return
      const name = id === undefined ? "" : options.names.id(id)
      events.push({
        id: name,
        event,
        data: scrubJson(options, parseJson(data) ?? null, dataShape(operation))
      })
    }
  })
  parser.feed(text)
  return events
}
