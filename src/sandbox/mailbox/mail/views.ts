/**
 * Messages, folders and threads as the API shows them.
 */
import { iso, isoOrNull } from "../../state/team.js"
import type {
  AttachmentRecord,
  FolderRecord,
  MessageContent,
  MessageRecord,
  ThreadRecord
} from "../state/records.js"
import { isUnread, type MailboxStore } from "../state/store.js"
import { readableText } from "./plainText.js"

export const showFolder = (store: MailboxStore, folder: FolderRecord) => {
  const messages = store.messagesIn(folder.id)
  return {
    id: folder.id,
    name: folder.name,
    role: folder.role,
    parent_id: folder.parentId,
    sort_order: folder.sortOrder,
    total_messages: messages.length,
    unread_messages: messages.filter(isUnread).length,
    can_add_items: true
  }
}

/** Makes the URL from which an attachment can be downloaded without an API key. */
export type SignDownload = (attachment: AttachmentRecord) => string

export const showAttachment = (attachment: AttachmentRecord, sign?: SignDownload) => ({
  id: attachment.blob.id,
  filename: attachment.filename,
  content_type: attachment.contentType,
  size_bytes: attachment.blob.bytes.byteLength,
  disposition: attachment.disposition,
  content_id: attachment.contentId,
  ...(sign === undefined ? {} : { download_url: sign(attachment) })
})

const previewLength = 200

/** The part of a body that a preview is made of, in characters. Converting megabytes of HTML would take seconds. */
const previewSource = 65_536

const startOf = (text: string | null): string | null => text?.slice(0, previewSource) ?? null

export const previewOf = ({ html, text }: Pick<MessageContent, "html" | "text">): string =>
  readableText({ html: startOf(html), text: startOf(text) })
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, previewLength)

export const showSummary = (message: MessageRecord, sign?: SignDownload) => ({
  id: message.id,
  thread_id: message.threadId,
  folder_ids: [message.folderId],
  subject: message.subject,
  from: message.from,
  to: message.to,
  cc: message.cc,
  bcc: message.bcc,
  preview: previewOf(message),
  flags: {
    seen: message.keywords.has("$seen"),
    flagged: message.keywords.has("$flagged"),
    answered: message.keywords.has("$answered"),
    draft: message.keywords.has("$draft")
  },
  keywords: [...message.keywords].sort(),
  has_attachments: message.attachments.length > 0,
  attachments: message.attachments.map((attachment) => showAttachment(attachment, sign)),
  size_bytes: message.size,
  received_at: iso(message.receivedAt),
  sent_at: isoOrNull(message.sentAt ?? undefined)
})

export const showMessage = (message: MessageRecord, sign?: SignDownload) => ({
  ...showSummary(message, sign),
  text_body: message.text,
  html_body: message.html,
  message_id: [message.messageId],
  in_reply_to: message.inReplyTo,
  references: message.references,
  reply_to: message.replyTo
})

export const showThread = (store: MailboxStore, thread: ThreadRecord) => {
  const messages = store.messagesOf(thread)
  const last = messages.at(-1)
  const participants = new Map(
    messages
      .flatMap(({ cc, from, to }) => [...(from === null ? [] : [from]), ...to, ...cc])
      .reverse()
      .map((address) => [address.email.toLowerCase(), address])
  )
  return {
    id: thread.id,
    subject: messages[0]?.subject ?? null,
    participants: [...participants.values()].reverse(),
    folder_ids: [...new Set(messages.map(({ folderId }) => folderId))],
    message_count: messages.length,
    unread_count: messages.filter(isUnread).length,
    has_attachments: messages.some(({ attachments }) => attachments.length > 0),
    last_message: last === undefined ? null : showSummary(last),
    states: { thread_state: thread.threadState, email_state: thread.messageState }
  }
}
