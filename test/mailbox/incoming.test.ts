import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { eventIdsInMemory, type EventIdStore, type IncomingInput, Mailbox } from "../../src/Mailbox.js"
import type { InvalidRequestError } from "../../src/internal/model/errors.js"
import type { MailboxSignal } from "../../src/mailbox/events/stream.js"
import { readEvent } from "../../src/mailbox/events/schemas.js"
import { incomingMessages } from "../../src/mailbox/messages/incoming.js"
import type { ListMessagesInput } from "../../src/mailbox/messages/inputs.js"
import type { MessageSummary } from "../../src/mailbox/messages/schemas.js"
import * as Sandbox from "../../src/Sandbox.js"
import { errorsOf } from "../support/errors.js"
import { data, message as wire } from "../support/eventStreams.js"
import { mockClient, ok } from "../support/http.js"
import { mailboxOver } from "../support/mailbox.js"
import { address, deliver, mailboxSandbox } from "../support/mailboxSandbox.js"

const subjectsOf = (messages: ReadonlyArray<MessageSummary>) => messages.map(({ subject }) => subject)

/** Lets fibers and requests go on, without a delay of the test. */
const settle = Effect.forEach(Array.from({ length: 10 }), () => TestClock.adjust("1 second"))

/** Runs the stream in the background, and collects what it emits. `handle` runs for each message. */
const collect = (
  input: IncomingInput,
  store: EventIdStore,
  handle: (message: MessageSummary) => Effect.Effect<void> = () => Effect.void
) =>
  Effect.gen(function* () {
    const { messages } = yield* Mailbox
    const handled: Array<MessageSummary> = []
    const fiber = yield* Effect.fork(
      Stream.runForEach(messages.incoming(input, { store }), (message) =>
        Effect.zipRight(
          Effect.sync(() => void handled.push(message)),
          handle(message)
        )
      )
    )
    yield* settle
    return { handled, stop: Fiber.interrupt(fiber) }
  })

const send = (subject: string, more: Partial<Sandbox.InboundInput> = {}) =>
  Effect.flatMap(Sandbox.Control, (control) =>
    Effect.zipRight(control.deliver({ to: address, subject, ...more }), settle)
  )

describe("messages.incoming", () => {
  it.effect("leaves out what is there at the first start, and emits what arrives, without spam", () =>
    Effect.gen(function* () {
      yield* deliver({ subject: "before" })
      const { handled, stop } = yield* collect({}, eventIdsInMemory())
      yield* send("one")
      yield* send("spam", { spam: true })
      yield* send("two")
      expect(subjectsOf(handled)).toEqual(["one", "two"])
      yield* stop
    }).pipe(Effect.provide(mailboxSandbox()))
  )

  it.effect('emits the unread messages first with from: "unread", oldest first, and each once', () =>
    Effect.gen(function* () {
      const { messages } = yield* Mailbox
      for (const subject of ["a", "b", "c"]) {
        yield* deliver({ subject })
        yield* TestClock.adjust("1 minute")
      }
      const { items } = yield* messages.list.page({ subject: "b" })
      yield* messages.update(items[0]?.id ?? "", { seen: true })
      yield* messages.send({ to: [{ email: "ada@example.org" }], subject: "sent", text_body: "Hi" })
      const { handled, stop } = yield* collect({ from: "unread" }, eventIdsInMemory())
      yield* send("d")
      expect(subjectsOf(handled)).toEqual(["a", "c", "d"])
      yield* stop
    }).pipe(Effect.provide(mailboxSandbox()))
  )

  it.effect("continues after a restart, and emits the message again whose handling was interrupted", () =>
    Effect.gen(function* () {
      const store = eventIdsInMemory()
      const first = yield* collect({}, store, ({ subject }) =>
        subject === "two" ? Effect.never : Effect.void
      )
      yield* send("one")
      yield* send("two")
      yield* first.stop
      yield* send("while it was down")
      const second = yield* collect({}, store)
      yield* send("three")
      expect(subjectsOf(first.handled)).toEqual(["one", "two"])
      expect(subjectsOf(second.handled)).toEqual(["two", "while it was down", "three"])
      yield* second.stop
      const third = yield* collect({}, store)
      yield* send("four")
      expect(subjectsOf(third.handled)).toEqual(["four"])
      yield* third.stop
    }).pipe(Effect.provide(mailboxSandbox()))
  )

  for (const from of ["now", "unread"] as const) {
    it.effect(
      `misses and repeats nothing after the server has forgotten the position, with from: "${from}"`,
      () =>
        Effect.gen(function* () {
          const control = yield* Sandbox.Control
          const store = eventIdsInMemory()
          const first = yield* collect({ from }, store)
          yield* send("one")
          yield* control.forgetChanges(address)
          yield* send("two")
          yield* first.stop
          yield* send("while it was down")
          yield* control.forgetChanges(address)
          const second = yield* collect({ from }, store)
          yield* send("three")
          expect(subjectsOf(first.handled)).toEqual(["one", "two"])
          expect(subjectsOf(second.handled)).toEqual(["while it was down", "three"])
          yield* second.stop
        }).pipe(Effect.provide(mailboxSandbox()))
    )
  }

  it.effect("reads an inbox of many pages", () =>
    Effect.gen(function* () {
      const control = yield* Sandbox.Control
      for (let index = 0; index < 250; index++) yield* control.deliver({ to: address, subject: `${index}` })
      const { handled, stop } = yield* collect({ from: "unread" }, eventIdsInMemory())
      expect(new Set(subjectsOf(handled)).size).toBe(250)
      expect(handled).toHaveLength(250)
      yield* stop
    }).pipe(Effect.provide(mailboxSandbox()))
  )

  it.effect("rejects invalid arguments before anything is sent", () => {
    const { client, seen } = mockClient(() => ok({}))
    return Effect.gen(function* () {
      const { messages } = yield* Mailbox
      const untyped = messages.incoming as (
        ...args: ReadonlyArray<unknown>
      ) => Stream.Stream<MessageSummary, InvalidRequestError>
      for (const [args, issue] of [
        [[7], "the input must be an object"],
        [[{}, 7], "the options must be an object"],
        [[{ from: "yesterday" }], 'from must be "now" or "unread"'],
        [[{ form: "now" }], "form is not a known field"]
      ] as const) {
        const error = yield* Effect.flip(Stream.runDrain(untyped(...args)))
        expect(error._tag).toBe("InvalidRequestError")
        expect(error.message).toContain(issue)
      }
      expect(seen).toHaveLength(0)
    }).pipe(Effect.provide(mailboxOver(client)))
  })
})

// -----------------------------------------------------------------------------
// scripted signals
// -----------------------------------------------------------------------------

const { apiError } = errorsOf("mailbox.messages.list")

const listening: MailboxSignal = { _tag: "Listening", resumed: false }
const gap: MailboxSignal = { _tag: "SyncRequired", id: undefined, reason: "gap", data: undefined }

const messageOf = (id: string, second: number): MessageSummary => ({
  id,
  thread_id: null,
  folder_ids: [],
  subject: id,
  from: null,
  to: [],
  cc: [],
  bcc: [],
  preview: null,
  flags: { seen: false, flagged: false, answered: false, draft: false },
  keywords: [],
  has_attachments: false,
  size_bytes: null,
  received_at: DateTime.unsafeMake(second * 1000),
  sent_at: null
})

const received = (eventId: string, id: string, body: Record<string, unknown> = {}): MailboxSignal => {
  const event = readEvent({
    id: eventId,
    event: "message.received",
    data: JSON.stringify(data({ message: { ...wire, id, received_at: "1970-01-01T00:30:00Z" }, ...body }))
  })
  if (event === undefined) throw new Error("the event is a heartbeat")
  return event
}

/** Emits what the signals lead to, when the inbox contains messages. */
const scripted = (
  signals: ReadonlyArray<MailboxSignal>,
  inbox: ReadonlyArray<MessageSummary>,
  {
    stored,
    from,
    fail = []
  }: IncomingInput & { readonly stored?: string; readonly fail?: ReadonlyArray<number> } = {}
) =>
  Effect.gen(function* () {
    const store = eventIdsInMemory(stored)
    const asked: Array<ListMessagesInput> = []
    const resumedAfter: Array<string | undefined> = []
    const failures = [...fail]
    const incoming = incomingMessages({
      listen: (input) => {
        resumedAfter.push(input?.last_event_id)
        return Stream.fromIterable(signals)
      },
      folders: Object.assign(() => Stream.empty, { pages: () => Stream.empty, page: () => Effect.never }),
      list: {
        page: (input = {}) =>
          Effect.suspend(() => {
            const status = failures.shift()
            if (status !== undefined) return Effect.fail(apiError(status, { retryable: status >= 500 }))
            asked.push(input)
            const items = input.sort_direction === "desc" ? [...inbox].reverse() : inbox
            return Effect.succeed({
              items,
              hasMore: false,
              nextCursor: undefined,
              meta: { status: 200, attempts: 1 }
            })
          }) as never
      }
    })
    const fiber = yield* Effect.fork(Stream.runCollect(incoming({ from }, { store })))
    yield* settle
    const handled = Array.from(yield* Fiber.join(fiber), ({ id }) => id)
    return { handled, asked, resumedAfter, saved: yield* store.load }
  })

describe("the signals of messages.incoming", () => {
  it.effect(
    "resume after a stored event, also one that events.stream has saved, without reading the inbox",
    () =>
      Effect.gen(function* () {
        const position = JSON.stringify({ id: "e5", at: 5_000, recent: ["m5"] })
        for (const stored of [position, "e5"]) {
          const { asked, handled, resumedAfter } = yield* scripted(
            [listening, received("e6", "m5"), received("e7", "m7")],
            [],
            { stored }
          )
          expect(resumedAfter).toEqual(["e5"])
          expect(asked).toEqual([])
          expect(handled).toEqual(stored === "e5" ? ["m5", "m7"] : ["m7"])
        }
      })
  )

  it.effect("save the event whose message was handled, and the time of the newest message", () =>
    Effect.gen(function* () {
      const { saved } = yield* scripted([listening, received("e1", "m1")], [messageOf("m0", 10)])
      expect(JSON.parse(saved ?? "")).toEqual({ id: "e1", at: 1_800_000, recent: ["m0", "m1"] })
    })
  )

  it.effect("that name no message or cannot be read lead to the inbox", () =>
    Effect.gen(function* () {
      const stored = JSON.stringify({ id: "e5", at: 3_600_000, recent: ["m5"] })
      const inbox = [messageOf("m5", 3_600), messageOf("m6", 3_601)]
      for (const unreadable of [{ message: null }, { message: { id: "half" } }, { recipients: 7 }]) {
        const { asked, handled } = yield* scripted([listening, received("e6", "m6", unreadable)], inbox, {
          stored
        })
        expect(handled).toEqual(["m6"])
        expect(asked).toEqual([
          { sort_direction: "asc", after: new Date(3_540_000), limit: 100, sort_by: "received_at" }
        ])
      }
    })
  )

  it.effect(
    "after a gap emit only what was not emitted, and only unread messages where those are asked for",
    () =>
      Effect.gen(function* () {
        const inbox = [messageOf("m1", 1_800), messageOf("m2", 1_801)]
        const signals = [listening, received("e1", "m1"), gap, received("e2", "m2"), received("e3", "m3")]
        const now = yield* scripted(signals, inbox, {
          stored: JSON.stringify({ id: "e0", at: 0, recent: [] })
        })
        expect(now.handled).toEqual(["m1", "m2", "m3"])
        expect(now.asked.map(({ is_unread }) => is_unread)).toEqual([undefined])
        const unread = yield* scripted(signals, inbox, { from: "unread" })
        expect(unread.handled).toEqual(["m1", "m2", "m3"])
        expect(unread.asked.map(({ is_unread }) => is_unread)).toEqual([true, true])
      })
  )

  it.effect("start again from now if the server refuses a stored position that has no time", () =>
    Effect.gen(function* () {
      const { handled, saved } = yield* scripted(
        [listening, gap, received("e9", "m9")],
        [messageOf("m1", 1)],
        {
          stored: "e5"
        }
      )
      expect(handled).toEqual(["m9"])
      expect(JSON.parse(saved ?? "")).toMatchObject({ id: "e9", recent: ["m1", "m9"] })
    })
  )

  it.effect("wait for the inbox through transient failures, and fail if a retry cannot help", () =>
    Effect.gen(function* () {
      const { handled } = yield* scripted([listening, received("e1", "m1")], [], {
        from: "unread",
        fail: [503, 503]
      })
      expect(handled).toEqual(["m1"])
      const refused = yield* Effect.exit(scripted([listening], [], { from: "unread", fail: [403] }))
      expect(refused._tag).toBe("Failure")
    })
  )
})
