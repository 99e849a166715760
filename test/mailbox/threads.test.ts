import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { Mailbox, type MailboxService } from "../../src/Mailbox.js"
import { wireMessage } from "../support/fakeMailbox.js"
import { mockClient, ok } from "../support/http.js"
import { mailboxOver, pageOf } from "../support/mailbox.js"

const summary = {
  id: "t1",
  subject: "Plans",
  participants: [{ email: "ada@example.com", name: "Ada" }],
  folder_ids: ["inbox"],
  message_count: 2,
  unread_count: 1,
  has_attachments: false,
  last_message: null,
  states: { thread_state: "ts", email_state: null }
}

const content = {
  id: "m1",
  thread_id: "t1",
  subject: "Plans",
  participants: { from: null, to: [], cc: [], bcc: [], reply_to: [] },
  dates: { received_at: "2026-08-01T10:00:00Z", sent_at: null },
  body: {
    format: "html_of_tomorrow",
    text: "Hi",
    html: null,
    extracted_links: [],
    is_truncated: false,
    truncated_at_chars: null,
    quotes_stripped: true,
    signature_stripped: false
  },
  headers: { mode: "none", selected: null, full: null },
  attachments: [],
  states: { email_state: null, option_hash: "h" }
}

describe("threads", () => {
  it.effect("lists threads by filters and reads one", () => {
    const { client, seen } = mockClient(({ url }) =>
      url.pathname.endsWith("/threads") ? pageOf([summary]) : ok({ ...summary, message_ids: ["m1", "m2"] })
    )
    return Effect.gen(function* () {
      const { threads } = yield* Mailbox
      const [first] = yield* Stream.runCollect(threads.list({ participant: "ada", is_unread: true }))
      expect(first).toEqual(summary)
      expect(seen[0]?.url.search).toBe("?participant=ada&is_unread=true")
      expect((yield* threads.get("t1")).message_ids).toEqual(["m1", "m2"])
    }).pipe(Effect.provide(mailboxOver(client)))
  })

  it.effect(
    "streams the content of a thread page by page, with the metadata of the thread on each page",
    () => {
      const { client, seen } = mockClient(({ headers }, index) =>
        headers["if-none-match"] === undefined
          ? pageOf([content], index === 0 ? "c2" : undefined, {
              thread_id: "t1",
              states: { thread_state: "ts" }
            })
          : new Response(null, { status: 304 })
      )
      return Effect.gen(function* () {
        const { threads } = yield* Mailbox
        const pages = yield* Stream.runCollect(
          threads.getContent.pages("t1", { sort: "asc", strip_quotes: true, include_headers: "none" })
        )
        expect([...pages].map(({ meta }) => meta.extra["thread_id"])).toEqual(["t1", "t1"])
        const [item] = [...pages].flatMap(({ items }) => items)
        expect(item?.body.format).toBe("html_of_tomorrow")
        expect(item?.body.cleaned_html).toBeNull()
        expect(seen[1]?.url.search).toBe("?cursor=c2&strip_quotes=true&include_headers=none&sort=asc")
        const same = yield* threads.getContent.ifNoneMatch('W/"page"', "t1", { sort: "asc" })
        expect(Option.isNone(same)).toBe(true)
      }).pipe(Effect.provide(mailboxOver(client)))
    }
  )

  it.effect("lists the messages of a thread in the requested order", () => {
    const { client, seen } = mockClient(() => pageOf([wireMessage("m1"), wireMessage("m2")]))
    return Effect.gen(function* () {
      const { threads } = yield* Mailbox
      const messages = yield* Stream.runCollect(threads.listMessages("t1", { sort: "desc" }))
      expect([...messages].map(({ id }) => id)).toEqual(["m1", "m2"])
      expect(seen[0]?.url.pathname).toBe("/api/v1/mailbox/threads/t1/messages")
    }).pipe(Effect.provide(mailboxOver(client)))
  })
})

describe("the selection of a mailbox", () => {
  const targetsOf = (react: (mailbox: MailboxService) => Effect.Effect<void, unknown>, layerId?: string) => {
    const { client, seen } = mockClient(() => pageOf([wireMessage("m1")]))
    return Effect.gen(function* () {
      yield* react(yield* Mailbox)
      return seen.map(({ url }) => url.searchParams.get("mailbox_id"))
    }).pipe(Effect.provide(mailboxOver(client, layerId)))
  }

  it.effect("prefers the mailbox of the call to that of withMailbox, and that to the one of the layer", () =>
    Effect.gen(function* () {
      const targets = yield* targetsOf(
        ({ messages }) =>
          Effect.gen(function* () {
            const list = Stream.runDrain(messages.list())
            yield* list
            yield* list.pipe(Mailbox.withMailbox("mbx_block"))
            yield* Mailbox.withMailbox(
              Effect.zipRight(list, Mailbox.withMailbox(list, "mbx_inner")),
              "mbx_outer"
            )
            yield* Stream.runDrain(messages.list({}, { mailbox_id: "mbx_call" })).pipe(
              Mailbox.withMailbox("mbx_block")
            )
          }),
        "mbx_layer"
      )
      expect(targets).toEqual(["mbx_layer", "mbx_block", "mbx_outer", "mbx_inner", "mbx_call"])
    })
  )

  it.effect("applies withMailbox to streams, and sends no mailbox_id when none is selected", () =>
    Effect.gen(function* () {
      const targets = yield* targetsOf(({ messages }) =>
        Effect.gen(function* () {
          yield* Stream.runDrain(messages.list().pipe(Mailbox.withMailbox("mbx_stream")))
          yield* Stream.runDrain(Mailbox.withMailbox(messages.list(), "mbx_data_first"))
          yield* Stream.runDrain(messages.list())
        })
      )
      expect(targets).toEqual(["mbx_stream", "mbx_data_first", null])
    })
  )

  it.effect("sends no mailbox_id with calls that do not concern a mailbox", () => {
    const { client, seen } = mockClient(() => pageOf([{ id: "mbx_1", email: "ada@example.com" }]))
    return Effect.gen(function* () {
      const { mailboxes } = yield* Mailbox
      const granted = yield* Stream.runCollect(mailboxes.list({ q: "ada" }))
      expect([...granted]).toEqual([{ id: "mbx_1", email: "ada@example.com" }])
      expect(seen[0]?.url.search).toBe("?q=ada")
    }).pipe(Mailbox.withMailbox("mbx_1"), Effect.provide(mailboxOver(client, "mbx_layer")))
  })

  it.effect("rejects an empty mailbox id before anything is sent", () => {
    const { client, seen } = mockClient(() => pageOf([]))
    return Effect.gen(function* () {
      const { messages } = yield* Mailbox
      const error = yield* Effect.flip(messages.count().pipe(Mailbox.withMailbox("")))
      expect(error).toMatchObject({ _tag: "InvalidRequestError" })
      expect(seen).toHaveLength(0)
    }).pipe(Effect.provide(mailboxOver(client)))
  })
})
