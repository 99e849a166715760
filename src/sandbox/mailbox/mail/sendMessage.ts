/**
 * A message that a caller wants to send, as a letter.
 */
import { decodeBase64 } from "../../../internal/dialect/schema.js"
import type { MailboxAddressInput } from "../../../mailbox/addresses.js"
import type { SendMessageInput } from "../../../mailbox/messages/inputs.js"
import { refuseField } from "../../exchange.js"
import type { Address } from "../../state/world.js"
import type { AttachmentRecord, BlobRecord, Letter } from "../state/records.js"
import type { MailboxStore } from "../state/store.js"
import { idsIn } from "./rfc5322.js"

const maxInlineBytes = 5_000_000

/** Keeps a file, so that messages may refer to it. */
export const keepBlob = (
  store: MailboxStore,
  file: { readonly filename: string; readonly contentType: string; readonly bytes: Uint8Array }
): BlobRecord => {
  const blob: BlobRecord = { id: store.id("blob"), ...file }
  store.blobs.set(blob.id, blob)
  return blob
}

/** A `Message-ID` of the mailbox's own domain. */
export const newMessageId = (store: MailboxStore): string =>
  `<${store.id("m", 20)}@${store.mailbox.email.split("@")[1] ?? "sandbox.test"}>`

export const addressOf = ({ email, name }: MailboxAddressInput): Address => ({ email, name: name ?? null })

/** The sender: the mailbox itself, under whatever name. */
export const senderOf = (store: MailboxStore, from: MailboxAddressInput | undefined): Address => {
  if (from === undefined) {
    return { email: store.mailbox.email, name: store.identity.name === "" ? null : store.identity.name }
  }
  return from.email.toLowerCase() === store.mailbox.email.toLowerCase()
    ? addressOf(from)
    : refuseField("from.email", "is not an address that the mailbox may write as", "sender_not_allowed")
}

const attachmentOf = (
  store: MailboxStore,
  attachment: NonNullable<SendMessageInput["attachments"]>[number],
  index: number
): AttachmentRecord => {
  const field = `attachments[${index}]`
  const { content_type: contentType, filename } = attachment
  const place = { filename, contentType, disposition: "attachment", contentId: null } as const
  if ("blob_id" in attachment) {
    const blob =
      store.blobs.get(attachment.blob_id) ??
      refuseField(`${field}.blob_id`, "is not a file that was uploaded")
    return { blob, ...place }
  }
  const { content } = attachment
  const bytes =
    typeof content === "string"
      ? (decodeBase64(content.replace(/[\r\n]/g, "")) ?? refuseField(`${field}.content`, "is not base64"))
      : content
  if (bytes.byteLength > maxInlineBytes) {
    return refuseField(`${field}.content`, `has more than ${maxInlineBytes} bytes: upload it`)
  }
  return { blob: keepBlob(store, { filename, contentType, bytes }), ...place }
}

/** Headers that give a message its place in a conversation. */
const threading = new Set(["in-reply-to", "references"])

export const letterToSend = (store: MailboxStore, input: SendMessageInput, now: number): Letter => {
  const headers = Object.entries(input.custom_headers ?? {})
  const named = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]))
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
    inReplyTo: idsIn(named.get("in-reply-to")),
    references: idsIn(named.get("references")),
    headers: headers.filter(([name]) => !threading.has(name.toLowerCase())),
    attachments: (input.attachments ?? []).map((attachment, index) => attachmentOf(store, attachment, index)),
    sentAt: now
  }
}
