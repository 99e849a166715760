/**
 * The lists of the control: sent messages and received requests.
 */
import * as Effect from "effect/Effect"
import type { Ring } from "../state/bounded.js"
import type { SentEmail } from "../state/world.js"
import { type ControlRoute, okResponse, readPage } from "./dispatch.js"

/** The size of the attachments after which a page of messages ends. */
const maxPageBytes = 16_777_216

const emailPage = (outbox: Ring<SentEmail>, cursor: number, limit: number) => {
  const emails: Array<SentEmail> = []
  let bytes = 0
  const { hasMore, items, next: end } = outbox.slice(cursor, limit)
  for (const email of items) {
    bytes += email.attachments.reduce((sum, file) => sum + file.bytes.byteLength, 0)
    if (emails.length > 0 && bytes > maxPageBytes) break
    emails.push(email)
  }
  const left = items.length - emails.length
  return { emails: emails.map(showEmail), has_more: hasMore || left > 0, next_cursor: String(end - left) }
}

/** A multiple of three bytes, so that the base64 of the parts joins to that of the whole. */
const base64Part = 24_576

/** Encodes bytes with the encoder of the runtime, which is many times faster than one in JavaScript. */
export const toBase64 = (bytes: Uint8Array): string => {
  let text = ""
  for (let start = 0; start < bytes.byteLength; start += base64Part) {
    text += btoa(String.fromCharCode(...bytes.subarray(start, start + base64Part)))
  }
  return text
}

/** A sent message as the control shows it. */
export const showEmail = ({ attachments, sentAt, ...email }: SentEmail) => ({
  ...email,
  sent_at: new Date(sentAt).toISOString(),
  attachments: attachments.map(({ bytes, content_id, content_type, disposition, filename }) => ({
    filename,
    content_type,
    content_id,
    disposition,
    size_bytes: bytes.byteLength,
    content: toBase64(bytes)
  }))
})

export const listRoutes: ReadonlyArray<ControlRoute> = [
  {
    method: "GET",
    pattern: "/outbox",
    handle: ({ request, sandbox }) =>
      Effect.map(readPage(request.url), ({ cursor, limit }) =>
        okResponse(emailPage(sandbox.current.world.outbox, cursor, limit))
      )
  },
  {
    method: "GET",
    pattern: "/requests",
    handle: ({ request, sandbox }) =>
      Effect.map(readPage(request.url), ({ cursor, limit }) => {
        const { hasMore, items, next } = sandbox.current.world.requests.slice(cursor, limit)
        return okResponse({ requests: items, has_more: hasMore, next_cursor: String(next) })
      })
  }
]
