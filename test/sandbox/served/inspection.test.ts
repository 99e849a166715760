/**
 * What the control shows of the state: messages, logs, webhooks, requests and domains.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import PostalMime from "postal-mime"
import { Sandbox } from "../../../src/index.js"
import { serve } from "../../support/sandbox.js"

const mailboxKey = "smx_mbx_sandbox"
const rootKey = "smx_root_sandbox"

const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="

/** A served sandbox, with the requests that the tests need. */
const start = Effect.gen(function* () {
  const sandbox = yield* Sandbox.make()
  const url = yield* serve(sandbox)
  const get = (path: string) => Effect.promise(() => fetch(`${url}/__sandbox${path}`))
  const json = (path: string) =>
    Effect.flatMap(get(path), (response) => Effect.promise(() => response.json()))
  const text = (path: string) =>
    Effect.flatMap(get(path), (response) => Effect.promise(() => response.text()))
  const call = (method: string, path: string, key: string, body: unknown, headers: object = {}) =>
    Effect.promise(async () => {
      const response = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
        body: JSON.stringify(body)
      })
      return { status: response.status, body: await response.json() }
    })
  const send = (input: object) =>
    Effect.map(
      call("POST", "/sending/api/v1/emails/send", mailboxKey, {
        from: { email: "agent@sandbox.test", name: "Agent" },
        to: { email: "ada@example.com", name: "Ada" },
        subject: "Hello",
        html_body: "<p>Hello</p>",
        ...input
      }),
      ({ body }) => String(body.data.message_id)
    )
  const sendFromMailbox = (input: object) =>
    call("POST", "/app/api/v1/mailbox/messages/send", mailboxKey, {
      to: [{ email: "ada@example.com", name: "Ada" }],
      subject: "Files",
      ...input
    })
  return { ...sandbox, url, get, json, text, call, send, sendFromMailbox }
})

/** The id of the newest sent message. */
const newestId = (json: (path: string) => Effect.Effect<{ items: ReadonlyArray<{ id: string }> }>) =>
  Effect.map(json("/recent/emails"), ({ items }) => items[0]?.id ?? "")

it.live("the control lists sent messages newest first, without their content, and finds them by words", () =>
  Effect.gen(function* () {
    const { json, send } = yield* start
    yield* send({ subject: "First", html_body: "<p>apples &amp; pears</p>" })
    yield* send({ subject: "Second", to: { email: "reject@example.com" } })
    const all = yield* json("/recent/emails")
    expect(all).toMatchObject({
      ok: true,
      total: 2,
      items: [
        { subject: "Second", status: "rejected", via: "sending", to: [{ email: "reject@example.com" }] },
        { subject: "First", status: "sent", preview: "apples & pears", attachment_count: 0 }
      ]
    })
    expect(JSON.stringify(all)).not.toContain("<p>")
    expect(yield* json("/recent/emails?q=APPLES%20first")).toMatchObject({
      total: 1,
      items: [{ subject: "First" }]
    })
    expect(yield* json("/recent/emails?q=nothing")).toMatchObject({ total: 0, items: [] })
    expect(yield* json("/recent/emails?limit=1")).toMatchObject({ total: 2, items: [{ subject: "Second" }] })
  }).pipe(Effect.scoped)
)

it.live("the control shows a sent message with its headers, files, links and recipients", () =>
  Effect.gen(function* () {
    const { json, sendFromMailbox } = yield* start
    yield* sendFromMailbox({
      cc: [{ email: "grace@example.com", name: null }],
      bcc: [{ email: "alan@example.com", name: null }],
      html_body: `<p><a href="https://example.com/confirm?a=1&amp;b=2">Confirm</a> <a href="javascript:alert(1)">x</a></p><img src="https://tracker.example.com/p.gif"><img src="cid:pixel.png">`,
      text_body: "See https://example.com/text",
      custom_headers: { "X-Campaign": "autumn" },
      attachments: [
        { filename: "pixel.png", content_type: "image/png", content: png },
        { filename: "notes.txt", content_type: "text/plain", content: btoa("notes") }
      ]
    })
    const { email } = yield* json(`/outbox/${yield* newestId(json)}`)
    expect(email).toMatchObject({
      via: "mailbox",
      status: "sent",
      has_html: true,
      has_text: true,
      links: ["https://example.com/confirm?a=1&b=2", "https://example.com/text"],
      remote_count: 1,
      attachments: [
        { index: 0, filename: "pixel.png", is_image: true, size_bytes: 70 },
        { index: 1, filename: "notes.txt", is_image: false, size_bytes: 5 }
      ],
      recipients: [
        { email: "ada@example.com", type: "to", status: "accepted" },
        { email: "grace@example.com", type: "cc" },
        { email: "alan@example.com", type: "bcc" }
      ]
    })
    expect(email.headers).toContainEqual({ name: "X-Campaign", value: "autumn" })
    expect(email.headers.map(({ name }: { name: string }) => name)).not.toContain("Bcc")
  }).pipe(Effect.scoped)
)

it.live("the source of a sent message is read by a mail parser with the same content", () =>
  Effect.gen(function* () {
    const { json, sendFromMailbox, text } = yield* start
    yield* sendFromMailbox({
      subject: "Grüße",
      html_body: "<p>Ünïcode</p>",
      text_body: "First line\n-- not a boundary\nLast line",
      attachments: [{ filename: 'a "quoted" ü.png', content_type: "image/png", content: png }]
    })
    const source = yield* text(`/outbox/${yield* newestId(json)}/raw`)
    const parsed = yield* Effect.promise(() => PostalMime.parse(source))
    expect(parsed.subject).toBe("Grüße")
    expect(parsed.html?.trim()).toBe("<p>Ünïcode</p>")
    expect(parsed.text?.trim()).toBe("First line\n-- not a boundary\nLast line")
    expect(parsed.attachments).toMatchObject([{ filename: "a _quoted_ ü.png", mimeType: "image/png" }])
  }).pipe(Effect.scoped)
)

it.live("a plain text body stays readable in the source", () =>
  Effect.gen(function* () {
    const { json, sendFromMailbox, text } = yield* start
    yield* sendFromMailbox({ text_body: "The code is 481 205.\nUse it soon." })
    const source = yield* text(`/outbox/${yield* newestId(json)}/raw`)
    expect(source).toContain("\r\n\r\nThe code is 481 205.\r\nUse it soon.")
  }).pipe(Effect.scoped)
)

it.live("a header of a message cannot add another header to its source", () =>
  Effect.gen(function* () {
    const { control, json, text } = yield* start
    yield* control.deliver({
      to: "agent@sandbox.test",
      subject: "One",
      text: "x",
      headers: { "X-Odd": "a\r\nX-Injected: yes\r\n\r\n<script>" },
      attachments: [
        {
          filename: 'a"\r\nX-Injected: yes\r\n.txt',
          content_type: "text/plain\r\nX-Injected: yes",
          bytes: new Uint8Array(1)
        }
      ]
    })
    const { items } = yield* json("/mailboxes/mbx_sandbox/messages")
    const source = yield* text(`/mailboxes/mbx_sandbox/messages/${items[0].id}/raw`)
    expect(source).not.toMatch(/^X-Injected/m)
  }).pipe(Effect.scoped)
)

it.live("each part of a message has headers that keep it from acting as a page", () =>
  Effect.gen(function* () {
    const { get, json, sendFromMailbox } = yield* start
    yield* sendFromMailbox({
      html_body: "<p>x</p>",
      text_body: "<script>alert(1)</script>",
      attachments: [
        { filename: "evil.html", content_type: "text/html", content: btoa("<script>alert(1)</script>") },
        { filename: "evil.svg", content_type: "image/svg+xml", content: btoa("<svg onload='alert(1)'/>") },
        { filename: "pixel.png", content_type: "image/png", content: png }
      ]
    })
    const message = `/outbox/${yield* newestId(json)}`
    for (const [part, type] of [
      ["html", "text/html; charset=utf-8"],
      ["text", "text/plain; charset=utf-8"],
      ["raw", "text/plain; charset=utf-8"],
      ["raw?download", "message/rfc822"],
      ["attachments/0", "application/octet-stream"],
      ["attachments/1", "application/octet-stream"],
      ["attachments/2", "image/png"]
    ] as const) {
      const { headers, status } = yield* get(`${message}/${part}`)
      expect(status, part).toBe(200)
      expect(headers.get("content-type"), part).toBe(type)
      const policy = headers.get("content-security-policy") ?? ""
      expect(policy).toContain("default-src 'none'")
      expect(policy).toMatch(/sandbox(?: allow-popups allow-popups-to-escape-sandbox)?$/)
      expect(policy).not.toMatch(/allow-(?:scripts|forms|same-origin|top-navigation)/)
      expect(headers.get("x-content-type-options")).toBe("nosniff")
      expect(headers.get("referrer-policy")).toBe("no-referrer")
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin")
      expect(headers.get("cache-control")).toBe("no-store")
      if (part.startsWith("attachments")) {
        expect(headers.get("content-disposition")).toMatch(/^attachment; filename\*=UTF-8''/)
      }
    }
  }).pipe(Effect.scoped)
)

for (const [filename, disposition] of [
  ["report.pdf", "attachment; filename*=UTF-8''report.pdf"],
  ["../../etc/passwd", "attachment; filename*=UTF-8''__.._etc_passwd"],
  [
    'a"; filename="b\r\nX-Injected: yes',
    "attachment; filename*=UTF-8''a%22%3B%20filename%3D%22b__X-Injected%3A%20yes"
  ],
  ["Grüße.txt", "attachment; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt"],
  ["gpj.\u202etxt", "attachment; filename*=UTF-8''gpj._txt"],
  ["\ud800.txt", "attachment; filename*=UTF-8''%EF%BF%BD.txt"],
  ["", "attachment; filename*=UTF-8''attachment"]
] as const) {
  it.live(`the name ${JSON.stringify(filename)} of an attachment becomes the header ${disposition}`, () =>
    Effect.gen(function* () {
      const { control, get, json } = yield* start
      yield* control.deliver({
        to: "agent@sandbox.test",
        attachments: [{ filename, content_type: "text/html", bytes: new Uint8Array([1, 2]) }]
      })
      const { items } = yield* json("/mailboxes/mbx_sandbox/messages")
      const response = yield* get(`/mailboxes/mbx_sandbox/messages/${items[0].id}/attachments/0`)
      expect(response.headers.get("content-disposition")).toBe(disposition)
      expect(response.headers.get("x-injected")).toBeNull()
      expect(yield* Effect.promise(() => response.arrayBuffer())).toHaveProperty("byteLength", 2)
    }).pipe(Effect.scoped)
  )
}

it.live("a long text is read in part, and tells its size", () =>
  Effect.gen(function* () {
    const { control, get, json } = yield* start
    yield* control.deliver({ to: "agent@sandbox.test", text: "x".repeat(300_000) })
    const { items } = yield* json("/mailboxes/mbx_sandbox/messages")
    const response = yield* get(`/mailboxes/mbx_sandbox/messages/${items[0].id}/text?max_bytes=1000`)
    expect(response.headers.get("x-sandbox-size")).toBe("300000")
    expect((yield* Effect.promise(() => response.text())).length).toBe(1000)
  }).pipe(Effect.scoped)
)

it.live("an HTML body of many megabytes is not shown, and does not fail", () =>
  Effect.gen(function* () {
    const { control, json, text } = yield* start
    yield* control.deliver({ to: "agent@sandbox.test", html: "<p>x".repeat(2_000_000) })
    const { items } = yield* json("/mailboxes/mbx_sandbox/messages")
    const body = yield* text(`/mailboxes/mbx_sandbox/messages/${items[0].id}/html`)
    expect(body).toContain("more than this page shows")
    expect(body.length).toBeLessThan(2000)
  }).pipe(Effect.scoped)
)

it.live("the control shows mailboxes, and the messages in them with a search", () =>
  Effect.gen(function* () {
    const { control, json, text } = yield* start
    yield* control.deliver({ to: "agent@sandbox.test", subject: "Apples", text: "green ones" })
    yield* control.deliver({ to: "agent@sandbox.test", subject: "Pears", text: "x", spam: true })
    expect(yield* json("/mailboxes")).toMatchObject({
      items: [{ id: "mbx_sandbox", email: "agent@sandbox.test", message_count: 2, unread_count: 2 }]
    })
    const found = yield* json("/mailboxes/mbx_sandbox/messages?q=green%20apples")
    expect(found).toMatchObject({
      total: 1,
      items: [{ subject: "Apples", folder: "Inbox", is_unread: true }]
    })
    const path = `/mailboxes/mbx_sandbox/messages/${found.items[0].id}`
    expect(yield* json(path)).toMatchObject({ message: { mailbox_id: "mbx_sandbox", subject: "Apples" } })
    expect(yield* text(`${path}/text`)).toBe("green ones")
    // Looking at a message does not mark it as read.
    expect(yield* json(path)).toMatchObject({ message: { is_unread: true } })
  }).pipe(Effect.scoped)
)

it.live("the control shows the logs of sent and received messages, newest first", () =>
  Effect.gen(function* () {
    const { control, json, send } = yield* start
    yield* send({ subject: "Out" })
    yield* control.deliver({ to: "agent@sandbox.test", subject: "In", spam: true })
    const { items, total } = yield* json("/logs")
    expect(total).toBe(2)
    expect(items.map(({ direction, status }: Record<string, string>) => [direction, status])).toEqual(
      expect.arrayContaining([
        ["sent", "sent"],
        ["received", "spam"]
      ])
    )
    const sent = items.find(({ direction }: Record<string, string>) => direction === "sent")
    expect(sent.email_id).toBe(yield* newestId(json))
    expect(yield* json("/logs?q=spam")).toMatchObject({ total: 1, items: [{ subject: "In" }] })
  }).pipe(Effect.scoped)
)

it.live("the control shows webhooks without their secret, and deliveries with payload and response", () =>
  Effect.gen(function* () {
    const { call, json, send, url } = yield* start
    const created = yield* call("POST", "/app/api/v1/webhooks", rootKey, {
      // The sandbox itself responds with 404 there.
      url: `${url}/hook`,
      event_types: ["message.delivered"]
    })
    const { id, secret } = created.body.data
    yield* send({ subject: "Notify" })
    let deliveries = yield* json(`/webhooks/${id}/deliveries`)
    while (deliveries.total === 0) deliveries = yield* json(`/webhooks/${id}/deliveries`)
    expect(deliveries.items[0]).toMatchObject({
      event_type: "message.delivered",
      result: "retrying",
      attempt: 1,
      response_status: 404,
      payload: { type: "message.delivered", data: { recipients: ["ada@example.com"] } }
    })
    expect(deliveries.items[0].response_body).toContain("not_found")
    const webhooks = yield* json("/webhooks")
    expect(webhooks).toMatchObject({
      total: 1,
      items: [{ id, enabled: true, failing: true, pending: 1, delivery_count: 1 }]
    })
    expect(JSON.stringify([webhooks, deliveries])).not.toContain(secret)
  }).pipe(Effect.scoped)
)

it.live(
  "the control shows a request with its body, its response and the fault that hit it, without secrets",
  () =>
    Effect.gen(function* () {
      const { call, control, json, send } = yield* start
      yield* control.inject({ operation: "sending.emails.send", kind: { _tag: "ResponseTruncated" } })
      yield* Effect.exit(send({ subject: "Truncated" }))
      yield* control.inject({ kind: { _tag: "ErrorResponse", status: 500 } })
      yield* call("PATCH", "/app/api/v1/domains/x", rootKey, { mode: "send" })
      yield* call("POST", "/app/api/v1/webhooks", rootKey, {
        url: "http://127.0.0.1:1/hook",
        event_types: ["message.delivered"]
      })
      const list = yield* json("/recent/requests")
      expect(list).toMatchObject({
        total: 3,
        items: [
          { operation: "management.webhooks.create", status: 201, fault: null },
          { operation: "management.domains.update", status: 500, fault: { kind: "ErrorResponse" } },
          { operation: "sending.emails.send", status: 200, fault: { kind: "ResponseTruncated" } }
        ]
      })
      const [created, refused, truncated] = list.items
      const { request } = yield* json(`/requests/${truncated.id}`)
      expect(request).toMatchObject({ method: "POST", path: "/sending/api/v1/emails/send", is_kept: true })
      expect(JSON.parse(request.request.body.text)).toMatchObject({ subject: "Truncated" })
      expect(request.response.body.text).toContain("message_id")
      expect(yield* json(`/requests/${refused.id}`)).toMatchObject({
        request: { request: { body: { text: '{"mode":"send"}' } } }
      })
      expect(request.request.headers).not.toHaveProperty("authorization")
      const shown = JSON.stringify(yield* json(`/requests/${created.id}`))
      expect(shown).not.toContain("whsec_")
      expect(shown).not.toContain("smx_root")
      expect(yield* json("/recent/requests?q=webhooks.create")).toMatchObject({ total: 1 })
    }).pipe(Effect.scoped)
)

it.live("the control shows the domains and the names of the operations", () =>
  Effect.gen(function* () {
    const { json } = yield* start
    expect(yield* json("/domains")).toMatchObject({
      items: [{ domain: "sandbox.test", verification_status: "verified", is_held: false, held_until: null }]
    })
    const { operations } = yield* json("/operations")
    expect(operations).toContain("sending.emails.send")
  }).pipe(Effect.scoped)
)

it.live("what does not exist has status 404, and an invalid parameter has status 400", () =>
  Effect.gen(function* () {
    const { get, json, send } = yield* start
    yield* send({})
    const id = yield* newestId(json)
    for (const path of [
      "/outbox/eml_none",
      "/outbox/eml_none/html",
      `/outbox/${id}/text`,
      `/outbox/${id}/other`,
      `/outbox/${id}/attachments/0`,
      `/outbox/${id}/attachments/-1`,
      `/outbox/${id}/attachments/..%2f..%2fraw`,
      "/mailboxes/none/messages",
      "/mailboxes/mbx_sandbox/messages/msg_none",
      "/webhooks/none/deliveries",
      "/requests/req_none"
    ]) {
      expect((yield* get(path)).status, path).toBe(404)
    }
    for (const path of ["/recent/emails?limit=0", "/logs?limit=x", `/outbox/${id}/raw?max_bytes=-1`]) {
      expect((yield* get(path)).status, path).toBe(400)
    }
  }).pipe(Effect.scoped)
)
