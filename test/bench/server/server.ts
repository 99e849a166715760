/**
 * The loopback server of the benchmark. It runs in its own process, so that its work is not measured, and sends its port
 * to its parent. It rejects a request without a credential, and a JSON request without a plausible body, so that a
 * client that does not do the whole work fails.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { changesPerResponse, pageSize } from "../fixtures.js"
import * as bodies from "./bodies.js"

type Handler = (request: Received, response: ServerResponse) => void

interface Received {
  readonly url: URL
  readonly body: Buffer
  readonly size: number
}

const reply = (response: ServerResponse, body: string | Buffer, status = 200): void => {
  const length = typeof body === "string" ? Buffer.byteLength(body) : body.byteLength
  response.writeHead(status, { ...bodies.responseHeaders, "content-length": length })
  response.end(body)
}

/** A response that is always the same, to a request whose body has at least the given size. */
const fixed = (text: string, atLeast = 0): Handler => {
  const body = Buffer.from(text)
  return ({ size }, response) => {
    if (size < atLeast) reply(response, `{"error":"the body has ${size} bytes"}`, 400)
    else reply(response, body)
  }
}

/** The smallest body that contains the message. */
const messageBytes = 2_300

const batchBytes = pageSize * messageBytes

/** Pages until the number in the cursor, or first in `q`, has come down to one. */
const listMessages: Handler = ({ url }, response) => {
  const left = Number(url.searchParams.get("cursor") ?? url.searchParams.get("q") ?? 1)
  reply(response, bodies.messagesPage(left > 1 ? String(left - 1) : undefined))
}

const changes: Handler = ({ url }, response) => {
  const since = Number(url.searchParams.get("messages_since_state") ?? 0)
  reply(response, bodies.changesSince(since, changesPerResponse))
}

const batchGet: Handler = ({ body }, response) =>
  reply(response, bodies.messagesById(JSON.parse(body.toString()).ids))

const upload: Handler = ({ size }, response) => reply(response, bodies.uploaded(size), 201)

/** Writes until `next` has no more, as fast as the client reads. */
const pour = (response: ServerResponse, next: () => Buffer | string | undefined): void => {
  for (;;) {
    if (response.destroyed) return
    const part = next()
    if (part === undefined) {
      response.end()
      return
    }
    if (!response.write(part)) {
      response.once("drain", () => pour(response, next))
      return
    }
  }
}

const chunk = Buffer.alloc(64 * 1024, 7)

const download: Handler = ({ url }, response) => {
  let left = Number(url.pathname.split("att_").at(-1))
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": left })
  pour(response, () => {
    const part = left === 0 ? undefined : chunk.subarray(0, left)
    left -= part?.byteLength ?? 0
    return part
  })
}

/** Events without end. */
const events: Handler = (_, response) => {
  let sent = 0
  response.writeHead(200, { "content-type": "text/event-stream" })
  pour(response, () => {
    const block = bodies.eventBlock(sent)
    sent += pageSize
    return block
  })
}

const handlers: Readonly<Record<string, Handler>> = {
  "POST /emails/send": fixed(bodies.sent, messageBytes),
  "POST /emails/send/batch": fixed(bodies.batchSent, batchBytes),
  "POST /emails/attachments": upload,
  "GET /emails/logs": fixed(bodies.logsPage()),
  "GET /mailbox/messages": listMessages,
  "GET /mailbox/changes": changes,
  "POST /mailbox/messages:batch-get": batchGet,
  "GET /mailbox/events": events,
  "POST /resend/emails": fixed(bodies.resendSent, messageBytes),
  "POST /resend/emails/batch": fixed(bodies.resendBatch, batchBytes),
  "POST /email": fixed(bodies.postmarkSent, messageBytes),
  "POST /email/batch": fixed(bodies.postmarkBatch, batchBytes),
  "POST /v2/email/outbound-emails": fixed(bodies.sesSent, messageBytes)
}

const credentialHeaders = ["authorization", "x-postmark-server-token"]

const handle = (request: IncomingMessage, received: Received, response: ServerResponse): void => {
  const { pathname } = received.url
  const handler = pathname.includes("/attachments/att_")
    ? download
    : handlers[`${request.method} ${pathname}`]
  if (handler === undefined) reply(response, `{"error":"unknown path ${pathname}"}`, 404)
  else if (!credentialHeaders.some((name) => request.headers[name]))
    reply(response, `{"error":"no credential"}`, 401)
  else handler(received, response)
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://127.0.0.1")
  const parts: Array<Buffer> = []
  let size = 0
  request.on("data", (part: Buffer) => {
    size += part.byteLength
    // Only the ids of a batch read are looked at, so the bytes of an upload are not kept.
    if (url.pathname.endsWith(":batch-get")) parts.push(part)
  })
  request.on("end", () => handle(request, { url, body: Buffer.concat(parts), size }, response))
})

server.keepAliveTimeout = 60_000
server.listen(0, "127.0.0.1", () => process.send?.(server.address()))
process.on("disconnect", () => process.exit())
