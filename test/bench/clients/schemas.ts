/**
 * The schemas that a user of Effect's own client writes for the benchmark's requests and responses.
 */
import * as Schema from "effect/Schema"

const Address = Schema.Struct({ email: Schema.String, name: Schema.optional(Schema.NullOr(Schema.String)) })

export const Email = Schema.Struct({
  from: Address,
  to: Address,
  subject: Schema.String.pipe(Schema.minLength(1), Schema.maxLength(998)),
  html_body: Schema.String.pipe(Schema.minLength(1)),
  text_body: Schema.optional(Schema.String),
  custom_headers: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String }))
})

export const Batch = Schema.Struct({ messages: Schema.Array(Email).pipe(Schema.maxItems(100)) })

const envelopeOf = <A, I>(data: Schema.Schema<A, I>) =>
  Schema.Struct({ ok: Schema.Literal(true), data, meta: Schema.Struct({ request_id: Schema.String }) })

export const Sent = envelopeOf(Schema.Struct({ message_id: Schema.String, status: Schema.String }))

export const BatchSent = envelopeOf(
  Schema.Struct({
    results: Schema.Array(
      Schema.Struct({
        index: Schema.Number,
        message_id: Schema.NullOr(Schema.String),
        status: Schema.String,
        error: Schema.optional(Schema.Struct({ code: Schema.String, message: Schema.String }))
      })
    ),
    summary: Schema.Struct({ total: Schema.Number, queued: Schema.Number, failed: Schema.Number })
  })
)

export const Uploaded = envelopeOf(
  Schema.Struct({ attachment_id: Schema.String, size_bytes: Schema.Number, expires_at: Schema.DateTimeUtc })
)

const pageOf = <A, I>(item: Schema.Schema<A, I>) =>
  Schema.Struct({
    ok: Schema.Literal(true),
    data: Schema.Array(item),
    pagination: Schema.Struct({ has_more: Schema.Boolean, next_cursor: Schema.optional(Schema.String) }),
    meta: Schema.Struct({ request_id: Schema.String })
  })

const NullableText = Schema.NullOr(Schema.String)

export const LogPage = pageOf(
  Schema.Struct({
    id: Schema.String,
    provider_id: NullableText,
    provider_name: NullableText,
    message_id: NullableText,
    from_email: NullableText,
    sent_from_email: NullableText,
    to_email: NullableText,
    subject: NullableText,
    status: Schema.String,
    status_reason: NullableText,
    attempts: Schema.Number,
    sent_at: Schema.NullOr(Schema.DateTimeUtc),
    size_bytes: Schema.NullOr(Schema.Number),
    created_at: Schema.DateTimeUtc,
    recipient_count: Schema.NullOr(Schema.Number),
    accepted_recipient_count: Schema.NullOr(Schema.Number),
    rejected_recipient_count: Schema.NullOr(Schema.Number),
    delivery_group: Schema.NullOr(Schema.Array(Schema.String))
  })
)

export const MessagePage = pageOf(
  Schema.Struct({
    id: Schema.String,
    thread_id: NullableText,
    folder_ids: Schema.Array(Schema.String),
    subject: NullableText,
    from: Schema.NullOr(Address),
    to: Schema.Array(Address),
    cc: Schema.Array(Address),
    bcc: Schema.Array(Address),
    preview: NullableText,
    flags: Schema.Struct({
      seen: Schema.Boolean,
      flagged: Schema.Boolean,
      answered: Schema.Boolean,
      draft: Schema.Boolean
    }),
    keywords: Schema.Array(Schema.String),
    has_attachments: Schema.Boolean,
    attachments: Schema.optional(Schema.Array(Schema.Struct({ id: Schema.String, filename: NullableText }))),
    size_bytes: Schema.NullOr(Schema.Number),
    received_at: Schema.NullOr(Schema.DateTimeUtc),
    sent_at: Schema.NullOr(Schema.DateTimeUtc)
  })
)
