/**
 * Sending email, one message or up to a hundred at once.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { mapData } from "../internal/methods/data.js"
import type { DataMethods } from "../internal/methods/types.js"
import type { IdempotentOptions, Method } from "../internal/model/call.js"
import { FieldIssue } from "../internal/model/errors.js"
import { operation } from "../internal/operation/operation.js"
import {
  Base64Input,
  Checked,
  EmailAddress,
  ListOf,
  Literals,
  Nullable,
  OneOf,
  OpenEnum,
  Optional,
  OptionalInput,
  RecordOf,
  Text
} from "../internal/schema/schema.js"

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

/**
 * An address with an optional display name of up to 100 characters.
 *
 * @since 0.1.0
 * @category schemas
 */
export const AddressInput = Schema.Struct({
  email: EmailAddress,
  name: OptionalInput(Text({ max: 100, singleLine: true }))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface AddressInput extends Schema.Schema.Type<typeof AddressInput> {}

/**
 * A file that travels inside the request.
 *
 * @since 0.1.0
 * @category schemas
 */
export const InlineAttachment = Schema.Struct({
  filename: Text({ min: 1, max: 255 }),
  /** The file: bytes, or text that is base64 already. */
  content: Base64Input,
  encoding: OptionalInput(Literals("base64")),
  /** The MIME type; by default the server goes by the filename. */
  type: OptionalInput(Text({ max: 255, singleLine: true }))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface InlineAttachment extends Schema.Schema.Type<typeof InlineAttachment> {}

/**
 * A file that was uploaded before.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UploadedAttachment = Schema.Struct({ attachment_id: Text({ min: 1 }) })

/**
 * @since 0.1.0
 * @category models
 */
export interface UploadedAttachment extends Schema.Schema.Type<typeof UploadedAttachment> {}

const deliveryGroup = Checked(Schema.String, (id) =>
  /^dgrp_[a-z0-9][a-z0-9_-]{0,122}$/.test(id)
    ? undefined
    : "must be the id of a delivery group, which starts with dgrp_"
)

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Recipients of one message, the one in `to` included. */
const maxRecipients = 50

const fields = Schema.Struct({
  from: AddressInput,
  /** The one primary recipient. */
  to: AddressInput,
  /** Up to 49; with `to` and `bcc` at most 50 in all. */
  cc: OptionalInput(ListOf(AddressInput, 0, 49)),
  /** Up to 49; with `to` and `cc` at most 50 in all. */
  bcc: OptionalInput(ListOf(AddressInput, 0, 49)),
  reply_to: OptionalInput(AddressInput),
  /** 1 to 998 characters on one line. */
  subject: Text({ min: 1, max: 998, singleLine: true }),
  /** Up to 26,214,400 characters. */
  html_body: Text({ min: 1, max: 26_214_400 }),
  /** What readers without HTML see. */
  text_body: OptionalInput(Text({ max: 26_214_400 })),
  /** The envelope sender, to which bounces go. */
  return_path: OptionalInput(EmailAddress),
  /** Further `X-` headers of the message, each value up to 500 characters on one line. */
  custom_headers: OptionalInput(
    Checked(RecordOf(Text({ max: 500, singleLine: true })), (headers) => {
      const bad = Object.keys(headers).find((name) => !headerName.test(name))
      return bad === undefined ? undefined : `has a name that no header can have: ${JSON.stringify(bad)}`
    })
  ),
  /** Up to 10 files, inline or uploaded before; the message stays below 25 MB in all. */
  attachments: OptionalInput(ListOf(OneOf(UploadedAttachment, InlineAttachment), 0, 10)),
  /** The delivery group to send through, or several to choose from. */
  delivery_group: OptionalInput(OneOf(deliveryGroup, ListOf(deliveryGroup, 1, 50)))
})

/**
 * A message to send.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EmailInput = Checked(fields, ({ cc = [], bcc = [] }) => {
  const recipients = 1 + cc.length + bcc.length
  return recipients > maxRecipients
    ? `to, cc and bcc must have at most ${maxRecipients} recipients together, and have ${recipients}`
    : undefined
})

/**
 * @since 0.1.0
 * @category models
 */
export interface EmailInput extends Schema.Schema.Type<typeof fields> {}

/**
 * Messages to send in one request.
 *
 * @since 0.1.0
 * @category schemas
 */
export const BatchInput = Schema.Struct({
  /** 1 to 100 messages. */
  messages: ListOf(EmailInput, 1, 100)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface BatchInput {
  readonly messages: ReadonlyArray<EmailInput>
}

/**
 * A message the server has taken.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SendResult = Schema.Struct({
  /** Starts with `eml_`. */
  message_id: Schema.String,
  status: OpenEnum(["queued"])
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SendResult extends Schema.Schema.Type<typeof SendResult> {}

/**
 * Why one message of a batch was not taken.
 *
 * @since 0.1.0
 * @category schemas
 */
export const BatchItemError = Schema.Struct({
  code: Schema.String,
  message: Schema.String,
  /** Whether the same message may be taken later. */
  retryable: Optional(Schema.Boolean),
  param: Optional(Schema.String),
  doc_url: Optional(Schema.String),
  errors: Optional(Schema.Array(FieldIssue))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface BatchItemError extends Schema.Schema.Type<typeof BatchItemError> {}

/**
 * How many messages of a batch were taken.
 *
 * @since 0.1.0
 * @category schemas
 */
export const BatchSummary = Schema.Struct({
  total: Schema.Number,
  queued: Schema.Number,
  failed: Schema.Number
})

/**
 * @since 0.1.0
 * @category models
 */
export interface BatchSummary extends Schema.Schema.Type<typeof BatchSummary> {}

const BatchData = Schema.Struct({
  results: Schema.Array(
    Schema.Struct({
      index: Schema.Number,
      message_id: Nullable(Schema.String),
      status: OpenEnum(["queued", "failed"]),
      error: Optional(BatchItemError)
    })
  ),
  summary: BatchSummary
})

interface BatchData extends Schema.Schema.Type<typeof BatchData> {}

/**
 * A message of a batch that the server has taken.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchQueued {
  readonly _tag: "Queued"
  readonly index: number
  readonly message: EmailInput
  readonly message_id: string
}

/**
 * A message of a batch that the server has not taken, and why.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchFailed {
  readonly _tag: "Failed"
  readonly index: number
  readonly message: EmailInput
  readonly error: BatchItemError
}

/**
 * What became of one message of a batch.
 *
 * @since 0.1.0
 * @category models
 */
export type BatchItem = BatchQueued | BatchFailed

/**
 * What became of a batch: one result for each message, in the order they were given.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchResult {
  readonly results: ReadonlyArray<BatchItem>
  readonly summary: BatchSummary
}

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** @internal */
export const emailOperations = {
  send: operation("sending.emails.send", {
    http: "POST",
    path: "/emails/send",
    body: "json",
    input: EmailInput,
    data: SendResult,
    flags: ["idempotencyKey"]
  }),
  sendBatch: operation("sending.emails.sendBatch", {
    http: "POST",
    path: "/emails/send/batch",
    body: "json",
    input: BatchInput,
    data: BatchData,
    flags: ["idempotencyKey"]
  })
}

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category services
 */
export interface Emails {
  /**
   * Queues one message: `POST /emails/send`.
   *
   * The call carries an idempotency key, so its retries send one message; give your own key to be safe across
   * processes too. Fails with `insufficient_credits`, `billing_restricted` or `no_active_providers` where the team
   * cannot send, and with `validation_error` where the server finds a fault in the message.
   */
  readonly send: Method<[email: EmailInput, options?: IdempotentOptions], SendResult>
  /**
   * Queues up to 100 messages in one request: `POST /emails/send/batch`.
   *
   * Single messages may fail while others are taken, so look at every result. The call fails as a whole when no
   * message was taken: `validation_error` when all are invalid, `service_unavailable` when none could be queued just
   * now, `insufficient_credits` when the team cannot pay for the batch.
   */
  readonly sendBatch: Method<[batch: BatchInput, options?: IdempotentOptions], BatchResult>
}

/** @internal */
export const makeEmails = (methods: DataMethods): Emails => ({
  send: methods.call(emailOperations.send),
  sendBatch: mapData(methods.call(emailOperations.sendBatch), (data, [batch]) =>
    joinResults(data, batch.messages)
  )
})

const joinResults = (data: BatchData, messages: ReadonlyArray<EmailInput>): BatchResult => {
  const byIndex = new Map(data.results.map((result) => [result.index, result]))
  return {
    summary: data.summary,
    results: messages.map((message, index): BatchItem => {
      const result = byIndex.get(index)
      const message_id = result?.message_id ?? null
      if (result !== undefined && result.status !== "failed" && message_id !== null) {
        return { _tag: "Queued", index, message, message_id }
      }
      return { _tag: "Failed", index, message, error: result?.error ?? unexplained }
    })
  }
}

const unexplained: BatchItemError = {
  code: "unexplained",
  message: "The server neither confirmed this message nor said why not; it may have been queued",
  retryable: false
}
