import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "@effect/vitest"
import * as OAuth from "../../src/OAuth.js"
import * as Sandbox from "../../src/Sandbox.js"
import { mockClient } from "../support/http.js"
import { clientOver, layerOf, loggedIn, openTokenStore, redirectUri } from "../support/oauth.js"

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } })

const metadata = {
  issuer: "https://auth.test",
  authorization_endpoint: "https://auth.test/authorize",
  token_endpoint: "https://auth.test/token",
  revocation_endpoint: "https://auth.test/revoke",
  code_challenge_methods_supported: ["S256"],
  authorization_response_iss_parameter_supported: true
}

const issued = { access_token: "access", token_type: "bearer", expires_in: 900, refresh_token: "refresh" }

/** A server with other metadata, and a client of it. */
const serverWith = (
  changes: Readonly<Record<string, unknown>> = {},
  options: Partial<OAuth.ClientOptions> = {}
) =>
  Effect.gen(function* () {
    const { client: http, seen } = mockClient(({ method }) =>
      json(method === "GET" ? { ...metadata, ...changes } : issued)
    )
    const client = yield* clientOver(http, openTokenStore().store, {
      issuer: "https://auth.test",
      ...options
    })
    return { client, seen }
  })

describe("a login", () => {
  it.scoped("opens a URL with the parameters of PKCE, the state and the resource", () =>
    Effect.gen(function* () {
      const { client, seen } = yield* serverWith({}, { scopes: ["email.send", "mailbox.read"] })
      const login = yield* client.startLogin()
      const url = new URL(login.url)
      expect(url.origin + url.pathname).toBe("https://auth.test/authorize")
      expect(Object.fromEntries(url.searchParams)).toEqual({
        response_type: "code",
        client_id: Sandbox.appId,
        redirect_uri: redirectUri,
        scope: "email.send mailbox.read",
        state: login.state,
        code_challenge: expect.stringMatching(/^[\w-]{43}$/),
        code_challenge_method: "S256",
        resource: "https://sendmux.ai/api"
      })
      const verifier = Redacted.value(login.code_verifier)
      expect(verifier).toMatch(/^[\w.~-]{43,128}$/)
      const digest = yield* Effect.promise(() =>
        crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))
      )
      expect(url.searchParams.get("code_challenge")).toBe(Buffer.from(digest).toString("base64url"))
      const other = yield* client.startLogin()
      expect(other.state).not.toBe(login.state)
      expect(Redacted.value(other.code_verifier)).not.toBe(verifier)
      // The description of the server is fetched once.
      expect(seen.map(({ url }) => url.href)).toEqual([
        "https://auth.test/.well-known/oauth-authorization-server"
      ])
    })
  )

  it.scoped("exchanges the code with the verifier, the redirect URI and the resource", () =>
    Effect.gen(function* () {
      const { client, seen } = yield* serverWith()
      const login = yield* client.startLogin({ redirectUri: "http://127.0.0.1:9999/callback" })
      const iss = encodeURIComponent(metadata.issuer)
      const grant = yield* client.finishLogin(login, `/callback?code=c0de&state=${login.state}&iss=${iss}`)
      expect(grant).toMatchObject({ name: "default", scopes: [] })
      const request = seen[1]
      expect(request).toMatchObject({ method: "POST", url: new URL("https://auth.test/token") })
      expect(request?.headers["content-type"]).toBe("application/x-www-form-urlencoded")
      expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
        grant_type: "authorization_code",
        code: "c0de",
        redirect_uri: "http://127.0.0.1:9999/callback",
        code_verifier: Redacted.value(login.code_verifier),
        resource: "https://sendmux.ai/api",
        client_id: Sandbox.appId
      })
    })
  )

  it.scoped("that was encoded as JSON and decoded again can be finished", () =>
    Effect.gen(function* () {
      const { client: http, control } = yield* Sandbox.make()
      const client = yield* clientOver(http, openTokenStore().store)
      const login = yield* client.startLogin()
      const text = JSON.stringify(Schema.encodeSync(OAuth.PendingLogin)(login))
      const kept = Schema.decodeUnknownSync(OAuth.PendingLogin)(JSON.parse(text))
      const grant = yield* client.finishLogin(kept, new URL(yield* control.oauth.approve(login.url)))
      expect(grant.scopes).toContain("email.send")
    })
  )

  it.scoped("is finished once, because a code that is sent twice revokes the grant", () =>
    Effect.gen(function* () {
      const { client, control, requested } = yield* loggedIn()
      const login = yield* client.startLogin()
      const callback = yield* control.oauth.approve(login.url)
      yield* client.finishLogin(login, callback)
      const before = yield* requested("oauth.token")
      expect(yield* Effect.flip(client.finishLogin(login, callback))).toMatchObject({
        _tag: "CallbackError",
        reason: "AlreadyUsed"
      })
      expect(yield* requested("oauth.token")).toBe(before)
    })
  )

  it.scoped("that the owner denies fails with the code of the server", () =>
    Effect.gen(function* () {
      const { client, control } = yield* loggedIn()
      const login = yield* client.startLogin()
      const error = yield* Effect.flip(client.finishLogin(login, yield* control.oauth.deny(login.url)))
      expect(error).toMatchObject({ _tag: "CallbackError", reason: "Denied", code: "access_denied" })
    })
  )

  it.scoped("needs a redirect URI and valid scopes", () =>
    Effect.gen(function* () {
      const { client, seen } = yield* serverWith({}, { redirectUri: undefined })
      const error = yield* Effect.flip(client.startLogin({ scopes: ["email send"] }))
      expect(error).toMatchObject({
        _tag: "InvalidRequestError",
        issues: [{ path: "redirectUri" }, { path: "scopes" }]
      })
      expect(seen).toEqual([])
    })
  )
})

describe("a callback", () => {
  const iss = `iss=${encodeURIComponent(metadata.issuer)}`
  const cases: Record<string, readonly [query: (state: string) => string, reason: string]> = {
    "without a query": [() => "", "StateMismatch"],
    "of another login": [() => `code=c&state=other&${iss}`, "StateMismatch"],
    "with a state that begins in the same way": [
      (state) => `code=c&state=${state.slice(0, -1)}&${iss}`,
      "StateMismatch"
    ],
    "with two states": [(state) => `code=c&state=${state}&state=${state}&${iss}`, "Malformed"],
    "without a code": [(state) => `state=${state}&${iss}`, "Malformed"],
    "with an empty code": [(state) => `code=&state=${state}&${iss}`, "Malformed"],
    "with two codes": [(state) => `code=a&code=b&state=${state}&${iss}`, "Malformed"],
    "of another server": [(state) => `code=c&state=${state}&iss=https://evil.test`, "IssuerMismatch"],
    "without the issuer": [(state) => `code=c&state=${state}`, "IssuerMismatch"],
    "with an error of another login": [() => `error=access_denied&state=x&${iss}`, "StateMismatch"]
  }
  for (const [what, [query, reason]] of Object.entries(cases)) {
    it.scoped(`${what} is not accepted, and no code is sent`, () =>
      Effect.gen(function* () {
        const { client, seen } = yield* serverWith()
        const login = yield* client.startLogin()
        const error = yield* Effect.flip(client.finishLogin(login, `${redirectUri}?${query(login.state)}`))
        expect(error).toMatchObject({ _tag: "CallbackError", reason })
        expect(seen.filter(({ method }) => method === "POST")).toEqual([])
      })
    )
  }

  it.scoped("without the issuer is accepted if the server does not promise one", () =>
    Effect.gen(function* () {
      const { client } = yield* serverWith({ authorization_response_iss_parameter_supported: undefined })
      const login = yield* client.startLogin()
      expect((yield* client.finishLogin(login, `?code=c&state=${login.state}`)).name).toBe("default")
    })
  )
})

describe("the description of a server", () => {
  const cases: Record<string, Readonly<Record<string, unknown>>> = {
    "issuer must be": { issuer: "https://evil.test" },
    "token_endpoint must be an https URL": { token_endpoint: "http://auth.test/token" },
    "authorization_endpoint must be an https URL": { authorization_endpoint: "javascript:alert(1)" },
    "code_challenge_methods_supported must contain S256": { code_challenge_methods_supported: ["plain"] },
    "token_endpoint is missing": { token_endpoint: undefined }
  }
  for (const [issue, changes] of Object.entries(cases)) {
    it.scoped(`is not accepted: ${issue}`, () =>
      Effect.gen(function* () {
        const { client } = yield* serverWith(changes)
        const error = yield* Effect.flip(client.startLogin())
        expect(error).toMatchObject({ _tag: "ResponseDecodeError", operation: "oauth.discover" })
        expect(error.message).toContain(issue)
      })
    )
  }

  it.scoped("of an issuer with a path is below the well-known path of its host", () =>
    Effect.gen(function* () {
      const issuer = "https://auth.test/tenant"
      const { client, seen } = yield* serverWith({ issuer }, { issuer })
      yield* client.metadata
      expect(seen[0]?.url.pathname).toBe("/.well-known/oauth-authorization-server/tenant")
    })
  )
})

describe("a client with a secret", () => {
  const clientSecret = Redacted.make("s3cret & more")
  const exchange = (clientAuthentication: OAuth.ClientAuthentication) =>
    Effect.gen(function* () {
      const { client, seen } = yield* serverWith(
        {},
        { clientId: "an app", clientSecret, clientAuthentication }
      )
      const login = yield* client.startLogin()
      const iss = encodeURIComponent(metadata.issuer)
      yield* client.finishLogin(login, `?code=c&state=${login.state}&iss=${iss}`)
      return { headers: seen[1]?.headers, form: new URLSearchParams(seen[1]?.body) }
    })

  it.scoped("authenticates with the header, in the encoding of forms", () =>
    Effect.gen(function* () {
      const { form, headers } = yield* exchange("client_secret_basic")
      expect(headers?.["authorization"]).toBe(`Basic ${btoa("an+app:s3cret+%26+more")}`)
      expect(form.has("client_secret")).toBe(false)
    })
  )

  it.scoped("authenticates with the form", () =>
    Effect.gen(function* () {
      const { form, headers } = yield* exchange("client_secret_post")
      expect(headers?.["authorization"]).toBeUndefined()
      expect([form.get("client_id"), form.get("client_secret")]).toEqual(["an app", "s3cret & more"])
    })
  )

  for (const method of ["client_secret_basic", "client_secret_post"] as const) {
    it.scoped(`that was registered with ${method} logs in and refreshes at the sandbox`, () =>
      Effect.gen(function* () {
        const { client: http, control } = yield* Sandbox.make()
        const registration = {
          client_name: "Reports & more",
          redirect_uris: ["https://reports.example/callback"],
          token_endpoint_auth_method: method,
          scopes: ["logs.read"]
        }
        const registered = yield* Effect.provide(OAuth.register(registration), layerOf(http))
        expect(registered).toMatchObject({ token_endpoint_auth_method: method, scope: "logs.read" })
        const client = yield* clientOver(http, openTokenStore().store, {
          clientId: registered.client_id,
          clientSecret: registered.client_secret,
          clientAuthentication: method,
          redirectUri: "https://reports.example/callback",
          scopes: ["logs.read"]
        })
        const login = yield* client.startLogin()
        yield* client.finishLogin(login, yield* control.oauth.approve(login.url))
        yield* client.revoke()
        expect(yield* control.oauth.revokeGrants).toBe(0)
      })
    )
  }
})

describe("options", () => {
  const refused = (options: Partial<OAuth.ClientOptions>) =>
    Effect.map(
      Effect.flip(clientOver(mockClient(() => "network").client, openTokenStore().store, options)),
      ({ issues }) => issues.map(({ path }) => path)
    )
  const cases: Record<string, Partial<OAuth.ClientOptions>> = {
    clientId: { clientId: "" },
    clientSecret: { clientSecret: Redacted.make("") },
    issuer: { issuer: "http://auth.test" },
    redirectUri: { redirectUri: "/callback" },
    scopes: { scopes: ['a"b'] },
    resource: { resource: "api" },
    timeout: { timeout: 0 },
    userAgent: { userAgent: "a\nb" },
    refreshMargin: { refreshMargin: Number.POSITIVE_INFINITY }
  }
  for (const [path, options] of Object.entries(cases)) {
    it.scoped(`${path} is checked before anything is sent`, () =>
      Effect.gen(function* () {
        expect(yield* refused(options)).toContain(path)
      })
    )
  }

  it.scoped("a secret and the client authentication have to fit", () =>
    Effect.gen(function* () {
      expect(yield* refused({ clientAuthentication: "client_secret_post" })).toEqual(["clientAuthentication"])
      expect(yield* refused({ clientAuthentication: "none", clientSecret: Redacted.make("x") })).toEqual([
        "clientAuthentication"
      ])
    })
  )

  it.scoped("a registration needs valid redirect URIs", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(() => "network")
      const error = yield* Effect.flip(
        Effect.provide(OAuth.register({ client_name: "x", redirect_uris: ["/callback"] }), layerOf(client))
      )
      expect(error).toMatchObject({ _tag: "InvalidRequestError", issues: [{ path: "redirect_uris[0]" }] })
      expect(seen).toEqual([])
    })
  )
})

describe("a revocation", () => {
  it.scoped("keeps the tokens if the server cannot be reached, so that it can be repeated", () =>
    Effect.gen(function* () {
      const { client, control, texts } = yield* loggedIn()
      yield* control.inject({ operation: "oauth.revoke", kind: { _tag: "ConnectionLost" } })
      expect(yield* Effect.flip(client.revoke())).toMatchObject({ operation: "oauth.revoke" })
      expect(texts.size).toBe(1)
      yield* client.revoke()
      expect(texts.size).toBe(0)
      expect(yield* Effect.flip(client.grant())).toMatchObject({ _tag: "LoginRequired", reason: "NoGrant" })
      yield* client.revoke()
    })
  )

  it.scoped("names the refresh token in its form", () =>
    Effect.gen(function* () {
      const { client, seen } = yield* serverWith()
      const login = yield* client.startLogin()
      const iss = encodeURIComponent(metadata.issuer)
      yield* client.finishLogin(login, `?code=c&state=${login.state}&iss=${iss}`)
      yield* client.revoke()
      expect(Object.fromEntries(new URLSearchParams(seen[2]?.body))).toEqual({
        token: "refresh",
        token_type_hint: "refresh_token",
        client_id: Sandbox.appId
      })
    })
  )
})
