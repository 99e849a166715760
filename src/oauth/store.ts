/**
 * Where the tokens of grants are kept.
 *
 * @since 0.2.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import { Service } from "../internal/dialect/core.js"
import { unchecked } from "../internal/dialect/schema.js"
import { type KeyValueStore, type StoreError, stringStore } from "../internal/dialect/shared/store.js"
import { makeCipher } from "./cipher.js"
import { TokenStoreError } from "./errors.js"

/**
 * A store of texts by the name of their grant. A text contains tokens, unless the store encrypts it.
 *
 * @since 0.2.0
 * @category models
 */
export interface TokenStoreService {
  /** Reads the text of a grant. `undefined` if there is none. */
  readonly get: (grant: string) => Effect.Effect<string | undefined, TokenStoreError>
  /**
   * Replaces the text of a grant. It must have been written as a whole when the effect succeeds, and a reader must see either
   * the old text or the new one.
   */
  readonly set: (grant: string, text: string) => Effect.Effect<void, TokenStoreError>
  /** Removes the text of a grant, if there is one. */
  readonly remove: (grant: string) => Effect.Effect<void, TokenStoreError>
  /**
   * Runs an effect while no other process runs one for the same grant. Needed if several processes share a grant, because two
   * of them would otherwise send the same refresh token, and the server revokes the grant then. The lock must hold for as long
   * as the effect runs, which is at most the `timeout` of the client and a few writes.
   */
  readonly withLock?:
    | (<A, E>(grant: string, use: Effect.Effect<A, E>) => Effect.Effect<A, E | TokenStoreError>)
    | undefined
}

/**
 * The encryption of a store.
 *
 * @since 0.2.0
 * @category options
 */
export interface EncryptionOptions {
  /**
   * The key that encrypts the tokens with AES-GCM: 32 random bytes in base64, such as the output of
   * `openssl rand -base64 32`. Of several keys the first one encrypts, and each decrypts what it has encrypted, so that a key
   * can be replaced.
   */
  readonly encryptionKey: Redacted.Redacted | ReadonlyArray<Redacted.Redacted>
}

/**
 * The options of `TokenStore.layerKeyValueStore`.
 *
 * @since 0.2.0
 * @category options
 */
export interface KeyValueTokenStoreOptions extends Partial<EncryptionOptions> {
  /** The text before the name of a grant in the keys of the store. Default: `sendmux-oauth-`. */
  readonly prefix?: string | undefined
  /** A lock over processes, as for `TokenStoreService`. */
  readonly withLock?: TokenStoreService["withLock"]
}

const memoryStore = (): TokenStoreService => {
  const texts = new Map<string, string>()
  return {
    get: (grant) => Effect.sync(() => texts.get(grant)),
    set: (grant, text) => Effect.sync(() => void texts.set(grant, text)),
    remove: (grant) => Effect.sync(() => void texts.delete(grant))
  }
}

const toTokenStoreError = ({ action, reason }: StoreError) =>
  new TokenStoreError({ action, reason }, unchecked)

const encrypted = (
  store: TokenStoreService,
  { encryptionKey }: EncryptionOptions
): Effect.Effect<TokenStoreService, TokenStoreError> =>
  Effect.map(
    makeCipher(isList(encryptionKey) ? encryptionKey : [encryptionKey]),
    ({ decrypt, encrypt }): TokenStoreService => ({
      ...store,
      get: (grant) =>
        Effect.flatMap(store.get(grant), (sealed) =>
          sealed === undefined ? Effect.succeed(undefined) : decrypt(grant, sealed)
        ),
      set: (grant, text) => Effect.flatMap(encrypt(grant, text), (sealed) => store.set(grant, sealed))
    })
  )

const isList = (keys: EncryptionOptions["encryptionKey"]): keys is ReadonlyArray<Redacted.Redacted> =>
  Array.isArray(keys)

const keyValueStore = ({
  encryptionKey,
  prefix = "sendmux-oauth-",
  withLock
}: KeyValueTokenStoreOptions): Effect.Effect<TokenStoreService, TokenStoreError, KeyValueStore> =>
  Effect.flatMap(stringStore, ({ get, remove, set }) => {
    const store: TokenStoreService = {
      get: (grant) => Effect.mapError(get(prefix + grant), toTokenStoreError),
      set: (grant, text) => Effect.mapError(set(prefix + grant, text), toTokenStoreError),
      remove: (grant) => Effect.mapError(remove(prefix + grant), toTokenStoreError),
      withLock
    }
    return encryptionKey === undefined ? Effect.succeed(store) : encrypted(store, { encryptionKey })
  })

/**
 * The service that keeps the tokens of grants. To use another store, such as a table, provide an object that implements
 * `TokenStoreService` with `Layer.succeed(TokenStore, ...)`.
 *
 * @example
 * import { TokenStore } from "effect-sendmux/OAuth"
 * import * as KeyValueStore from "@effect/platform/KeyValueStore"
 * import * as Layer from "effect/Layer"
 * import * as Redacted from "effect/Redacted"
 *
 * export const stored = TokenStore.layerKeyValueStore({
 *   encryptionKey: Redacted.make("qUX0Ww4v6YH0L1Kxq6zJkTq8b3n8pN0rU5sX1y2z3A4=")
 * }).pipe(Layer.provide(KeyValueStore.layerMemory))
 *
 * @since 0.2.0
 * @category services
 */
export class TokenStore extends Service("effect-sendmux/OAuth/TokenStore")<TokenStore, TokenStoreService>() {
  /**
   * Keeps tokens in memory. They are gone when the process ends.
   *
   * @since 0.2.0
   */
  static readonly layerMemory: Layer.Layer<TokenStore> = Layer.sync(TokenStore, memoryStore)

  /**
   * Keeps tokens in the platform's `KeyValueStore`, encrypted if a key is given. It is for one process, unless `withLock` is
   * set. Building it fails with `TokenStoreError` if a key is malformed.
   *
   * @since 0.2.0
   */
  static readonly layerKeyValueStore = (
    options: KeyValueTokenStoreOptions = {}
  ): Layer.Layer<TokenStore, TokenStoreError, KeyValueStore> =>
    Layer.effect(TokenStore, keyValueStore(options))

  /**
   * Encrypts the texts of another store.
   *
   * @since 0.2.0
   */
  static readonly encrypted: (
    store: TokenStoreService,
    options: EncryptionOptions
  ) => Effect.Effect<TokenStoreService, TokenStoreError> = encrypted
}
