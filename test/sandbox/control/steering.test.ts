/**
 * The control in process, on the clock of the tests.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { Retry, Sandbox, Sending } from "../../../src/index.js"
import { Mailbox } from "../../../src/Mailbox.js"
import { Management } from "../../../src/Management.js"
import { logLayer } from "../../support/dialect/telemetry.js"
import { address, all, deliver, mailboxSandbox as sandbox } from "../../support/mailboxSandbox.js"

const email = (to = "ada@example.org", subject = "Hello") => ({
  from: { email: "hello@example.com" },
  to: { email: to },
  subject,
  html_body: "<p>Hi</p>"
})

const minute = 60_000

describe("the time of the sandbox", () => {
  it.effect("moves forward only when it is advanced, and does not move the clock of the program", () =>
    Effect.gen(function* () {
      const control = yield* Sandbox.Control
      expect(yield* control.now).toBe(0)
      expect(yield* control.advance("1 hour")).toBe(60 * minute)
      yield* TestClock.adjust("1 minute")
      expect(yield* control.now).toBe(61 * minute)
      for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY, "200000 days"] as const) {
        const exit = yield* Effect.exit(control.advance(wrong))
        expect(Exit.isFailure(exit) && String(exit.cause), String(wrong)).toContain("RangeError: Sandbox:")
      }
      expect(yield* control.now).toBe(61 * minute)
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect(
    "sends drafts at the times for which they are scheduled, in their order, when it is advanced",
    () =>
      Effect.gen(function* () {
        const { drafts } = yield* Mailbox
        const control = yield* Sandbox.Control
        for (const [subject, minutes] of [
          ["late", 20],
          ["early", 10],
          ["later", 90]
        ] as const) {
          const draft = yield* drafts.create({ subject, text_body: "x", to: [{ email: "ada@example.org" }] })
          yield* drafts.sendAt(draft, new Date(minutes * minute))
        }
        yield* control.advance("1 hour")
        const outbox = yield* control.outbox
        expect(outbox.map(({ sentAt, subject }) => [subject, sentAt])).toEqual([
          ["early", 10 * minute],
          ["late", 20 * minute]
        ])
      }).pipe(Effect.provide(sandbox()))
  )

  it.effect("frees the rate limit and forgets idempotency keys when it is advanced", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      const control = yield* Sandbox.Control
      const key = { idempotencyKey: "one" }
      const first = yield* sending.emails.send(email(), key)
      expect(yield* sending.emails.send(email(), key)).toEqual(first)
      yield* control.setRateLimit({ limits: { sending: 2 } })
      expect(yield* Effect.flip(sending.emails.send(email()))).toMatchObject({ code: "rate_limit_exceeded" })
      yield* control.advance("25 hours")
      expect(yield* sending.emails.send(email(), key)).not.toEqual(first)
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("ends the delay of a slow response when it is advanced", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      const control = yield* Sandbox.Control
      yield* control.inject({ kind: { _tag: "Slow", millis: 30_000 } })
      const call = yield* Effect.fork(sending.emails.send(email()))
      yield* control.waitForEmail()
      yield* control.advance("30 seconds")
      expect(yield* Fiber.join(call)).toMatchObject({ status: "queued" })
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("repeats the deliveries of a webhook that have become due", () => {
    let status = 500
    const signedAt: Array<string | undefined> = []
    const webhookClient = HttpClient.make((request) => {
      signedAt.push(request.headers["x-sendmux-timestamp"])
      return Effect.succeed(HttpClientResponse.fromWeb(request, new Response(null, { status })))
    })
    return Effect.gen(function* () {
      const { webhooks } = yield* Management
      const control = yield* Sandbox.Control
      const { id } = yield* webhooks.create({
        url: "https://hooks.example.com",
        event_types: ["message.received"]
      })
      yield* control.deliver({ to: address })
      const first = yield* control.waitForDelivery({ webhook: id, result: "retrying" })
      // The second and the third attempt are due after 5 and 35 seconds.
      yield* control.advance("1 minute")
      const third = yield* control.waitForDelivery(({ attempt }) => attempt === 3)
      expect(third).toMatchObject({ type: "message.received", status: 500, at: minute })
      status = 200
      yield* control.advance("1 day")
      const last = yield* control.waitForDelivery({ result: "success" }, { after: first.id })
      expect(last).toMatchObject({ attempt: 4, status: 200 })
      // Receivers compare the signed time with their own clock, which was not moved.
      expect(new Set(signedAt)).toEqual(new Set(["0"]))
    }).pipe(
      Effect.provide(
        Management.layer({ apiKey: Sandbox.rootKey }).pipe(
          Layer.provideMerge(Sandbox.layerWith({ webhookClient }))
        )
      )
    )
  })
})

describe("reset", () => {
  it.effect("returns the sandbox to its start: state, ids, faults, rate limit and time", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      const { domains } = yield* Management
      const mailbox = yield* Mailbox
      const control = yield* Sandbox.Control
      const first = yield* sending.emails.send(email(address))
      yield* domains.create({ domain: "example.test" })
      yield* control.inject({ kind: { _tag: "BadGateway" } })
      yield* control.setRateLimit({ limits: { sending: 1 } })
      yield* control.advance("1 hour")
      yield* control.reset
      expect(yield* control.outbox).toEqual([])
      expect(yield* control.requests).toEqual([])
      expect(yield* control.faults).toEqual([])
      expect(yield* control.now).toBe(0)
      expect(yield* control.counters).toEqual({
        requests: {},
        emails: 0,
        arrivals: 0,
        deliveries: 0,
        faults: 0
      })
      expect(yield* sending.emails.send(email(address))).toEqual(first)
      expect((yield* all(domains.list())).map(({ domain }) => domain)).toEqual(["sandbox.test"])
      expect(yield* all(mailbox.messages.list())).toHaveLength(1)
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("cancels scheduled drafts, and a wait goes on with the new state", () =>
    Effect.gen(function* () {
      const { drafts } = yield* Mailbox
      const sending = yield* Sending
      const control = yield* Sandbox.Control
      const draft = yield* drafts.create({
        subject: "old",
        text_body: "x",
        to: [{ email: "ada@example.org" }]
      })
      yield* drafts.sendAt(draft, new Date(minute))
      const waiting = yield* Effect.fork(control.waitForEmail({}, { timeout: "1 hour" }))
      yield* Effect.yieldNow()
      yield* control.reset
      yield* TestClock.adjust("2 minutes")
      yield* sending.emails.send(email("ada@example.org", "new"))
      expect((yield* Fiber.join(waiting)).subject).toBe("new")
      expect(yield* control.outbox).toHaveLength(1)
    }).pipe(Effect.provide(sandbox()))
  )
})

describe("faults", () => {
  it.effect("have ids and hits, can be removed one by one, and name those that never applied", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      const control = yield* Sandbox.Control
      const twice = yield* control.inject({
        operation: "sending.emails.send",
        times: 2,
        kind: { _tag: "BadGateway" }
      })
      const never = yield* control.inject({
        operation: "management.domains.get",
        kind: { _tag: "ConnectionLost" }
      })
      const removed = yield* control.inject({ kind: { _tag: "ResponseLost" } })
      expect(yield* control.removeFault(removed)).toBe(true)
      expect(yield* control.removeFault(removed)).toBe(false)
      yield* Effect.flip(sending.emails.send(email()))
      expect((yield* control.faults).map(({ hits, id }) => [id, hits])).toEqual([
        [twice, 1],
        [never, 0]
      ])
      expect(yield* control.unusedFaults).toEqual([
        { id: never, hits: 0, operation: "management.domains.get", kind: { _tag: "ConnectionLost" } }
      ])
      expect((yield* control.counters).faults).toBe(1)
      const [request] = yield* control.requests
      expect(yield* control.exchange(request?.requestId ?? "")).toMatchObject({
        fault: { id: twice, kind: "BadGateway" }
      })
      yield* control.clearFaults
      expect(yield* control.unusedFaults).toEqual([])
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("are rejected with a defect that names the closest operation or kind, or the field", () =>
    Effect.gen(function* () {
      const control = yield* Sandbox.Control
      const kind = { _tag: "BadGateway" } as const
      const causes: ReadonlyArray<readonly [fault: unknown, message: string]> = [
        [{ operation: "sending.email.send", kind }, "Did you mean sending.emails.send?"],
        [{ kind: { _tag: "BadGatewy" } }, "Did you mean BadGateway?"],
        [{ times: 0, kind }, "the field times of the fault must be a positive integer"],
        [{ probability: 2, kind }, "probability"],
        [{ kind: { _tag: "ErrorResponse", status: 200 } }, "kind.status"],
        [{ kind: { _tag: "Slow", millis: -1 } }, "kind.millis"]
      ]
      for (const [fault, message] of causes) {
        const exit = yield* Effect.exit(control.inject(fault as Sandbox.Fault))
        expect(Exit.isFailure(exit) && String(exit.cause)).toContain(message)
      }
      expect(yield* control.faults).toEqual([])
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("that never applied are logged as a warning when the sandbox ends, and only those", () => {
    const lines: Array<readonly [level: string, message: string]> = []
    return Effect.gen(function* () {
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { control } = yield* Sandbox.make()
          yield* control.inject({ operation: "management.domains.get", kind: { _tag: "BadGateway" } })
        })
      )
      yield* Effect.scoped(Sandbox.make())
      expect(lines).toEqual([
        [
          "WARN",
          expect.stringMatching(
            /^The sandbox has injected faults that no call has met: BadGateway of management\.domains\.get \(flt_\w+\)$/
          )
        ]
      ])
    }).pipe(
      Effect.provide(logLayer(({ level, message }) => lines.push([level.toUpperCase(), String(message)])))
    )
  })
})

describe("outcomes and expiry", () => {
  it.effect("reports what becomes of a sent message in its log and to the webhooks", () => {
    const webhookClient = HttpClient.make((request) =>
      Effect.succeed(HttpClientResponse.fromWeb(request, new Response(null, { status: 200 })))
    )
    return Effect.gen(function* () {
      const sending = yield* Sending
      const { emails, webhooks } = yield* Management
      const control = yield* Sandbox.Control
      yield* webhooks.create({
        url: "https://hooks.example.com",
        event_types: ["message.bounced", "message.complained", "message.delivery_delayed", "message.rejected"]
      })
      const { message_id } = yield* sending.emails.send(email())
      const logOf = Effect.map(all(emails.listLogs()), (logs) => logs[0])
      expect(yield* logOf).toMatchObject({ status: "sent" })
      expect(yield* control.setOutcome(message_id, { outcome: "delayed", delay_type: "Greylisting" })).toBe(
        true
      )
      expect(yield* logOf).toMatchObject({ status: "pending" })
      const delayed = yield* control.waitForDelivery({ type: "message.delivery_delayed" })
      expect(delayed.event.data).toMatchObject({
        delay_type: "Greylisting",
        sendmux_message_id: message_id,
        recipients: ["ada@example.org"]
      })
      yield* control.setOutcome(message_id, { outcome: "bounced", bounce_type: "Transient" })
      expect(yield* logOf).toMatchObject({
        status: "failed",
        status_reason: "The message bounced (Transient, General)"
      })
      const bounced = yield* control.waitForDelivery({ type: "message.bounced" })
      expect(bounced.event.data).toMatchObject({ bounce_type: "Transient", bounce_subtype: "General" })
      yield* control.setOutcome(message_id, { outcome: "complained", recipient: "ADA@example.org" })
      yield* control.waitForDelivery({ type: "message.complained" })
      yield* control.setOutcome(message_id, { outcome: "rejected" })
      expect(yield* logOf).toMatchObject({ status: "rejected", rejected_recipient_count: 1 })
      yield* control.setOutcome(message_id, { outcome: "delivered" })
      expect(yield* logOf).toMatchObject({ status: "sent", rejected_recipient_count: 0 })
      expect(yield* control.setOutcome("eml_unknown", { outcome: "bounced" })).toBe(false)
      expect(
        yield* control.setOutcome(message_id, { outcome: "bounced", recipient: "eve@example.org" })
      ).toBe(false)
    }).pipe(
      Effect.provide(
        Layer.merge(
          Sending.layer({ apiKey: Sandbox.mailboxKey }),
          Management.layer({ apiKey: Sandbox.rootKey })
        ).pipe(Layer.provideMerge(Sandbox.layerWith({ webhookClient })))
      )
    )
  })

  it.effect("holds or fails the verification of a domain for a while, and then verifies it", () =>
    Effect.gen(function* () {
      const { domains } = yield* Management
      const control = yield* Sandbox.Control
      const { id } = yield* domains.create({ domain: "example.test" })
      expect(
        yield* control.setVerification("example.test", { verification: "hold", duration: "1 hour" })
      ).toBe(true)
      const held = yield* domains.verify(id)
      expect(held).toMatchObject({ status: "pending", ses_verified_for_sending: false })
      expect(held.checks).toMatchObject({ spf: false, verification_txt: false })
      expect(yield* domains.get(id)).toMatchObject({ verification_status: "pending" })
      yield* control.advance("1 hour")
      expect(yield* domains.verify(id)).toMatchObject({ status: "verified" })
      yield* control.setVerification(id, { verification: "fail" })
      expect(yield* domains.get(id)).toMatchObject({ verification_status: "failed" })
      yield* control.setVerification(id, { verification: "pass" })
      expect(yield* domains.get(id)).toMatchObject({ verification_status: "verified" })
      expect(yield* control.setVerification("unknown.test", { verification: "hold" })).toBe(false)
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("makes uploads, downloads and keys expire", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      const mailbox = yield* Mailbox
      const client = yield* HttpClient.HttpClient
      const control = yield* Sandbox.Control
      const file = yield* sending.attachments.upload({
        filename: "a.txt",
        content: new TextEncoder().encode("a")
      })
      const arrived = yield* deliver({
        attachments: [{ filename: "b.txt", content_type: "text/plain", bytes: new TextEncoder().encode("b") }]
      })
      const urlOf = Effect.map(
        mailbox.messages.get(arrived.id),
        ({ attachments = [] }) => attachments[0]?.download_url
      )
      const url = yield* urlOf
      const shown = url === undefined ? "" : Redacted.value(url)
      expect((yield* client.get(shown)).status).toBe(200)
      yield* control.expireUploads
      yield* control.expireDownloads
      expect(yield* Effect.flip(sending.attachments.get(file.attachment_id))).toMatchObject({
        code: "not_found"
      })
      expect((yield* client.get(shown)).status).toBe(401)
      const fresh = yield* urlOf
      const again = fresh === undefined ? "" : Redacted.value(fresh)
      expect((yield* client.get(again)).status).toBe(200)
      expect(yield* control.expireKey(Sandbox.mailboxKey)).toBe(true)
      expect(yield* Effect.flip(sending.emails.send(email()))).toMatchObject({
        code: "authentication_required"
      })
      expect(yield* control.expireKey("smx_mbx_unknown")).toBe(false)
      yield* control.reset
      yield* sending.emails.send(email())
    }).pipe(Effect.provide(sandbox()))
  )
})

describe("messages in the format of RFC 5322", () => {
  const lines = [
    "From: =?utf-8?B?w4BkYQ==?= <ada@example.org>",
    `To: "Doe, Jane" <${address.toUpperCase()}>, other@example.org`,
    "Cc: Team: x@example.org, y@example.org;",
    "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=",
    "Message-ID: <m1@example.org>",
    "In-Reply-To: <m0@example.org>",
    "Date: Tue, 01 Sep 2026 10:00:00 +0000",
    "X-Custom: one",
    "MIME-Version: 1.0",
    'Content-Type: multipart/related; boundary="b"',
    "",
    "--b",
    "Content-Type: text/html; charset=utf-8",
    "Content-Transfer-Encoding: quoted-printable",
    "",
    '<p>Gr=C3=BC=C3=9Fe <img src=3D"cid:logo"></p>',
    "--b",
    'Content-Type: image/png; name="logo.png"',
    "Content-Transfer-Encoding: base64",
    "Content-ID: <logo>",
    'Content-Disposition: inline; filename="logo.png"',
    "",
    "iVBORw==",
    "--b--",
    ""
  ]
  const raw = lines.join("\r\n")

  it.effect("arrive with their decoded headers, bodies and inline files", () =>
    Effect.gen(function* () {
      const { messages } = yield* Mailbox
      const control = yield* Sandbox.Control
      const [arrived, ...others] = yield* control.deliverRaw(raw)
      expect(others).toEqual([])
      expect(arrived?.mailboxId).toBe("mbx_sandbox")
      expect(yield* messages.get(arrived?.id ?? "")).toMatchObject({
        from: { email: "ada@example.org", name: "Àda" },
        to: [
          { email: address.toUpperCase(), name: "Doe, Jane" },
          { email: "other@example.org", name: null }
        ],
        cc: [{ email: "x@example.org" }, { email: "y@example.org" }],
        subject: "Grüße",
        message_id: ["<m1@example.org>"],
        in_reply_to: ["<m0@example.org>"],
        html_body: expect.stringContaining("Grüße"),
        attachments: [
          { filename: "logo.png", content_type: "image/png", disposition: "inline", content_id: "logo" }
        ]
      })
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("go to the addresses of the envelope if they are given, and fail without a recipient", () =>
    Effect.gen(function* () {
      const control = yield* Sandbox.Control
      expect(yield* control.deliverRaw(raw, { to: "nobody@example.org" })).toEqual([])
      expect(
        yield* control.deliverRaw(new TextEncoder().encode("Subject: hi\r\n\r\nText"), {
          to: [address],
          spam: true
        })
      ).toHaveLength(1)
      expect(yield* control.waitForArrival({ spam: true })).toMatchObject({ subject: "hi", to: address })
      expect(yield* Effect.flip(control.deliverRaw("Subject: hi\r\n\r\nText"))).toMatchObject({
        _tag: "InboundMailError",
        message: "The message has no recipient in its headers. Set `to` to the address of a mailbox"
      })
    }).pipe(Effect.provide(sandbox()))
  )
})

describe("requests", () => {
  it.effect("show a request whose caller timed out as abandoned, and count it", () =>
    Effect.gen(function* () {
      const control = yield* Sandbox.Control
      const sending = yield* Sending
      yield* control.inject({ kind: { _tag: "Slow", millis: 3_600_000 } })
      const call = yield* Effect.fork(Effect.exit(sending.emails.send(email(), { timeout: "1 second" })))
      yield* control.waitForEmail()
      expect(yield* control.requests).toMatchObject([{ state: "running", status: undefined }])
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(call)
      expect(yield* control.requests).toMatchObject([{ state: "abandoned", status: undefined }])
      yield* Effect.flip(sending.emails.send({ ...email(), subject: "x".repeat(2000) })).pipe(Effect.ignore)
      yield* sending.emails.send(email())
      const { emails, requests } = yield* control.counters
      expect(requests["sending.emails.send"]).toMatchObject({ abandoned: 1, "200": 1 })
      expect(emails).toBe(2)
    }).pipe(
      Effect.provide(
        Sending.layer({ apiKey: Sandbox.mailboxKey, retry: Retry.none }).pipe(
          Layer.provideMerge(Sandbox.layer)
        )
      )
    )
  )

  it.effect("keep the bodies of requests and responses without secrets, and the start of long ones", () =>
    Effect.gen(function* () {
      const control = yield* Sandbox.Control
      const { mailboxes, webhooks } = yield* Management
      const sending = yield* Sending
      const key = yield* mailboxes.createKey("mbx_sandbox", { app_name: "CI" })
      yield* webhooks.create({ url: "https://hooks.example.com", event_types: ["sendmux.test"] })
      yield* sending.emails.send({ ...email(), html_body: "é".repeat(100_000) })
      yield* sending.attachments.upload({ filename: "a.bin", content: new Uint8Array(100) })
      const exchanges = yield* Effect.forEach(yield* control.requests, ({ requestId }) =>
        control.exchange(requestId)
      )
      const [created, webhook, sent, uploaded] = exchanges
      expect(created?.request?.text).toBe('{"app_name":"CI"}')
      expect(created?.response?.body?.text).toContain('"secret":"redacted"')
      expect(webhook?.response?.body?.text).toContain('"secret":"redacted"')
      expect(sent?.request).toMatchObject({ truncated: true })
      expect(sent?.request?.size).toBeGreaterThan(200_000)
      expect(new TextEncoder().encode(sent?.request?.text ?? "").byteLength).toBeLessThanOrEqual(65_536)
      expect(uploaded?.request).toMatchObject({ size: 100, text: undefined })
      const text = JSON.stringify(exchanges)
      expect(text).not.toMatch(/smx_mbx_|whsec_/)
      expect(text).not.toContain(Redacted.value(key.credential.secret))
      expect(yield* control.exchange("req_unknown")).toBeUndefined()
    }).pipe(Effect.provide(sandbox()))
  )
})
