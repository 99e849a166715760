/**
 * The content of one message: its details, bodies, source and files.
 */
import type { LocalResponse } from "../../../internal/dialect/shared/localClient.js"
import { fail, found } from "../../exchange.js"
import { linksIn } from "../../mailbox/mail/content.js"
import { extendedValue, headersOf, idsIn, renderMessage } from "../../mailbox/mail/rfc5322.js"
import { previewOf } from "../../mailbox/mail/views.js"
import type { AttachmentRecord, MessageContent } from "../../mailbox/state/records.js"
import { sizeOf } from "../../mailbox/state/records.js"
import { iso } from "../../state/team.js"
import type { SentEmail } from "../../state/world.js"
import { documentHeaders, imageType, type SafeDocument, safeDocument } from "./safeHtml.js"
import type { MessageDetails, MessageSummary, ShownAttachment } from "./shapes.js"

/** A message that was sent or is in a mailbox. */
export interface Inspected extends MessageContent {
  readonly id: string
  readonly receivedAt: number
}

/** The headers of a sent message that are fields of its content. */
const fields: ReadonlySet<string> = new Set(["in-reply-to", "message-id", "references"])

/** A sent message in the form of those in mailboxes. */
export const inspectedOf = (email: SentEmail): Inspected => {
  const headers = Object.entries(email.headers)
  const named = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]))
  return {
    id: email.id,
    from: email.from,
    to: email.to,
    cc: email.cc,
    bcc: email.bcc,
    replyTo: email.reply_to,
    subject: email.subject,
    text: email.text,
    html: email.html,
    messageId: email.rfc5322_message_id,
    inReplyTo: idsIn(named.get("in-reply-to")),
    references: idsIn(named.get("references")),
    headers: headers.filter(([name]) => !fields.has(name.toLowerCase())),
    attachments: email.attachments.map(
      ({ bytes, content_id, content_type, disposition, filename }, index) => ({
        blob: { id: String(index), filename, contentType: content_type, bytes },
        filename,
        contentType: content_type,
        disposition: disposition ?? "attachment",
        contentId: content_id ?? null
      })
    ),
    sentAt: email.sentAt,
    receivedAt: email.sentAt
  }
}

/** The part of an HTML body that the preview in a list is made of, in characters. */
const previewSource = 16_384

/** The previews by what they are the preview of, because a list is read again with each change. */
const previews = new WeakMap<object, string>()

const previewFor = ({ html, text }: Inspected, origin: object): string => {
  const known = previews.get(origin)
  if (known !== undefined) return known
  const preview = previewOf({ html: html?.slice(0, previewSource) ?? null, text })
  previews.set(origin, preview)
  return preview
}

/** The summary of a message. `origin` is the object that is kept as long as the message. */
export const summaryOf = (message: Inspected, origin: object = message): MessageSummary => ({
  id: message.id,
  from: message.from,
  to: message.to,
  cc: message.cc,
  bcc: message.bcc,
  subject: message.subject,
  preview: previewFor(message, origin),
  at: iso(message.receivedAt),
  size_bytes: sizeOf(message),
  attachment_count: message.attachments.length
})

const maxLinks = 100

/** The part of a text body that is searched for links, in characters. */
const linkSource = 1_048_576

export const detailsOf = (message: Inspected): MessageDetails => {
  const { links, remoteCount } = documentOf(message)
  const textLinks = linksIn([message.text?.slice(0, linkSource) ?? null])
  return {
    reply_to: message.replyTo,
    message_id: message.messageId,
    headers: headersOf(message).map(([name, value]) => ({ name, value })),
    attachments: message.attachments.map(shownAttachment),
    has_html: message.html !== null,
    has_text: message.text !== null,
    links: [...new Set([...links, ...textLinks])].slice(0, maxLinks),
    remote_count: remoteCount
  }
}

const shownAttachment = (attachment: AttachmentRecord, index: number): ShownAttachment => ({
  index,
  filename: attachment.filename,
  content_type: attachment.contentType,
  size_bytes: attachment.blob.bytes.byteLength,
  content_id: attachment.contentId,
  is_image: imageType(attachment) !== undefined
})

const documentOf = ({ attachments, html }: Inspected): SafeDocument => {
  if (html === null) return { document: "", remoteCount: 0, links: [] }
  return safeDocument(html, (contentId) => {
    const file =
      attachments.find((attachment) => attachment.contentId === contentId) ??
      // A message that was sent through the API names its files by their file names.
      attachments.find(({ contentId: other, filename }) => other === null && filename === contentId)
    return file && { contentType: file.contentType, bytes: file.blob.bytes }
  })
}

// -----------------------------------------------------------------------------
// responses
// -----------------------------------------------------------------------------

/** The headers of every response of the inspection. What a message contains must not be read as a page. */
export const inspectionHeaders: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff"
}

const inert = { "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox" }

const htmlResponse = (message: Inspected): LocalResponse => {
  if (message.html === null) return fail("not_found", "The message has no HTML body")
  return {
    status: 200,
    headers: { ...inspectionHeaders, ...documentHeaders },
    body: documentOf(message).document
  }
}

/** Reads the query parameter `max_bytes`, after which a text is truncated. */
const maxBytesOf = (url: URL): number => {
  const text = url.searchParams.get("max_bytes")
  if (text === null) return Number.POSITIVE_INFINITY
  return /^[1-9]\d{0,14}$/.test(text)
    ? Number(text)
    : fail("invalid_parameter", "The parameter max_bytes must be a positive integer", { param: "max_bytes" })
}

/** Text of a message. The header `x-sandbox-size` has the number of its bytes, also if it was truncated. */
const textResponse = (
  bytes: Uint8Array,
  url: URL,
  headers: Readonly<Record<string, string>> = {}
): LocalResponse => ({
  status: 200,
  headers: {
    ...inspectionHeaders,
    ...inert,
    "content-type": "text/plain; charset=utf-8",
    "x-sandbox-size": String(bytes.byteLength),
    ...headers
  },
  body: bytes.subarray(0, Math.min(bytes.byteLength, maxBytesOf(url)))
})

const attachmentResponse = ({ attachments }: Inspected, index: string): LocalResponse => {
  const attachment = found(/^\d{1,6}$/.test(index) ? attachments[Number(index)] : undefined, "attachment")
  const { bytes } = attachment.blob
  return {
    status: 200,
    headers: {
      ...inspectionHeaders,
      ...inert,
      "content-type": imageType(attachment) ?? "application/octet-stream",
      "content-disposition": attachmentDisposition(attachment.filename),
      "content-length": String(bytes.byteLength)
    },
    body: bytes
  }
}

/** The header for a download. The name of a file may contain anything, and a header has ASCII only. */
export const attachmentDisposition = (filename: string): string => {
  // A path, a control character and a change of the direction of writing have no place in the name of a file.
  const name = filename.replace(/[\\/\p{Cc}\p{Cf}]/gu, "_").replace(/^\.+/, "_")
  return `attachment; filename*=${extendedValue(name === "" ? "attachment" : name)}`
}

/**
 * Responds with a part of a message: `html`, `text`, `raw`, or `attachments/{index}`. A part that does not exist throws
 * `not_found`.
 */
export const partResponse = (
  message: Inspected,
  part: string,
  index: string | undefined,
  url: URL
): LocalResponse => {
  switch (part) {
    case "html":
      return htmlResponse(message)
    case "text":
      return message.text === null
        ? fail("not_found", "The message has no text body")
        : textResponse(new TextEncoder().encode(message.text), url)
    case "raw":
      return textResponse(renderMessage(message), url, {
        ...(url.searchParams.has("download")
          ? {
              "content-type": "message/rfc822",
              "content-disposition": attachmentDisposition(`${message.id}.eml`)
            }
          : {})
      })
    case "attachments":
      return attachmentResponse(message, index ?? "")
    default:
      return fail("not_found", `A message has no part ${part}`)
  }
}
