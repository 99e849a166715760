/**
 * What a draft says: what a caller gave, and what was prepared from another message.
 */
import type { DraftContent } from "../../../mailbox/drafts/schemas.js"
import { refuseField } from "../../exchange.js"
import { isoOrNull } from "../../state/team.js"
import type { Address } from "../../state/world.js"
import type { DraftRecord } from "../state/draftRecords.js"
import type { AttachmentRecord, Letter, MessageRecord } from "../state/records.js"
import type { MailboxStore } from "../state/store.js"
import { readableText } from "./plainText.js"
import { addressOf, newMessageId, senderOf } from "./sendMessage.js"

export const emptyLetter = (store: MailboxStore): Letter => ({
  from: senderOf(store, undefined),
  to: [],
  cc: [],
  bcc: [],
  replyTo: [],
  subject: "",
  text: null,
  html: null,
  messageId: newMessageId(store),
  inReplyTo: [],
  references: [],
  headers: [],
  attachments: [],
  sentAt: null
})

const attachmentOf = (
  store: MailboxStore,
  given: NonNullable<DraftContent["attachments"]>[number],
  index: number
): AttachmentRecord => {
  const field = `attachments[${index}]`
  const blob =
    store.blobs.get(given.blob_id) ?? refuseField(`${field}.blob_id`, "is not a file that was uploaded")
  if (blob.bytes.byteLength !== given.size_bytes) {
    return refuseField(`${field}.size_bytes`, `is not the size of the file: ${blob.bytes.byteLength}`)
  }
  return {
    blob,
    filename: given.filename,
    contentType: given.content_type,
    disposition: given.disposition ?? "attachment",
    contentId: given.content_id ?? null
  }
}

/** A letter with what a caller gave; what was left out stays. */
export const withContent = (store: MailboxStore, letter: Letter, content: DraftContent): Letter => {
  const headers = content.custom_headers === undefined ? undefined : Object.entries(content.custom_headers)
  const stray = headers?.find(([name]) => !/^x-[\w-]+$/i.test(name))
  if (stray !== undefined) refuseField("custom_headers", "must be headers that begin with X-")
  return {
    ...letter,
    from: content.from === undefined ? letter.from : senderOf(store, content.from),
    to: content.to?.map(addressOf) ?? letter.to,
    cc: content.cc?.map(addressOf) ?? letter.cc,
    bcc: content.bcc?.map(addressOf) ?? letter.bcc,
    replyTo: content.reply_to?.map(addressOf) ?? letter.replyTo,
    subject: content.subject ?? letter.subject,
    text: content.text_body ?? letter.text,
    html: content.html_body ?? letter.html,
    headers: headers ?? letter.headers,
    attachments:
      content.attachments?.map((attachment, index) => attachmentOf(store, attachment, index)) ??
      letter.attachments
  }
}

/** The place of an answer in its conversation. */
export const answering = (letter: Letter, source: MessageRecord): Letter => ({
  ...letter,
  inReplyTo: [source.messageId],
  references: [...new Set([...source.references, source.messageId])]
})

const prefixed = (prefix: string, subject: string): string =>
  new RegExp(`^${prefix}:`, "i").test(subject) ? subject : `${prefix}: ${subject}`

const quoted = (text: string): string =>
  text
    .split(/\r?\n/)
    .map((line) => `> ${line}`)
    .join("\n")

const nameOf = (address: Address | null): string => address?.name ?? address?.email ?? "somebody"

/** What is prepared from a message. */
export const preparedFrom = (
  store: MailboxStore,
  source: MessageRecord,
  action: "reply" | "reply_all" | "forward"
): Letter => {
  const letter = emptyLetter(store)
  const text = readableText(source)
  if (action === "forward") {
    const head = [
      "---------- Forwarded message ----------",
      `From: ${nameOf(source.from)}`,
      `Date: ${new Date(source.sentAt ?? source.receivedAt).toUTCString()}`,
      `Subject: ${source.subject}`
    ]
    return {
      ...letter,
      subject: prefixed("Fwd", source.subject),
      text: `\n\n${head.join("\n")}\n\n${text}`,
      references: [...new Set([...source.references, source.messageId])],
      attachments: source.attachments
    }
  }
  const own = store.mailbox.email.toLowerCase()
  const others = (addresses: ReadonlyArray<Address>) =>
    addresses.filter(({ email }) => email.toLowerCase() !== own)
  const sender = source.from === null ? [] : [source.from]
  const mine = source.from?.email.toLowerCase() === own
  const to = source.replyTo.length > 0 ? source.replyTo : mine ? source.to : sender
  const known = new Set(to.map(({ email }) => email.toLowerCase()))
  return answering(
    {
      ...letter,
      to,
      cc:
        action === "reply"
          ? []
          : others([...source.to, ...source.cc]).filter(({ email }) => !known.has(email.toLowerCase())),
      subject: prefixed("Re", source.subject),
      text: `\n\nOn ${new Date(source.sentAt ?? source.receivedAt).toUTCString()}, ${nameOf(source.from)} wrote:\n${quoted(text)}`
    },
    source
  )
}

export const showDraft = (draft: DraftRecord) => {
  const { letter } = draft
  return {
    id: draft.id,
    revision: draft.revision,
    status: draft.status,
    message_id: draft.messageId,
    scheduled_for: isoOrNull(draft.scheduledFor),
    schedule_version: draft.scheduleVersion,
    failure_code: draft.failure,
    in_reply_to: letter.inReplyTo,
    references: letter.references,
    ...(draft.replyTo === undefined ? {} : { reply_to_message_id: draft.replyTo }),
    ...(letter.from === null ? {} : { from: letter.from }),
    to: letter.to,
    cc: letter.cc,
    bcc: letter.bcc,
    reply_to: letter.replyTo,
    subject: letter.subject,
    ...(letter.text === null ? {} : { text_body: letter.text }),
    ...(letter.html === null ? {} : { html_body: letter.html }),
    custom_headers: Object.fromEntries(letter.headers),
    attachments: letter.attachments.map(({ blob, contentId, contentType, disposition, filename }) => ({
      blob_id: blob.id,
      filename,
      content_type: contentType,
      size_bytes: blob.bytes.byteLength,
      disposition,
      ...(contentId === null ? {} : { content_id: contentId })
    }))
  }
}
