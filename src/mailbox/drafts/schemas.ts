/**
 * Drafts as the API returns them, and the inputs of the writes.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { CustomHeaders } from "../../internal/request/customHeaders.js"
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
import { messageId } from "../messageIds.js"

// -----------------------------------------------------------------------------
// results
// -----------------------------------------------------------------------------

/**
 * An email address of a draft.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DraftAddress = Schema.Struct({ email: Schema.String, name: Nullable(Schema.String) })

/**
 * An email address of a draft.
 *
 * @since 0.1.0
 * @category models
 */
export interface DraftAddress extends Schema.Schema.Type<typeof DraftAddress> {}

/**
 * An attachment of a draft.
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
 * An attachment of a draft.
 *
 * @since 0.1.0
 * @category models
 */
export interface DraftAttachment extends Schema.Schema.Type<typeof DraftAttachment> {}

/**
 * The status of a draft. `uncertain` means that the draft may have been sent: read the same draft again, and do not
 * send another one in its place.
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
 * The status of a draft.
 *
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
  /** The version of the content, which starts at 1 and increases with each change. Writes refer to it. */
  revision: Schema.Number,
  status: DraftStatus,
  /** The id of the message in the mailbox, when it is stored there. */
  message_id: Nullable(Schema.String),
  /** The earliest time at which the draft is sent. It remains set afterwards. */
  scheduled_for: NullableTimestamp,
  /** The version of the schedule, which starts at 0 and increases when the schedule is set, changed or cancelled. */
  schedule_version: Schema.Number,
  /** The reason, if the status is `failed`. */
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
 * A draft as it was when it was read.
 *
 * @since 0.1.0
 * @category models
 */
export interface Draft extends Schema.Schema.Type<typeof Draft> {}

// -----------------------------------------------------------------------------
// inputs
// -----------------------------------------------------------------------------

/**
 * An email address in an input.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DraftAddressInput = Schema.Struct({
  email: EmailAddress,
  /** The display name, at most 255 characters. `null` means that there is none. */
  name: OptionalInput(Schema.NullOr(Text({ max: 255, singleLine: true })))
})

/**
 * An email address in an input.
 *
 * @since 0.1.0
 * @category models
 */
export interface DraftAddressInput extends Schema.Schema.Type<typeof DraftAddressInput> {}

/**
 * An attachment in an input. It refers to a file that is already stored.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DraftAttachmentInput = Schema.Struct({
  /** The `blob_id` of an upload, or the `id` of an attachment of a message. */
  blob_id: Text({ min: 1, max: 255 }),
  filename: Text({ min: 1, max: 255, singleLine: true }),
  content_type: Text({ min: 1, max: 255, singleLine: true }),
  /** The number of bytes, at most 7,500,000. */
  size_bytes: WholeNumber(0, 7_500_000),
  disposition: OptionalInput(Literals("attachment", "inline")),
  /** The id with which the HTML body refers to the attachment as `cid:`. */
  content_id: OptionalInput(Text({ min: 1, max: 998, singleLine: true }))
})

/**
 * An attachment in an input. It refers to a file that is already stored.
 *
 * @since 0.1.0
 * @category models
 */
export interface DraftAttachmentInput extends Schema.Schema.Type<typeof DraftAttachmentInput> {}

const recipients = OptionalInput(ListOf(DraftAddressInput, 0, 50))

const contentFields = {
  from: OptionalInput(DraftAddressInput),
  /** The recipients. `to`, `cc` and `bcc` have at most 50 together. A draft needs at least one to be sent. */
  to: recipients,
  cc: recipients,
  bcc: recipients,
  /** At most 20 addresses. */
  reply_to: OptionalInput(ListOf(DraftAddressInput, 0, 20)),
  /** At most 998 characters on one line. */
  subject: OptionalInput(Text({ max: 998, singleLine: true })),
  /** At most 1,000,000 characters. It is enough without `html_body`. */
  text_body: OptionalInput(Text({ max: 1_000_000 })),
  /** At most 1,000,000 characters. It is enough without `text_body`. */
  html_body: OptionalInput(Text({ max: 1_000_000 })),
  /**
   * Additional headers of the message. Their names start with `X-`, in any letter case, and each value is on one line.
   * `X-Sendmux-Delivery-Group` is reserved, and messages of a mailbox have no delivery group.
   */
  custom_headers: OptionalInput(
    CustomHeaders({
      onlyExtensions: true,
      instead: "a message of a mailbox has no delivery group, so send it with emails.send of Sending"
    })
  ),
  /** At most 10 attachments. */
  attachments: OptionalInput(ListOf(DraftAttachmentInput, 0, 10))
}

const ContentStruct = Schema.Struct(contentFields)

/**
 * The content of a draft. In a change, a list or a text replaces the current one, and an empty one clears it.
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
  /** The id of the message that the draft replies to. The server derives no content from it. */
  reply_to_message_id: OptionalInput(messageId(255)),
  /** The message from which the server derives the content. The other fields of the input take precedence. */
  source: OptionalInput(
    Schema.Struct({
      message_id: messageId(255),
      /** `adopt` converts a message that is stored as a draft in the mailbox. */
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
 * A draft to create.
 *
 * @since 0.1.0
 * @category models
 */
export interface CreateDraftInput extends Schema.Schema.Type<typeof createFields> {}

const expected_revision = WholeNumber(1)
const expected_schedule_version = WholeNumber(0, 2_147_483_647)

const updateFields = Schema.Struct({
  ...contentFields,
  /** The `revision` of the draft on which the change is based. */
  expected_revision
})

/**
 * A change of a draft. Fields that are left out keep their values.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UpdateDraftInput = Checked(updateFields, tooMany)

/**
 * A change of a draft. Fields that are left out keep their values.
 *
 * @since 0.1.0
 * @category models
 */
export interface UpdateDraftInput extends Schema.Schema.Type<typeof updateFields> {}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/i

const ScheduleTime = Checked(TimestampInput, (time) =>
  typeof time !== "string" || instant.test(time)
    ? undefined
    : "must be a date and time with a timezone and at most milliseconds, such as 2027-01-31T09:00:00Z"
)

const sendFields = Schema.Struct({
  /** The `revision` of the draft. If the draft has another one, the call fails with `conflict`. */
  expected_revision,
  /** The `schedule_version` of the draft, required with `scheduled_for` and after a schedule was cancelled. */
  expected_schedule_version: OptionalInput(expected_schedule_version),
  /** The earliest time at which the draft is sent, by default at most 30 days from now. Default: immediately. */
  scheduled_for: OptionalInput(ScheduleTime)
})

/**
 * The versions of the draft to send, and the time.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SendDraftInput = Checked(sendFields, (input) =>
  input.scheduled_for !== undefined && input.expected_schedule_version === undefined
    ? "scheduled_for requires expected_schedule_version, which is the schedule_version of the draft"
    : undefined
)

/**
 * The versions of the draft to send, and the time.
 *
 * @since 0.1.0
 * @category models
 */
export interface SendDraftInput extends Schema.Schema.Type<typeof sendFields> {}

/**
 * A new time for a scheduled draft. `null` cancels the schedule, so that the draft can be edited again.
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
 * A new time for a scheduled draft. `null` cancels the schedule.
 *
 * @since 0.1.0
 * @category models
 */
export interface ScheduleDraftInput extends Schema.Schema.Type<typeof ScheduleDraftInput> {}
