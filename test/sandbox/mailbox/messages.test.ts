import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { Sandbox, Sending } from "../../../src/index.js"
import { Mailbox } from "../../../src/Mailbox.js"
import { Management } from "../../../src/Management.js"
import { email } from "../../support/http.js"
import { address, all, deliver, folderOf, mailboxSandbox as sandbox } from "../../support/mailboxSandbox.js"

describe("folders", () => {
  it.effect(
    "provides built-in folders, counts their messages, and creates, moves and deletes other folders",
    () =>
      Effect.gen(function* () {
        const { folders, messages } = yield* Mailbox
        const roles = (yield* all(folders.list())).map(({ role }) => role)
        expect(roles).toEqual(["inbox", "drafts", "sent", "junk", "trash"])
        const first = yield* deliver({ subject: "One" })
        yield* deliver({ subject: "Two" })
        yield* deliver({ subject: "Buy", spam: true })
        expect(yield* folderOf("inbox")).toMatchObject({ total_messages: 2, unread_messages: 2 })
        expect(yield* folderOf("junk")).toMatchObject({ total_messages: 1 })
        yield* messages.update(first.id, { seen: true })
        expect(yield* folderOf("inbox")).toMatchObject({ total_messages: 2, unread_messages: 1 })

        const parent = yield* folders.create({ name: "Projects" })
        const child = yield* folders.create({ name: "Ada", parent_id: parent.id })
        expect(yield* Effect.flip(folders.create({ name: "projects" }))).toMatchObject({ code: "conflict" })
        expect(yield* Effect.flip(folders.delete(parent.id))).toMatchObject({ code: "conflict" })
        expect(yield* Effect.flip(folders.update(parent.id, { parent_id: child.id }))).toMatchObject({
          code: "validation_error"
        })
        expect(yield* folders.update(child.id, { parent_id: null })).toMatchObject({ parent_id: null })
        expect(yield* folders.delete(parent.id)).toEqual({ deleted: true, id: parent.id })
        const { id } = yield* folderOf("inbox")
        expect(yield* Effect.flip(folders.delete(id))).toMatchObject({ code: "conflict", status: 409 })
        expect(yield* Effect.flip(folders.get("nowhere"))).toMatchObject({ code: "not_found" })
      }).pipe(Effect.provide(sandbox()))
  )

  it.effect("rejects a write to a folder with an old ETag", () =>
    Effect.gen(function* () {
      const { folders } = yield* Mailbox
      const { id } = yield* folders.create({ name: "Projects" })
      const { meta } = yield* folders.get.withResponse(id)
      const ifMatch = meta.etag ?? ""
      expect(Option.isNone(yield* folders.get.ifNoneMatch(ifMatch, id))).toBe(true)
      yield* folders.update(id, { name: "Work" }, { ifMatch })
      expect(yield* Effect.flip(folders.update(id, { name: "Play" }, { ifMatch }))).toMatchObject({
        code: "conflict"
      })
      expect(yield* Effect.flip(folders.delete(id, { ifMatch }))).toMatchObject({ code: "conflict" })
      expect((yield* folders.modify(id, ({ name }) => ({ name: `${name}!` }))).name).toBe("Work!")
    }).pipe(Effect.provide(sandbox()))
  )
})

describe("messages", () => {
  it.effect("stores messages from Sending and from outside with their content", () =>
    Effect.gen(function* () {
      const { messages } = yield* Mailbox
      const sending = yield* Sending
      yield* sending.emails.send({ ...email, to: { email: address }, subject: "From Sending" })
      const arrived = yield* deliver({
        from: { email: "ada@example.com", name: "Ada" },
        subject: "Hello",
        text: "Plain",
        html: "<p>Rich</p>",
        headers: { "X-Mood": "good", "Reply-To": "Ada <reply@example.com>" },
        attachments: [
          { filename: "a.txt", content_type: "text/plain", bytes: new TextEncoder().encode("file") }
        ]
      })
      expect(arrived).toMatchObject({
        subject: "Hello",
        from: { email: "ada@example.com", name: "Ada" },
        to: [{ email: address, name: null }],
        preview: "Plain",
        flags: { seen: false, flagged: false, answered: false, draft: false },
        has_attachments: true
      })
      expect(yield* messages.get(arrived.id)).toMatchObject({
        text_body: "Plain",
        html_body: "<p>Rich</p>",
        reply_to: [{ email: "reply@example.com", name: "Ada" }]
      })
      expect(
        (yield* all(messages.list({ sort_by: "subject", sort_direction: "asc" }))).map((m) => m.subject)
      ).toEqual(["From Sending", "Hello"])
      const raw = new TextDecoder().decode(yield* messages.downloadRaw.bytes(arrived.id))
      expect(raw).toMatch(/^Date: .*\r\nMessage-ID: <.*>\r\nFrom: "Ada" <ada@example.com>\r\n/)
      expect(raw).toContain("X-Mood: good\r\n")
      expect(raw).toContain('Content-Disposition: attachment; filename="a.txt"')
      expect(raw.match(/^--mix-.*$/gm)).toHaveLength(3)
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("finds messages with every filter", () =>
    Effect.gen(function* () {
      const { messages } = yield* Mailbox
      yield* TestClock.setTime(Date.parse("2027-01-01T00:00:00Z"))
      const invoice = yield* deliver({
        from: { email: "billing@example.com", name: "Billing" },
        subject: "Invoice March",
        html: "<p>Please <b>pay</b> 90&nbsp;euros</p>",
        headers: { "X-Kind": "invoice", Cc: "boss@example.com" },
        attachments: [{ filename: "i.pdf", content_type: "application/pdf", bytes: new Uint8Array(2000) }]
      })
      yield* TestClock.adjust("1 hour")
      const lunch = yield* deliver({
        from: "ada@example.com",
        subject: "Lunch?",
        text: "At noon, at the usual place"
      })
      yield* messages.update(lunch.id, { seen: true, keywords: { Friends: true } })
      const { id: inbox } = yield* folderOf("inbox")
      const at = DateTime.unsafeMake("2027-01-01T00:30:00Z")
      const finds = (filter: Parameters<typeof messages.list>[0]) =>
        Effect.map(all(messages.list(filter)), (found) => found.map(({ id }) => id))

      for (const filter of [
        { q: "pay EUROS" },
        { q: "billing invoice" },
        { subject: "march" },
        { body: "pay" },
        { from: "Billing" },
        { cc: "boss" },
        { header_name: "x-kind" },
        { header_name: "X-Kind", header_value: "inv" },
        { min_size_bytes: 1000 },
        { has_attachment: true },
        { is_unread: true },
        { not_keyword: "friends" },
        { before: at },
        { q: '"march"', folder_id: inbox }
      ]) {
        expect([filter, yield* finds(filter)]).toEqual([filter, [invoice.id]])
        expect((yield* messages.count(filter)).total).toBe(1)
      }
      for (const filter of [
        { q: '"usual place"' },
        { from: "ADA@" },
        { keyword: "friends" },
        { keyword: "$seen" },
        { max_size_bytes: 100 },
        { is_unread: false },
        { after: at },
        { thread_id: lunch.thread_id ?? "" }
      ]) {
        expect([filter, yield* finds(filter)]).toEqual([filter, [lunch.id]])
      }
      expect(yield* finds({ q: '"place usual"' })).toEqual([])
      expect(yield* finds({ to: "agent", has_attachment: false })).toEqual([lunch.id, invoice.id])
      expect(yield* finds({ sort_by: "size_bytes", sort_direction: "asc" })).toEqual([lunch.id, invoice.id])

      expect((yield* messages.searchSnippets({ q: "usual invoice" })).snippets).toEqual([])
      expect(
        (yield* messages.searchSnippets({ q: "usual", message_ids: [lunch.id, "gone"] })).not_found
      ).toEqual(["gone"])
      expect((yield* messages.searchSnippets({ q: "noon" })).snippets).toEqual([
        { message_id: lunch.id, subject: null, preview: "At <mark>noon</mark>, at the usual place" }
      ])
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("lists messages in pages, with cursors that belong to their filters", () =>
    Effect.gen(function* () {
      const { messages } = yield* Mailbox
      yield* Effect.forEach([1, 2, 3, 4, 5], (n) => deliver({ subject: `Number ${n}` }))
      const pages = yield* all(messages.list.pages({ limit: 2 }))
      expect(pages.map(({ items }) => items.map(({ subject }) => subject))).toEqual([
        ["Number 5", "Number 4"],
        ["Number 3", "Number 2"],
        ["Number 1"]
      ])
      const foreign = yield* Effect.flip(messages.list.page({ q: "Number", cursor: pages[0]?.nextCursor }))
      expect(foreign).toMatchObject({ code: "invalid_parameter", param: "cursor" })
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("updates and deletes messages, one by one and in batches", () =>
    Effect.gen(function* () {
      const { messages } = yield* Mailbox
      const [a, b] = [yield* deliver(), yield* deliver()]
      const { data, meta } = yield* messages.get.withResponse(a.id)
      expect(Option.isNone(yield* messages.get.ifNoneMatch(meta.etag ?? "", a.id))).toBe(true)
      yield* TestClock.adjust("1 minute")
      expect(Option.isNone(yield* messages.get.ifNoneMatch(meta.etag ?? "", a.id))).toBe(true)
      expect(data.flags.flagged).toBe(false)
      yield* messages.update(a.id, { flagged: true }, { ifMatch: meta.etag })
      expect(yield* Effect.flip(messages.update(a.id, { seen: true }, { ifMatch: meta.etag }))).toMatchObject(
        { code: "conflict", status: 409 }
      )

      const before = yield* messages.count()
      const updated = yield* messages.batchUpdate({
        ids: [a.id, "nobody", b.id],
        seen: true,
        if_in_state: before.sync_state ?? ""
      })
      expect(updated.results.map(({ _tag }) => _tag)).toEqual(["Updated", "NotFound", "Updated"])
      expect(
        yield* Effect.flip(messages.batchDelete({ ids: [a.id], if_in_state: before.sync_state ?? "" }))
      ).toMatchObject({ code: "conflict" })

      const trash = yield* folderOf("trash")
      yield* messages.delete(a.id)
      expect((yield* messages.get(a.id)).folder_ids).toEqual([trash.id])
      const deleted = yield* messages.batchDelete({ ids: [a.id, b.id], permanent: true })
      expect(deleted.results.map(({ _tag }) => _tag)).toEqual(["Deleted", "Deleted"])
      expect(yield* Effect.flip(messages.get(a.id))).toMatchObject({ code: "not_found" })
      expect((yield* messages.count()).total).toBe(0)
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("returns the cleaned and the raw content of messages, one by one and in batches", () =>
    Effect.gen(function* () {
      const { messages } = yield* Mailbox
      const { id } = yield* deliver({
        text: "Yes, see https://example.com/plan\n\nOn Monday, Bob wrote:\n> Shall we?\n-- \nAda\nACME"
      })
      const clean = yield* messages.getContent(id)
      expect(clean.body).toMatchObject({
        format: "text",
        text: "Yes, see https://example.com/plan",
        extracted_links: ["https://example.com/plan"],
        is_truncated: false,
        quotes_stripped: true,
        signature_stripped: true
      })
      const short = yield* messages.getContent(id, { max_body_chars: 3, strip_quotes: false })
      expect(short.body).toMatchObject({ text: "Yes", is_truncated: true, truncated_at_chars: 3 })
      expect(
        (yield* messages.getContent(id, { include_headers: "full" })).headers.full?.map(({ name }) => name)
      ).toContain("Message-ID")
      const rich = yield* deliver({
        html: "<p>Hi &amp; bye</p><blockquote>old</blockquote><ul><li>one</li></ul>"
      })
      expect((yield* messages.getContent(rich.id)).body).toMatchObject({
        format: "html",
        text: "Hi & bye\n\n- one",
        quotes_stripped: true
      })
      expect((yield* messages.getBody(id, { part: "text", max_body_chars: 4 })).body).toEqual({
        text: "Yes,",
        html: null,
        is_truncated: true,
        truncated_at_chars: 4
      })
      const { results } = yield* messages.batchGet({ ids: [id, "gone"], body_mode: "clean_json" })
      expect(results).toMatchObject([
        { _tag: "Found", id, raw_body: null, content: { body: { quotes_stripped: true } } },
        { _tag: "NotFound", id: "gone" }
      ])
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("sends a message once for one key, with a copy in Sent, a submission and a log entry", () =>
    Effect.gen(function* () {
      const { messages, submissions } = yield* Mailbox
      const control = yield* Sandbox.Control
      const { emails } = yield* Management
      const message = {
        to: [{ email: "ada@example.com" }, { email: "bounce@example.com" }],
        subject: "Hi",
        text_body: "x"
      }
      const { message_id } = yield* messages.send(message, { idempotencyKey: "once" })
      expect(yield* messages.send(message, { idempotencyKey: "once" })).toEqual({
        message_id,
        status: "queued"
      })
      expect(yield* control.outbox).toMatchObject([
        { via: "mailbox", subject: "Hi", from: { email: address } }
      ])
      const sent = yield* folderOf("sent")
      expect(yield* messages.get(message_id)).toMatchObject({ folder_ids: [sent.id], flags: { seen: true } })
      expect(yield* all(submissions.list({ email_ids: [message_id] }))).toMatchObject([
        {
          email_id: message_id,
          undo_status: "final",
          delivery_status: [
            { email: "ada@example.com", delivered: "yes" },
            { email: "bounce@example.com", delivered: "no" }
          ]
        }
      ])
      expect(yield* all(submissions.list({ undo_status: "pending" }))).toEqual([])
      expect(yield* all(emails.listLogs())).toHaveLength(1)
      const forged = { ...message, from: { email: "president@example.com" } }
      expect(yield* Effect.flip(messages.send(forged))).toMatchObject({ code: "validation_error" })
    }).pipe(Effect.provide(sandbox()))
  )
})

describe("threads", () => {
  it.effect("assigns replies to threads by their headers and not by their subject", () =>
    Effect.gen(function* () {
      const { messages, threads } = yield* Mailbox
      const first = yield* deliver({
        from: "ada@example.com",
        subject: "Plan",
        headers: { "Message-ID": "<1@a>" }
      })
      yield* TestClock.adjust("1 minute")
      const second = yield* deliver({ subject: "Re: Plan", headers: { "in-reply-to": "<1@a>" }, text: "b" })
      yield* TestClock.adjust("1 minute")
      const third = yield* deliver({ subject: "Plan", text: "c" })
      expect(second.thread_id).toBe(first.thread_id)
      expect(third.thread_id).not.toBe(first.thread_id)
      yield* TestClock.adjust("1 minute")
      const { message_id } = yield* messages.send({
        to: [{ email: "ada@example.com" }],
        custom_headers: { "In-Reply-To": "<1@a>" },
        text_body: "d"
      })
      const id = first.thread_id ?? ""
      const thread = yield* threads.get(id)
      expect(thread).toMatchObject({
        subject: "Plan",
        message_count: 3,
        unread_count: 2,
        message_ids: [first.id, second.id, message_id],
        last_message: { id: message_id }
      })
      expect((yield* messages.get(first.id)).flags.answered).toBe(true)
      expect((yield* all(threads.list())).map((shown) => shown.id)).toEqual([id, third.thread_id])
      expect((yield* all(threads.list({ participant: "ada" }))).map((shown) => shown.id)).toEqual([id])
      expect((yield* all(threads.listMessages(id, { sort: "desc" }))).map((m) => m.id)).toEqual([
        message_id,
        second.id,
        first.id
      ])
      const contents = yield* threads.getContent.page(id, { limit: 2 })
      expect(contents.items.map(({ id }) => id)).toEqual([first.id, second.id])
      expect(contents.meta.extra).toMatchObject({ thread_id: id })
      yield* messages.batchDelete({ ids: [first.id, second.id, message_id], permanent: true })
      expect(yield* Effect.flip(threads.get(id))).toMatchObject({ code: "not_found" })
    }).pipe(Effect.provide(sandbox()))
  )
})
