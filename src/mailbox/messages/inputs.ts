/**
 * The inputs of `mailbox.messages`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { CustomHeaders } from "../../internal/request/customHeaders.js"
import {
  Base64Input,
  Checked,
  CommaJoined,
  ListOf,
  Literals,
  OneOf,
  OpenEnum,
  OptionalInput,
  RecordOf,
  Text,
  WholeNumber
} from "../../internal/schema/schema.js"
import { MailboxAddressInput } from "../addresses.js"
import { changesLimit, stateToken } from "../changes/schemas.js"
import { filterProblem, messageFilterFields, messageOrderFields, pageFields } from "../filters.js"

const thread_id = OptionalInput(Text({ min: 1 }))

// -----------------------------------------------------------------------------
// reading
// -----------------------------------------------------------------------------

const listFields = Schema.Struct({
  ...pageFields,
  ...messageFilterFields,
  /** The thread of the messages. It cannot be combined with other filters. */
  thread_id,
  ...messageOrderFields
})

/**
 * The filters and the order of a list of messages.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListMessagesInput = Checked(listFields, filterProblem)

/**
 * The filters and the order of a list of messages.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListMessagesInput extends Schema.Schema.Type<typeof listFields> {}

const countFields = Schema.Struct({
  ...messageFilterFields,
  /** The thread of the messages. It cannot be combined with other filters. */
  thread_id
})

/**
 * The filters of the messages to count.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CountMessagesInput = Checked(countFields, filterProblem)

/**
 * The filters of the messages to count.
 *
 * @since 0.1.0
 * @category models
 */
export interface CountMessagesInput extends Schema.Schema.Type<typeof countFields> {}

const queryChangesFields = Schema.Struct({
  ...messageFilterFields,
  ...messageOrderFields,
  /** The last `new_query_state` for the same filters and order. Without it, the response has the current state only. */
  since_query_state: stateToken,
  /** The maximum number of changes in the response, 1 to 500. */
  limit: changesLimit,
  /** The id of the last message in the caller's copy of the list. Changes after this message are left out. */
  up_to_id: stateToken,
  /** Whether the response contains `total`. */
  calculate_total: OptionalInput(Schema.Boolean)
})

/**
 * The list of messages whose changes to read. A state is valid for the same filters and order only.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageQueryChangesInput = Checked(queryChangesFields, filterProblem)

/**
 * The list of messages whose changes to read. A state is valid for the same filters and order only.
 *
 * @since 0.1.0
 * @category models
 */
export interface MessageQueryChangesInput extends Schema.Schema.Type<typeof queryChangesFields> {}

const snippetFields = Schema.Struct({
  ...messageFilterFields,
  /** The words to find. */
  q: Text({ min: 1 }),
  /** The ids of 1 to 100 messages. Default: the first messages that match the filters. */
  message_ids: OptionalInput(CommaJoined(1, 100)),
  /** The maximum number of messages, 1 to 100. Default: 50. */
  limit: OptionalInput(WholeNumber(1, 100))
})

/**
 * The words to find, and the messages in which to find them.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SearchSnippetsInput = Checked(snippetFields, filterProblem)

/**
 * The words to find, and the messages in which to find them.
 *
 * @since 0.1.0
 * @category models
 */
export interface SearchSnippetsInput extends Schema.Schema.Type<typeof snippetFields> {}

/**
 * The bodies to read, and their maximum size.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RawBodyInput = Schema.Struct({
  part: OptionalInput(Literals("text", "html", "both")),
  /** The maximum number of characters of each body, 1 to 1,000,000. */
  max_body_chars: OptionalInput(WholeNumber(1, 1_000_000))
})

/**
 * The bodies to read, and their maximum size.
 *
 * @since 0.1.0
 * @category models
 */
export interface RawBodyInput extends Schema.Schema.Type<typeof RawBodyInput> {}

// -----------------------------------------------------------------------------
// writing
// -----------------------------------------------------------------------------

/** @internal */
export const messageChangeFields = {
  seen: OptionalInput(Schema.Boolean),
  flagged: OptionalInput(Schema.Boolean),
  /**
   * The keywords to set (`true`) and to remove (`false`). The server converts them to lower case. System keywords such
   * as `$draft` cannot be changed.
   */
  keywords: OptionalInput(RecordOf(Schema.Boolean))
}

/**
 * A change of a message. Fields that are left out keep their values.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UpdateMessageInput = Schema.Struct(messageChangeFields)

/**
 * A change of a message. Fields that are left out keep their values.
 *
 * @since 0.1.0
 * @category models
 */
export interface UpdateMessageInput extends Schema.Schema.Type<typeof UpdateMessageInput> {}

/**
 * Whether a message is deleted permanently.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DeleteMessageInput = Schema.Struct({
  /** Deletes permanently instead of moving to the trash folder. Default: `false`. */
  permanent: OptionalInput(Schema.Boolean)
})

/**
 * Whether a message is deleted permanently.
 *
 * @since 0.1.0
 * @category models
 */
export interface DeleteMessageInput extends Schema.Schema.Type<typeof DeleteMessageInput> {}

// -----------------------------------------------------------------------------
// sending
// -----------------------------------------------------------------------------

const fileFields = {
  filename: Text({ min: 1, singleLine: true }),
  content_type: Text({ min: 1, singleLine: true })
}

/**
 * An attachment whose bytes are part of the request.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxInlineAttachment = Schema.Struct({
  ...fileFields,
  /** The content: bytes, or a string that is already encoded as base64. */
  content: Base64Input
})

/**
 * An attachment whose bytes are part of the request.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxInlineAttachment extends Schema.Schema.Type<typeof MailboxInlineAttachment> {}

/**
 * An attachment that was uploaded to the mailbox, or that belongs to one of its messages.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxBlobAttachment = Schema.Struct({ ...fileFields, blob_id: Text({ min: 1 }) })

/**
 * An attachment that was uploaded to the mailbox, or that belongs to one of its messages.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxBlobAttachment extends Schema.Schema.Type<typeof MailboxBlobAttachment> {}

/** The maximum number of recipients of a message, in `to`, `cc` and `bcc` together. */
const maxRecipients = 50

const recipients = ListOf(MailboxAddressInput, 0, maxRecipients)

const sendFields = Schema.Struct({
  /** The sender. Default: the default identity of the mailbox. */
  from: OptionalInput(MailboxAddressInput),
  /** The recipients. `to`, `cc` and `bcc` have 1 to 50 together. */
  to: OptionalInput(recipients),
  cc: OptionalInput(recipients),
  bcc: OptionalInput(recipients),
  reply_to: OptionalInput(Schema.Array(MailboxAddressInput)),
  /** At most 998 characters on one line. */
  subject: OptionalInput(Text({ max: 998, singleLine: true })),
  /** The text. It is enough without `html_body`. */
  text_body: OptionalInput(Schema.String),
  /** The HTML. It is enough without `text_body`; `Body.fromHtml` derives the text from the HTML. */
  html_body: OptionalInput(Schema.String),
  attachments: OptionalInput(Schema.Array(OneOf(MailboxBlobAttachment, MailboxInlineAttachment))),
  /**
   * Additional headers of the message, with any names. Each value is on one line. `X-Sendmux-Delivery-Group` is reserved,
   * and messages of a mailbox have no delivery group.
   */
  custom_headers: OptionalInput(
    CustomHeaders({
      onlyExtensions: false,
      instead: "a message of a mailbox has no delivery group, so send it with emails.send of Sending"
    })
  )
})

/**
 * A message to send from the mailbox. Servers older than autumn 2026 require `to` and `subject`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SendMessageInput = Checked(sendFields, ({ to = [], cc = [], bcc = [] }) => {
  const count = to.length + cc.length + bcc.length
  if (count === 0) return "to, cc and bcc are all empty, but a message needs a recipient"
  return count > maxRecipients
    ? `to, cc and bcc must have at most ${maxRecipients} recipients together, and have ${count}`
    : undefined
})

/**
 * A message to send from the mailbox.
 *
 * @since 0.1.0
 * @category models
 */
export interface SendMessageInput extends Schema.Schema.Type<typeof sendFields> {}

/**
 * A message that the server has queued.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SendMessageResult = Schema.Struct({
  message_id: Schema.String,
  status: OpenEnum(["queued"])
})

/**
 * A message that the server has queued.
 *
 * @since 0.1.0
 * @category models
 */
export interface SendMessageResult extends Schema.Schema.Type<typeof SendMessageResult> {}
