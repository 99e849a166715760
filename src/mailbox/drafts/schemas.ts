/**
 * Drafts as the API keeps them, and what writes them.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import {
  Checked,
  EmailAddress,
  ListOf,
  Literals,
  Nullable,
  NullableTimestamp,
  OpenEnum,
  Optional,
  OptionalInput,
  RecordOf,
  Text,
  TimestampInput,
  WholeNumber
} from "../../internal/schema/schema.js"

// -----------------------------------------------------------------------------
// what the API answers
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category schemas
 */
export const DraftAddress = Schema.Struct({ email: Schema.String, name: Nullable(Schema.String) })

/**
 * @since 0.1.0
 * @category models
 */
export interface DraftAddress extends Schema.Schema.Type<typeof DraftAddress> {}

/**
 * A file of a draft, uploaded before.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DraftAttachment = Schema.Struct({
  blob_id: Schema.String,
  filename: Schema.String,
  content_type: Schema.String,
  size_bytes: Schema.Number,
  disposition: Optional(OpenEnum(["attachment", "inline"])),
  content_id: Optional(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface DraftAttachment extends Schema.Schema.Type<typeof DraftAttachment> {}

/**
 * Where a draft stands. `uncertain`: whether it was sent is not known yet; read the same draft again, and never send
 * another in its place.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DraftStatus = OpenEnum([
  "preparing",
  "ready",
  "scheduled",
  "sending",
  "queued",
  "uncertain",
  "failed",
  "deleted"
])

/**
 * @since 0.1.0
 * @category models
 */
export type DraftStatus = Schema.Schema.Type<typeof DraftStatus>

const attachments = Schema.Array(DraftAttachment)
const addresses = Schema.Array(DraftAddress)

/**
 * A draft as it was when it was read.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Draft = Schema.Struct({
  id: Schema.String,
  /** From 1, and one more with each change of the content: what a write says that it builds on. */
  revision: Schema.Number,
  status: DraftStatus,
  /** The message in the mailbox, once it is saved there. */
  message_id: Nullable(Schema.String),
  /** The earliest time of sending; kept after it. */
  scheduled_for: NullableTimestamp,
  /** From 0, and one more whenever a schedule is made, moved or cancelled. */
  schedule_version: Schema.Number,
  /** Why a draft is `failed`. */
  failure_code: Nullable(OpenEnum(["preparation_failed", "authorisation_revoked", "send_rejected"])),
  in_reply_to: Schema.Array(Schema.String),
  references: Schema.Array(Schema.String),
  reply_to_message_id: Optional(Schema.String),
  from: Optional(DraftAddress),
  to: Optional(addresses),
  cc: Optional(addresses),
  bcc: Optional(addresses),
  reply_to: Optional(addresses),
  subject: Optional(Schema.String),
  text_body: Optional(Schema.String),
  html_body: Optional(Schema.String),
  custom_headers: Optional(RecordOf(Schema.String)),
  attachments: Optional(attachments)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Draft extends Schema.Schema.Type<typeof Draft> {}

// -----------------------------------------------------------------------------
// what a caller gives
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category schemas
 */
export const DraftAddressInput = Schema.Struct({
  email: EmailAddress,
  /** The display name, up to 255 characters; `null` for none. */
  name: OptionalInput(Schema.NullOr(Text({ max: 255, singleLine: true })))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface DraftAddressInput extends Schema.Schema.Type<typeof DraftAddressInput> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const DraftAttachmentInput = Schema.Struct({
  /** What `attachments.upload` gave, or the `id` of a message's attachment. */
  blob_id: Text({ min: 1, max: 255 }),
  filename: Text({ min: 1, max: 255 }),
  content_type: Text({ min: 1, max: 255, singleLine: true }),
  /** Up to 7,500,000 bytes. */
  size_bytes: WholeNumber(0, 7_500_000),
  disposition: OptionalInput(Literals("attachment", "inline")),
  /** What the HTML refers to as `cid:`. */
  content_id: OptionalInput(Text({ min: 1, max: 998, singleLine: true }))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface DraftAttachmentInput extends Schema.Schema.Type<typeof DraftAttachmentInput> {}

const recipients = OptionalInput(ListOf(DraftAddressInput, 0, 50))

const contentFields = {
  from: OptionalInput(DraftAddressInput),
  /** With `cc` and `bcc` up to 50 in all; to send, at least one. */
  to: recipients,
  cc: recipients,
  bcc: recipients,
  /** Up to 20. */
  reply_to: OptionalInput(ListOf(DraftAddressInput, 0, 20)),
  /** Up to 998 characters on one line. */
  subject: OptionalInput(Text({ max: 998, singleLine: true })),
  /** Up to 1,000,000 characters. */
  text_body: OptionalInput(Text({ max: 1_000_000 })),
  /** Up to 1,000,000 characters. */
  html_body: OptionalInput(Text({ max: 1_000_000 })),
  /** Further `X-` headers of the message. */
  custom_headers: OptionalInput(RecordOf(Text({ singleLine: true }))),
  /** Up to 10. */
  attachments: OptionalInput(ListOf(DraftAttachmentInput, 0, 10))
}

const ContentStruct = Schema.Struct(contentFields)

/**
 * What a draft says. A list or text that is given replaces what was there; an empty one clears it.
 *
 * @since 0.1.0
 * @category models
 */
export interface DraftContent extends Schema.Schema.Type<typeof ContentStruct> {}

const maxRecipients = 50

const tooMany = ({ to = [], cc = [], bcc = [] }: DraftContent): string | undefined => {
  const all = to.length + cc.length + bcc.length
  return all > maxRecipients
    ? `to, cc and bcc must have at most ${maxRecipients} recipients together, and have ${all}`
    : undefined
}

const createFields = Schema.Struct({
  ...contentFields,
  /** The message that this one answers, without anything prepared from it. */
  reply_to_message_id: OptionalInput(Text({ min: 1, max: 255 })),
  /** The message to prepare the draft from; what is given beside it goes first. */
  source: OptionalInput(
    Schema.Struct({
      message_id: Text({ min: 1, max: 255 }),
      /** `adopt` makes a draft of a message that lies in the mailbox as one. */
      action: Literals("reply", "reply_all", "forward", "adopt")
    })
  )
})

/**
 * A draft to create.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CreateDraftInput = Checked(createFields, tooMany)

/**
 * @since 0.1.0
 * @category models
 */
export interface CreateDraftInput extends Schema.Schema.Type<typeof createFields> {}

const expected_revision = WholeNumber(1)
const expected_schedule_version = WholeNumber(0, 2_147_483_647)

const updateFields = Schema.Struct({
  ...contentFields,
  /** The draft's `revision` that the change builds on. */
  expected_revision
})

/**
 * A change of a draft; what is left out stays.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UpdateDraftInput = Checked(updateFields, tooMany)

/**
 * @since 0.1.0
 * @category models
 */
export interface UpdateDraftInput extends Schema.Schema.Type<typeof updateFields> {}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/i

const ScheduleTime = Checked(TimestampInput, (time) =>
  typeof time !== "string" || instant.test(time)
    ? undefined
    : "must be a date and time with its timezone, to the millisecond at most, such as 2027-01-31T09:00:00Z"
)

const sendFields = Schema.Struct({
  /** The draft's `revision`: another one on the server fails with `conflict`. */
  expected_revision,
  /** The draft's `schedule_version`: needed with `scheduled_for`, and once a schedule was cancelled. */
  expected_schedule_version: OptionalInput(expected_schedule_version),
  /** The earliest time to send, up to 30 days from now. Default: at once. */
  scheduled_for: OptionalInput(ScheduleTime)
})

/**
 * Which state of a draft to send, and when.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SendDraftInput = Checked(sendFields, (input) =>
  input.scheduled_for !== undefined && input.expected_schedule_version === undefined
    ? "scheduled_for needs expected_schedule_version, the draft's schedule_version"
    : undefined
)

/**
 * @since 0.1.0
 * @category models
 */
export interface SendDraftInput extends Schema.Schema.Type<typeof sendFields> {}

/**
 * Another time for a scheduled draft, or `null` for none: then it can be edited again.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ScheduleDraftInput = Schema.Struct({
  expected_revision,
  expected_schedule_version,
  scheduled_for: Schema.NullOr(ScheduleTime)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface ScheduleDraftInput extends Schema.Schema.Type<typeof ScheduleDraftInput> {}
