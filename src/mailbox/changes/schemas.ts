/**
 * The changes of a mailbox since a state.
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
 * The resource types that have states.
 *
 * @since 0.1.0
 * @category constants
 */
export const syncTypes = ["messages", "folders", "threads", "submissions", "identities", "quotas"] as const

/**
 * A resource type that has states.
 *
 * @since 0.1.0
 * @category models
 */
export type SyncType = (typeof syncTypes)[number]

/** @internal */
export const SyncTypeInput = Literals(...syncTypes)

/**
 * The ids of the items that were created, updated and destroyed between two states of one resource type.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxChanges = Schema.Struct({
  /** The state that the changes start from. Null if the request contained no state. */
  old_state: Nullable(Schema.String),
  /** The state to pass in the next request. */
  new_state: Schema.String,
  /** Whether there are more changes after `new_state`. */
  has_more: Schema.Boolean,
  created: Schema.Array(Schema.String),
  updated: Schema.Array(Schema.String),
  destroyed: Schema.Array(Schema.String),
  /** Whether the server no longer knows all changes. If so, ignore the ids and read all items of the type again. */
  sync_required: Optional(Schema.Boolean),
  /** The only properties that changed, if the server knows them. */
  updated_properties: Optional(Schema.Array(Schema.String))
})

/**
 * The type of the schema `MailboxChanges`.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxChanges extends Schema.Schema.Type<typeof MailboxChanges> {}

/**
 * The changes of several resource types, each with its own states.
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
 * The type of the schema `MailboxTypedChanges`.
 *
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
 * The state from which to read the changes of one resource type.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ChangesInput = Schema.Struct({
  /** The `new_state` of an earlier response. Without it, the response contains the current state and no changes. */
  since_state: stateToken,
  /** The maximum number of changes in one response, 1 to 500. */
  limit: changesLimit
})

/**
 * The type of the schema `ChangesInput`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ChangesInput extends Schema.Schema.Type<typeof ChangesInput> {}

/**
 * How a list has changed. To update a copy, delete the `removed` ids, then insert each `added` id at its index.
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
  /** The current length of the list, if the request asked for it. */
  total: Nullable(Schema.Number)
})

/**
 * The type of the schema `MailboxQueryChanges`.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxQueryChanges extends Schema.Schema.Type<typeof MailboxQueryChanges> {}

/**
 * The outcome of a deletion.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Deleted = Schema.Struct({
  deleted: Schema.Boolean,
  id: Schema.String
})

/**
 * The type of the schema `Deleted`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Deleted extends Schema.Schema.Type<typeof Deleted> {}
