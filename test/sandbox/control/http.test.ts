/**
 * The control over HTTP, as a program in any language uses it: with a plain client over a socket.
 */
import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Sandbox } from "../../../src/index.js"
import { serve as receive } from "../../support/server.js"

interface Call {
  readonly body?: unknown
  readonly key?: string
  readonly type?: string
}

/** Sends a request to a sandbox and reads its JSON. */
const call = (origin: string, line: string, { body, key, type = "application/json" }: Call = {}) =>
  Effect.promise(async () => {
    const [method = "", path = ""] = line.split(" ")
    const response = await fetch(`${origin}${path}`, {
      method,
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { "content-type": type })
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) })
    })
    return { status: response.status, json: await response.json() }
  })

const listening = NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })

/** Runs a test against a sandbox that `Sandbox.server` serves. */
const served = <A, E>(test: (origin: string) => Effect.Effect<A, E, Sandbox.Control>) =>
  Effect.flatMap(Sandbox.Urls, ({ origin }) => test(origin)).pipe(
    Effect.provide(Layer.provide(Sandbox.server(), listening))
  )

const email = (to: string, subject = "Hello") => ({
  from: { email: "hello@example.com" },
  to: { email: to },
  subject,
  html_body: "<p>Hi</p>"
})

const send = (origin: string, to: string, subject?: string) =>
  call(origin, "POST /sending/api/v1/emails/send", { body: email(to, subject), key: "smx_mbx_sandbox" })

const root = { key: "smx_root_sandbox" }

describe("Sandbox.server", () => {
  it.live("serves a sandbox on the provided server, and provides its URLs and its control", () =>
    Effect.gen(function* () {
      const urls = yield* Sandbox.Urls
      const control = yield* Sandbox.Control
      expect(urls).toEqual({
        origin: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        sending: `${urls.origin}/sending/api/v1`,
        mailbox: `${urls.origin}/app/api/v1`,
        management: `${urls.origin}/app/api/v1`,
        control: `${urls.origin}/__sandbox`
      })
      yield* send(urls.origin, "ada@example.org")
      expect((yield* control.waitForEmail({ to: "ada@example.org" })).subject).toBe("Hello")
      expect((yield* call(urls.control, "GET /health")).json).toEqual({ ok: true })
    }).pipe(Effect.provide(Layer.provide(Sandbox.server(), listening)))
  )
})

describe("waits", () => {
  it.live("respond with the next match and the position from which to wait for another one", () =>
    served((origin) =>
      Effect.gen(function* () {
        const waiting = call(origin, "GET /__sandbox/wait?for=email&to=ADA@example.org&timeout_ms=60000")
        const [first] = yield* Effect.all([waiting, send(origin, "ada@example.org", "one")], {
          concurrency: "unbounded"
        })
        expect(first).toMatchObject({
          status: 200,
          json: { ok: true, kind: "email", position: 1, email: { subject: "one", attachments: [] } }
        })
        yield* send(origin, "bob@example.org", "two")
        yield* send(origin, "ada@example.org", "three")
        const next = `GET /__sandbox/wait?for=email&to=ada@example.org&after=${first.json.position}`
        expect((yield* call(origin, next)).json).toMatchObject({ position: 3, email: { subject: "three" } })
        const request = yield* call(
          origin,
          "GET /__sandbox/wait?for=request&operation=sending.emails.send&status=200"
        )
        expect(request.json.request).toMatchObject({ state: "responded", status: 200 })
      })
    )
  )

  it.live("respond with 408 and what was seen instead when their time has passed", () =>
    served((origin) =>
      Effect.gen(function* () {
        yield* send(origin, "ada@example.org")
        const late = yield* call(origin, "GET /__sandbox/wait?for=email&to=eve@example.org&timeout_ms=1")
        expect(late).toMatchObject({ status: 408, json: { ok: false, error: { code: "request_timeout" } } })
        expect(late.json.error.message).toContain('"Hello" from hello@example.com to ada@example.org')
      })
    )
  )

  it.live("for deliveries and arrivals respond with what the webhook and the mailbox received", () =>
    served((origin) =>
      Effect.gen(function* () {
        const receiver = yield* receive((_, response) => response.end("thanks"))
        const { json } = yield* call(origin, "POST /app/api/v1/webhooks", {
          ...root,
          body: { url: `${receiver.origin}/hook`, event_types: ["message.received.spam"] }
        })
        const inbound = { to: "agent@sandbox.test", subject: "Win", spam: true }
        const { json: arrived } = yield* call(origin, "POST /__sandbox/inbound", { body: inbound })
        const delivery = yield* call(
          origin,
          `GET /__sandbox/wait?for=delivery&webhook=${json.data.id}&type=message.received.spam&result=success`
        )
        expect(delivery.json.delivery).toMatchObject({
          status: 200,
          attempt: 1,
          event: { data: { is_spam: true } }
        })
        const arrival = yield* call(
          origin,
          "GET /__sandbox/wait?for=arrival&spam=true&mailbox=agent@sandbox.test"
        )
        expect(arrival.json.arrival).toMatchObject({ id: arrived.id, subject: "Win" })
      }).pipe(Effect.scoped)
    )
  )

  for (const [query, message] of [
    ["", "The parameter for must be one of email, arrival, request, delivery"],
    ["for=email&operation=x", "The parameter operation is unknown. The parameters of this wait are"],
    ["for=request&operation=sending.emails.sent", "Did you mean sending.emails.send?"],
    ["for=request&status=abc", "The parameter status must be a status of HTTP"],
    ["for=arrival&spam=1", "The parameter spam must be true or false"],
    ["for=delivery&result=ok", "The parameter result must be one of"],
    ["for=email&to=a&to=b", "The parameter to must not be repeated"],
    ["for=email&after=-1", "The parameter after must be an integer"],
    ["for=email&timeout_ms=60001", "The parameter timeout_ms must be an integer from 0 to 60000"]
  ] as const) {
    it.live(`reject the query "${query}" with 400 and the reason`, () =>
      served((origin) =>
        Effect.gen(function* () {
          const response = yield* call(origin, `GET /__sandbox/wait?${query}`)
          expect(response).toMatchObject({ status: 400, json: { error: { code: "invalid_parameter" } } })
          expect(response.json.error.message).toContain(message)
        })
      )
    )
  }
})

describe("messages", () => {
  it.live("arrive from fields with attachments, from a raw text, and from a raw body", () =>
    served((origin) =>
      Effect.gen(function* () {
        const inbound = (options: Call, query = "") =>
          call(origin, `POST /__sandbox/inbound${query}`, options)
        const to = "agent@sandbox.test"
        const fields = yield* inbound({
          body: { to, attachments: [{ filename: "a.txt", content_type: "text/plain", content: "YQ==" }] }
        })
        const raw = yield* inbound({ body: { raw: `To: ${to}\r\nSubject: raw\r\n\r\nHi` } })
        const body = yield* inbound({ body: "Subject: body\r\n\r\nHi", type: "message/rfc822" }, `?to=${to}`)
        for (const [index, { json, status }] of [fields, raw, body].entries()) {
          expect(status).toBe(200)
          expect(json).toMatchObject({ id: expect.stringMatching(/^msg_/), mailbox_id: "mbx_sandbox" })
          const message = yield* call(origin, `GET /app/api/v1/mailbox/messages/${json.id}`, {
            key: "smx_mbx_sandbox"
          })
          expect(message.json.data.subject).toBe(["", "raw", "body"][index])
          expect(message.json.data.attachments).toHaveLength(index === 0 ? 1 : 0)
        }
        const problems: ReadonlyArray<readonly [options: Call, status: number, message: string]> = [
          [{ body: { subject: "x" } }, 422, ""],
          [{ body: { raw: "Subject: x\r\n\r\n" } }, 422, "The message has no recipient in its headers"],
          [{ body: { raw: "To: x@example.org\r\n\r\n" } }, 404, "No active mailbox"],
          [{ body: { raw: "x", subject: "y" } }, 422, ""],
          [{ body: { to, attachments: [{ filename: "a", content: "*" }] } }, 422, ""],
          [{ body: "Subject: x\r\n\r\n", type: "message/rfc822" }, 422, "Set `to`"]
        ]
        for (const [options, status, message] of problems) {
          const response = yield* inbound(options)
          expect(response.status, JSON.stringify(options)).toBe(status)
          expect(response.json).toMatchObject({ ok: false })
          expect(response.json.error.message).toContain(message)
        }
      })
    )
  )

  it.live("change their log when the control reports an outcome", () =>
    served((origin) =>
      Effect.gen(function* () {
        const { json } = yield* send(origin, "ada@example.org")
        const outcome = (id: string, body: unknown) =>
          call(origin, `POST /__sandbox/outbox/${id}/outcome`, { body })
        expect((yield* outcome(json.data.message_id, { outcome: "bounced" })).status).toBe(200)
        const logs = yield* call(origin, "GET /app/api/v1/emails/logs", root)
        expect(logs.json.data).toMatchObject([{ status: "failed" }])
        expect((yield* outcome("eml_unknown", { outcome: "bounced" })).status).toBe(404)
        expect((yield* outcome(json.data.message_id, { outcome: "lost" })).status).toBe(422)
      })
    )
  )
})

describe("state", () => {
  it.live("resets, moves its time, expires keys, holds a verification and counts over HTTP", () =>
    served((origin) =>
      Effect.gen(function* () {
        const control = (line: string, body?: unknown) =>
          call(origin, line.replace(" ", " /__sandbox"), body === undefined ? {} : { body })
        const first = yield* send(origin, "ada@example.org")
        expect((yield* control("GET /counters")).json).toMatchObject({
          ok: true,
          emails: 1,
          requests: { "sending.emails.send": { "200": 1 } }
        })
        const before = (yield* control("GET /clock")).json
        const after = (yield* control("POST /clock", { advance_ms: 3_600_000 })).json
        expect(after.now_ms - before.now_ms).toBeGreaterThanOrEqual(3_600_000)
        expect(new Date(after.now).getTime()).toBe(after.now_ms)
        expect((yield* control("POST /clock", { advance_ms: -1 })).status).toBe(422)
        expect((yield* control("POST /expire", { what: "key", key: "smx_mbx_sandbox" })).status).toBe(200)
        expect((yield* send(origin, "ada@example.org")).status).toBe(401)
        expect((yield* control("POST /expire", { what: "key" })).status).toBe(422)
        const unknown = yield* control("POST /expire", { what: "key", key: "smx_mbx_other" })
        expect(unknown.status).toBe(404)
        expect(JSON.stringify(unknown.json)).not.toContain("smx_mbx_other")
        expect((yield* control("POST /expire", { what: "uploads" })).status).toBe(200)
        expect((yield* control("POST /expire", { what: "downloads" })).status).toBe(200)
        expect(
          (yield* control("PATCH /domains/sandbox.test", { verification: "hold", for_ms: 60_000 })).status
        ).toBe(200)
        const domains = yield* call(origin, "GET /app/api/v1/domains", root)
        expect(domains.json.data).toMatchObject([{ verification_status: "pending" }])
        expect((yield* control("PATCH /domains/none.test", { verification: "hold" })).status).toBe(404)
        yield* control("POST /faults", { kind: { _tag: "BadGateway" } })
        expect((yield* control("POST /reset")).json).toMatchObject({
          ok: true,
          unused_faults: [{ hits: 0, kind: { _tag: "BadGateway" } }]
        })
        expect((yield* control("GET /outbox")).json.emails).toEqual([])
        expect((yield* send(origin, "ada@example.org")).json).toEqual(first.json)
      })
    )
  )

  it.live("lists, counts and removes faults, and names the closest operation for a misspelled one", () =>
    served((origin) =>
      Effect.gen(function* () {
        const faults = (line: string, body?: unknown) =>
          call(origin, line.replace(" ", " /__sandbox/faults"), body === undefined ? {} : { body })
        const wrong = yield* faults("POST ", {
          operation: "sending.email.send",
          kind: { _tag: "BadGateway" }
        })
        expect(wrong.status).toBe(422)
        expect(wrong.json.error.errors).toMatchObject([
          { field: "operation", message: expect.stringContaining("Did you mean sending.emails.send?") }
        ])
        const twice = { operation: "sending.emails.send", times: 2, kind: { _tag: "BadGateway" } }
        const { id } = (yield* faults("POST ", twice)).json
        const other = (yield* faults("POST ", { kind: { _tag: "ResponseLost" } })).json.id
        expect((yield* send(origin, "ada@example.org").pipe(Effect.exit))._tag).toBe("Failure")
        expect((yield* faults("GET ")).json).toMatchObject({
          faults: [
            { id, hits: 1 },
            { id: other, hits: 0 }
          ],
          unused: [{ id: other }]
        })
        expect((yield* faults(`DELETE /${other}`)).status).toBe(200)
        expect((yield* faults(`DELETE /${other}`)).status).toBe(404)
        expect((yield* faults("DELETE ")).json).toEqual({ ok: true, unused: [] })
        expect((yield* faults("GET ")).json).toEqual({ ok: true, faults: [], unused: [] })
      })
    )
  )
})
