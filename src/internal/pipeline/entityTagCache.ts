/**
 * The implementation of `EntityTagCache`. A read whose URL has a cached ETag sends it as `If-None-Match`, and a 304
 * is served from the cached value. Because the server confirms every read, a cached entry can be useless but never
 * wrong, and writes do not have to invalidate anything.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { counter } from "../dialect/core.js"
import { type Coded, encoder } from "../dialect/schema.js"
import { type OperationFacts, operationName } from "../operation/operation.js"
import { sha256Hex } from "../request/content.js"
import type { PreparedRequest } from "../request/prepare.js"
import { decodeText, type Fetched } from "../response/envelope.js"
import { metaOf } from "../response/meta.js"
import { type Read, readData } from "../response/read.js"
import { isRecord, parseJson } from "../values/json.js"
import { memoized, memoizedFor } from "../values/memo.js"
import type { ResponseCache } from "./responseCache.js"

/** A cached response. Its text is decoded again for each read, so that no two callers share a value. */
export interface CacheEntry {
  readonly etag: string
  readonly text: string
}

/** A response to store, both as text and decoded. */
export interface CacheableResponse extends CacheEntry {
  readonly operation: OperationFacts
  readonly fetched: Fetched<unknown>
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
  !/[?&]cursor=/.test(request.url)

/** The value of an entry, or `undefined` when it does not fit the operation. */
const valueOf = <A>(
  operation: Parameters<typeof decodeText<A>>[0],
  { text }: CacheEntry
): Fetched<A> | undefined => {
  const context = {
    operation,
    attempts: 0,
    now: 0,
    secrets: [],
    maxBytes: Number.POSITIVE_INFINITY,
    idleTimeout: Number.POSITIVE_INFINITY,
    deadline: Number.POSITIVE_INFINITY
  }
  const fetched = decodeText(operation, context, 200, {}, text)
  return "_tag" in fetched ? undefined : fetched
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

/**
 * Keeps the text of responses in memory, and evicts the least recently used ones when there are more than `capacity` or
 * when they have more than `maxTotalLength` characters in total.
 */
export const memoryStore = (capacity: number, maxTotalLength: number): CacheStore => {
  const entries = new Map<string, CacheEntry>()
  let total = 0
  const remove = (key: string): CacheEntry | undefined => {
    const entry = entries.get(key)
    if (entry !== undefined) {
      entries.delete(key)
      total -= entry.text.length
    }
    return entry
  }
  // A map iterates in insertion order, so the entry that was inserted last is the most recently used.
  const insert = (key: string, entry: CacheEntry): void => {
    entries.set(key, entry)
    total += entry.text.length
  }
  return {
    get: (key) =>
      Effect.sync(() => {
        const entry = remove(key)
        if (entry !== undefined) insert(key, entry)
        return entry
      }),
    set: (key, { etag, text }) =>
      Effect.sync(() => {
        remove(key)
        insert(key, { etag, text })
        for (const oldest of entries.keys()) {
          if (entries.size <= capacity && total <= maxTotalLength) return
          remove(oldest)
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
 * without an index that processes sharing it would have to keep consistent. Only the fields that the schema knows are
 * stored, because an unknown one may be a secret. A response that contains a known secret is not stored at all.
 */
export const slotStore = (slots: Slots, capacity: number): CacheStore => ({
  get: (key) => Effect.map(slots.get(slotOf(key, capacity)), (text) => readSlot(key, text)),
  set: (key, response) => {
    const text = knownFieldsOf(response)
    return text === undefined
      ? Effect.void
      : slots.set(slotOf(key, capacity), JSON.stringify({ key, etag: response.etag, text }))
  }
})

/** The text of a response without the fields that its schema does not know. `undefined` if it must not be stored. */
const knownFieldsOf = ({ fetched, operation, text }: CacheableResponse): string | undefined => {
  if (containsSecret(fetched.data)) return undefined
  if (operation.response === "text") return text
  const coded = encoderOf(operation)(fetched.data)
  if (!coded.ok) return undefined
  if (operation.response === "document") return JSON.stringify(coded.value)
  return JSON.stringify({
    ok: true,
    data: coded.value,
    pagination: { has_more: fetched.hasMore, next_cursor: fetched.nextCursor }
  })
}

const encoderOf = /* @__PURE__ */ memoizedFor(
  ({ data }: OperationFacts): ((value: unknown) => Coded<unknown>) =>
    data === undefined ? () => ({ ok: false, issues: [] }) : encoder(data)
)

/** The slot of a key, by its FNV-1a hash. */
const slotOf = (key: string, capacity: number): string => {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  return `effect-sendmux/etag/${(hash >>> 0) % capacity}`
}

/** The entry in a slot, or `undefined` when the slot is empty, unreadable or holds another key. */
const readSlot = (key: string, slot: string | undefined): CacheEntry | undefined => {
  const found = slot === undefined ? undefined : parseJson(slot)
  if (!isRecord(found) || found["key"] !== key) return undefined
  const { etag, text } = found
  return typeof etag === "string" && entityTag.test(etag) && typeof text === "string"
    ? { etag, text }
    : undefined
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

/** The counters of an operation. */
const countersOf = /* @__PURE__ */ memoized((operation): Counters => {
  const reads = (outcome: "hit" | "miss") => {
    const count = counter("sendmux_cache_reads", "Reads with an ETag cache, by outcome", {
      operation,
      outcome
    })
    return () => count(1)
  }
  return { hit: reads("hit"), miss: reads("miss") }
})
