/**
 * The loopback server of the benchmark, run in a process of its own so that its work is not counted. It answers as
 * the API does, with bodies made beforehand, and tells its parent its port.
 */
import { createServer, type ServerResponse } from "node:http"
import { downloadBytes, emailLog, inboxMessage, pageSize } from "./fixtures.js"

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

const meta = { request_id: "req_bench_0123456789" }

const sent = json({ ok: true, data: { message_id: "eml_tz4a98xxat96iws9zmbrgj3a", status: "queued" }, meta })

const batch = json({
  ok: true,
  data: {
    results: Array.from({ length: pageSize }, (_, index) => ({
      index,
      message_id: `eml_tz4a98xxat96iws9zmbrg${String(index).padStart(3, "0")}`,
      status: "queued"
    })),
    summary: { total: pageSize, queued: pageSize, failed: 0 }
  },
  meta
})

const logs = json({
  ok: true,
  data: Array.from({ length: pageSize }, (_, index) => emailLog(index)),
  pagination: { has_more: false },
  meta
})

const messages = JSON.stringify(Array.from({ length: pageSize }, (_, index) => inboxMessage(index)))

const chunk = Buffer.alloc(64 * 1024, 7)

const answer = (response: ServerResponse, body: Buffer): void => {
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": body.byteLength,
    "x-request-id": meta.request_id,
    "x-ratelimit-limit": "1800",
    "x-ratelimit-remaining": "1799",
    "x-ratelimit-reset": "1790000000"
  })
  response.end(body)
}

/** A page of a list that has as many pages as its cursor says are left. */
const answerPage = (response: ServerResponse, url: URL): void => {
  const left = Number(url.searchParams.get("cursor") ?? url.searchParams.get("q") ?? 1) - 1
  const pagination = left > 0 ? { has_more: true, next_cursor: String(left) } : { has_more: false }
  answer(
    response,
    Buffer.from(
      `{"ok":true,"data":${messages},"pagination":${JSON.stringify(pagination)},"meta":${JSON.stringify(meta)}}`
    )
  )
}

const download = (response: ServerResponse): void => {
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": downloadBytes })
  let left = downloadBytes
  const more = (): void => {
    while (left > 0) {
      const part = left < chunk.byteLength ? chunk.subarray(0, left) : chunk
      left -= part.byteLength
      if (!response.write(part)) {
        response.once("drain", more)
        return
      }
    }
    response.end()
  }
  more()
}

const server = createServer((request, response) => {
  request.resume()
  request.on("end", () => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1")
    if (url.pathname === "/emails/send") answer(response, sent)
    else if (url.pathname === "/emails/send/batch") answer(response, batch)
    else if (url.pathname === "/emails/logs") answer(response, logs)
    else if (url.pathname === "/mailbox/messages") answerPage(response, url)
    else if (url.pathname.includes("/attachments/")) download(response)
    else response.writeHead(404).end()
  })
})

server.keepAliveTimeout = 60_000
server.listen(0, "127.0.0.1", () => process.send?.(server.address()))
process.on("disconnect", () => process.exit())
