/**
 * The content of a message, cleaned or raw. Cleaning removes quotes and the signature, and extracts the links.
 */
import type { CleanContentInput } from "../../../mailbox/filters.js"
import { digest } from "../../state/ids.js"
import { iso, isoOrNull } from "../../state/team.js"
import type { MessageRecord } from "../state/records.js"
import { textOfHtml } from "./plainText.js"
import { headersOf } from "./rfc5322.js"
import { showAttachment } from "./views.js"

const withoutQuotes = (text: string): string => {
  const lines = text.split(/\r?\n/)
  const original = lines.findIndex((line) => /^\s*-{2,}\s*original message\s*-{2,}/i.test(line))
  const own = original === -1 ? lines : lines.slice(0, original)
  return own
    .filter((line, index) => {
      if (/^\s*>/.test(line)) return false
      const next = own.slice(index + 1).find((later) => later.trim() !== "")
      return !(/\b(wrote|schrieb|écrit)\s*:\s*$/i.test(line) && next !== undefined && /^\s*>/.test(next))
    })
    .join("\n")
    .trimEnd()
}

const withoutSignature = (text: string): string => {
  const lines = text.split(/\r?\n/)
  const at = lines.findIndex((line) => line === "-- " || line === "--")
  return at === -1 ? text : lines.slice(0, at).join("\n").trimEnd()
}

const withoutHtmlQuotes = (html: string): string =>
  html.replace(/<blockquote\b[\s\S]*<\/blockquote\s*>/gi, "")

/** The links in texts, each once. */
export const linksIn = (texts: ReadonlyArray<string | null>): ReadonlyArray<string> => [
  ...new Set(
    texts.flatMap((text) => [...(text ?? "").matchAll(/https?:\/\/[^\s<>"')\]]+/g)].map(([link]) => link))
  )
]

/** Text that may have been truncated. */
interface Truncated {
  readonly text: string | null
  readonly isTruncated: boolean
}

/** Limits a text to the given number of characters. */
const truncate = (text: string | null, max: number): Truncated =>
  text !== null && text.length > max
    ? { text: text.slice(0, max), isTruncated: true }
    : { text, isTruncated: false }

export const defaultBodyChars = 100_000
export const defaultThreadBodyChars = 25_000

/** The cleaned content of a message. */
export const cleanContent = (
  message: MessageRecord,
  input: CleanContentInput,
  defaultChars: number = defaultBodyChars
) => {
  const {
    include_attachments = "metadata",
    include_headers = "selected",
    include_html = false,
    include_links = true,
    max_body_chars = defaultChars,
    part = "auto",
    strip_quotes = true,
    strip_signature = true
  } = input
  const fromHtml = part === "html" || (part === "auto" && message.text === null)
  const source = fromHtml ? message.html : message.text
  const raw =
    source === null ? null : fromHtml ? textOfHtml(strip_quotes ? withoutHtmlQuotes(source) : source) : source
  const unquoted = raw === null || !strip_quotes ? raw : withoutQuotes(raw)
  const unsigned = unquoted === null || !strip_signature ? unquoted : withoutSignature(unquoted)
  const body = truncate(unsigned, max_body_chars)
  const quotesStripped =
    unquoted !== raw || (fromHtml && strip_quotes && source !== null && withoutHtmlQuotes(source) !== source)
  const html = include_html ? truncate(message.html, max_body_chars) : { text: null, isTruncated: false }
  const truncated = body.isTruncated || html.isTruncated
  return {
    id: message.id,
    thread_id: message.threadId,
    subject: message.subject,
    participants: {
      from: message.from,
      to: message.to,
      cc: message.cc,
      bcc: message.bcc,
      reply_to: message.replyTo
    },
    dates: { received_at: iso(message.receivedAt), sent_at: isoOrNull(message.sentAt ?? undefined) },
    body: {
      format: source === null ? null : fromHtml ? "html" : "text",
      text: body.text,
      html: html.text,
      cleaned_html: null,
      html_cleaning: null,
      extracted_links: include_links ? linksIn([unsigned, message.html]) : [],
      is_truncated: truncated,
      truncated_at_chars: truncated ? max_body_chars : null,
      quotes_stripped: quotesStripped,
      signature_stripped: unsigned !== unquoted
    },
    headers: {
      mode: include_headers,
      selected:
        include_headers === "selected"
          ? {
              message_id: [message.messageId],
              in_reply_to: message.inReplyTo[0] ?? null,
              references: message.references,
              reply_to: message.replyTo
            }
          : null,
      full: include_headers === "full" ? headersOf(message).map(([name, value]) => ({ name, value })) : null
    },
    attachments:
      include_attachments === "none"
        ? []
        : message.attachments.map((attachment) => showAttachment(attachment)),
    states: { email_state: null, option_hash: digest(JSON.stringify({ ...input, defaultChars })) }
  }
}

export interface RawBodyInput {
  readonly part?: "text" | "html" | "both" | undefined
  readonly max_body_chars?: number | undefined
}

/** The bodies of a message, unchanged. */
export const rawBody = (
  message: MessageRecord,
  { part = "both", max_body_chars = defaultBodyChars }: RawBodyInput
) => {
  const text = truncate(part === "html" ? null : message.text, max_body_chars)
  const html = truncate(part === "text" ? null : message.html, max_body_chars)
  const truncated = text.isTruncated || html.isTruncated
  return {
    id: message.id,
    thread_id: message.threadId,
    part,
    body: {
      text: text.text,
      html: html.text,
      is_truncated: truncated,
      truncated_at_chars: truncated ? max_body_chars : null
    },
    states: { email_state: null }
  }
}
