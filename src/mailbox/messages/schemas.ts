/**
 * Messages as a mailbox holds them.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Nullable, NullableTimestamp, OpenEnum, Optional, Secret } from "../../internal/schema/schema.js"
import { MailboxAddress } from "../addresses.js"

/**
 * A file of a message, without its bytes.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxAttachment = Schema.Struct({
  /** For `attachments.download`, and as the `blob_id` of a message to send. */
  id: Schema.String,
  filename: Nullable(Schema.String),
  content_type: Schema.String,
  size_bytes: Nullable(Schema.Number),
  /** `inline` or `attachment`, as the message says. */
  disposition: Nullable(Schema.String),
  /** What the HTML refers to as `cid:`. */
  content_id: Nullable(Schema.String),
  /** Downloads without the credential, for a short while; so it is `Redacted`. */
  download_url: Optional(Secret)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxAttachment extends Schema.Schema.Type<typeof MailboxAttachment> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const MessageFlags = Schema.Struct({
  seen: Schema.Boolean,
  flagged: Schema.Boolean,
  answered: Schema.Boolean,
  draft: Schema.Boolean
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MessageFlags extends Schema.Schema.Type<typeof MessageFlags> {}

/** @internal */
export const messageSummaryFields = {
  id: Schema.String,
  thread_id: Nullable(Schema.String),
  folder_ids: Schema.Array(Schema.String),
  subject: Nullable(Schema.String),
  from: Nullable(MailboxAddress),
  to: Schema.Array(MailboxAddress),
  cc: Schema.Array(MailboxAddress),
  bcc: Schema.Array(MailboxAddress),
  /** The first words of the body. */
  preview: Nullable(Schema.String),
  flags: MessageFlags,
  keywords: Schema.Array(Schema.String),
  has_attachments: Schema.Boolean,
  attachments: Optional(Schema.Array(MailboxAttachment)),
  size_bytes: Nullable(Schema.Number),
  received_at: NullableTimestamp,
  /** What the sender's `Date` header says. */
  sent_at: NullableTimestamp
}

/**
 * A message without its bodies.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageSummary = Schema.Struct(messageSummaryFields)

/**
 * @since 0.1.0
 * @category models
 */
export interface MessageSummary extends Schema.Schema.Type<typeof MessageSummary> {}

/**
 * A message with its bodies. Servers of before the autumn of 2026 leave out the headers of threading.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Message = Schema.Struct({
  ...messageSummaryFields,
  text_body: Nullable(Schema.String),
  html_body: Nullable(Schema.String),
  message_id: Optional(Schema.Array(Schema.String)),
  in_reply_to: Optional(Schema.Array(Schema.String)),
  references: Optional(Schema.Array(Schema.String)),
  reply_to: Optional(Schema.Array(MailboxAddress))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Message extends Schema.Schema.Type<typeof Message> {}

/**
 * The headers that came with a clean body.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ContentHeaders = Schema.Struct({
  mode: OpenEnum(["none", "selected", "full"]),
  /** The headers of threading and replying, with `mode` `selected`. */
  selected: Nullable(
    Schema.Struct({
      message_id: Schema.Array(Schema.String),
      in_reply_to: Nullable(Schema.String),
      references: Schema.Array(Schema.String),
      reply_to: Schema.Array(MailboxAddress)
    })
  ),
  /** All of them in their order, with `mode` `full`. */
  full: Nullable(Schema.Array(Schema.Struct({ name: Schema.String, value: Schema.String })))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface ContentHeaders extends Schema.Schema.Type<typeof ContentHeaders> {}

/**
 * A message as a reader wants it: one body, without what was quoted before.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageContent = Schema.Struct({
  id: Schema.String,
  thread_id: Nullable(Schema.String),
  subject: Nullable(Schema.String),
  participants: Schema.Struct({
    from: Nullable(MailboxAddress),
    to: Schema.Array(MailboxAddress),
    cc: Schema.Array(MailboxAddress),
    bcc: Schema.Array(MailboxAddress),
    reply_to: Schema.Array(MailboxAddress)
  }),
  dates: Schema.Struct({ received_at: NullableTimestamp, sent_at: NullableTimestamp }),
  body: Schema.Struct({
    /** The part the text was made from. */
    format: Nullable(OpenEnum(["text", "html"])),
    text: Nullable(Schema.String),
    /** With `include_html`. */
    html: Nullable(Schema.String),
    /** The HTML made clean, where the server offers it. */
    cleaned_html: Nullable(Schema.String),
    /** How the HTML was made clean, where the server says. */
    html_cleaning: Nullable(
      Schema.Struct({
        quotes_stripped: Schema.Boolean,
        signature_stripped: Schema.Boolean,
        status: OpenEnum(["complete", "source_truncated", "limit_exceeded"])
      })
    ),
    extracted_links: Schema.Array(Schema.String),
    is_truncated: Schema.Boolean,
    truncated_at_chars: Nullable(Schema.Number),
    quotes_stripped: Schema.Boolean,
    signature_stripped: Schema.Boolean
  }),
  headers: ContentHeaders,
  attachments: Schema.Array(MailboxAttachment),
  states: Schema.Struct({
    email_state: Nullable(Schema.String),
    /** Stands for the options the content was made with. */
    option_hash: Schema.String
  })
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MessageContent extends Schema.Schema.Type<typeof MessageContent> {}

/**
 * A message's bodies as they were sent.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RawBody = Schema.Struct({
  id: Schema.String,
  thread_id: Nullable(Schema.String),
  part: OpenEnum(["text", "html", "both"]),
  body: Schema.Struct({
    text: Nullable(Schema.String),
    html: Nullable(Schema.String),
    is_truncated: Schema.Boolean,
    truncated_at_chars: Nullable(Schema.Number)
  }),
  states: Schema.Struct({ email_state: Nullable(Schema.String) })
})

/**
 * @since 0.1.0
 * @category models
 */
export interface RawBody extends Schema.Schema.Type<typeof RawBody> {}
