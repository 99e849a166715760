/**
 * A ledger over a store of strings, for one process at a time.
 *
 * The requests in flight are also kept in memory. Each of them is one value of the store, and so is the list of their
 * keys, so that a process that ends between two writes leaves either a request that was never sent or one that the next
 * process continues. A message is in flight if one of these requests contains it: that needs no further write.
 */
import * as Effect from "effect/Effect"
import { makeMutex } from "../../internal/dialect/concurrency.js"
import type { StoreError, StringStore } from "../../internal/dialect/shared/store.js"
import {
  type ChunkItem,
  type FreeState,
  type ItemRecord,
  type LedgerChunk,
  LedgerError,
  type LedgerService,
  type Lease,
  type SettledState,
  type WaitingItem
} from "./model.js"

/** A message that is not in flight, as it is stored. */
interface StoredItem {
  readonly hash: string
  readonly state: SettledState | FreeState
  readonly payload?: string | undefined
  /** Whether a slot of the queue has its id. */
  readonly waits?: true | undefined
}

interface HeldChunk extends Lease {
  readonly chunk: LedgerChunk
}

/** The slots of the queue that may be in use: from `head` up to, but without, `tail`. */
interface QueueEnds {
  readonly head: number
  readonly tail: number
}

interface Scope {
  readonly chunks: Map<string, HeldChunk>
  /** The key of the chunk that contains a message, by the id of the message. */
  readonly inFlight: Map<string, string>
  ends: QueueEnds
}

export const makeStoreLedger = (store: StringStore): LedgerService => {
  const exclusive = makeMutex()
  const scopes = new Map<string, Scope>()

  const name = (kind: string, scope: string, part: string | number = "") =>
    `${kind}/${encodeURIComponent(scope)}/${encodeURIComponent(part)}`

  const read = <A>(key: string): Effect.Effect<A | undefined, StoreError> =>
    // The store holds only what this file has written.
    Effect.map(store.get(key), (text) => (text === undefined ? undefined : (JSON.parse(text) as A)))

  const write = (key: string, value: unknown) => store.set(key, JSON.stringify(value))

  const load = (scope: string): Effect.Effect<Scope, StoreError> =>
    Effect.gen(function* () {
      const known = scopes.get(scope)
      if (known !== undefined) return known
      const loaded: Scope = {
        chunks: new Map(),
        inFlight: new Map(),
        ends: (yield* read<QueueEnds>(name("queue", scope))) ?? { head: 0, tail: 0 }
      }
      for (const key of (yield* read<ReadonlyArray<string>>(name("chunks", scope))) ?? []) {
        const chunk = yield* read<LedgerChunk>(name("chunk", scope, key))
        // The process that had claimed it has ended, because a store belongs to one process at a time.
        if (chunk !== undefined) hold(loaded, { chunk, runner: "", owner: "", until: 0 })
      }
      scopes.set(scope, loaded)
      return loaded
    })

  const hold = ({ chunks, inFlight }: Scope, held: HeldChunk): void => {
    chunks.set(held.chunk.key, held)
    for (const { id } of held.chunk.items) inFlight.set(id, held.chunk.key)
  }

  /** Runs one operation at a time. After a failure the state in memory is read again, because a write may have succeeded. */
  const operation = <A>(
    action: string,
    scope: string,
    run: (loaded: Scope) => Effect.Effect<A, StoreError>
  ): Effect.Effect<A, LedgerError> =>
    exclusive(
      Effect.uninterruptible(
        Effect.suspend(() => Effect.flatMap(load(scope), run)).pipe(
          Effect.mapError((error) => {
            scopes.delete(scope)
            return new LedgerError({ action, reason: error.message })
          })
        )
      )
    )

  const readItem = (scope: string, id: string) => read<StoredItem>(name("item", scope, id))

  const recordOf = (
    scope: string,
    loaded: Scope,
    id: string
  ): Effect.Effect<ItemRecord | undefined, StoreError> => {
    const key = loaded.inFlight.get(id)
    const item =
      key === undefined ? undefined : loaded.chunks.get(key)?.chunk.items.find((item) => item.id === id)
    if (item !== undefined) return Effect.succeed({ id, hash: item.hash, state: { _tag: "InFlight" } })
    return Effect.map(readItem(scope, id), (stored) =>
      stored === undefined ? undefined : { id, hash: stored.hash, state: stored.state }
    )
  }

  const writeKeys = (scope: string, keys: Iterable<string>) => write(name("chunks", scope), [...keys])

  /** Removes a chunk whose items have been written. */
  const drop = (scope: string, loaded: Scope, { items, key }: LedgerChunk): Effect.Effect<void, StoreError> =>
    Effect.gen(function* () {
      yield* writeKeys(
        scope,
        [...loaded.chunks.keys()].filter((other) => other !== key)
      )
      loaded.chunks.delete(key)
      for (const { id } of items) loaded.inFlight.delete(id)
      yield* store.remove(name("chunk", scope, key))
    })

  /** Writes a message that waits. It gets a slot of the queue unless it has one. */
  const writeWaiting = (
    scope: string,
    loaded: Scope,
    { attempts, hash, id, payload }: ChunkItem
  ): Effect.Effect<void, StoreError> =>
    Effect.gen(function* () {
      const state: FreeState = { _tag: "Free", attempts }
      if (payload === undefined) return yield* write(name("item", scope, id), { hash, state })
      const stored = yield* readItem(scope, id)
      if (stored?.waits !== true) {
        const { head, tail } = loaded.ends
        yield* write(name("slot", scope, tail), id)
        yield* write(name("queue", scope), { head, tail: tail + 1 })
        loaded.ends = { head, tail: tail + 1 }
      }
      yield* write(name("item", scope, id), { hash, state, payload, waits: true })
    })

  /** The message of a slot, or `undefined` if it does not wait. */
  const readSlot = (scope: string, slot: number): Effect.Effect<WaitingItem | undefined, StoreError> =>
    Effect.gen(function* () {
      const id = yield* read<string>(name("slot", scope, slot))
      if (id === undefined) return undefined
      const stored = yield* readItem(scope, id)
      if (stored?.state._tag !== "Free" || stored.payload === undefined) return undefined
      const { hash, payload, state } = stored
      return { id, hash, attempts: state.attempts, payload, cursor: String(slot) }
    })

  /** Forgets the slots at the head of the queue whose messages are settled. */
  const trim = (scope: string, loaded: Scope): Effect.Effect<void, StoreError> =>
    Effect.gen(function* () {
      const { head, tail } = loaded.ends
      let next = head
      while (next < tail && (yield* readSlot(scope, next)) === undefined) {
        yield* store.remove(name("slot", scope, next))
        next++
      }
      if (next === head) return
      yield* write(name("queue", scope), { head: next, tail })
      loaded.ends = { head: next, tail }
    })

  return {
    lookup: (scope, ids) =>
      operation("lookup", scope, (loaded) =>
        Effect.map(
          Effect.forEach(ids, (id) => recordOf(scope, loaded, id)),
          (records) => records.filter((record) => record !== undefined)
        )
      ),
    begin: (scope, chunk, lease) =>
      operation("begin", scope, (loaded) =>
        Effect.gen(function* () {
          const obstacles: Array<ItemRecord> = []
          for (const { attempts, hash, id } of chunk.items) {
            const record = yield* recordOf(scope, loaded, id)
            if (record === undefined) {
              if (attempts > 0) obstacles.push({ id, hash, state: { _tag: "Free", attempts: 0 } })
              continue
            }
            const free = record.state._tag === "Free" && record.state.attempts === attempts
            if (!free || record.hash !== hash) obstacles.push(record)
          }
          if (obstacles.length > 0) return obstacles
          yield* write(name("chunk", scope, chunk.key), chunk)
          yield* writeKeys(scope, [...loaded.chunks.keys(), chunk.key])
          hold(loaded, { chunk, ...lease })
          return obstacles
        })
      ),
    renew: (scope, key, lease, sentAt) =>
      operation("renew", scope, (loaded) =>
        Effect.gen(function* () {
          const held = loaded.chunks.get(key)
          if (held === undefined || held.owner !== lease.owner) return false
          const chunk = sentAt === undefined ? held.chunk : { ...held.chunk, sentAt }
          if (sentAt !== undefined) yield* write(name("chunk", scope, key), chunk)
          loaded.chunks.set(key, { chunk, ...lease })
          return true
        })
      ),
    settle: (scope, chunk, states) =>
      operation("settle", scope, (loaded) =>
        Effect.gen(function* () {
          if (!loaded.chunks.has(chunk.key)) return false
          for (const [index, item] of chunk.items.entries()) {
            const state = states[index]
            if (state === undefined) continue
            yield* state._tag === "Free"
              ? writeWaiting(scope, loaded, { ...item, attempts: state.attempts })
              : write(name("item", scope, item.id), { hash: item.hash, state })
          }
          yield* drop(scope, loaded, chunk)
          return true
        })
      ),
    release: (scope, chunk, owner) =>
      operation("release", scope, (loaded) =>
        Effect.gen(function* () {
          if (loaded.chunks.get(chunk.key)?.owner !== owner) return false
          for (const item of chunk.items) {
            if (item.payload !== undefined) yield* writeWaiting(scope, loaded, item)
          }
          yield* drop(scope, loaded, chunk)
          return true
        })
      ),
    takeOver: (scope, now, lease) =>
      operation("takeOver", scope, (loaded) =>
        Effect.sync(() => {
          const held = [...loaded.chunks.values()].find(
            ({ runner, until }) => until <= now && runner !== lease.runner
          )
          if (held === undefined) return undefined
          loaded.chunks.set(held.chunk.key, { ...held, ...lease })
          return held.chunk
        })
      ),
    nextLease: (scope) =>
      operation("nextLease", scope, ({ chunks }) =>
        Effect.succeed(
          chunks.size === 0 ? undefined : Math.min(...[...chunks.values()].map(({ until }) => until))
        )
      ),
    enqueue: (scope, item) =>
      operation("enqueue", scope, (loaded) =>
        Effect.gen(function* () {
          const record = yield* recordOf(scope, loaded, item.id)
          if (record !== undefined) return record
          yield* writeWaiting(scope, loaded, item)
          return undefined
        })
      ),
    waiting: (scope, after, limit) =>
      operation("waiting", scope, (loaded) =>
        Effect.gen(function* () {
          if (after === undefined) yield* trim(scope, loaded)
          const items: Array<WaitingItem> = []
          let slot = after === undefined ? loaded.ends.head : Number(after) + 1
          for (; slot < loaded.ends.tail && items.length < limit; slot++) {
            const item = yield* readSlot(scope, slot)
            if (item !== undefined && !loaded.inFlight.has(item.id)) items.push(item)
          }
          return items
        })
      )
  }
}

/** A store of strings in memory. */
export const memoryStore = (): StringStore => {
  const values = new Map<string, string>()
  return {
    get: (key) => Effect.sync(() => values.get(key)),
    set: (key, value) => Effect.sync(() => void values.set(key, value)),
    remove: (key) => Effect.sync(() => void values.delete(key))
  }
}
