/**
 * The routes of the control over HTTP: a table, the search in it, and what its handlers need.
 */
import * as Effect from "effect/Effect"
import type { LocalRequest, LocalResponse } from "../../internal/dialect/shared/localClient.js"
import type { Coded } from "../../internal/dialect/shared/coded.js"
import { parseJson } from "../../internal/values/json.js"
import { ApiFailure, type FailureCode, type FailureDetails, type FieldError } from "../exchange.js"
import { fieldError } from "../http/routes.js"
import type { InstanceRef } from "../instance.js"
import type { SandboxControl } from "./model.js"

/** A request to the control. */
export interface ControlCall {
  readonly sandbox: InstanceRef
  readonly control: SandboxControl
  readonly request: LocalRequest
  /** The values of the parameters of the path, in their order. */
  readonly params: ReadonlyArray<string>
  readonly requestId: string
}

/** A route of the control. */
export interface ControlRoute {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE"
  /** The path below `/__sandbox`, such as `/outbox/{id}`. A parameter is one segment. */
  readonly pattern: string
  /** Handles a request. It may also throw an `ApiFailure`. */
  readonly handle: (call: ControlCall) => Effect.Effect<LocalResponse, ApiFailure>
}

export const controlPrefix = "/__sandbox"

/** Returns whether a URL belongs to the control. */
export const isControl = ({ pathname }: URL): boolean => pathname.startsWith(`${controlPrefix}/`)

interface Match {
  readonly route: ControlRoute
  readonly params: ReadonlyArray<string>
}

/** Returns a function that finds the route of a request. */
export const controlMatcher = (routes: ReadonlyArray<ControlRoute>) => {
  const split = routes.map((route) => ({ route, segments: route.pattern.split("/") }))
  return (method: string, { pathname }: URL): Match | undefined => {
    const given = pathname.slice(controlPrefix.length).split("/")
    for (const { route, segments } of split) {
      if (route.method !== method || segments.length !== given.length) continue
      const params = paramsOf(segments, given)
      if (params !== undefined) return { route, params }
    }
    return undefined
  }
}

/** The values of the parameters, or `undefined` if the path does not match. */
const paramsOf = (
  segments: ReadonlyArray<string>,
  given: ReadonlyArray<string>
): ReadonlyArray<string> | undefined => {
  const params: Array<string> = []
  for (const [index, segment] of segments.entries()) {
    const text = given[index] ?? ""
    if (!segment.startsWith("{")) {
      if (segment !== text) return undefined
      continue
    }
    const decoded = decode(text)
    if (decoded === undefined || decoded === "") return undefined
    params.push(decoded)
  }
  return params
}

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

// -----------------------------------------------------------------------------
// responses and failures
// -----------------------------------------------------------------------------

const jsonType = "application/json; charset=utf-8"

/** A response with `ok: true` and the given fields. */
export const okResponse = (fields: Readonly<Record<string, unknown>> = {}): LocalResponse => ({
  status: 200,
  headers: { "content-type": jsonType, "cache-control": "no-store" },
  body: JSON.stringify({ ok: true, ...fields })
})

export const succeedWith = (fields?: Readonly<Record<string, unknown>>): Effect.Effect<LocalResponse> =>
  Effect.succeed(okResponse(fields))

export const failWith = (code: FailureCode, message: string, details?: FailureDetails) =>
  Effect.fail(new ApiFailure(code, message, details))

export const invalid = (errors: ReadonlyArray<FieldError>) =>
  failWith("validation_error", "The request has invalid fields", { param: errors[0]?.field, errors })

/** Fails because of one field. */
export const wrong = (field: string, message: string) => invalid([{ field, code: "invalid", message }])

// -----------------------------------------------------------------------------
// requests
// -----------------------------------------------------------------------------

/** Reads the JSON body of a request. */
export const readJson = <A>(
  { body }: LocalRequest,
  decodeBody: (input: unknown) => Coded<A>
): Effect.Effect<A, ApiFailure> =>
  Effect.suspend(() => {
    const json = parseJson(new TextDecoder().decode(body))
    if (json === undefined) return failWith("invalid_parameter", "The body is not valid JSON")
    const coded = decodeBody(json)
    return coded.ok ? Effect.succeed(coded.value) : invalid(coded.issues.map(fieldError))
  })

/** The largest number of items of a page. */
const maxPage = 1000

/** Reads a parameter of the query that is an integer. */
export const readInteger = (
  url: URL,
  param: string,
  absent: number,
  least: number,
  most: number
): Effect.Effect<number, ApiFailure> => {
  const text = url.searchParams.get(param)
  const value = text === null ? absent : /^\d+$/.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most
    ? Effect.succeed(value)
    : failWith("invalid_parameter", `The parameter ${param} must be an integer from ${least} to ${most}`, {
        param
      })
}

/** Reads the query of a list. A cursor is the position of the first item. */
export const readPage = (
  url: URL
): Effect.Effect<{ readonly cursor: number; readonly limit: number }, ApiFailure> =>
  Effect.gen(function* () {
    return {
      cursor: yield* readInteger(url, "cursor", 0, 0, Number.MAX_SAFE_INTEGER),
      limit: yield* readInteger(url, "limit", maxPage, 1, maxPage)
    }
  })
