import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import { vi } from "vitest"
import { AgentAuth, AgentRegistration, type Challenge, solveChallenge } from "../../src/AgentAuth.js"
import { LoginRequired, OAuthError, TokenStore } from "../../src/OAuth.js"
import { Mailbox } from "../../src/Mailbox.js"
import * as Call from "../../src/internal/timing/deadline.js"
import * as Sandbox from "../../src/Sandbox.js"
import { mockClient } from "../support/http.js"
import { layerOf, textOfToken } from "../support/oauth.js"
import { errorOf, recordWaits } from "../support/time.js"

/** A challenge and the solution that an independent implementation of the proof of work has found for it. */
const parameters = {
  algorithm: "PBKDF2/SHA-256",
  cost: 20,
  expiresAt: 4102444800,
  keyLength: 32,
  keyPrefix: "00",
  nonce: "80b551bc0e7a376da9220a4f7e3ba151",
  salt: "f759e321356f893bc72da8a02d43e242"
}
const solution = {
  counter: 71,
  derivedKey: "00f46df239bdb145bcfdc784487bb6b59d514dd9e183b06743c7a29791d054e1"
}

const challengeWith = (changes: Partial<Challenge["parameters"]>): Challenge => ({
  parameters: { ...parameters, ...changes },
  raw: {}
})

/** An agent service over a sandbox. */
const agentsOf = Effect.gen(function* () {
  const { client: http, control } = yield* Sandbox.make()
  const agents = yield* Effect.provide(AgentAuth.make(), layerOf(http))
  const requested = (name: string) =>
    Effect.map(control.requests, (requests) => requests.filter(({ operation }) => operation === name).length)
  return { http, control, agents, requested }
})

describe("the proof of work", () => {
  it.live("is that of an independent implementation", () =>
    Effect.gen(function* () {
      expect(yield* solveChallenge(challengeWith({}))).toEqual(solution)
    })
  )

  it.live("leaves the main loop free while a key is derived", () =>
    Effect.gen(function* () {
      let turns = 0
      let isSolved = false
      const count = () => {
        turns++
        if (!isSolved) setImmediate(count)
      }
      setImmediate(count)
      // Two derivations, each of which takes more than a hundred milliseconds. On the main loop they would leave it a turn or two in between.
      yield* solveChallenge(challengeWith({ cost: 300_000, keyPrefix: "" }))
      isSolved = true
      expect(turns).toBeGreaterThan(20)
    })
  )

  it.live("derives no more keys after its fiber was interrupted", () =>
    Effect.gen(function* () {
      const derive = vi.spyOn(crypto.subtle, "deriveBits")
      const derived = (count: number) =>
        Effect.promise(() => vi.waitUntil(() => derive.mock.calls.length >= count, { interval: 1 }))
      const running = yield* Effect.fork(
        solveChallenge(challengeWith({ cost: 1_000, keyPrefix: "ffffffffffff" }))
      )
      yield* derived(10)
      yield* Fiber.interrupt(running)
      const started = derive.mock.calls.length
      yield* Effect.promise(() => Promise.all(derive.mock.results.map(({ value }) => value)))
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      expect(derive.mock.calls).toHaveLength(started)
    }).pipe(Effect.ensuring(Effect.sync(() => vi.restoreAllMocks())))
  )

  const unsolvable: Record<string, readonly [changes: Partial<Challenge["parameters"]>, reason: string]> = {
    "of another algorithm": [{ algorithm: "ARGON2ID" }, "UnsupportedAlgorithm"],
    "whose nonce is not hexadecimal": [{ nonce: "xyz" }, "InvalidChallenge"],
    "whose salt has half a byte": [{ salt: "abc" }, "InvalidChallenge"],
    "whose prefix is not hexadecimal": [{ keyPrefix: "zz" }, "InvalidChallenge"],
    "whose key is too long": [{ keyLength: 1e9 }, "InvalidChallenge"],
    "that has expired": [{ expiresAt: 1 }, "Expired"]
  }
  for (const [what, [changes, reason]] of Object.entries(unsolvable)) {
    it.live(`fails for a challenge ${what}`, () =>
      Effect.gen(function* () {
        expect(yield* Effect.flip(solveChallenge(challengeWith(changes)))).toMatchObject({
          _tag: "ProofOfWorkError",
          reason
        })
      })
    )
  }

  const shapes: Record<string, object> = {
    "with its parameters in a field": { parameters, signature: "s", more: 1 },
    "with its parameters beside the signature": { ...parameters, signature: "s" },
    "in a field of the response": { challenge: { parameters, signature: "s" }, expires_in: 60 }
  }
  for (const [what, shape] of Object.entries(shapes)) {
    it.live(`accepts a challenge ${what}, and sends it back unchanged`, () =>
      Effect.gen(function* () {
        const { client, seen } = mockClient(({ url }) =>
          url.pathname.endsWith("/challenge")
            ? new Response(JSON.stringify(shape))
            : new Response(JSON.stringify({ error: "temporarily_unavailable", retry_after: 7 }), {
                status: 503
              })
        )
        const agents = yield* Effect.provide(AgentAuth.make(), layerOf(client))
        const error = yield* Effect.flip(agents.register({ client_name: "Reader", idempotency_key: "k1" }))
        expect(error).toMatchObject({ _tag: "OAuthError", code: "temporarily_unavailable" })
        expect(error instanceof OAuthError && error.retryAfter).toEqual(Duration.seconds(7))
        const { proof_of_work, ...body } = JSON.parse(seen[1]?.body ?? "{}")
        expect(body).toEqual({ type: "anonymous", client_name: "Reader", idempotency_key: "k1" })
        const sent = "challenge" in shape ? shape.challenge : shape
        expect(JSON.parse(Buffer.from(proof_of_work, "base64").toString())).toEqual({
          challenge: sent,
          solution
        })
      })
    )
  }

  it.effect("is reported as a response that cannot be decoded if the challenge has another shape", () =>
    Effect.gen(function* () {
      const { client } = mockClient(() => new Response(JSON.stringify({ puzzle: 1 })))
      const agents = yield* Effect.provide(AgentAuth.make(), layerOf(client))
      expect(yield* Effect.flip(agents.register())).toMatchObject({
        _tag: "ResponseDecodeError",
        operation: "agent.challenge"
      })
    })
  )

  it.scoped("can be replaced by a function of the program", () =>
    Effect.gen(function* () {
      const { client: http } = yield* Sandbox.make()
      let solved = 0
      const solve = (challenge: Challenge) => {
        solved++
        return solveChallenge(challenge)
      }
      const agents = yield* Effect.provide(AgentAuth.make({ solve }), layerOf(http))
      yield* agents.register()
      expect(solved).toBe(1)
    })
  )
})

describe("a registration", () => {
  it.scoped("gives the agent a mailbox that it can read, and not more", () =>
    Effect.gen(function* () {
      const { agents, http } = yield* agentsOf
      const registration = yield* agents.register({ mailbox_local_part: "reader", client_name: "Reader" })
      expect(registration).toMatchObject({
        pre_claim_scopes: ["mailbox.read"],
        mailbox: { email: "reader@sandbox.test" }
      })
      expect(Redacted.value(registration.claim_token)).toMatch(/^smx_agent_claim_/)
      const mailbox = yield* Effect.provide(
        Mailbox.make({ accessToken: agents.accessToken(registration) }),
        layerOf(http)
      )
      expect((yield* mailbox.me.get()).email).toBe("reader@sandbox.test")
      const send = mailbox.messages.send({
        to: [{ email: "ada@example.org" }],
        subject: "Hi",
        text_body: "Hi"
      })
      expect(yield* Effect.flip(send)).toMatchObject({ code: "insufficient_permissions" })
    })
  )

  it.scoped("with the same idempotency key is the same, also after its response was lost", () =>
    Effect.gen(function* () {
      const { agents, control } = yield* agentsOf
      yield* control.inject({ operation: "agent.identity", kind: { _tag: "ResponseLost" } })
      const input = { mailbox_local_part: "once", idempotency_key: "k1" }
      expect(yield* Effect.flip(agents.register(input))).toMatchObject({ _tag: "TransportError" })
      const registration = yield* agents.register(input)
      const again = yield* agents.register(input)
      expect(again.registration_id).toBe(registration.registration_id)
      expect(yield* Effect.flip(agents.register({ ...input, client_name: "Other" }))).toMatchObject({
        _tag: "OAuthError",
        status: 409
      })
    })
  )

  it.scoped("can be kept in the token store", () =>
    Effect.gen(function* () {
      const { agents } = yield* agentsOf
      const registration = yield* agents.register()
      yield* agents.save("reader", registration)
      const loaded = yield* agents.load("reader")
      expect(Schema.encodeSync(AgentRegistration)(loaded ?? registration)).toEqual(
        Schema.encodeSync(AgentRegistration)(registration)
      )
      expect(loaded).toBeDefined()
      expect(yield* agents.load("other")).toBeUndefined()
      const store = yield* TokenStore
      yield* store.set("agent:broken", "{")
      expect(yield* Effect.flip(agents.load("broken"))).toMatchObject({ _tag: "TokenStoreError" })
    }).pipe(Effect.provide(TokenStore.layerMemory))
  )
})

describe("the access token of an agent", () => {
  it.scoped("is requested once for many fibers, and again before it expires", () =>
    Effect.gen(function* () {
      const { agents, control, requested } = yield* agentsOf
      const registration = yield* agents.register()
      yield* control.oauth.claimAgent(registration.registration_id)
      const tokens = yield* Effect.all(
        Array.from({ length: 100 }, () => agents.accessToken(registration)),
        { concurrency: "unbounded" }
      )
      expect(new Set(tokens.map(textOfToken)).size).toBe(1)
      expect(yield* requested("agent.token")).toBe(1)
      yield* TestClock.adjust("58 minutes")
      yield* agents.accessToken(registration)
      expect(yield* requested("agent.token")).toBe(1)
      yield* TestClock.adjust("1 minute")
      yield* agents.accessToken(registration)
      expect(yield* requested("agent.token")).toBe(2)
    })
  )

  it.scoped("requires a login when neither the identity nor the claim token is valid", () =>
    Effect.gen(function* () {
      const { agents, requested } = yield* agentsOf
      const registration = yield* agents.register()
      yield* TestClock.adjust("16 minutes")
      expect(yield* Effect.flip(agents.accessToken(registration))).toMatchObject({
        code: "authorization_pending"
      })
      yield* TestClock.adjust("24 hours")
      const before = yield* requested("agent.token")
      const error = yield* Effect.flip(agents.accessToken(registration))
      expect(error).toBeInstanceOf(LoginRequired)
      expect(error).toMatchObject({ reason: "Expired" })
      expect(yield* requested("agent.token")).toBe(before)
    })
  )

  it.scoped("is for one host, and can be revoked", () =>
    Effect.gen(function* () {
      const { agents, control, http } = yield* agentsOf
      const registration = yield* agents.register()
      expect(yield* Effect.flip(agents.token(registration, "identity", "sending"))).toMatchObject({
        code: "invalid_target"
      })
      yield* control.oauth.claimAgent(registration.registration_id)
      const { accessToken } = yield* agents.token(registration, "claim", "sending")
      const mailboxWith = (token: Redacted.Redacted) =>
        Effect.provide(Mailbox.make({ accessToken: token }), layerOf(http))
      const refused = { code: "authentication_required" }
      expect(yield* Effect.flip((yield* mailboxWith(accessToken)).me.get())).toMatchObject(refused)
      const own = yield* agents.token(registration, "claim")
      const mailbox = yield* mailboxWith(own.accessToken)
      yield* mailbox.me.get()
      yield* agents.revoke(own.accessToken)
      expect(yield* Effect.flip(mailbox.me.get())).toMatchObject(refused)
      // The server does not tell whether a token was known.
      yield* agents.revoke(Redacted.make("unknown"))
    })
  )
})

describe("a claim", () => {
  it.scoped("is waited for at the pace of the server, and gives the agent more scopes", () =>
    Effect.gen(function* () {
      const { agents, control, requested } = yield* agentsOf
      const registration = yield* agents.register()
      const token = yield* agents.accessToken(registration)
      yield* agents.invite(token, { email: "owner@example.com", requested_role: "member" })
      const before = yield* requested("agent.token")
      const waiting = yield* Effect.fork(agents.waitForClaim(registration))
      yield* TestClock.adjust("14 seconds")
      expect((yield* requested("agent.token")) - before).toBe(3)
      yield* control.oauth.claimAgent(registration.registration_id)
      yield* TestClock.adjust("1 second")
      const claimed = yield* Fiber.join(waiting)
      expect(claimed.scopes).toContain("email.send")
      expect(textOfToken(yield* agents.accessToken(registration))).toBe(textOfToken(claimed.accessToken))
    })
  )

  it.scoped("that does not come in time is a typed timeout", () =>
    Effect.gen(function* () {
      const { agents } = yield* agentsOf
      const registration = yield* agents.register()
      const waiting = yield* Effect.fork(
        Effect.flip(agents.waitForClaim(registration, { timeout: "12 seconds" }))
      )
      yield* TestClock.adjust("12 seconds")
      const error = yield* Fiber.join(waiting)
      expect(error).toMatchObject({
        _tag: "ClaimTimeoutError",
        registration_id: registration.registration_id
      })
    })
  )

  it.scoped("is not waited for when the next check would be after the deadline", () =>
    Effect.gen(function* () {
      const { agents, requested } = yield* agentsOf
      const registration = yield* agents.register()
      const { exit, waits } = yield* recordWaits(
        agents.waitForClaim(registration).pipe(Call.deadline("12 seconds"))
      )
      expect(errorOf(exit)).toMatchObject({
        _tag: "DeadlineExceededError",
        operation: "agent.waitForClaim",
        awaited: "Check",
        attempts: 3,
        needed: Duration.seconds(5),
        remaining: Duration.seconds(2)
      })
      expect(waits).toEqual([5_000, 5_000])
      expect(yield* requested("agent.token")).toBe(3)
      const own = agents.waitForClaim(registration, { timeout: "7 seconds" })
      const timed = yield* recordWaits(own.pipe(Call.deadline("8 seconds")))
      expect(errorOf(timed.exit)).toMatchObject({ _tag: "ClaimTimeoutError" })
    })
  )

  it.scoped("is not waited for after the deadline has ended a check that takes too long", () =>
    Effect.gen(function* () {
      const { agents, control } = yield* agentsOf
      const registration = yield* agents.register()
      yield* control.inject({ operation: "agent.token", kind: { _tag: "Slow", millis: 20_000 } })
      const { exit, waits } = yield* recordWaits(
        agents.waitForClaim(registration).pipe(Call.deadline("3 seconds"))
      )
      expect(errorOf(exit)).toMatchObject({
        _tag: "DeadlineExceededError",
        awaited: "Response",
        attempts: 1
      })
      expect(waits).toEqual([3_000])
    })
  )

  it.scoped("survives a rate limit and a slow_down, and ends at a refusal", () =>
    Effect.gen(function* () {
      const responses = [
        new Response(JSON.stringify({ error: "slow_down" }), { status: 400 }),
        new Response(JSON.stringify({ error: "rate", rate_limit_scope: "ip" }), {
          status: 429,
          headers: { "retry-after": "3" }
        }),
        new Response(JSON.stringify({ error: "access_denied" }), { status: 400 })
      ]
      const { client, seen } = mockClient((_, index) => responses[index] ?? "network")
      const agents = yield* Effect.provide(AgentAuth.make(), layerOf(client))
      const registration: AgentRegistration = {
        version: 1,
        registration_id: "areg_1",
        identity_assertion: Redacted.make("assertion-1"),
        claim_token: Redacted.make("claim-token-1"),
        pre_claim_scopes: [],
        mailbox: {},
        assertion_expires_at: 1e12,
        claim_expires_at: 1e12
      }
      const waiting = yield* Effect.fork(Effect.flip(agents.waitForClaim(registration)))
      yield* TestClock.adjust("10 seconds")
      expect(seen).toHaveLength(2)
      yield* TestClock.adjust("7 seconds")
      expect(seen).toHaveLength(2)
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(waiting)).toMatchObject({ code: "access_denied" })
    })
  )
})

describe("the options of AgentAuth", () => {
  it.effect("are checked before anything is sent", () =>
    Effect.gen(function* () {
      const { layer } = mockClient(() => "network")
      const error = yield* Effect.flip(
        Effect.provide(AgentAuth.make({ baseUrl: "http://agents.test", timeout: -1 }), layer)
      )
      expect(error.issues.map(({ path }) => path)).toEqual(["baseUrl", "timeout"])
    })
  )
})
