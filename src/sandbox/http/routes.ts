/**
 * Routes. A route pairs an operation of the SDK with the code that handles it.
 */
import {
  type Codec,
  type Coded,
  type Issue,
  queryKinds,
  requestDecoder
} from "../../internal/dialect/schema.js"
import type { LocalRequest } from "../../internal/dialect/shared/localClient.js"
import { type Operation, type OperationFacts, placeOf } from "../../internal/operation/operation.js"
import { memoizedFor } from "../../internal/values/memo.js"
import { type FieldError, fail, type Handled } from "../exchange.js"
import { entityTagOf } from "../state/ids.js"
import type { Actor, World } from "../state/world.js"

/** A call as its handler receives it: authenticated, counted, and with a decoded input. */
export interface SandboxCall<out Ids extends ReadonlyArray<string>, out Input> {
  readonly world: World
  readonly ids: Ids
  readonly input: Input
  readonly actor: Actor
  /** The query parameter `mailbox_id` of the mailbox surface. */
  readonly mailboxId: string | undefined
  readonly request: LocalRequest
  readonly requestId: string
  /** The base URL of the operation's surface. */
  readonly base: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** A call whose input is not decoded yet. */
export type RawCall = Omit<SandboxCall<ReadonlyArray<string>, unknown>, "input">

export interface Route {
  readonly operation: OperationFacts
  readonly run: (call: RawCall) => Handled<unknown>
}

/** Makes a route. The input and the reply have the types of the operation. */
export const route = <Ids extends ReadonlyArray<string>, Input, Wire>(
  operation: Operation<Ids, Input, unknown, never, Wire> & OperationFacts,
  handle: (call: SandboxCall<Ids, Input>) => Handled<NoInfer<Wire>>
): Route => {
  // The schema of the operation decodes the input, and its path has as many parameters as there are ids.
  const typed = handle as (call: SandboxCall<ReadonlyArray<string>, unknown>) => Handled<unknown>
  return { operation, run: (call) => typed({ ...call, input: readInput(operation, call) }) }
}

/** Makes a route that decodes the input with another schema than that of the operation. */
export const routeWithInput = <Input, InputWire, Wire>(
  operation: Operation<ReadonlyArray<string>, never, unknown, never, Wire> & OperationFacts,
  schema: Codec<Input, InputWire>,
  handle: (call: SandboxCall<ReadonlyArray<string>, Input>) => Handled<NoInfer<Wire>>
): Route => {
  const decode = requestDecoder(schema)
  return {
    operation,
    run: (call) => handle({ ...call, input: decodedOrFail(operation, decode(wireInput(operation, call))) })
  }
}

const decoderOf = memoizedFor(requestDecoder)

/** Decodes the input of a request with the schema of its operation. Throws an `ApiFailure` if it does not fit. */
export const readInput = (operation: OperationFacts, call: Pick<RawCall, "request">): unknown => {
  if (operation.input === undefined) return undefined
  return decodedOrFail(operation, decoderOf(operation.input)(wireInput(operation, call)))
}

const decodedOrFail = <A>(operation: OperationFacts, coded: Coded<A>): A => {
  if (coded.ok) return coded.value
  const errors = coded.issues.map(fieldError)
  const parameter = coded.issues.find(({ path }) => ["query", "header"].includes(placeOf(operation, path)))
  if (parameter !== undefined) {
    const { message, path } = parameter
    const param = placeOf(operation, path) === "header" ? (operation.headers[path] ?? path) : path
    return message === "is missing"
      ? fail("missing_parameter", `The parameter ${param} is missing`, { param, errors })
      : fail("invalid_parameter", `The parameter ${param} ${message}`, { param, errors })
  }
  return fail("validation_error", "The request has invalid fields", {
    param: errors[0]?.field,
    errors
  })
}

/** A decoding issue as the API reports it. */
export const fieldError = ({ path, message }: Issue): FieldError => ({
  field: path,
  code: message === "is missing" ? "required" : "invalid",
  message
})

const wireInput = (operation: OperationFacts, call: Pick<RawCall, "request">): unknown => {
  const { body, headers, url } = call.request
  const content: Record<string, unknown> =
    operation.body === "json" ? readJson(call.request) : operation.body === "bytes" ? { content: body } : {}
  const headerInput = Object.entries(operation.headers).flatMap(([key, name]) => {
    const value = headers[name]
    return value === undefined ? [] : [[key, value] as const]
  })
  // Unlike an assignment, fromEntries also makes `__proto__` a field, which is then reported as unknown.
  return Object.fromEntries([
    ...Object.entries(content),
    ...readQuery(operation, url.searchParams),
    ...headerInput
  ])
}

const jsonType = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i

const readJson = ({ body, headers }: LocalRequest): Record<string, unknown> => {
  if (body.byteLength === 0) return {}
  if (!jsonType.test(headers["content-type"] ?? "")) {
    return fail("invalid_parameter", "The Content-Type of the body must be application/json", {
      param: "Content-Type"
    })
  }
  try {
    const read: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body))
    if (typeof read === "object" && read !== null && !Array.isArray(read)) return { ...read }
  } catch {
    return fail("invalid_parameter", "The body is not valid JSON")
  }
  return fail("validation_error", "The body must be a JSON object")
}

type Entry = readonly [key: string, value: unknown]

const kindsOf = memoizedFor(queryKinds)

const readQuery = (operation: OperationFacts, query: URLSearchParams): ReadonlyArray<Entry> => {
  if (operation.input === undefined || query.size === 0) return []
  const kinds = kindsOf(operation.input)
  return [...new Set(query.keys())].flatMap((key): ReadonlyArray<Entry> => {
    const [text = "", ...others] = query.getAll(key)
    if (key === "mailbox_id" && operation.flags.mailboxId === true) return []
    const kind = kinds.get(key)
    if (kind !== "list" && others.length > 0) failRepeated(key)
    switch (kind) {
      case "number":
        return [[key, text.trim() === "" ? text : Number(text)]]
      case "boolean":
        return [[key, text === "true" ? true : text === "false" ? false : text]]
      case "list":
        return [[key, [text, ...others]]]
      default:
        return [[key, text]]
    }
  })
}

/** Fails because a query parameter with one value has several. */
export const failRepeated = (param: string): never =>
  fail("invalid_parameter", `The parameter ${param} can have one value only`, { param })

/** Fails with `missing_parameter` unless a request has the header `Content-Length`. */
export const checkContentLength = ({ request }: RawCall): void => {
  if (request.headers["content-length"] === undefined) {
    fail("missing_parameter", "The header Content-Length is missing", { param: "Content-Length" })
  }
}

// -----------------------------------------------------------------------------
// matching
// -----------------------------------------------------------------------------

/** The hosts of the API: one for Sending, and one for the other surfaces. */
export type Host = "sending" | "app"

interface Compiled<out R> {
  readonly route: R
  readonly host: Host
  readonly pattern: RegExp
  readonly parameters: number
}

export type Matcher<out R> = (
  host: Host,
  method: string,
  path: string
) => { readonly route: R; readonly ids: ReadonlyArray<string> } | undefined

/** Returns a function that finds the route of a request. A literal path takes precedence over one with parameters. */
export const matcher = <R extends Pick<Route, "operation">>(routes: ReadonlyArray<R>): Matcher<R> => {
  const compiled = routes
    .map((route): Compiled<R> => {
      const source = route.operation.path
        .split(/(\{\w+\})/)
        .map((part) => (part.startsWith("{") ? "([^/]+)" : part.replace(/[.*+?^$()|[\]\\]/g, "\\$&")))
        .join("")
      return {
        route,
        host: route.operation.surface === "sending" ? "sending" : "app",
        pattern: new RegExp(`^${source}$`),
        parameters: route.operation.path.split("{").length - 1
      }
    })
    .sort((a, b) => a.parameters - b.parameters)
  return (host, method, sentPath) => {
    const path = normalized(sentPath)
    for (const { route, host: where, pattern } of compiled) {
      if (where !== host || route.operation.http !== method) continue
      const match = pattern.exec(path)
      const ids = match === null ? undefined : match.slice(1).map(decodeId)
      if (ids?.every((id) => id !== undefined)) return { route, ids }
    }
    return undefined
  }
}

/**
 * Decodes the characters of a path that mean the same when they are percent-encoded: unreserved ones, and the colon of
 * paths such as `/mailbox/messages:batch-get`.
 */
const normalized = (path: string): string =>
  path.replace(/%([0-9a-f]{2})/gi, (encoded, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16))
    return /[\w.~:-]/.test(character) ? character : encoded
  })

const decodeId = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Fails with `conflict` unless `If-Match` is absent or names the current version of the resource. */
export const checkIfMatch = (call: RawCall, current: unknown): void => {
  const given = call.request.headers["if-match"]
  if (given !== undefined && given !== "*" && given !== entityTagOf(current)) {
    fail("conflict", "If-Match does not match the current version of the resource")
  }
}
