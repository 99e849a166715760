/**
 * An optional cache for reads whose responses carry an ETag. A read of a cached URL sends the ETag as
 * `If-None-Match`; when the server responds with 304, the call succeeds with the cached value.
 *
 * Provide one of the layers to `Sending.layer`, `Mailbox.layer` or `Management.layer`. Several surfaces may share one
 * cache.
 *
 * - The server revalidates every read, so a cached value is never out of date and writes do not have to invalidate
 *   anything. The cache saves the transfer of the body, not the request. In `withResponse`, the
 *   `meta` of a cached value has the status 304.
 * - An entry belongs to one credential, identified by its SHA-256 digest, and to one URL. A renewed access token
 *   therefore starts with an empty cache. A runtime without WebCrypto caches nothing.
 * - Calls to `ifNoneMatch`, and calls with their own `headers`, bypass the cache.
 * - The metric `sendmux_cache_reads` counts reads by operation and by `outcome`: `hit` or `miss`.
 *
 * @since 0.1.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { catchAll } from "./internal/dialect/core.js"
import { type KeyValueStore, stringStore } from "./internal/dialect/shared/store.js"
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

/**
 * The limits of a cache in memory.
 *
 * @since 0.2.0
 * @category options
 */
export interface MemoryCacheOptions extends CacheOptions {
  /** The total length of all cached response bodies, in characters. Default: 33,554,432 (32 Mi). */
  readonly maxTotalLength?: number | undefined
}

const checked = ({
  capacity = 500,
  maxLength = 262_144,
  maxTotalLength = 32 * 1024 * 1024
}: MemoryCacheOptions) => {
  if (!Number.isSafeInteger(capacity) || capacity < 1)
    throw new RangeError("EntityTagCache: capacity must be an integer of at least 1")
  if (!(maxLength >= 0)) throw new RangeError("EntityTagCache: maxLength must be a number of at least 0")
  if (!(maxTotalLength >= 0))
    throw new RangeError("EntityTagCache: maxTotalLength must be a number of at least 0")
  return { capacity, maxLength, maxTotalLength }
}

/**
 * A cache in memory. When it is full, it evicts the least recently used responses. A cached response is decoded again for
 * each read, so that callers never share a value.
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
export const layerMemory = (options: MemoryCacheOptions = {}): Layer.Layer<never> => {
  const { capacity, maxLength, maxTotalLength } = checked(options)
  return Layer.effect(
    CurrentCache,
    Effect.sync(() => makeCache(memoryStore(capacity, maxTotalLength), maxLength))
  )
}

/**
 * A cache in the platform's `KeyValueStore`, which outlives the process and may be shared between processes.
 *
 * It stores the known fields of responses as plain text. When the Mailbox surface uses it, that includes mail, so choose
 * a store that may hold such data. Fields that this version of the SDK does not know are not stored, and neither is a
 * response that contains a secret, such as a download URL. Each response is assigned one of `capacity` slots by its URL
 * and credential, and replaces the previous content of that slot. The store therefore never holds more than about
 * `capacity` × `maxLength` characters. A failing store behaves like an empty one: it never makes a call fail.
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
