/**
 * What calls about messages take.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
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
  /** Messages of this conversation; no other filter may stand beside it. */
  thread_id,
  ...messageOrderFields
})

/**
 * Which messages to list, and in which order.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListMessagesInput = Checked(listFields, filterProblem)

/**
 * @since 0.1.0
 * @category models
 */
export interface ListMessagesInput extends Schema.Schema.Type<typeof listFields> {}

const countFields = Schema.Struct({
  ...messageFilterFields,
  /** Messages of this conversation; no other filter may stand beside it. */
  thread_id
})

/**
 * Which messages to count.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CountMessagesInput = Checked(countFields, filterProblem)

/**
 * @since 0.1.0
 * @category models
 */
export interface CountMessagesInput extends Schema.Schema.Type<typeof countFields> {}

const queryChangesFields = Schema.Struct({
  ...messageFilterFields,
  ...messageOrderFields,
  /** A `new_query_state` of the same filters and order; without it, the current one and no changes. */
  since_query_state: stateToken,
  /** Changes in one answer, 1 to 500. */
  limit: changesLimit,
  /** The last message the caller's copy of the list has: what changed behind it is left out. */
  up_to_id: stateToken,
  /** Asks for `total`. */
  calculate_total: OptionalInput(Schema.Boolean)
})

/**
 * Which list of messages to follow. A state holds for one set of filters and one order.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageQueryChangesInput = Checked(queryChangesFields, filterProblem)

/**
 * @since 0.1.0
 * @category models
 */
export interface MessageQueryChangesInput extends Schema.Schema.Type<typeof queryChangesFields> {}

const snippetFields = Schema.Struct({
  ...messageFilterFields,
  /** The words to show in their place. */
  q: Text({ min: 1 }),
  /** 1 to 100 messages; without it, the first that the filters find. */
  message_ids: OptionalInput(CommaJoined(1, 100)),
  /** 1 to 100; the server's default is 50. */
  limit: OptionalInput(WholeNumber(1, 100))
})

/**
 * What to show snippets of.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SearchSnippetsInput = Checked(snippetFields, filterProblem)

/**
 * @since 0.1.0
 * @category models
 */
export interface SearchSnippetsInput extends Schema.Schema.Type<typeof snippetFields> {}

/**
 * Which bodies to give as they were sent.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RawBodyInput = Schema.Struct({
  part: OptionalInput(Literals("text", "html", "both")),
  /** Characters of each body, 1 to 1,000,000. */
  max_body_chars: OptionalInput(WholeNumber(1, 1_000_000))
})

/**
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
   * Keywords to set (`true`) and to clear (`false`); the server writes them in lower case. Those of a message's
   * life, such as `$draft`, cannot be changed.
   */
  keywords: OptionalInput(RecordOf(Schema.Boolean))
}

/**
 * What to change of a message; what is left out stays.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UpdateMessageInput = Schema.Struct(messageChangeFields)

/**
 * @since 0.1.0
 * @category models
 */
export interface UpdateMessageInput extends Schema.Schema.Type<typeof UpdateMessageInput> {}

/**
 * How to delete a message.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DeleteMessageInput = Schema.Struct({
  /** Deletes for good instead of moving to the trash. */
  permanent: OptionalInput(Schema.Boolean)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface DeleteMessageInput extends Schema.Schema.Type<typeof DeleteMessageInput> {}

// -----------------------------------------------------------------------------
// sending
// -----------------------------------------------------------------------------

const fileFields = { filename: Text({ min: 1 }), content_type: Text({ min: 1, singleLine: true }) }

/**
 * A file that travels inside the request.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxInlineAttachment = Schema.Struct({
  ...fileFields,
  /** The file: bytes, or text that is base64 already. */
  content: Base64Input
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxInlineAttachment extends Schema.Schema.Type<typeof MailboxInlineAttachment> {}

/**
 * A file that was uploaded to the mailbox, or is in one of its messages.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxBlobAttachment = Schema.Struct({ ...fileFields, blob_id: Text({ min: 1 }) })

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxBlobAttachment extends Schema.Schema.Type<typeof MailboxBlobAttachment> {}

/** Recipients of one message in all. */
const maxRecipients = 50

const recipients = ListOf(MailboxAddressInput, 0, maxRecipients)

const sendFields = Schema.Struct({
  /** Default: the mailbox's own identity. */
  from: OptionalInput(MailboxAddressInput),
  /** Up to 50; with `cc` and `bcc` 1 to 50 in all. */
  to: OptionalInput(recipients),
  cc: OptionalInput(recipients),
  bcc: OptionalInput(recipients),
  reply_to: OptionalInput(Schema.Array(MailboxAddressInput)),
  /** Up to 998 characters on one line. */
  subject: OptionalInput(Text({ max: 998, singleLine: true })),
  text_body: OptionalInput(Schema.String),
  html_body: OptionalInput(Schema.String),
  attachments: OptionalInput(Schema.Array(OneOf(MailboxBlobAttachment, MailboxInlineAttachment))),
  /** Further headers of the message, each value on one line. */
  custom_headers: OptionalInput(RecordOf(Text({ singleLine: true })))
})

/**
 * A message to send from the mailbox. Servers of before the autumn of 2026 need `to` and `subject`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SendMessageInput = Checked(sendFields, ({ to = [], cc = [], bcc = [] }) => {
  const count = to.length + cc.length + bcc.length
  if (count === 0) return "to, cc and bcc are all empty: a message needs a recipient"
  return count > maxRecipients
    ? `to, cc and bcc must have at most ${maxRecipients} recipients together, and have ${count}`
    : undefined
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SendMessageInput extends Schema.Schema.Type<typeof sendFields> {}

/**
 * A message the server has taken.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SendMessageResult = Schema.Struct({
  message_id: Schema.String,
  status: OpenEnum(["queued"])
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SendMessageResult extends Schema.Schema.Type<typeof SendMessageResult> {}
