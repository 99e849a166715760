/**
 * An optional cache: reads whose answer has an ETag ask the server only for what is newer, and where nothing is, they
 * answer with the value that is at hand.
 *
 * Provide one of its layers to `Sending.layer`, `Mailbox.layer` or `Management.layer`; several surfaces may share one.
 * Every read still asks the server, so a value is never out of date: what is saved is its body and its decoding. In
 * `withResponse` such an answer has the status 304 in its `meta`.
 *
 * - Entries belong to one credential, by a SHA-256 digest of it, and to one URL. An access token that is renewed
 *   begins anew. Where the runtime has no WebCrypto there is no digest, and nothing is kept.
 * - A write through the same cache drops the entries of what it wrote to and of all below; a read that a write has
 *   overtaken is not kept.
 * - `ifNoneMatch`, and calls with `headers` of their own, go past the cache.
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
 * How much a cache holds.
 *
 * @since 0.1.0
 * @category options
 */
export interface CacheOptions {
  /** How many answers it holds. Default: 500. */
  readonly capacity?: number | undefined
  /** The longest answer it holds, in characters. Default: 262,144. */
  readonly maxLength?: number | undefined
}

const checked = ({ capacity = 500, maxLength = 262_144 }: CacheOptions) => {
  if (!Number.isSafeInteger(capacity) || capacity < 1)
    throw new RangeError("EntityTagCache: capacity must be a whole number of at least 1")
  if (!(maxLength >= 0)) throw new RangeError("EntityTagCache: maxLength must be a number of at least 0")
  return { capacity, maxLength }
}

/**
 * A cache in memory, which holds decoded values. The answer that was longest out of use makes room for a new one.
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
 * A cache in the platform's `KeyValueStore`, which outlives the process and may be shared with others.
 *
 * It holds the answers' bodies as plain text, mail included where the Mailbox surface reads it: keep the store where
 * that may lie. An answer that holds a secret, such as a download URL, is not kept. Each answer has its place among
 * `capacity` slots, and a newer one takes it; a write clears the places that this process has filled. A store that
 * fails is a store that is empty: no call fails for it.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerKeyValueStore = (options: CacheOptions = {}): Layer.Layer<never, never, KeyValueStore> => {
  const { capacity, maxLength } = checked(options)
  return Layer.effect(
    CurrentCache,
    Effect.map(stringStore, (store) => {
      const slots = {
        get: (slot: string) => catchAll(store.get(slot), () => Effect.succeed(undefined)),
        set: (slot: string, text: string) => catchAll(store.set(slot, text), () => Effect.void),
        remove: (slot: string) => catchAll(store.remove(slot), () => Effect.void)
      }
      return makeCache(slotStore(slots, capacity), maxLength)
    })
  )
}
