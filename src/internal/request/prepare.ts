/**
 * From an operation and a caller's arguments to a request whose bytes, key and headers are fixed before the first
 * attempt, so that every attempt sends the same.
 */

import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { toMillis } from "../dialect/core.js"
import { HttpBody } from "../dialect/http.js"
import type { Issue } from "../dialect/schema.js"
import { InvalidRequestError } from "../model/errors.js"
import {
  type AnyOperation,
  idCount,
  type OperationFacts,
  operationName,
  placeOf
} from "../operation/operation.js"
import { isRecord } from "../values/json.js"
import { gatherContent } from "./content.js"
import { CurrentMailbox } from "./currentMailbox.js"

/** Every option a call may have; a method's own type offers the ones its operation takes. */
export interface AllOptions {
  readonly timeout?: unknown
  readonly headers?: unknown
  readonly idempotencyKey?: unknown
  readonly ifMatch?: unknown
  readonly mailbox_id?: unknown
  readonly range?: unknown
}

/** What a request needs of its surface. */
export interface RequestSettings {
  readonly baseUrl: string
  readonly timeout: number
  readonly mailboxId: string | undefined
}

export interface PreparedRequest {
  readonly operation: OperationFacts
  readonly url: string
  /** Everything but `authorization`. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: HttpBody.HttpBody | undefined
  /** Whether it may be sent again when nobody knows if it was run. */
  readonly replayable: boolean
  readonly hasKey: boolean
  readonly timeout: number
  /** What must never be quoted, should a server echo it. */
  readonly secrets: ReadonlyArray<string>
}

/** A caller's arguments, told apart. */
export interface Arguments {
  readonly ids: ReadonlyArray<unknown>
  readonly input: unknown
  readonly options: unknown
}

export const splitArguments = (operation: OperationFacts, args: ReadonlyArray<unknown>): Arguments => {
  const ids = idCount(operation)
  return operation.input === undefined
    ? { ids: args.slice(0, ids), input: undefined, options: args[ids] }
    : { ids: args.slice(0, ids), input: args[ids], options: args[ids + 1] }
}

const accepts: Record<OperationFacts["response"], string> = {
  envelope: "application/json",
  document: "application/json",
  text: "text/plain, application/json",
  bytes: "*/*",
  events: "text/event-stream, application/json"
}

/** Header names that are the SDK's to set, and the option that sets them. */
const ownHeaders: ReadonlyMap<string, string> = new Map([
  ["authorization", "it is set from the layer's credential"],
  ["host", "it is set from the layer's baseUrl"],
  ["content-type", "it is set from the input"],
  ["content-length", "it is set from the input"],
  ["transfer-encoding", "it is set from the input"],
  ["connection", "it is the client's"],
  ["idempotency-key", "use the option idempotencyKey"],
  ["if-match", "use the option ifMatch"],
  ["if-none-match", "use the method's ifNoneMatch"],
  ["range", "use the option range"],
  ["last-event-id", "use the input last_event_id"],
  ["x-sendmux-upload-token", "use the input upload_token"]
])

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/
const visible = /^[\x21-\x7e]+$/
const keyCharacters = /^[\x20-\x7e]+$/

class Refusal {
  constructor(readonly issue: string) {}
}

const refuse = (issue: string): never => {
  throw new Refusal(issue)
}

/** Fixes the request of a call, or says why it cannot be sent. */
export const prepare = (
  operation: AnyOperation,
  settings: RequestSettings,
  args: Arguments,
  ifNoneMatch?: string
): Effect.Effect<PreparedRequest, InvalidRequestError> =>
  operation.flags.mailboxId === true
    ? Effect.flatMap(CurrentMailbox, (current) =>
        prepareFor(operation, settings, current ?? settings.mailboxId, args, ifNoneMatch)
      )
    : prepareFor(operation, settings, undefined, args, ifNoneMatch)

const prepareFor = (
  operation: AnyOperation,
  settings: RequestSettings,
  mailboxId: string | undefined,
  args: Arguments,
  ifNoneMatch: string | undefined
): Effect.Effect<PreparedRequest, InvalidRequestError> =>
  refusing(operation, () => {
    const options = checkOptions(operation, args.options)
    const wire = encodeInput(operation, args.input)
    const path = fillPath(operation, args.ids)
    const secrets = operation
      .secretKeys()
      .map((key) => wire[key])
      .filter((value) => typeof value === "string")
    const headers: Record<string, string> = { accept: accepts[operation.response] }
    addHeaders(headers, operation, options, ifNoneMatch)
    let query = ""
    const body: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(wire)) {
      const place = placeOf(operation, key)
      if (value === undefined || place === "content") continue
      if (place === "query") query += queryPart(key, value)
      else if (place === "body") body[key] = value
      else {
        const text = String(value)
        if (!visible.test(text)) refuse(`${key} must be visible ASCII characters without spaces`)
        headers[operation.headers[key] ?? key] = text
      }
    }
    if (operation.flags.mailboxId === true) query += mailboxPart(options.mailbox_id ?? mailboxId)
    const timeout = timeoutOf(options.timeout, settings.timeout)
    const request = (content: HttpBody.HttpBody | undefined): PreparedRequest => ({
      operation,
      url: `${settings.baseUrl}${path}${query === "" ? "" : `?${query.slice(1)}`}`,
      headers,
      body: content,
      replayable: operation.replayable || operation.flags.idempotencyKey === true,
      hasKey: operation.flags.idempotencyKey === true,
      timeout,
      secrets
    })
    if (operation.body === "none") return Effect.succeed(request(undefined))
    if (operation.body === "json") {
      return Effect.succeed(request(HttpBody.text(JSON.stringify(body), "application/json")))
    }
    const type = mediaType(wire["content_type"])
    return Effect.map(
      gatherContent(operationName(operation), wire["content"], wire["size"], operation.maxBytes),
      (bytes) => request(HttpBody.uint8Array(bytes, type))
    )
  })

/** Turns a refusal on the way into the typed error. */
const refusing = (
  operation: AnyOperation,
  make: () => Effect.Effect<PreparedRequest, InvalidRequestError>
): Effect.Effect<PreparedRequest, InvalidRequestError> =>
  Effect.suspend(() => {
    try {
      return make()
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal
      return Effect.fail(
        new InvalidRequestError({ operation: operationName(operation), issue: refusal.issue })
      )
    }
  })

const mailboxPart = (mailboxId: unknown): string => {
  if (mailboxId === undefined) return ""
  return typeof mailboxId === "string" && mailboxId !== ""
    ? queryPart("mailbox_id", mailboxId)
    : refuse("mailbox_id must be the id of a mailbox")
}

/**
 * Fixes a request to an address that the API handed out, with exactly the headers that came with it. The address is
 * a secret, and so are the headers; the credential does not travel.
 */
export const preparePresigned = (
  operation: AnyOperation,
  settings: RequestSettings,
  address: Redacted.Redacted,
  handedHeaders: Readonly<Record<string, Redacted.Redacted>>,
  bytes: Uint8Array,
  options: unknown
): Effect.Effect<PreparedRequest, InvalidRequestError> =>
  refusing(operation, () => {
    const { timeout } = checkOptions(operation, options)
    const url = Redacted.value(address)
    const parsed = handedAddress(url, settings.baseUrl)
    if (parsed === undefined) return refuse("the API handed out an upload URL that is none")
    const headers: Record<string, string> = {}
    let type = "application/octet-stream"
    for (const [given, redacted] of Object.entries(handedHeaders)) {
      const name = given.toLowerCase()
      const value = Redacted.value(redacted)
      if (name === "authorization") continue
      if (!headerName.test(given) || !headerValue.test(value)) {
        refuse("the API handed out an upload header that cannot be sent")
      }
      if (name === "content-type") type = value
      else if (name !== "content-length") headers[name] = value
      else if (value !== String(bytes.byteLength)) {
        refuse(`the upload was created for ${value} bytes, and content has ${bytes.byteLength}`)
      }
    }
    return Effect.succeed({
      operation,
      url: parsed.href,
      headers,
      body: HttpBody.uint8Array(bytes, type),
      replayable: operation.replayable,
      hasKey: false,
      timeout: timeoutOf(timeout, settings.timeout),
      secrets: [...addressSecrets(url, parsed), ...Object.values(headers)]
    })
  })

/** An address that the API handed out, absolute or on the API's own host; `undefined` for one that is not of the web. */
export const handedAddress = (given: string, baseUrl: string): URL | undefined => {
  const { origin } = new URL(baseUrl)
  const url = URL.canParse(given, origin) ? new URL(given, origin) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) ? url : undefined
}

/** What a server may quote of a secret address: all of it, its path, and the parts that may be a token. */
export const addressSecrets = (given: string, parsed: URL): ReadonlyArray<string> => [
  given,
  parsed.href,
  ...(parsed.pathname.length > 1 ? [parsed.pathname] : []),
  ...parsed.pathname.split("/").filter((segment) => segment.length >= 16),
  ...parsed.searchParams.values()
]

/** One line for each issue. */
export const formatIssues = (issues: ReadonlyArray<Issue>): string =>
  issues.map(({ path, message }) => (path === "" ? message : `${path} ${message}`)).join("\n")

const encodeInput = (operation: AnyOperation, input: unknown): Readonly<Record<string, unknown>> => {
  const coded = operation.encode(input === undefined ? {} : input)
  if (!coded.ok) return refuse(formatIssues(coded.issues))
  return isRecord(coded.value) ? coded.value : refuse("the input must be an object")
}

const fillPath = (operation: OperationFacts, ids: ReadonlyArray<unknown>): string => {
  let index = 0
  return operation.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeId(name, ids[index++]))
}

const encodeId = (name: string, id: unknown): string => {
  if (typeof id !== "string") return refuse(`${name} must be a string`)
  if (id === "" || id === "." || id === "..")
    return refuse(`${name} must be an id, and "${id}" names another path`)
  try {
    return encodeURIComponent(id)
  } catch {
    return refuse(`${name} holds half of a surrogate pair`)
  }
}

const queryPart = (key: string, value: unknown): string =>
  Array.isArray(value)
    ? value.map((item) => queryPart(key, item)).join("")
    : `&${encodeURIComponent(key)}=${encodeQueryValue(key, String(value))}`

const encodeQueryValue = (key: string, value: string): string => {
  try {
    return encodeURIComponent(value)
  } catch {
    return refuse(`${key} holds half of a surrogate pair`)
  }
}

const optionNames = (operation: OperationFacts): ReadonlyArray<string> => [
  "timeout",
  "headers",
  ...(operation.flags.idempotencyKey === true ? ["idempotencyKey"] : []),
  ...(operation.flags.ifMatch === true ? ["ifMatch"] : []),
  ...(operation.flags.mailboxId === true ? ["mailbox_id"] : []),
  ...(operation.flags.range === true ? ["range"] : [])
]

const checkOptions = (operation: OperationFacts, options: unknown): AllOptions => {
  if (options === undefined) return {}
  if (!isRecord(options)) return refuse("the options must be an object")
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !optionNames(operation).includes(name)) {
      refuse(`option ${name} is not one of this call: it takes ${optionNames(operation).join(", ")}`)
    }
  }
  return options
}

const addHeaders = (
  headers: Record<string, string>,
  operation: OperationFacts,
  options: AllOptions,
  ifNoneMatch: string | undefined
): void => {
  if (options.headers !== undefined) {
    if (!isRecord(options.headers)) refuse("option headers must be an object of strings")
    else for (const [name, value] of Object.entries(options.headers)) addHeader(headers, name, value)
  }
  if (operation.flags.idempotencyKey === true)
    headers["idempotency-key"] = idempotencyKey(options.idempotencyKey)
  if (options.ifMatch !== undefined) headers["if-match"] = entityTag("option ifMatch", options.ifMatch)
  if (ifNoneMatch !== undefined) headers["if-none-match"] = entityTag("the ETag", ifNoneMatch)
  if (options.range !== undefined) headers["range"] = rangeHeader(options.range)
}

const addHeader = (headers: Record<string, string>, given: string, value: unknown): void => {
  if (value === undefined) return
  const name = given.toLowerCase()
  if (!headerName.test(given)) refuse(`option headers: ${JSON.stringify(given)} is not a header name`)
  const own = ownHeaders.get(name)
  if (own !== undefined) refuse(`option headers: ${name} cannot be given, ${own}`)
  if (typeof value !== "string" || !headerValue.test(value)) {
    refuse(`option headers: the value of ${name} must be a string without line breaks`)
  } else headers[name] = value
}

const entityTag = (what: string, value: unknown): string =>
  typeof value === "string" && value !== "" && visible.test(value)
    ? value
    : refuse(`${what} must be an ETag exactly as the server gave it, quotes and W/ included`)

const idempotencyKey = (given: unknown): string => {
  if (given === undefined) return crypto.randomUUID()
  if (typeof given !== "string" || given.length < 1 || given.length > 255 || !keyCharacters.test(given)) {
    return refuse("option idempotencyKey must be 1 to 255 characters of printable ASCII")
  }
  return given.trim() === given ? given : refuse("option idempotencyKey must not begin or end with a space")
}

const rangeHeader = (range: unknown): string => {
  if (isRecord(range)) {
    const { start, end } = range
    const isOffset = (u: unknown): u is number => typeof u === "number" && Number.isSafeInteger(u) && u >= 0
    if (isOffset(start) && (end === undefined || (isOffset(end) && end >= start)))
      return `bytes=${start}-${end ?? ""}`
  }
  return refuse("option range must be { start, end? } in bytes from 0, the end included")
}

const timeoutOf = (given: unknown, layer: number): number => {
  if (given === undefined) return layer
  const millis = toMillis(given)
  return millis !== undefined && millis > 0
    ? millis
    : refuse("option timeout must be a duration of more than zero")
}

const mediaType = (given: unknown): string => {
  if (typeof given !== "string" || given === "") return "application/octet-stream"
  return headerValue.test(given) ? given : refuse("content_type must be a media type without line breaks")
}
