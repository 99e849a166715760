/**
 * Where the items of each type come from.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Page } from "../../internal/model/call.js"
import { APIError, type SendmuxError, type SendmuxStreamError } from "../../internal/model/errors.js"
import type { SyncType } from "../changes/schemas.js"
import type { Folders, MailboxFolder } from "../folders.js"
import type { Identities, MailboxIdentity } from "../identities.js"
import type { Messages } from "../messages/messages.js"
import type { MessageSummary } from "../messages/schemas.js"
import type { MailboxOptions } from "../options.js"
import type { MailboxQuota, Quotas } from "../quotas.js"
import type { MailboxSubmission, Submissions } from "../submissions.js"
import type { ThreadSummary, Threads } from "../threads.js"
import type { SyncStates } from "./readChanges.js"

// -----------------------------------------------------------------------------
// elements
// -----------------------------------------------------------------------------

/**
 * What an item of each type is.
 *
 * @since 0.1.0
 * @category models
 */
export interface SyncValues {
  readonly messages: MessageSummary
  readonly folders: MailboxFolder
  readonly threads: ThreadSummary
  readonly submissions: MailboxSubmission
  readonly identities: MailboxIdentity
  readonly quotas: MailboxQuota
}

/**
 * A snapshot of the type begins: empty the copy of it.
 *
 * @since 0.1.0
 * @category models
 */
export interface SyncReset<out T extends SyncType> {
  readonly _tag: "Reset"
  readonly type: T
  /** Save them together with the emptied copy: started with them, the type begins with a snapshot again. */
  readonly states: SyncStates
}

interface Item<out Tag extends string, out T extends SyncType> {
  readonly _tag: Tag
  readonly type: T
  readonly id: string
  /** As it is now, which may be newer than the change. */
  readonly value: SyncValues[T]
}

/**
 * An item that is there. It may come more than once.
 *
 * @since 0.1.0
 * @category models
 */
export interface SyncSnapshot<out T extends SyncType> extends Item<"Snapshot", T> {}

/**
 * An item that came to be.
 *
 * @since 0.1.0
 * @category models
 */
export interface SyncCreated<out T extends SyncType> extends Item<"Created", T> {}

/**
 * An item that changed.
 *
 * @since 0.1.0
 * @category models
 */
export interface SyncUpdated<out T extends SyncType> extends Item<"Updated", T> {}

/**
 * An item that is gone. The copy may never have had it.
 *
 * @since 0.1.0
 * @category models
 */
export interface SyncRemoved<out T extends SyncType> {
  readonly _tag: "Removed"
  readonly type: T
  readonly id: string
}

/**
 * Everything before it belongs to these states: save them with the copy.
 *
 * @since 0.1.0
 * @category models
 */
export interface SyncCheckpoint {
  readonly _tag: "Checkpoint"
  readonly states: SyncStates
  /** The copy is as new as the mailbox was a moment ago. */
  readonly caughtUp: boolean
}

/** What becomes of the items of one type. */
type SyncItemEvent<T extends SyncType> =
  | SyncReset<T>
  | SyncSnapshot<T>
  | SyncCreated<T>
  | SyncUpdated<T>
  | SyncRemoved<T>

type AnySyncEvent = { [K in SyncType]: SyncItemEvent<K> }[SyncType] | SyncCheckpoint

/**
 * What `sync.follow` gives.
 *
 * @since 0.1.0
 * @category models
 */
export type SyncEvent<T extends SyncType = SyncType> = Extract<
  AnySyncEvent,
  { readonly type: T } | { readonly _tag: "Checkpoint" }
>

// -----------------------------------------------------------------------------
// sources
// -----------------------------------------------------------------------------

/** @internal */
export interface SourceGroups {
  readonly messages: Pick<Messages, "list" | "batchGet">
  readonly folders: Pick<Folders, "list">
  readonly threads: Pick<Threads, "list" | "get">
  readonly submissions: Pick<Submissions, "list" | "get">
  readonly identities: Pick<Identities, "list">
  readonly quotas: Pick<Quotas, "list">
}

/** One page of a snapshot. */
interface SourcePage<out T extends SyncType> {
  readonly items: ReadonlyArray<SyncSnapshot<T>>
  readonly next: string | undefined
}

/** The items of one type. */
interface Source<out T extends SyncType> {
  readonly reset: (states: SyncStates) => SyncReset<T>
  /** A page of everything there is. */
  readonly page: (cursor: string | undefined) => Effect.Effect<SourcePage<T>, SendmuxStreamError>
  /** The items of these ids, as what became of them; one that is gone is `Removed`. */
  readonly changed: (
    tag: "Created" | "Updated",
    ids: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<SyncCreated<T> | SyncUpdated<T> | SyncRemoved<T>>, SendmuxStreamError>
  readonly removed: (ids: ReadonlyArray<string>) => ReadonlyArray<SyncRemoved<T>>
  /** Whether an update may move an item to another place in the list. */
  readonly updatesMove: boolean
}

/** @internal */
export type Sources = { readonly [T in SyncType]: Source<T> }

interface Reading<A> {
  readonly page: (cursor: string | undefined) => Effect.Effect<Page<A>, SendmuxError>
  /** Those of the ids that there are. */
  readonly find: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<A>, SendmuxStreamError>
  readonly updatesMove: boolean
}

const sourceOf = <T extends SyncType>(
  type: T,
  reading: Reading<SyncValues[T] & { readonly id: string }>
): Source<T> => ({
  updatesMove: reading.updatesMove,
  reset: (states) => ({ _tag: "Reset", type, states }),
  removed: (ids) => ids.map((id) => ({ _tag: "Removed", type, id })),
  page: (cursor) =>
    Effect.map(reading.page(cursor), ({ items, hasMore, nextCursor }) => ({
      items: items.map((value) => ({ _tag: "Snapshot", type, id: value.id, value })),
      next: hasMore ? nextCursor : undefined
    })),
  changed: (tag, ids) =>
    ids.length === 0
      ? Effect.succeed([])
      : Effect.map(reading.find(ids), (values) => {
          const byId = new Map(values.map((value) => [value.id, value]))
          return ids.map((id) => {
            const value = byId.get(id)
            return value === undefined ? { _tag: "Removed", type, id } : { _tag: tag, type, id, value }
          })
        })
})

const limit = 100

/** How many items are read at the same time, where each takes a request. */
const concurrency = 4

/**
 * Where the items of each type come from, with the options of every call.
 *
 * @internal
 */
export const makeSources = (groups: SourceGroups, options: MailboxOptions): Sources => ({
  // In the order of arrival, in which a message keeps its place and new ones come last.
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
    find: (ids) => among(groups.folders.list({ limit }, options), ids),
    updatesMove: true
  }),
  threads: sourceOf("threads", {
    page: (cursor) => groups.threads.list.page({ cursor, limit }, options),
    find: (ids) => oneByOne(ids, (id) => groups.threads.get(id, options)),
    updatesMove: true
  }),
  submissions: sourceOf("submissions", {
    page: (cursor) => groups.submissions.list.page({ cursor, limit }, options),
    find: (ids) => oneByOne(ids, (id) => groups.submissions.get(id, options)),
    updatesMove: true
  }),
  identities: sourceOf("identities", {
    page: (cursor) => groups.identities.list.page({ cursor, limit }, options),
    find: (ids) => among(groups.identities.list({ limit }, options), ids),
    updatesMove: true
  }),
  quotas: sourceOf("quotas", {
    page: (cursor) => groups.quotas.list.page({ cursor, limit }, options),
    find: (ids) => among(groups.quotas.list({ limit }, options), ids),
    updatesMove: true
  })
})

/** Picks from a list that is short. */
const among = <A extends { readonly id: string }>(
  list: Stream.Stream<A, SendmuxStreamError>,
  ids: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<A>, SendmuxStreamError> =>
  Effect.suspend(() => {
    const wanted = new Set(ids)
    const found: Array<A> = []
    const gathered = Stream.runForEach(list, (item) =>
      Effect.sync(() => {
        if (wanted.has(item.id)) found.push(item)
      })
    )
    return Effect.map(gathered, () => found)
  })

const isGone = APIError.is("not_found")

const oneByOne = <A>(
  ids: ReadonlyArray<string>,
  get: (id: string) => Effect.Effect<A, SendmuxError>
): Effect.Effect<ReadonlyArray<A>, SendmuxError> =>
  Effect.map(
    Effect.forEach(
      ids,
      (id) =>
        Effect.catchIf(Effect.map(get(id), Option.some), isGone, () => Effect.succeed(Option.none<A>())),
      { concurrency }
    ),
    (found) => found.flatMap((item) => Option.toArray(item))
  )
