/**
 * The inputs, results and operations of the batch methods of `mailbox.messages`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { SendmuxError } from "../../internal/model/errors.js"
import { operation } from "../../internal/operation/operation.js"
import { ListOf, Literals, Nullable, OptionalInput } from "../../internal/schema/schema.js"
import { messageId } from "../messageIds.js"
import { stateToken } from "../changes/schemas.js"
import { cleanContentFields } from "../filters.js"
import { messageChangeFields } from "./inputs.js"
import { MessageContent, MessageSummary, RawBody } from "./schemas.js"

/**
 * The maximum number of ids in one request.
 *
 * @internal
 */
export const chunkSize = 100

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

const ids = ListOf(messageId(), 1, chunkSize)

const BatchGetRequest = Schema.Struct({
  ids,
  /** `raw` returns the unchanged bodies, `clean_json` the content prepared for reading. Default: no bodies. */
  body_mode: OptionalInput(Literals("none", "raw", "clean_json")),
  /** The part to read. `both` is for `raw`, `auto` is for `clean_json`. */
  part: OptionalInput(Literals("auto", "text", "html", "both")),
  ...cleanContentFields
})

const BatchUpdateRequest = Schema.Struct({
  ids,
  /** The state of the messages on which the change is based. If the state is another one, the call fails with `conflict`. */
  if_in_state: stateToken,
  ...messageChangeFields
})

const BatchDeleteRequest = Schema.Struct({
  ids,
  /** The state of the messages on which the deletion is based. If the state is another one, the call fails with `conflict`. */
  if_in_state: stateToken,
  /** Deletes permanently instead of moving to the trash folder. Default: `false`. */
  permanent: OptionalInput(Schema.Boolean)
})

/**
 * The messages to read, in any number.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchGetInput extends Schema.Schema.Type<typeof BatchGetRequest> {}

/**
 * The messages to change, in any number, and the change.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchUpdateInput extends Schema.Schema.Type<typeof BatchUpdateRequest> {}

/**
 * The messages to delete, in any number.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchDeleteInput extends Schema.Schema.Type<typeof BatchDeleteRequest> {}

/** @internal */
export const BatchGetData = Schema.Struct({
  messages: Schema.Array(
    Schema.Struct({
      message: MessageSummary,
      content: Nullable(MessageContent),
      raw_body: Nullable(RawBody)
    })
  ),
  not_found: Schema.Array(Schema.String),
  states: Schema.Struct({ email_state: Nullable(Schema.String) })
})

/** @internal */
export interface BatchGetData extends Schema.Schema.Type<typeof BatchGetData> {}

/**
 * The states of the messages before and after a write.
 *
 * @since 0.1.0
 * @category schemas
 */
export const BatchStates = Schema.Struct({
  old_state: Nullable(Schema.String),
  new_state: Nullable(Schema.String)
})

/**
 * The states of the messages before and after a write.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchStates extends Schema.Schema.Type<typeof BatchStates> {}

const writeFields = {
  failed: Schema.Array(Schema.Struct({ id: Schema.String, code: Schema.String, message: Schema.String })),
  not_found: Schema.Array(Schema.String),
  states: BatchStates
}

const BatchUpdateData = Schema.Struct({ updated: Schema.Array(Schema.String), ...writeFields })

/** @internal */
export interface BatchUpdateData extends Schema.Schema.Type<typeof BatchUpdateData> {}

const BatchDeleteData = Schema.Struct({ deleted: Schema.Array(Schema.String), ...writeFields })

/** @internal */
export interface BatchDeleteData extends Schema.Schema.Type<typeof BatchDeleteData> {}

// -----------------------------------------------------------------------------
// results
// -----------------------------------------------------------------------------

/**
 * A message of a batch that was read.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchFound {
  readonly _tag: "Found"
  readonly id: string
  readonly message: MessageSummary
  /** The content, if the `body_mode` is `clean_json`. */
  readonly content: MessageContent | null
  /** The bodies, if the `body_mode` is `raw`. */
  readonly raw_body: RawBody | null
}

/**
 * A message of a batch that is not in the mailbox.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchNotFound {
  readonly _tag: "NotFound"
  readonly id: string
}

/**
 * A message of a batch that was changed.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchUpdated {
  readonly _tag: "Updated"
  readonly id: string
}

/**
 * A message of a batch that was deleted, or moved to the trash folder.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchDeleted {
  readonly _tag: "Deleted"
  readonly id: string
}

/**
 * A message of a batch that the server did not change or delete, and the reason. The code `unexplained` means that the
 * response does not mention the message.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchMessageFailed {
  readonly _tag: "Failed"
  readonly id: string
  readonly code: string
  readonly message: string
}

/**
 * A message of a batch whose outcome is unknown: earlier requests of the batch succeeded, and the request for this
 * message failed with `error` or was not sent. Read the message before writing it again.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchUnconfirmed {
  readonly _tag: "Unconfirmed"
  readonly id: string
  readonly error: SendmuxError
}

/**
 * The result for one message of `batchGet`.
 *
 * @since 0.1.0
 * @category models
 */
export type BatchGetItem = BatchFound | BatchNotFound

/**
 * The result for one message of `batchUpdate`.
 *
 * @since 0.1.0
 * @category models
 */
export type BatchUpdateItem = BatchUpdated | BatchNotFound | BatchMessageFailed | BatchUnconfirmed

/**
 * The result for one message of `batchDelete`.
 *
 * @since 0.1.0
 * @category models
 */
export type BatchDeleteItem = BatchDeleted | BatchNotFound | BatchMessageFailed | BatchUnconfirmed

/**
 * One result for each id, in the order of the ids.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchGetResult {
  readonly results: ReadonlyArray<BatchGetItem>
  /** The state from which to read changes later. It comes from the first request. */
  readonly states: { readonly email_state: string | null }
}

/**
 * One result for each id, in the order of the ids.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchUpdateResult {
  readonly results: ReadonlyArray<BatchUpdateItem>
  /** The states before the first request and after the last successful one. */
  readonly states: BatchStates
}

/**
 * One result for each id, in the order of the ids.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchDeleteResult {
  readonly results: ReadonlyArray<BatchDeleteItem>
  /** The states before the first request and after the last successful one. */
  readonly states: BatchStates
}

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** @internal */
export const messageBatchOperations = {
  batchGet: operation("mailbox.messages.batchGet", {
    http: "POST",
    path: "/mailbox/messages:batch-get",
    body: "json",
    input: BatchGetRequest,
    data: BatchGetData,
    replayable: true,
    flags: ["mailboxId"]
  }),
  batchUpdate: operation("mailbox.messages.batchUpdate", {
    http: "POST",
    path: "/mailbox/messages:batch-update",
    body: "json",
    input: BatchUpdateRequest,
    data: BatchUpdateData,
    flags: ["mailboxId"]
  }),
  batchDelete: operation("mailbox.messages.batchDelete", {
    http: "POST",
    path: "/mailbox/messages:batch-delete",
    body: "json",
    input: BatchDeleteRequest,
    data: BatchDeleteData,
    flags: ["mailboxId"]
  })
}
