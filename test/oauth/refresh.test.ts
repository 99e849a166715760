import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { makeMutex } from "../../src/internal/dialect/concurrency.js"
import { connectionFailure } from "../../src/internal/dialect/http.js"
import * as OAuth from "../../src/OAuth.js"
import { Sending } from "../../src/Sending.js"
import type * as Sandbox from "../../src/Sandbox.js"
import { clientOver, loggedIn, textOfToken } from "../support/oauth.js"
import { errorOf } from "../support/time.js"

/** When the access token of a sandbox has expired. */
const expiry = Duration.minutes(15)

/** When a token is renewed that is valid for one minute more. */
const renewal = Duration.minutes(14)

const reasonOf = <A, E>(exit: Exit.Exit<A, E>) => {
  const error = errorOf(exit)
  return error instanceof OAuth.LoginRequired ? error.reason : error
}

describe("an access token", () => {
  it.scoped("is used until a minute before it expires, and then renewed", () =>
    Effect.gen(function* () {
      const { client, refreshes } = yield* loggedIn()
      const first = textOfToken(yield* client.accessToken())
      yield* TestClock.adjust(Duration.seconds(14 * 60 - 1))
      expect(textOfToken(yield* client.accessToken())).toBe(first)
      expect(yield* refreshes).toBe(0)
      yield* TestClock.adjust("1 second")
      const second = textOfToken(yield* client.accessToken())
      expect(second).not.toBe(first)
      expect(textOfToken(yield* client.accessToken())).toBe(second)
      expect(yield* refreshes).toBe(1)
    })
  )

  it.scoped("is used for half of its life, if the margin is longer than that", () =>
    Effect.gen(function* () {
      const { client, refreshes } = yield* loggedIn({ refreshMargin: "1 hour" })
      yield* TestClock.adjust(Duration.millis(7.5 * 60_000 - 1))
      yield* client.accessToken()
      expect(yield* refreshes).toBe(0)
      yield* TestClock.adjust(Duration.millis(1))
      yield* client.accessToken()
      expect(yield* refreshes).toBe(1)
    })
  )

  it.scoped("of 1,000 fibers that need one at expiry takes one refresh", () =>
    Effect.gen(function* () {
      const { client, refreshes } = yield* loggedIn()
      yield* TestClock.adjust(expiry)
      const tokens = yield* Effect.all(
        Array.from({ length: 1000 }, () => client.accessToken()),
        { concurrency: "unbounded" }
      )
      expect(new Set(tokens.map(textOfToken)).size).toBe(1)
      expect(yield* refreshes).toBe(1)
    })
  )

  it.scoped("arrives at the other fibers if the first one, which caused the refresh, is interrupted", () =>
    Effect.gen(function* () {
      const { client, control, refreshes, isRefreshing } = yield* loggedIn()
      yield* TestClock.adjust(expiry)
      yield* control.inject({ operation: "oauth.token", kind: { _tag: "Slow", millis: 5000 } })
      const first = yield* Effect.fork(client.accessToken())
      yield* TestClock.adjust(Duration.millis(1))
      const others = yield* Effect.fork(
        Effect.all(
          Array.from({ length: 999 }, () => client.accessToken()),
          { concurrency: "unbounded" }
        )
      )
      yield* TestClock.adjust(Duration.millis(1))
      expect(isRefreshing()).toBe(true)
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("5 seconds")
      expect(new Set((yield* Fiber.join(others)).map(textOfToken)).size).toBe(1)
      expect(yield* refreshes).toBe(1)
      expect(isRefreshing()).toBe(false)
    })
  )

  it.scoped("is renewed once for clients of one process that share a store", () =>
    Effect.gen(function* () {
      const { client, http, refreshes, store } = yield* loggedIn()
      const other = yield* clientOver(http, store)
      yield* TestClock.adjust(expiry)
      const [one, two] = yield* Effect.all([client.accessToken(), other.accessToken()], { concurrency: 2 })
      expect(textOfToken(one)).toBe(textOfToken(two))
      expect(yield* refreshes).toBe(1)
    })
  )

  it.scoped("is stored with its refresh token, in one write, before it is used", () =>
    Effect.gen(function* () {
      const { client, writes } = yield* loggedIn()
      yield* TestClock.adjust(expiry)
      const token = textOfToken(yield* client.accessToken())
      expect(writes.map((text) => JSON.parse(text).state)).toEqual(["ready", "refreshing", "ready"])
      const [login, mark, renewed] = writes.map((text) => JSON.parse(text))
      expect(mark).toEqual({ ...login, state: "refreshing" })
      expect(renewed.access_token).toBe(token)
      expect(renewed.refresh_token).not.toBe(login.refresh_token)
    })
  )

  it.scoped("plugs into a layer, whose calls survive its expiry", () =>
    Effect.gen(function* () {
      const { client, http, refreshes } = yield* loggedIn()
      const sending = yield* Effect.provideService(
        Sending.make({ accessToken: client.accessToken() }),
        HttpClient.HttpClient,
        http
      )
      const { credential } = yield* sending.connection.get()
      yield* TestClock.adjust("1 hour")
      expect((yield* sending.connection.get()).credential).toEqual(credential)
      expect(yield* refreshes).toBe(1)
    })
  )
})

describe("after a refresh whose result is not known", () => {
  const faults: Record<string, Sandbox.FaultKind> = {
    "the response is lost": { _tag: "ResponseLost" },
    "the response is truncated": { _tag: "ResponseTruncated" },
    "the connection breaks": { _tag: "ConnectionLost" },
    "a proxy responds with 502": { _tag: "BadGateway" },
    "the server responds with 500": { _tag: "ErrorResponse", status: 500 },
    "the response takes too long": { _tag: "Slow", millis: 60_000 }
  }
  for (const [what, kind] of Object.entries(faults)) {
    it.scoped(`a login is required and no second request is sent, because ${what}`, () =>
      Effect.gen(function* () {
        const { client, control, http, isRefreshing, refreshes, store } = yield* loggedIn()
        yield* TestClock.adjust(expiry)
        yield* control.inject({ operation: "oauth.token", kind })
        const running = yield* Effect.fork(Effect.exit(client.accessToken()))
        yield* TestClock.adjust("2 minutes")
        expect(reasonOf(yield* Fiber.join(running))).toBe("UncertainRefresh")
        expect(isRefreshing()).toBe(true)
        expect(reasonOf(yield* Effect.exit(client.accessToken()))).toBe("UncertainRefresh")
        // The next start of the program.
        const restarted = yield* clientOver(http, { ...store })
        expect(reasonOf(yield* Effect.exit(restarted.accessToken()))).toBe("UncertainRefresh")
        expect(yield* refreshes).toBe(1)
      })
    )
  }

  it.scoped("a login makes the grant usable again", () =>
    Effect.gen(function* () {
      const { client, control } = yield* loggedIn()
      yield* TestClock.adjust(expiry)
      yield* control.inject({ operation: "oauth.token", kind: { _tag: "ResponseLost" } })
      yield* Effect.flip(client.accessToken())
      const login = yield* client.startLogin()
      yield* client.finishLogin(login, yield* control.oauth.approve(login.url))
      expect(textOfToken(yield* client.accessToken())).toMatch(/^oat_/)
    })
  )

  it.scoped("the grant can be revoked", () =>
    Effect.gen(function* () {
      const { client, control, texts } = yield* loggedIn()
      yield* TestClock.adjust(expiry)
      yield* control.inject({ operation: "oauth.token", kind: { _tag: "ResponseLost" } })
      yield* Effect.flip(client.accessToken())
      yield* client.revoke()
      expect(texts.size).toBe(0)
      expect(yield* control.oauth.revokeGrants).toBe(0)
    })
  )

  it.scoped("the call of a surface fails with the reason LoginRequired, and is not retried", () =>
    Effect.gen(function* () {
      const { client, control, http, requested } = yield* loggedIn()
      const sending = yield* Effect.provideService(
        Sending.make({ accessToken: client.accessToken() }),
        HttpClient.HttpClient,
        http
      )
      yield* TestClock.adjust(expiry)
      yield* control.inject({ operation: "oauth.token", kind: { _tag: "ResponseLost" } })
      const error = yield* Effect.flip(sending.connection.get())
      expect(error).toMatchObject({ _tag: "TransportError", reason: "LoginRequired", attempts: 1 })
      expect(yield* requested("sending.connection.get")).toBe(0)
    })
  )
})

describe("a process that is killed", () => {
  it.scoped(
    "between the response and the store asks for a login at the next start, and never sends the token again",
    () =>
      Effect.gen(function* () {
        const { client, control, http, refreshes, store, texts } = yield* loggedIn()
        yield* TestClock.adjust(expiry)
        // The state on the disk of a process that ends while the response is on its way.
        yield* control.inject({ operation: "oauth.token", kind: { _tag: "Slow", millis: 1000 } })
        yield* Effect.fork(client.accessToken())
        yield* TestClock.adjust(Duration.millis(1))
        const disk = new Map(texts)
        yield* TestClock.adjust("1 second")
        expect(yield* refreshes).toBe(1)
        const restarted = yield* clientOver(http, {
          ...store,
          get: (grant) => Effect.sync(() => disk.get(grant))
        })
        expect(reasonOf(yield* Effect.exit(restarted.accessToken()))).toBe("UncertainRefresh")
        expect(yield* refreshes).toBe(1)
        // The grant was not revoked: the tokens of the refresh are valid.
        expect(yield* control.oauth.revokeGrants).toBe(1)
      })
  )

  it.scoped("before it marks the refresh starts again without a login", () =>
    Effect.gen(function* () {
      const { http, refreshes, store } = yield* loggedIn()
      yield* TestClock.adjust(expiry)
      const restarted = yield* clientOver(http, { ...store })
      expect(textOfToken(yield* restarted.accessToken())).toMatch(/^oat_/)
      expect(yield* refreshes).toBe(1)
    })
  )

  it.scoped("leaves a text that cannot be read, which requires a login", () =>
    Effect.gen(function* () {
      const { http, refreshes, store, texts } = yield* loggedIn()
      texts.set("default", (texts.get("default") ?? "").slice(0, 50))
      const restarted = yield* clientOver(http, { ...store })
      expect(reasonOf(yield* Effect.exit(restarted.accessToken()))).toBe("Unreadable")
      expect(yield* refreshes).toBe(0)
    })
  )

  it.scoped("in an orderly way stores the tokens of a running refresh first", () =>
    Effect.gen(function* () {
      const { control, http, isRefreshing, store } = yield* loggedIn()
      const scope = yield* Scope.make()
      const client = yield* Effect.provideService(clientOver(http, { ...store }), Scope.Scope, scope)
      yield* TestClock.adjust(expiry)
      yield* control.inject({ operation: "oauth.token", kind: { _tag: "Slow", millis: 1000 } })
      const caller = yield* Effect.fork(client.accessToken())
      yield* TestClock.adjust(Duration.millis(1))
      yield* Fiber.interrupt(caller)
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* TestClock.adjust(Duration.millis(1))
      expect((yield* Fiber.poll(closing))._tag).toBe("None")
      expect(isRefreshing()).toBe(true)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(closing)
      expect(isRefreshing()).toBe(false)
    })
  )
})

describe("a refresh that the server certainly did not run", () => {
  it.scoped("leaves the valid access token in use, and is tried again when the server allows it", () =>
    Effect.gen(function* () {
      const { client, control, refreshes } = yield* loggedIn()
      const first = textOfToken(yield* client.accessToken())
      yield* TestClock.adjust(renewal)
      yield* control.inject({
        operation: "oauth.token",
        kind: { _tag: "ErrorResponse", status: 503, retryAfter: 20 }
      })
      expect(textOfToken(yield* client.accessToken())).toBe(first)
      yield* TestClock.adjust("19 seconds")
      expect(textOfToken(yield* client.accessToken())).toBe(first)
      expect(yield* refreshes).toBe(1)
      yield* TestClock.adjust("1 second")
      expect(textOfToken(yield* client.accessToken())).not.toBe(first)
      expect(yield* refreshes).toBe(2)
    })
  )

  it.scoped(
    "fails with the typed error of the server once the access token has expired, and sends nothing until its Retry-After",
    () =>
      Effect.gen(function* () {
        const { client, control, isRefreshing, refreshes } = yield* loggedIn()
        yield* TestClock.adjust(expiry)
        yield* control.inject({ operation: "oauth.token", kind: { _tag: "RateLimited", retryAfter: 30 } })
        const expected = {
          _tag: "OAuthError",
          operation: "oauth.refresh",
          status: 429,
          rateLimitScope: "client"
        }
        const error = yield* Effect.flip(client.accessToken())
        expect(error).toMatchObject(expected)
        expect(error instanceof OAuth.OAuthError && error.retryAfter).toEqual(Duration.seconds(30))
        expect(yield* Effect.flip(client.accessToken())).toMatchObject(expected)
        expect(yield* refreshes).toBe(1)
        expect(isRefreshing()).toBe(false)
        yield* TestClock.adjust("30 seconds")
        expect(textOfToken(yield* client.accessToken())).toMatch(/^oat_/)
      })
  )

  it.scoped("because no connection could be established is tried again", () =>
    Effect.gen(function* () {
      const { http, store } = yield* loggedIn()
      let isDown = false
      const flaky = HttpClient.make((request) =>
        isDown ? Effect.fail(connectionFailure(request, { code: "ECONNREFUSED" })) : http.execute(request)
      )
      const client = yield* clientOver(flaky, { ...store })
      yield* client.metadata
      yield* TestClock.adjust(expiry)
      isDown = true
      expect(yield* Effect.flip(client.accessToken())).toMatchObject({
        _tag: "TransportError",
        systemCode: "ECONNREFUSED"
      })
      isDown = false
      expect(textOfToken(yield* client.accessToken())).toMatch(/^oat_/)
    })
  )

  it.scoped("because the server cannot be discovered leaves the grant as it is", () =>
    Effect.gen(function* () {
      const { control, http, isRefreshing, refreshes, store } = yield* loggedIn()
      const client = yield* clientOver(http, { ...store })
      yield* TestClock.adjust(expiry)
      yield* control.inject({ operation: "oauth.discover", kind: { _tag: "ResponseLost" } })
      expect(yield* Effect.flip(client.accessToken())).toMatchObject({
        _tag: "TransportError",
        operation: "oauth.discover"
      })
      expect(isRefreshing()).toBe(false)
      expect(yield* refreshes).toBe(0)
      expect(textOfToken(yield* client.accessToken())).toMatch(/^oat_/)
    })
  )
})

describe("a grant", () => {
  it.scoped("that its owner revoked requires a login, and its tokens are removed", () =>
    Effect.gen(function* () {
      const { client, control, texts } = yield* loggedIn()
      yield* control.oauth.revokeGrants
      yield* TestClock.adjust(expiry)
      expect(reasonOf(yield* Effect.exit(client.accessToken()))).toBe("Rejected")
      expect(texts.size).toBe(0)
      expect(reasonOf(yield* Effect.exit(client.accessToken()))).toBe("NoGrant")
    })
  )

  it.scoped("of another client is not used", () =>
    Effect.gen(function* () {
      const { http, refreshes, store } = yield* loggedIn()
      const other = yield* clientOver(http, store, { clientId: "another-app" })
      yield* TestClock.adjust(expiry)
      expect(reasonOf(yield* Effect.exit(other.accessToken()))).toBe("OtherClient")
      yield* other.revoke()
      expect(yield* refreshes).toBe(0)
      expect(reasonOf(yield* Effect.exit(other.accessToken()))).toBe("OtherClient")
    })
  )

  it.scoped("without a refresh token is used until its access token expires", () =>
    Effect.gen(function* () {
      const { http, store, texts } = yield* loggedIn()
      const { refresh_token: _, ...stored } = JSON.parse(texts.get("default") ?? "")
      texts.set("default", JSON.stringify(stored))
      const client = yield* clientOver(http, { ...store })
      yield* TestClock.adjust(renewal)
      expect(textOfToken(yield* client.accessToken())).toBe(stored.access_token)
      yield* TestClock.adjust("1 minute")
      expect(reasonOf(yield* Effect.exit(client.accessToken()))).toBe("NoRefreshToken")
    })
  )

  it.scoped("is renewed apart from other grants of the same store", () =>
    Effect.gen(function* () {
      const { client, control, refreshes } = yield* loggedIn()
      const login = yield* client.startLogin({ grant: "ada", scopes: ["email.send"] })
      const granted = yield* client.finishLogin(login, yield* control.oauth.approve(login.url))
      expect(granted).toMatchObject({ name: "ada", scopes: ["email.send"] })
      yield* TestClock.adjust(expiry)
      const tokens = yield* Effect.all([client.accessToken(), client.accessToken("ada")], { concurrency: 2 })
      expect(new Set(tokens.map(textOfToken)).size).toBe(2)
      // The login of ada has sent a request for tokens as well.
      expect(yield* refreshes).toBe(3)
      expect((yield* client.grant("ada")).scopes).toEqual(["email.send"])
    })
  )

  it.scoped("whose new tokens could not be stored keeps them until the store takes them", () =>
    Effect.gen(function* () {
      const { client, isRefreshing, refreshes, refuseWrites, texts } = yield* loggedIn()
      yield* TestClock.adjust(expiry)
      // The mark is written, and the new tokens are not.
      const original = texts.get("default")
      refuseWrites(1, 1)
      expect(yield* Effect.flip(client.accessToken())).toMatchObject({
        _tag: "TokenStoreError",
        action: "set"
      })
      expect(isRefreshing()).toBe(true)
      const token = textOfToken(yield* client.accessToken())
      expect(JSON.parse(texts.get("default") ?? "")).toMatchObject({ state: "ready", access_token: token })
      expect(texts.get("default")).not.toBe(original)
      expect(yield* refreshes).toBe(1)
    })
  )

  it.scoped("is not refreshed if the store does not take the mark", () =>
    Effect.gen(function* () {
      const { client, refreshes, refuseWrites } = yield* loggedIn()
      yield* TestClock.adjust(expiry)
      refuseWrites(1)
      expect(yield* Effect.flip(client.accessToken())).toMatchObject({ _tag: "TokenStoreError" })
      expect(yield* refreshes).toBe(0)
      expect(textOfToken(yield* client.accessToken())).toMatch(/^oat_/)
    })
  )

  it.scoped("is refreshed by one of several processes at a time, if the store has a lock", () =>
    Effect.gen(function* () {
      const { http, refreshes, store } = yield* loggedIn()
      const mutex = makeMutex()
      const locked: OAuth.TokenStoreService = {
        ...store,
        withLock: (_, use) => mutex(use)
      }
      yield* TestClock.adjust(expiry)
      // Each process has a store object of its own, and so no knowledge of the others.
      const tokens = yield* Effect.all(
        Array.from({ length: 5 }, () =>
          Effect.flatMap(clientOver(http, { ...locked }), (client) => client.accessToken())
        ),
        { concurrency: "unbounded" }
      )
      expect(new Set(tokens.map(textOfToken)).size).toBe(1)
      expect(yield* refreshes).toBe(1)
    })
  )
})
