/**
 * Messages as the API returns them.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Nullable, NullableTimestamp, OpenEnum, Optional, Secret } from "../../internal/schema/schema.js"
import { MailboxAddress } from "../addresses.js"

/**
 * The metadata of an attachment of a message.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxAttachment = Schema.Struct({
  /** The id for `attachments.download`, which is also the `blob_id` for an attachment of another message. */
  id: Schema.String,
  filename: Nullable(Schema.String),
  content_type: Schema.String,
  size_bytes: Nullable(Schema.Number),
  /** `inline` or `attachment`, as set in the message. */
  disposition: Nullable(Schema.String),
  /** The id with which the HTML body refers to the attachment as `cid:`. */
  content_id: Nullable(Schema.String),
  /** A URL that works for a short time without the credential, and is therefore `Redacted`. */
  download_url: Optional(Secret)
})

/**
 * The metadata of an attachment of a message.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxAttachment extends Schema.Schema.Type<typeof MailboxAttachment> {}

/**
 * The flags of a message.
 *
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
 * The flags of a message.
 *
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
  /** The start of the body. */
  preview: Nullable(Schema.String),
  flags: MessageFlags,
  keywords: Schema.Array(Schema.String),
  has_attachments: Schema.Boolean,
  attachments: Optional(Schema.Array(MailboxAttachment)),
  size_bytes: Nullable(Schema.Number),
  received_at: NullableTimestamp,
  /** The time in the `Date` header of the sender. */
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
 * A message without its bodies.
 *
 * @since 0.1.0
 * @category models
 */
export interface MessageSummary extends Schema.Schema.Type<typeof MessageSummary> {}

/**
 * A message with its bodies. Servers older than autumn 2026 do not send the threading headers (`message_id`,
 * `in_reply_to`, `references`, `reply_to`).
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
 * A message with its bodies.
 *
 * @since 0.1.0
 * @category models
 */
export interface Message extends Schema.Schema.Type<typeof Message> {}

/**
 * The headers of a message, as selected with `include_headers`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ContentHeaders = Schema.Struct({
  mode: OpenEnum(["none", "selected", "full"]),
  /** The threading and reply headers, if `mode` is `selected`. */
  selected: Nullable(
    Schema.Struct({
      message_id: Schema.Array(Schema.String),
      in_reply_to: Nullable(Schema.String),
      references: Schema.Array(Schema.String),
      reply_to: Schema.Array(MailboxAddress)
    })
  ),
  /** All headers in their original order, if `mode` is `full`. */
  full: Nullable(Schema.Array(Schema.Struct({ name: Schema.String, value: Schema.String })))
})

/**
 * The headers of a message, as selected with `include_headers`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ContentHeaders extends Schema.Schema.Type<typeof ContentHeaders> {}

/**
 * A message prepared for reading: one body, by default without quoted messages and signature.
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
    /** The part from which the text was derived. */
    format: Nullable(OpenEnum(["text", "html"])),
    text: Nullable(Schema.String),
    /** The HTML, if `include_html` was set. */
    html: Nullable(Schema.String),
    /** The cleaned HTML, if the server supports it. */
    cleaned_html: Nullable(Schema.String),
    /** How the HTML was cleaned, if the server reports it. */
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
    /** A hash of the options with which the content was prepared. */
    option_hash: Schema.String
  })
})

/**
 * A message prepared for reading: one body, by default without quoted messages and signature.
 *
 * @since 0.1.0
 * @category models
 */
export interface MessageContent extends Schema.Schema.Type<typeof MessageContent> {}

/**
 * The bodies of a message, unchanged.
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
 * The bodies of a message, unchanged.
 *
 * @since 0.1.0
 * @category models
 */
export interface RawBody extends Schema.Schema.Type<typeof RawBody> {}

/**
 * The number of messages that match the filters.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageCount = Schema.Struct({
  total: Schema.Number,
  /** The state of the messages when they were counted. */
  sync_state: Nullable(Schema.String)
})

/**
 * The number of messages that match the filters.
 *
 * @since 0.1.0
 * @category models
 */
export interface MessageCount extends Schema.Schema.Type<typeof MessageCount> {}

/**
 * The excerpts of messages in which the words of a search occur.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SearchSnippets = Schema.Struct({
  snippets: Schema.Array(
    Schema.Struct({
      message_id: Schema.String,
      subject: Nullable(Schema.String),
      /** An excerpt of the body in which the server has marked the words. */
      preview: Nullable(Schema.String)
    })
  ),
  /** The ids of requested messages that are not in the mailbox. */
  not_found: Schema.Array(Schema.String),
  sync_state: Nullable(Schema.String)
})

/**
 * The excerpts of messages in which the words of a search occur.
 *
 * @since 0.1.0
 * @category models
 */
export interface SearchSnippets extends Schema.Schema.Type<typeof SearchSnippets> {}
