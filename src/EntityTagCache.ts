/**
 * An optional cache for reads whose responses carry an ETag. A read of a cached URL sends the ETag as
 * `If-None-Match`; when the server responds with 304, the call succeeds with the cached value.
 *
 * Provide one of the layers to `Sending.layer`, `Mailbox.layer` or `Management.layer`. Several surfaces may share one
 * cache.
 *
 * - The server revalidates every read, so a cached value is never out of date and writes do not have to invalidate
 *   anything. The cache saves the transfer and the decoding of the body, not the request. In `withResponse`, the
 *   `meta` of a cached value has the status 304.
 * - An entry belongs to one credential, identified by its SHA-256 digest, and to one URL. A renewed access token
 *   therefore starts with an empty cache. A runtime without WebCrypto caches nothing.
 * - Calls to `ifNoneMatch`, and calls with their own `headers`, bypass the cache.
 * - The metric `sendmux_cache_reads` counts reads by operation and by `outcome`: `hit` or `miss`.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { catchAll } from "./internal/dialect/core.js"
import { type KeyValueStore, stringStore } from "./internal/dialect/store.js"
import { makeCache, memoryStore, slotStore } from "./internal/pipeline/entityTagCache.js"
import { CurrentCache } from "./internal/pipeline/responseCache.js"

/**
 * The limits of a cache.
 *
 * @since 0.1.0
 * @category options
 */
export interface CacheOptions {
  /** The maximum number of responses. Default: 500. */
  readonly capacity?: number | undefined
  /** The longest response body to cache, in characters. Default: 262,144. */
  readonly maxLength?: number | undefined
}

const checked = ({ capacity = 500, maxLength = 262_144 }: CacheOptions) => {
  if (!Number.isSafeInteger(capacity) || capacity < 1)
    throw new RangeError("EntityTagCache: capacity must be an integer of at least 1")
  if (!(maxLength >= 0)) throw new RangeError("EntityTagCache: maxLength must be a number of at least 0")
  return { capacity, maxLength }
}

/**
 * A cache in memory that holds decoded values. When it is full, it evicts the least recently used response.
 *
 * Throws a `RangeError` when an option is out of range.
 *
 * @example
 * import * as EntityTagCache from "effect-sendmux/EntityTagCache"
 * import { Management } from "effect-sendmux/Management"
 * import * as Layer from "effect/Layer"
 * import * as Redacted from "effect/Redacted"
 *
 * export const cached = Management.layer({ apiKey: Redacted.make("smx_root_sandbox") }).pipe(
 *   Layer.provide(EntityTagCache.layerMemory({ capacity: 1_000 }))
 * )
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory = (options: CacheOptions = {}): Layer.Layer<never> => {
  const { capacity, maxLength } = checked(options)
  return Layer.effect(
    CurrentCache,
    Effect.sync(() => makeCache(memoryStore(capacity), maxLength))
  )
}

/**
 * A cache in the platform's `KeyValueStore`, which outlives the process and may be shared between processes.
 *
 * It stores response bodies as plain text. When the Mailbox surface uses it, that includes mail, so choose a store
 * that may hold such data. A response that contains a secret, such as a download URL, is not stored. Each response is
 * assigned one of `capacity` slots by its URL and credential, and replaces the previous content of that slot. A failing
 * store behaves like an empty one: it never makes a call fail.
 *
 * Throws a `RangeError` when an option is out of range.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerKeyValueStore = (options: CacheOptions = {}): Layer.Layer<never, never, KeyValueStore> => {
  const { capacity, maxLength } = checked(options)
  return Layer.effect(
    CurrentCache,
    Effect.gen(function* () {
      const store = yield* stringStore
      const slots = {
        get: (slot: string) => catchAll(store.get(slot), () => Effect.succeed(undefined)),
        set: (slot: string, text: string) => catchAll(store.set(slot, text), () => Effect.void)
      }
      return makeCache(slotStore(slots, capacity), maxLength)
    })
  )
}
