/**
 * The log of incoming messages.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { DataMethods, ListMethods } from "../internal/methods/types.js"
import type { CallOptions, ListMethod, Method } from "../internal/model/call.js"
import { operation } from "../internal/operation/operation.js"
import {
  Literals,
  Money,
  Nullable,
  OpenEnum,
  OptionalInput,
  Text,
  Timestamp
} from "../internal/schema/schema.js"
import { pageKeys, windowKeys } from "./common.js"
import { type ResumableList, resumable } from "./positions.js"

const eventTypes = ["message.received", "message.received.spam"] as const

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

/**
 * An incoming message and its cost.
 *
 * @since 0.1.0
 * @category schemas
 */
export const InboxLog = Schema.Struct({
  /** Starts with `ilog_`. */
  id: Schema.String,
  /** The id of the mailbox that received the message. */
  mailbox_id: Nullable(Schema.String),
  /** The address of the mailbox that received the message. */
  mailbox_email: Nullable(Schema.String),
  event_type: OpenEnum(eventTypes),
  message_id: Nullable(Schema.String),
  /** The kind of `message_id`: `provider`, or `rfc5322` for the `Message-ID` header. */
  message_id_kind: Nullable(Schema.String),
  from_email: Nullable(Schema.String),
  to_emails: Schema.Array(Schema.String),
  subject: Nullable(Schema.String),
  size_bytes: Nullable(Schema.Number),
  received_at: Timestamp,
  is_spam: Schema.Boolean,
  /** The start of the billing period that contains the message. */
  billing_bucket_start: Timestamp,
  /** The price of one message in USD. */
  unit_amount: Money,
  /** The billed amount of this message in USD. */
  amount: Money
})

/**
 * An incoming message and its cost.
 *
 * @since 0.1.0
 * @category models
 */
export interface InboxLog extends Schema.Schema.Type<typeof InboxLog> {}

/**
 * The filter of a list of incoming messages.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListInboxLogsInput = Schema.Struct({
  ...pageKeys,
  ...windowKeys,
  /** Only messages to the mailbox with this id. */
  mailbox_id: OptionalInput(Text({ min: 1 })),
  event_type: OptionalInput(Literals(...eventTypes)),
  /** Only messages whose mailbox, sender, recipients, subject or message id contain this text. */
  search: OptionalInput(Schema.String)
})

/**
 * The filter of a list of incoming messages.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListInboxLogsInput extends Schema.Schema.Type<typeof ListInboxLogsInput> {}

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** @internal */
export const inboxOperations = {
  listLogs: operation("management.inboxes.listLogs", {
    http: "GET",
    path: "/inboxes/logs",
    input: ListInboxLogsInput,
    data: Schema.Array(InboxLog),
    flags: ["paginated"]
  }),
  getLog: operation("management.inboxes.getLog", {
    http: "GET",
    path: "/inboxes/logs/{public_id}",
    data: InboxLog
  })
}

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * The methods of `management.inboxes`.
 *
 * @since 0.1.0
 * @category services
 */
export interface Inboxes {
  /** Streams the log of incoming messages: `GET /inboxes/logs`. Default page size: 25, at most 100. */
  readonly listLogs: ListMethod<[input?: ListInboxLogsInput, options?: CallOptions], InboxLog>
  /**
   * Streams the log like `listLogs`, with the `position` of each entry: `GET /inboxes/logs`. Pass a position to
   * continue after its entry, with the same filter.
   *
   * If entries moved to other pages in the meantime, the stream may repeat entries, but it skips none.
   */
  readonly readLogs: ResumableList<ListInboxLogsInput, InboxLog>
  /**
   * Reads an entry of the log: `GET /inboxes/logs/{public_id}`.
   *
   * Fails with `not_found` if the team has no entry with this id.
   */
  readonly getLog: Method<[public_id: string, options?: CallOptions], InboxLog>
}

/** @internal */
export const makeInboxes = (methods: DataMethods & ListMethods): Inboxes => {
  const listLogs = methods.list(inboxOperations.listLogs)
  return {
    listLogs,
    readLogs: resumable<ListInboxLogsInput, InboxLog>(listLogs, (input, cursor) => ({ ...input, cursor })),
    getLog: methods.call(inboxOperations.getLog)
  }
}
