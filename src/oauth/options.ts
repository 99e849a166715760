/**
 * The options of a client, which are checked once.
 *
 * @since 0.2.0
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { type DurationInput, toMillis } from "../internal/dialect/core.js"
import { HttpClientTag } from "../internal/dialect/http.js"
import type { HttpClient } from "../internal/dialect/http.js"
import type { SupportedEffect } from "../internal/dialect/with-effect-4-import-effect-sendmux-v4.js"
import type { InvalidRequestError, RequestIssue } from "../internal/model/errors.js"
import { invalidRequest } from "../internal/model/invalidRequest.js"
import { isUserAgentOption, userAgentOf } from "../internal/pipeline/userAgent.js"
import type { ClientAuthentication, ClientIdentity } from "./clientAuthentication.js"
import { isSecure } from "./metadata.js"
import { type Transport, transportOf } from "./request.js"

/**
 * How requests to a server are sent.
 *
 * @since 0.2.0
 * @category options
 */
export interface OAuthTransportOptions extends SupportedEffect {
  /** How long a request may take. Default: 30 seconds. */
  readonly timeout?: DurationInput | undefined
  /** Whether secrets may be sent to an `http` URL whose host is not the local machine. Default: `false`. */
  readonly allowInsecure?: boolean | undefined
  /** A text to append to the `User-Agent`, or `false` to send none, as for the layers of the surfaces. */
  readonly userAgent?: string | false | undefined
}

/**
 * The server at which logins happen.
 *
 * @since 0.2.0
 * @category options
 */
export interface ServerOptions extends OAuthTransportOptions {
  /** The identifier of the authorization server, from which its endpoints are discovered. Default: Sendmux. */
  readonly issuer?: string | undefined
}

/**
 * The options of a client.
 *
 * @since 0.2.0
 * @category options
 */
export interface ClientOptions extends ServerOptions {
  /** The id of the client, from its registration. */
  readonly clientId: string
  /** The secret of the client, if it has one. */
  readonly clientSecret?: Redacted.Redacted | undefined
  /** Default: `none` without a secret, otherwise `client_secret_basic`. */
  readonly clientAuthentication?: ClientAuthentication | undefined
  /** Where the server sends the browser after the login. A login can name another one. */
  readonly redirectUri?: string | undefined
  /** The scopes that logins ask for, such as `email.send`. Default: none, which leaves the choice to the server. */
  readonly scopes?: ReadonlyArray<string> | undefined
  /** The API that the tokens are for. Default: `https://sendmux.ai/api`. */
  readonly resource?: string | undefined
  /**
   * How long before it expires an access token is renewed. A token with a short life is used for at least half of it.
   * Default: 1 minute.
   */
  readonly refreshMargin?: DurationInput | undefined
}

/**
 * The identifier of Sendmux's authorization server.
 *
 * @since 0.2.0
 * @category constants
 */
export const defaultIssuer = "https://app.sendmux.ai"

/**
 * The identifier of the API that tokens of Sendmux are for.
 *
 * @since 0.2.0
 * @category constants
 */
export const defaultResource = "https://sendmux.ai/api"

const defaultTimeout = 30_000
const defaultMargin = 60_000

export interface CheckedServer {
  readonly issuer: string
  readonly transport: Transport
  readonly allowInsecure: boolean
}

export interface CheckedClient extends CheckedServer {
  readonly identity: ClientIdentity
  readonly redirectUri: string | undefined
  readonly scopes: ReadonlyArray<string>
  readonly resource: string
  readonly margin: number
}

type Problems = Array<RequestIssue>

const isIssuer = (url: string, allowInsecure: boolean): boolean =>
  isSecure(url, allowInsecure) && !url.includes("?") && !url.includes("#")

/** Checks how requests are sent. */
export const checkTransport = (
  options: OAuthTransportOptions,
  client: HttpClient.HttpClient,
  problems: Problems
): Transport => {
  const { timeout, userAgent } = options
  const millis = timeout === undefined ? defaultTimeout : toMillis(timeout)
  if (millis === undefined || !(millis > 0)) {
    problems.push({ path: "timeout", message: "must be a duration greater than zero" })
  }
  if (!isUserAgentOption(userAgent)) {
    problems.push({
      path: "userAgent",
      message: "must be false, or printable ASCII characters such as my-app/1.2"
    })
  }
  const agent = isUserAgentOption(userAgent) ? userAgentOf(userAgent) : undefined
  return transportOf(client, millis ?? defaultTimeout, agent)
}

/** Fails with every problem that was found. */
export const failWith = (operation: string, problems: Problems): Effect.Effect<void, InvalidRequestError> =>
  problems.length === 0 ? Effect.void : Effect.fail(invalidRequest(operation, problems))

const checkServerInto = (
  options: ServerOptions,
  client: HttpClient.HttpClient,
  problems: Problems
): CheckedServer => {
  const { allowInsecure = false, issuer = defaultIssuer } = options
  if (typeof issuer !== "string" || !isIssuer(issuer, allowInsecure)) {
    problems.push({ path: "issuer", message: "must be an https URL without query and fragment" })
  }
  return { issuer, allowInsecure, transport: checkTransport(options, client, problems) }
}

export const checkServer = (
  operation: string,
  options: ServerOptions
): Effect.Effect<CheckedServer, InvalidRequestError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const problems: Problems = []
    const server = checkServerInto(options, yield* HttpClientTag, problems)
    yield* failWith(operation, problems)
    return server
  })

/** The problem of a redirect URI, or `undefined`. */
export const redirectProblem = (uri: unknown): string | undefined =>
  typeof uri === "string" && URL.canParse(uri) && !uri.includes("#")
    ? undefined
    : "must be an absolute URL without a fragment, such as http://127.0.0.1:8765/callback"

const scopePattern = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** The problem of a list of scopes, or `undefined`. */
export const scopesProblem = (scopes: unknown): string | undefined =>
  Array.isArray(scopes) && scopes.every((scope) => typeof scope === "string" && scopePattern.test(scope))
    ? undefined
    : "must be a list of scopes without spaces and quotes, such as email.send"

export const checkClient = (
  operation: string,
  options: ClientOptions
): Effect.Effect<CheckedClient, InvalidRequestError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const problems: Problems = []
    const server = checkServerInto(options, yield* HttpClientTag, problems)
    const {
      clientId,
      clientSecret,
      redirectUri,
      refreshMargin,
      resource = defaultResource,
      scopes = []
    } = options
    const add = (path: string, message: string | undefined) => {
      if (message !== undefined) problems.push({ path, message })
    }
    if (typeof clientId !== "string" || clientId === "")
      add("clientId", "must be the id of a registered client")
    const hasSecret = clientSecret !== undefined
    if (hasSecret && (!Redacted.isRedacted(clientSecret) || String(Redacted.value(clientSecret)) === "")) {
      add("clientSecret", "must be Redacted and not empty: wrap it with Redacted.make")
    }
    const authentication = options.clientAuthentication ?? (hasSecret ? "client_secret_basic" : "none")
    if (!["none", "client_secret_basic", "client_secret_post"].includes(authentication)) {
      add("clientAuthentication", "must be none, client_secret_basic or client_secret_post")
    } else if ((authentication === "none") === hasSecret) {
      add("clientAuthentication", hasSecret ? "is none, but clientSecret is set" : "needs clientSecret")
    }
    if (redirectUri !== undefined) add("redirectUri", redirectProblem(redirectUri))
    add("scopes", scopesProblem(scopes))
    if (typeof resource !== "string" || !URL.canParse(resource)) add("resource", "must be an absolute URL")
    const margin = refreshMargin === undefined ? defaultMargin : toMillis(refreshMargin)
    if (margin === undefined || !Number.isFinite(margin)) add("refreshMargin", "must be a finite duration")
    yield* failWith(operation, problems)
    return {
      ...server,
      identity: { clientId, clientSecret, authentication },
      redirectUri,
      scopes,
      resource,
      margin: margin ?? defaultMargin
    }
  })
