/**
 * Messages in the format of RFC 5322, and the headers of messages that arrive.
 */
import { encodeBase64 } from "../../../internal/dialect/schema.js"
import type { Address, ArrivedMail } from "../../state/world.js"
import type { AttachmentRecord, BlobRecord, MessageContent, MessageRecord } from "../state/records.js"

const crlf = "\r\n"

/** The text of a header. Text with other characters than printable ASCII is encoded. */
const headerText = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text) ? text : `=?utf-8?B?${encodeBase64(new TextEncoder().encode(text))}?=`

const mailboxOf = ({ email, name }: Address): string => {
  if (name === null || name === "") return email
  const shown = /^[\x20-\x7e]*$/.test(name) ? `"${name.replace(/(["\\])/g, "\\$1")}"` : headerText(name)
  return `${shown} <${email}>`
}

const addressHeader = (name: string, addresses: ReadonlyArray<Address>) =>
  addresses.length === 0 ? [] : [[name, addresses.map(mailboxOf).join(", ")] as const]

const idHeader = (name: string, values: ReadonlyArray<string>) =>
  values.length === 0 ? [] : [[name, values.join(" ")] as const]

/** The headers of a message, without those of its MIME structure. */
export const headersOf = (
  message: MessageContent & { readonly receivedAt: number }
): ReadonlyArray<readonly [name: string, value: string]> => [
  ["Date", new Date(message.sentAt ?? message.receivedAt).toUTCString().replace("GMT", "+0000")],
  ["Message-ID", message.messageId],
  ...addressHeader("From", message.from === null ? [] : [message.from]),
  ...addressHeader("To", message.to),
  ...addressHeader("Cc", message.cc),
  ...addressHeader("Reply-To", message.replyTo),
  ["Subject", headerText(message.subject)],
  ...idHeader("In-Reply-To", message.inReplyTo),
  ...idHeader("References", message.references),
  ...message.headers
]

interface Part {
  readonly headers: ReadonlyArray<string>
  readonly body: string
}

const base64Part = (contentType: string, bytes: Uint8Array, ...headers: ReadonlyArray<string>): Part => ({
  headers: [`Content-Type: ${contentType}`, "Content-Transfer-Encoding: base64", ...headers],
  body: (encodeBase64(bytes).match(/.{1,76}/g) ?? []).join(crlf)
})

/** Whether a message can contain a text as it is: ASCII in lines of at most 998 characters, none of which is a boundary. */
const isPlain = (text: string): boolean =>
  !/[^\t\r\n\x20-\x7e]/.test(text) &&
  !/\r(?!\n)/.test(text) &&
  !/[^\r\n]{999}/.test(text) &&
  !/(?:^|\n)--/.test(text)

const textPart = (subtype: "plain" | "html", text: string): Part => {
  const contentType = `text/${subtype}; charset=utf-8`
  return isPlain(text)
    ? {
        headers: [`Content-Type: ${contentType}`, "Content-Transfer-Encoding: 7bit"],
        body: text.replace(/\r?\n/g, crlf)
      }
    : base64Part(contentType, new TextEncoder().encode(text))
}

const multipart = (subtype: string, boundary: string, parts: ReadonlyArray<Part>): Part => ({
  headers: [`Content-Type: multipart/${subtype}; boundary="${boundary}"`],
  body: [...parts.flatMap((part) => [`--${boundary}`, renderPart(part)]), `--${boundary}--`, ""].join(crlf)
})

const renderPart = ({ body, headers }: Part): string => [...headers.map(headerLine), "", body].join(crlf)

/** Encodes a value as RFC 5987 specifies. A lone surrogate has no UTF-8 and is replaced. */
export const extendedValue = (text: string): string =>
  `UTF-8''${Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte)
    return /[\w.~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`
  }).join("")}`

const filenameParameter = (filename: string): string => {
  const plain = filename.replace(/["\\\p{Cc}]/gu, "_")
  return /^[\x20-\x7e]*$/.test(plain) ? `filename="${plain}"` : `filename*=${extendedValue(plain)}`
}

const filePart = ({ blob, contentId, contentType, disposition, filename }: AttachmentRecord): Part =>
  base64Part(
    contentType,
    blob.bytes,
    `Content-Disposition: ${disposition}; ${filenameParameter(filename)}`,
    ...(contentId === null ? [] : [`Content-ID: <${contentId}>`])
  )

/** A header on one line. The values of messages may contain line breaks, which would begin a header of their own. */
const headerLine = (line: string): string => line.replace(/[\r\n\0]+[ \t]*/g, " ")

/** A message with its headers, bodies and attachments. */
export const renderMessage = (
  message: MessageContent & Pick<MessageRecord, "id" | "receivedAt">
): Uint8Array => {
  const bodies = [
    ...(message.text === null && message.html !== null ? [] : [textPart("plain", message.text ?? "")]),
    ...(message.html === null ? [] : [textPart("html", message.html)])
  ]
  const [only, second] = bodies
  const body =
    only !== undefined && second === undefined ? only : multipart("alternative", `alt-${message.id}`, bodies)
  const whole =
    message.attachments.length === 0
      ? body
      : multipart("mixed", `mix-${message.id}`, [body, ...message.attachments.map(filePart)])
  const headers = [
    ...headersOf(message).map(([name, value]) => `${name}: ${value}`),
    "MIME-Version: 1.0",
    ...whole.headers
  ]
  return new TextEncoder().encode(renderPart({ headers, body: whole.body }))
}

// -----------------------------------------------------------------------------
// reading
// -----------------------------------------------------------------------------

/** The message ids in a header. */
export const idsIn = (value: string | undefined): ReadonlyArray<string> => value?.match(/<[^<>\s]+>/g) ?? []

/** The addresses in a header. */
export const addressesIn = (value: string | undefined): ReadonlyArray<Address> =>
  (value ?? "")
    .split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .map((text) => {
      const [, name = "", email] = /^(.*)<([^<>]+)>$/.exec(text) ?? []
      const shown = name.trim().replace(/^"(.*)"$/, "$1")
      return { email: email ?? text, name: email === undefined || shown === "" ? null : shown }
    })

/** The headers that a message stores in fields of their own. */
const fieldHeaders: ReadonlySet<string> = new Set([
  "message-id",
  "to",
  "cc",
  "reply-to",
  "in-reply-to",
  "references",
  "date",
  "from",
  "subject"
])

/** The content of a message that arrived. */
export const receivedContent = (
  mail: ArrivedMail,
  storeFile: (file: Omit<BlobRecord, "id">) => BlobRecord
): MessageContent => {
  const headers = new Map(Object.entries(mail.headers).map(([name, value]) => [name.toLowerCase(), value]))
  const date = Date.parse(headers.get("date") ?? "")
  return {
    from: mail.from,
    to:
      mail.addresses?.to ??
      (headers.has("to") ? addressesIn(headers.get("to")) : [{ email: mail.to, name: null }]),
    cc: mail.addresses?.cc ?? addressesIn(headers.get("cc")),
    bcc: [],
    replyTo: mail.addresses?.replyTo ?? addressesIn(headers.get("reply-to")),
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    messageId: mail.rfc5322_message_id,
    inReplyTo: idsIn(headers.get("in-reply-to")),
    references: idsIn(headers.get("references")),
    headers: Object.entries(mail.headers).filter(([name]) => !fieldHeaders.has(name.toLowerCase())),
    attachments: mail.attachments.map(({ bytes, content_id, content_type, disposition, filename }) => ({
      blob: storeFile({ filename, contentType: content_type, bytes }),
      filename,
      contentType: content_type,
      disposition: disposition ?? "attachment",
      contentId: content_id ?? null
    })),
    sentAt: Number.isNaN(date) ? mail.receivedAt : date
  }
}
