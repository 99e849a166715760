/**
 * The schemas of the log of outgoing messages.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import {
  Literals,
  Nullable,
  NullableTimestamp,
  OpenEnum,
  OptionalInput,
  Text,
  Timestamp
} from "../../internal/schema/schema.js"
import { pageKeys, windowKeys } from "../common.js"

const statuses = ["pending", "sent", "failed", "rejected"] as const

const logFields = {
  /** Starts with `dlog_`. */
  id: Schema.String,
  /** The id of the provider that the message was sent through. */
  provider_id: Nullable(Schema.String),
  provider_name: Nullable(Schema.String),
  /** The `Message-ID` header of the message. */
  message_id: Nullable(Schema.String),
  from_email: Nullable(Schema.String),
  /** The sender address that was used, if the settings of the provider replaced it. */
  sent_from_email: Nullable(Schema.String),
  to_email: Nullable(Schema.String),
  subject: Nullable(Schema.String),
  /**
   * Every status except `pending` is final. `failed` does not mean that the message was not delivered: a message whose
   * provider never confirmed it is closed as `failed`, and may have arrived. Never send a message again because of it.
   */
  status: OpenEnum(statuses),
  /** The reason for the status `failed` or `rejected`. */
  status_reason: Nullable(Schema.String),
  /** The number of attempts to send the message. */
  attempts: Schema.Number,
  sent_at: NullableTimestamp,
  size_bytes: Nullable(Schema.Number),
  created_at: Timestamp,
  /** The number of recipients. Null if the recipients were not recorded. */
  recipient_count: Nullable(Schema.Number),
  /** Null if the recipients were not recorded. */
  accepted_recipient_count: Nullable(Schema.Number),
  /** Null if the recipients were not recorded. */
  rejected_recipient_count: Nullable(Schema.Number),
  /** The ids of the delivery groups that the message was sent through. */
  delivery_group: Nullable(Schema.Array(Schema.String))
}

/**
 * An entry of the log of outgoing messages.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EmailLog = Schema.Struct(logFields)

/**
 * An entry of the log of outgoing messages.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmailLog extends Schema.Schema.Type<typeof EmailLog> {}

/**
 * The response of the provider for one recipient.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EmailLogRecipient = Schema.Struct({
  email: Schema.String,
  type: Nullable(OpenEnum(["to", "cc", "bcc"])),
  status: OpenEnum(["accepted", "rejected"]),
  /** The reason why the recipient was rejected. */
  reason: Nullable(Schema.String)
})

/**
 * The response of the provider for one recipient.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmailLogRecipient extends Schema.Schema.Type<typeof EmailLogRecipient> {}

/**
 * An entry of the log of outgoing messages, with its recipients.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EmailLogDetail = Schema.Struct({
  ...logFields,
  /** Null if the recipients were not recorded. */
  recipients: Nullable(Schema.Array(EmailLogRecipient))
})

/**
 * An entry of the log of outgoing messages, with its recipients.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmailLogDetail extends Schema.Schema.Type<typeof EmailLogDetail> {}

/**
 * The filter of a list of outgoing messages.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListEmailLogsInput = Schema.Struct({
  ...pageKeys,
  ...windowKeys,
  status: OptionalInput(Literals(...statuses)),
  /** Only messages that were sent through the provider with this id. */
  provider_id: OptionalInput(Text({ min: 1 })),
  /** Only messages whose sender, recipient, subject or message id contain this text. */
  search: OptionalInput(Schema.String)
})

/**
 * The filter of a list of outgoing messages.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListEmailLogsInput extends Schema.Schema.Type<typeof ListEmailLogsInput> {}
