/**
 * The endpoints of the authorization server: description, registration, login, tokens and revocation.
 */
import type { LocalResponse } from "../../internal/dialect/shared/localClient.js"
import { isLoopback } from "../../internal/values/loopback.js"
import { webSha256 } from "../../internal/values/sha256.js"
import { accessLifetime } from "./authority.js"
import { jsonResponse, OAuthFailure, refuse } from "./failure.js"
import {
  type AuthorityCall,
  authenticateApp,
  checkResource,
  needed,
  neededIn,
  readForm,
  readObject,
  uniqueParameters
} from "./input.js"
import type { AppRecord, GrantRecord } from "./records.js"
import { allScopes } from "./scopes.js"

/** How long a code is valid, in milliseconds. */
const codeLifetime = 60_000

const methods = ["none", "client_secret_basic", "client_secret_post"] as const

export const describe = ({ issuer }: AuthorityCall): LocalResponse =>
  jsonResponse(200, {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    registration_endpoint: `${issuer}/oauth/register`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    scopes_supported: allScopes,
    response_types_supported: ["code"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    token_endpoint_auth_methods_supported: methods,
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true
  })

// -----------------------------------------------------------------------------
// registration
// -----------------------------------------------------------------------------

const isRedirect = (uri: unknown): uri is string =>
  typeof uri === "string" &&
  URL.canParse(uri) &&
  !uri.includes("#") &&
  (!uri.startsWith("http:") || isLoopback(uri))

export const register = ({ authority, now, request }: AuthorityCall): LocalResponse => {
  const body = readObject(request)
  const uris = body["redirect_uris"]
  if (!Array.isArray(uris) || uris.length === 0 || !uris.every(isRedirect)) {
    return refuse("invalid_redirect_uri", "redirect_uris must be https URLs or loopback URLs")
  }
  const given = body["token_endpoint_auth_method"] ?? "client_secret_basic"
  const authentication = methods.find((method) => method === given)
  if (authentication === undefined) {
    return refuse("invalid_client_metadata", "token_endpoint_auth_method is not supported")
  }
  const secret = authentication === "none" ? undefined : authority.id("ocs", 40)
  const app: AppRecord = {
    id: authority.id("ocl"),
    name: neededIn(body, "client_name"),
    secret,
    authentication,
    redirectUris: uris
  }
  authority.apps.set(app.id, app)
  return jsonResponse(201, {
    client_id: app.id,
    client_id_issued_at: Math.floor(now / 1000),
    ...(secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
    client_name: app.name,
    redirect_uris: app.redirectUris,
    token_endpoint_auth_method: authentication,
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    ...("scope" in body ? { scope: body["scope"] } : {})
  })
}

// -----------------------------------------------------------------------------
// login
// -----------------------------------------------------------------------------

/** A loopback URL without its port, which a native app may choose at each login. */
const withoutPort = (uri: string): string => {
  if (!isLoopback(uri)) return uri
  const url = new URL(uri)
  url.port = ""
  return url.href
}

/** What the owner decides at a login. */
export type Decision = "approve" | "deny"

/** Responds to a browser that was sent to the login. The owner decides at once. */
export const authorize = (call: AuthorityCall, decision: Decision = "approve"): LocalResponse => {
  const { authority, issuer, now, request } = call
  const query = uniqueParameters(request.url.searchParams)
  const app = authority.apps.get(needed(query, "client_id"))
  if (app === undefined) return refuse("invalid_request", "The client is unknown")
  const redirectUri = needed(query, "redirect_uri")
  const isRegistered = app.redirectUris.some((uri) => withoutPort(uri) === withoutPort(redirectUri))
  if (!URL.canParse(redirectUri) || !isRegistered) {
    return refuse("invalid_request", "The redirect_uri is not one of the client")
  }
  const back = (parameters: Readonly<Record<string, string>>): LocalResponse => {
    const location = new URL(redirectUri)
    const state = query.get("state")
    for (const [name, value] of Object.entries(parameters)) location.searchParams.set(name, value)
    if (state !== undefined) location.searchParams.set("state", state)
    location.searchParams.set("iss", issuer)
    return { status: 302, headers: { location: location.href, "cache-control": "no-store" }, body: undefined }
  }
  try {
    const { challenge, scope } = checkLogin(query)
    if (decision === "deny") refuse("access_denied", "The owner has denied the login")
    const code = authority.id("oac", 32)
    authority.codes.set(code, {
      appId: app.id,
      redirectUri,
      challenge,
      scope,
      expiresAt: now + codeLifetime,
      grant: undefined
    })
    return back({ code })
  } catch (thrown) {
    if (!(thrown instanceof OAuthFailure)) throw thrown
    return back({ error: thrown.code, error_description: thrown.description })
  }
}

/** Checks the part of a login whose failures are reported to the client. */
const checkLogin = (query: ReadonlyMap<string, string>) => {
  if (query.get("response_type") !== "code") {
    refuse("unsupported_response_type", "The parameter response_type must be code")
  }
  if (query.get("code_challenge_method") !== "S256") {
    refuse("invalid_request", "The parameter code_challenge_method must be S256")
  }
  const challenge = needed(query, "code_challenge")
  if (!/^[\w-]{43}$/.test(challenge)) refuse("invalid_request", "The code_challenge is malformed")
  checkResource(query)
  const scope = query.get("scope") ?? allScopes.join(" ")
  for (const one of scope.split(" ")) {
    if (one !== "" && !allScopes.includes(one)) refuse("invalid_scope", `There is no scope ${one}`)
  }
  return { challenge, scope }
}

// -----------------------------------------------------------------------------
// tokens
// -----------------------------------------------------------------------------

const tokenResponse = ({ authority, now }: AuthorityCall, grant: GrantRecord): LocalResponse => {
  const { access, refresh } = authority.issue(grant, now)
  return jsonResponse(200, {
    access_token: access,
    token_type: "Bearer",
    expires_in: accessLifetime / 1000,
    refresh_token: refresh,
    scope: grant.scope
  })
}

export const token = async (call: AuthorityCall): Promise<LocalResponse> => {
  const form = readForm(call.request)
  const app = authenticateApp(call, form)
  const type = needed(form, "grant_type")
  if (type !== "authorization_code" && type !== "refresh_token") {
    return refuse("unsupported_grant_type", "The grant_type must be authorization_code or refresh_token")
  }
  checkResource(form)
  return type === "refresh_token" ? refreshed(call, app, form) : exchanged(call, app, form)
}

const exchanged = async (
  call: AuthorityCall,
  app: AppRecord,
  form: ReadonlyMap<string, string>
): Promise<LocalResponse> => {
  const { authority, now } = call
  const verifier = needed(form, "code_verifier")
  const record = authority.codes.get(needed(form, "code"))
  if (!/^[\w.~-]{43,128}$/.test(verifier)) {
    return refuse("invalid_request", "The code_verifier must have 43 to 128 unreserved characters")
  }
  const challenge = await webSha256(new TextEncoder().encode(verifier))
  // Two requests with the same code may wait for the digest, so the code is looked at afterwards.
  if (record?.grant !== undefined) {
    record.grant.revoked = true
    return refuse("invalid_grant", "The code was used before, so its grant is revoked")
  }
  if (record === undefined || record.appId !== app.id || now >= record.expiresAt) {
    return refuse("invalid_grant", "The code is unknown or has expired")
  }
  if (needed(form, "redirect_uri") !== record.redirectUri) {
    return refuse("invalid_grant", "The redirect_uri is not that of the login")
  }
  if (challenge !== record.challenge) {
    return refuse("invalid_grant", "The code_verifier does not match the code_challenge of the login")
  }
  const grant: GrantRecord = {
    id: authority.id("ogr"),
    appId: app.id,
    name: app.name,
    scope: record.scope,
    revoked: false
  }
  record.grant = grant
  return tokenResponse(call, grant)
}

const refreshed = (call: AuthorityCall, app: AppRecord, form: ReadonlyMap<string, string>): LocalResponse => {
  const record = call.authority.refreshTokens.get(needed(form, "refresh_token"))
  if (record === undefined || record.grant.appId !== app.id) {
    return refuse("invalid_grant", "The refresh token is unknown")
  }
  if (record.used) {
    record.grant.revoked = true
    return refuse("invalid_grant", "The refresh token was used before, so its grant is revoked")
  }
  if (record.grant.revoked) return refuse("invalid_grant", "The grant is revoked")
  record.used = true
  return tokenResponse(call, record.grant)
}

/** Revokes the grant of a token. The response does not tell whether the token was known. */
export const revoke = (call: AuthorityCall): LocalResponse => {
  const form = readForm(call.request)
  const app = authenticateApp(call, form)
  const { accessTokens, refreshTokens } = call.authority
  const given = needed(form, "token")
  const grant = refreshTokens.get(given)?.grant
  if (grant?.appId === app.id) grant.revoked = true
  const holderId = accessTokens.get(given)?.holderId
  const owned = refreshTokens.values().find((record) => record.grant.id === holderId)?.grant
  if (owned?.appId === app.id) owned.revoked = true
  return jsonResponse(200, {})
}
