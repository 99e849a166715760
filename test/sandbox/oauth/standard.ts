/** An OAuth client that knows nothing of the SDK and of Effect: `oauth4webapi`, over HTTP. */
import * as oauth from "oauth4webapi"

/** The sandbox is served without TLS. */
const insecure = { [oauth.allowInsecureRequests]: true } as const

export const resource = "https://sendmux.ai/api"

export const redirectUri = "http://127.0.0.1:8765/callback"

export type Method = "none" | "client_secret_basic" | "client_secret_post"

/** The parameters of a request that a test changes. `undefined` leaves one out. */
export type Changes = Readonly<Record<string, string | undefined>>

const changed = (parameters: Changes, changes: Changes): URLSearchParams => {
  const all = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...parameters, ...changes })) {
    if (value !== undefined) all.set(name, value)
  }
  return all
}

const authenticationOf = (method: Method, secret: string): oauth.ClientAuth => {
  switch (method) {
    case "none":
      return oauth.None()
    case "client_secret_basic":
      return oauth.ClientSecretBasic(secret)
    case "client_secret_post":
      return oauth.ClientSecretPost(secret)
  }
}

/** Discovers the server at a URL, and registers a client there. */
export const registered = async (url: string, method: Method = "none") => {
  const issuer = new URL(url)
  const discovery = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure })
  const server = await oauth.processDiscoveryResponse(issuer, discovery)
  const client = await oauth.processDynamicClientRegistrationResponse(
    await oauth.dynamicClientRegistrationRequest(
      server,
      { client_name: "Reports", redirect_uris: [redirectUri], token_endpoint_auth_method: method },
      insecure
    )
  )
  const authentication = authenticationOf(method, String(client.client_secret ?? ""))

  /** Opens the login as a browser does that does not follow the redirect. */
  const open = async (changes: Changes = {}) => {
    const verifier = oauth.generateRandomCodeVerifier()
    const state = oauth.generateRandomState()
    const to = new URL(server.authorization_endpoint ?? "")
    const parameters = {
      client_id: client.client_id,
      response_type: "code",
      redirect_uri: redirectUri,
      scope: "mailbox.read email.send",
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      resource
    }
    to.search = changed(parameters, changes).toString()
    const response = await fetch(to, { redirect: "manual" })
    return { response, verifier, state, url: to.href, location: response.headers.get("location") }
  }

  /** Checks the URL to which the server has sent the browser. */
  const accept = (location: string | null, state: string): URLSearchParams =>
    oauth.validateAuthResponse(server, client, new URL(location ?? ""), state)

  /** Logs in up to the callback. */
  const authorize = async (changes: Changes = {}) => {
    const { location, state, verifier } = await open(changes)
    return { callback: accept(location, state), verifier }
  }

  /** Exchanges the code of a callback. */
  const exchange = async (
    { callback, verifier }: { readonly callback: URLSearchParams; readonly verifier: string },
    changes: { readonly resource?: string; readonly redirectUri?: string } = {}
  ) =>
    oauth.processAuthorizationCodeResponse(
      server,
      client,
      await oauth.authorizationCodeGrantRequest(
        server,
        client,
        authentication,
        callback,
        changes.redirectUri ?? redirectUri,
        verifier,
        { additionalParameters: { resource: changes.resource ?? resource }, ...insecure }
      )
    )

  const refresh = async (tokens: oauth.TokenEndpointResponse, changes: { readonly resource?: string } = {}) =>
    oauth.processRefreshTokenResponse(
      server,
      client,
      await oauth.refreshTokenGrantRequest(server, client, authentication, tokens.refresh_token ?? "", {
        additionalParameters: { resource: changes.resource ?? resource },
        ...insecure
      })
    )

  const revoke = async (token: string | undefined) =>
    oauth.processRevocationResponse(
      await oauth.revocationRequest(server, client, authentication, token ?? "", insecure)
    )

  const logIn = async (changes: Changes = {}) => exchange(await authorize(changes))

  return { server, client, open, accept, authorize, exchange, refresh, revoke, logIn }
}

/** The error of OAuth with which a request must fail, and its status. */
export const refusal = async (
  request: Promise<unknown>
): Promise<readonly [status: number, code: string]> => {
  const error = await request.then(
    () => new Error("the server must refuse the request"),
    (thrown: unknown) => thrown
  )
  if (error instanceof oauth.ResponseBodyError) return [error.status, error.error]
  if (error instanceof oauth.AuthorizationResponseError) return [302, error.error]
  if (error instanceof oauth.WWWAuthenticateChallengeError) return [error.status, "invalid_client"]
  throw error
}
