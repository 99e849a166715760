/**
 * The content of a message that a caller sends.
 */
import { decodeBase64 } from "../../../internal/dialect/schema.js"
import type { MailboxAddressInput } from "../../../mailbox/addresses.js"
import type { SendMessageInput } from "../../../mailbox/messages/inputs.js"
import { failField } from "../../exchange.js"
import type { Address } from "../../state/world.js"
import type { AttachmentRecord, BlobRecord, MessageContent } from "../state/records.js"
import type { MailboxStore } from "../state/store.js"
import { idsIn } from "./rfc5322.js"

const maxInlineBytes = 5_000_000

/** Stores a file, so that messages can refer to it. */
export const storeBlob = (store: MailboxStore, file: Omit<BlobRecord, "id">): BlobRecord => {
  const blob: BlobRecord = { id: store.id("blob"), ...file }
  store.files.add(blob)
  return blob
}

/** Makes a `Message-ID` in the domain of the mailbox. */
export const newMessageId = (store: MailboxStore): string =>
  `<${store.id("m", 20)}@${store.mailbox.email.split("@")[1] ?? "sandbox.test"}>`

export const addressOf = ({ email, name }: MailboxAddressInput): Address => ({ email, name: name ?? null })

/** The sender of a message: the address of the mailbox, with any display name. */
export const senderOf = (store: MailboxStore, from: MailboxAddressInput | undefined): Address => {
  if (from === undefined) {
    return { email: store.mailbox.email, name: store.identity.name === "" ? null : store.identity.name }
  }
  return from.email.toLowerCase() === store.mailbox.email.toLowerCase()
    ? addressOf(from)
    : failField("from.email", "is not an address that the mailbox can send from", "sender_not_allowed")
}

const attachmentOf = (
  store: MailboxStore,
  attachment: NonNullable<SendMessageInput["attachments"]>[number],
  index: number
): AttachmentRecord => {
  const field = `attachments[${index}]`
  const { content_type: contentType, filename } = attachment
  const shared = { filename, contentType, disposition: "attachment", contentId: null } as const
  if ("blob_id" in attachment) {
    const blob =
      store.files.get(attachment.blob_id) ??
      failField(`${field}.blob_id`, "is not the id of an uploaded file")
    return { blob, ...shared }
  }
  const { content } = attachment
  const bytes =
    typeof content === "string"
      ? (decodeBase64(content.replace(/[\r\n]/g, "")) ?? failField(`${field}.content`, "is not valid base64"))
      : content
  if (bytes.byteLength > maxInlineBytes) {
    return failField(
      `${field}.content`,
      `must have at most ${maxInlineBytes} bytes. Upload a larger file and send its blob_id`
    )
  }
  return { blob: storeBlob(store, { filename, contentType, bytes }), ...shared }
}

/** The headers that assign a message to a thread. A message stores them in fields of their own. */
const threadHeaders: ReadonlySet<string> = new Set(["in-reply-to", "references"])

export const contentToSend = (store: MailboxStore, input: SendMessageInput, now: number): MessageContent => {
  const headers = Object.entries(input.custom_headers ?? {})
  const byName = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]))
  return {
    from: senderOf(store, input.from),
    to: (input.to ?? []).map(addressOf),
    cc: (input.cc ?? []).map(addressOf),
    bcc: (input.bcc ?? []).map(addressOf),
    replyTo: (input.reply_to ?? []).map(addressOf),
    subject: input.subject ?? "",
    text: input.text_body ?? null,
    html: input.html_body ?? null,
    messageId: newMessageId(store),
    inReplyTo: idsIn(byName.get("in-reply-to")),
    references: idsIn(byName.get("references")),
    headers: headers.filter(([name]) => !threadHeaders.has(name.toLowerCase())),
    attachments: (input.attachments ?? []).map((attachment, index) => attachmentOf(store, attachment, index)),
    sentAt: now
  }
}
