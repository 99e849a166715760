/**
 * The submissions of a mailbox: what it sent, and the outcome for each recipient.
 */
import { submissionOperations } from "../../mailbox/submissions.js"
import { found, reply, replyPage } from "../exchange.js"
import { pageOf } from "../http/pages.js"
import type { Route } from "../http/routes.js"
import { outcomeOf } from "../state/mail.js"
import type { Outcome } from "../state/world.js"
import { iso } from "../state/team.js"
import { timeIn } from "./mail/search.js"
import type { SubmissionRecord } from "./state/records.js"
import { compare } from "./state/store.js"
import { type MailboxStores, mailboxRoute } from "./state/stores.js"

const deliveries: Readonly<Record<Outcome, readonly [delivered: string, reply: string]>> = {
  "message.delivered": ["yes", "250 2.0.0 OK"],
  "message.complained": ["yes", "250 2.0.0 OK"],
  "message.bounced": ["no", "550 5.1.1 No such user"],
  "message.rejected": ["no", "550 5.7.1 The address is on the suppression list"],
  "message.delivery_delayed": ["queued", "452 4.2.2 Mailbox full"]
}

const showSubmission = (submission: SubmissionRecord) => ({
  id: submission.id,
  identity_id: submission.identityId,
  email_id: submission.messageId,
  thread_id: submission.threadId,
  envelope: {
    mail_from: { email: submission.from, parameters: null },
    rcpt_to: submission.recipients.map((email) => ({ email, parameters: null }))
  },
  send_at: iso(submission.sendAt),
  undo_status: "final",
  delivery_status: submission.recipients.map((email) => {
    const [delivered, smtp_reply] = deliveries[outcomeOf(email)]
    return { email, delivered, displayed: "unknown", smtp_reply }
  }),
  dsn_blob_ids: [],
  mdn_blob_ids: []
})

const orders = {
  send_at: (a: SubmissionRecord, b: SubmissionRecord) => a.sendAt - b.sendAt,
  email_id: (a: SubmissionRecord, b: SubmissionRecord) => compare(a.messageId, b.messageId),
  thread_id: (a: SubmissionRecord, b: SubmissionRecord) => compare(a.threadId, b.threadId)
}

export const submissionRoutes = (stores: MailboxStores): ReadonlyArray<Route> => [
  mailboxRoute(stores, submissionOperations.list, (call, store) => {
    const input = call.input ?? {}
    const {
      email_ids,
      identity_ids,
      sort_by = "send_at",
      sort_direction = "desc",
      thread_ids,
      undo_status
    } = input
    const after = timeIn("after", input.after) ?? Number.NEGATIVE_INFINITY
    const before = timeIn("before", input.before) ?? Number.POSITIVE_INFINITY
    const rows = [...store.submissions.values()].filter(
      (submission) =>
        submission.sendAt >= after &&
        submission.sendAt < before &&
        (undo_status === undefined || undo_status === "final") &&
        (email_ids === undefined || email_ids.includes(submission.messageId)) &&
        (thread_ids === undefined || thread_ids.includes(submission.threadId)) &&
        (identity_ids === undefined || identity_ids.includes(submission.identityId))
    )
    const sorted = rows.sort(orders[sort_by])
    if (sort_direction === "desc") sorted.reverse()
    const { cursor: _, limit: __, ...query } = input
    const ids = sorted.map(({ id }) => id)
    return replyPage(pageOf(sorted, input, { idOf: ({ id }) => id, show: showSubmission }), {
      meta: { query_state: store.queryStates.stateOf(["submissions", query], ids) }
    })
  }),
  mailboxRoute(stores, submissionOperations.get, (call, store) =>
    reply(showSubmission(found(store.submissions.get(call.ids[0]), "submission")))
  ),
  mailboxRoute(stores, submissionOperations.changes, (call, store) =>
    reply(store.logs.submissions.since(call.input?.since_state, call.input?.limit))
  )
]
