import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpBody from "@effect/platform/HttpBody"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { Retry, Sandbox, Sending } from "../../src/index.js"
import { email } from "../support/http.js"
import { serveSandbox } from "../support/sandbox.js"

const sandbox = (options: Sandbox.SandboxOptions = {}) =>
  Layer.provideMerge(
    Sending.layer({ apiKey: Sandbox.mailboxKey, retry: Retry.none }),
    Sandbox.layerWith(options)
  )

const bytes = (text: string) => new TextEncoder().encode(text)

describe("idempotency", () => {
  it.effect("repeats the first response for the same key and body for 24 hours, and sends once", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      const control = yield* Sandbox.Control
      const send = sending.emails.send.withResponse(email, { idempotencyKey: "k" })
      const first = yield* send
      yield* TestClock.adjust("23 hours")
      const second = yield* send
      expect(second.data).toEqual(first.data)
      expect(second.meta.requestId).toBe(first.meta.requestId)
      expect(yield* control.outbox).toHaveLength(1)
      yield* TestClock.adjust("1 hour")
      const third = yield* send
      expect(third.data.message_id).not.toBe(first.data.message_id)
      expect(third.meta.requestId).not.toBe(first.meta.requestId)
      expect(yield* control.outbox).toHaveLength(2)
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("rejects the same key with a different body", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      yield* sending.emails.send(email, { idempotencyKey: "k" })
      const error = yield* Effect.flip(
        sending.emails.send({ ...email, subject: "Other" }, { idempotencyKey: "k" })
      )
      expect(error).toMatchObject({ _tag: "APIError", status: 409, code: "idempotency_conflict" })
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("accepts a key again after a rejected request", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      const bad = { ...email, to: { email: "nobody@nowhere" } }
      const refused = yield* Effect.flip(sending.emails.send(bad, { idempotencyKey: "k" }))
      expect(refused).toMatchObject({ code: "validation_error", status: 422 })
      const sent = yield* sending.emails.send(email, { idempotencyKey: "k" })
      expect(sent.message_id).toMatch(/^eml_[a-z0-9]{24}$/)
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("treats a request as running until the caller has received its response", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      const control = yield* Sandbox.Control
      yield* control.inject({ kind: { _tag: "Slow", millis: 5_000 } })
      const slow = yield* Effect.fork(sending.emails.send(email, { idempotencyKey: "k" }))
      yield* Effect.yieldNow()
      const running = yield* Effect.flip(sending.emails.send(email, { idempotencyKey: "k" }))
      expect(running).toMatchObject({ code: "idempotency_conflict" })
      yield* TestClock.adjust("5 seconds")
      const first = yield* Fiber.join(slow)
      expect(yield* sending.emails.send(email, { idempotencyKey: "k" })).toEqual(first)
      expect(yield* control.outbox).toHaveLength(1)
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("returns a response that was lost to the retry of the SDK, and sends once", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      const control = yield* Sandbox.Control
      yield* control.inject({ kind: { _tag: "ResponseLost" } })
      yield* control.inject({ kind: { _tag: "ResponseTruncated" } })
      const call = yield* Effect.fork(
        sending.emails.send.withResponse(email).pipe(Retry.with(Retry.policy()))
      )
      yield* TestClock.adjust("10 seconds")
      const { data, meta } = yield* Fiber.join(call)
      expect(meta.attempts).toBe(3)
      expect((yield* control.outbox).map(({ id }) => id)).toEqual([data.message_id])
    }).pipe(Effect.provide(sandbox()))
  )
})

describe("rate limits", () => {
  it.effect(
    "reports the remaining calls, rejects calls beyond the limit, and accepts calls in the next window",
    () =>
      Effect.gen(function* () {
        const sending = yield* Sending
        const first = yield* sending.connection.get.withResponse()
        expect(first.meta.rateLimit).toMatchObject({ limit: 2, remaining: 1 })
        yield* sending.connection.get()
        const refused = yield* Effect.flip(sending.connection.get())
        expect(refused).toMatchObject({
          _tag: "APIError",
          status: 429,
          code: "rate_limit_exceeded",
          retryable: true
        })
        if (refused._tag !== "APIError") throw refused
        expect(refused.retryAfter).toBeDefined()
        yield* TestClock.adjust("1 minute")
        expect((yield* sending.connection.get.withResponse()).meta.rateLimit).toMatchObject({ remaining: 1 })
      }).pipe(Effect.provide(sandbox({ limits: { sending: 2 } })))
  )

  it.effect("have windows of the length that the option and the control set", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      const control = yield* Sandbox.Control
      yield* sending.connection.get()
      expect(yield* Effect.flip(sending.connection.get())).toMatchObject({ code: "rate_limit_exceeded" })
      yield* TestClock.adjust("5 seconds")
      yield* control.setRateLimit({ limits: { sending: 2 }, window: "10 seconds" })
      yield* sending.connection.get()
      yield* sending.connection.get()
      yield* TestClock.adjust("9 seconds")
      expect(yield* Effect.flip(sending.connection.get())).toMatchObject({ code: "rate_limit_exceeded" })
      yield* TestClock.adjust("1 second")
      yield* sending.connection.get()
      expect(() => Sandbox.layerWith({ rateLimit: { window: "1 second" } })).not.toThrow()
      expect(() => Sandbox.layerWith({ rateLimit: { window: 999 } })).toThrow("at least 1 second")
    }).pipe(Effect.provide(sandbox({ limits: { sending: 1 }, rateLimit: { window: "5 seconds" } })))
  )
})

describe("batches", () => {
  it.effect("queues the valid messages of a batch and reports the errors of the others", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      const control = yield* Sandbox.Control
      const bad = { ...email, to: { email: "nobody@nowhere" } }
      const { results, summary } = yield* sending.emails.sendBatch({ messages: [email, bad, email] })
      expect(results.map(({ _tag }) => _tag)).toEqual(["Queued", "Failed", "Queued"])
      expect(results[1]).toMatchObject({
        error: { code: "validation_error", errors: [{ field: "to.email" }] }
      })
      expect(summary).toEqual({ total: 3, queued: 2, failed: 1 })
      expect(yield* control.outbox).toHaveLength(2)
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("fails a batch without a valid message", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      const bad = { ...email, to: { email: "nobody@nowhere" } }
      const error = yield* Effect.flip(sending.emails.sendBatch({ messages: [bad, bad] }))
      expect(error).toMatchObject({ code: "validation_error", status: 422 })
      expect(error).toMatchObject({
        errors: [{ field: "messages[0].to.email" }, { field: "messages[1].to.email" }]
      })
    }).pipe(Effect.provide(sandbox()))
  )
})

describe("attachments", () => {
  it.effect("stores an uploaded file for one day, and sends its bytes", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      const control = yield* Sandbox.Control
      const file = yield* sending.attachments.upload({ filename: "a.csv", content: bytes("a,b") })
      expect(file).toMatchObject({ filename: "a.csv", content_type: "text/csv", size_bytes: 3 })
      expect(yield* sending.attachments.get(file.attachment_id)).toEqual(file)
      yield* sending.emails.send({ ...email, attachments: [{ attachment_id: file.attachment_id }] })
      expect((yield* control.outbox)[0]?.attachments[0]?.bytes).toEqual(bytes("a,b"))
      yield* TestClock.adjust("24 hours")
      expect(yield* Effect.flip(sending.attachments.get(file.attachment_id))).toMatchObject({
        code: "not_found"
      })
      const expired = yield* Effect.flip(
        sending.emails.send({ ...email, attachments: [{ attachment_id: file.attachment_id }] })
      )
      expect(expired).toMatchObject({ errors: [{ field: "attachments[0].attachment_id" }] })
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("accepts a delegated upload with its token and without the API key", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      const control = yield* Sandbox.Control
      const file = yield* sending.attachments.uploadDelegated({ filename: "a.txt", content: bytes("abc") })
      expect(yield* sending.attachments.get(file.attachment_id)).toEqual(file)
      const put = (yield* control.requests).find(({ method }) => method === "PUT")
      expect(put).toMatchObject({ status: 201, operation: "sending.attachments.completeUpload" })
      expect(put?.headers["authorization"]).toBeUndefined()
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect(
    "rejects a delegated upload with another token, size, digest or content, or after it has expired",
    () =>
      Effect.gen(function* () {
        const sending = yield* Sending
        const sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        const create = sending.attachments.createUpload({ filename: "a.txt", size_bytes: 3, sha256 })
        const created = yield* create
        const token = Redacted.value(created.headers["X-Sendmux-Upload-Token"] ?? Redacted.make(""))
        const put = (content: string, upload_token = token) =>
          sending.attachments.completeUpload(created.upload_id, { content: bytes(content), upload_token })
        expect(yield* Effect.flip(put("abc", "other"))).toMatchObject({ status: 401 })
        expect(yield* Effect.flip(put("abcd"))).toMatchObject({ code: "payload_too_large" })
        expect(yield* Effect.flip(put("abd"))).toMatchObject({ code: "validation_error" })
        const done = yield* put("abc")
        expect(yield* put("abc")).toEqual(done)
        expect(yield* Effect.flip(put("xyz"))).toMatchObject({ code: "conflict" })
        yield* TestClock.adjust("15 minutes")
        expect(yield* Effect.flip(put("abc"))).toMatchObject({ code: "not_found" })
      }).pipe(Effect.provide(sandbox()))
  )
})

describe("requests", () => {
  it.effect("rejects an unknown key and a key for another surface", () =>
    Effect.gen(function* () {
      const unknown = yield* Sending.make({ apiKey: Redacted.make("smx_mbx_stranger"), retry: Retry.none })
      expect(yield* Effect.flip(unknown.connection.get())).toMatchObject({ code: "authentication_required" })
      const root = yield* Sending.make({ accessToken: Sandbox.rootKey, retry: Retry.none })
      expect(yield* Effect.flip(root.connection.get())).toMatchObject({ code: "insufficient_permissions" })
      expect(yield* unknown.meta.getOpenApiSpec()).toMatchObject({ openapi: "3.1.0" })
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("responds with 304 to the current ETag", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      const { meta } = yield* sending.connection.get.withResponse()
      expect(Option.isNone(yield* sending.connection.get.ifNoneMatch(meta.etag ?? ""))).toBe(true)
      expect(Option.isSome(yield* sending.connection.get.ifNoneMatch('W/"other"'))).toBe(true)
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("lists requests without secrets", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      const control = yield* Sandbox.Control
      yield* sending.attachments.uploadDelegated({ filename: "a.txt", content: bytes("abc") })
      const requests = yield* control.requests
      expect(requests).toHaveLength(2)
      expect(JSON.stringify(requests)).not.toMatch(/smx_mbx_|uptok_/)
    }).pipe(Effect.provide(sandbox()))
  )

  it.scoped("rejects input that the SDK would not send", () =>
    Effect.gen(function* () {
      const { client } = yield* Sandbox.make()
      const post = (body: string) =>
        client
          .post("https://smtp.sendmux.ai/api/v1/emails/send", {
            headers: { authorization: "Bearer smx_mbx_sandbox" },
            body: HttpBody.text(body, "application/json")
          })
          .pipe(
            Effect.flatMap((response) =>
              Effect.map(response.json, (json) => [response.status, json] as const)
            )
          )
      expect((yield* post("{"))[0]).toBe(400)
      const [status, json] = yield* post(JSON.stringify({ ...email, subject: "", extra: 1 }))
      expect(status).toBe(422)
      expect(json).toMatchObject({
        ok: false,
        error: { code: "validation_error", errors: [{ field: "extra" }, { field: "subject" }] }
      })
    })
  )
})

describe("the HTTP app", () => {
  it.live("serves the API, the faults and the control over a socket", () =>
    Effect.gen(function* () {
      const url = yield* serveSandbox()
      const sending = yield* Sending.make({ apiKey: Sandbox.mailboxKey, baseUrl: `${url}/sending/api/v1` })
      const control = (path: string, init?: RequestInit) =>
        Effect.promise(async () => (await fetch(`${url}/__sandbox${path}`, init)).json())
      const post = (path: string, body: unknown) =>
        control(path, { method: "POST", body: JSON.stringify(body) })
      for (const kind of ["ResponseLost", "ResponseTruncated"])
        yield* post("/faults", { kind: { _tag: kind } })
      const { data, meta } = yield* sending.emails.send.withResponse(email)
      expect(meta.attempts).toBe(3)
      expect(yield* control("/outbox")).toMatchObject({
        emails: [{ id: data.message_id, subject: "Welcome" }]
      })
      const file = yield* sending.attachments.uploadDelegated({ filename: "a.txt", content: bytes("abc") })
      expect(file.size_bytes).toBe(3)
      expect(yield* post("/faults", { kind: { _tag: "Nonsense" } })).toMatchObject({ ok: false })
      const { requests } = (yield* control("/requests")) as { requests: ReadonlyArray<unknown> }
      expect(requests).toHaveLength(5)
    }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
  )
})
