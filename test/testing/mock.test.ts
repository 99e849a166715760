import { inspect } from "node:util"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Mailbox, Management, Retry, Sending } from "../../src/index.js"
import * as Testing from "../../src/Testing.js"

const key = Redacted.make("smx_root_mock")
const mailboxKey = Redacted.make("smx_mbx_mock")

/** The services over a mock, together with its control. */
const over = (replies: Testing.MockReplies) =>
  Layer.mergeAll(
    Management.layer({ apiKey: key, retry: Retry.none }),
    Sending.layer({ apiKey: mailboxKey, retry: Retry.none }),
    Mailbox.layer({ apiKey: mailboxKey, retry: Retry.none })
  ).pipe(Layer.provideMerge(Testing.layer(replies)))

const email = {
  from: { email: "hello@example.com" },
  to: { email: "ada@example.com" },
  subject: "Hello",
  html_body: "<p>Hello</p>"
}

const messageOf = (exit: Exit.Exit<unknown, unknown>): string =>
  Exit.isFailure(exit) ? String(exit.cause) : "it succeeded"

describe("a mock", () => {
  it.effect("responds with the data of a reply, encoded and decoded by the operation", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      const mock = yield* Testing.Mock
      expect(yield* sending.emails.send(email, { idempotencyKey: "k-1" })).toEqual({
        message_id: "eml_1",
        status: "queued"
      })
      const [call] = yield* mock.callsTo("sending.emails.send")
      expect(call).toMatchObject({ number: 1, idempotencyKey: "k-1", ids: [] })
      expect(call?.input.subject).toBe("Hello")
    }).pipe(
      Effect.provide(over({ "sending.emails.send": Testing.ok({ message_id: "eml_1", status: "queued" }) }))
    )
  )

  it.effect("passes the ids of a call to a function", () =>
    Effect.gen(function* () {
      const management = yield* Management
      expect(yield* management.domains.delete("mdom_9")).toEqual({ deleted: true, id: "mdom_9" })
    }).pipe(
      Effect.provide(
        over({
          "management.domains.delete": ({ ids: [id] }) => Testing.ok({ deleted: true, id })
        })
      )
    )
  )

  it.effect("responds with the error of a code, with its status and its details", () =>
    Effect.gen(function* () {
      const management = yield* Management
      const error = yield* Effect.flip(management.domains.delete("mdom_9"))
      expect(error).toMatchObject({
        _tag: "APIError",
        code: "rate_limit_exceeded",
        status: 429,
        retryable: true,
        requestId: "req_mock_1"
      })
    }).pipe(
      Effect.provide(
        over({ "management.domains.delete": Testing.error("rate_limit_exceeded", { retryAfter: 7 }) })
      )
    )
  )

  it.effect("replies in turn, and ends the test after the last reply", () =>
    Effect.gen(function* () {
      const management = yield* Management
      const mock = yield* Testing.Mock
      expect(yield* mock.unused).toEqual(["management.domains.delete"])
      yield* Effect.flip(management.domains.delete("mdom_1"))
      yield* management.domains.delete("mdom_1")
      expect(yield* mock.unused).toEqual([])
      const exit = yield* Effect.exit(management.domains.delete("mdom_1"))
      expect(messageOf(exit)).toContain(
        "The mock has 2 replies for management.domains.delete, and this is call 3"
      )
    }).pipe(
      Effect.provide(
        over({
          "management.domains.delete": Testing.sequence(
            Testing.error("not_found"),
            Testing.ok({ deleted: true, id: "mdom_1" })
          )
        })
      )
    )
  )

  it.effect("ends the test at a call without a reply, and names the operation and what was prepared", () =>
    Effect.gen(function* () {
      const management = yield* Management
      const exit = yield* Effect.exit(management.domains.get("mdom_1"))
      expect(messageOf(exit)).toContain(
        "The mock has no reply for management.domains.get. It has replies for management.domains.delete"
      )
    }).pipe(
      Effect.provide(over({ "management.domains.delete": Testing.ok({ deleted: true, id: "mdom_1" }) }))
    )
  )

  it.effect("ends the test at a request to another server", () =>
    Effect.gen(function* () {
      const client = yield* HttpClient.HttpClient
      const exit = yield* Effect.exit(client.get("https://example.com/else"))
      expect(messageOf(exit)).toContain("The mock knows no operation GET https://example.com/else")
    }).pipe(Effect.provide(Testing.layer({})))
  )

  it.effect("ends the test at data that does not fit, and says where", () => {
    // Code without types can prepare any value.
    const wrong: Testing.MockReplies = JSON.parse("{}")
    const untyped = Object.assign(wrong, {
      "management.domains.delete": Testing.ok({ deleted: true, id: 7 })
    })
    return Effect.gen(function* () {
      const management = yield* Management
      const exit = yield* Effect.exit(management.domains.delete("mdom_1"))
      expect(messageOf(exit)).toContain(
        "The reply of the mock for management.domains.delete does not fit: id must be a string"
      )
    }).pipe(Effect.provide(over(untyped)))
  })

  it("rejects a name that is not the name of an operation, and suggests one", () => {
    const misspelled = Object.assign(JSON.parse("{}") as Testing.MockReplies, {
      "management.domain.get": Testing.error("not_found")
    })
    expect(() => Testing.makeMock(misspelled)).toThrow("Did you mean management.domains.get?")
  })

  it.effect("responds with pages, which the list follows", () =>
    Effect.gen(function* () {
      const management = yield* Management
      const ids = yield* management.billing
        .listTransactions()
        .pipe(Stream.runCollect)
        .pipe(Effect.map((all) => Array.from(all).length))
      expect(ids).toBe(0)
      const mock = yield* Testing.Mock
      const calls = yield* mock.callsTo("management.billing.listTransactions")
      expect(calls.map(({ input }) => input?.cursor)).toEqual([undefined, "c2"])
    }).pipe(
      Effect.provide(
        over({
          "management.billing.listTransactions": Testing.sequence(
            Testing.ok([], { nextCursor: "c2" }),
            Testing.ok([])
          )
        })
      )
    )
  )

  it.effect("responds with 304 to a read that names the ETag of the reply", () =>
    Effect.gen(function* () {
      const management = yield* Management
      const read = yield* management.mailboxes.get.ifNoneMatch('W/"1"', "mbx_1")
      expect(read._tag).toBe("None")
    }).pipe(Effect.provide(over({ "management.mailboxes.get": Testing.notModified('W/"1"') })))
  )

  it.effect("breaks connections, delays replies, and responds with any text", () =>
    Effect.gen(function* () {
      const management = yield* Management
      const lost = yield* Effect.flip(management.domains.delete("mdom_1"))
      expect(lost._tag).toBe("TransportError")
      const html = yield* Effect.flip(management.domains.delete("mdom_1"))
      expect(html).toMatchObject({ _tag: "APIError", code: "http_502" })
      yield* management.domains.delete("mdom_1")
    }).pipe(
      Testing.autoAdvance(),
      Effect.provide(
        over({
          "management.domains.delete": Testing.sequence(
            Testing.connectionLost,
            Testing.raw({ status: 502, headers: { "content-type": "text/html" }, body: "<h1>Bad</h1>" }),
            Testing.delayed("30 seconds", Testing.ok({ deleted: true, id: "mdom_1" }))
          )
        })
      )
    )
  )

  it.effect("sends bytes and events", () =>
    Effect.gen(function* () {
      const mailbox = yield* Mailbox
      const bytes = yield* Stream.runCollect(mailbox.attachments.download("msg_1", "att_1"))
      expect(Array.from(bytes).map((part) => [...part])).toEqual([[1, 2, 3]])
      const [event] = Array.from(yield* Stream.runCollect(Stream.take(mailbox.events.stream(), 1)))
      expect(event).toMatchObject({ _tag: "MessageReceived", id: "e-1" })
    }).pipe(
      Effect.provide(
        over({
          "mailbox.attachments.download": Testing.ok(new Uint8Array([1, 2, 3])),
          "mailbox.events.stream": Testing.ok([
            {
              id: "e-1",
              event: "message.received",
              data: { event_type: "message.received", message_id: "<a@b>" }
            }
          ])
        })
      )
    )
  )

  it.effect("keeps no credential of a call", () =>
    Effect.gen(function* () {
      const management = yield* Management
      yield* management.domains.delete("mdom_1")
      const mock = yield* Testing.Mock
      expect(inspect(yield* mock.calls, { depth: 10 })).not.toContain("smx_root_mock")
    }).pipe(
      Effect.provide(over({ "management.domains.delete": Testing.ok({ deleted: true, id: "mdom_1" }) }))
    )
  )

  it.effect("changes a reply during a test", () =>
    Effect.gen(function* () {
      const management = yield* Management
      const mock = yield* Testing.Mock
      yield* mock.reply("management.domains.delete", Testing.error("conflict"))
      const error = yield* Effect.flip(management.domains.delete("mdom_1"))
      expect(error).toMatchObject({ code: "conflict", status: 409 })
    }).pipe(
      Effect.provide(over({ "management.domains.delete": Testing.ok({ deleted: true, id: "mdom_1" }) }))
    )
  )
})
