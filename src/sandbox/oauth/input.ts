/**
 * Reads requests to the authorization server.
 */
import { decodeBase64 } from "../../internal/dialect/schema.js"
import type { LocalRequest } from "../../internal/dialect/shared/localClient.js"
import { isRecord, parseJson, stringIn } from "../../internal/values/json.js"
import type { Authority } from "./authority.js"
import { refuse } from "./failure.js"
import type { AppRecord } from "./records.js"

/** A request whose handler knows where the server is. */
export interface AuthorityCall {
  readonly authority: Authority
  readonly request: LocalRequest
  readonly issuer: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** The API that tokens are for. */
export const apiResource = "https://sendmux.ai/api"

const textOf = ({ body }: LocalRequest): string => new TextDecoder().decode(body)

/** Reads a form. A parameter may occur once. */
export const readForm = (request: LocalRequest): ReadonlyMap<string, string> => {
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers["content-type"] ?? "")) {
    return refuse("invalid_request", "The body must be a form")
  }
  return uniqueParameters(new URLSearchParams(textOf(request)))
}

/** The parameters of a query or a form. */
export const uniqueParameters = (parameters: URLSearchParams): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  for (const [name, value] of parameters) {
    if (found.has(name)) refuse("invalid_request", `The parameter ${name} occurs more than once`)
    found.set(name, value)
  }
  return found
}

export const readObject = (request: LocalRequest): Readonly<Record<string, unknown>> => {
  const body = parseJson(textOf(request))
  return isRecord(body) ? body : refuse("invalid_request", "The body must be a JSON object")
}

/** A parameter that must not be missing. */
export const needed = (form: ReadonlyMap<string, string>, name: string): string =>
  form.get(name) ?? refuse("invalid_request", `The parameter ${name} is missing`)

/** A field of a JSON body that must not be missing. */
export const neededIn = (body: Readonly<Record<string, unknown>>, name: string): string =>
  stringIn(body, name) ?? refuse("invalid_request", `The field ${name} is missing`)

/** Fails unless a request is for the API. */
export const checkResource = (parameters: ReadonlyMap<string, string>): void => {
  if (parameters.get("resource") !== apiResource) {
    refuse("invalid_target", `The parameter resource must be ${apiResource}`)
  }
}

const unknownClient = (): never =>
  refuse("invalid_client", "The client is unknown, or its authentication failed", { status: 401 })

const decoded = (text: string): string => new URLSearchParams(`=${text}`).get("") ?? ""

/** The id and the secret of the header `Authorization`. */
const basicOf = (header: string | undefined): readonly [id: string, secret: string] | undefined => {
  const [, base64] = /^basic +([A-Za-z0-9+/=]+)$/i.exec(header ?? "") ?? []
  if (base64 === undefined) return undefined
  const [id = "", secret = ""] = new TextDecoder().decode(decodeBase64(base64)).split(":", 2)
  return [decoded(id), decoded(secret)]
}

/** The client that sent a form, which has to authenticate as it is registered. */
export const authenticateApp = (
  { authority, request }: AuthorityCall,
  form: ReadonlyMap<string, string>
): AppRecord => {
  const basic = basicOf(request.headers["authorization"])
  const posted = form.get("client_secret")
  const id = basic?.[0] ?? form.get("client_id")
  const app = id === undefined ? undefined : authority.apps.get(id)
  if (app === undefined) return unknownClient()
  const given =
    basic === undefined ? (posted === undefined ? "none" : "client_secret_post") : "client_secret_basic"
  const secret = basic?.[1] ?? posted
  return given === app.authentication && secret === app.secret ? app : unknownClient()
}
