/**
 * The content of drafts: what a caller provides, and what is prepared from another message.
 */
import type { DraftContent } from "../../../mailbox/drafts/schemas.js"
import { failField } from "../../exchange.js"
import { isoOrNull } from "../../state/team.js"
import type { Address } from "../../state/world.js"
import type { DraftRecord } from "../state/draftRecords.js"
import type { AttachmentRecord, MessageContent, MessageRecord } from "../state/records.js"
import type { MailboxStore } from "../state/store.js"
import { addressOf, newMessageId, senderOf } from "./messageInput.js"
import { readableText } from "./plainText.js"

export const emptyContent = (store: MailboxStore): MessageContent => ({
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
  input: NonNullable<DraftContent["attachments"]>[number],
  index: number
): AttachmentRecord => {
  const field = `attachments[${index}]`
  const blob =
    store.files.get(input.blob_id) ?? failField(`${field}.blob_id`, "is not the id of an uploaded file")
  const size = blob.bytes.byteLength
  if (size !== input.size_bytes) {
    return failField(`${field}.size_bytes`, `must be the size of the file, which is ${size}`)
  }
  return {
    blob,
    filename: input.filename,
    contentType: input.content_type,
    disposition: input.disposition ?? "attachment",
    contentId: input.content_id ?? null
  }
}

/** An empty body clears the one before. */
const bodyAfter = (before: string | null, given: string | undefined): string | null =>
  given === undefined ? before : given === "" ? null : given

/** Applies the input of a caller to a draft. A field that the input omits stays as it is. */
export const updatedContent = (
  store: MailboxStore,
  before: MessageContent,
  input: DraftContent
): MessageContent => {
  return {
    ...before,
    from: input.from === undefined ? before.from : senderOf(store, input.from),
    to: input.to?.map(addressOf) ?? before.to,
    cc: input.cc?.map(addressOf) ?? before.cc,
    bcc: input.bcc?.map(addressOf) ?? before.bcc,
    replyTo: input.reply_to?.map(addressOf) ?? before.replyTo,
    subject: input.subject ?? before.subject,
    text: bodyAfter(before.text, input.text_body),
    html: bodyAfter(before.html, input.html_body),
    headers: input.custom_headers === undefined ? before.headers : Object.entries(input.custom_headers),
    attachments:
      input.attachments?.map((attachment, index) => attachmentOf(store, attachment, index)) ??
      before.attachments
  }
}

const referencesTo = (source: MessageRecord): ReadonlyArray<string> => [
  ...new Set([...source.references, source.messageId])
]

/** Makes the content a reply to a message. */
export const inReplyTo = (content: MessageContent, source: MessageRecord): MessageContent => ({
  ...content,
  inReplyTo: [source.messageId],
  references: referencesTo(source)
})

const prefixed = (prefix: string, subject: string): string =>
  new RegExp(`^${prefix}:`, "i").test(subject) ? subject : `${prefix}: ${subject}`

const quoted = (text: string): string =>
  text
    .split(/\r?\n/)
    .map((line) => `> ${line}`)
    .join("\n")

const nameOf = (address: Address | null): string => address?.name ?? address?.email ?? "unknown sender"

const dateOf = (source: MessageRecord): string => new Date(source.sentAt ?? source.receivedAt).toUTCString()

const forwardOf = (store: MailboxStore, source: MessageRecord): MessageContent => {
  const header = [
    "---------- Forwarded message ----------",
    `From: ${nameOf(source.from)}`,
    `Date: ${dateOf(source)}`,
    `Subject: ${source.subject}`
  ]
  return {
    ...emptyContent(store),
    subject: prefixed("Fwd", source.subject),
    text: `\n\n${header.join("\n")}\n\n${readableText(source)}`,
    references: referencesTo(source),
    attachments: source.attachments
  }
}

const replyOf = (store: MailboxStore, source: MessageRecord, toAll: boolean): MessageContent => {
  const ownAddress = store.mailbox.email.toLowerCase()
  const isOwn = ({ email }: Address) => email.toLowerCase() === ownAddress
  const sender = source.from === null ? [] : [source.from]
  // A reply to a message that the mailbox sent goes to the recipients of that message.
  const authors = sender.some(isOwn) ? source.to : sender
  const to = source.replyTo.length > 0 ? source.replyTo : authors
  const included = new Set(to.map(({ email }) => email.toLowerCase()))
  const others = [...source.to, ...source.cc].filter(
    (address) => !isOwn(address) && !included.has(address.email.toLowerCase())
  )
  const content: MessageContent = {
    ...emptyContent(store),
    to,
    cc: toAll ? others : [],
    subject: prefixed("Re", source.subject),
    text: `\n\nOn ${dateOf(source)}, ${nameOf(source.from)} wrote:\n${quoted(readableText(source))}`
  }
  return inReplyTo(content, source)
}

/** Prepares the content of a draft from a message. */
export const preparedFrom = (
  store: MailboxStore,
  source: MessageRecord,
  action: "reply" | "reply_all" | "forward"
): MessageContent =>
  action === "forward" ? forwardOf(store, source) : replyOf(store, source, action === "reply_all")

export const showDraft = (draft: DraftRecord) => {
  const { content } = draft
  return {
    id: draft.id,
    revision: draft.revision,
    status: draft.status,
    message_id: draft.messageId,
    scheduled_for: isoOrNull(draft.scheduledFor),
    schedule_version: draft.scheduleVersion,
    failure_code: draft.failure,
    in_reply_to: content.inReplyTo,
    references: content.references,
    ...(draft.replyTo === undefined ? {} : { reply_to_message_id: draft.replyTo }),
    ...(content.from === null ? {} : { from: content.from }),
    to: content.to,
    cc: content.cc,
    bcc: content.bcc,
    reply_to: content.replyTo,
    subject: content.subject,
    ...(content.text === null ? {} : { text_body: content.text }),
    ...(content.html === null ? {} : { html_body: content.html }),
    custom_headers: Object.fromEntries(content.headers),
    attachments: content.attachments.map(({ blob, contentId, contentType, disposition, filename }) => ({
      blob_id: blob.id,
      filename,
      content_type: contentType,
      size_bytes: blob.bytes.byteLength,
      disposition,
      ...(contentId === null ? {} : { content_id: contentId })
    }))
  }
}
