/**
 * Reading and writing many messages at once.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { SendmuxError } from "../../internal/model/errors.js"
import { operation } from "../../internal/operation/operation.js"
import { ListOf, Literals, Nullable, OptionalInput, Text } from "../../internal/schema/schema.js"
import { stateToken } from "../changes/schemas.js"
import { cleanContentFields } from "../filters.js"
import { messageChangeFields } from "./inputs.js"
import { MessageContent, MessageSummary, RawBody } from "./schemas.js"

/**
 * How many ids one request may have.
 *
 * @internal
 */
export const chunkSize = 100

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

const ids = ListOf(Text({ min: 1 }), 1, chunkSize)

const BatchGetRequest = Schema.Struct({
  ids,
  /** `raw` for bodies as they were sent, `clean_json` for clean content. Default: no bodies. */
  body_mode: OptionalInput(Literals("none", "raw", "clean_json")),
  /** `both` goes with `raw`, `auto` with `clean_json`. */
  part: OptionalInput(Literals("auto", "text", "html", "both")),
  ...cleanContentFields
})

const BatchUpdateRequest = Schema.Struct({
  ids,
  /** The state of the mailbox's messages that the change builds on; another one fails with `conflict`. */
  if_in_state: stateToken,
  ...messageChangeFields
})

const BatchDeleteRequest = Schema.Struct({
  ids,
  /** The state of the mailbox's messages that the deletion builds on; another one fails with `conflict`. */
  if_in_state: stateToken,
  /** Deletes for good instead of moving to the trash. */
  permanent: OptionalInput(Schema.Boolean)
})

/**
 * Messages to read, any number of them.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchGetInput extends Schema.Schema.Type<typeof BatchGetRequest> {}

/**
 * Messages to change, any number of them, and how.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchUpdateInput extends Schema.Schema.Type<typeof BatchUpdateRequest> {}

/**
 * Messages to delete, any number of them.
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
 * The states of a mailbox's messages before and after a write.
 *
 * @since 0.1.0
 * @category schemas
 */
export const BatchStates = Schema.Struct({
  old_state: Nullable(Schema.String),
  new_state: Nullable(Schema.String)
})

/**
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
  /** With the body mode `clean_json`. */
  readonly content: MessageContent | null
  /** With the body mode `raw`. */
  readonly raw_body: RawBody | null
}

/**
 * A message of a batch that the mailbox does not have.
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
 * A message of a batch that was deleted or moved to the trash.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchDeleted {
  readonly _tag: "Deleted"
  readonly id: string
}

/**
 * A message of a batch that the server left as it was, and why.
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
 * A message of a batch of which nobody knows: an earlier part of the batch was written, then this part failed with
 * `error`, or was not sent any more. Look before writing again.
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
 * @since 0.1.0
 * @category models
 */
export type BatchGetItem = BatchFound | BatchNotFound

/**
 * @since 0.1.0
 * @category models
 */
export type BatchUpdateItem = BatchUpdated | BatchNotFound | BatchMessageFailed | BatchUnconfirmed

/**
 * @since 0.1.0
 * @category models
 */
export type BatchDeleteItem = BatchDeleted | BatchNotFound | BatchMessageFailed | BatchUnconfirmed

/**
 * One result for each id, in the order they were given.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchGetResult {
  readonly results: ReadonlyArray<BatchGetItem>
  /** The state to follow changes from: of several requests, the first one's. */
  readonly states: { readonly email_state: string | null }
}

/**
 * One result for each id, in the order they were given.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchUpdateResult {
  readonly results: ReadonlyArray<BatchUpdateItem>
  /** Before the first request and after the last that was answered. */
  readonly states: BatchStates
}

/**
 * One result for each id, in the order they were given.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchDeleteResult {
  readonly results: ReadonlyArray<BatchDeleteItem>
  /** Before the first request and after the last that was answered. */
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
