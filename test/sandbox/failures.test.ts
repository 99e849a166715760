/**
 * Compares the error responses of the sandbox, requested without the SDK, with the facts of the API's contract.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as Sandbox from "../../src/Sandbox.js"
import { Sending } from "../../src/Sending.js"
import { readFacts } from "../contract/facts.js"
import { bare } from "../support/bare.js"
import { email } from "../support/http.js"

const documents = readFacts()

describe("the failures of the sandbox", () => {
  it.scoped("responds with not_found to a path or method that no operation has", () =>
    Effect.gen(function* () {
      const { refused } = yield* bare(documents)
      for (const [surface, target] of [
        ["sending", "GET /emails/unknown"],
        ["sending", "GET /emails/send"],
        ["sending", "GET /domains"],
        ["management", "POST /billing/balance"],
        ["mailbox", "GET /mailbox"],
        ["mailbox", "PUT /mailbox/me"]
      ] as const) {
        const problems = yield* refused(surface, target, {}, "not_found")
        expect(problems.filter((problem) => !problem.includes("x-ratelimit"))).toEqual([])
      }
    })
  )

  it.scoped("counts each key and surface separately, and returns when a rejected call may be repeated", () =>
    Effect.gen(function* () {
      const { refused, send } = yield* bare(documents, {
        limits: { sending: 2, management: 2, mailbox: 2 }
      })
      yield* TestClock.adjust("100 seconds")
      for (const [surface, target] of [
        ["sending", "GET /me"],
        ["management", "GET /billing/balance"],
        ["mailbox", "GET /mailbox/me"]
      ] as const) {
        const first = yield* send(surface, target)
        expect(first.status).toBe(200)
        expect(first.headers).toMatchObject({
          "x-ratelimit-limit": "2",
          "x-ratelimit-remaining": "1",
          "x-ratelimit-reset": "160"
        })
        yield* TestClock.adjust("10 seconds")
        expect((yield* send(surface, target)).headers["x-ratelimit-remaining"]).toBe("0")
        expect(yield* refused(surface, target, {}, "rate_limit_exceeded")).toEqual([])
        expect((yield* send(surface, target)).headers).toMatchObject({
          "retry-after": "50",
          "x-ratelimit-remaining": "0",
          "x-ratelimit-reset": "160"
        })
        yield* TestClock.adjust("50 seconds")
        expect((yield* send(surface, target)).status).toBe(200)
        yield* TestClock.setTime(100_000)
      }
      const agent = yield* send("mailbox", "GET /mailbox/me", { key: "smx_agent_sandbox" })
      expect(agent.status).toBe(200)
    })
  )

  it.scoped("rejects files and messages that are too large", () =>
    Effect.gen(function* () {
      const { refused, send } = yield* bare(documents)
      const zeros = (size: number) => new Uint8Array(size)
      const tooLarge = "payload_too_large"
      const upload = "POST /emails/attachments?filename=a.bin"
      const files: Array<{ readonly attachment_id: string }> = []
      for (let count = 0; count < 2; count++) {
        files.push(JSON.parse((yield* send("sending", upload, { body: zeros(18_874_368) })).body).data)
      }
      const attachments = files.map(({ attachment_id }) => ({ attachment_id }))
      expect([
        ...(yield* refused("sending", upload, { body: zeros(18_874_369) }, tooLarge)),
        ...(yield* refused("sending", "POST /emails/send", { body: { ...email, attachments } }, tooLarge)),
        ...(yield* refused(
          "sending",
          "POST /emails/attachment-uploads",
          { body: { filename: "a.bin", size_bytes: 18_874_369 } },
          tooLarge,
          "validation_error"
        )),
        ...(yield* refused(
          "mailbox",
          "POST /mailbox/attachments:upload?filename=a.bin",
          { body: zeros(7_500_001) },
          tooLarge
        )),
        ...(yield* refused(
          "mailbox",
          "POST /mailbox/attachment-uploads",
          { body: { filename: "a.bin", content_type: "application/zip", size_bytes: 7_500_001 } },
          tooLarge,
          "validation_error"
        ))
      ]).toEqual([])
    })
  )

  it.scoped("distinguishes messages that cannot be sent now from invalid messages", () =>
    Effect.gen(function* () {
      const { refused, send } = yield* bare(documents)
      const providers = JSON.parse((yield* send("management", "GET /providers")).body)
      yield* send("management", `POST /providers/${providers.data[0].id}/deactivate`)
      const invalid = { ...email, to: { email: "nobody" } }
      const batch = (...messages: ReadonlyArray<object>) => ({ body: { messages } })
      const message = { to: [{ email: "ada@example.com", name: null }], subject: "Hi", text_body: "x" }
      const sendBatch = "POST /emails/send/batch"
      expect([
        ...(yield* refused("sending", "POST /emails/send", { body: email }, "no_active_providers")),
        ...(yield* refused("sending", sendBatch, batch(email, email), "no_active_providers")),
        ...(yield* refused("sending", sendBatch, batch(invalid, invalid), "validation_error")),
        ...(yield* refused(
          "mailbox",
          "POST /mailbox/messages/send",
          { body: message },
          "service_unavailable"
        ))
      ]).toEqual([])
      const mixed = yield* send("sending", sendBatch, batch(email, invalid))
      expect(mixed.status).toBe(200)
      expect(JSON.parse(mixed.body).data.summary).toEqual({ total: 2, queued: 0, failed: 2 })
    })
  )

  it.scoped("reports which part of a request is invalid", () =>
    Effect.gen(function* () {
      const { refused, send } = yield* bare(documents)
      const url = "https://hooks.example.com"
      const unknownType = { url, event_types: ["message.delivered", "message.lost"] }
      const upload = yield* send("sending", "POST /emails/attachment-uploads", {
        body: { filename: "a.txt", size_bytes: 1 }
      })
      const put = `PUT /emails/attachment-uploads/${JSON.parse(upload.body).data.upload_id}`
      const usage = "GET /mailboxes/mbx_sandbox/usage?start=1970-01-02T00:00:00Z&end=1970-01-01T00:00:00Z"
      const body = new Uint8Array(1)
      expect([
        ...(yield* refused("management", "POST /webhooks", { body: unknownType }, "validation_error")),
        ...(yield* refused("management", usage, {}, "invalid_parameter")),
        ...(yield* refused("management", "GET /billing/summary?days=8", {}, "invalid_parameter")),
        ...(yield* refused("mailbox", "GET /mailbox/messages/search-snippets", {}, "missing_parameter")),
        ...(yield* refused(
          "mailbox",
          "GET /mailbox/messages?thread_id=x&q=y",
          {},
          "invalid_parameter",
          "validation_error"
        ))
      ]).toEqual([])
      const tokenless = yield* refused("sending", put, { body }, "missing_parameter")
      expect(tokenless.filter((problem) => !problem.includes("x-ratelimit"))).toEqual([])
      const wrong = { body, headers: { "x-sendmux-upload-token": "other" } }
      expect(yield* refused("sending", put, wrong, "authentication_required")).toEqual([])
    })
  )

  it.scoped("rejects a webhook beyond the limit of the team", () =>
    Effect.gen(function* () {
      const { refused, send } = yield* bare(documents)
      const webhook = { body: { url: "https://hooks.example.com", event_types: ["message.delivered"] } }
      const target = "POST /webhooks"
      for (let count = 0; count < 20; count++) {
        expect((yield* send("management", target, webhook)).status).toBe(201)
      }
      expect(yield* refused("management", target, webhook, "limit_exceeded")).toEqual([])
    })
  )

  it.scoped("scopes an idempotency key to its endpoint, whichever resource the call names", () =>
    Effect.gen(function* () {
      const { refused, send } = yield* bare(documents)
      const created = yield* Effect.forEach(["a", "b"], (path) =>
        send("management", "POST /webhooks", {
          body: { url: `https://hooks.example.com/${path}`, event_types: ["sendmux.test"] }
        })
      )
      const [a, b] = created.map(({ body }) => String(JSON.parse(body).data.id))
      const headers = { "idempotency-key": "k" }
      const rotated = yield* send("management", `POST /webhooks/${a}/rotate-secret`, { headers })
      yield* TestClock.adjust("23 hours")
      const again = yield* send("management", `POST /webhooks/${a}/rotate-secret`, { headers })
      expect(again.body).toBe(rotated.body)
      expect(again.headers["x-request-id"]).toBe(rotated.headers["x-request-id"])
      const other = `POST /webhooks/${b}/rotate-secret`
      expect(yield* refused("management", other, { headers }, "idempotency_conflict")).toEqual([])
      expect((yield* send("management", `POST /webhooks/${b}/test`, { headers })).status).toBe(200)
      yield* TestClock.adjust("1 hour")
      const later = yield* send("management", `POST /webhooks/${a}/rotate-secret`, { headers })
      expect(later.body).not.toBe(rotated.body)
    })
  )

  it.scoped("responds to injected faults with documented error responses", () =>
    Effect.gen(function* () {
      const { control, refused } = yield* bare(documents)
      for (const [status, code] of [
        [400, "invalid_parameter"],
        [402, "insufficient_credits"],
        [403, "insufficient_permissions"],
        [409, "conflict"],
        [422, "validation_error"],
        [500, "internal_error"],
        [503, "service_unavailable"]
      ] as const) {
        yield* control.inject({ kind: { _tag: "ErrorResponse", status, retryAfter: 1 } })
        const problems = yield* refused("sending", "GET /me", {}, code)
        expect(problems.filter((problem) => !problem.includes("x-ratelimit"))).toEqual([])
      }
      yield* control.inject({ kind: { _tag: "RateLimited" } })
      expect(yield* refused("sending", "GET /me", {}, "rate_limit_exceeded")).toEqual([])
    })
  )

  it.effect("applies a fault with a probability to that part of the calls, until it is cleared", () =>
    Effect.gen(function* () {
      const control = yield* Sandbox.Control
      const sending = yield* Sending
      const kind = { _tag: "ErrorResponse", status: 402 } as const
      yield* control.inject({ operation: "sending.emails.send", probability: 0.2, kind })
      const failures = (calls: number) =>
        Effect.map(
          Effect.forEach(Array.from({ length: calls }), () => Effect.exit(sending.emails.send(email))),
          (exits) => exits.filter((exit) => exit._tag === "Failure").length
        )
      const failed = yield* failures(500)
      expect(failed).toBeGreaterThan(70)
      expect(failed).toBeLessThan(130)
      yield* control.clearFaults
      expect(yield* failures(50)).toBe(0)
    }).pipe(Effect.provide(Layer.provideMerge(Sending.layer({ apiKey: Sandbox.mailboxKey }), Sandbox.layer)))
  )
})
