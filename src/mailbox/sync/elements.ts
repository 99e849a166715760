/**
 * The elements of `sync.follow`.
 *
 * @since 0.1.0
 */
import type { SyncType } from "../changes/schemas.js"
import type { MailboxFolder } from "../folders.js"
import type { MailboxIdentity } from "../identities.js"
import type { MessageSummary } from "../messages/schemas.js"
import type { MailboxQuota } from "../quotas.js"
import type { MailboxSubmission } from "../submissions.js"
import type { ThreadSummary } from "../threads.js"
import type { SyncStates } from "./readChanges.js"

/**
 * The type of an item, by resource type.
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
 * A snapshot of this resource type starts: delete all its items from the copy.
 *
 * @since 0.1.0
 * @category models
 */
export interface SyncReset<out T extends SyncType> {
  readonly _tag: "Reset"
  readonly type: T
  /** Save these states together with the emptied copy. A stream that resumes from them starts with a snapshot again. */
  readonly states: SyncStates
}

interface ElementWithValue<out Tag extends string, out T extends SyncType> {
  readonly _tag: Tag
  readonly type: T
  readonly id: string
  /** The item's current value, which may already include later changes. */
  readonly value: SyncValues[T]
}

/**
 * An item that exists. The same item may be emitted more than once.
 *
 * @since 0.1.0
 * @category models
 */
export interface SyncSnapshot<out T extends SyncType> extends ElementWithValue<"Snapshot", T> {}

/**
 * An item that was created.
 *
 * @since 0.1.0
 * @category models
 */
export interface SyncCreated<out T extends SyncType> extends ElementWithValue<"Created", T> {}

/**
 * An item that was updated.
 *
 * @since 0.1.0
 * @category models
 */
export interface SyncUpdated<out T extends SyncType> extends ElementWithValue<"Updated", T> {}

/**
 * An item that no longer exists. The copy may never have contained it.
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
 * All elements before this one belong to these states: save the states together with the copy.
 *
 * @since 0.1.0
 * @category models
 */
export interface SyncCheckpoint {
  readonly _tag: "Checkpoint"
  readonly states: SyncStates
  /** Whether the copy contains every change that the server had recorded when it was last asked. */
  readonly caughtUp: boolean
}

type SyncItemEvent<T extends SyncType> =
  | SyncReset<T>
  | SyncSnapshot<T>
  | SyncCreated<T>
  | SyncUpdated<T>
  | SyncRemoved<T>

type AnySyncEvent = { [K in SyncType]: SyncItemEvent<K> }[SyncType] | SyncCheckpoint

/**
 * An element of `sync.follow`.
 *
 * @since 0.1.0
 * @category models
 */
export type SyncEvent<T extends SyncType = SyncType> = Extract<
  AnySyncEvent,
  { readonly type: T } | { readonly _tag: "Checkpoint" }
>
