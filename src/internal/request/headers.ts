/**
 * The headers of a request: those of the operation, and those that the options ask for.
 */
import type { OperationFacts } from "../operation/operation.js"
import { isRecord } from "../values/json.js"
import { type AnyOptions, refuse } from "./arguments.js"

/** The value of `Accept` for each kind of response. */
export const accepts: Readonly<Record<OperationFacts["response"], string>> = {
  envelope: "application/json",
  document: "application/json",
  text: "text/plain, application/json",
  bytes: "*/*",
  events: "text/event-stream, application/json"
}

/** Headers that the SDK sets itself, and what a caller uses instead. */
const ownHeaders: ReadonlyMap<string, string> = new Map([
  ["authorization", "it is set from the layer's credential"],
  ["host", "it is set from the layer's baseUrl"],
  ["content-type", "it is set from the input"],
  ["content-length", "it is set from the input"],
  ["transfer-encoding", "it is set from the input"],
  ["connection", "it is set by the client"],
  ["idempotency-key", "use the option idempotencyKey"],
  ["if-match", "use the option ifMatch"],
  ["if-none-match", "use the method's ifNoneMatch"],
  ["range", "use the option range"],
  ["last-event-id", "use the input last_event_id"],
  ["x-sendmux-upload-token", "use the input upload_token"],
  ["x-sendmux-delivery-group", "use the field delivery_group of the message"]
])

/** The characters of a header name. */
export const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/
const visibleText = /^[\x21-\x7e]+$/
const keyText = /^[\x20-\x7e]+$/

/** Whether a header of this name and value can be sent. */
export const isSendableHeader = (name: string, value: string): boolean =>
  headerName.test(name) && headerValue.test(value)

/** Adds the headers that a call's options ask for. */
export const addHeaders = (
  headers: Record<string, string>,
  { flags }: OperationFacts,
  options: AnyOptions,
  ifNoneMatch: string | undefined
): void => {
  if (options.headers !== undefined) {
    if (!isRecord(options.headers)) refuse("option headers must be an object of strings")
    else for (const [name, value] of Object.entries(options.headers)) addHeader(headers, name, value)
  }
  if (flags.idempotencyKey === true) headers["idempotency-key"] = idempotencyKey(options.idempotencyKey)
  if (options.ifMatch !== undefined) headers["if-match"] = entityTag("option ifMatch", options.ifMatch)
  if (ifNoneMatch !== undefined) headers["if-none-match"] = entityTag("the ETag", ifNoneMatch)
  if (options.range !== undefined) headers["range"] = rangeHeader(options.range)
}

const addHeader = (headers: Record<string, string>, given: string, value: unknown): void => {
  if (value === undefined) return
  const name = given.toLowerCase()
  if (!headerName.test(given)) refuse(`option headers: ${JSON.stringify(given)} is not a valid header name`)
  const own = ownHeaders.get(name)
  if (own !== undefined) refuse(`option headers: ${name} cannot be set, ${own}`)
  if (typeof value !== "string" || !headerValue.test(value)) {
    refuse(`option headers: the value of ${name} must be a string without line breaks`)
  } else headers[name] = value
}

const entityTag = (name: string, value: unknown): string =>
  typeof value === "string" && visibleText.test(value)
    ? value
    : refuse(`${name} must be an ETag exactly as the server sent it, including quotes and W/`)

const idempotencyKey = (given: unknown): string => {
  if (given === undefined) return crypto.randomUUID()
  if (typeof given !== "string" || given.length < 1 || given.length > 255 || !keyText.test(given)) {
    return refuse("option idempotencyKey must be 1 to 255 characters of printable ASCII")
  }
  return given.trim() === given ? given : refuse("option idempotencyKey must not begin or end with a space")
}

const isOffset = (u: unknown): u is number => typeof u === "number" && Number.isSafeInteger(u) && u >= 0

const rangeHeader = (range: unknown): string => {
  if (isRecord(range)) {
    const { start, end } = range
    if (isOffset(start) && (end === undefined || (isOffset(end) && end >= start))) {
      return `bytes=${start}-${end ?? ""}`
    }
  }
  return refuse("option range must be { start, end? } in bytes from 0, with the end included")
}

/** The value of a header that an input key is sent as. */
export const inputHeader = (key: string, value: unknown): string => {
  const text = String(value)
  return visibleText.test(text) ? text : refuse(`${key} must be visible ASCII characters without spaces`)
}

/** The media type of an upload. */
export const mediaType = (given: unknown): string => {
  if (typeof given !== "string" || given === "") return "application/octet-stream"
  return headerValue.test(given) ? given : refuse("content_type must be a media type without line breaks")
}
