/**
 * Mail that leaves a mailbox: the copy in Sent, the submission, and the message on its way.
 */

import { maxMessageBytes } from "../../../internal/model/limits.js"
import { refuse } from "../../exchange.js"
import { dispatch, fateOf, type SentEmail } from "../../state/world.js"
import type { Letter, MessageRecord, SubmissionRecord } from "../state/records.js"
import { sizeOf } from "../state/records.js"
import type { MailboxStore } from "../state/store.js"
import type { MailboxStores } from "../state/stores.js"

interface Sending {
  readonly now: number
  readonly idempotencyKey?: string | undefined
}

/** Whether every recipient would be rejected. */
export const isHopeless = ({ bcc, cc, to }: Letter): boolean =>
  [...to, ...cc, ...bcc].every(({ email }) => fateOf(email) === "message.rejected")

/** Whether a draft of this letter is `uncertain` for a moment: it goes to somebody called `uncertain`. */
export const isUncertain = ({ bcc, cc, to }: Letter): boolean =>
  [...to, ...cc, ...bcc].some(({ email }) => email.startsWith("uncertain@"))

/** Sends a letter; gives the copy of it. */
export const submit = (
  { world }: MailboxStores,
  store: MailboxStore,
  letter: Letter,
  { idempotencyKey, now }: Sending
): MessageRecord => {
  if (![...world.team.providers.values()].some(({ active }) => active)) {
    // The code that Sending has for this is none of this surface's.
    return refuse("service_unavailable", "No provider is active: activate one")
  }
  if (sizeOf(letter) > maxMessageBytes) return refuse("payload_too_large", "The message has more than 25 MB")
  const copy = store.add({ ...letter, sentAt: now }, { folder: "sent", keywords: ["$seen"], receivedAt: now })
  const from = letter.from ?? { email: store.mailbox.email, name: null }
  const recipients = [...letter.to, ...letter.cc, ...letter.bcc].map(({ email }) => email)
  const submission: SubmissionRecord = {
    id: world.id("sub"),
    identityId: store.identity.id,
    messageId: copy.id,
    threadId: copy.threadId,
    from: from.email,
    recipients,
    sendAt: now
  }
  store.submissions.set(submission.id, submission)
  store.logs.submissions.note(submission.id, "created")
  markAnswered(store, letter)
  const email: SentEmail = {
    id: world.id("eml"),
    via: "mailbox",
    from,
    to: letter.to,
    cc: letter.cc,
    bcc: letter.bcc,
    reply_to: letter.replyTo,
    subject: letter.subject,
    html: letter.html,
    text: letter.text,
    headers: {
      ...Object.fromEntries(letter.headers),
      ...(letter.inReplyTo.length === 0 ? {} : { "In-Reply-To": letter.inReplyTo.join(" ") }),
      ...(letter.references.length === 0 ? {} : { References: letter.references.join(" ") })
    },
    attachments: letter.attachments.map(({ blob, contentType, filename }) => ({
      filename,
      content_type: contentType,
      bytes: blob.bytes
    })),
    delivery_group: null,
    idempotencyKey,
    rfc5322_message_id: letter.messageId,
    sentAt: now,
    mailboxId: store.mailbox.id
  }
  dispatch(world, email)
  return store.message(copy.id)
}

const markAnswered = (store: MailboxStore, { inReplyTo }: Letter): void => {
  for (const message of store.messages.values()) {
    if (inReplyTo.includes(message.messageId) && !message.keywords.has("$answered")) {
      store.change(message, { keywords: new Set([...message.keywords, "$answered"]) })
    }
  }
}
