import { createServer } from "node:http"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpServer from "@effect/platform/HttpServer"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { Sandbox } from "../../../src/index.js"
import { Mailbox, type SyncEvent, syncTypes } from "../../../src/Mailbox.js"
import { address, all, deliver, mailboxSandbox as sandbox } from "../../support/mailboxSandbox.js"

describe("changes", () => {
  it.effect("returns exactly the changes after a state, in as many responses as the limit requires", () =>
    Effect.gen(function* () {
      const { changes, messages } = yield* Mailbox
      const start = yield* changes.get()
      expect(start).toMatchObject({ old_state: null, created: [], has_more: false })
      const [a, b, c] = [yield* deliver(), yield* deliver(), yield* deliver()]
      const middle = (yield* changes.get()).new_state
      yield* messages.update(a.id, { seen: true })
      yield* messages.delete(b.id, { permanent: true })
      const since = (since_state: string, limit?: number) =>
        changes.get({ since_state, ...(limit === undefined ? {} : { limit }) })

      expect(yield* since(start.new_state)).toMatchObject({
        created: [a.id, c.id],
        updated: [],
        destroyed: [],
        has_more: false
      })
      expect(yield* since(middle)).toMatchObject({
        created: [],
        updated: [a.id],
        destroyed: [b.id],
        updated_properties: ["flags", "keywords"]
      })
      const copy = new Set<string>()
      let state = start.new_state
      for (;;) {
        const part = yield* since(state, 1)
        for (const id of part.created) copy.add(id)
        for (const id of part.destroyed) copy.delete(id)
        state = part.new_state
        if (!part.has_more) break
      }
      expect([...copy]).toEqual([a.id, c.id])
      expect(yield* since(state)).toMatchObject({ created: [], updated: [], destroyed: [] })
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("rejects a state that was never issued, and returns sync_required for a forgotten state", () =>
    Effect.gen(function* () {
      const { changes, folders, quotas, submissions } = yield* Mailbox
      const control = yield* Sandbox.Control
      for (const since_state of ["msg-99", "fld-1", "soon"]) {
        expect(yield* Effect.flip(changes.get({ since_state }))).toMatchObject({
          code: "invalid_parameter",
          param: "since_state"
        })
      }
      expect(yield* Effect.flip(changes.get({ types: ["folders"], folders_since_state: "x" }))).toMatchObject(
        { param: "folders_since_state" }
      )
      const { new_state } = yield* changes.get()
      expect(yield* control.forgetChanges(address)).toBe(true)
      expect(yield* control.forgetChanges("nobody@sandbox.test")).toBe(false)
      expect(yield* changes.get({ since_state: new_state })).toMatchObject({
        sync_required: true,
        created: []
      })

      for (const group of [folders, quotas, submissions]) {
        expect((yield* group.changes()).old_state).toBeNull()
      }
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("returns the changes of every type of resource since the states of the session", () =>
    Effect.gen(function* () {
      const { changes, identities, messages, session } = yield* Mailbox
      const { states } = yield* session.get()
      const since = Object.fromEntries(syncTypes.map((type) => [`${type}_since_state`, states[type]]))
      const { thread_id } = yield* deliver()
      yield* messages.send({ to: [{ email: "ada@example.com" }], text_body: "x" })
      yield* identities.updateDefault({ name: "Agent Smith" })
      const { types } = yield* changes.get({ types: [...syncTypes], ...since })
      expect(types.messages?.created).toHaveLength(2)
      expect(types.threads?.created).toHaveLength(2)
      expect(types.threads?.created).toContain(thread_id)
      expect(types.folders).toMatchObject({
        created: [],
        updated: [expect.any(String), expect.any(String)],
        updated_properties: ["total_messages", "unread_messages"]
      })
      expect(types.submissions?.created).toHaveLength(1)
      expect(types.identities?.updated).toHaveLength(1)
      expect([...(types.quotas?.updated ?? [])].sort()).toEqual(["quota_messages", "quota_storage"])
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("returns the changes of a list as removals and additions", () =>
    Effect.gen(function* () {
      const { folders, messages } = yield* Mailbox
      const ids: Array<string> = []
      for (const subject of ["b", "d", "a"]) ids.push((yield* deliver({ subject })).id)
      const list = { sort_by: "subject", sort_direction: "asc" } as const
      let copy = (yield* all(messages.list(list))).map(({ id }) => id)
      let state = (yield* messages.queryChanges(list)).new_query_state
      const [b = ""] = ids
      yield* messages.delete(b, { permanent: true })
      yield* deliver({ subject: "c" })
      yield* deliver({ subject: "e" })
      for (;;) {
        const part = yield* messages.queryChanges({
          ...list,
          since_query_state: state,
          limit: 1,
          calculate_total: true
        })
        expect(part.total).toBe(4)
        copy = copy.filter((id) => !part.removed.includes(id))
        for (const { id, index } of part.added) copy.splice(index, 0, id)
        state = part.new_query_state
        if (!part.has_more) break
      }
      expect(copy).toEqual((yield* all(messages.list(list))).map(({ id }) => id))
      const other = messages.queryChanges({ ...list, sort_direction: "desc", since_query_state: state })
      expect(yield* Effect.flip(other)).toMatchObject({
        code: "invalid_parameter",
        param: "since_query_state"
      })

      const before = yield* folders.queryChanges()
      const { id } = yield* folders.create({ name: "Own" })
      expect(yield* folders.queryChanges({ since_query_state: before.new_query_state })).toMatchObject({
        removed: [],
        added: [{ id, index: 5 }]
      })
    }).pipe(Effect.provide(sandbox()))
  )
})

describe("events", () => {
  it.effect(
    "sends each event once to every connection, resumes after an id, and agrees with the mailbox",
    () =>
      Effect.gen(function* () {
        const { events, messages } = yield* Mailbox
        const listen = (n: number) =>
          events
            .stream()
            .pipe(Stream.take(n), Stream.runCollect, Effect.map(Chunk.toReadonlyArray), Effect.fork)
        const readers = [yield* listen(3), yield* listen(1)]
        yield* TestClock.adjust(0)
        yield* Effect.yieldNow()
        yield* deliver({ subject: "One" })
        yield* deliver({ subject: "Two", spam: true })
        const last = yield* deliver({ subject: "Three", text: "body" })
        const [every, first] = yield* Effect.forEach(readers, Fiber.join)
        expect(every?.map(({ id }) => id)).toEqual(["1", "2", "3"])
        expect(first).toHaveLength(1)
        const [, spam, third] = every ?? []
        expect(spam).toMatchObject({ type: "message.received.spam", data: { is_spam: true } })
        expect(third).toMatchObject({
          _tag: "MessageReceived",
          data: {
            mailbox_id: "mbx_sandbox",
            message_id_kind: "rfc5322",
            sender: "someone@example.org",
            recipients: [address],
            message: { id: last.id, subject: "Three", body: { text: "body", is_truncated: false } }
          }
        })
        const { message_id = [] } = yield* messages.get(last.id)
        expect(third).toMatchObject({ data: { message_id: message_id[0] } })

        const resumed = yield* all(Stream.take(events.stream({ last_event_id: "1" }), 2))
        expect(resumed.map(({ id }) => id)).toEqual(["2", "3"])
        const unspammed = events.stream({ last_event_id: "1", event_types: ["message.received"] })
        expect((yield* all(Stream.take(unspammed, 1))).map(({ id }) => id)).toEqual(["3"])
      }).pipe(Effect.provide(sandbox()))
  )

  it.effect("sends sync_required if a connection cannot resume after an id", () =>
    Effect.gen(function* () {
      const { events } = yield* Mailbox
      const control = yield* Sandbox.Control
      yield* deliver()
      const from = (last_event_id: string) => all(Stream.take(events.stream({ last_event_id }), 1))
      expect(yield* from("77")).toMatchObject([{ _tag: "SyncRequired", reason: "server" }])
      expect(yield* from("nonsense")).toMatchObject([{ _tag: "SyncRequired" }])
      yield* control.forgetChanges("mbx_sandbox")
      expect(yield* from("1")).toMatchObject([{ _tag: "SyncRequired" }])
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("releases a connection that ends", () =>
    Effect.gen(function* () {
      const { events } = yield* Mailbox
      yield* deliver()
      for (let n = 0; n < 120; n++) {
        yield* Stream.runDrain(Stream.take(events.stream({ last_event_id: "0" }), 1))
      }
    }).pipe(Effect.provide(sandbox()))
  )

  it.scopedLive("sends events over a socket, and releases a connection that the client closes", () =>
    Effect.gen(function* () {
      const { control, httpApp } = yield* Sandbox.make()
      yield* HttpServer.serveEffect(httpApp)
      const port = yield* HttpServer.addressWith((server) =>
        server._tag === "TcpAddress"
          ? Effect.succeed(server.port)
          : Effect.dieMessage("The server has no TCP address")
      )
      const baseUrl = `http://127.0.0.1:${port}/app/api/v1`
      const { events } = yield* Effect.provide(
        Mailbox.make({ apiKey: Sandbox.mailboxKey, baseUrl }),
        FetchHttpClient.layer
      )
      for (let n = 1; n <= 60; n++) {
        const last = yield* events.listen().pipe(
          Stream.tap((signal) =>
            signal._tag === "Listening" ? control.deliver({ to: address, subject: `${n}` }) : Effect.void
          ),
          Stream.take(2),
          Stream.runLast
        )
        expect(Option.getOrUndefined(last)).toMatchObject({ _tag: "MessageReceived", id: `${n}` })
      }
    }).pipe(Effect.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })))
  )

  it.effect("sends pings on a quiet connection, and closes it after the requested time", () =>
    Effect.gen(function* () {
      const client = yield* HttpClient.HttpClient
      const request = HttpClientRequest.get(
        "https://app.sendmux.ai/api/v1/mailbox/events?ping=10&close_after=30"
      ).pipe(HttpClientRequest.bearerToken(Sandbox.mailboxKey))
      const response = yield* client.execute(request)
      expect(response.headers["content-type"]).toBe("text/event-stream")
      const reading = yield* Effect.fork(Stream.mkString(Stream.decodeText(response.stream)))
      yield* TestClock.adjust("29 seconds")
      expect((yield* Fiber.poll(reading))._tag).toBe("None")
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(reading)).toBe(": listening\n\n: ping\n\n: ping\n\n")
    }).pipe(Effect.scoped, Effect.provide(sandbox()))
  )
})

describe("sync.follow", () => {
  it.effect("produces a copy equal to the mailbox", () =>
    Effect.gen(function* () {
      const { messages, sync, threads } = yield* Mailbox
      const a = yield* deliver({ headers: { "Message-ID": "<1@a>" } })
      const copies = { messages: new Map<string, unknown>(), threads: new Map<string, unknown>() }
      const apply = (event: SyncEvent<"messages" | "threads">) => {
        switch (event._tag) {
          case "Reset":
            return copies[event.type].clear()
          case "Snapshot":
          case "Created":
          case "Updated":
            return void copies[event.type].set(event.id, event.value)
          case "Removed":
            return void copies[event.type].delete(event.id)
        }
      }
      const following = yield* sync.follow({ types: ["messages", "threads"], poll: "1 second" }).pipe(
        Stream.runForEach((event) => Effect.sync(() => apply(event))),
        Effect.fork
      )
      yield* TestClock.adjust("2 seconds")
      const b = yield* deliver({ headers: { "In-Reply-To": "<1@a>" } })
      yield* TestClock.adjust("2 seconds")
      yield* deliver({ subject: "Else" })
      yield* messages.update(a.id, { flagged: true })
      yield* messages.delete(b.id, { permanent: true })
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.interrupt(following)
      const byId = <A extends { readonly id: string }>(items: ReadonlyArray<A>) =>
        Object.fromEntries(items.map((item) => [item.id, item]))
      const bare = (items: Readonly<Record<string, object>>) =>
        JSON.parse(JSON.stringify(items, (key, value) => (key === "download_url" ? undefined : value)))
      expect(bare(Object.fromEntries(copies.messages) as Record<string, object>)).toEqual(
        bare(byId(yield* all(messages.list())))
      )
      expect([...copies.threads.keys()].sort()).toEqual(
        (yield* all(threads.list())).map(({ id }) => id).sort()
      )
    }).pipe(Effect.provide(sandbox()))
  )
})
