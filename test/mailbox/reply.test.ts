import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { Mailbox, type ReplyContent } from "../../src/Mailbox.js"
import * as Sandbox from "../../src/Sandbox.js"
import { mockClient, ok } from "../support/http.js"
import { mailboxOver } from "../support/mailbox.js"
import { deliver, mailboxSandbox } from "../support/mailboxSandbox.js"

/** Runs an effect while time passes. */
const passing = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(self)
    for (let times = 0; times < 40; times++) yield* TestClock.adjust("5 seconds")
    return yield* Fiber.join(fiber)
  })

const question = { from: "ada@example.org", subject: "Sunday", text: "Is it open?" }

const outbox = Effect.flatMap(Sandbox.Control, (control) => control.outbox)

/** Breaks the next call of an operation. */
const broken = (operation: Sandbox.OperationName, kind: Sandbox.FaultKind) =>
  Effect.flatMap(Sandbox.Control, (control) => control.inject({ operation, kind }))

const countOf = (operation: Sandbox.OperationName) =>
  Effect.flatMap(Sandbox.Control, (control) =>
    Effect.map(control.requests, (all) => all.filter((request) => request.operation === operation).length)
  )

describe("messages.reply", () => {
  it.effect(
    "sends a reply to the sender in the thread of the message, and marks the message as answered",
    () =>
      Effect.gen(function* () {
        const { messages } = yield* Mailbox
        const message = yield* deliver(question)
        const draft = yield* passing(messages.reply(message.id, { text_body: "Yes." }))
        expect(draft).toMatchObject({ status: "queued", subject: "Re: Sunday" })
        const [sent] = yield* outbox
        const received = yield* messages.get(message.id)
        expect(sent?.to).toEqual([{ email: "ada@example.org", name: null }])
        expect(sent).toMatchObject({ subject: "Re: Sunday", text: "Yes.", html: null, cc: [] })
        expect(sent?.headers["In-Reply-To"]).toBe(received.message_id?.[0])
        expect(received.flags.answered).toBe(true)
        const copy = yield* messages.get(draft.message_id ?? "")
        expect(copy.thread_id).toBe(message.thread_id)
      }).pipe(Effect.provide(mailboxSandbox()))
  )

  it.effect(
    "goes to the other recipients too with `all`, and other fields replace what follows from the message",
    () =>
      Effect.gen(function* () {
        const { messages } = yield* Mailbox
        const message = yield* deliver({
          ...question,
          headers: { to: "agent@sandbox.test, bob@example.org", cc: "eve@example.org" }
        })
        const html: ReplyContent = {
          html_body: "<p>Yes.</p>",
          subject: "Open",
          bcc: [{ email: "log@example.org" }]
        }
        yield* passing(messages.reply(message.id, html, { all: true }))
        const [sent] = yield* outbox
        expect(sent?.cc.map(({ email }) => email)).toEqual(["bob@example.org", "eve@example.org"])
        expect(sent?.bcc.map(({ email }) => email)).toEqual(["log@example.org"])
        expect(sent).toMatchObject({ subject: "Open", html: "<p>Yes.</p>", text: null })
      }).pipe(Effect.provide(mailboxSandbox()))
  )

  it.effect("is sent once however often it is called and whichever response was lost in between", () =>
    Effect.gen(function* () {
      const { messages } = yield* Mailbox
      const message = yield* deliver(question)
      const reply = messages.reply(message.id, { text_body: "Yes.", to: [{ email: "ada@example.org" }] })
      for (const operation of [
        "mailbox.drafts.create",
        "mailbox.drafts.get",
        "mailbox.drafts.send"
      ] as const) {
        for (const kind of ["ConnectionLost", "ResponseLost", "ResponseTruncated"] as const) {
          yield* broken(operation, { _tag: kind })
          yield* Effect.exit(passing(reply))
        }
      }
      const draft = yield* passing(reply)
      expect(draft.status).toBe("queued")
      expect(yield* outbox).toHaveLength(1)
      // The same content in another order of its fields is the same reply.
      yield* passing(messages.reply(message.id, { to: [{ email: "ada@example.org" }], text_body: "Yes." }))
      expect(yield* outbox).toHaveLength(1)
      yield* passing(messages.reply(message.id, { text_body: "And on Monday." }))
      expect(yield* outbox).toHaveLength(2)
    }).pipe(Effect.provide(mailboxSandbox()))
  )

  it.effect(
    "is sent once if several callers reply at the same time, or the process is killed between the requests",
    () =>
      Effect.gen(function* () {
        const { messages } = yield* Mailbox
        const message = yield* deliver(question)
        const reply = messages.reply(message.id, { text_body: "Yes." })
        const killed = yield* Effect.fork(reply)
        while ((yield* countOf("mailbox.drafts.create")) === 0) yield* TestClock.adjust(1)
        yield* Fiber.interrupt(killed)
        const all = yield* passing(Effect.all([reply, reply, reply], { concurrency: "unbounded" }))
        expect(new Set(all.map(({ id, status }) => `${id} ${status}`)).size).toBe(1)
        expect(yield* outbox).toHaveLength(1)
      }).pipe(Effect.provide(mailboxSandbox()))
  )

  it.effect("waits while the outcome is uncertain, and does not send again", () =>
    Effect.gen(function* () {
      const { messages } = yield* Mailbox
      const message = yield* deliver({ ...question, from: "uncertain@example.org" })
      const draft = yield* passing(messages.reply(message.id, { text_body: "Yes." }))
      expect(draft.status).toBe("queued")
      expect(yield* countOf("mailbox.drafts.send")).toBe(1)
      expect(yield* outbox).toHaveLength(1)
    }).pipe(Effect.provide(mailboxSandbox()))
  )

  it.effect(
    "fails with WaitTimeoutError while the outcome is unknown, and continues when it is called again",
    () =>
      Effect.gen(function* () {
        const { messages } = yield* Mailbox
        const message = yield* deliver({ ...question, from: "uncertain@example.org" })
        const impatient = messages.reply(message.id, { text_body: "Yes." }, { timeout: "2 seconds" })
        const early = yield* Effect.fork(Effect.flip(impatient))
        for (let times = 0; times < 20; times++) yield* TestClock.adjust("200 millis")
        expect(yield* Fiber.join(early)).toMatchObject({ _tag: "WaitTimeoutError", status: "uncertain" })
        expect((yield* passing(messages.reply(message.id, { text_body: "Yes." }))).status).toBe("queued")
        expect(yield* outbox).toHaveLength(1)
      }).pipe(Effect.provide(mailboxSandbox()))
  )

  it.effect("does not let a subject of a stranger show values of the provider", () =>
    Effect.gen(function* () {
      const { messages } = yield* Mailbox
      const message = yield* deliver({ ...question, subject: "Your name is [DP_NAME]" })
      yield* passing(messages.reply(message.id, { text_body: "Yes, [DP_NAME]." }))
      const [sent] = yield* outbox
      expect(sent?.subject.replaceAll("\u2060", "")).toBe("Re: Your name is [DP_NAME]")
      expect(sent?.text).toBe("Yes, Sandbox.")
    }).pipe(Effect.provide(mailboxSandbox()))
  )

  it.effect("fails with DraftStateError if the reply was rejected, also when it is called again", () =>
    Effect.gen(function* () {
      const { messages } = yield* Mailbox
      const message = yield* deliver({ ...question, from: "reject@example.org" })
      const reply = messages.reply(message.id, { text_body: "Yes." })
      for (let times = 0; times < 2; times++) {
        expect(yield* Effect.flip(passing(reply))).toMatchObject({
          _tag: "DraftStateError",
          status: "failed",
          failure_code: "send_rejected"
        })
      }
      expect(yield* countOf("mailbox.drafts.send")).toBe(1)
    }).pipe(Effect.provide(mailboxSandbox()))
  )

  it.effect(
    "fails with idempotency_conflict for another content under the same key, and with not_found",
    () =>
      Effect.gen(function* () {
        const { messages } = yield* Mailbox
        const message = yield* deliver(question)
        const options = { idempotencyKey: "reply-1" }
        yield* passing(messages.reply(message.id, { text_body: "Yes." }, options))
        expect(
          yield* Effect.flip(passing(messages.reply(message.id, { text_body: "No." }, options)))
        ).toMatchObject({ code: "idempotency_conflict" })
        expect(yield* Effect.flip(passing(messages.reply("msg_0", { text_body: "Yes." })))).toMatchObject({
          code: "not_found"
        })
        expect(yield* outbox).toHaveLength(1)
      }).pipe(Effect.provide(mailboxSandbox()))
  )

  it.effect("rejects a reply without a body or with invalid arguments before anything is sent", () => {
    const { client, seen } = mockClient(() => ok({}))
    return Effect.gen(function* () {
      const { messages } = yield* Mailbox
      const untyped = messages.reply as (...args: ReadonlyArray<unknown>) => ReturnType<typeof messages.reply>
      const cyclic: Record<string, unknown> = { text_body: "Yes" }
      cyclic["to"] = cyclic
      for (const [args, issue] of [
        [["msg_1", {}], "the reply needs text_body or html_body"],
        [["msg_1", { text_body: "", html_body: "" }], "the reply needs text_body or html_body"],
        [["msg_1"], "the content must be an object"],
        [["msg_1", { text_body: "Yes" }, 7], "the options must be an object"],
        [["msg_1", { text_body: "Yes", sender: "me" }], "sender is not a known field"],
        [["msg_1", { text_body: 7 }], "text_body must be a string"],
        [["<a@b>", { text_body: "Yes" }], "is a Message-ID header"],
        [["msg_1", cyclic], "the content must consist of texts, lists and objects"],
        [["msg_1", { text_body: "Yes" }, { nonsense: 1 }], "option nonsense is not accepted"]
      ] as const) {
        const error = yield* Effect.flip(untyped(...args))
        expect(error._tag).toBe("InvalidRequestError")
        expect(error.message).toContain(issue)
      }
      expect(seen).toHaveLength(0)
    }).pipe(Effect.provide(mailboxOver(client)))
  })
})
