/**
 * The implementation of `EntityTagCache`. A read whose URL has a cached ETag sends it as `If-None-Match`, and a 304
 * is served from the cached value. Because the server confirms every read, a cached entry can be useless but never
 * wrong, and writes do not have to invalidate anything.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { counter } from "../dialect/core.js"
import { type OperationFacts, operationName } from "../operation/operation.js"
import { sha256Hex } from "../request/content.js"
import type { PreparedRequest } from "../request/prepare.js"
import { decodeText, type Fetched } from "../response/envelope.js"
import { metaOf } from "../response/meta.js"
import { type Read, readData } from "../response/read.js"
import type { ResponseCache } from "./responseCache.js"

/** A cached response: the decoded value with the operation that decoded it, or the text of its body. */
export type CacheEntry =
  | { readonly etag: string; readonly operation: OperationFacts; readonly fetched: Fetched<unknown> }
  | { readonly etag: string; readonly text: string }

/** A response to store, both decoded and as text. */
export interface CacheableResponse {
  readonly etag: string
  readonly operation: OperationFacts
  readonly fetched: Fetched<unknown>
  readonly text: string
}

/** Stores responses by credential and URL. It never fails: an entry that it cannot store or read is a miss. */
export interface CacheStore {
  readonly get: (key: string) => Effect.Effect<CacheEntry | undefined>
  readonly set: (key: string, response: CacheableResponse) => Effect.Effect<void>
}

/** Makes a cache over a store. A response with a body of more than `maxLength` characters is not stored. */
export const makeCache = (store: CacheStore, maxLength: number): ResponseCache => {
  const ownerOf = makeOwners()
  return {
    reading: <A>(operation: Parameters<typeof readData<A>>[0], request: PreparedRequest) => {
      if (!isCacheable(operation, request)) return undefined
      const { hit, miss } = countersOf(operationName(operation))

      const readAndStore =
        (key: string): Read<Fetched<A>> =>
        (response) => {
          const { headers, status } = response
          return readData(operation, (text, fetched) => {
            miss()
            const { etag } = fetched.meta
            const isStorable =
              etag !== undefined &&
              entityTag.test(etag) &&
              status === 200 &&
              text.length <= maxLength &&
              !noStore.test(headers["cache-control"] ?? "")
            return isStorable ? store.set(key, { etag, operation, fetched, text }) : Effect.void
          })(response)
        }

      const readOrConfirm = (key: string, etag: string, known: Fetched<A>): Read<Fetched<A>> => {
        const readNewer = readAndStore(key)
        return (response) => {
          if (response.status !== 304) return readNewer(response)
          hit()
          const meta = metaOf(response.context, response.status, response.headers, undefined)
          return Effect.succeed({
            ...known,
            meta: { ...meta, etag: meta.etag ?? etag, extra: known.meta.extra }
          })
        }
      }

      return (token) =>
        Effect.gen(function* () {
          const owner = yield* ownerOf(token)
          if (owner === undefined) return { ifNoneMatch: undefined, read: readData(operation) }
          const key = `${owner} ${request.url}`
          const entry = yield* store.get(key)
          const known = entry === undefined ? undefined : valueOf(operation, entry)
          return entry === undefined || known === undefined
            ? { ifNoneMatch: undefined, read: readAndStore(key) }
            : { ifNoneMatch: entry.etag, read: readOrConfirm(key, entry.etag, known) }
        })
    }
  }
}

const entityTag = /^[\x21-\x7e]+$/

const noStore = /\bno-store\b/i

/**
 * A call with its own headers bypasses the cache, because they may change the response. So do all pages of a list but
 * the first, because their responses carry no ETag.
 */
const isCacheable = (operation: OperationFacts, request: PreparedRequest): boolean =>
  operation.http === "GET" &&
  operation.flags.conditional === true &&
  Object.keys(request.headers).every((name) => name === "accept") &&
  !(operation.flags.paginated === true && /[?&]cursor=/.test(request.url))

/** The value of an entry, or `undefined` when it does not fit the operation. */
const valueOf = <A>(
  operation: Parameters<typeof decodeText<A>>[0],
  entry: CacheEntry
): Fetched<A> | undefined => {
  if ("text" in entry) {
    const context = {
      operation,
      attempts: 0,
      now: 0,
      secrets: [],
      maxBytes: Number.POSITIVE_INFINITY,
      idleTimeout: Number.POSITIVE_INFINITY
    }
    const fetched = decodeText(operation, context, 200, {}, entry.text)
    return "_tag" in fetched ? undefined : fetched
  }
  // The same operation decoded the value, so the value has that operation's type.
  return entry.operation === operation ? (entry.fetched as Fetched<A>) : undefined
}

// -----------------------------------------------------------------------------
// credentials
// -----------------------------------------------------------------------------

/**
 * Identifies the owner of an entry by a digest of the credential, so that no store holds the credential itself.
 * `undefined` means that the runtime has no WebCrypto, and that nothing is cached.
 */
const makeOwners = () => {
  let last: { readonly token: string; readonly owner: string | undefined } | undefined
  return (token: string | undefined): Effect.Effect<string | undefined> => {
    if (token === undefined) return Effect.succeed("public")
    if (last?.token === token) return Effect.succeed(last.owner)
    return sha256Hex(new TextEncoder().encode(`effect-sendmux ${token}`)).pipe(
      Effect.tap((owner) =>
        Effect.sync(() => {
          last = { token, owner }
        })
      )
    )
  }
}

// -----------------------------------------------------------------------------
// stores
// -----------------------------------------------------------------------------

/** Keeps decoded responses in memory, and evicts the least recently used one when the capacity is exceeded. */
export const memoryStore = (capacity: number): CacheStore => {
  const entries = new Map<string, CacheEntry>()
  return {
    get: (key) =>
      Effect.sync(() => {
        const entry = entries.get(key)
        if (entry === undefined) return undefined
        // A map iterates in insertion order: inserted again, the entry becomes the most recently used.
        entries.delete(key)
        entries.set(key, entry)
        return entry
      }),
    set: (key, { etag, fetched, operation }) =>
      Effect.sync(() => {
        entries.delete(key)
        entries.set(key, { etag, fetched, operation })
        for (const oldest of entries.keys()) {
          if (entries.size <= capacity) return
          entries.delete(oldest)
        }
      })
  }
}

/** The platform's key-value store, with every failure turned into an absent value. */
export interface Slots {
  readonly get: (slot: string) => Effect.Effect<string | undefined>
  readonly set: (slot: string, text: string) => Effect.Effect<void>
}

/**
 * Keeps the text of responses in a fixed number of slots. A hash of the key selects the slot, which bounds the store
 * without an index that processes sharing it would have to keep consistent. A response that contains a secret is not
 * stored.
 */
export const slotStore = (slots: Slots, capacity: number): CacheStore => ({
  get: (key) => Effect.map(slots.get(slotOf(key, capacity)), (text) => readSlot(key, text)),
  set: (key, { etag, fetched, text }) =>
    containsSecret(fetched.data)
      ? Effect.void
      : slots.set(slotOf(key, capacity), JSON.stringify({ key, etag, text }))
})

/** The slot of a key, by its FNV-1a hash. */
const slotOf = (key: string, capacity: number): string => {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  return `effect-sendmux/etag/${(hash >>> 0) % capacity}`
}

/** The entry in a slot, or `undefined` when the slot is empty, unreadable or holds another key. */
const readSlot = (key: string, slot: string | undefined): CacheEntry | undefined => {
  if (slot === undefined) return undefined
  try {
    const found: unknown = JSON.parse(slot)
    if (typeof found !== "object" || found === null || Reflect.get(found, "key") !== key) return undefined
    const etag: unknown = Reflect.get(found, "etag")
    const text: unknown = Reflect.get(found, "text")
    return typeof etag === "string" && entityTag.test(etag) && typeof text === "string"
      ? { etag, text }
      : undefined
  } catch {
    return undefined
  }
}

/** Deeper than any response of the API. Anything nested further down counts as a secret. */
const maxDepth = 100

/** Searches plain objects and arrays only: values such as decimals and dates have internals, some of them circular. */
const containsSecret = (value: unknown, depth = 0): boolean => {
  if (typeof value !== "object" || value === null) return false
  if (depth > maxDepth || Redacted.isRedacted(value)) return true
  const isOpen = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
  return isOpen && Object.values(value).some((inner) => containsSecret(inner, depth + 1))
}

// -----------------------------------------------------------------------------
// metrics
// -----------------------------------------------------------------------------

interface Counters {
  readonly hit: () => void
  readonly miss: () => void
}

const countersByOperation = new Map<string, Counters>()

/** The counters of an operation, created on first use. */
const countersOf = (operation: string): Counters => {
  const existing = countersByOperation.get(operation)
  if (existing !== undefined) return existing
  const reads = (outcome: "hit" | "miss") => {
    const count = counter("sendmux_cache_reads", "Reads with an ETag cache, by outcome", {
      operation,
      outcome
    })
    return () => count(1)
  }
  const counters = { hit: reads("hit"), miss: reads("miss") }
  countersByOperation.set(operation, counters)
  return counters
}
