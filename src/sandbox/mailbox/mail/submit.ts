/**
 * Sends a message from a mailbox. The mailbox keeps a copy in Sent and a submission.
 */
import { maxMessageBytes } from "../../../internal/model/limits.js"
import { fail } from "../../exchange.js"
import { canSend, dispatch, outcomeOf } from "../../state/mail.js"
import { checkDailyLimit } from "../../state/sendingChecks.js"
import type { SentEmail } from "../../state/world.js"
import { type MessageContent, type MessageRecord, type SubmissionRecord, sizeOf } from "../state/records.js"
import type { MailboxStore } from "../state/store.js"
import type { MailboxStores } from "../state/stores.js"

interface SubmitOptions {
  readonly now: number
  readonly idempotencyKey?: string | undefined
}

const recipientsOf = ({ bcc, cc, to }: MessageContent): ReadonlyArray<string> =>
  [...to, ...cc, ...bcc].map(({ email }) => email)

/** Returns whether every recipient of a message would be rejected. */
export const isRejected = (content: MessageContent): boolean =>
  recipientsOf(content).every((email) => outcomeOf(email) === "message.rejected")

/** Returns whether a draft becomes `uncertain` for a while, which a recipient with this local part requests. */
export const isUncertain = (content: MessageContent): boolean =>
  recipientsOf(content).some((email) => email.startsWith("uncertain@"))

/** Sends a message and returns the copy in Sent. */
export const submit = (
  { world }: MailboxStores,
  store: MailboxStore,
  content: MessageContent,
  { idempotencyKey, now }: SubmitOptions
): MessageRecord => {
  if (!canSend(world)) {
    // The Mailbox surface does not have the code `no_active_providers`.
    return fail("service_unavailable", "The team has no active provider. Activate a provider")
  }
  if (sizeOf(content) > maxMessageBytes) {
    return fail("payload_too_large", `A message can have at most ${maxMessageBytes} bytes`)
  }
  checkDailyLimit(world, recipientsOf(content).length, now)
  const copy = store.add(
    { ...content, sentAt: now },
    { folder: "sent", keywords: ["$seen"], receivedAt: now }
  )
  const from = content.from ?? { email: store.mailbox.email, name: null }
  const submission: SubmissionRecord = {
    id: world.id("sub"),
    identityId: store.identity.id,
    messageId: copy.id,
    threadId: copy.threadId,
    from: from.email,
    recipients: recipientsOf(content),
    sendAt: now
  }
  store.submissions.set(submission.id, submission)
  store.logs.submissions.record(submission.id, "created")
  markAnswered(store, content)
  const email: SentEmail = {
    id: world.id("eml"),
    via: "mailbox",
    from,
    to: content.to,
    cc: content.cc,
    bcc: content.bcc,
    reply_to: content.replyTo,
    subject: content.subject,
    html: content.html,
    text: content.text,
    headers: {
      ...Object.fromEntries(content.headers),
      ...(content.inReplyTo.length === 0 ? {} : { "In-Reply-To": content.inReplyTo.join(" ") }),
      ...(content.references.length === 0 ? {} : { References: content.references.join(" ") })
    },
    attachments: content.attachments.map(({ blob, contentId, contentType, disposition, filename }) => ({
      filename,
      content_type: contentType,
      bytes: blob.bytes,
      ...(disposition === "inline" ? { disposition } : {}),
      ...(contentId === null ? {} : { content_id: contentId })
    })),
    delivery_group: null,
    idempotencyKey,
    rfc5322_message_id: content.messageId,
    sentAt: now,
    mailboxId: store.mailbox.id
  }
  dispatch(world, email)
  return copy
}

/** Marks the messages that a message replies to. */
const markAnswered = (store: MailboxStore, { inReplyTo }: MessageContent): void => {
  for (const message of store.messages.values()) {
    if (inReplyTo.includes(message.messageId) && !message.keywords.has("$answered")) {
      store.change(message, { keywords: new Set([...message.keywords, "$answered"]) })
    }
  }
}
