import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { type BatchUpdateItem, Mailbox, type MailboxService } from "../../src/Mailbox.js"
import { wireMessage } from "../support/fakeMailbox.js"
import { failure, mockClient, ok, type Reaction, type Seen } from "../support/http.js"
import { mailboxOver, pageOf } from "../support/mailbox.js"

const withMailbox = <A, E>(
  react: (request: Seen, index: number) => Reaction,
  use: (mailbox: MailboxService, seen: ReadonlyArray<Seen>) => Effect.Effect<A, E>
) => {
  const { client, seen } = mockClient(react)
  return Mailbox.pipe(
    Effect.flatMap((mailbox) => use(mailbox, seen)),
    Effect.provide(mailboxOver(client))
  )
}

const queryOf = (request: Seen | undefined) => Object.fromEntries(request?.url.searchParams ?? [])

const bodyOf = (request: Seen | undefined) => JSON.parse(request?.body ?? "null")

const wireDetail = { ...wireMessage("m1"), text_body: "Hi", html_body: null }

describe("filters", () => {
  it.effect("sends the filters with their wire names for every page", () =>
    withMailbox(
      (_, index) => (index === 0 ? pageOf([wireMessage("m1")], "c2") : pageOf([wireMessage("m2")])),
      (mailbox, seen) =>
        Effect.gen(function* () {
          const found = yield* mailbox.messages
            .list({
              from: "ada",
              header_name: "List-Id",
              header_value: "effect",
              after: new Date("2026-08-01T00:00:00Z"),
              is_unread: true,
              has_attachment: false,
              min_size_bytes: 0,
              sort_by: "received_at"
            })
            .pipe(Stream.runCollect)
          expect([...found].map(({ id }) => id)).toEqual(["m1", "m2"])
          const filters = {
            from: "ada",
            header_name: "List-Id",
            header_value: "effect",
            after: "2026-08-01T00:00:00.000Z",
            is_unread: "true",
            has_attachment: "false",
            min_size_bytes: "0",
            sort_by: "received_at"
          }
          expect(seen.map(queryOf)).toEqual([filters, { ...filters, cursor: "c2" }])
        })
    )
  )

  it.effect("rejects an invalid combination of filters before anything is sent", () =>
    withMailbox(
      () => failure(500, "internal_error"),
      ({ messages }, seen) =>
        Effect.gen(function* () {
          const thread = yield* Effect.flip(
            Stream.runDrain(messages.list({ thread_id: "t1", q: "x", is_unread: false }))
          )
          expect(thread).toMatchObject({
            _tag: "InvalidRequestError",
            operation: "mailbox.messages.list",
            issue: "thread_id cannot be combined with other filters: remove q, is_unread"
          })
          const headers = [
            messages.list({ header_value: "x" }).pipe(Stream.runDrain),
            messages.count({ header_value: "x" }),
            messages.searchSnippets({ q: "x", header_value: "x" }),
            messages.queryChanges({ header_value: "x" })
          ]
          for (const call of headers) {
            expect(yield* Effect.flip(call)).toMatchObject({
              _tag: "InvalidRequestError",
              issue: "header_value requires header_name, which is the name of the header"
            })
          }
          expect(seen).toHaveLength(0)
        })
    )
  )

  it.effect("accepts order and paging together with a thread_id", () =>
    withMailbox(
      () => pageOf([]),
      ({ messages }, seen) =>
        Effect.gen(function* () {
          yield* messages.list.page({ thread_id: "t1", sort_direction: "asc", limit: 5, cursor: "c" })
          expect(queryOf(seen[0])).toEqual({
            thread_id: "t1",
            sort_direction: "asc",
            limit: "5",
            cursor: "c"
          })
        })
    )
  )

  it.effect("counts messages, and returns snippets of messages whose ids are joined with commas", () =>
    withMailbox(
      ({ url }) =>
        url.pathname.endsWith("/count")
          ? ok({ total: 7, sync_state: "s1" })
          : ok({
              snippets: [{ message_id: "a", subject: null, preview: "<mark>x</mark>" }],
              not_found: ["b"],
              sync_state: null
            }),
      ({ messages }, seen) =>
        Effect.gen(function* () {
          expect(yield* messages.count()).toEqual({ total: 7, sync_state: "s1" })
          const { not_found, snippets } = yield* messages.searchSnippets({ q: "x", message_ids: ["a", "b"] })
          expect([snippets[0]?.preview, not_found]).toEqual(["<mark>x</mark>", ["b"]])
          expect(queryOf(seen[1])).toEqual({ q: "x", message_ids: "a,b" })
        })
    )
  )
})

describe("one message", () => {
  it.effect("reads a message, and skips it when its ETag has not changed", () =>
    withMailbox(
      ({ headers }) =>
        headers["if-none-match"] === 'W/"1"'
          ? new Response(null, { status: 304 })
          : ok(wireDetail, { headers: { etag: 'W/"1"' } }),
      ({ messages }) =>
        Effect.gen(function* () {
          const { data, meta } = yield* messages.get.withResponse("m1")
          expect(data.text_body).toBe("Hi")
          // Servers older than autumn 2026 do not send the threading headers.
          expect(data.references).toBeUndefined()
          expect(Option.isNone(yield* messages.get.ifNoneMatch(meta.etag ?? "", "m1"))).toBe(true)
        })
    )
  )

  it.effect("decodes a message with an invalid date, and hides the URLs of its attachments", () =>
    withMailbox(
      () =>
        ok({
          ...wireDetail,
          received_at: "yesterday",
          sent_at: "2026-08-01T10:00:00+02:00",
          message_id: ["<1@x>"],
          attachments: [
            {
              id: "b1",
              filename: null,
              content_type: "text/plain",
              size_bytes: 3,
              disposition: null,
              content_id: null,
              download_url: "https://app.sendmux.ai/api/v1/d?download_token=tok_secret"
            }
          ]
        }),
      ({ messages }) =>
        Effect.gen(function* () {
          const message = yield* messages.get("m1")
          expect(message.received_at).toBeNull()
          expect(message.sent_at && DateTime.toEpochMillis(message.sent_at)).toBe(Date.UTC(2026, 7, 1, 8))
          expect(message.message_id).toEqual(["<1@x>"])
          expect(JSON.stringify(message)).not.toContain("tok_secret")
          const url = message.attachments?.[0]?.download_url
          expect(url === undefined ? "" : Redacted.value(url)).toContain("tok_secret")
        })
    )
  )

  it.effect(
    "downloads a raw message as a stream or as bytes, and skips it when its ETag has not changed",
    () => {
      const raw = "From: ada@example.com\r\n\r\nHi"
      return withMailbox(
        ({ headers }) =>
          headers["if-none-match"] === '"raw"'
            ? new Response(null, { status: 304 })
            : new Response(raw, { headers: { "content-length": String(raw.length), etag: '"raw"' } }),
        ({ messages }, seen) =>
          Effect.gen(function* () {
            const bytes = yield* messages.downloadRaw.bytes("m 1")
            expect(new TextDecoder().decode(bytes)).toBe(raw)
            expect(seen[0]?.url.pathname).toBe("/api/v1/mailbox/messages/m%201/raw")
            const streamed = yield* Stream.runCollect(Stream.decodeText(messages.downloadRaw("m1")))
            expect([...streamed].join("")).toBe(raw)
            const { meta } = yield* messages.downloadRaw.withResponse("m1")
            expect(meta.etag).toBe('"raw"')
            expect(Option.isNone(yield* messages.downloadRaw.ifNoneMatch('"raw"', "m1"))).toBe(true)
            const newer = yield* messages.downloadRaw.ifNoneMatch('"older"', "m1")
            expect(Option.isSome(newer)).toBe(true)
          })
      )
    }
  )

  it.effect("modifies the version of a message that was read, and repeats after a conflict", () => {
    let version = 1
    return withMailbox(
      ({ method, headers }) => {
        if (method === "GET") return ok(wireDetail, { headers: { etag: `"${version}"` } })
        if (version === 1) {
          version = 2
          return failure(409, "conflict")
        }
        return headers["if-match"] === '"2"'
          ? ok({ ...wireDetail, keywords: ["done"] })
          : failure(409, "conflict")
      },
      ({ messages }, seen) =>
        Effect.gen(function* () {
          const changed = yield* Effect.fork(
            messages.modify("m1", ({ keywords }) => ({ keywords: { done: !keywords.includes("done") } }))
          )
          yield* TestClock.adjust("5 seconds")
          expect((yield* Fiber.join(changed)).keywords).toEqual(["done"])
          expect(seen.map(({ method }) => method)).toEqual(["GET", "PATCH", "GET", "PATCH"])
          expect(bodyOf(seen[3])).toEqual({ keywords: { done: true } })
        })
    )
  })

  it.effect("deletes a message, permanently if requested", () =>
    withMailbox(
      () => ok({ deleted: true, id: "m1" }),
      ({ messages }, seen) =>
        Effect.gen(function* () {
          yield* messages.delete("m1")
          yield* messages.delete("m1", { permanent: true }, { ifMatch: 'W/"1"' })
          expect(seen.map(queryOf)).toEqual([{}, { permanent: "true" }])
          expect(seen[1]?.headers["if-match"]).toBe('W/"1"')
        })
    )
  )
})

describe("sending", () => {
  it.effect("encodes missing names as null and the content of attachments as base64", () =>
    withMailbox(
      () => ok({ message_id: "m9", status: "queued" }),
      ({ messages }, seen) =>
        Effect.gen(function* () {
          yield* messages.send(
            {
              to: [{ email: "ada@example.com" }],
              cc: [{ email: "bob@example.com", name: "Bob" }],
              text_body: "Hi",
              attachments: [
                { filename: "a.txt", content_type: "text/plain", content: new Uint8Array([104, 105]) },
                { filename: "b.txt", content_type: "text/plain", blob_id: "b1" }
              ]
            },
            { idempotencyKey: "k1", mailbox_id: "mbx_1" }
          )
          expect(bodyOf(seen[0])).toEqual({
            to: [{ email: "ada@example.com", name: null }],
            cc: [{ email: "bob@example.com", name: "Bob" }],
            text_body: "Hi",
            attachments: [
              { filename: "a.txt", content_type: "text/plain", content: "aGk=" },
              { filename: "b.txt", content_type: "text/plain", blob_id: "b1" }
            ]
          })
          expect(seen[0]?.headers["idempotency-key"]).toBe("k1")
        })
    )
  )

  it.effect("rejects a message without recipients or with too many", () =>
    withMailbox(
      () => failure(500, "internal_error"),
      ({ messages }, seen) =>
        Effect.gen(function* () {
          const nobody = yield* Effect.flip(messages.send({ subject: "Hi" }))
          expect(nobody.message).toContain("a message needs a recipient")
          const many = Array.from({ length: 30 }, (_, index) => ({ email: `a${index}@example.com` }))
          const crowd = yield* Effect.flip(messages.send({ to: many, bcc: many }))
          expect(crowd.message).toContain("at most 50 recipients together, and have 60")
          expect(seen).toHaveLength(0)
        })
    )
  )

  it.effect("rejects a message with a line break in the filename of an attachment", () =>
    withMailbox(
      () => failure(500, "internal_error"),
      ({ messages }, seen) =>
        Effect.gen(function* () {
          const named = { filename: "a\r\nb.txt", content_type: "text/plain" }
          for (const attachment of [
            { ...named, content: "aGk=" },
            { ...named, blob_id: "blob_1" }
          ]) {
            const error = yield* Effect.flip(
              messages.send({ to: [{ email: "a@example.com" }], subject: "Hi", attachments: [attachment] })
            )
            expect(error.message).toContain("filename must not contain a line break")
          }
          expect(seen).toHaveLength(0)
        })
    )
  )
})

const ids = Array.from({ length: 230 }, (_, index) => `m${index}`)

describe("batches", () => {
  it.effect("sends each id of a batch once, and returns a result for each occurrence", () =>
    withMailbox(
      ({ body }) => {
        const requested: ReadonlyArray<string> = JSON.parse(body).ids
        // Deleting a message twice reports it as not found.
        return ok({
          deleted: [...new Set(requested)],
          failed: [],
          not_found: requested.filter((id, index) => requested.indexOf(id) !== index),
          states: { old_state: "s0", new_state: "s1" }
        })
      },
      ({ messages }, seen) =>
        Effect.gen(function* () {
          const { results } = yield* messages.batchDelete({ ids: ["m1", "m2", "m1"] })
          expect(results).toEqual(["m1", "m2", "m1"].map((id) => ({ _tag: "Deleted", id })))
          expect(bodyOf(seen[0]).ids).toEqual(["m1", "m2"])
        })
    )
  )

  it.effect("reads 100 messages in each request and returns the results in the order of the ids", () =>
    withMailbox(
      ({ body }, index) => {
        const requested: ReadonlyArray<string> = JSON.parse(body).ids
        const found = requested.filter((id) => id !== "m150").reverse()
        return ok({
          messages: found.map((id) => ({ message: wireMessage(id), content: null, raw_body: null })),
          not_found: requested.filter((id) => id === "m150"),
          states: { email_state: `s${index}` }
        })
      },
      ({ messages }, seen) =>
        Effect.gen(function* () {
          const given = [...ids, "m7"]
          const { data, meta } = yield* messages.batchGet.withResponse({ ids: given, body_mode: "none" })
          expect(data.results.map(({ id }) => id)).toEqual(given)
          expect(data.results[150]).toEqual({ _tag: "NotFound", id: "m150" })
          expect(data.results[230]).toMatchObject({ _tag: "Found", id: "m7" })
          expect(data.states.email_state).toBe("s0")
          expect(meta.attempts).toBe(3)
          expect(seen.map(({ url }) => url.pathname.split("/").at(-1))).toEqual(
            Array(3).fill("messages:batch-get")
          )
          expect(seen.map((request) => bodyOf(request).ids.length)).toEqual([100, 100, 30])
          expect(bodyOf(seen[2])).toMatchObject({ body_mode: "none" })
        })
    )
  )

  it.effect("sends each request of a batch with the state that the previous one returned", () =>
    withMailbox(
      ({ body }, index) => {
        const requested: ReadonlyArray<string> = JSON.parse(body).ids
        return ok({
          updated: requested.slice(2),
          failed: [{ id: requested[0], code: "forbidden_keyword", message: "No" }],
          not_found: [requested[1]],
          states: { old_state: `s${index}`, new_state: `s${index + 1}` }
        })
      },
      ({ messages }, seen) =>
        Effect.gen(function* () {
          const { results, states } = yield* messages.batchUpdate({ ids, seen: true, if_in_state: "s0" })
          expect(seen.map((request) => bodyOf(request).if_in_state)).toEqual(["s0", "s1", "s2"])
          expect(states).toEqual({ old_state: "s0", new_state: "s3" })
          expect(results.map(({ id }) => id)).toEqual(ids)
          expect(results[100]).toEqual({
            _tag: "Failed",
            id: "m100",
            code: "forbidden_keyword",
            message: "No"
          })
          expect(results[101]).toEqual({ _tag: "NotFound", id: "m101" })
          expect(results.filter(({ _tag }) => _tag === "Updated")).toHaveLength(224)
        })
    )
  )

  it.effect("reports the remaining messages as unconfirmed when a later request fails", () =>
    withMailbox(
      ({ body }, index) =>
        index === 0
          ? ok({
              deleted: JSON.parse(body).ids,
              failed: [],
              not_found: [],
              states: { old_state: "s0", new_state: "s1" }
            })
          : failure(409, "conflict"),
      ({ messages }, seen) =>
        Effect.gen(function* () {
          const { results, states } = yield* messages.batchDelete({ ids, permanent: true, if_in_state: "s0" })
          expect(seen).toHaveLength(2)
          expect(results.filter(({ _tag }) => _tag === "Deleted")).toHaveLength(100)
          expect(results[100]).toMatchObject({ _tag: "Unconfirmed", id: "m100", error: { code: "conflict" } })
          expect(results[229]).toMatchObject({ _tag: "Unconfirmed", id: "m229" })
          expect(states).toEqual({ old_state: "s0", new_state: "s1" })
        })
    )
  )

  it.effect("stops a batch with if_in_state when a response contains no new state", () =>
    withMailbox(
      ({ body }) =>
        ok({
          updated: JSON.parse(body).ids,
          failed: [],
          not_found: [],
          states: { old_state: "s0", new_state: null }
        }),
      ({ messages }, seen) =>
        Effect.gen(function* () {
          const stopped = yield* messages.batchUpdate({ ids, flagged: true, if_in_state: "s0" })
          expect(seen).toHaveLength(1)
          const tags = new Set(stopped.results.map(({ _tag }: BatchUpdateItem) => _tag))
          expect([...tags]).toEqual(["Updated", "Unconfirmed"])
          yield* messages.batchUpdate({ ids, flagged: true })
          expect(seen).toHaveLength(4)
        })
    )
  )

  it.effect(
    "fails a batch when its first request fails, and rejects invalid ids before anything is sent",
    () =>
      withMailbox(
        () => failure(409, "conflict"),
        ({ messages }, seen) =>
          Effect.gen(function* () {
            const conflict = yield* Effect.flip(messages.batchUpdate({ ids, seen: true, if_in_state: "old" }))
            expect(conflict).toMatchObject({ _tag: "APIError", code: "conflict" })
            expect(seen).toHaveLength(1)
            expect(yield* Effect.flip(messages.batchGet({ ids: [] }))).toMatchObject({
              _tag: "InvalidRequestError",
              operation: "mailbox.messages.batchGet"
            })
            expect(yield* Effect.flip(messages.batchDelete({ ids: [""] }))).toMatchObject({
              _tag: "InvalidRequestError"
            })
            expect(seen).toHaveLength(1)
          })
      )
  )
})
