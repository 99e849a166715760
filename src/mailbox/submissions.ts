/**
 * The submissions of a mailbox: the delivery status of the messages that it has sent.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Methods } from "../internal/methods/methods.js"
import type { ConditionalMethod, ListMethod, Method } from "../internal/model/call.js"
import { operation } from "../internal/operation/operation.js"
import {
  CommaJoined,
  Literals,
  Nullable,
  NullableTimestamp,
  OptionalInput,
  RecordOf,
  TimestampInput
} from "../internal/schema/schema.js"
import { ChangesInput, MailboxChanges } from "./changes/schemas.js"
import { Direction, pageFields } from "./filters.js"
import type { MailboxOptions } from "./options.js"

/** An address of the SMTP envelope. */
const EnvelopeAddress = Schema.Struct({
  email: Schema.String,
  /** The parameters of the SMTP command. */
  parameters: Nullable(RecordOf(Schema.NullOr(Schema.String)))
})

/**
 * The delivery status of a message for one recipient.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SubmissionDelivery = Schema.Struct({
  email: Schema.String,
  /** Whether the message was delivered: `queued`, `yes`, `no` or `unknown`. It is not a time. */
  delivered: Nullable(Schema.String),
  /** Whether the message was displayed: `yes` or `unknown`. It is not a time. */
  displayed: Nullable(Schema.String),
  /** The last response of the receiving server. */
  smtp_reply: Nullable(Schema.String)
})

/**
 * The delivery status of a message for one recipient.
 *
 * @since 0.1.0
 * @category models
 */
export interface SubmissionDelivery extends Schema.Schema.Type<typeof SubmissionDelivery> {}

/**
 * A message that was sent, with its delivery status.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxSubmission = Schema.Struct({
  id: Schema.String,
  identity_id: Nullable(Schema.String),
  /** The id of the message that was sent. */
  email_id: Nullable(Schema.String),
  thread_id: Nullable(Schema.String),
  envelope: Nullable(
    Schema.Struct({ mail_from: Nullable(EnvelopeAddress), rcpt_to: Schema.Array(EnvelopeAddress) })
  ),
  send_at: NullableTimestamp,
  /** `pending` while the sending can be canceled, then `final` or `canceled`. */
  undo_status: Nullable(Schema.String),
  delivery_status: Schema.Array(SubmissionDelivery),
  /** The blob ids of delivery status notifications. */
  dsn_blob_ids: Schema.Array(Schema.String),
  /** The blob ids of read receipts. */
  mdn_blob_ids: Schema.Array(Schema.String)
})

/**
 * A message that was sent, with its delivery status.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxSubmission extends Schema.Schema.Type<typeof MailboxSubmission> {}

const ids = OptionalInput(CommaJoined(1, 100))

/**
 * The filters and the order of a list of submissions. A list of ids has 1 to 100 ids.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListSubmissionsInput = Schema.Struct({
  ...pageFields,
  identity_ids: ids,
  /** The ids of the messages that were sent. */
  email_ids: ids,
  thread_ids: ids,
  undo_status: OptionalInput(Literals("pending", "final", "canceled")),
  after: OptionalInput(TimestampInput),
  before: OptionalInput(TimestampInput),
  sort_by: OptionalInput(Literals("send_at", "email_id", "thread_id")),
  sort_direction: OptionalInput(Direction)
})

/**
 * The filters and the order of a list of submissions. A list of ids has 1 to 100 ids.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListSubmissionsInput extends Schema.Schema.Type<typeof ListSubmissionsInput> {}

/** @internal */
export const submissionOperations = {
  list: operation("mailbox.submissions.list", {
    http: "GET",
    path: "/mailbox/submissions",
    input: ListSubmissionsInput,
    data: Schema.Array(MailboxSubmission),
    flags: ["mailboxId", "paginated"]
  }),
  get: operation("mailbox.submissions.get", {
    http: "GET",
    path: "/mailbox/submissions/{submission_id}",
    data: MailboxSubmission,
    flags: ["conditional", "mailboxId"]
  }),
  changes: operation("mailbox.submissions.changes", {
    http: "GET",
    path: "/mailbox/submissions/changes",
    input: ChangesInput,
    data: MailboxChanges,
    flags: ["mailboxId"]
  })
}

/**
 * The methods of `mailbox.submissions`.
 *
 * @since 0.1.0
 * @category services
 */
export interface Submissions {
  /** Streams the submissions that match the filters: `GET /mailbox/submissions`. A page has at most 100 submissions. */
  readonly list: ListMethod<[input?: ListSubmissionsInput, options?: MailboxOptions], MailboxSubmission>
  /**
   * Reads a submission: `GET /mailbox/submissions/{submission_id}`.
   *
   * Fails with `not_found` if the mailbox has no submission with this id.
   */
  readonly get: ConditionalMethod<[submission_id: string, options?: MailboxOptions], MailboxSubmission>
  /**
   * Reads the ids of the submissions that have changed since a state: `GET /mailbox/submissions/changes`.
   *
   * Fails with `invalid_parameter` if the server does not know the state.
   *
   * @see `sync.changes`, which also handles unknown states
   */
  readonly changes: Method<[input?: ChangesInput, options?: MailboxOptions], MailboxChanges>
}

/** @internal */
export const makeSubmissions = (methods: Methods): Submissions => ({
  list: methods.list(submissionOperations.list),
  get: methods.conditional(submissionOperations.get),
  changes: methods.call(submissionOperations.changes)
})
