import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { Sandbox } from "../../../src/index.js"
import { Mailbox } from "../../../src/Mailbox.js"
import { address, all, deliver, folderOf, mailboxSandbox as sandbox } from "../../support/mailboxSandbox.js"

const to = [{ email: "ada@example.com" }]

describe("drafts", () => {
  it.effect("edits a draft by its revision, and stores it in the drafts folder until it is sent", () =>
    Effect.gen(function* () {
      const { drafts, messages } = yield* Mailbox
      const control = yield* Sandbox.Control
      const created = yield* drafts.create.withResponse({ subject: "Hi", text_body: "one" })
      const draft = created.data
      expect(created.meta).toMatchObject({ status: 201, location: `/api/v1/mailbox/drafts/${draft.id}` })
      expect(draft).toMatchObject({
        revision: 1,
        status: "ready",
        schedule_version: 0,
        from: { email: address }
      })
      const folder = yield* folderOf("drafts")
      expect(yield* messages.get(draft.message_id ?? "")).toMatchObject({
        folder_ids: [folder.id],
        flags: { draft: true }
      })
      expect(yield* Effect.flip(drafts.sendNow(draft))).toMatchObject({
        code: "validation_error",
        param: "to"
      })
      const edited = yield* drafts.edit(draft, { to, text_body: "two" })
      expect(edited).toMatchObject({ revision: 2, subject: "Hi", text_body: "two" })
      expect(yield* Effect.flip(drafts.edit(draft, { text_body: "three" }))).toMatchObject({
        code: "conflict"
      })
      expect(yield* messages.get(draft.message_id ?? "")).toMatchObject({ text_body: "two" })
      const { meta } = yield* drafts.get.withResponse(draft.id)
      const etag = meta.etag ?? ""
      expect(Option.isNone(yield* drafts.get.ifNoneMatch(etag, draft.id))).toBe(true)
      const stale = drafts.edit(edited, { text_body: "three" }, { ifMatch: created.meta.etag ?? 'W/"old"' })
      expect(yield* Effect.flip(stale)).toMatchObject({ code: "conflict" })

      const sent = yield* drafts.sendNow(edited)
      expect(sent).toMatchObject({ status: "queued", revision: 2 })
      expect((yield* messages.get(sent.message_id ?? "")).folder_ids).toEqual([(yield* folderOf("sent")).id])
      expect(yield* folderOf("drafts")).toMatchObject({ total_messages: 0 })
      expect(yield* drafts.sendNow(edited)).toEqual(sent)
      expect(yield* control.outbox).toHaveLength(1)
      expect(yield* Effect.flip(drafts.delete(draft.id))).toMatchObject({ code: "conflict" })
      expect((yield* all(drafts.list())).map(({ id }) => id)).toEqual([draft.id])
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect(
    "prepares replies in the thread of their message, and forwarded messages with their attachments",
    () =>
      Effect.gen(function* () {
        const { drafts, messages, threads } = yield* Mailbox
        const source = yield* deliver({
          from: "ada@example.com",
          subject: "Plan",
          text: "Shall we?",
          headers: { "Message-ID": "<1@a>", To: `${address}, bob@example.com` },
          attachments: [
            { filename: "p.txt", content_type: "text/plain", bytes: new TextEncoder().encode("plan") }
          ]
        })
        const reply = yield* drafts.replyAll(source.id)
        expect(reply).toMatchObject({ status: "preparing", message_id: null })
        const waiting = yield* Effect.fork(drafts.waitUntilReady(reply.id))
        yield* TestClock.adjust("1 second")
        const ready = yield* Fiber.join(waiting)
        expect(ready).toMatchObject({
          subject: "Re: Plan",
          to: [{ email: "ada@example.com" }],
          cc: [{ email: "bob@example.com" }],
          in_reply_to: ["<1@a>"],
          references: ["<1@a>"],
          reply_to_message_id: source.id
        })
        expect(ready.text_body).toContain("> Shall we?")
        const sent = yield* drafts.sendNow(yield* drafts.edit(ready, { text_body: "Yes" }))
        expect((yield* messages.get(source.id)).flags.answered).toBe(true)
        expect((yield* threads.get(source.thread_id ?? "")).message_ids).toEqual([source.id, sent.message_id])

        const { id } = yield* drafts.forward(source.id, { to })
        yield* TestClock.adjust("1 second")
        const forward = yield* drafts.get(id)
        expect(forward).toMatchObject({
          subject: "Fwd: Plan",
          attachments: [{ filename: "p.txt", size_bytes: 4 }]
        })
        expect(yield* Effect.flip(drafts.adopt(source.id))).toMatchObject({ code: "conflict" })
        expect(yield* drafts.delete(id)).toEqual({ deleted: true, id })
        expect(yield* Effect.flip(drafts.get(id))).toMatchObject({ code: "not_found" })
      }).pipe(Effect.provide(sandbox()))
  )

  it.effect("schedules, moves and cancels a draft, and sends it at the scheduled time", () =>
    Effect.gen(function* () {
      const { drafts } = yield* Mailbox
      const control = yield* Sandbox.Control
      yield* TestClock.setTime(Date.parse("2027-01-01T00:00:00Z"))
      const draft = yield* drafts.create({ to, subject: "Later" })
      expect(yield* Effect.flip(drafts.sendAt(draft, "2027-03-01T00:00:00Z"))).toMatchObject({
        code: "validation_error",
        param: "scheduled_for"
      })
      const scheduled = yield* drafts.sendAt(draft, "2027-01-02T00:00:00Z")
      expect(scheduled).toMatchObject({ status: "scheduled", schedule_version: 1 })
      expect(yield* Effect.flip(drafts.edit(scheduled, { subject: "Now" }))).toMatchObject({
        code: "conflict"
      })
      const moved = yield* drafts.moveSchedule(scheduled, "2027-01-03T00:00:00Z")
      expect(yield* drafts.moveSchedule(scheduled, "2027-01-03T00:00:00Z")).toEqual(moved)
      const cancelled = yield* drafts.cancelSchedule(moved)
      expect(cancelled).toMatchObject({ status: "ready", schedule_version: 3, scheduled_for: null })
      const unaware = drafts.send(draft.id, { expected_revision: 1 })
      expect(yield* Effect.flip(unaware)).toMatchObject({ param: "expected_schedule_version" })
      yield* TestClock.adjust("5 days")
      expect(yield* control.outbox).toEqual([])
      yield* drafts.sendAt(cancelled, "2027-01-07T00:00:00Z")
      yield* TestClock.adjust("23 hours")
      expect(yield* control.outbox).toEqual([])
      yield* TestClock.adjust("1 hour")
      // The draft is sent at its time without any call.
      expect(yield* control.outbox).toMatchObject([
        { subject: "Later", sentAt: Date.parse("2027-01-07T00:00:00Z") }
      ])
      const sent = yield* drafts.get(draft.id)
      expect(sent.status).toBe("queued")
      expect(sent.scheduled_for).toEqual(DateTime.unsafeMake("2027-01-07T00:00:00Z"))
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("fails a draft if every recipient is rejected", () =>
    Effect.gen(function* () {
      const { drafts } = yield* Mailbox
      const draft = yield* drafts.create({ to: [{ email: "reject@example.com" }] })
      expect(yield* drafts.sendNow(draft)).toMatchObject({ status: "failed", failure_code: "send_rejected" })
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("sends a draft once that is uncertain for a while", () =>
    Effect.gen(function* () {
      const { drafts } = yield* Mailbox
      const control = yield* Sandbox.Control
      const draft = yield* drafts.create({ to: [{ email: "uncertain@example.com" }] })
      const sending = yield* Effect.fork(drafts.sendAndConfirm(draft))
      yield* TestClock.adjust("1 second")
      expect(yield* control.outbox).toEqual([])
      expect((yield* drafts.get(draft.id)).status).toBe("uncertain")
      expect(yield* Effect.flip(drafts.edit(draft, { subject: "x" }))).toMatchObject({ code: "conflict" })
      yield* TestClock.adjust("20 seconds")
      expect((yield* Fiber.join(sending)).status).toBe("queued")
      expect(yield* control.outbox).toHaveLength(1)
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("adopts a message with the $draft keyword as a draft, and keeps its keywords", () =>
    Effect.gen(function* () {
      const { drafts, messages } = yield* Mailbox
      const { id } = yield* deliver({ subject: "Mine", text: "a" })
      yield* messages.update(id, { keywords: { $draft: true } })
      const draft = yield* drafts.adopt(id, { to })
      expect(draft).toMatchObject({ status: "ready", subject: "Mine", message_id: id })
      yield* messages.update(id, { flagged: true })
      yield* drafts.edit(draft, { subject: "Still mine" })
      expect(yield* messages.get(id)).toMatchObject({ subject: "Still mine", flags: { flagged: true } })
      expect(yield* Effect.flip(drafts.adopt(id))).toMatchObject({ code: "conflict" })
    }).pipe(Effect.provide(sandbox()))
  )
})
