import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as OAuth from "../../src/OAuth.js"
import * as Sandbox from "../../src/Sandbox.js"
import { openStore } from "../support/keyValueStores.js"
import { clientOver, openTokenStore, textOfToken } from "../support/oauth.js"

const keyOf = (byte: number) => Redacted.make(Buffer.alloc(32, byte).toString("base64"))

const text = '{"access_token":"s3cret-access","refresh_token":"s3cret-refresh"}'

/** The store of a key-value store that a test can read. */
const storeOver = (options: OAuth.KeyValueTokenStoreOptions, { layer } = openStore()) =>
  Effect.provide(OAuth.TokenStore, Layer.provide(OAuth.TokenStore.layerKeyValueStore(options), layer))

describe("TokenStore.layerKeyValueStore", () => {
  it.effect("keeps a text under its prefix, and removes it", () =>
    Effect.gen(function* () {
      const open = openStore()
      const store = yield* storeOver({ prefix: "tokens-" }, open)
      yield* store.set("ada", text)
      expect([...open.entries]).toEqual([["tokens-ada", text]])
      expect(yield* store.get("ada")).toBe(text)
      yield* store.remove("ada")
      expect(yield* store.get("ada")).toBeUndefined()
    })
  )

  it.effect("encrypts the tokens at rest, with another text each time", () =>
    Effect.gen(function* () {
      const open = openStore()
      const store = yield* storeOver({ encryptionKey: keyOf(1) }, open)
      yield* store.set("ada", text)
      const first = open.entries.get("sendmux-oauth-ada") ?? ""
      expect(first).not.toContain("s3cret")
      expect(Buffer.from(first.split(".")[1] ?? "", "base64url").toString("latin1")).not.toContain("s3cret")
      yield* store.set("ada", text)
      expect(open.entries.get("sendmux-oauth-ada")).not.toBe(first)
      expect(yield* store.get("ada")).toBe(text)
    })
  )

  it.effect("reads what an earlier key has encrypted, and encrypts with the first key", () =>
    Effect.gen(function* () {
      const open = openStore()
      yield* (yield* storeOver({ encryptionKey: keyOf(1) }, open)).set("ada", text)
      const rotated = yield* storeOver({ encryptionKey: [keyOf(2), keyOf(1)] }, open)
      expect(yield* rotated.get("ada")).toBe(text)
      yield* rotated.set("ada", text)
      expect(yield* (yield* storeOver({ encryptionKey: keyOf(2) }, open)).get("ada")).toBe(text)
    })
  )

  const broken: Record<string, (open: ReturnType<typeof openStore>) => void> = {
    "was encrypted with another key": () => undefined,
    "was changed": ({ entries }) => {
      const sealed = entries.get("sendmux-oauth-ada") ?? ""
      const middle = sealed.length - 10
      const other = sealed[middle] === "A" ? "B" : "A"
      entries.set("sendmux-oauth-ada", sealed.slice(0, middle) + other + sealed.slice(middle + 1))
    },
    "was truncated": ({ entries }) => {
      entries.set("sendmux-oauth-ada", (entries.get("sendmux-oauth-ada") ?? "").slice(0, 20))
    },
    "belongs to another grant": ({ entries }) => {
      entries.set("sendmux-oauth-ada", entries.get("sendmux-oauth-bob") ?? "")
    },
    "is not encrypted": ({ entries }) => {
      entries.set("sendmux-oauth-ada", text)
    }
  }
  for (const [what, change] of Object.entries(broken)) {
    it.effect(`fails for a text that ${what}, and leaves it as it is`, () =>
      Effect.gen(function* () {
        const open = openStore()
        const store = yield* storeOver({ encryptionKey: keyOf(1) }, open)
        yield* store.set("ada", text)
        yield* store.set("bob", text)
        change(open)
        const before = open.entries.get("sendmux-oauth-ada")
        const reader = what.includes("another key")
          ? yield* storeOver({ encryptionKey: keyOf(2) }, open)
          : store
        expect(yield* Effect.flip(reader.get("ada"))).toMatchObject({
          _tag: "TokenStoreError",
          action: "get"
        })
        expect(open.entries.get("sendmux-oauth-ada")).toBe(before)
      })
    )
  }

  for (const [what, key] of Object.entries({
    empty: "",
    "of 16 bytes": Buffer.alloc(16).toString("base64"),
    "not base64": "!".repeat(44)
  })) {
    it.effect(`does not build with a key that is ${what}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(storeOver({ encryptionKey: Redacted.make(key) }))
        expect(error.message).toContain("openssl rand -base64 32")
        if (key !== "") expect(error.message).not.toContain(key)
      })
    )
  }
})

describe("TokenStore.encrypted", () => {
  it.effect("encrypts the texts of a store of the program's own, and keeps its lock", () =>
    Effect.gen(function* () {
      const { store, texts } = openTokenStore()
      let locks = 0
      const locked: OAuth.TokenStoreService = {
        ...store,
        withLock: (_, use) =>
          Effect.suspend(() => {
            locks++
            return use
          })
      }
      const encrypted = yield* OAuth.TokenStore.encrypted(locked, { encryptionKey: keyOf(1) })
      yield* encrypted.set("ada", text)
      expect(texts.get("ada")).not.toContain("s3cret")
      expect(yield* encrypted.get("ada")).toBe(text)
      yield* encrypted.withLock?.("ada", Effect.void) ?? Effect.void
      expect(locks).toBe(1)
    })
  )
})

describe("a client over an encrypted key-value store", () => {
  it.scoped("continues after a restart, renews its token, and stores no token in clear", () =>
    Effect.gen(function* () {
      const { client: http, control } = yield* Sandbox.make()
      const open = openStore()
      const start = Effect.flatMap(storeOver({ encryptionKey: keyOf(7) }, open), (store) =>
        clientOver(http, store)
      )
      const client = yield* start
      const login = yield* client.startLogin()
      yield* client.finishLogin(login, yield* control.oauth.approve(login.url))
      const first = textOfToken(yield* client.accessToken())
      const restarted = yield* start
      expect(textOfToken(yield* restarted.accessToken())).toBe(first)
      yield* TestClock.adjust(Duration.minutes(15))
      const second = textOfToken(yield* restarted.accessToken())
      expect(second).not.toBe(first)
      expect(JSON.stringify([...open.entries])).not.toMatch(/oat_|ort_/)
    })
  )
})
