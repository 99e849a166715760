/**
 * The responses of the loopback server, prepared once. The mock client of the benchmark returns them too.
 */
import { emailLog, inboxMessage, messageId, pageSize, realtimeEvent } from "../fixtures.js"

const meta = { request_id: "req_bench_0123456789" }

export const responseHeaders = {
  "content-type": "application/json",
  "x-request-id": meta.request_id,
  "x-ratelimit-limit": "1800",
  "x-ratelimit-remaining": "1799",
  "x-ratelimit-reset": "1790000000"
}

const list = <A>(make: (index: number) => A): ReadonlyArray<A> =>
  Array.from({ length: pageSize }, (_, index) => make(index))

const envelope = (data: unknown): string => JSON.stringify({ ok: true, data, meta })

export const sent = envelope({ message_id: messageId, status: "queued" })

export const batchSent = envelope({
  results: list((index) => ({
    index,
    message_id: `eml_tz4a98xxat96iws9zmbrg${String(index).padStart(3, "0")}`,
    status: "queued"
  })),
  summary: { total: pageSize, queued: pageSize, failed: 0 }
})

export const uploaded = (size_bytes: number): string =>
  envelope({
    attachment_id: "att_tz4a98xxat96iws9zmbrgj3a",
    filename: "report.bin",
    content_type: "application/octet-stream",
    size_bytes,
    expires_at: "2027-01-01T00:00:00.000Z"
  })

const messages = JSON.stringify(list(inboxMessage))

const logs = JSON.stringify(list(emailLog))

const page = (items: string, next: string | undefined): string => {
  const pagination = next === undefined ? { has_more: false } : { has_more: true, next_cursor: next }
  return `{"ok":true,"data":${items},"pagination":${JSON.stringify(pagination)},"meta":${JSON.stringify(meta)}}`
}

export const messagesPage = (next?: string): string => page(messages, next)

export const logsPage = (): string => page(logs, undefined)

/** The changes of messages since a state, which is the number of changes so far. There are always more. */
export const changesSince = (state: number, limit: number): string =>
  envelope({
    types: {
      messages: {
        old_state: String(state),
        new_state: String(state + limit),
        has_more: true,
        created: Array.from({ length: limit }, (_, index) => inboxMessageId(state + index)),
        updated: [],
        destroyed: []
      }
    }
  })

const inboxMessageId = (index: number): string => `msg_${String(index).padStart(24, "0")}`

/** The text of a message after its id. */
const messageRest = list((index) => JSON.stringify({ ...inboxMessage(index), id: undefined }).slice(1))

/** The messages with the given ids, as a batch read returns them. */
export const messagesById = (ids: ReadonlyArray<string>): string => {
  const found = ids.map(
    (id, index) =>
      `{"message":{"id":${JSON.stringify(id)},${messageRest[index % pageSize]},"content":null,"raw_body":null}`
  )
  const rest = `"not_found":[],"states":{"email_state":null}}`
  return `{"ok":true,"data":{"messages":[${found.join(",")}],${rest},"meta":${JSON.stringify(meta)}}`
}

const eventData = list(
  (index) => `\nevent: message.received\ndata: ${JSON.stringify(realtimeEvent(index))}\n\n`
)

/** A block of events. Each has its own id, which begins at the given number. */
export const eventBlock = (first: number): string => {
  let text = ""
  for (const [index, data] of eventData.entries()) text += `id: evt_${first + index}${data}`
  return text
}

// The responses of other services, as small as Sendmux's own.

export const resendSent = JSON.stringify({ id: messageId })

export const resendBatch = JSON.stringify({ data: list((index) => ({ id: `${messageId}_${index}` })) })

const postmarkResult = (index: number) => ({
  To: `ada+${index}@example.com`,
  SubmittedAt: "2026-11-25T12:00:00.0000000Z",
  MessageID: messageId,
  ErrorCode: 0,
  Message: "OK"
})

export const postmarkSent = JSON.stringify(postmarkResult(0))

export const postmarkBatch = JSON.stringify(list(postmarkResult))

export const sesSent = JSON.stringify({ MessageId: messageId })
