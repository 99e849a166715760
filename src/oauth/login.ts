/**
 * A login: the URL to which the owner is sent, and the check of the callback.
 *
 * @since 0.2.0
 */
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { secret, unchecked } from "../internal/dialect/schema.js"
import { safeText } from "../internal/values/scrub.js"
import { CallbackError, type CallbackReason } from "./errors.js"
import { sameText } from "./encoding.js"
import type { ServerMetadata } from "./metadata.js"

/**
 * A login that was started. It can be encoded as JSON, so that a web app can keep it until the callback: encrypted, because it
 * contains the verifier.
 *
 * @since 0.2.0
 * @category schemas
 */
export const PendingLogin = Schema.Struct({
  /** The URL to open in the browser of the owner. */
  url: Schema.String,
  /** The name of the grant whose tokens the login replaces. */
  grant: Schema.String,
  /** The value that the callback has to repeat. */
  state: Schema.String,
  /** The secret that proves that the login was started here. */
  code_verifier: secret,
  redirect_uri: Schema.String,
  /** The scopes that were asked for, separated by spaces. */
  scope: Schema.String,
  issuer: Schema.String
})

/**
 * The decoded `PendingLogin`.
 *
 * @since 0.2.0
 * @category models
 */
export interface PendingLogin extends Schema.Schema.Type<typeof PendingLogin> {}

interface UrlParts {
  readonly clientId: string
  readonly redirectUri: string
  readonly resource: string
  readonly scope: string
  readonly state: string
  readonly challenge: string
}

/** The URL of the authorization endpoint for a login. */
export const authorizationUrl = (
  { authorization_endpoint }: ServerMetadata,
  { challenge, clientId, redirectUri, resource, scope, state }: UrlParts
): string => {
  const url = new URL(authorization_endpoint)
  const { searchParams } = url
  searchParams.set("response_type", "code")
  searchParams.set("client_id", clientId)
  searchParams.set("redirect_uri", redirectUri)
  if (scope !== "") searchParams.set("scope", scope)
  searchParams.set("state", state)
  searchParams.set("code_challenge", challenge)
  searchParams.set("code_challenge_method", "S256")
  searchParams.set("resource", resource)
  return url.href
}

const refused = (reason: CallbackReason, details: Pick<CallbackError, "code" | "detail"> = {}) =>
  new CallbackError({ reason, code: details.code, detail: details.detail }, unchecked)

/** The query of a callback: a complete URL, or the target of a request, such as `/callback?code=...`. */
const queryOf = (callback: string | URL): URLSearchParams | undefined => {
  if (callback instanceof URL) return callback.searchParams
  const text = typeof callback === "string" ? callback : ""
  return URL.canParse(text, "http://callback.invalid")
    ? new URL(text, "http://callback.invalid").searchParams
    : undefined
}

const maxCodeLength = 200
const maxDetailLength = 2_000

/** Checks a callback and returns its code. */
export const codeOf = (
  pending: PendingLogin,
  metadata: ServerMetadata,
  callback: string | URL
): Redacted.Redacted | CallbackError => {
  const query = queryOf(callback)
  if (query === undefined) return refused("Malformed")
  for (const name of ["state", "iss", "code", "error"]) {
    if (query.getAll(name).length > 1) return refused("Malformed")
  }
  const [state, issuer, code, error] = ["state", "iss", "code", "error"].map((name) => query.get(name))
  if (typeof state !== "string" || !sameText(pending.state, state)) return refused("StateMismatch")
  const hasIssuer = typeof issuer === "string"
  if (
    hasIssuer ? issuer !== pending.issuer : metadata.authorization_response_iss_parameter_supported === true
  ) {
    return refused("IssuerMismatch")
  }
  if (typeof error === "string") {
    const secrets = [pending.state, Redacted.value(pending.code_verifier)]
    const detail = query.get("error_description")
    return refused("Denied", {
      code: safeText(error, secrets, maxCodeLength),
      detail: detail === null ? undefined : safeText(detail, secrets, maxDetailLength)
    })
  }
  return typeof code === "string" && code !== "" ? Redacted.make(code) : refused("Malformed")
}
