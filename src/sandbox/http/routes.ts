/**
 * Which room answers which request. A route is an operation of the SDK with what the sandbox does for it.
 */
import {
  type Codec,
  type Coded,
  type Issue,
  queryKinds,
  requestDecoder
} from "../../internal/dialect/schema.js"
import { type Operation, type OperationFacts, placeOf } from "../../internal/operation/operation.js"
import { type FieldFault, type Handled, refuse, type SandboxRequest } from "../exchange.js"
import { entityTagOf } from "../state/ids.js"
import type { Actor, World } from "../state/world.js"

/** A call as a room sees it: authorised, counted, its input read and checked. */
export interface Call<out Ids extends ReadonlyArray<string>, out Input> {
  readonly world: World
  readonly ids: Ids
  readonly input: Input
  readonly actor: Actor
  /** The query `mailbox_id` of the mailbox surface. */
  readonly mailboxId: string | undefined
  readonly request: SandboxRequest
  readonly requestId: string
  /** The URL below which the operation's surface lies. */
  readonly base: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** A call whose input is not read yet. */
export type RawCall = Omit<Call<ReadonlyArray<string>, unknown>, "input">

export interface Route {
  readonly operation: OperationFacts
  readonly run: (call: RawCall) => Handled<unknown>
}

/** What the sandbox does for an operation. */
export const route = <Ids extends ReadonlyArray<string>, Input, Wire>(
  operation: Operation<Ids, Input, unknown, never, Wire> & OperationFacts,
  handle: (call: Call<Ids, Input>) => Handled<NoInfer<Wire>>
): Route => {
  // The operation's own schema read the input, and the path gave as many ids as it has places.
  const typed = handle as (call: Call<ReadonlyArray<string>, unknown>) => Handled<unknown>
  return { operation, run: (call) => typed({ ...call, input: readInput(operation, call) }) }
}

/** What the sandbox does for an operation whose input it reads by a schema of its own. */
export const routeReading = <Input, InputWire, Wire>(
  operation: Operation<ReadonlyArray<string>, never, unknown, never, Wire> & OperationFacts,
  schema: Codec<Input, InputWire>,
  handle: (call: Call<ReadonlyArray<string>, Input>) => Handled<NoInfer<Wire>>
): Route => {
  const decode = requestDecoder(schema)
  return {
    operation,
    run: (call) => handle({ ...call, input: accept(operation, decode(wireInput(operation, call))) })
  }
}

const decoders = new WeakMap<OperationFacts, (wire: unknown) => Coded<unknown>>()

const readInput = (operation: OperationFacts, call: RawCall): unknown => {
  if (operation.input === undefined) return undefined
  let decode = decoders.get(operation)
  if (decode === undefined) {
    decode = requestDecoder(operation.input)
    decoders.set(operation, decode)
  }
  return accept(operation, decode(wireInput(operation, call)))
}

const accept = <A>(operation: OperationFacts, coded: Coded<A>): A => {
  if (coded.ok) return coded.value
  const errors = coded.issues.map(fieldFault)
  const parameter = coded.issues.find(({ path }) => ["query", "header"].includes(placeOf(operation, path)))
  if (parameter !== undefined) {
    const { message, path } = parameter
    const param = operation.headers[path] ?? path
    return message === "is missing"
      ? refuse("missing_parameter", `The parameter ${param} is missing`, { param, errors })
      : refuse("invalid_parameter", `The parameter ${param} ${message}`, { param, errors })
  }
  return refuse("validation_error", "The request has fields that are not valid", {
    param: errors[0]?.field,
    errors
  })
}

/** An issue as the API words it. */
export const fieldFault = ({ path, message }: Issue): FieldFault => ({
  field: path,
  code: message === "is missing" ? "required" : "invalid",
  message
})

const wireInput = (operation: OperationFacts, call: RawCall): unknown => {
  const wire: Record<string, unknown> =
    operation.body === "json"
      ? readJson(call.request.body)
      : operation.body === "bytes"
        ? { content: call.request.body }
        : {}
  readQuery(operation, call.request.url.searchParams, wire)
  for (const [key, name] of Object.entries(operation.headers)) {
    const value = call.request.headers[name]
    if (value !== undefined) wire[key] = value
  }
  return wire
}

const readJson = (body: Uint8Array): Record<string, unknown> => {
  if (body.byteLength === 0) return {}
  try {
    const read: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body))
    if (typeof read === "object" && read !== null && !Array.isArray(read)) return { ...read }
  } catch {
    return refuse("invalid_parameter", "The body is not JSON")
  }
  return refuse("validation_error", "The body must be a JSON object")
}

const readQuery = (
  operation: OperationFacts,
  query: URLSearchParams,
  wire: Record<string, unknown>
): void => {
  if (operation.input === undefined) return
  const kinds = queryKinds(operation.input)
  for (const key of new Set(query.keys())) {
    if (key === "mailbox_id" && operation.flags.mailboxId === true) continue
    const text = query.get(key) ?? ""
    switch (kinds.get(key)) {
      case "number":
        wire[key] = text.trim() === "" ? text : Number(text)
        break
      case "boolean":
        wire[key] = text === "true" ? true : text === "false" ? false : text
        break
      case "list":
        wire[key] = query.getAll(key)
        break
      default:
        wire[key] = text
    }
  }
}

// -----------------------------------------------------------------------------
// matching
// -----------------------------------------------------------------------------

/** The hosts of the API: one for Sending, one for the rest. */
export type Host = "sending" | "app"

interface Compiled {
  readonly route: Route
  readonly host: Host
  readonly pattern: RegExp
  readonly places: number
}

export type Matcher = (
  host: Host,
  method: string,
  path: string
) => { readonly route: Route; readonly ids: ReadonlyArray<string> } | undefined

/** Finds the route of a request; a path written out wins over one with places. */
export const matcher = (routes: ReadonlyArray<Route>): Matcher => {
  const compiled = routes
    .map((route): Compiled => {
      const source = route.operation.path
        .split(/(\{\w+\})/)
        .map((part) => (part.startsWith("{") ? "([^/]+)" : part.replace(/[.*+?^$()|[\]\\]/g, "\\$&")))
        .join("")
      return {
        route,
        host: route.operation.surface === "sending" ? "sending" : "app",
        pattern: new RegExp(`^${source}$`),
        places: route.operation.path.split("{").length - 1
      }
    })
    .sort((a, b) => a.places - b.places)
  return (host, method, path) => {
    for (const { route, host: where, pattern } of compiled) {
      if (where !== host || route.operation.http !== method) continue
      const match = pattern.exec(path)
      const ids = match === null ? undefined : match.slice(1).map(decodeId)
      if (ids?.every((id) => id !== undefined)) return { route, ids }
    }
    return undefined
  }
}

const decodeId = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Refuses a write that builds on another version than `shown`, the resource as a GET would show it now. */
export const checkIfMatch = (call: RawCall, shown: unknown): void => {
  const given = call.request.headers["if-match"]
  if (given !== undefined && given !== "*" && given !== entityTagOf(shown)) {
    refuse("conflict", "The resource is no longer what If-Match stands for")
  }
}
