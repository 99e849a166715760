/**
 * Servers with huge responses, and what each of them costs a client.
 */
import { once } from "node:events"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { createGzip } from "node:zlib"
import type { HugeRequest, HugeResult } from "../children/hugeResponse.js"
import { runChild } from "../harness/child.js"

const mebibyte = 1_048_576

/** The largest response body by default, and what a response may cost in addition. */
const maxResponseBytes = 32 * mebibyte
const allowance = 64 * mebibyte

interface Case {
  readonly title: string
  readonly call: HugeRequest["call"]
  /** The memory that the response may take: the limit of a body, and the value that the caller receives. */
  readonly limit: number
  readonly respond: (response: ServerResponse) => Promise<void>
}

/** Text between a start and an end, of the given number of MiB. */
const parts = function* (start: string, fill: string, mebibytes: number, end: string) {
  yield start
  const part = fill.repeat(Math.floor(65_536 / fill.length))
  for (let sent = 0; sent < mebibytes * mebibyte; sent += part.length) yield part
  yield end
}

const stream = (
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Iterable<string>
): Promise<void> => {
  response.writeHead(status, headers)
  return pipeline(Readable.from(body, { objectMode: false }), response)
}

const json = { "content-type": "application/json" }
const events = { "content-type": "text/event-stream" }

const meta = { request_id: "req_1" }

const message = {
  id: "msg_1",
  thread_id: "thr_1",
  folder_ids: ["fld_1"],
  keywords: [],
  flags: { seen: false, flagged: false, answered: false, draft: false, forwarded: false },
  from: { email: "ada@example.com", name: "Ada" },
  to: [{ email: "agent@sandbox.test", name: null }],
  cc: [],
  bcc: [],
  reply_to: [],
  subject: "Hello",
  preview: "Hi",
  received_at: "2026-09-01T00:00:00Z",
  sent_at: "2026-09-01T00:00:00Z",
  size_bytes: 100,
  has_attachments: false,
  attachments: [],
  message_id: ["<1@example.com>"],
  in_reply_to: [],
  references: [],
  rfc5322_message_id: "<1@example.com>",
  html_body: null,
  body: { text: "Hi", html: null, is_truncated: false },
  headers: []
}

/** A message whose text is between the two parts. */
const [messageStart = "", messageEnd = ""] = JSON.stringify({
  ok: true,
  data: { ...message, text_body: "|" },
  meta
}).split("|")

const page = { pagination: { has_more: false }, meta }
const [listStart = "", listEnd = ""] = JSON.stringify({ ok: true, data: ["|"], ...page }).split('"|"')
const item = `${JSON.stringify(message)},`

const [errorStart = "", errorEnd = ""] = JSON.stringify({
  ok: false,
  error: { code: "validation_error", message: "|", retryable: false },
  meta
}).split("|")

const body = { call: "message", limit: maxResponseBytes } as const
const streamed = { limit: maxResponseBytes } as const

const cases: ReadonlyArray<Case> = [
  {
    ...body,
    limit: maxResponseBytes + 31 * mebibyte,
    title: "a message of 31 MiB",
    respond: (response) => stream(response, 200, json, parts(messageStart, "x", 31, messageEnd))
  },
  {
    ...body,
    // A string with such characters takes two bytes for each.
    limit: maxResponseBytes + 62 * mebibyte,
    title: "a message of 31 MiB that is not ASCII",
    respond: (response) => stream(response, 200, json, parts(`${messageStart}€`, "x", 31, messageEnd))
  },
  {
    ...body,
    call: "list",
    limit: maxResponseBytes + 31 * mebibyte,
    title: "a page of messages, 31 MiB",
    respond: (response) =>
      stream(response, 200, json, parts(listStart, item, 31, `${JSON.stringify(message)}${listEnd}`))
  },
  {
    ...body,
    title: "JSON of 500 MiB",
    respond: (response) => stream(response, 200, json, parts(messageStart, "x", 500, messageEnd))
  },
  {
    ...body,
    title: "JSON of 500 MiB, announced",
    respond: (response) =>
      stream(
        response,
        200,
        { ...json, "content-length": String(500 * mebibyte) },
        parts(messageStart, "x", 500, messageEnd)
      )
  },
  {
    ...body,
    title: "a gzip bomb of 1 GiB",
    respond: async (response) => {
      response.writeHead(200, { ...json, "content-encoding": "gzip" })
      await pipeline(Readable.from(parts(messageStart, "x", 1024, messageEnd)), createGzip(), response)
    }
  },
  {
    ...body,
    title: "an error message of 31 MiB",
    respond: (response) => stream(response, 422, json, parts(errorStart, "x", 31, errorEnd))
  },
  {
    ...body,
    title: "an error message of 500 MiB",
    respond: (response) => stream(response, 422, json, parts(errorStart, "x", 500, errorEnd))
  },
  {
    ...body,
    title: "an HTML page of 500 MiB",
    respond: (response) =>
      stream(response, 502, { "content-type": "text/html" }, parts("<html>", "x", 500, "</html>"))
  },
  {
    ...body,
    title: "a header of 100 MiB",
    respond: async (response) => {
      const { socket } = response
      if (socket === null) return
      socket.write("HTTP/1.1 200 OK\r\nx-request-id: ")
      await pipeline(Readable.from(parts("", "x", 100, "\r\n\r\n")), socket)
    }
  },
  {
    ...streamed,
    call: "events",
    title: "an event with an id of 500 MiB",
    respond: (response) => stream(response, 200, events, parts("id: ", "x", 500, "\n\n"))
  },
  {
    ...streamed,
    call: "events",
    title: "an event with data of 500 MiB",
    respond: (response) => stream(response, 200, events, parts("data: ", "x", 500, "\n\n"))
  },
  {
    ...streamed,
    call: "events",
    title: "an event with 500 MiB of data lines",
    respond: (response) => stream(response, 200, events, parts("", "data: xxxxxxxxxx\n", 500, "\n\n"))
  },
  {
    ...streamed,
    call: "download",
    title: "a download of 500 MiB",
    respond: (response) =>
      stream(response, 200, { "content-type": "application/octet-stream" }, parts("", "x", 500, ""))
  }
]

const usualBody = (path: string): readonly [headers: Readonly<Record<string, string>>, text: string] => {
  if (path.includes("/events")) return [events, `id: 1\nevent: message.received\ndata: ${usualEvent}\n\n`]
  if (path.includes("/attachments/")) return [{ "content-type": "text/plain" }, "x".repeat(mebibyte)]
  return path.includes("msg_1")
    ? [json, `${messageStart}Hi${messageEnd}`]
    : [json, `${listStart}${JSON.stringify(message)}${listEnd}`]
}

const usualEvent = JSON.stringify({
  event_type: "message.received",
  team_public_id: "team_1",
  mailbox_id: "mbx_1",
  message_id: "<1@example.com>",
  message_id_kind: "rfc5322",
  sender: "ada@example.com",
  recipients: ["agent@sandbox.test"],
  is_spam: false,
  message: null,
  occurred_at: "2026-09-01T00:00:00Z"
})

/** Runs a server until `use` has ended. */
const serving = async <A>(
  respond: (path: string, response: ServerResponse) => Promise<void>,
  use: (origin: string) => Promise<A>
): Promise<A> => {
  const server = createServer((request, response) => {
    // The client closes the connection in the middle of a response.
    respond(request.url ?? "", response).catch(() => response.destroy())
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

export interface HugeReport {
  readonly title: string
  readonly client: HugeRequest["client"]
  readonly outcome: string
  /** The memory above the limit, and whether it is within the allowance. */
  readonly above: number
  readonly isWithin: boolean
}

export const runHugeResponses = async (onReport: (report: HugeReport) => void): Promise<void> => {
  for (const { call, limit, respond, title } of cases) {
    for (const client of ["fetch", "undici"] as const) {
      const usual = async (path: string, response: ServerResponse) => {
        const [headers, text] = usualBody(path)
        response.writeHead(200, headers)
        response.end(text)
      }
      const { before, outcome, peak } = await serving(usual, (usual) =>
        serving(
          (_, response) => respond(response),
          (huge) =>
            runChild<HugeResult>(
              "test/bench/children/hugeResponse.ts",
              { call, client, usual, huge } satisfies HugeRequest,
              title
            )
        )
      )
      const above = peak - before - limit
      onReport({ title, client, outcome, above, isWithin: above <= allowance })
    }
  }
}
