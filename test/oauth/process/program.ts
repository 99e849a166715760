/**
 * A program that keeps its tokens in files. A test kills it in the middle of a refresh.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { makeClock, withClock } from "../../../src/internal/dialect/clock.js"
import * as OAuth from "../../../src/OAuth.js"

export interface ProgramArgument {
  readonly issuer: string
  readonly directory: string
  /** The key of the encryption. Without one, the files are plain text. */
  readonly key: string | undefined
  /** How far the clock of this process is ahead, in milliseconds. */
  readonly ahead: number
  readonly action: "log in" | "get an access token"
  /** The write to the store, counted from 1, before which the process stands still to be killed. */
  readonly stopBeforeWrite: number | undefined
}

const { action, ahead, directory, issuer, key, stopBeforeWrite }: ProgramArgument = JSON.parse(
  process.argv[2] ?? "{}"
)

const print = (line: object) => Effect.sync(() => console.log(JSON.stringify(line)))

let writes = 0

/** Stands still before a write. The timer keeps the process alive until it is killed. */
const stopping = (store: OAuth.TokenStoreService): OAuth.TokenStoreService => ({
  ...store,
  set: (grant, text) =>
    Effect.suspend(() => {
      if (++writes !== stopBeforeWrite) return store.set(grant, text)
      setInterval(() => undefined, 60_000)
      return Effect.andThen(print({ stopped: writes }), Effect.never)
    })
})

const stored = OAuth.TokenStore.layerKeyValueStore(
  key === undefined ? {} : { encryptionKey: Redacted.make(key) }
)

const storeLayer = Layer.effect(OAuth.TokenStore, Effect.map(OAuth.TokenStore, stopping)).pipe(
  Layer.provide(stored),
  Layer.provide(KeyValueStore.layerFileSystem(directory)),
  Layer.provide(NodeContext.layer)
)

const layer = OAuth.Client.layer({
  clientId: "sandbox-app",
  redirectUri: "http://127.0.0.1:8765/callback",
  issuer
}).pipe(Layer.provide(storeLayer), Layer.provide(FetchHttpClient.layer))

const logIn = Effect.gen(function* () {
  const client = yield* OAuth.Client
  const login = yield* client.startLogin()
  const response = yield* Effect.promise(() => fetch(login.url, { redirect: "manual" }))
  const { name } = yield* client.finishLogin(login, response.headers.get("location") ?? "")
  yield* print({ loggedIn: name })
})

const getToken = Effect.gen(function* () {
  const client = yield* OAuth.Client
  yield* client.accessToken()
  yield* print({ outcome: "token" })
})

const clock = makeClock({
  now: () => Date.now() + ahead,
  sleep: (millis) =>
    Effect.async<void>((resume) => {
      const timer = setTimeout(() => resume(Effect.void), millis)
      return Effect.sync(() => clearTimeout(timer))
    })
})

const chosen: Effect.Effect<void, OAuth.AccessTokenError | OAuth.CallbackError, OAuth.Client> =
  action === "log in" ? logIn : getToken

const program = Effect.catchAll(chosen, (error) =>
  print({ outcome: error._tag, ...("reason" in error ? { reason: error.reason } : {}) })
)

await Effect.runPromise(withClock(Effect.provide(program, layer), clock))
