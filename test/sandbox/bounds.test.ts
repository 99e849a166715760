/**
 * What the sandbox keeps is bounded, so that a served sandbox can run for ever.
 */
import * as HttpBody from "@effect/platform/HttpBody"
import { HttpClient } from "@effect/platform/HttpClient"
import { expect, it } from "@effect/vitest"
import * as BigDecimal from "effect/BigDecimal"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { Mailbox } from "../../src/Mailbox.js"
import { Management } from "../../src/Management.js"
import { Retry, Sandbox, Sending } from "../../src/index.js"
import { BoundedMap, Ring } from "../../src/sandbox/state/bounded.js"
import { email } from "../support/http.js"
import { address, all } from "../support/mailboxSandbox.js"
import { clients, serve } from "../support/server.js"
import type { SuccessOf } from "../support/types.js"

/** All surfaces of a sandbox with options. */
const sandbox = (options: Sandbox.SandboxOptions) =>
  Layer.mergeAll(
    Mailbox.layer({ apiKey: Sandbox.mailboxKey, retry: Retry.none }),
    Sending.layer({ apiKey: Sandbox.mailboxKey, retry: Retry.none }),
    Management.layer({ apiKey: Sandbox.rootKey, retry: Retry.none })
  ).pipe(Layer.provideMerge(Sandbox.layerWith(options)))

const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

const subjects = (items: ReadonlyArray<{ readonly subject?: string | null | undefined }>) =>
  items.map(({ subject }) => subject)

const bytesOf = (size: number) => new Uint8Array(size).fill(7)

// -----------------------------------------------------------------------------
// collections
// -----------------------------------------------------------------------------

it("a ring keeps the newest items, whatever was added and however heavy it is", () => {
  FastCheck.assert(
    FastCheck.property(
      FastCheck.array(FastCheck.integer({ min: 0, max: 5 })),
      FastCheck.integer({ min: 0, max: 6 }),
      FastCheck.integer({ min: 0, max: 12 }),
      (weights, maxEntries, maxWeight) => {
        const ring = new Ring<number>({ maxEntries, maxWeight, weightOf: (weight) => weight })
        const expected: Array<number> = []
        for (const weight of weights) {
          ring.push(weight)
          expected.push(weight)
          const sum = () => expected.reduce((total, one) => total + one, 0)
          while (expected.length > maxEntries || (expected.length > 1 && sum() > maxWeight)) expected.shift()
          expect(ring.toArray()).toEqual(expected)
        }
        expect(ring.slice(0, 1000)).toEqual({ items: expected, next: weights.length, hasMore: false })
        expect(ring.slice(ring.start + 1, 2).items).toEqual(expected.slice(1, 3))
      }
    )
  )
})

it("a bounded map drops the entry that was set longest ago, and forgets the weight of deleted entries", () => {
  const map = new BoundedMap<string, number>({ maxEntries: 3, maxWeight: 10, weightOf: (value) => value })
  for (const [key, value] of [
    ["a", 1],
    ["b", 2],
    ["c", 3],
    ["a", 4],
    ["d", 1]
  ] as const)
    map.set(key, value)
  expect(map.values()).toEqual([3, 4, 1])
  expect(map.delete("c")).toBe(true)
  expect(map.delete("c")).toBe(false)
  map.set("e", 5)
  expect(map.values()).toEqual([4, 1, 5])
  map.set("f", 6)
  expect([map.get("a"), map.get("d"), map.has("e"), map.get("f")]).toEqual([undefined, undefined, false, 6])
  map.dropWhile((value) => value > 5)
  expect(map.size).toBe(0)
})

it("a bounded map notices that a value became heavier, and keeps its age", () => {
  const map = new BoundedMap<string, { size: number }>({
    maxEntries: 10,
    maxWeight: 10,
    weightOf: ({ size }) => size
  })
  const first = { size: 1 }
  map.set("first", first)
  map.set("second", { size: 5 })
  first.size = 5
  map.weigh("first")
  expect(map.size).toBe(2)
  first.size = 6
  map.weigh("first")
  expect(map.values()).toEqual([{ size: 5 }])
})

it("a bounded map takes constant time for each entry, however many it holds", () => {
  const nanosPerSet = (maxEntries: number) => {
    const map = new BoundedMap<string, number>({ maxEntries })
    for (let index = 0; index < maxEntries; index++) map.set(`key${index}`, index)
    const start = performance.now()
    for (let index = 0; index < 20_000; index++) map.set(`next${index}`, index)
    return ((performance.now() - start) * 1e6) / 20_000
  }
  nanosPerSet(1000)
  // A map that looks for its first key takes 80 microseconds for each entry at this size.
  expect(nanosPerSet(100_000)).toBeLessThan(20_000)
})

// -----------------------------------------------------------------------------
// messages
// -----------------------------------------------------------------------------

it.effect("the outbox, the logs and the transactions keep the newest messages up to maxEmails", () =>
  Effect.gen(function* () {
    const { emails } = yield* Sending
    const { billing, emails: logs, inboxes } = yield* Management
    const control = yield* Sandbox.Control
    for (let index = 0; index < 7; index++) {
      yield* emails.send({ ...email, to: { email: address }, subject: `s${index}` })
    }
    expect(subjects(yield* control.outbox)).toEqual(["s4", "s5", "s6"])
    const logged = yield* all(logs.listLogs())
    expect(subjects(logged)).toEqual(["s6", "s5", "s4"])
    expect((yield* logs.getLog(logged[2]?.id ?? "")).recipients).toMatchObject([{ email: address }])
    expect(subjects(yield* all(inboxes.listLogs()))).toEqual(["s6", "s5", "s4"])
    const transactions = yield* all(billing.listTransactions())
    expect(transactions).toHaveLength(3)
    // The balance counts the dropped transactions too.
    const { balance, balance_consumed } = yield* billing.getBalance()
    expect(transactions[0]?.balance_after).toSatisfy(BigDecimal.equals(balance))
    const price = BigDecimal.abs(transactions[0]?.amount ?? BigDecimal.fromBigInt(0n))
    expect(balance_consumed).toSatisfy(
      BigDecimal.equals(BigDecimal.multiply(price, BigDecimal.fromBigInt(14n)))
    )
  }).pipe(Effect.provide(sandbox({ maxEmails: 3 })))
)

it.effect("the outbox keeps the newest messages up to maxStoredBytes", () =>
  Effect.gen(function* () {
    const { emails } = yield* Sending
    const control = yield* Sandbox.Control
    for (let index = 0; index < 5; index++) {
      const attachments = [{ filename: "a.bin", content: bytesOf(400) }]
      yield* emails.send({ ...email, subject: `s${index}`, attachments })
    }
    expect(subjects(yield* control.outbox)).toEqual(["s3", "s4"])
    yield* emails.send({
      ...email,
      subject: "huge",
      attachments: [{ filename: "b.bin", content: bytesOf(5000) }]
    })
    expect(subjects(yield* control.outbox)).toEqual(["huge"])
  }).pipe(Effect.provide(sandbox({ maxStoredBytes: 1000 })))
)

it.effect("a mailbox keeps its newest messages up to maxEmails, and reports the others as destroyed", () =>
  Effect.gen(function* () {
    const { changes, folders, messages, threads } = yield* Mailbox
    const control = yield* Sandbox.Control
    yield* control.deliver({ to: address, subject: "first" })
    const [first] = yield* all(messages.list())
    const before = yield* changes.get({ types: ["messages"] })
    for (let index = 0; index < 6; index++) yield* control.deliver({ to: address, subject: `s${index}` })
    expect(subjects(yield* all(messages.list()))).toEqual(["s5", "s4", "s3"])
    expect(yield* all(threads.list())).toHaveLength(3)
    const inbox = (yield* all(folders.list())).find(({ role }) => role === "inbox")
    expect(inbox).toMatchObject({ total_messages: 3 })
    const since = before.types.messages?.new_state ?? ""
    const after = yield* changes.get({ types: ["messages"], messages_since_state: since })
    expect(after.types.messages?.destroyed).toEqual([first?.id])
    expect(after.types.messages?.created).toHaveLength(3)
  }).pipe(Effect.provide(sandbox({ maxEmails: 3 })))
)

it.effect("a mailbox keeps its newest messages up to maxStoredBytes, with their files", () =>
  Effect.gen(function* () {
    const { attachments, messages } = yield* Mailbox
    const control = yield* Sandbox.Control
    const file = (name: string) => ({ filename: name, content_type: "text/plain", bytes: bytesOf(400) })
    const ids: Array<readonly [messageId: string, attachmentId: string]> = []
    for (let index = 0; index < 5; index++) {
      yield* control.deliver({ to: address, subject: `s${index}`, attachments: [file("a.txt")] })
      const [newest] = yield* all(messages.list())
      const message = yield* messages.get(newest?.id ?? "")
      ids.push([message.id, message.attachments?.[0]?.id ?? ""])
    }
    expect(subjects(yield* all(messages.list()))).toEqual(["s4", "s3"])
    const [oldest, , , kept] = ids
    const download = ([messageId, attachmentId]: readonly [string, string] = ["", ""]) =>
      all(attachments.download(messageId, attachmentId))
    expect((yield* download(kept)).reduce((sum, part) => sum + part.byteLength, 0)).toBe(400)
    expect(yield* Effect.flip(download(oldest))).toMatchObject({ code: "not_found" })
  }).pipe(Effect.provide(sandbox({ maxStoredBytes: 1000 })))
)

it.effect("a mailbox keeps the newest submissions and drafts up to maxEmails", () =>
  Effect.gen(function* () {
    const { drafts, messages, submissions } = yield* Mailbox
    const to = [{ email: "ada@example.com" }]
    for (let index = 0; index < 5; index++) {
      yield* messages.send({ to, subject: `s${index}`, text_body: "Hi" })
      yield* drafts.create({ subject: `d${index}` })
    }
    expect(yield* all(submissions.list())).toHaveLength(3)
    expect(subjects(yield* all(drafts.list()))).toEqual(["d4", "d3", "d2"])
  }).pipe(Effect.provide(sandbox({ maxEmails: 3 })))
)

it.effect("a draft that is rescheduled many times has one schedule, and is sent once", () =>
  Effect.gen(function* () {
    const { drafts } = yield* Mailbox
    const control = yield* Sandbox.Control
    const at = (minutes: number) => new Date(minutes * 60_000)
    const to = [{ email: "ada@example.com" }]
    const created = yield* drafts.create({ to, subject: "Later", text_body: "Hi" })
    let draft = yield* drafts.sendAt(created, at(10))
    for (let minutes = 11; minutes < 30; minutes++) draft = yield* drafts.moveSchedule(draft, at(minutes))
    const other = yield* drafts.create({ to, subject: "Too many", text_body: "Hi" })
    expect(yield* Effect.flip(drafts.sendAt(other, at(5)))).toMatchObject({ code: "limit_exceeded" })
    yield* TestClock.adjust("28 minutes")
    expect(yield* control.outbox).toEqual([])
    yield* TestClock.adjust("10 minutes")
    expect(subjects(yield* control.outbox)).toEqual(["Later"])
    yield* drafts.sendAt(other, at(60))
    yield* TestClock.adjust("1 hour")
    expect(subjects(yield* control.outbox)).toEqual(["Too many"])
  }).pipe(Effect.provide(sandbox({ maxEmails: 1 })))
)

// -----------------------------------------------------------------------------
// files and grants
// -----------------------------------------------------------------------------

it.effect("the newest uploaded files of Sending are kept up to maxStoredBytes", () =>
  Effect.gen(function* () {
    const { attachments } = yield* Sending
    const ids: Array<string> = []
    for (let index = 0; index < 4; index++) {
      const { attachment_id } = yield* attachments.upload({ filename: "a.bin", content: bytesOf(400) })
      ids.push(attachment_id)
    }
    const [first = "", , third = ""] = ids
    expect(yield* attachments.get(third)).toMatchObject({ size_bytes: 400 })
    expect(yield* Effect.flip(attachments.get(first))).toMatchObject({ code: "not_found" })
  }).pipe(Effect.provide(sandbox({ maxStoredBytes: 1000 })))
)

it.effect("at most 1000 upload grants are known at once", () =>
  Effect.gen(function* () {
    const { attachments } = yield* Sending
    const create = attachments.createUpload({ filename: "a.bin", size_bytes: 3 })
    const complete = ({ headers, upload_id }: SuccessOf<typeof create>) =>
      attachments.completeUpload(upload_id, {
        content: bytesOf(3),
        upload_token: Redacted.value(headers["X-Sendmux-Upload-Token"] ?? Redacted.make(""))
      })
    const first = yield* create
    const second = yield* create
    for (let index = 0; index < 999; index++) yield* create
    expect(yield* Effect.flip(complete(first))).toMatchObject({ code: "not_found" })
    expect(yield* complete(second)).toMatchObject({ size_bytes: 3 })
  }).pipe(Effect.provide(sandbox({ limits: { sending: 10_000 } })))
)

it.effect("at most 1000 upload grants of mailboxes are known at once", () =>
  Effect.gen(function* () {
    const { attachments } = yield* Mailbox
    const client = yield* HttpClient
    const create = attachments.createUpload({ filename: "a.bin", size_bytes: 3, content_type: "text/plain" })
    const complete = ({ upload_url }: SuccessOf<typeof create>) =>
      client.put(Redacted.value(upload_url), { body: HttpBody.uint8Array(bytesOf(3), "text/plain") })
    const first = yield* create
    const second = yield* create
    for (let index = 0; index < 999; index++) yield* create
    expect((yield* complete(first)).status).toBe(404)
    expect((yield* complete(second)).status).toBe(200)
    expect((yield* complete(second)).status).toBe(200)
  }).pipe(Effect.provide(sandbox({ limits: { mailbox: 10_000 } })))
)

it.effect("an idempotency key is known until 10,000 newer ones were used", () =>
  Effect.gen(function* () {
    const { emails } = yield* Sending
    const control = yield* Sandbox.Control
    const send = (idempotencyKey: string) => emails.send(email, { idempotencyKey })
    const first = yield* send("first")
    for (let index = 0; index < 9999; index++) yield* send(`key${index}`)
    expect(yield* send("first")).toEqual(first)
    yield* send("last")
    expect(yield* send("first")).not.toEqual(first)
    expect(yield* control.outbox).toHaveLength(5)
  }).pipe(Effect.provide(sandbox({ limits: { sending: 100_000 }, maxEmails: 5 })))
)

it.effect("a team and a mailbox have limits for what callers create", () =>
  Effect.gen(function* () {
    const { folders } = yield* Mailbox
    const { mailboxes } = yield* Management
    const control = yield* Sandbox.Control
    const [mailbox] = yield* all(mailboxes.list())
    const createKey = mailboxes.createKey(mailbox?.id ?? "", { app_name: "app" })
    const repeat = <A, E>(times: number, effect: (index: number) => Effect.Effect<A, E>) =>
      Effect.forEach(
        Array.from({ length: times }, (_, index) => index),
        effect,
        { discard: true }
      )
    yield* repeat(99, () => createKey)
    expect(yield* Effect.flip(createKey)).toMatchObject({ code: "limit_exceeded" })
    const createFolder = (index: number) => folders.create({ name: `f${index}` })
    yield* repeat(995, createFolder)
    expect(yield* Effect.flip(createFolder(995))).toMatchObject({ code: "limit_exceeded" })
    const client = yield* HttpClient
    const inject = client.post("http://127.0.0.1/__sandbox/faults", {
      body: HttpBody.text('{"kind":{"_tag":"BadGateway"}}', "application/json")
    })
    yield* repeat(1000, () => inject)
    expect((yield* inject).status).toBe(409)
    yield* control.clearFaults
    expect((yield* inject).status).toBe(200)
  }).pipe(Effect.provide(sandbox({ limits: { mailbox: 10_000 } })))
)

// -----------------------------------------------------------------------------
// webhooks
// -----------------------------------------------------------------------------

/** Makes a webhook and requests test deliveries. Returns the deliveries once there are as many as expected. */
const deliveries = (url: string, times: number, expected: number) =>
  Effect.gen(function* () {
    const { webhooks } = yield* Management
    const { id } = yield* webhooks.create({ url, event_types: ["sendmux.test"] })
    const events: Array<string> = []
    for (let index = 0; index < times; index++) events.push((yield* webhooks.test(id)).event_id)
    for (;;) {
      const items = yield* all(webhooks.listDeliveries(id))
      if (items.length >= expected) return { events, items }
      yield* turn
    }
  })

it.live("a webhook keeps its newest deliveries up to maxDeliveries", () =>
  Effect.gen(function* () {
    const { events, items } = yield* deliveries("http://127.0.0.1:1/hook", 6, 3)
    yield* turn
    expect(items).toHaveLength(3)
    expect(events).toEqual(expect.arrayContaining(items.map(({ event_id }) => event_id)))
  }).pipe(Effect.provide(sandbox({ maxDeliveries: 3 })))
)

it.live(
  "an event is recorded as failed and not sent while maxDeliveries events of the webhook are pending",
  () =>
    Effect.gen(function* () {
      const receiver = yield* serve(() => undefined)
      const { events, items } = yield* deliveries(receiver.origin, 3, 1)
      expect(items).toMatchObject([
        {
          event_id: events[2],
          result: "failed",
          response_status: null,
          error_message: "The event was not sent, because 2 events of the webhook are pending"
        }
      ])
      while (receiver.arrived.length < 2) yield* turn
      expect(receiver.arrived).toHaveLength(2)
    }).pipe(Effect.scoped, Effect.provide(sandbox({ maxDeliveries: 2 })))
)

it.live("an attempt of a webhook delivery fails after webhookTimeout, and its connection is closed", () =>
  Effect.gen(function* () {
    const receiver = yield* serve(() => undefined)
    const { items } = yield* deliveries(receiver.origin, 1, 1)
    expect(items).toMatchObject([
      {
        result: "retrying",
        response_status: null,
        error_message: "The receiver did not respond within 50 milliseconds"
      }
    ])
    yield* receiver.closed
  }).pipe(Effect.scoped, Effect.provide(sandbox({ webhookTimeout: "50 millis" })))
)

it.live("webhookTimeout also limits the time for the body of a response", () =>
  Effect.gen(function* () {
    const receiver = yield* serve((_, response) => {
      response.writeHead(200)
      response.write("started")
    })
    const { items } = yield* deliveries(receiver.origin, 1, 1)
    expect(items).toMatchObject([{ result: "retrying", response_status: null }])
    yield* receiver.closed
  }).pipe(Effect.scoped, Effect.provide(sandbox({ webhookTimeout: "50 millis" })))
)

for (const [name, client] of clients) {
  it.live(`a webhook delivery reads at most 64 KiB of an endless response over ${name}`, () =>
    Effect.gen(function* () {
      const webhookClient = yield* HttpClient
      const receiver = yield* serve((_, response) => {
        response.writeHead(200, { "content-type": "text/plain" })
        const part = "x".repeat(16_384)
        const write = () => {
          while (!response.destroyed && response.write(part));
        }
        response.on("drain", write)
        write()
      })
      const { items } = yield* Effect.provide(
        deliveries(receiver.origin, 1, 1),
        sandbox({ webhookClient, webhookTimeout: "60 seconds" })
      )
      expect(items).toMatchObject([
        { result: "success", response_status: 200, response_body: "x".repeat(2048) }
      ])
      yield* receiver.closed
    }).pipe(Effect.scoped, Effect.provide(client))
  )
}
