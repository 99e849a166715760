/**
 * The folders of a mailbox.
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
 * A folder of a mailbox.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxFolder = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  /** The purpose, such as `inbox`, `sent`, `drafts`, `junk` or `trash`. `null` for a custom folder. */
  role: Nullable(Schema.String),
  /** The id of the parent folder. `null` at the top level. */
  parent_id: Nullable(Schema.String),
  /** The position among its siblings. Folders with lower numbers come first. */
  sort_order: Nullable(Schema.Number),
  total_messages: Schema.Number,
  unread_messages: Schema.Number,
  /** Whether messages can be added to the folder. */
  can_add_items: Schema.Boolean
})

/**
 * A folder of a mailbox.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxFolder extends Schema.Schema.Type<typeof MailboxFolder> {}

const folderPlace = {
  /** The id of the parent folder. `null` means the top level. */
  parent_id: OptionalInput(Schema.NullOr(Text({ min: 1 }))),
  /** The position among its siblings. Folders with lower numbers come first. */
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
 * A folder to create.
 *
 * @since 0.1.0
 * @category models
 */
export interface CreateFolderInput extends Schema.Schema.Type<typeof CreateFolderInput> {}

/**
 * A change of a folder. Fields that are left out keep their values.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UpdateFolderInput = Schema.Struct({ name: OptionalInput(Text({ min: 1 })), ...folderPlace })

/**
 * A change of a folder. Fields that are left out keep their values.
 *
 * @since 0.1.0
 * @category models
 */
export interface UpdateFolderInput extends Schema.Schema.Type<typeof UpdateFolderInput> {}

/**
 * The state of the folder list since which to read changes.
 *
 * @since 0.1.0
 * @category schemas
 */
export const FolderQueryChangesInput = Schema.Struct({
  /** The last `new_query_state`. Without it, the response has the current state only. */
  since_query_state: stateToken,
  /** The maximum number of changes in the response, 1 to 500. */
  limit: changesLimit
})

/**
 * The state of the folder list since which to read changes.
 *
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
 * The methods of `mailbox.folders`.
 *
 * @since 0.1.0
 * @category services
 */
export interface Folders {
  /** Streams the folders: `GET /mailbox/folders`. A page has at most 100 folders. */
  readonly list: ListMethod<[input?: PageInput, options?: MailboxOptions], MailboxFolder>
  /**
   * Creates a folder: `POST /mailbox/folders`.
   *
   * The call has no idempotency key, so it is not retried if its response is lost. Fails with `validation_error` or
   * `conflict` if the server rejects the name.
   */
  readonly create: Method<[folder: CreateFolderInput, options?: MailboxOptions], MailboxFolder>
  /**
   * Reads a folder: `GET /mailbox/folders/{folder_id}`.
   *
   * Fails with `not_found` if the mailbox has no folder with this id.
   */
  readonly get: ConditionalMethod<[folder_id: string, options?: MailboxOptions], MailboxFolder>
  /**
   * Renames, moves or reorders a folder: `PATCH /mailbox/folders/{folder_id}`.
   *
   * Fails with `not_found` if the mailbox has no folder with this id, and with `conflict` if the folder has changed since
   * the ETag in `ifMatch` was read.
   */
  readonly update: Method<
    [folder_id: string, change: UpdateFolderInput, options?: MailboxConditionalWriteOptions],
    MailboxFolder
  >
  /**
   * Reads a folder, applies a change and writes it with the ETag that was read. After a `conflict` it repeats all steps,
   * up to 5 times by default. A change that returns `undefined` writes nothing.
   *
   * @example
   * import { Mailbox } from "effect-sendmux/Mailbox"
   * import * as Effect from "effect/Effect"
   *
   * export const archive = (id: string) =>
   *   Effect.gen(function* () {
   *     const { folders } = yield* Mailbox
   *     return yield* folders.modify(id, ({ name }) =>
   *       name.startsWith("Archive ") ? undefined : { name: `Archive ${name}` }
   *     )
   *   })
   */
  readonly modify: ModifyMethod<[folder_id: string], MailboxFolder, UpdateFolderInput, MailboxModifyOptions>
  /**
   * Deletes a folder: `DELETE /mailbox/folders/{folder_id}`.
   *
   * Fails with `conflict` if the folder is a built-in folder or not empty, or if it has changed since the ETag in
   * `ifMatch` was read.
   */
  readonly delete: Method<[folder_id: string, options?: MailboxConditionalWriteOptions], Deleted>
  /**
   * Reads the ids of the folders that have changed since a state: `GET /mailbox/folders/changes`.
   *
   * Fails with `invalid_parameter` if the server does not know the state.
   *
   * @see `sync.changes`, which also handles unknown states
   */
  readonly changes: Method<[input?: ChangesInput, options?: MailboxOptions], MailboxChanges>
  /**
   * Reads how the list of folders has changed since a state of the list: `GET /mailbox/folders/query-changes`.
   *
   * Fails with `invalid_parameter` if the server does not know the state.
   */
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
