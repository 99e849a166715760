/**
 * What became of messages that a mailbox sent.
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

const EnvelopeAddress = Schema.Struct({
  email: Schema.String,
  /** Parameters of the SMTP command. */
  parameters: Nullable(RecordOf(Schema.NullOr(Schema.String)))
})

/**
 * How far a message got with one recipient.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SubmissionDelivery = Schema.Struct({
  email: Schema.String,
  /** Words such as `queued`, `yes`, `no` and `unknown`, and not a time. */
  delivered: Nullable(Schema.String),
  /** Words such as `yes` and `unknown`, and not a time. */
  displayed: Nullable(Schema.String),
  /** What the receiving server said last. */
  smtp_reply: Nullable(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SubmissionDelivery extends Schema.Schema.Type<typeof SubmissionDelivery> {}

/**
 * One sending of a message.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxSubmission = Schema.Struct({
  id: Schema.String,
  identity_id: Nullable(Schema.String),
  /** The message that was sent. */
  email_id: Nullable(Schema.String),
  thread_id: Nullable(Schema.String),
  envelope: Nullable(
    Schema.Struct({ mail_from: Nullable(EnvelopeAddress), rcpt_to: Schema.Array(EnvelopeAddress) })
  ),
  send_at: NullableTimestamp,
  /** `pending` while it can still be held back, then `final` or `canceled`. */
  undo_status: Nullable(Schema.String),
  delivery_status: Schema.Array(SubmissionDelivery),
  /** Reports of delivery, as blobs. */
  dsn_blob_ids: Schema.Array(Schema.String),
  /** Reports of reading, as blobs. */
  mdn_blob_ids: Schema.Array(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxSubmission extends Schema.Schema.Type<typeof MailboxSubmission> {}

const ids = OptionalInput(CommaJoined(1, 100))

/**
 * Which submissions to list; lists of ids hold 1 to 100.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListSubmissionsInput = Schema.Struct({
  ...pageFields,
  identity_ids: ids,
  /** The messages that were sent. */
  email_ids: ids,
  thread_ids: ids,
  undo_status: OptionalInput(Literals("pending", "final", "canceled")),
  after: OptionalInput(TimestampInput),
  before: OptionalInput(TimestampInput),
  sort_by: OptionalInput(Literals("send_at", "email_id", "thread_id")),
  sort_direction: OptionalInput(Direction)
})

/**
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
 * @since 0.1.0
 * @category services
 */
export interface Submissions {
  /** What was sent, by the filters: `GET /mailbox/submissions`. */
  readonly list: ListMethod<[input?: ListSubmissionsInput, options?: MailboxOptions], MailboxSubmission>
  /** One sending: `GET /mailbox/submissions/{submission_id}`. */
  readonly get: ConditionalMethod<[submission_id: string, options?: MailboxOptions], MailboxSubmission>
  /**
   * The ids of submissions that changed since a state: `GET /mailbox/submissions/changes`. A state the server does
   * not know fails with `invalid_parameter`; `sync.changes` follows states for you.
   */
  readonly changes: Method<[input?: ChangesInput, options?: MailboxOptions], MailboxChanges>
}

/** @internal */
export const makeSubmissions = (methods: Methods): Submissions => ({
  list: methods.list(submissionOperations.list),
  get: methods.conditional(submissionOperations.get),
  changes: methods.call(submissionOperations.changes)
})
