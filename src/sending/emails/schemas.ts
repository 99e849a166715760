/**
 * The schemas of messages to send and of the results of sending.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { FieldIssue } from "../../internal/model/errors.js"
import { maxMessageBytes } from "../../internal/model/limits.js"
import { CustomHeaders } from "../../internal/request/customHeaders.js"
import {
  Base64Input,
  Checked,
  Described,
  EmailAddress,
  ListOf,
  Literals,
  OneOf,
  OpenEnum,
  Optional,
  OptionalInput,
  Text
} from "../../internal/schema/schema.js"

// -----------------------------------------------------------------------------
// inputs
// -----------------------------------------------------------------------------

/**
 * An email address with an optional display name.
 *
 * @since 0.1.0
 * @category schemas
 */
export const AddressInput = /* @__PURE__ */ Described(
  {
    /** The address, without a display name, at most 254 characters. */
    email: EmailAddress,
    /** The display name, at most 100 characters on one line. */
    name: OptionalInput(Text({ max: 100, singleLine: true }))
  },
  "an address object"
)

/**
 * An email address with an optional display name.
 *
 * @since 0.1.0
 * @category models
 */
export interface AddressInput extends Schema.Schema.Type<typeof AddressInput> {}

/**
 * A file whose bytes are part of the request.
 *
 * @since 0.1.0
 * @category schemas
 */
export const InlineAttachment = Described(
  {
    /** The name that recipients see, 1 to 255 characters without line breaks. */
    filename: Text({ min: 1, max: 255, singleLine: true }),
    /** The bytes of the file, or its content as base64 text. It must not be empty. */
    content: Base64Input,
    encoding: OptionalInput(Literals("base64")),
    /** The MIME type, at most 255 characters. By default the server derives it from the filename. */
    type: OptionalInput(Text({ max: 255, singleLine: true }))
  },
  "an attachment object"
)

/**
 * A file whose bytes are part of the request.
 *
 * @since 0.1.0
 * @category models
 */
export interface InlineAttachment extends Schema.Schema.Type<typeof InlineAttachment> {}

/**
 * A file that was uploaded before, by its id.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UploadedAttachment = Described(
  {
    /** The `attachment_id` that the upload returned. It starts with `att_`. */
    attachment_id: Text({ min: 1 })
  },
  "an attachment object"
)

/**
 * A file that was uploaded before, by its id.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadedAttachment extends Schema.Schema.Type<typeof UploadedAttachment> {}

const deliveryGroup = Checked(Schema.String, (id) =>
  /^dgrp_[a-z0-9][a-z0-9_-]{0,122}$/.test(id)
    ? undefined
    : "must be the id of a delivery group, which starts with dgrp_"
)

/** The maximum number of recipients of a message, including the one in `to`. */
const maxRecipients = 50

/**
 * The maximum number of attachments of a message.
 *
 * @internal
 */
export const maxAttachments = 10

const fields = Schema.Struct({
  from: AddressInput,
  /** The primary recipient. */
  to: AddressInput,
  /** At most 49 recipients. The message has at most 50 recipients in `to`, `cc` and `bcc` together. */
  cc: OptionalInput(ListOf(AddressInput, 0, 49)),
  /** At most 49 recipients. The message has at most 50 recipients in `to`, `cc` and `bcc` together. */
  bcc: OptionalInput(ListOf(AddressInput, 0, 49)),
  reply_to: OptionalInput(AddressInput),
  /**
   * 1 to 998 characters on one line. Template tags such as `[DP_FROM_NAME]` are replaced in the subject and in both bodies,
   * so escape text of strangers with `Template.escape`.
   */
  subject: Text({ min: 1, max: 998, singleLine: true }),
  /** 1 to 26,214,400 characters. The API requires it; `Body.fromText` makes it from a text. */
  html_body: Text({ min: 1, max: maxMessageBytes }),
  /**
   * The text for mail clients that do not display HTML, at most 26,214,400 characters. `Body.fromHtml` derives it from the
   * HTML.
   */
  text_body: OptionalInput(Text({ max: maxMessageBytes })),
  /** The envelope sender, which receives bounces. */
  return_path: OptionalInput(EmailAddress),
  /**
   * Additional headers of the message. Their names start with `X-`, in any letter case, and each value has at most 500
   * characters on one line. `X-Sendmux-Delivery-Group` is reserved: use `delivery_group`.
   */
  custom_headers: OptionalInput(
    CustomHeaders({ onlyExtensions: true, max: 500, instead: "use the field delivery_group" })
  ),
  /** At most 10 files, inline or uploaded before. The whole message has at most 25 MiB. */
  attachments: OptionalInput(ListOf(OneOf(UploadedAttachment, InlineAttachment), 0, maxAttachments)),
  /**
   * The id of the delivery group to send through, or 1 to 50 ids from which the server chooses. A message from a shared
   * domain of Sendmux is sent without it.
   */
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
 * A message to send.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmailInput extends Schema.Schema.Type<typeof fields> {}

/**
 * The maximum number of messages of a batch.
 *
 * @internal
 */
export const maxBatch = 100

/**
 * The messages of a batch.
 *
 * @since 0.1.0
 * @category schemas
 */
export const BatchInput = Schema.Struct({
  /** 1 to 100 messages. */
  messages: ListOf(EmailInput, 1, maxBatch)
})

/**
 * The messages of a batch.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchInput {
  /** 1 to 100 messages. */
  readonly messages: ReadonlyArray<EmailInput>
}

// -----------------------------------------------------------------------------
// results
// -----------------------------------------------------------------------------

/**
 * A message that the server accepted.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SendResult = Schema.Struct({
  /** The id of the message. It starts with `eml_`. */
  message_id: Schema.String,
  status: OpenEnum(["queued"])
})

/**
 * A message that the server accepted.
 *
 * @since 0.1.0
 * @category models
 */
export interface SendResult extends Schema.Schema.Type<typeof SendResult> {}

/**
 * The reason why the server did not accept a message of a batch.
 *
 * @since 0.1.0
 * @category schemas
 */
export const BatchItemError = Schema.Struct({
  /**
   * The error code, such as `validation_error` or `delivery_group_not_found`. It is `invalid_request` if the SDK found the
   * message invalid.
   */
  code: Schema.String,
  /** A human-readable description. */
  message: Schema.String,
  /** Whether the server may accept the same message later. */
  retryable: Optional(Schema.Boolean),
  /** The name of the invalid parameter. */
  param: Optional(Schema.String),
  /** The URL of a page about the code. */
  doc_url: Optional(Schema.String),
  /** The invalid fields. */
  errors: Optional(Schema.Array(FieldIssue))
})

/**
 * The reason why the server did not accept a message of a batch.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchItemError extends Schema.Schema.Type<typeof BatchItemError> {}

/**
 * The number of messages of a batch that the server accepted and rejected.
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
 * The number of messages of a batch that the server accepted and rejected.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchSummary extends Schema.Schema.Type<typeof BatchSummary> {}

/**
 * A message of a batch that the server accepted.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchQueued {
  readonly _tag: "Queued"
  /** The position of the message in the batch, from 0. */
  readonly index: number
  readonly message: EmailInput
  /** The id of the message. It starts with `eml_`. */
  readonly message_id: string
}

/**
 * A message of a batch that the server did not accept.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchFailed {
  readonly _tag: "Failed"
  /** The position of the message in the batch, from 0. */
  readonly index: number
  readonly message: EmailInput
  /** The reason. Its code is `unexplained` if the response does not mention the message, which may have been queued. */
  readonly error: BatchItemError
}

/**
 * The outcome of one message of a batch.
 *
 * @since 0.1.0
 * @category models
 */
export type BatchItem = BatchQueued | BatchFailed

/**
 * The outcome of a batch.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchResult {
  /** One result for each message, in the order of the messages. */
  readonly results: ReadonlyArray<BatchItem>
  readonly summary: BatchSummary
}
