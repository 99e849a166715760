/**
 * Reads the items of each resource type for `sync.follow`: page by page for a snapshot, and by id after a change.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Page } from "../../internal/model/call.js"
import { APIError, type SendmuxError, type SendmuxStreamError } from "../../internal/model/errors.js"
import type { SyncType } from "../changes/schemas.js"
import type { Folders } from "../folders.js"
import type { Identities } from "../identities.js"
import type { Messages } from "../messages/messages.js"
import type { MailboxOptions } from "../options.js"
import type { Quotas } from "../quotas.js"
import type { Submissions } from "../submissions.js"
import type { Threads } from "../threads.js"
import type {
  SyncCreated,
  SyncRemoved,
  SyncReset,
  SyncSnapshot,
  SyncUpdated,
  SyncValues
} from "./elements.js"
import type { SyncStates } from "./readChanges.js"

/** The methods that the sources call. */
export interface SourceGroups {
  readonly messages: Pick<Messages, "list" | "batchGet">
  readonly folders: Pick<Folders, "list">
  readonly threads: Pick<Threads, "list" | "get">
  readonly submissions: Pick<Submissions, "list" | "get">
  readonly identities: Pick<Identities, "list">
  readonly quotas: Pick<Quotas, "list">
}

/** One page of a snapshot. */
interface SnapshotPage<out T extends SyncType> {
  readonly items: ReadonlyArray<SyncSnapshot<T>>
  readonly next: string | undefined
}

/** Reads the items of one resource type, as elements of the stream. */
interface ItemSource<out T extends SyncType> {
  readonly reset: (states: SyncStates) => SyncReset<T>
  /** Reads one page of the list of all items. */
  readonly page: (cursor: string | undefined) => Effect.Effect<SnapshotPage<T>, SendmuxStreamError>
  /** Reads the items with these ids. An item that no longer exists becomes `Removed`. */
  readonly changed: (
    tag: "Created" | "Updated",
    ids: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<SyncCreated<T> | SyncUpdated<T> | SyncRemoved<T>>, SendmuxStreamError>
  readonly removed: (ids: ReadonlyArray<string>) => ReadonlyArray<SyncRemoved<T>>
  /** Whether an update can move an item to another position in the list. */
  readonly updatesMove: boolean
}

/** The source of each resource type. */
export type Sources = { readonly [T in SyncType]: ItemSource<T> }

/** How to call the API for one resource type. */
interface ItemCalls<A> {
  readonly page: (cursor: string | undefined) => Effect.Effect<Page<A>, SendmuxError>
  /** Reads those of the ids that exist. */
  readonly find: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<A>, SendmuxStreamError>
  readonly updatesMove: boolean
}

const sourceOf = <T extends SyncType>(
  type: T,
  calls: ItemCalls<SyncValues[T] & { readonly id: string }>
): ItemSource<T> => ({
  updatesMove: calls.updatesMove,
  reset: (states) => ({ _tag: "Reset", type, states }),
  removed: (ids) => ids.map((id) => ({ _tag: "Removed", type, id })),
  page: (cursor) =>
    Effect.gen(function* () {
      const { hasMore, items, nextCursor } = yield* calls.page(cursor)
      return {
        items: items.map((value): SyncSnapshot<T> => ({ _tag: "Snapshot", type, id: value.id, value })),
        next: hasMore ? nextCursor : undefined
      }
    }),
  changed: (tag, ids) =>
    Effect.gen(function* () {
      if (ids.length === 0) return []
      const values = yield* calls.find(ids)
      const byId = new Map(values.map((value) => [value.id, value]))
      return ids.map((id): SyncCreated<T> | SyncUpdated<T> | SyncRemoved<T> => {
        const value = byId.get(id)
        return value === undefined ? { _tag: "Removed", type, id } : { _tag: tag, type, id, value }
      })
    })
})

const limit = 100

/** The number of concurrent requests where each item takes its own. */
const concurrency = 4

/** Makes the sources. Every call that they make has these options. */
export const makeSources = (groups: SourceGroups, options: MailboxOptions): Sources => ({
  // Ordered by arrival: a message keeps its position, and new messages are appended.
  messages: sourceOf("messages", {
    page: (cursor) =>
      groups.messages.list.page({ cursor, limit, sort_by: "received_at", sort_direction: "asc" }, options),
    find: (ids) =>
      Effect.map(groups.messages.batchGet({ ids }, options), ({ results }) =>
        results.flatMap((item) => (item._tag === "Found" ? [item.message] : []))
      ),
    updatesMove: false
  }),
  folders: sourceOf("folders", {
    page: (cursor) => groups.folders.list.page({ cursor, limit }, options),
    find: (ids) => selectFromList(groups.folders.list({ limit }, options), ids),
    updatesMove: true
  }),
  threads: sourceOf("threads", {
    page: (cursor) => groups.threads.list.page({ cursor, limit }, options),
    find: (ids) => getEach(ids, (id) => groups.threads.get(id, options)),
    updatesMove: true
  }),
  submissions: sourceOf("submissions", {
    page: (cursor) => groups.submissions.list.page({ cursor, limit }, options),
    find: (ids) => getEach(ids, (id) => groups.submissions.get(id, options)),
    updatesMove: true
  }),
  identities: sourceOf("identities", {
    page: (cursor) => groups.identities.list.page({ cursor, limit }, options),
    find: (ids) => selectFromList(groups.identities.list({ limit }, options), ids),
    updatesMove: true
  }),
  quotas: sourceOf("quotas", {
    page: (cursor) => groups.quotas.list.page({ cursor, limit }, options),
    find: (ids) => selectFromList(groups.quotas.list({ limit }, options), ids),
    updatesMove: true
  })
})

/** Reads a short list completely and selects the items with these ids. */
const selectFromList = <A extends { readonly id: string }>(
  list: Stream.Stream<A, SendmuxStreamError>,
  ids: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<A>, SendmuxStreamError> =>
  Effect.gen(function* () {
    const wanted = new Set(ids)
    const found: Array<A> = []
    yield* Stream.runForEach(list, (item) =>
      Effect.sync(() => {
        if (wanted.has(item.id)) found.push(item)
      })
    )
    return found
  })

const isNotFound = APIError.is("not_found")

/** Reads each id with its own request and leaves out those that do not exist. */
const getEach = <A>(
  ids: ReadonlyArray<string>,
  get: (id: string) => Effect.Effect<A, SendmuxError>
): Effect.Effect<ReadonlyArray<A>, SendmuxError> => {
  const getIfPresent = (id: string) =>
    get(id).pipe(
      Effect.map(Option.some),
      Effect.catchIf(isNotFound, () => Effect.succeed(Option.none<A>()))
    )
  return Effect.forEach(ids, getIfPresent, { concurrency }).pipe(
    Effect.map((found) => found.flatMap((item) => Option.toArray(item)))
  )
}
