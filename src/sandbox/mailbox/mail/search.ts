/**
 * Finds and sorts messages, and makes the snippets of a search.
 */
import type { MessageFilter } from "../../../mailbox/filters.js"
import { fail } from "../../exchange.js"
import { millisOf } from "../../state/team.js"
import type { Address } from "../../state/world.js"
import type { MessageRecord } from "../state/records.js"
import { compare, isUnread, type MailboxStore } from "../state/store.js"
import { readableText, textOfHtml } from "./plainText.js"
import { headersOf } from "./rfc5322.js"

type Filter = MessageFilter & { readonly thread_id?: string | undefined }

interface Order {
  readonly sort_by?: "received_at" | "sent_at" | "subject" | "from" | "to" | "size_bytes" | undefined
  readonly sort_direction?: "asc" | "desc" | undefined
}

/** The words of a search in lower case. A quoted phrase counts as one word. */
export const wordsOf = (query: string): ReadonlyArray<string> =>
  [...query.toLowerCase().matchAll(/"([^"]+)"|(\S+)/g)].flatMap(([, phrase, word]) => phrase ?? word ?? [])

const addressText = ({ email, name }: Address): string => `${name ?? ""} ${email}`

const includes = (text: string, part: string): boolean => text.toLowerCase().includes(part.toLowerCase())

const hasAll = (text: string, query: string): boolean => {
  const lowerCase = text.toLowerCase()
  return wordsOf(query).every((word) => lowerCase.includes(word))
}

const bodyText = ({ html, text }: MessageRecord): string =>
  `${text ?? ""}\n${html === null ? "" : textOfHtml(html)}`

const searchableText = (message: MessageRecord): string =>
  [
    message.subject,
    bodyText(message),
    ...[...(message.from === null ? [] : [message.from]), ...message.to, ...message.cc, ...message.bcc].map(
      addressText
    ),
    ...message.attachments.map(({ filename }) => filename)
  ].join("\n")

/** The milliseconds of an instant in a query. Fails if it is not valid. */
export const timeIn = (
  param: string,
  value: Parameters<typeof millisOf>[0] | undefined
): number | undefined => {
  if (value === undefined) return undefined
  const millis = millisOf(value)
  return Number.isNaN(millis)
    ? fail("invalid_parameter", `The parameter ${param} must be a valid instant`, { param })
    : millis
}

const someAddress = (addresses: ReadonlyArray<Address>, part: string | undefined): boolean =>
  part === undefined || addresses.some((address) => includes(addressText(address), part))

/** A keyword as it is kept. */
export const keywordOf = (keyword: string): string => keyword.toLowerCase()

const hasHeader = (message: MessageRecord, name: string, value: string | undefined): boolean =>
  headersOf(message).some(
    ([known, text]) =>
      known.toLowerCase() === name.toLowerCase() && (value === undefined || includes(text, value))
  )

/** The messages that match a filter, unsorted. */
export const findMessages = (store: MailboxStore, filter: Filter): ReadonlyArray<MessageRecord> => {
  const after = timeIn("after", filter.after) ?? Number.NEGATIVE_INFINITY
  const before = timeIn("before", filter.before) ?? Number.POSITIVE_INFINITY
  return [...store.messages.values()].filter(
    (message) =>
      (filter.thread_id === undefined || message.threadId === filter.thread_id) &&
      (filter.folder_id === undefined || message.folderId === filter.folder_id) &&
      message.receivedAt >= after &&
      message.receivedAt < before &&
      message.size >= (filter.min_size_bytes ?? 0) &&
      message.size <= (filter.max_size_bytes ?? Number.POSITIVE_INFINITY) &&
      (filter.is_unread === undefined || isUnread(message) === filter.is_unread) &&
      (filter.has_attachment !== true || message.attachments.length > 0) &&
      (filter.keyword === undefined || message.keywords.has(keywordOf(filter.keyword))) &&
      (filter.not_keyword === undefined || !message.keywords.has(keywordOf(filter.not_keyword))) &&
      someAddress(message.from === null ? [] : [message.from], filter.from) &&
      someAddress(message.to, filter.to) &&
      someAddress(message.cc, filter.cc) &&
      someAddress(message.bcc, filter.bcc) &&
      (filter.subject === undefined || hasAll(message.subject, filter.subject)) &&
      (filter.body === undefined || hasAll(bodyText(message), filter.body)) &&
      (filter.header_name === undefined || hasHeader(message, filter.header_name, filter.header_value)) &&
      (filter.q === undefined || hasAll(searchableText(message), filter.q))
  )
}

const orders: Readonly<
  Record<NonNullable<Order["sort_by"]>, (a: MessageRecord, b: MessageRecord) => number>
> = {
  received_at: (a, b) => a.receivedAt - b.receivedAt,
  sent_at: (a, b) => (a.sentAt ?? a.receivedAt) - (b.sentAt ?? b.receivedAt),
  subject: (a, b) => compare(baseSubject(a.subject), baseSubject(b.subject)),
  from: (a, b) => compare(a.from?.email.toLowerCase() ?? "", b.from?.email.toLowerCase() ?? ""),
  to: (a, b) => compare(a.to[0]?.email.toLowerCase() ?? "", b.to[0]?.email.toLowerCase() ?? ""),
  size_bytes: (a, b) => a.size - b.size
}

/** A subject in lower case without the prefixes of replies and forwarded messages. */
const baseSubject = (subject: string): string =>
  subject.toLowerCase().replace(/^(\s*(re|fwd?|aw|wg)\s*:)+\s*/, "")

/** Sorts messages, newest first by default. */
export const sortMessages = (
  messages: ReadonlyArray<MessageRecord>,
  { sort_by = "received_at", sort_direction = "desc" }: Order
): ReadonlyArray<MessageRecord> => {
  const sign = sort_direction === "asc" ? 1 : -1
  return [...messages].sort(
    (a, b) => sign * (orders[sort_by](a, b) || a.receivedAt - b.receivedAt || a.order - b.order)
  )
}

// -----------------------------------------------------------------------------
// snippets
// -----------------------------------------------------------------------------

const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

const marked = (text: string, words: ReadonlyArray<string>): string | null => {
  if (words.length === 0) return null
  const pattern = new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "gi")
  let at = 0
  let shown = ""
  for (const match of text.matchAll(pattern)) {
    shown += `${escapeHtml(text.slice(at, match.index))}<mark>${escapeHtml(match[0])}</mark>`
    at = match.index + match[0].length
  }
  return at === 0 ? null : shown + escapeHtml(text.slice(at))
}

const snippetBefore = 60
const snippetLength = 240

/** The parts of a message that contain words of a search, with `<mark>` around the words. Null if there is none. */
export const snippetOf = (message: MessageRecord, query: string) => {
  const words = wordsOf(query)
  const body = readableText(message).replace(/\s+/g, " ").trim()
  const lowerCase = body.toLowerCase()
  const positions = words.map((word) => lowerCase.indexOf(word)).filter((position) => position !== -1)
  const start = Math.max(0, Math.min(...positions) - snippetBefore)
  return {
    message_id: message.id,
    subject: marked(message.subject, words),
    preview: positions.length === 0 ? null : marked(body.slice(start, start + snippetLength), words)
  }
}
