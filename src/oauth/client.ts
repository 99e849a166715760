/**
 * The OAuth client: logins, and access tokens that renew themselves.
 *
 * @since 0.2.0
 */
import * as Effect from "effect/Effect"
import type * as DateTime from "effect/DateTime"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { Service, scopedLayer, utcFromMillis, now } from "../internal/dialect/core.js"
import type { HttpClient } from "../internal/dialect/http.js"
import { unchecked } from "../internal/dialect/schema.js"
import type { InvalidRequestError, RequestIssue } from "../internal/model/errors.js"
import { invalidRequest } from "../internal/model/invalidRequest.js"
import { authenticated } from "./clientAuthentication.js"
import { challengeOf, randomText } from "./encoding.js"
import { CallbackError, type LoginRequired, type OAuthRequestError, type TokenStoreError } from "./errors.js"
import { type AccessTokenError, makeGrants } from "./grants.js"
import { authorizationUrl, codeOf, type PendingLogin } from "./login.js"
import { fetchMetadata, type ServerMetadata } from "./metadata.js"
import {
  type CheckedClient,
  type CheckedServer,
  type ClientOptions,
  checkClient,
  checkServer,
  failWith,
  redirectProblem,
  type ServerOptions,
  scopesProblem
} from "./options.js"
import { type ClientRegistration, RegisteredClient } from "./registration.js"
import { type Form, send, sendForText } from "./request.js"
import { TokenStore, type TokenStoreService } from "./store.js"
import { type StoredTokens, TokenResponse, tokensOf } from "./tokens.js"

/**
 * A grant without its tokens.
 *
 * @since 0.2.0
 * @category models
 */
export interface Grant {
  /** The name that the program gave it. */
  readonly name: string
  /** The scopes that the owner has granted. They may be fewer than the login asked for. */
  readonly scopes: ReadonlyArray<string>
  /** When the current access token expires. It is renewed before. */
  readonly expiresAt: DateTime.Utc
}

/**
 * The options of a login.
 *
 * @since 0.2.0
 * @category options
 */
export interface LoginOptions {
  /** The name of the grant whose tokens the login replaces, such as the id of a user. Default: `default`. */
  readonly grant?: string | undefined
  /** Default: the scopes of the client. */
  readonly scopes?: ReadonlyArray<string> | undefined
  /** Default: the redirect URI of the client. */
  readonly redirectUri?: string | undefined
}

/**
 * The name of the grant of a program that has only one.
 *
 * @since 0.2.0
 * @category constants
 */
export const defaultGrant = "default"

/**
 * The methods of the OAuth client.
 *
 * @since 0.2.0
 * @category services
 */
export interface ClientService {
  /** The description of the server. It is fetched at the first use and then remembered. */
  readonly metadata: Effect.Effect<ServerMetadata, OAuthRequestError>
  /**
   * Starts a login: succeeds with the URL to open, and with what `finishLogin` needs. Each login has its own `state` and its own
   * PKCE verifier.
   */
  readonly startLogin: (options?: LoginOptions) => Effect.Effect<PendingLogin, OAuthRequestError>
  /**
   * Finishes a login with the URL to which the server has sent the browser, or with its path and query. Checks `state` and
   * `iss`, exchanges the code, and stores the tokens. Fails with `CallbackError` before anything is sent if the callback is not
   * one of this login.
   */
  readonly finishLogin: (
    pending: PendingLogin,
    callback: string | URL
  ) => Effect.Effect<Grant, CallbackError | OAuthRequestError | TokenStoreError>
  /**
   * Succeeds with a valid access token, which is renewed first if it expires soon. Fibers that need a new token at the same time
   * cause one refresh, even if the first of them is interrupted. Fails with `LoginRequired` if only a login helps.
   */
  readonly accessToken: (grant?: string) => Effect.Effect<Redacted.Redacted, AccessTokenError>
  /** Reads a grant from the store. Fails with `LoginRequired` if there is none. */
  readonly grant: (grant?: string) => Effect.Effect<Grant, LoginRequired | TokenStoreError>
  /**
   * Revokes a grant at the server, and then removes its tokens from the store. If the server cannot be reached, the tokens are
   * kept, so that it can be tried again.
   */
  readonly revoke: (grant?: string) => Effect.Effect<void, OAuthRequestError | TokenStoreError>
}

/** The number of finished logins that are remembered. */
const maxFinished = 1_000

const grantOf = (name: string, { expires_at, scope }: StoredTokens): Grant => ({
  name,
  scopes: scope.split(" ").filter((part) => part !== ""),
  expiresAt: utcFromMillis(expires_at)
})

/** Fetches the description of a server at the first use. A failure is not remembered. */
const rememberedMetadata = ({ allowInsecure, issuer, transport }: CheckedServer) => {
  let known: ServerMetadata | undefined
  return Effect.suspend(() =>
    known !== undefined
      ? Effect.succeed(known)
      : Effect.map(fetchMetadata(transport, issuer, allowInsecure), (metadata) => {
          known = metadata
          return metadata
        })
  )
}

const makeClient = (checked: CheckedClient, store: TokenStoreService) => {
  const { identity, issuer, resource, transport } = checked
  const client_id = identity.clientId
  const metadata = rememberedMetadata(checked)

  /** Sends a form to the token endpoint. The time of an access token begins with the request. */
  const requestTokens = (operation: string, form: Form, secrets: ReadonlyArray<string>, scope: string) =>
    Effect.gen(function* () {
      const { token_endpoint } = yield* metadata
      const parts = authenticated(identity, { ...form, resource })
      const at = yield* now
      const request = {
        operation,
        url: token_endpoint,
        headers: parts.headers,
        body: { form: parts.form },
        secrets: [...secrets, ...parts.secrets]
      }
      const response = yield* send(transport, request, TokenResponse)
      const tokens = tokensOf(response, { operation, issuer, client_id, scope, at })
      return "_tag" in tokens ? yield* Effect.fail(tokens) : tokens
    })

  const grants = makeGrants(store, {
    clientId: client_id,
    issuer,
    margin: checked.margin,
    prepare: Effect.asVoid(metadata),
    refresh: ({ scope }, refreshToken) => {
      const refresh_token = Redacted.value(refreshToken)
      const form = { grant_type: "refresh_token", refresh_token }
      return requestTokens("oauth.refresh", form, [refresh_token], scope)
    }
  })

  const finished = new Set<string>()
  const markFinished = (state: string): void => {
    finished.add(state)
    const [oldest] = finished
    if (finished.size > maxFinished && oldest !== undefined) finished.delete(oldest)
  }

  const startLogin = (options: LoginOptions = {}) =>
    Effect.gen(function* () {
      const { grant = defaultGrant, redirectUri = checked.redirectUri, scopes = checked.scopes } = options
      const problems: Array<RequestIssue> = []
      const redirect = redirectProblem(redirectUri)
      if (redirect !== undefined) problems.push({ path: "redirectUri", message: redirect })
      const scoped = scopesProblem(scopes)
      if (scoped !== undefined) problems.push({ path: "scopes", message: scoped })
      yield* failWith("oauth.startLogin", problems)
      const server = yield* metadata
      const state = yield* randomText
      const verifier = yield* randomText
      const challenge = yield* challengeOf(verifier)
      const redirect_uri = redirectUri ?? ""
      const scope = scopes.join(" ")
      return {
        url: authorizationUrl(server, {
          clientId: client_id,
          redirectUri: redirect_uri,
          resource,
          scope,
          state,
          challenge
        }),
        grant,
        state,
        code_verifier: Redacted.make(verifier),
        redirect_uri,
        scope,
        issuer
      }
    })

  const finishLogin = (pending: PendingLogin, callback: string | URL) =>
    Effect.gen(function* () {
      const server = yield* metadata
      const code =
        pending.issuer === issuer ? codeOf(pending, server, callback) : callbackError("IssuerMismatch")
      if (code instanceof CallbackError) return yield* Effect.fail(code)
      if (finished.has(pending.state)) return yield* Effect.fail(callbackError("AlreadyUsed"))
      // A code that is sent twice makes the server revoke the grant, so it counts as used before the response is known.
      markFinished(pending.state)
      const secrets = [Redacted.value(code), Redacted.value(pending.code_verifier)]
      const form = {
        grant_type: "authorization_code",
        code: Redacted.value(code),
        redirect_uri: pending.redirect_uri,
        code_verifier: Redacted.value(pending.code_verifier)
      }
      const tokens = yield* requestTokens("oauth.exchange", form, secrets, pending.scope)
      yield* grants.save(pending.grant, tokens)
      return grantOf(pending.grant, tokens)
    })

  const revokeTokens = ({ access_token, refresh_token }: StoredTokens) =>
    Effect.gen(function* () {
      const { revocation_endpoint } = yield* metadata
      if (revocation_endpoint === undefined) {
        return yield* Effect.fail(
          invalidRequest("oauth.revoke", "the server has no endpoint at which grants are revoked")
        )
      }
      const token = Redacted.value(refresh_token ?? access_token)
      const hint = refresh_token === undefined ? "access_token" : "refresh_token"
      const parts = authenticated(identity, { token, token_type_hint: hint })
      yield* sendForText(transport, {
        operation: "oauth.revoke",
        url: revocation_endpoint,
        headers: parts.headers,
        body: { form: parts.form },
        secrets: [token, ...parts.secrets]
      })
    })

  const service: ClientService = {
    metadata,
    startLogin,
    finishLogin,
    accessToken: (grant = defaultGrant) => grants.accessToken(grant),
    grant: (grant = defaultGrant) => Effect.map(grants.read(grant), (tokens) => grantOf(grant, tokens)),
    revoke: (grant = defaultGrant) => grants.remove(grant, revokeTokens)
  }
  return { service, settled: grants.settled }
}

const callbackError = (reason: CallbackError["reason"]) =>
  new CallbackError({ reason, code: undefined, detail: undefined }, unchecked)

const make = (
  options: ClientOptions
): Effect.Effect<ClientService, InvalidRequestError, HttpClient.HttpClient | TokenStore | Scope.Scope> =>
  Effect.gen(function* () {
    const checked = yield* checkClient("oauth.Client", options)
    const store = yield* TokenStore
    const { service } = yield* Effect.acquireRelease(
      Effect.sync(() => makeClient(checked, store)),
      // A refresh that is running has to store its tokens before the process ends.
      ({ settled }) => settled
    )
    return service
  })

/**
 * The OAuth client of a program.
 *
 * Building the layer sends no request. It fails with `InvalidRequestError` if an option is invalid. When the layer is released,
 * it waits until a running refresh has stored its tokens.
 *
 * @since 0.2.0
 * @category services
 */
export class Client extends Service("effect-sendmux/OAuth/Client")<Client, ClientService>() {
  /**
   * Makes the client as a value.
   *
   * @since 0.2.0
   */
  static readonly make: (
    options: ClientOptions
  ) => Effect.Effect<ClientService, InvalidRequestError, HttpClient.HttpClient | TokenStore | Scope.Scope> =
    make

  /**
   * The layer of the client.
   *
   * @since 0.2.0
   */
  static readonly layer = (
    options: ClientOptions
  ): Layer.Layer<Client, InvalidRequestError, HttpClient.HttpClient | TokenStore> =>
    scopedLayer(Client, make(options))
}

/**
 * Succeeds with the effect for the option `accessToken` of a surface's layer.
 *
 * @since 0.2.0
 * @category constructors
 */
export const accessToken = (
  grant: string = defaultGrant
): Effect.Effect<Effect.Effect<Redacted.Redacted, AccessTokenError>, never, Client> =>
  Effect.map(Client, (client) => client.accessToken(grant))

/**
 * Registers a client at the server, if the server allows it.
 *
 * @since 0.2.0
 * @category constructors
 */
export const register = (
  registration: ClientRegistration,
  options: ServerOptions = {}
): Effect.Effect<RegisteredClient, OAuthRequestError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const operation = "oauth.register"
    const { allowInsecure, issuer, transport } = yield* checkServer(operation, options)
    const {
      client_name,
      client_uri,
      redirect_uris,
      scopes,
      token_endpoint_auth_method = "none"
    } = registration
    const problems: Array<RequestIssue> = []
    if (redirect_uris.length === 0) problems.push({ path: "redirect_uris", message: "must not be empty" })
    for (const [index, uri] of redirect_uris.entries()) {
      const message = redirectProblem(uri)
      if (message !== undefined) problems.push({ path: `redirect_uris[${index}]`, message })
    }
    const scoped = scopes === undefined ? undefined : scopesProblem(scopes)
    if (scoped !== undefined) problems.push({ path: "scopes", message: scoped })
    yield* failWith(operation, problems)
    const { registration_endpoint } = yield* fetchMetadata(transport, issuer, allowInsecure)
    if (registration_endpoint === undefined) {
      return yield* Effect.fail(invalidRequest(operation, "the server has no endpoint for registrations"))
    }
    const json = {
      client_name,
      client_uri,
      redirect_uris,
      token_endpoint_auth_method,
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      ...(scopes === undefined ? {} : { scope: scopes.join(" ") })
    }
    const request = { operation, url: registration_endpoint, body: { json }, secrets: [] }
    return yield* send(transport, request, RegisteredClient)
  })
