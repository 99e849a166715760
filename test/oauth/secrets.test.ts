/**
 * No token, code, verifier or client secret leaves by any way out: errors, logs, spans, metrics, JSON and inspection.
 */
import { inspect } from "node:util"
import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { AgentAuth } from "../../src/AgentAuth.js"
import * as OAuth from "../../src/OAuth.js"
import { mockClient, type Reaction, type Seen } from "../support/http.js"
import { expectClean, expectNoLeak, password, token, uploadToken } from "../support/leaks.js"
import { clientOver, layerOf, openTokenStore } from "../support/oauth.js"
import { record, spanText } from "../support/telemetry.js"

const issuer = "https://auth.test"

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } })

const metadata = json({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  registration_endpoint: `${issuer}/register`,
  revocation_endpoint: `${issuer}/revoke`
})

/** What the server has sent or received. The tests of leaks know these texts. */
const issued = { access_token: token, token_type: "Bearer", expires_in: 900, refresh_token: uploadToken }

/** Servers that send back what they have received, in the ways in which servers do. */
const reactions: Record<string, readonly [react: (request: Seen) => Reaction, expected: string]> = {
  "a failure that quotes the form and the headers": [
    ({ body, headers }) => {
      const quoted = `${body} ${decodeURIComponent(body)} ${JSON.stringify(headers)}`
      return json({ error: quoted, error_description: quoted, rate_limit_scope: quoted }, 400, {
        "x-request-id": body
      })
    },
    "OAuthError"
  ],
  "a page of a proxy": [({ body }) => new Response(`<html>${body}</html>`, { status: 502 }), "OAuthError"],
  "a response that does not match the schema": [
    ({ body }) => json({ access_token: [body], [body]: body }),
    "ResponseDecodeError"
  ],
  "a response that is not JSON": [({ body }) => new Response(body), "ResponseDecodeError"],
  "a token that cannot be sent": [
    () => json({ ...issued, access_token: `${token} ${uploadToken}` }),
    "ResponseDecodeError"
  ],
  "a redirect": [
    ({ body }) => new Response(null, { status: 302, headers: { location: `https://evil.test/?${body}` } }),
    "OAuthError"
  ],
  "a network failure": [() => "network", "TransportError"],
  "a timeout": [() => Effect.never, "TransportError"]
}

const stored = (expires_at: number) =>
  JSON.stringify({
    version: 1,
    state: "ready",
    issuer,
    client_id: "app",
    access_token: token,
    refresh_token: uploadToken,
    scope: "email.send",
    obtained_at: 0,
    expires_at
  })

const options = { issuer, clientId: "app", clientSecret: Redacted.make(password) }

/** A client whose server describes itself, and then reacts as the test says. */
const clientWith = (
  react: (request: Seen) => Reaction,
  clientAuthentication: OAuth.ClientAuthentication = "client_secret_post"
) =>
  Effect.gen(function* () {
    const { client: http } = mockClient((request) =>
      request.method === "GET" ? metadata.clone() : react(request)
    )
    const { store, texts } = openTokenStore()
    const client = yield* clientOver(http, store, { ...options, clientAuthentication })
    return { client, http, store, texts }
  })

describe("no secret leaks", () => {
  for (const [what, [react, expected]] of Object.entries(reactions)) {
    it.scoped(`from a refresh, after ${what}`, () =>
      Effect.gen(function* () {
        for (const authentication of ["client_secret_post", "client_secret_basic"] as const) {
          const { client, texts } = yield* clientWith(react, authentication)
          texts.set("default", stored(0))
          const certain = expected === "OAuthError" && what.includes("quotes")
          yield* expectNoLeak(client.accessToken(), certain ? "OAuthError" : "LoginRequired")
        }
      })
    )

    it.scoped(`from the exchange of a code, after ${what}`, () =>
      Effect.gen(function* () {
        const { client } = yield* clientWith(react)
        const login = { ...(yield* client.startLogin()), code_verifier: Redacted.make(token) }
        const callback = `?code=${encodeURIComponent(password)}&state=${login.state}`
        yield* expectNoLeak(client.finishLogin(login, callback), expected)
      })
    )

    it.scoped(`from a revocation, after ${what}`, () =>
      Effect.gen(function* () {
        const { client, texts } = yield* clientWith(react)
        texts.set("default", stored(1e15))
        // A revocation needs no content in the response.
        if (expected === "ResponseDecodeError") return
        yield* expectNoLeak(client.revoke(), expected)
      })
    )

    it.effect(`from an agent, after ${what}`, () =>
      Effect.gen(function* () {
        const { client: http } = mockClient(react)
        const agents = yield* Effect.provide(
          AgentAuth.make({ baseUrl: `${issuer}/agent-auth` }),
          layerOf(http)
        )
        const registration = {
          version: 1,
          registration_id: "areg_1",
          identity_assertion: Redacted.make(token),
          claim_token: Redacted.make(uploadToken),
          pre_claim_scopes: [],
          mailbox: {},
          assertion_expires_at: 1e15,
          claim_expires_at: 1e15
        } as const
        yield* expectNoLeak(agents.token(registration, "identity"), expected)
        yield* expectNoLeak(agents.token(registration, "claim"), expected)
        if (expected === "ResponseDecodeError") return
        yield* expectNoLeak(agents.invite(Redacted.make(token), { email: "a@b.co" }), expected)
        yield* expectNoLeak(agents.revoke(Redacted.make(token)), expected)
      })
    )
  }

  it.scoped("from a callback whose error quotes the state and the verifier", () =>
    Effect.gen(function* () {
      const { client } = yield* clientWith(() => "network")
      const login = { ...(yield* client.startLogin()), code_verifier: Redacted.make(token) }
      const query = new URLSearchParams({ state: login.state, error: `x ${token}`, error_description: token })
      yield* expectNoLeak(client.finishLogin(login, `?${query}`), "CallbackError")
    })
  )

  it.scoped("from a store that cannot be read", () =>
    Effect.gen(function* () {
      const { client, texts } = yield* clientWith(() => "network")
      texts.set("default", `${stored(0)} ${password}`)
      yield* expectNoLeak(client.accessToken(), "LoginRequired")
    })
  )

  it.effect("from invalid options", () =>
    Effect.gen(function* () {
      const build = (changes: Partial<OAuth.ClientOptions>) =>
        Effect.scoped(
          clientOver(mockClient(() => "network").client, openTokenStore().store, { ...options, ...changes })
        )
      yield* expectNoLeak(build({ clientAuthentication: "none" }), "InvalidRequestError")
      yield* expectNoLeak(build({ issuer: `http://auth.test/${password}` }), "InvalidRequestError")
    })
  )

  it.scoped("from values that a program prints: logins, grants, clients, registrations and tokens", () =>
    Effect.gen(function* () {
      const { client, http, texts } = yield* clientWith(({ url }) =>
        json(url.pathname === "/register" ? { client_id: "app", client_secret: password } : issued)
      )
      const login = { ...(yield* client.startLogin()), code_verifier: Redacted.make(password) }
      const grant = yield* client.finishLogin(login, `?code=c&state=${login.state}`)
      const registered = yield* Effect.provide(
        OAuth.register({ client_name: "x", redirect_uris: ["https://a.test/cb"] }, { issuer }),
        layerOf(http)
      )
      expect(texts.get("default")).toContain(token)
      const values = { client, login, grant, registered, token: yield* client.accessToken() }
      for (const [name, value] of Object.entries(values)) {
        expectClean(`${name}, inspected`, inspect(value, { depth: 20, showHidden: true }))
        expectClean(`${name} as JSON`, JSON.stringify(value))
        expectClean(`${name} as text`, `${String(value)}`)
      }
    })
  )

  it.scoped("from the logs, spans and metrics of a refresh that succeeds", () => {
    const { inspected, layer, logs, spans } = record()
    return Effect.gen(function* () {
      const { client, texts } = yield* clientWith(() => json(issued))
      texts.set("default", stored(0))
      yield* client.accessToken()
      expect(spans.map(({ name }) => name)).toContain("Sendmux.oauth.refresh")
      for (const span of spans) {
        expectClean("a span", spanText(span))
        expectClean("the result of a span", inspect(span.status, { depth: 20 }))
      }
      const metrics = inspect(yield* Metric.snapshot, { depth: 20, maxArrayLength: null })
      expect(metrics).toContain("sendmux_oauth_refreshes")
      expectClean("the metrics", metrics)
      for (const line of [...logs, ...inspected]) expectClean("a log", line)
    }).pipe(Effect.provide(layer))
  })

  it.scoped("over a redirect, which is not followed", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const { client, texts } = yield* clientWith(({ url }) => {
        seen.push(url.host)
        return new Response(null, { status: 307, headers: { location: "https://evil.test/token" } })
      })
      texts.set("default", stored(0))
      yield* TestClock.adjust(Duration.minutes(1))
      yield* Effect.flip(client.accessToken())
      expect(seen).toEqual(["auth.test"])
    })
  )
})
