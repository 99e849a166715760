/**
 * What has changed since a state.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import {
  ListOf,
  Literals,
  Nullable,
  Optional,
  OptionalInput,
  Text,
  WholeNumber
} from "../../internal/schema/schema.js"

/**
 * The kinds of resource that have states.
 *
 * @since 0.1.0
 * @category constants
 */
export const syncTypes = ["messages", "folders", "threads", "submissions", "identities", "quotas"] as const

/**
 * @since 0.1.0
 * @category models
 */
export type SyncType = (typeof syncTypes)[number]

/** @internal */
export const SyncTypeInput = Literals(...syncTypes)

/**
 * The ids that came, changed and went between two states of one kind of resource.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxChanges = Schema.Struct({
  /** The state asked about; null when only the current one was asked for. */
  old_state: Nullable(Schema.String),
  /** Ask from here next. */
  new_state: Schema.String,
  /** More changes wait behind `new_state`. */
  has_more: Schema.Boolean,
  created: Schema.Array(Schema.String),
  updated: Schema.Array(Schema.String),
  destroyed: Schema.Array(Schema.String),
  /** The server no longer knows what changed: drop the lists here and read the whole resource again. */
  sync_required: Optional(Schema.Boolean),
  /** Where the server knows: the only properties that changed. */
  updated_properties: Optional(Schema.Array(Schema.String))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxChanges extends Schema.Schema.Type<typeof MailboxChanges> {}

/**
 * Changes of several kinds of resource, each with its own states.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxTypedChanges = Schema.Struct({
  types: Schema.Struct({
    messages: Optional(MailboxChanges),
    folders: Optional(MailboxChanges),
    threads: Optional(MailboxChanges),
    submissions: Optional(MailboxChanges),
    identities: Optional(MailboxChanges),
    quotas: Optional(MailboxChanges)
  })
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxTypedChanges extends Schema.Schema.Type<typeof MailboxTypedChanges> {}

/** @internal */
export const changesLimit = OptionalInput(WholeNumber(1, 500))

/** @internal */
export const stateToken = OptionalInput(Text({ min: 1 }))

/** @internal */
export const SyncTypesInput = ListOf(SyncTypeInput, 1, syncTypes.length)

/**
 * Since when changes of one kind of resource are asked for.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ChangesInput = Schema.Struct({
  /** A `new_state` from before; without it, the current state and no changes. */
  since_state: stateToken,
  /** Changes in one answer, 1 to 500. */
  limit: changesLimit
})

/**
 * @since 0.1.0
 * @category models
 */
export interface ChangesInput extends Schema.Schema.Type<typeof ChangesInput> {}

/**
 * How a list has changed: take the removed out, then put each of the added in at its index.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxQueryChanges = Schema.Struct({
  old_query_state: Nullable(Schema.String),
  new_query_state: Schema.String,
  has_more: Schema.Boolean,
  removed: Schema.Array(Schema.String),
  added: Schema.Array(Schema.Struct({ id: Schema.String, index: Schema.Number })),
  /** How long the list is now, where that was asked for. */
  total: Nullable(Schema.Number)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxQueryChanges extends Schema.Schema.Type<typeof MailboxQueryChanges> {}

/**
 * What became of a deletion.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Deleted = Schema.Struct({
  deleted: Schema.Boolean,
  id: Schema.String
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Deleted extends Schema.Schema.Type<typeof Deleted> {}
