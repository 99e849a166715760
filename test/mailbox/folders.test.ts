import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { Mailbox } from "../../src/Mailbox.js"
import { apiKey, failure, mockClient, ok } from "../support/http.js"
import { mailboxOver, pageOf } from "../support/mailbox.js"

const folder = {
  id: "f1",
  name: "Inbox",
  role: "inbox",
  parent_id: null,
  sort_order: 0,
  total_messages: 3,
  unread_messages: 1,
  can_add_items: true
}

const changes = {
  old_state: "a",
  new_state: "b",
  has_more: false,
  created: ["f1"],
  updated: [],
  destroyed: []
}

describe("folders", () => {
  it.effect(
    "creates a folder at the top level with a null parent, and keeps omitted fields in an update",
    () => {
      const { client, seen } = mockClient(({ method }) =>
        method === "POST" ? ok(folder, { status: 201 }) : ok(folder)
      )
      return Effect.gen(function* () {
        const { folders } = yield* Mailbox
        yield* folders.create({ name: "Inbox", parent_id: null })
        yield* folders.update("f1", { sort_order: -1 }, { ifMatch: 'W/"1"' })
        expect(seen.map(({ body }) => body)).toEqual([
          '{"name":"Inbox","parent_id":null}',
          '{"sort_order":-1}'
        ])
        expect(seen[1]?.headers["if-match"]).toBe('W/"1"')
        const error = yield* Effect.flip(folders.create({ name: "" }))
        expect(error.message).toContain("name must not be empty")
      }).pipe(Effect.provide(mailboxOver(client)))
    }
  )

  it.effect("modifies the version of a folder that was read, in the selected mailbox", () => {
    let writes = 0
    const { client, seen } = mockClient(({ method }) =>
      method === "GET"
        ? ok(folder, { headers: { etag: `"${writes}"` } })
        : writes++ === 0
          ? failure(409, "conflict")
          : ok({ ...folder, name: "Inbox!" })
    )
    return Effect.gen(function* () {
      const { folders } = yield* Mailbox
      const fiber = yield* Effect.fork(
        folders.modify("f1", ({ name }) => ({ name: `${name}!` }), { mailbox_id: "mbx_1" })
      )
      yield* TestClock.adjust("10 seconds")
      expect((yield* Fiber.join(fiber)).name).toBe("Inbox!")
      expect(seen.map(({ headers, method }) => [method, headers["if-match"]])).toEqual([
        ["GET", undefined],
        ["PATCH", '"0"'],
        ["GET", undefined],
        ["PATCH", '"1"']
      ])
      expect(seen.every(({ url }) => url.searchParams.get("mailbox_id") === "mbx_1")).toBe(true)
    }).pipe(Effect.provide(mailboxOver(client)))
  })

  it.effect("reads the changes of folders and of their list", () => {
    const { client, seen } = mockClient(({ url }) =>
      url.pathname.endsWith("/query-changes")
        ? ok({
            old_query_state: null,
            new_query_state: "q1",
            has_more: false,
            removed: [],
            added: [{ id: "f1", index: 0 }]
          })
        : ok(changes)
    )
    return Effect.gen(function* () {
      const { folders } = yield* Mailbox
      expect((yield* folders.changes({ since_state: "a", limit: 500 })).created).toEqual(["f1"])
      const list = yield* folders.queryChanges()
      expect([list.added, list.total]).toEqual([[{ id: "f1", index: 0 }], null])
      expect(seen[0]?.url.search).toBe("?since_state=a&limit=500")
      expect(yield* Effect.flip(folders.changes({ limit: 501 }))).toMatchObject({
        _tag: "InvalidRequestError"
      })
    }).pipe(Effect.provide(mailboxOver(client)))
  })

  it.effect("deletes a folder with If-Match", () => {
    const { client, seen } = mockClient(() => ok({ deleted: true, id: "f1" }))
    return Effect.gen(function* () {
      const { folders } = yield* Mailbox
      expect(yield* folders.delete("f1", { ifMatch: '"1"' })).toEqual({ deleted: true, id: "f1" })
      expect([seen[0]?.method, seen[0]?.headers["if-match"]]).toEqual(["DELETE", '"1"'])
    }).pipe(Effect.provide(mailboxOver(client)))
  })
})

describe("changes.get", () => {
  it.effect("returns typed or flat changes, depending on the input", () => {
    const { client, seen } = mockClient(({ url }) =>
      url.searchParams.has("types") ? ok({ types: { folders: changes } }) : ok(changes)
    )
    return Effect.gen(function* () {
      const mailbox = yield* Mailbox
      const typed = yield* mailbox.changes.get({ types: ["folders"], folders_since_state: "a" })
      expect(typed.types.folders?.new_state).toBe("b")
      const { data } = yield* mailbox.changes.get.withResponse({ since_state: "a" })
      expect(data.created).toEqual(["f1"])
      expect(seen.map(({ url }) => url.search)).toEqual([
        "?types=folders&folders_since_state=a",
        "?since_state=a"
      ])
    }).pipe(Effect.provide(mailboxOver(client)))
  })

  it.effect(
    "rejects states of types that are not requested, and fails for a response of the other form",
    () => {
      const { client, seen } = mockClient(() => ok(changes))
      return Effect.gen(function* () {
        const mailbox = yield* Mailbox
        const stray = yield* Effect.flip(
          mailbox.changes.get({ types: ["folders"], messages_since_state: "m" })
        )
        expect(stray.message).toContain("messages_since_state needs messages in types")
        expect(seen).toHaveLength(0)
        const flat = yield* Effect.flip(mailbox.changes.get({ types: ["folders"] }))
        expect(flat).toMatchObject({ _tag: "ResponseDecodeError" })
      }).pipe(Effect.provide(mailboxOver(client)))
    }
  )
})

describe("the mailbox itself", () => {
  it.effect("reads the mailbox, and skips it when its ETag has not changed", () => {
    const me = {
      id: "mbx_1",
      email: "ada@example.com",
      display_name: null,
      status: "frozen",
      quota_bytes: 53_687_091_200,
      send_scope: null,
      created_at: "2026-08-01T00:00:00Z"
    }
    const { client } = mockClient(({ headers }) =>
      headers["if-none-match"] === undefined
        ? ok(me, { headers: { etag: '"me"' } })
        : new Response(null, { status: 304 })
    )
    return Effect.gen(function* () {
      const mailbox = yield* Mailbox
      const first = yield* mailbox.me.get.withResponse()
      expect([first.data.status, first.data.quota_used_bytes]).toEqual(["frozen", undefined])
      expect(Option.isNone(yield* mailbox.me.get.ifNoneMatch(first.meta.etag ?? ""))).toBe(true)
    }).pipe(Effect.provide(mailboxOver(client)))
  })

  it.effect("clears a field of an identity with null and keeps omitted fields", () => {
    const identity = {
      id: "i1",
      email: "ada@example.com",
      name: "",
      reply_to: [],
      bcc: [],
      text_signature: "",
      html_signature: "",
      may_delete: false
    }
    const { client, seen } = mockClient(() => ok(identity))
    return Effect.gen(function* () {
      const { identities } = yield* Mailbox
      yield* identities.updateDefault({ name: null, html_signature: "<b>Ada</b>" })
      expect(seen[0]?.body).toBe('{"name":null,"html_signature":"<b>Ada</b>"}')
    }).pipe(Effect.provide(mailboxOver(client)))
  })

  it.effect("lists submissions whose ids are joined with commas, and quotas", () => {
    const { client, seen } = mockClient(({ url }) =>
      url.pathname.endsWith("/submissions")
        ? pageOf([
            {
              id: "s1",
              identity_id: null,
              email_id: "m1",
              thread_id: null,
              envelope: {
                mail_from: null,
                rcpt_to: [{ email: "bob@example.com", parameters: { NOTIFY: null } }]
              },
              send_at: null,
              undo_status: "final",
              delivery_status: [{ email: "bob@example.com", delivered: "yes", displayed: "unknown" }],
              dsn_blob_ids: [],
              mdn_blob_ids: []
            }
          ])
        : pageOf([])
    )
    return Effect.gen(function* () {
      const { quotas, submissions } = yield* Mailbox
      const [sent] = yield* Stream.runCollect(submissions.list({ email_ids: ["m1", "m2"] }))
      expect(sent?.delivery_status[0]).toEqual({
        email: "bob@example.com",
        delivered: "yes",
        displayed: "unknown",
        smtp_reply: null
      })
      yield* Stream.runDrain(quotas.list({ scope: "account", sort_by: "used" }))
      expect(seen.map(({ url }) => url.search)).toEqual(["?email_ids=m1%2Cm2", "?scope=account&sort_by=used"])
    }).pipe(Effect.provide(mailboxOver(client)))
  })
})

describe("the layer", () => {
  it.effect("reads the mailbox of the layer from Config", () => {
    const { layer, seen } = mockClient(() => ok({ total: 0, sync_state: null }))
    const mailbox = Mailbox.layerConfig({
      apiKey: Config.redacted("KEY"),
      mailbox_id: Config.string("MAILBOX")
    }).pipe(
      Layer.provide(layer),
      Layer.provide(
        Layer.setConfigProvider(
          ConfigProvider.fromMap(
            new Map([
              ["KEY", apiKey],
              ["MAILBOX", "mbx_env"]
            ])
          )
        )
      )
    )
    return Effect.gen(function* () {
      yield* (yield* Mailbox).messages.count()
      expect(seen[0]?.url.href).toBe(
        "https://app.sendmux.ai/api/v1/mailbox/messages/count?mailbox_id=mbx_env"
      )
    }).pipe(Effect.provide(mailbox))
  })

  it.effect("rejects a root key with an error that does not contain it", () => {
    const { client } = mockClient(() => pageOf([]))
    return Effect.gen(function* () {
      const error = yield* Mailbox.make({ apiKey: Redacted.make("smx_root_very_secret") }).pipe(
        Effect.provideService(HttpClient.HttpClient, client),
        Effect.flip
      )
      expect(error).toMatchObject({ _tag: "ConfigurationError", surface: "mailbox", option: "apiKey" })
      expect(String(error)).not.toContain("very_secret")
    })
  })
})
