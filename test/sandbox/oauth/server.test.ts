/**
 * The authorization server of the sandbox, as an independent client sees it.
 */
import { get } from "node:http"
import { describe, expect, it } from "vitest"
import { onSandbox, type Plain } from "../http/plain.js"
import { redirectUri, refusal, registered, resource } from "./standard.js"

const minutes = (count: number) => ({ body: { advance_ms: count * 60_000 } })

/** The status of a call with an access token. */
const statusWith = async (api: Plain, key: string) =>
  (await api.mailbox("GET /mailbox/connection", { key })).status

describe("an independent client", () => {
  for (const method of ["none", "client_secret_basic", "client_secret_post"] as const) {
    it(
      `with the authentication ${method} discovers, registers, logs in, refreshes and revokes`,
      onSandbox(async (api) => {
        const { client, logIn, refresh, revoke, server } = await registered(api.url, method)
        expect(server).toMatchObject({
          issuer: api.url,
          authorization_response_iss_parameter_supported: true,
          code_challenge_methods_supported: ["S256"]
        })
        expect(client.token_endpoint_auth_method).toBe(method)
        expect(client.client_secret === undefined).toBe(method === "none")
        const first = await logIn()
        expect(first).toMatchObject({
          token_type: "bearer",
          expires_in: 900,
          scope: "mailbox.read email.send"
        })
        expect(await statusWith(api, first.access_token)).toBe(200)
        const second = await refresh(first)
        expect(second.access_token).not.toBe(first.access_token)
        expect(second.refresh_token).not.toBe(first.refresh_token)
        expect(second.scope).toBe(first.scope)
        expect(await statusWith(api, second.access_token)).toBe(200)
        await revoke(second.refresh_token)
        expect(await statusWith(api, second.access_token)).toBe(401)
        expect(await refusal(refresh(second))).toEqual([400, "invalid_grant"])
      })
    )
  }

  it(
    "is not told whether a token that it revokes was known, and cannot revoke that of another client",
    onSandbox(async (api) => {
      const one = await registered(api.url)
      const other = await registered(api.url)
      const tokens = await one.logIn()
      await other.revoke("unknown")
      await other.revoke(tokens.refresh_token)
      await other.revoke(tokens.access_token)
      expect(await statusWith(api, tokens.access_token)).toBe(200)
      await one.revoke(tokens.access_token)
      expect(await statusWith(api, tokens.access_token)).toBe(401)
      expect(await refusal(one.refresh(tokens))).toEqual([400, "invalid_grant"])
    })
  )
})

describe("a code", () => {
  it(
    "that is sent twice revokes the grant",
    onSandbox(async (api) => {
      const { authorize, exchange, refresh } = await registered(api.url)
      const login = await authorize()
      const first = await exchange(login)
      const refreshed = await refresh(first)
      expect(await refusal(exchange(login))).toEqual([400, "invalid_grant"])
      expect(await statusWith(api, first.access_token)).toBe(401)
      expect(await statusWith(api, refreshed.access_token)).toBe(401)
      expect(await refusal(refresh(refreshed))).toEqual([400, "invalid_grant"])
    })
  )

  it(
    "that is sent twice at the same time is exchanged once, and then its grant is revoked",
    onSandbox(async (api) => {
      const { authorize, exchange } = await registered(api.url)
      const login = await authorize()
      const results = await Promise.allSettled([exchange(login), exchange(login)])
      const tokens = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []))
      expect(tokens).toHaveLength(1)
      expect(await statusWith(api, tokens[0]?.access_token ?? "")).toBe(401)
    })
  )

  it(
    "is refused with another verifier, redirect URI, resource or client, and then still belongs to its login",
    onSandbox(async (api) => {
      const { authorize, exchange } = await registered(api.url)
      const other = await registered(api.url)
      const login = await authorize()
      const { verifier } = await authorize()
      const unregistered = "http://127.0.0.1:8765/other"
      expect(await refusal(exchange({ ...login, verifier }))).toEqual([400, "invalid_grant"])
      expect(await refusal(exchange({ ...login, verifier: "short" }))).toEqual([400, "invalid_request"])
      expect(await refusal(exchange(login, { redirectUri: unregistered }))).toEqual([400, "invalid_grant"])
      expect(await refusal(exchange(login, { resource: "https://evil.test" }))).toEqual([
        400,
        "invalid_target"
      ])
      const { callback } = await other.authorize()
      callback.set("code", login.callback.get("code") ?? "")
      expect(await refusal(other.exchange({ ...login, callback }))).toEqual([400, "invalid_grant"])
      expect((await exchange(login)).scope).toBe("mailbox.read email.send")
    })
  )

  it(
    "is valid for a minute",
    onSandbox(async (api) => {
      const { authorize, exchange } = await registered(api.url)
      const login = await authorize()
      await api.control("POST /clock", minutes(1))
      expect(await refusal(exchange(login))).toEqual([400, "invalid_grant"])
    })
  )
})

describe("a login", () => {
  const reported: Record<string, readonly [changes: Record<string, string | undefined>, code: string]> = {
    "without a challenge": [{ code_challenge: undefined }, "invalid_request"],
    "with a plain challenge": [{ code_challenge_method: "plain" }, "invalid_request"],
    "without a method of the challenge, which means plain": [
      { code_challenge_method: undefined },
      "invalid_request"
    ],
    "with a malformed challenge": [{ code_challenge: "abc" }, "invalid_request"],
    "for another resource": [{ resource: "https://sendmux.ai" }, "invalid_target"],
    "without a resource": [{ resource: undefined }, "invalid_target"],
    "for an unknown scope": [{ scope: "mailbox.read everything" }, "invalid_scope"],
    "for a token": [{ response_type: "token" }, "unsupported_response_type"]
  }
  for (const [what, [changes, code]] of Object.entries(reported)) {
    it(
      `${what} is reported to the client as ${code}`,
      onSandbox(async (api) => {
        const { authorize } = await registered(api.url)
        expect(await refusal(authorize(changes))).toEqual([302, code])
      })
    )
  }

  const shown: Record<string, Record<string, string | undefined>> = {
    "with a redirect URI that is not registered": { redirect_uri: "http://127.0.0.1:8765/other" },
    "with a redirect URI of another host": { redirect_uri: "https://evil.test/callback" },
    "with a redirect URI that begins like a registered one": { redirect_uri: `${redirectUri}/more` },
    "without a redirect URI": { redirect_uri: undefined },
    "of an unknown client": { client_id: "unknown" }
  }
  for (const [what, changes] of Object.entries(shown)) {
    it(
      `${what} is refused without a redirect`,
      onSandbox(async (api) => {
        const { open } = await registered(api.url)
        const { location, response } = await open(changes)
        expect([response.status, location]).toEqual([400, null])
        expect(await response.json()).toMatchObject({ error: "invalid_request" })
      })
    )
  }

  it(
    "of a native app may use another port of the loopback interface, and must exchange the code with it",
    onSandbox(async (api) => {
      const { authorize, exchange } = await registered(api.url)
      const otherPort = "http://127.0.0.1:49152/callback"
      const login = await authorize({ redirect_uri: otherPort })
      expect(await refusal(exchange(login))).toEqual([400, "invalid_grant"])
      expect((await exchange(login, { redirectUri: otherPort })).expires_in).toBe(900)
    })
  )
})

describe("a refresh token", () => {
  it(
    "that is sent twice revokes the whole grant, with the tokens that it was exchanged for",
    onSandbox(async (api) => {
      const { logIn, refresh } = await registered(api.url)
      const first = await logIn()
      const another = await logIn()
      const second = await refresh(first)
      const third = await refresh(second)
      expect(await refusal(refresh(first))).toEqual([400, "invalid_grant"])
      for (const { access_token } of [first, second, third]) {
        expect(await statusWith(api, access_token)).toBe(401)
      }
      expect(await refusal(refresh(third))).toEqual([400, "invalid_grant"])
      // The other grant of the same client is not affected.
      expect(await statusWith(api, (await refresh(another)).access_token)).toBe(200)
    })
  )

  it(
    "that is sent twice at the same time is used once, and then its grant is revoked",
    onSandbox(async (api) => {
      const { logIn, refresh } = await registered(api.url)
      const first = await logIn()
      const results = await Promise.allSettled([refresh(first), refresh(first)])
      const tokens = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []))
      expect(tokens).toHaveLength(1)
      expect(await refusal(refresh(tokens[0] ?? first))).toEqual([400, "invalid_grant"])
    })
  )

  it(
    "is not used up by a request for another resource or by another client",
    onSandbox(async (api) => {
      const { logIn, refresh } = await registered(api.url)
      const other = await registered(api.url)
      const tokens = await logIn()
      expect(await refusal(refresh(tokens, { resource: `${resource}/v1` }))).toEqual([400, "invalid_target"])
      expect(await refusal(other.refresh(tokens))).toEqual([400, "invalid_grant"])
      expect((await refresh(tokens)).expires_in).toBe(900)
    })
  )
})

describe("an access token", () => {
  it(
    "expires after 15 minutes, and a refresh gives a new one",
    onSandbox(async (api) => {
      const { logIn, refresh } = await registered(api.url)
      const tokens = await logIn()
      await api.control("POST /clock", minutes(14))
      expect(await statusWith(api, tokens.access_token)).toBe(200)
      await api.control("POST /clock", minutes(1))
      const { json, status } = await api.mailbox("GET /mailbox/connection", { key: tokens.access_token })
      expect([status, json.error.code]).toEqual([401, "authentication_required"])
      expect(await statusWith(api, (await refresh(tokens)).access_token)).toBe(200)
    })
  )

  it(
    "without the scope of an operation is a 403 with the code insufficient_permissions",
    onSandbox(async (api) => {
      const { logIn } = await registered(api.url)
      const { access_token: key } = await logIn({ scope: "mailbox.read" })
      const email = {
        from: { email: "hello@example.com" },
        to: { email: "ada@example.org" },
        subject: "Hi",
        html_body: "<p>Hi</p>"
      }
      const send = await api.sending("POST /emails/send", { key, body: email })
      expect(send.status).toBe(403)
      expect(send.json).toMatchObject({
        ok: false,
        error: { code: "insufficient_permissions", retryable: false }
      })
      expect(send.json.error.message).toContain("email.send")
      const domains = await api.management("GET /domains", { key })
      expect([domains.status, domains.json.error.code]).toEqual([403, "insufficient_permissions"])
      expect((await api.mailbox("GET /mailbox/me?mailbox_id=mbx_sandbox", { key })).status).toBe(200)
      const { access_token: sender } = await logIn({ scope: "email.send" })
      expect((await api.sending("POST /emails/send", { key: sender, body: email })).status).toBe(200)
      const { access_token: admin } = await logIn({ scope: "domain.*" })
      expect((await api.management("GET /domains", { key: admin })).status).toBe(200)
    })
  )

  it(
    "ends its streams of events at its deadline",
    onSandbox(async (api) => {
      const { logIn } = await registered(api.url)
      const { access_token } = await logIn()
      const stream = await openEvents(api, access_token)
      await api.control("POST /clock", minutes(14))
      await api.control("POST /inbound", {
        body: { to: "agent@sandbox.test", subject: "Before the deadline", text: "Hi" }
      })
      await stream.until("message.received")
      expect(stream.isOpen()).toBe(true)
      await api.control("POST /clock", minutes(1))
      await stream.ended
      expect(
        (await api.mailbox("GET /mailbox/events?mailbox_id=mbx_sandbox", { key: access_token })).status
      ).toBe(401)
    })
  )
})

/** Opens a stream of events on a connection of its own, and waits until it has begun. */
const openEvents = (api: Plain, token: string) =>
  new Promise<{
    /** Waits until the stream has contained a text. */
    readonly until: (text: string) => Promise<void>
    readonly ended: Promise<void>
    readonly isOpen: () => boolean
  }>((resolve, reject) => {
    const url = `${api.url}/app/api/v1/mailbox/events?mailbox_id=mbx_sandbox`
    const headers = { authorization: `Bearer ${token}` }
    const request = get(url, { headers, agent: false }, (response) => {
      let text = ""
      let isOpen = true
      const waiting = new Set<() => void>()
      const ended = new Promise<void>((end) => {
        response.on("end", () => {
          isOpen = false
          end()
        })
      })
      const until = (wanted: string) =>
        new Promise<void>((found) => {
          const look = () => {
            if (!text.includes(wanted)) return
            waiting.delete(look)
            found()
          }
          waiting.add(look)
          look()
        })
      response.setEncoding("utf8")
      response.on("data", (part: string) => {
        text += part
        for (const look of waiting) look()
      })
      const stream = { until, ended, isOpen: () => isOpen }
      void until("listening").then(() => resolve(stream))
    })
    request.on("error", reject)
  })

describe("the control over HTTP", () => {
  it(
    "approves and denies a login",
    onSandbox(async (api) => {
      const { accept, exchange, open } = await registered(api.url)
      const { state, url, verifier } = await open()
      const denied = await api.control("POST /oauth/deny", { body: { url } })
      const accepted = async () => accept(denied.json.callback, state)
      expect(await refusal(accepted())).toEqual([302, "access_denied"])
      const approved = await api.control("POST /oauth/approve", { body: { url } })
      expect(approved.status).toBe(200)
      const callback = accept(approved.json.callback, state)
      expect(await statusWith(api, (await exchange({ callback, verifier })).access_token)).toBe(200)
    })
  )

  it(
    "does not open a login that the server would not redirect",
    onSandbox(async (api) => {
      for (const url of ["no URL", `${api.url}/oauth/authorize?client_id=unknown`]) {
        const { json, status } = await api.control("POST /oauth/approve", { body: { url } })
        expect([status, json.error.param]).toEqual([422, "url"])
      }
    })
  )

  it(
    "revokes every grant",
    onSandbox(async (api) => {
      const { logIn, refresh } = await registered(api.url)
      const tokens = await logIn()
      await logIn()
      expect((await api.control("POST /oauth/revoke-grants")).json).toMatchObject({ ok: true, revoked: 2 })
      expect((await api.control("POST /oauth/revoke-grants")).json).toMatchObject({ revoked: 0 })
      expect(await statusWith(api, tokens.access_token)).toBe(401)
      expect(await refusal(refresh(tokens))).toEqual([400, "invalid_grant"])
    })
  )

  it(
    "does not claim an agent that does not exist",
    onSandbox(async (api) => {
      const unknown = await api.control("POST /oauth/claim-agent", { body: { registration_id: "areg_0" } })
      expect([unknown.status, unknown.json.error.code]).toEqual([404, "not_found"])
      expect((await api.control("POST /oauth/claim-agent", { body: {} })).status).toBe(422)
    })
  )

  it(
    "forgets clients and grants with a reset",
    onSandbox(async (api) => {
      const { logIn, open } = await registered(api.url)
      const { access_token } = await logIn()
      await api.control("POST /reset")
      expect(await statusWith(api, access_token)).toBe(401)
      expect((await open()).response.status).toBe(400)
    })
  )
})
