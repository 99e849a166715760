import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { makeMethods } from "../../src/internal/methods/methods.js"
import { makePipeline } from "../../src/internal/pipeline/make.js"
import * as Retry from "../../src/internal/timing/retry.js"
import { makeMailboxAttachments } from "../../src/mailbox/attachments/attachments.js"
import type { MailboxAttachment } from "../../src/mailbox/messages/schemas.js"
import { failure, mockClient, ok } from "../support/http.js"

const apiKey = "smx_mbx_test_0123456789"

const attachmentsAt = (baseUrl: string) =>
  Effect.map(
    Effect.orDie(
      makePipeline("mailbox", baseUrl, {
        apiKey: Redacted.make(apiKey),
        mailbox_id: "mbx_1",
        retry: Retry.policy({ baseDelay: 1 })
      })
    ),
    (pipeline) => makeMailboxAttachments(makeMethods(pipeline))
  )

const attachmentsOver = (client: HttpClient.HttpClient) =>
  Effect.provideService(attachmentsAt("https://app.sendmux.ai/api/v1"), HttpClient.HttpClient, client)

const uploaded = { blob_id: "blob_1", filename: "a.txt", content_type: "text/plain", size_bytes: 5 }
const hello = new TextEncoder().encode("hello")

describe("attachments.upload", () => {
  it.effect("accepts bytes, a Blob or a stream as the content of an upload", () => {
    const { client, seen } = mockClient(() => ok(uploaded))
    return Effect.gen(function* () {
      const attachments = yield* attachmentsOver(client)
      const file = { filename: "a b.txt", content_type: "text/plain" }
      expect(yield* attachments.upload({ ...file, content: hello })).toEqual(uploaded)
      yield* attachments.upload({ ...file, content: new Blob([hello]) })
      const { meta } = yield* attachments.upload.withResponse({
        ...file,
        content: Stream.make(hello.subarray(0, 2), hello.subarray(2)),
        size: 5
      })
      expect(meta.requestId).toBe("req_ok")
      for (const { body, url } of seen) {
        expect(body).toBe("hello")
        expect(url.pathname).toBe("/api/v1/mailbox/attachments:upload")
        expect(url.search).toBe("?filename=a%20b.txt&mailbox_id=mbx_1")
      }
      expect(seen).toHaveLength(3)
    })
  })

  it.effect("rejects an upload above the limit before anything is sent", () => {
    const { client, seen } = mockClient(() => ok(uploaded))
    return Effect.gen(function* () {
      const attachments = yield* attachmentsOver(client)
      const file = { filename: "a.txt", content: hello }
      const tooLarge = { ...file, content: new Uint8Array(7_500_001) }
      for (const refused of [
        attachments.upload(file, { max_size_bytes: 4 }),
        attachments.uploadDelegated(file, { max_size_bytes: 4 }),
        attachments.upload(tooLarge)
      ]) {
        const error = yield* Effect.flip(refused)
        expect(error._tag === "InvalidRequestError" && error.issue).toContain("at most")
      }
      expect(seen).toHaveLength(0)
      yield* attachments.upload(tooLarge, { max_size_bytes: 8_000_000 })
      expect(seen).toHaveLength(1)
    })
  })

  it.effect("reads the upload limit of the session when max_size_bytes is session", () => {
    const { client, seen } = mockClient(({ method }) =>
      ok(method === "GET" ? { limits: { attachment_upload_bytes_max: 4 } } : uploaded)
    )
    return Effect.gen(function* () {
      const attachments = yield* attachmentsOver(client)
      const options = { max_size_bytes: "session", mailbox_id: "mbx_2" } as const
      const file = { filename: "a.txt", content: hello }
      const error = yield* Effect.flip(attachments.upload(file, options))
      expect(error._tag === "InvalidRequestError" && error.issue).toContain("at most 4")
      yield* attachments.upload({ ...file, content: hello.subarray(1) }, options)
      expect(seen.map(({ method, url }) => `${method} ${url.pathname}${url.search}`)).toEqual([
        "GET /api/v1/mailbox/session?mailbox_id=mbx_2",
        "GET /api/v1/mailbox/session?mailbox_id=mbx_2",
        "POST /api/v1/mailbox/attachments:upload?filename=a.txt&mailbox_id=mbx_2"
      ])
    })
  })
})

describe("attachments.uploadDelegated", () => {
  const created = (extra: Record<string, unknown> = {}) => ({
    upload_id: "upl_1",
    upload_url: "/api/v1/mailbox/attachment-uploads/upl_1?upload_token=secret-token",
    method: "PUT",
    expires_at: "2027-01-01T00:00:00Z",
    headers: { "Content-Type": "text/plain", "Content-Length": "5" },
    max_size_bytes: 7_500_000,
    ...extra
  })

  it.effect("sends the bytes to the URL of the grant without the credential", () =>
    Effect.forEach(
      [() => ok(uploaded), () => new Response(JSON.stringify({ blob_id: "blob_1" }))],
      (respond) => {
        const { client, seen } = mockClient(({ method }) => (method === "PUT" ? respond() : ok(created())))
        return Effect.gen(function* () {
          const attachments = yield* attachmentsOver(client)
          const file = { filename: "a.txt", content_type: "text/plain", content: hello }
          expect(yield* attachments.uploadDelegated(file)).toEqual(uploaded)
          expect(JSON.parse(seen[0]?.body ?? "")).toEqual({
            filename: "a.txt",
            content_type: "text/plain",
            size_bytes: 5
          })
          expect(seen[1]?.url.href).toBe(
            "https://app.sendmux.ai/api/v1/mailbox/attachment-uploads/upl_1?upload_token=secret-token"
          )
          expect(seen[1]?.headers["authorization"]).toBe(undefined)
          expect(seen[1]?.headers["content-type"]).toBe("text/plain")
          expect(seen[1]?.body).toBe("hello")
        })
      }
    )
  )

  it.effect("rejects bytes above the limit of the grant, and never reveals the URL of the grant", () => {
    const { client, seen } = mockClient(({ method }) =>
      method === "PUT"
        ? failure(403, "insufficient_permissions", { message: "secret-token" })
        : ok(created({ max_size_bytes: 4 }))
    )
    return Effect.gen(function* () {
      const attachments = yield* attachmentsOver(client)
      const upload = yield* attachments.createUpload({
        filename: "a.txt",
        content_type: "text/plain",
        size_bytes: 5
      })
      expect(JSON.stringify(upload)).not.toContain("secret-token")
      const error = yield* Effect.flip(attachments.uploadDelegated({ filename: "a.txt", content: hello }))
      expect(error._tag).toBe("InvalidRequestError")
      expect(seen.filter(({ method }) => method === "PUT")).toHaveLength(0)
    })
  })
})

describe("attachments.uploadDelegated with another method", () => {
  it.effect("returns a grant with an unknown method, to which uploadDelegated sends nothing", () => {
    const grant = {
      upload_id: "upl_1",
      upload_url: "/upload",
      method: "POST",
      expires_at: "2027-01-01T00:00:00Z",
      headers: {},
      max_size_bytes: 7_500_000
    }
    const { client, seen } = mockClient(() => ok(grant))
    return Effect.gen(function* () {
      const attachments = yield* attachmentsOver(client)
      const created = yield* attachments.createUpload({
        filename: "a.txt",
        content_type: "text/plain",
        size_bytes: 5
      })
      expect(created.method).toBe("POST")
      const error = yield* Effect.flip(attachments.uploadDelegated({ filename: "a.txt", content: hello }))
      expect(error).toMatchObject({
        _tag: "ResponseDecodeError",
        operation: "mailbox.attachments.uploadDelegated",
        requestId: "req_ok"
      })
      expect(seen.map(({ method }) => method)).toEqual(["POST", "POST"])
    })
  })
})

describe("attachments.text", () => {
  const text = (status: string, extra: Record<string, unknown> = {}) =>
    ok(
      {
        id: "txt_1",
        status,
        outcome: null,
        text: null,
        format: "markdown",
        truncated: false,
        expires_at: "2027-01-01T00:00:00Z",
        ...extra
      },
      { status: status === "complete" ? 200 : 202 }
    )

  it.effect("requests a text once and reads it until it is complete", () => {
    const { client, seen } = mockClient((_, index) => {
      if (index === 2) return failure(503, "service_unavailable", { headers: { "retry-after": "70" } })
      return index < 4
        ? text(index === 0 ? "pending" : "running")
        : text("complete", { outcome: "ready", text: "# Hi" })
    })
    return Effect.gen(function* () {
      const attachments = yield* attachmentsOver(client)
      const fiber = yield* Effect.fork(
        attachments.text("msg_1", "att/1", { max_bytes: 1000 }, { timeout: "3 minutes" })
      )
      yield* TestClock.adjust("30 seconds")
      expect(seen).toHaveLength(3)
      yield* TestClock.adjust("1 minute")
      expect((yield* Fiber.join(fiber)).text).toBe("# Hi")
      expect(seen.map(({ method }) => method)).toEqual(["POST", "GET", "GET", "GET", "GET"])
      for (const { url } of seen) {
        expect(url.pathname).toBe("/api/v1/mailbox/messages/msg_1/attachments/att%2F1/text")
        expect(url.search).toBe("?max_bytes=1000&mailbox_id=mbx_1")
      }
    })
  })

  it.effect("respects the Retry-After of a 202 while it waits for a text", () => {
    const { client, seen } = mockClient((_, index) => {
      const response = text(index === 0 ? "pending" : "complete", { outcome: "ready", text: "# Hi" })
      if (index === 0) response.headers.set("retry-after", "20")
      return response
    })
    return Effect.gen(function* () {
      const attachments = yield* attachmentsOver(client)
      const fiber = yield* Effect.fork(attachments.text("msg_1", "att_1"))
      yield* TestClock.adjust("19 seconds")
      expect(seen).toHaveLength(1)
      yield* TestClock.adjust("2 seconds")
      expect((yield* Fiber.join(fiber)).text).toBe("# Hi")
    })
  })

  it.effect(
    "fails with WaitTimeoutError when a text takes too long, and succeeds with an outcome without a text",
    () => {
      let status = "running"
      const { client } = mockClient(() =>
        text(status, { outcome: status === "complete" ? "encrypted" : null })
      )
      return Effect.gen(function* () {
        const attachments = yield* attachmentsOver(client)
        const fiber = yield* Effect.fork(Effect.flip(attachments.text("msg_1", "att_1")))
        yield* TestClock.adjust("61 seconds")
        const error = yield* Fiber.join(fiber)
        expect(String(error)).toBe(
          "The wait ended without a result after 60000 ms; the last known status is running (mailbox.attachments.text)"
        )
        status = "complete"
        expect(yield* attachments.text("msg_1", "att_1")).toMatchObject({ outcome: "encrypted", text: null })
      })
    }
  )
})

// -----------------------------------------------------------------------------
// downloads
// -----------------------------------------------------------------------------

type Handle = (request: IncomingMessage, response: ServerResponse, url: URL) => void

const serve = (handle: Handle) =>
  Effect.acquireRelease(
    Effect.async<{ readonly baseUrl: string; readonly close: Effect.Effect<void> }>((resume) => {
      const server = createServer((request, response) =>
        handle(request, response, new URL(request.url ?? "", "http://localhost"))
      )
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        resume(
          Effect.succeed({
            baseUrl: `http://127.0.0.1:${port}/app/api/v1`,
            close: Effect.async<void>((closed) => {
              server.closeAllConnections()
              server.close(() => closed(Effect.void))
            })
          })
        )
      })
    }),
    ({ close }) => close
  )

const file = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7 + (index >> 8)) % 251)

const gather = <E>(stream: Stream.Stream<Uint8Array, E>) =>
  Effect.map(Stream.runCollect(stream), (chunks) => Buffer.concat(Array.from(chunks)))

const startOf = (request: IncomingMessage): number =>
  Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0)

/** Sends the bytes from the requested offset, and closes the connection after the given number of bytes. */
const sendPart = (request: IncomingMessage, response: ServerResponse, bytes: number): void => {
  const start = startOf(request)
  response.writeHead(request.headers.range === undefined ? 200 : 206, {
    "content-length": String(file.length - start),
    ...(request.headers.range === undefined
      ? {}
      : { "content-range": `bytes ${start}-${file.length - 1}/${file.length}` })
  })
  const part = file.subarray(start, start + bytes)
  if (start + bytes >= file.length) response.end(part)
  else response.write(part, () => setImmediate(() => request.socket.destroy()))
}

const attachment = (download_url: string): MailboxAttachment => ({
  id: "att_1",
  filename: "a.bin",
  content_type: "application/octet-stream",
  size_bytes: file.length,
  disposition: "attachment",
  content_id: null,
  download_url: Redacted.make(download_url)
})

const wireAttachment = (download_url: string) => ({
  ...attachment(download_url),
  download_url
})

describe("attachments.download", () => {
  it.effect("streams the requested range of the bytes", () => {
    const { client, seen } = mockClient(() => new Response("ell", { status: 206 }))
    return Effect.gen(function* () {
      const attachments = yield* attachmentsOver(client)
      const bytes = yield* gather(
        attachments.download("msg_1", "att_1", {}, { range: { start: 1, end: 3 }, mailbox_id: "mbx_2" })
      )
      expect(bytes.toString()).toBe("ell")
      expect(seen[0]?.headers["range"]).toBe("bytes=1-3")
      expect(seen[0]?.url.href).toBe(
        "https://app.sendmux.ai/api/v1/mailbox/messages/msg_1/attachments/att_1?mailbox_id=mbx_2"
      )
    })
  })
})

describe("attachments.downloadResumable", () => {
  it.live("resumes through the API after each lost connection", () =>
    Effect.gen(function* () {
      const starts: Array<number> = []
      const { baseUrl } = yield* serve((request, response) => {
        starts.push(startOf(request))
        expect(request.headers.authorization).toBe(`Bearer ${apiKey}`)
        sendPart(request, response, 120_000)
      })
      const attachments = yield* attachmentsAt(baseUrl)
      const bytes = yield* gather(attachments.downloadResumable("msg_1", "att_1"))
      expect(bytes.equals(file)).toBe(true)
      expect(starts.length).toBeGreaterThan(2)
      expect([...starts].sort((one, other) => one - other)).toEqual(starts)
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.live("skips the bytes that it has when the server ignores the range", () =>
    Effect.gen(function* () {
      let requests = 0
      const { baseUrl } = yield* serve((request, response) => {
        requests++
        response.writeHead(200, { "content-length": String(file.length) })
        if (requests > 1) response.end(file)
        else response.write(file.subarray(0, 70_000), () => setImmediate(() => request.socket.destroy()))
      })
      const attachments = yield* attachmentsAt(baseUrl)
      const bytes = yield* gather(attachments.downloadResumable("msg_1", "att_1"))
      expect(bytes.equals(file)).toBe(true)
      expect(requests).toBe(2)
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.live("renews a download_url that has expired, and sends no credential to it", () =>
    Effect.gen(function* () {
      let token = 0
      const authorized: Array<string> = []
      const { baseUrl } = yield* serve((request, response, url) => {
        if (request.headers.authorization !== undefined) authorized.push(url.pathname)
        if (url.pathname.endsWith("/messages/msg_1")) {
          const download_url = `/files/att_1?download_token=${++token}`
          const data = { attachments: [wireAttachment("/files/other"), wireAttachment(download_url)] }
          ;(data.attachments[0] as { id: string }).id = "att_0"
          response.end(JSON.stringify({ ok: true, data, meta: { request_id: "r" } }))
        } else if (url.searchParams.get("download_token") === String(token)) {
          sendPart(request, response, 120_000)
          // Each URL works for one request.
          if (startOf(request) < 200_000) token += 0.5
        } else response.writeHead(403).end()
      })
      const attachments = yield* attachmentsAt(baseUrl)
      const bytes = yield* gather(
        attachments.downloadResumable("msg_1", attachment("/files/att_1?download_token=old"), {
          via: "download_url"
        })
      )
      expect(bytes.equals(file)).toBe(true)
      expect(new Set(authorized)).toEqual(new Set(["/app/api/v1/mailbox/messages/msg_1"]))
      expect(authorized.length).toBeGreaterThan(1)
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.live("fails rather than join two versions of a file or ranges of compressed bytes", () =>
    Effect.gen(function* () {
      const encodings: Array<string | undefined> = []
      const { baseUrl } = yield* serve((request, response, url) => {
        encodings.push(request.headers["accept-encoding"])
        const again = startOf(request) > 0
        if (url.pathname.endsWith("weak")) response.setHeader("etag", again ? '"1"' : 'W/"1"')
        if (url.pathname.endsWith("changed")) response.setHeader("etag", again ? '"2"' : '"1"')
        if (url.pathname.endsWith("zipped") && again) response.setHeader("content-encoding", "gzip")
        sendPart(request, response, again ? file.length : 1000)
      })
      const attachments = yield* attachmentsAt(baseUrl)
      const download = (id: string) => gather(attachments.downloadResumable("msg_1", id))
      expect((yield* download("weak")).equals(file)).toBe(true)
      const changed = yield* Effect.flip(download("changed"))
      expect(changed._tag === "ResponseDecodeError" && changed.issue).toContain("has changed")
      const zipped = yield* Effect.flip(download("zipped"))
      expect(zipped._tag === "ResponseDecodeError" && zipped.issue).toContain("compressed")
      expect(new Set(encodings)).toEqual(new Set(["identity"]))
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.live("asks for the size when the connection is lost after the last byte of a chunked response", () =>
    Effect.gen(function* () {
      let requests = 0
      const { baseUrl } = yield* serve((request, response) => {
        requests++
        if (startOf(request) >= file.length) {
          return response.writeHead(416, { "content-range": `bytes */${file.length}` }).end()
        }
        // The response is chunked, and its final chunk never arrives.
        response.writeHead(200)
        return response.write(file, () => setImmediate(() => request.socket.destroy()))
      })
      const attachments = yield* attachmentsAt(baseUrl)
      const bytes = yield* gather(attachments.downloadResumable("msg_1", attachment("/unused")))
      expect(bytes.equals(file)).toBe(true)
      expect(requests).toBe(2)
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )

  it.live("fails when the size of the file changes, and after too many requests without any byte", () =>
    Effect.gen(function* () {
      let requests = 0
      const { baseUrl } = yield* serve((request, response, url) => {
        requests++
        if (url.pathname.includes("gone")) return response.writeHead(404).end()
        if (url.pathname.includes("stuck")) {
          response.writeHead(206, { "content-length": "10", "content-range": "bytes 0-9/10" })
          response.flushHeaders()
          return setImmediate(() => request.socket.destroy())
        }
        if (startOf(request) === 0) return sendPart(request, response, 1000)
        response.writeHead(206, { "content-range": `bytes ${startOf(request)}-9/10` })
        return response.end("x")
      })
      const attachments = yield* attachmentsAt(baseUrl)
      const changed = yield* Effect.flip(gather(attachments.downloadResumable("msg_1", "att_1")))
      expect(changed._tag === "ResponseDecodeError" && changed.issue).toContain("now has 10")
      const gone = yield* Effect.flip(gather(attachments.downloadResumable("msg_1", "gone")))
      expect(gone._tag === "APIError" && gone.status).toBe(404)
      requests = 0
      const stuck = yield* Effect.flip(
        gather(attachments.downloadResumable("msg_1", "stuck", { maxFailures: 2 }))
      )
      expect(stuck._tag === "TransportError" && stuck.reason).toBe("TruncatedBody")
      expect(requests).toBe(2)
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )
})
