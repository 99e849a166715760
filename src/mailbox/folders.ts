/**
 * Folders, which messages are in.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Methods } from "../internal/methods/methods.js"
import { type ModifyMethod, modifyOf } from "../internal/methods/modify.js"
import type { ConditionalMethod, ListMethod, Method } from "../internal/model/call.js"
import { operation } from "../internal/operation/operation.js"
import { Nullable, OptionalInput, Text, WholeNumber } from "../internal/schema/schema.js"
import {
  ChangesInput,
  changesLimit,
  Deleted,
  MailboxChanges,
  MailboxQueryChanges,
  stateToken
} from "./changes/schemas.js"
import { PageInput } from "./filters.js"
import type { MailboxConditionalWriteOptions, MailboxModifyOptions, MailboxOptions } from "./options.js"

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

/**
 * A folder.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxFolder = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  /** What it is for, such as `inbox`, `sent`, `drafts`, `junk` or `trash`; null for folders of one's own. */
  role: Nullable(Schema.String),
  /** The folder it is in; null at the top. */
  parent_id: Nullable(Schema.String),
  /** Folders with less come first. */
  sort_order: Nullable(Schema.Number),
  total_messages: Schema.Number,
  unread_messages: Schema.Number,
  /** Whether messages may be put there. */
  can_add_items: Schema.Boolean
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxFolder extends Schema.Schema.Type<typeof MailboxFolder> {}

const folderPlace = {
  /** The folder to put it in; `null` for the top. */
  parent_id: OptionalInput(Schema.NullOr(Text({ min: 1 }))),
  /** Folders with less come first. */
  sort_order: OptionalInput(WholeNumber(Number.MIN_SAFE_INTEGER))
}

/**
 * A folder to create.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CreateFolderInput = Schema.Struct({ name: Text({ min: 1 }), ...folderPlace })

/**
 * @since 0.1.0
 * @category models
 */
export interface CreateFolderInput extends Schema.Schema.Type<typeof CreateFolderInput> {}

/**
 * What to change of a folder; what is left out stays.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UpdateFolderInput = Schema.Struct({ name: OptionalInput(Text({ min: 1 })), ...folderPlace })

/**
 * @since 0.1.0
 * @category models
 */
export interface UpdateFolderInput extends Schema.Schema.Type<typeof UpdateFolderInput> {}

/**
 * Since when changes of the list of folders are asked for.
 *
 * @since 0.1.0
 * @category schemas
 */
export const FolderQueryChangesInput = Schema.Struct({
  /** A `new_query_state` from before; without it, the current one and no changes. */
  since_query_state: stateToken,
  /** Changes in one answer, 1 to 500. */
  limit: changesLimit
})

/**
 * @since 0.1.0
 * @category models
 */
export interface FolderQueryChangesInput extends Schema.Schema.Type<typeof FolderQueryChangesInput> {}

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** @internal */
export const folderOperations = {
  list: operation("mailbox.folders.list", {
    http: "GET",
    path: "/mailbox/folders",
    input: PageInput,
    data: Schema.Array(MailboxFolder),
    flags: ["mailboxId", "paginated"]
  }),
  create: operation("mailbox.folders.create", {
    http: "POST",
    path: "/mailbox/folders",
    body: "json",
    input: CreateFolderInput,
    data: MailboxFolder,
    success: [201],
    flags: ["mailboxId"]
  }),
  get: operation("mailbox.folders.get", {
    http: "GET",
    path: "/mailbox/folders/{folder_id}",
    data: MailboxFolder,
    flags: ["conditional", "mailboxId"]
  }),
  update: operation("mailbox.folders.update", {
    http: "PATCH",
    path: "/mailbox/folders/{folder_id}",
    body: "json",
    input: UpdateFolderInput,
    data: MailboxFolder,
    flags: ["ifMatch", "mailboxId"]
  }),
  delete: operation("mailbox.folders.delete", {
    http: "DELETE",
    path: "/mailbox/folders/{folder_id}",
    data: Deleted,
    flags: ["ifMatch", "mailboxId"]
  }),
  changes: operation("mailbox.folders.changes", {
    http: "GET",
    path: "/mailbox/folders/changes",
    input: ChangesInput,
    data: MailboxChanges,
    flags: ["mailboxId"]
  }),
  queryChanges: operation("mailbox.folders.queryChanges", {
    http: "GET",
    path: "/mailbox/folders/query-changes",
    input: FolderQueryChangesInput,
    data: MailboxQueryChanges,
    flags: ["mailboxId"]
  })
}

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category services
 */
export interface Folders {
  /** Every folder: `GET /mailbox/folders`. */
  readonly list: ListMethod<[input?: PageInput, options?: MailboxOptions], MailboxFolder>
  /** Creates a folder: `POST /mailbox/folders`. Carries no idempotency key, so a retry may find it is there. */
  readonly create: Method<[folder: CreateFolderInput, options?: MailboxOptions], MailboxFolder>
  /** One folder: `GET /mailbox/folders/{folder_id}`. */
  readonly get: ConditionalMethod<[folder_id: string, options?: MailboxOptions], MailboxFolder>
  /**
   * Renames, moves or reorders a folder: `PATCH /mailbox/folders/{folder_id}`. Fails with `conflict` when
   * `ifMatch` is not the folder's version any more.
   */
  readonly update: Method<
    [folder_id: string, change: UpdateFolderInput, options?: MailboxConditionalWriteOptions],
    MailboxFolder
  >
  /** Reads a folder, decides on a change and writes it only if nobody wrote in between, else starts over. */
  readonly modify: ModifyMethod<[folder_id: string], MailboxFolder, UpdateFolderInput, MailboxModifyOptions>
  /** Deletes a folder: `DELETE /mailbox/folders/{folder_id}`. */
  readonly delete: Method<[folder_id: string, options?: MailboxConditionalWriteOptions], Deleted>
  /**
   * The ids of folders that changed since a state: `GET /mailbox/folders/changes`. A state the server does not know
   * fails with `invalid_parameter`; `sync.changes` follows states for you.
   */
  readonly changes: Method<[input?: ChangesInput, options?: MailboxOptions], MailboxChanges>
  /** How the list of folders changed since a state of it: `GET /mailbox/folders/query-changes`. */
  readonly queryChanges: Method<
    [input?: FolderQueryChangesInput, options?: MailboxOptions],
    MailboxQueryChanges
  >
}

/** @internal */
export const makeFolders = (methods: Methods): Folders => {
  const get = methods.conditional(folderOperations.get)
  const update = methods.call(folderOperations.update)
  return {
    list: methods.list(folderOperations.list),
    create: methods.call(folderOperations.create),
    get,
    update,
    modify: modifyOf(folderOperations.update, get, update),
    delete: methods.call(folderOperations.delete),
    changes: methods.call(folderOperations.changes),
    queryChanges: methods.call(folderOperations.queryChanges)
  }
}
