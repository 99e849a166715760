/**
 * Messages in the format of RFC 5322 that arrive.
 */
import * as Effect from "effect/Effect"
import type { Address as ParsedAddress, Email } from "postal-mime"
import type { Address, InboundMail, SentAttachment } from "../state/world.js"
import { InboundMailError } from "./errors.js"
import type { RawMailOptions } from "./model.js"

/** Reads a message. The parser is loaded with the first one, because most programs need none. */
const parse = (mail: string | Uint8Array): Effect.Effect<Email, InboundMailError> =>
  Effect.tryPromise({
    try: async () => (await import("postal-mime")).default.parse(mail, { attachmentEncoding: "arraybuffer" }),
    catch: (error) =>
      new InboundMailError({
        detail: `The message cannot be read: ${error instanceof Error ? error.message : "it is malformed"}`
      })
  })

/** The addresses of a header, with those of its groups. */
const addressesOf = (parsed: ReadonlyArray<ParsedAddress> | undefined): ReadonlyArray<Address> =>
  (parsed ?? []).flatMap((entry) =>
    "group" in entry && entry.group !== undefined
      ? addressesOf(entry.group)
      : entry.address === undefined || entry.address === ""
        ? []
        : [{ email: entry.address, name: entry.name === "" ? null : (entry.name ?? null) }]
  )

const fileOf = (
  { content, contentId, disposition, filename, mimeType }: Email["attachments"][number],
  index: number
): SentAttachment => ({
  filename: filename ?? `attachment-${index + 1}`,
  content_type: mimeType,
  bytes: typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content),
  ...(disposition === "inline" ? { disposition: "inline" as const } : {}),
  ...(contentId === undefined ? {} : { content_id: contentId.replace(/^<|>$/g, "") })
})

/** The headers that describe the MIME structure, or that the message gets from its fields. */
const left: ReadonlySet<string> = new Set([
  "content-type",
  "content-transfer-encoding",
  "content-disposition",
  "mime-version",
  "bcc",
  "to",
  "cc",
  "reply-to",
  "from",
  "subject",
  "date"
])

/** The headers as a message stores them. A repeated header keeps its first value, as the newest one is on top. */
const headersOf = ({
  date,
  headers,
  inReplyTo,
  messageId,
  references
}: Email): Readonly<Record<string, string>> => {
  const kept: Record<string, string> = {}
  for (const { key, originalKey, value } of headers) {
    if (!left.has(key) && !["message-id", "in-reply-to", "references"].includes(key))
      kept[originalKey] ??= value
  }
  return {
    ...kept,
    ...(messageId === undefined ? {} : { "message-id": messageId }),
    ...(inReplyTo === undefined ? {} : { "in-reply-to": inReplyTo }),
    ...(references === undefined ? {} : { references }),
    ...(date === undefined ? {} : { date })
  }
}

/** Reads a message, and returns one for each of its recipients. */
export const inboundOfRaw = (
  mail: string | Uint8Array,
  { spam = false, to }: RawMailOptions,
  receivedAt: number
): Effect.Effect<ReadonlyArray<InboundMail>, InboundMailError> =>
  Effect.flatMap(parse(mail), (email) => {
    const addresses = {
      to: addressesOf(email.to),
      cc: addressesOf(email.cc),
      replyTo: addressesOf(email.replyTo)
    }
    const named = [...addresses.to, ...addresses.cc, ...addressesOf(email.bcc)].map(
      (address) => address.email
    )
    const delivered = email.deliveredTo === undefined ? named : [...named, email.deliveredTo]
    const recipients = new Set(
      (to === undefined ? delivered : typeof to === "string" ? [to] : to).map((address) =>
        address.replace(/^<|>$/g, "").toLowerCase()
      )
    )
    if (recipients.size === 0) {
      return Effect.fail(
        new InboundMailError({
          detail: "The message has no recipient in its headers. Set `to` to the address of a mailbox"
        })
      )
    }
    const [from = { email: "unknown@invalid", name: null }] = addressesOf(
      email.from === undefined ? undefined : [email.from]
    )
    const facts = {
      from,
      subject: email.subject ?? "",
      text: email.text ?? null,
      html: email.html ?? null,
      headers: headersOf(email),
      attachments: email.attachments.map(fileOf),
      addresses,
      spam,
      receivedAt
    }
    return Effect.succeed([...recipients].map((recipient) => ({ ...facts, to: recipient })))
  })
