/**
 * The cache behind `EntityTagCache`: reads with an ETag ask only for what is newer, and a 304 answers with what is at
 * hand. Nothing is answered without the server's word, so an entry can be useless but never wrong.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { counter } from "../dialect/core.js"
import { type OperationFacts, operationName } from "../operation/operation.js"
import { sha256Hex } from "../request/content.js"
import type { PreparedRequest } from "../request/prepare.js"
import { decodeText, type Fetched } from "../response/envelope.js"
import { metaOf } from "../response/meta.js"
import { readData } from "../response/read.js"
import type { ResponseCache } from "./responseCache.js"

/** What is kept of an answer: the decoded value with the operation that decoded it, or its text to decode again. */
export type Kept =
  | { readonly etag: string; readonly operation: OperationFacts; readonly fetched: Fetched<unknown> }
  | { readonly etag: string; readonly text: string }

/** An answer to keep. */
export interface Answered {
  readonly etag: string
  readonly operation: OperationFacts
  readonly fetched: Fetched<unknown>
  readonly text: string
}

/** Where answers are kept, by credential and URL. It never fails: what it cannot keep or find is a miss. */
export interface CacheStore {
  readonly get: (key: string) => Effect.Effect<Kept | undefined>
  readonly set: (key: string, answered: Answered) => Effect.Effect<void>
  readonly remove: (isAffected: (key: string) => boolean) => Effect.Effect<void>
}

/** A cache over a store, for answers of at most so many characters. */
export const makeCache = (store: CacheStore, maxLength: number): ResponseCache => {
  const ownerOf = makeOwners()
  const writes = makeWriteLog()
  return {
    reading: (operation, request) => {
      if (!isCacheable(operation, request)) return undefined
      const { hit, miss } = countersOf(operationName(operation))
      return (token) =>
        Effect.flatMap(ownerOf(token), (owner) => {
          if (owner === undefined)
            return Effect.succeed({ ifNoneMatch: undefined, read: readData(operation) })
          const key = `${owner} ${request.url}`
          const startedAt = writes.count()
          return Effect.map(store.get(key), (kept) => {
            const known = kept === undefined ? undefined : recall(operation, kept)
            return {
              ifNoneMatch: known === undefined ? undefined : kept?.etag,
              read: (answer) => {
                const { context, headers, status } = answer
                if (status === 304 && known !== undefined) {
                  hit()
                  const meta = metaOf(context, status, headers, undefined)
                  const etag = meta.etag ?? kept?.etag
                  return Effect.succeed({ ...known, meta: { ...meta, etag, extra: known.meta.extra } })
                }
                return readData(operation, (text, fetched) => {
                  miss()
                  const { etag } = fetched.meta
                  const isFit =
                    etag !== undefined &&
                    entityTag.test(etag) &&
                    status === 200 &&
                    text.length <= maxLength &&
                    !noStore.test(headers["cache-control"] ?? "") &&
                    !writes.touched(key, startedAt)
                  return isFit ? store.set(key, { etag, operation, fetched, text }) : Effect.void
                })(answer)
              }
            }
          })
        })
    },
    writing: (request, call) => {
      if (request.operation.http === "GET") return call
      const isAffected = affectedBy(request)
      // Once before it, and once after it for the reads that began meanwhile.
      const forget = Effect.suspend(() => {
        writes.note(isAffected)
        return store.remove(isAffected)
      })
      return Effect.scoped(
        Effect.flatMap(
          Effect.acquireRelease(forget, () => forget),
          () => call
        )
      )
    }
  }
}

const entityTag = /^[\x21-\x7e]+$/

const noStore = /\bno-store\b/i

/** Headers of the caller's own may change the answer; pages after the first carry no ETag of the list. */
const isCacheable = (operation: OperationFacts, request: PreparedRequest): boolean =>
  operation.http === "GET" &&
  operation.flags.conditional === true &&
  Object.keys(request.headers).every((name) => name === "accept") &&
  !(operation.flags.paginated === true && /[?&]cursor=/.test(request.url))

const recall = <A>(operation: Parameters<typeof decodeText<A>>[0], kept: Kept): Fetched<A> | undefined => {
  if ("text" in kept) {
    const context = { operation, attempts: 0, now: 0, secrets: [], maxBytes: Number.POSITIVE_INFINITY }
    const fetched = decodeText(operation, context, 200, {}, kept.text)
    return "_tag" in fetched ? undefined : fetched
  }
  // What this very operation has decoded is of its type.
  return kept.operation === operation ? (kept.fetched as Fetched<A>) : undefined
}

// -----------------------------------------------------------------------------
// credentials
// -----------------------------------------------------------------------------

/** Who asks, without saying who: a digest of the credential. `undefined` where the runtime cannot make one. */
const makeOwners = () => {
  let last: { readonly token: string; readonly owner: string | undefined } | undefined
  return (token: string | undefined): Effect.Effect<string | undefined> => {
    if (token === undefined) return Effect.succeed("public")
    if (last?.token === token) return Effect.succeed(last.owner)
    return Effect.map(sha256Hex(new TextEncoder().encode(`effect-sendmux ${token}`)), (owner) => {
      last = { token, owner }
      return owner
    })
  }
}

// -----------------------------------------------------------------------------
// writes
// -----------------------------------------------------------------------------

type IsAffected = (key: string) => boolean

/** So many writes are remembered; a read that saw more of them go by is not kept. */
const rememberedWrites = 128

/** Knows which reads were overtaken by a write, so that what they bring is not kept. */
const makeWriteLog = () => {
  let count = 0
  const recent: Array<IsAffected> = []
  return {
    count: () => count,
    note: (isAffected: IsAffected) => {
      recent[count++ % rememberedWrites] = isAffected
    },
    touched: (key: string, since: number) =>
      count - since > rememberedWrites ||
      Array.from({ length: count - since }, (_, i) => recent[(since + i) % rememberedWrites]).some(
        (isAffected) => isAffected?.(key)
      )
  }
}

/**
 * A write to something touches all below it: `POST /mailboxes/{public_id}/suspend` the mailbox, its filters and its
 * usage. A creation touches nothing that is there already.
 */
const affectedBy = ({ operation, url }: PreparedRequest): IsAffected => {
  const [address = ""] = url.split("?")
  const template = operation.path.split("/")
  const segments = address.split("/")
  const firstId = template.findIndex((segment) => segment.startsWith("{"))
  const isCreation = firstId === -1 && operation.http === "POST" && !operation.path.includes(":")
  const end = firstId === -1 ? segments.length : segments.length - template.length + firstId + 1
  const path = segments.slice(0, end)
  // Ids are percent-encoded: a colon is the API's own, as in `/mailbox/messages:batch-update`.
  const [last = ""] = (path.pop() ?? "").split(":")
  const root = [...path, last].join("/")
  return (key) => {
    const [found = ""] = key.slice(key.indexOf(" ") + 1).split("?")
    return found === root || (!isCreation && found.startsWith(`${root}/`))
  }
}

// -----------------------------------------------------------------------------
// stores
// -----------------------------------------------------------------------------

/** Keeps decoded answers; the one that was longest out of use makes room. */
export const memoryStore = (capacity: number): CacheStore => {
  const entries = new Map<string, Kept>()
  return {
    get: (key) =>
      Effect.sync(() => {
        const kept = entries.get(key)
        if (kept === undefined) return undefined
        entries.delete(key)
        entries.set(key, kept)
        return kept
      }),
    set: (key, { etag, fetched, operation }) =>
      Effect.sync(() => {
        entries.delete(key)
        entries.set(key, { etag, fetched, operation })
        for (const oldest of entries.keys()) {
          if (entries.size <= capacity) return
          entries.delete(oldest)
        }
      }),
    remove: (isAffected) =>
      Effect.sync(() => {
        for (const key of [...entries.keys()]) if (isAffected(key)) entries.delete(key)
      })
  }
}

/** Strings by key, by a platform's store; a failure is an absence. */
export interface Slots {
  readonly get: (slot: string) => Effect.Effect<string | undefined>
  readonly set: (slot: string, text: string) => Effect.Effect<void>
  readonly remove: (slot: string) => Effect.Effect<void>
}

/**
 * Keeps the text of answers in a fixed number of slots, each answer in the one that its key falls on: so the store
 * is bounded without a list of what it holds, which processes that share it would fight over. An answer that holds a
 * secret is not kept.
 */
export const slotStore = (slots: Slots, capacity: number): CacheStore => {
  // Which of the slots this process has filled, to clear them on a write.
  const filled = new Map<string, string>()
  return {
    get: (key) => Effect.map(slots.get(slotOf(key, capacity)), (text) => readSlot(key, text)),
    set: (key, { etag, fetched, text }) => {
      if (holdsSecret(fetched.data)) return Effect.void
      const slot = slotOf(key, capacity)
      filled.set(slot, key)
      return slots.set(slot, JSON.stringify({ key, etag, text }))
    },
    remove: (isAffected) => {
      const affected = [...filled].filter(([, key]) => isAffected(key)).map(([slot]) => slot)
      for (const slot of affected) filled.delete(slot)
      return Effect.forEach(affected, slots.remove, { discard: true })
    }
  }
}

const slotOf = (key: string, capacity: number): string => {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  return `effect-sendmux/etag/${(hash >>> 0) % capacity}`
}

const readSlot = (key: string, slot: string | undefined): Kept | undefined => {
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

/** Deeper than any answer of the API goes; what hides further down counts as a secret. */
const maxDepth = 100

/** Looks into objects and lists; values such as decimals and dates have insides of their own, even circular ones. */
const holdsSecret = (value: unknown, depth = 0): boolean => {
  if (typeof value !== "object" || value === null) return false
  if (depth > maxDepth || Redacted.isRedacted(value)) return true
  const isOpen = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
  return isOpen && Object.values(value).some((inner) => holdsSecret(inner, depth + 1))
}

// -----------------------------------------------------------------------------
// metrics
// -----------------------------------------------------------------------------

interface Counters {
  readonly hit: () => void
  readonly miss: () => void
}

const known = new Map<string, Counters>()

/** The counters of an operation, made on first use. */
const countersOf = (operation: string): Counters => {
  const made = known.get(operation)
  if (made !== undefined) return made
  const reads = (outcome: "hit" | "miss") => {
    const count = counter("sendmux_cache_reads", "Reads with an ETag cache, by outcome", {
      operation,
      outcome
    })
    return () => count(1)
  }
  const counters = { hit: reads("hit"), miss: reads("miss") }
  known.set(operation, counters)
  return counters
}
