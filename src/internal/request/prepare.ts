/**
 * From an operation and a caller's arguments to a request whose bytes, key and headers are fixed before the first
 * attempt, so that every attempt sends the same.
 */
import type * as Effect from "effect/Effect"
import { toMillis } from "../dialect/core.js"
import type { RequestBody } from "../dialect/http.js"
import { bytesBody, jsonBody } from "../dialect/shared/requestBody.js"
import type { InvalidRequestError, RequestIssue } from "../model/errors.js"
import type { CallSite } from "../operation/callSite.js"
import { type AnyOperation, type OperationFacts, operationName, placeOf } from "../operation/operation.js"
import { isRecord } from "../values/json.js"
import { headerInsteadOfId, isMessageIdHeader } from "../values/messageIds.js"
import { type Arguments, checkOptions, refuse, refusing } from "./arguments.js"
import { gatherContent } from "./content.js"
import { EncodedBody } from "./encodedBody.js"
import { accepts, addHeaders, inputHeader, mediaType } from "./headers.js"

/** What a request needs from its surface. */
export interface RequestSettings {
  readonly baseUrl: string
  readonly timeout: number
  readonly maxResponseBytes: number
  /** Whether requests may be sent to an `http` URL on another host. */
  readonly allowInsecure: boolean
  readonly mailboxId: string | undefined
  /** Whether a call has to select a mailbox. */
  readonly requiresMailbox?: boolean | undefined
}

export interface PreparedRequest {
  /** The line from which the method was called, if a tracer can show it. */
  readonly callSite?: CallSite | undefined
  readonly operation: OperationFacts
  readonly url: string
  /** Every header but `authorization`. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: RequestBody | undefined
  /** Collects the body of an upload, which takes time; `body` is undefined until then. */
  readonly gather?: Effect.Effect<RequestBody, InvalidRequestError>
  /** Whether it may be sent again when it is unknown whether the server ran it. */
  readonly replayable: boolean
  /** Whether its body can be sent only once, so that no failure allows another attempt. */
  readonly sentOnce?: boolean
  readonly hasKey: boolean
  /** Whether to wait for a request with the same key that another process may have sent. */
  readonly waitsForKey: boolean
  readonly timeout: number
  /** How long a stream of bytes may pause, in milliseconds. */
  readonly idleTimeout: number
  /** The largest response body in bytes. */
  readonly maxResponseBytes: number
  /** What must never be quoted, in case a server echoes it. */
  readonly secrets: ReadonlyArray<string>
}

const noSecrets: ReadonlyArray<string> = []

/** Prepares the request of a call, or reports why it cannot be sent. */
export const prepare = (
  operation: AnyOperation,
  settings: RequestSettings,
  mailboxId: string | undefined,
  args: Arguments,
  ifNoneMatch?: string
): PreparedRequest | InvalidRequestError =>
  refusing(operation, () => {
    const options = checkOptions(operation, args.options)
    const encoded = args.input instanceof EncodedBody ? args.input.json : undefined
    const wire: Readonly<Record<string, unknown>> =
      encoded === undefined ? encodeInput(operation, args.input) : {}
    const path = fillPath(operation, args.ids)
    const headers: Record<string, string> = { accept: accepts[operation.response] }
    addHeaders(headers, operation, options, ifNoneMatch)
    let query = ""
    let body: Record<string, unknown> | undefined
    for (const key in wire) {
      const value = wire[key]
      if (value === undefined) continue
      switch (placeOf(operation, key)) {
        case "query":
          query += queryPart(key, value)
          break
        case "body":
          body ??= {}
          body[key] = value
          break
        case "header":
          headers[operation.headers[key] ?? key] = inputHeader(key, value)
          break
        case "content":
          break
      }
    }
    if (operation.flags.mailboxId === true) {
      query += mailboxPart(
        options.mailbox_id ?? mailboxId ?? settings.mailboxId,
        settings.requiresMailbox === true
      )
    }
    const request: PreparedRequest = {
      operation,
      url: `${settings.baseUrl}${path}${query === "" ? "" : `?${query.slice(1)}`}`,
      headers,
      body: operation.body === "json" ? jsonBody(encoded ?? JSON.stringify(body ?? {})) : undefined,
      replayable: operation.replayable || operation.flags.idempotencyKey === true,
      hasKey: operation.flags.idempotencyKey === true,
      waitsForKey: waitsForKeyOf(options.onConflict),
      timeout: timeoutOf("timeout", options.timeout, settings.timeout),
      idleTimeout: timeoutOf("idleTimeout", options.idleTimeout, defaultIdleTimeout),
      maxResponseBytes: maxResponseBytesOf(options.maxResponseBytes, settings.maxResponseBytes),
      secrets: secretsIn(operation, wire)
    }
    if (operation.body !== "bytes") return request
    const type = mediaType(wire["content_type"])
    const name = operationName(operation)
    return {
      ...request,
      gather: bytesBody(gatherContent(name, wire["content"], wire["size"], operation.maxBytes), type)
    }
  })

/** Checks the input and the options of a call without preparing its request. */
export const checkCall = (
  operation: AnyOperation,
  input: unknown,
  options: unknown
): InvalidRequestError | undefined =>
  refusing(operation, () => {
    const checked = checkOptions(operation, options)
    encodeInput(operation, input)
    addHeaders({}, operation, checked, undefined)
    timeoutOf("timeout", checked.timeout, Number.POSITIVE_INFINITY)
    waitsForKeyOf(checked.onConflict)
    maxResponseBytesOf(checked.maxResponseBytes, Number.POSITIVE_INFINITY)
    return undefined
  })

const secretsIn = (
  operation: AnyOperation,
  wire: Readonly<Record<string, unknown>>
): ReadonlyArray<string> => {
  const keys = operation.secretKeys()
  return keys.length === 0
    ? noSecrets
    : keys.map((key) => wire[key]).filter((value) => typeof value === "string")
}

const encodeInput = (operation: AnyOperation, input: unknown): Readonly<Record<string, unknown>> => {
  const coded = operation.encode(input === undefined ? {} : input)
  if (!coded.ok) return refuse(coded.issues.map(namingInput))
  return isRecord(coded.value) ? coded.value : refuse("the input must be an object")
}

/** A problem of the input as a whole has no path, so its message has to name the input. Some name its fields. */
const namingInput = (issue: RequestIssue): RequestIssue =>
  issue.path === "" && issue.message.startsWith("must ")
    ? { path: "", message: `the input ${issue.message}` }
    : issue

const fillPath = ({ path }: OperationFacts, ids: ReadonlyArray<unknown>): string => {
  if (ids.length === 0 && !path.includes("{")) return path
  let index = 0
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeId(name, ids[index++]))
}

const encodeId = (name: string, id: unknown): string => {
  if (typeof id !== "string") return refuse(`${name} must be a string`)
  if (id === "" || id === "." || id === "..") {
    return refuse(`${name} must be an id; "${id}" would address another path`)
  }
  if (isMessageIdHeader(id)) return refuse(`${name} ${headerInsteadOfId}`)
  return encodePart(name, id)
}

const queryPart = (key: string, value: unknown): string =>
  Array.isArray(value)
    ? value.map((item) => queryPart(key, item)).join("")
    : `&${encodeURIComponent(key)}=${encodePart(key, String(value))}`

/** Percent-encodes a part of a URL. Text with half of a surrogate pair has no encoding. */
const encodePart = (name: string, value: string): string => {
  try {
    return encodeURIComponent(value)
  } catch {
    return refuse(`${name} contains half of a surrogate pair`)
  }
}

const mailboxPart = (mailboxId: unknown, isRequired: boolean): string => {
  if (mailboxId === undefined) {
    return isRequired
      ? refuse(
          "mailbox_id is required, because the credential can access several mailboxes: set it as an option of the call or of the layer, or use Mailbox.withMailbox"
        )
      : ""
  }
  return typeof mailboxId === "string" && mailboxId !== ""
    ? queryPart("mailbox_id", mailboxId)
    : refuse("mailbox_id must be the id of a mailbox")
}

const waitsForKeyOf = (given: unknown): boolean => {
  if (given === undefined || given === "fail") return false
  return given === "wait" ? true : refuse('option onConflict must be "wait" or "fail"')
}

export const defaultIdleTimeout = 60_000

/** The milliseconds of an option that is a timeout. */
export const timeoutOf = (option: string, given: unknown, otherwise: number): number => {
  if (given === undefined) return otherwise
  const millis = toMillis(given)
  return millis !== undefined && millis > 0
    ? millis
    : refuse(`option ${option} must be a duration greater than zero`)
}

/** The limit of a call's response body in bytes. */
export const maxResponseBytesOf = (given: unknown, layer: number): number => {
  if (given === undefined) return layer
  return typeof given === "number" && given > 0
    ? given
    : refuse("option maxResponseBytes must be a number of bytes greater than zero")
}
