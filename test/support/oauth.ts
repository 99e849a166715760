/**
 * OAuth clients of a sandbox, with a store whose writes a test can see.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as OAuth from "../../src/OAuth.js"
import * as Sandbox from "../../src/Sandbox.js"

export const redirectUri = "http://127.0.0.1:8765/callback"

/** A store whose texts a test can read and change, with the texts that were written, in order. */
export const openTokenStore = () => {
  const texts = new Map<string, string>()
  const writes: Array<string> = []
  const refusal = { count: 0, after: 0 }
  const store: OAuth.TokenStoreService = {
    get: (grant) => Effect.sync(() => texts.get(grant)),
    set: (grant, text) =>
      Effect.suspend(() => {
        if (refusal.count > 0 && refusal.after-- <= 0) {
          refusal.count--
          return Effect.fail(new OAuth.TokenStoreError({ action: "set", reason: "the disk is full" }))
        }
        writes.push(text)
        texts.set(grant, text)
        return Effect.void
      }),
    remove: (grant) => Effect.sync(() => void texts.delete(grant))
  }
  /** Whether the stored tokens of a grant say that a refresh was started. */
  const isRefreshing = (grant = "default") => (texts.get(grant) ?? "").includes('"state":"refreshing"')
  /** Refuses a number of writes, after some that are accepted. */
  const refuseWrites = (count: number, after = 0): void => {
    refusal.count = count
    refusal.after = after
  }
  return { store, texts, writes, refuseWrites, isRefreshing }
}

/** A client of a sandbox, or of another server. */
export const clientOver = (
  http: HttpClient.HttpClient,
  store: OAuth.TokenStoreService,
  options: Partial<OAuth.ClientOptions> = {}
) =>
  OAuth.Client.make({ clientId: Sandbox.appId, redirectUri, ...options }).pipe(
    Effect.provideService(HttpClient.HttpClient, http),
    Effect.provideService(OAuth.TokenStore, store)
  )

/** A sandbox, a store, and a client of it that is logged in. */
export const loggedIn = (options: Partial<OAuth.ClientOptions> = {}) =>
  Effect.gen(function* () {
    const { client: http, control } = yield* Sandbox.make()
    const tokens = openTokenStore()
    const client = yield* clientOver(http, tokens.store, options)
    const login = yield* client.startLogin()
    yield* client.finishLogin(login, yield* control.oauth.approve(login.url))
    /** The requests of a name that the sandbox received, such as `oauth.token`. */
    const requested = (name: string) =>
      Effect.map(
        control.requests,
        (requests) => requests.filter(({ operation }) => operation === name).length
      )
    /** The number of refreshes, since the login has sent one request for tokens. */
    const refreshes = Effect.map(requested("oauth.token"), (count) => count - 1)
    return { http, control, client, requested, refreshes, ...tokens }
  })

export const textOfToken = (token: Redacted.Redacted): string => Redacted.value(token)

export const layerOf = (http: HttpClient.HttpClient) => Layer.succeed(HttpClient.HttpClient, http)
