/**
 * The log of mail that came in.
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
 * A message that came in, and what it cost.
 *
 * @since 0.1.0
 * @category schemas
 */
export const InboxLog = Schema.Struct({
  /** Starts with `ilog_`. */
  id: Schema.String,
  /** The mailbox it came to. */
  mailbox_id: Nullable(Schema.String),
  mailbox_email: Nullable(Schema.String),
  event_type: OpenEnum(eventTypes),
  message_id: Nullable(Schema.String),
  /** Whose id `message_id` is: `provider` or `rfc5322`. */
  message_id_kind: Nullable(Schema.String),
  from_email: Nullable(Schema.String),
  to_emails: Schema.Array(Schema.String),
  subject: Nullable(Schema.String),
  size_bytes: Nullable(Schema.Number),
  received_at: Timestamp,
  is_spam: Schema.Boolean,
  /** The beginning of the period that the message is billed in. */
  billing_bucket_start: Timestamp,
  /** What one message costs, in USD. */
  unit_amount: Money,
  /** What this one is billed at, in USD. */
  amount: Money
})

/**
 * @since 0.1.0
 * @category models
 */
export interface InboxLog extends Schema.Schema.Type<typeof InboxLog> {}

/**
 * Which incoming messages to list.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListInboxLogsInput = Schema.Struct({
  ...pageKeys,
  ...windowKeys,
  mailbox_id: OptionalInput(Text({ min: 1 })),
  event_type: OptionalInput(Literals(...eventTypes)),
  /** Looks in mailbox, sender, recipients, subject and message id. */
  search: OptionalInput(Schema.String)
})

/**
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
 * @since 0.1.0
 * @category services
 */
export interface Inboxes {
  /** The messages that came in: `GET /inboxes/logs`, 25 to a page unless `limit` says otherwise. */
  readonly listLogs: ListMethod<[input?: ListInboxLogsInput, options?: CallOptions], InboxLog>
  /**
   * Like `listLogs`, each entry with its `position`, from which another run takes up the list right after it. The
   * filters must be the same for both.
   */
  readonly readLogs: ResumableList<ListInboxLogsInput, InboxLog>
  /** One entry of the log: `GET /inboxes/logs/{public_id}`. */
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
