/**
 * Limits of the served sandbox: bodies, the request log and the lists of the control.
 */
import * as HttpBody from "@effect/platform/HttpBody"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { vi } from "vitest"
import { Sandbox } from "../../../src/index.js"
import { email } from "../../support/http.js"
import { serve, serveSandbox } from "../../support/sandbox.js"
import { exchange, readResponse, requestText, send } from "./raw.js"

const upload = "POST /sending/api/v1/emails/attachments?filename=a.bin"

const authorization = "Bearer smx_mbx_sandbox"

const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

it.live("the served sandbox rejects a declared body over the limit with 413 payload_too_large", () =>
  Effect.gen(function* () {
    const { control, httpApp } = yield* Sandbox.make({ maxBodyBytes: 1000 })
    const url = yield* serve({ httpApp })
    const headers = { host: "127.0.0.1", authorization, "content-length": "1001" }
    const { json, status } = yield* send(url, upload, headers, "x".repeat(1001))
    expect(status).toBe(413)
    expect(json).toMatchObject({ ok: false, error: { code: "payload_too_large", retryable: false } })
    expect(yield* control.requests).toMatchObject([{ status: 413 }])
    const fault = yield* send(url, "POST /__sandbox/faults", headers, "x".repeat(1001))
    expect(fault).toMatchObject({ status: 413, json: { error: { code: "payload_too_large" } } })
  }).pipe(Effect.scoped)
)

it.live("the served sandbox rejects a chunked body over the limit with 413 payload_too_large", () =>
  Effect.gen(function* () {
    const url = yield* serveSandbox({ maxBodyBytes: 1000 })
    const headers = { host: "127.0.0.1", authorization, "transfer-encoding": "chunked" }
    const chunk = `1f4\r\n${"x".repeat(500)}\r\n`
    const { json, status } = yield* send(url, upload, headers, `${chunk}${chunk}${chunk}0\r\n\r\n`)
    expect(status).toBe(413)
    expect(json).toMatchObject({ ok: false, error: { code: "payload_too_large" } })
  }).pipe(Effect.scoped)
)

it.scoped("the sandbox applies the limit of bodies to its HttpClient too", () =>
  Effect.gen(function* () {
    const { client } = yield* Sandbox.make({ maxBodyBytes: 1000 })
    const response = yield* client.post("https://smtp.sendmux.ai/api/v1/emails/attachments?filename=a.bin", {
      headers: { authorization },
      body: HttpBody.uint8Array(new Uint8Array(1001))
    })
    expect(response.status).toBe(413)
  })
)

it.scoped("the served sandbox responds with 408 to a body that stalls, and closes the connection", () =>
  Effect.gen(function* () {
    const { control, httpApp } = yield* Sandbox.make({ bodyTimeout: "20 seconds" })
    const url = yield* serve({ httpApp })
    const request = requestText(upload, {
      host: "127.0.0.1",
      connection: "keep-alive",
      authorization,
      "content-length": "100"
    })
    const fiber = yield* Effect.fork(exchange(url, request, "only a part"))
    while ((yield* control.requests).length === 0) yield* turn
    expect(yield* control.requests).toMatchObject([{ status: undefined }])
    while ((yield* Fiber.poll(fiber))._tag === "None") {
      yield* TestClock.adjust("1 second")
      yield* turn
    }
    const { head, json, status } = readResponse(yield* Fiber.join(fiber))
    expect(status).toBe(408)
    expect(head).toContain("connection: close")
    expect(json).toMatchObject({ ok: false, error: { code: "request_timeout", retryable: true } })
  })
)

it.live("the served sandbox copies the bytes of a body at most twice while it reads them", () =>
  Effect.gen(function* () {
    const url = yield* serveSandbox()
    const size = 8_000_000
    const concat = vi.spyOn(Buffer, "concat")
    const headers = { host: "127.0.0.1", authorization, "content-length": String(size) }
    const { status } = yield* send(url, upload, headers, "x".repeat(size))
    const copied = concat.mock.results.reduce(
      (sum, { type, value }) => sum + (type === "return" ? value.byteLength : 0),
      0
    )
    concat.mockRestore()
    expect(status).toBe(201)
    expect(copied).toBeLessThan(size * 2)
  }).pipe(Effect.scoped)
)

it.scoped("the request log keeps only the newest requests up to maxRequests", () =>
  Effect.gen(function* () {
    const { client, control } = yield* Sandbox.make({ maxRequests: 3 })
    for (let count = 0; count < 10; count++) yield* client.get(`https://app.sendmux.ai/api/v1/r${count}`)
    expect((yield* control.requests).map(({ path }) => path)).toEqual([
      "/api/v1/r7",
      "/api/v1/r8",
      "/api/v1/r9"
    ])
    const none = yield* Sandbox.make({ maxRequests: 0 })
    yield* none.client.get("https://app.sendmux.ai/api/v1/me")
    expect(yield* none.control.requests).toEqual([])
  })
)

it.scoped(
  "the control returns the requests and the outbox in pages, and continues after dropped requests",
  () =>
    Effect.gen(function* () {
      const { client } = yield* Sandbox.make({ maxRequests: 4 })
      const get = (path: string) =>
        Effect.flatMap(client.get(`http://127.0.0.1${path}`), (response) => response.json)
      for (let count = 0; count < 5; count++) yield* get(`/app/api/v1/r${count}`)
      const paths = (from: number, to: number) =>
        Array.from({ length: to - from }, (_, index) => ({ path: `/app/api/v1/r${from + index}` }))
      expect(yield* get("/__sandbox/requests?limit=3")).toMatchObject({
        requests: paths(1, 4),
        has_more: true,
        next_cursor: "4"
      })
      expect(yield* get("/__sandbox/requests?limit=3&cursor=4")).toMatchObject({
        requests: paths(4, 5),
        has_more: false,
        next_cursor: "5"
      })
      for (let count = 5; count < 12; count++) yield* get(`/app/api/v1/r${count}`)
      expect(yield* get("/__sandbox/requests?cursor=5")).toMatchObject({
        requests: paths(8, 12),
        has_more: false,
        next_cursor: "12"
      })
      expect(yield* get("/__sandbox/outbox?limit=1")).toMatchObject({ emails: [], has_more: false })
      expect(yield* get("/__sandbox/requests?limit=0")).toMatchObject({
        ok: false,
        error: { code: "invalid_parameter", param: "limit" }
      })
    })
)

it.live("the control ends a page of the outbox before its attachments exceed 16 MiB", () =>
  Effect.gen(function* () {
    const url = yield* serveSandbox()
    const json = (path: string, type: string, body: BodyInit) =>
      Effect.promise(async () =>
        (
          await fetch(`${url}/sending/api/v1${path}`, {
            method: "POST",
            headers: { authorization, "content-type": type },
            body
          })
        ).json()
      )
    const file = (yield* json(
      "/emails/attachments?filename=a.bin",
      "application/octet-stream",
      new Uint8Array(6_000_000).fill(255)
    )) as { data: { attachment_id: string } }
    const { attachment_id } = file.data
    const message = JSON.stringify({ ...email, attachments: [{ attachment_id }] })
    for (let count = 0; count < 3; count++) {
      expect(yield* json("/emails/send", "application/json", message)).toMatchObject({ ok: true })
    }
    const outbox = (query: string) =>
      Effect.promise(async () => (await fetch(`${url}/__sandbox/outbox${query}`)).json()).pipe(
        Effect.map((page) => page as { emails: ReadonlyArray<{ attachments: ReadonlyArray<object> }> })
      )
    const first = yield* outbox("")
    expect(first).toMatchObject({ has_more: true, next_cursor: "2" })
    expect(first.emails).toHaveLength(2)
    expect(first.emails[0]?.attachments[0]).toMatchObject({
      size_bytes: 6_000_000,
      content: "/".repeat(8_000_000)
    })
    const second = yield* outbox("?cursor=2")
    expect(second).toMatchObject({ has_more: false, next_cursor: "3" })
    expect(second.emails).toHaveLength(1)
  }).pipe(Effect.scoped)
)
