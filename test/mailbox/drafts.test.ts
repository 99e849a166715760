import type { HttpClient } from "@effect/platform/HttpClient"
import * as Client from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { makeMethods } from "../../src/internal/methods/methods.js"
import { makePipeline } from "../../src/internal/pipeline/make.js"
import { makeDrafts } from "../../src/mailbox/drafts/drafts.js"
import { makeSenderChoices } from "../../src/mailbox/senderChoices.js"
import { failure, mockClient, ok } from "../support/http.js"

const methodsOver = (client: HttpClient) =>
  Effect.map(
    makePipeline("mailbox", "https://app.sendmux.ai/api/v1", {
      apiKey: Redacted.make("smx_mbx_test_0123456789"),
      mailbox_id: "mbx_1"
    }),
    makeMethods
  ).pipe(Effect.provideService(Client.HttpClient, client), Effect.orDie)

const draftsOver = (client: HttpClient) => Effect.map(methodsOver(client), makeDrafts)

const draft = (extra: Record<string, unknown> = {}) => ({
  id: "dft_1",
  revision: 3,
  status: "ready",
  message_id: "msg_1",
  scheduled_for: null,
  schedule_version: 2,
  failure_code: null,
  in_reply_to: [],
  references: [],
  subject: "Hello",
  to: [{ email: "ada@example.com" }],
  ...extra
})

const bodyOf = (seen: ReadonlyArray<{ readonly body: string }>, index: number): unknown =>
  JSON.parse(seen[index]?.body ?? "null")

describe("drafts", () => {
  it.effect("creates drafts from content and from messages", () => {
    const { client, seen } = mockClient(() =>
      ok(draft({ status: "preparing", message_id: null }), { status: 201 })
    )
    return Effect.gen(function* () {
      const drafts = yield* draftsOver(client)
      const created = yield* drafts.create(
        { to: [{ email: "ada@example.com", name: null }], subject: "Hello" },
        { idempotencyKey: "draft-1", mailbox_id: "mbx_2" }
      )
      expect(created.status).toBe("preparing")
      expect(created.to).toEqual([{ email: "ada@example.com", name: null }])
      expect(seen[0]?.url.pathname).toBe("/api/v1/mailbox/drafts")
      expect(seen[0]?.url.search).toBe("?mailbox_id=mbx_2")
      expect(seen[0]?.headers["idempotency-key"]).toBe("draft-1")
      expect(bodyOf(seen, 0)).toEqual({ to: [{ email: "ada@example.com", name: null }], subject: "Hello" })
      yield* drafts.reply("msg_9", { text_body: "Yes" })
      yield* drafts.replyAll("msg_9")
      yield* drafts.forward("msg_9")
      yield* drafts.adopt("msg_9")
      expect([1, 2, 3, 4].map((index) => bodyOf(seen, index))).toEqual([
        { text_body: "Yes", source: { message_id: "msg_9", action: "reply" } },
        { source: { message_id: "msg_9", action: "reply_all" } },
        { source: { message_id: "msg_9", action: "forward" } },
        { source: { message_id: "msg_9", action: "adopt" } }
      ])
      expect(seen[4]?.headers["idempotency-key"]).toMatch(/^[0-9a-f-]{36}$/)
    })
  })

  it.effect("sends the versions of the draft that was read with each write", () => {
    const { client, seen } = mockClient(({ method }) =>
      ok(method === "DELETE" ? { deleted: true, id: "dft_1" } : draft({ revision: 4 }))
    )
    return Effect.gen(function* () {
      const drafts = yield* draftsOver(client)
      const current = yield* drafts.get("dft_1")
      yield* drafts.edit(current, { subject: "Changed" }, { ifMatch: '"v4"' })
      yield* drafts.sendNow(current)
      yield* drafts.sendAt(current, new Date("2027-01-31T09:00:00Z"))
      yield* drafts.moveSchedule(current, "2027-02-01T10:00:00+01:00")
      yield* drafts.cancelSchedule(current)
      yield* drafts.delete("dft_1", { ifMatch: '"v4"' })
      const versions = { expected_revision: 4, expected_schedule_version: 2 }
      expect(seen.map(({ method, url }) => `${method} ${url.pathname.slice(7)}`)).toEqual([
        "GET /mailbox/drafts/dft_1",
        "PATCH /mailbox/drafts/dft_1",
        "POST /mailbox/drafts/dft_1/send",
        "POST /mailbox/drafts/dft_1/send",
        "PATCH /mailbox/drafts/dft_1/schedule",
        "PATCH /mailbox/drafts/dft_1/schedule",
        "DELETE /mailbox/drafts/dft_1"
      ])
      expect(bodyOf(seen, 1)).toEqual({ subject: "Changed", expected_revision: 4 })
      expect(seen[1]?.headers["if-match"]).toBe('"v4"')
      expect(bodyOf(seen, 2)).toEqual(versions)
      expect(bodyOf(seen, 3)).toEqual({ ...versions, scheduled_for: "2027-01-31T09:00:00.000Z" })
      expect(bodyOf(seen, 4)).toEqual({ ...versions, scheduled_for: "2027-02-01T10:00:00+01:00" })
      expect(bodyOf(seen, 5)).toEqual({ ...versions, scheduled_for: null })
    })
  })

  it.effect("lists drafts page by page", () => {
    const { client } = mockClient(({ url }) =>
      url.searchParams.has("cursor")
        ? ok([draft({ id: "dft_2" })])
        : new Response(
            JSON.stringify({
              ok: true,
              data: [draft()],
              meta: { request_id: "r" },
              pagination: { has_more: true, next_cursor: "c" }
            })
          )
    )
    return Effect.gen(function* () {
      const drafts = yield* draftsOver(client)
      const all = yield* Stream.runCollect(drafts.list({ limit: 1 }))
      expect(Array.from(all, ({ id }) => id)).toEqual(["dft_1", "dft_2"])
    })
  })

  it.effect("rejects invalid drafts before anything is sent", () => {
    const { client, seen } = mockClient(() => ok(draft()))
    return Effect.gen(function* () {
      const drafts = yield* draftsOver(client)
      const address = { email: "ada@example.com" }
      const many = Array.from({ length: 26 }, () => address)
      const issue = <A, E extends { readonly message: string }>(call: Effect.Effect<A, E>) =>
        Effect.map(Effect.flip(call), ({ message }) => message)
      expect(yield* issue(drafts.create({ to: many, cc: many }))).toContain("at most 50 recipients together")
      expect(
        yield* issue(drafts.send("dft_1", { expected_revision: 1, scheduled_for: new Date(0) }))
      ).toContain("scheduled_for requires expected_schedule_version")
      const versions = { expected_revision: 1, expected_schedule_version: 0 }
      expect(
        yield* issue(drafts.send("dft_1", { ...versions, scheduled_for: "2027-01-31T09:00" }))
      ).toContain("timezone")
      expect(yield* issue(drafts.update("dft_1", { expected_revision: 0 }))).toContain("expected_revision")
      const attachment = {
        blob_id: "blob_1",
        filename: "a\nb.txt",
        content_type: "text/plain",
        size_bytes: 1
      }
      expect(yield* issue(drafts.create({ attachments: [attachment] }))).toContain(
        "filename must not contain a line break"
      )
      expect(seen).toHaveLength(0)
    })
  })
})

describe("drafts.waitUntilReady", () => {
  it.effect("reads a draft until it is ready", () => {
    const { client, seen } = mockClient((_, index) =>
      ok(draft({ status: index < 3 ? "preparing" : "ready" }))
    )
    return Effect.gen(function* () {
      const drafts = yield* draftsOver(client)
      const fiber = yield* Effect.fork(drafts.waitUntilReady("dft_1"))
      yield* TestClock.adjust("5 seconds")
      expect((yield* Fiber.join(fiber)).status).toBe("ready")
      expect(seen).toHaveLength(4)
      expect(seen[0]?.url.search).toBe("?mailbox_id=mbx_1")
    })
  })

  it.effect("fails when the draft has failed, when the timeout is over, and when the schedule ends", () => {
    const { client } = mockClient(({ url }) =>
      ok(
        url.pathname.endsWith("bad")
          ? draft({ id: "bad", status: "failed", failure_code: "preparation_failed" })
          : draft({ status: "preparing" })
      )
    )
    return Effect.gen(function* () {
      const drafts = yield* draftsOver(client)
      const failed = yield* Effect.flip(drafts.waitUntilReady("bad"))
      expect(failed).toMatchObject({
        _tag: "DraftStateError",
        status: "failed",
        failure_code: "preparation_failed"
      })
      expect(String(failed)).toBe(
        "The status of the draft is failed (preparation_failed) (mailbox.drafts.waitUntilReady, bad)"
      )
      const fiber = yield* Effect.fork(Effect.flip(drafts.waitUntilReady("dft_1", { timeout: "10 seconds" })))
      yield* TestClock.adjust("10 seconds")
      const timeout = yield* Fiber.join(fiber)
      expect(timeout).toMatchObject({ _tag: "WaitTimeoutError", status: "preparing" })
      const scheduled = yield* Effect.fork(
        Effect.flip(drafts.waitUntilReady("dft_1", { schedule: Schedule.recurs(2) }))
      )
      yield* TestClock.adjust("1 second")
      expect((yield* Fiber.join(scheduled))._tag).toBe("WaitTimeoutError")
    })
  })
})

describe("drafts.sendAndConfirm", () => {
  it.effect("reads an uncertain draft again without sending it again", () => {
    const { client, seen } = mockClient((_, index) =>
      ok(draft({ status: index === 0 ? "sending" : index < 3 ? "uncertain" : "queued" }))
    )
    return Effect.gen(function* () {
      const drafts = yield* draftsOver(client)
      const fiber = yield* Effect.fork(drafts.sendAndConfirm(yield* readyDraft))
      yield* TestClock.adjust("10 seconds")
      expect((yield* Fiber.join(fiber)).status).toBe("queued")
      expect(seen.map(({ method }) => method)).toEqual(["POST", "GET", "GET", "GET"])
    })
  })

  it.effect("determines the outcome of a send whose response was lost", () => {
    const { client, seen } = mockClient(({ method }, index) =>
      method === "POST" ? "network" : ok(draft({ status: index < 2 ? "ready" : "queued" }))
    )
    return Effect.gen(function* () {
      const drafts = yield* draftsOver(client)
      const fiber = yield* Effect.fork(drafts.sendAndConfirm(yield* readyDraft))
      yield* TestClock.adjust("10 seconds")
      expect((yield* Fiber.join(fiber)).status).toBe("queued")
      expect(seen.filter(({ method }) => method === "POST")).toHaveLength(1)
    })
  })

  it.effect("waits for a draft that is already being sent without sending it again", () => {
    const { client, seen } = mockClient(() => ok(draft({ status: "queued" })))
    return Effect.gen(function* () {
      const drafts = yield* draftsOver(client)
      const ready = yield* readyDraft
      for (const status of ["uncertain", "sending", "queued"]) {
        const fiber = yield* Effect.fork(drafts.sendAndConfirm({ ...ready, status }))
        yield* TestClock.adjust("10 seconds")
        expect((yield* Fiber.join(fiber)).status).toBe("queued")
      }
      expect(seen.map(({ method }) => method)).toEqual(["GET", "GET"])
    })
  })

  it.effect("fails with the error of the lost response when the draft stays ready", () => {
    const { client, seen } = mockClient(({ method }) =>
      method === "POST" ? failure(500, "internal_error") : ok(draft())
    )
    return Effect.gen(function* () {
      const drafts = yield* draftsOver(client)
      const fiber = yield* Effect.fork(
        Effect.flip(drafts.sendAndConfirm(yield* readyDraft, { timeout: "5 seconds" }))
      )
      yield* TestClock.adjust("10 seconds")
      expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "APIError", code: "internal_error" })
      expect(seen.filter(({ method }) => method === "POST")).toHaveLength(1)
    })
  })

  it.effect("waits until a fresh reply is ready, and then sends it once within the same timeout", () => {
    const { client, seen } = mockClient(({ method }, index) => {
      if (method === "POST") return ok(draft({ status: "sending", revision: 4 }))
      return ok(draft({ status: index < 3 ? "preparing" : index === 3 ? "ready" : "queued", revision: 4 }))
    })
    return Effect.gen(function* () {
      const drafts = yield* draftsOver(client)
      const reply = { ...(yield* readyDraft), status: "preparing" }
      const fiber = yield* Effect.fork(drafts.sendAndConfirm(reply))
      yield* TestClock.adjust("20 seconds")
      expect((yield* Fiber.join(fiber)).status).toBe("queued")
      expect(seen.map(({ method }) => method)).toEqual(["GET", "GET", "GET", "GET", "POST", "GET"])
      expect(bodyOf(seen, 4)).toEqual({ expected_revision: 4, expected_schedule_version: 2 })
    })
  })

  it.effect("limits the preparation and the confirmation of a draft by one timeout", () => {
    const { client } = mockClient(({ method }, index) => {
      if (method === "POST") return ok(draft({ status: "sending" }))
      return ok(draft({ status: index < 5 ? "preparing" : index === 5 ? "ready" : "sending" }))
    })
    return Effect.gen(function* () {
      const drafts = yield* draftsOver(client)
      const reply = { ...(yield* readyDraft), status: "preparing" }
      const fiber = yield* Effect.fork(Effect.flip(drafts.sendAndConfirm(reply, { timeout: "10 seconds" })))
      yield* TestClock.adjust("10 seconds")
      expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "WaitTimeoutError", status: "sending" })
    })
  })

  it.effect("waits for a draft with an unknown status and does not send it", () => {
    const { client, seen } = mockClient(({ method }, index) =>
      ok(draft({ status: method === "POST" || index < 2 ? "handing_over" : "queued" }))
    )
    return Effect.gen(function* () {
      const drafts = yield* draftsOver(client)
      const ready = yield* readyDraft
      const unknown = yield* Effect.fork(drafts.sendAndConfirm({ ...ready, status: "handing_over" }))
      yield* TestClock.adjust("10 seconds")
      expect((yield* Fiber.join(unknown)).status).toBe("queued")
      expect(seen.map(({ method }) => method)).toEqual(["GET", "GET", "GET"])
      const sent = yield* Effect.fork(drafts.sendAndConfirm(ready))
      yield* TestClock.adjust("10 seconds")
      expect((yield* Fiber.join(sent)).status).toBe("queued")
    })
  })

  it.effect("keeps waiting for a draft with an unknown status in every wait", () => {
    const { client } = mockClient(({ url }, index) =>
      ok(
        draft({ status: index % 2 === 0 ? "handing_over" : url.pathname.endsWith("a") ? "ready" : "queued" })
      )
    )
    return Effect.gen(function* () {
      const drafts = yield* draftsOver(client)
      const ready = yield* Effect.fork(drafts.waitUntilReady("dft_a"))
      yield* TestClock.adjust("10 seconds")
      expect((yield* Fiber.join(ready)).status).toBe("ready")
      const sent = yield* Effect.fork(drafts.waitUntilSent("dft_b"))
      yield* TestClock.adjust("10 seconds")
      expect((yield* Fiber.join(sent)).status).toBe("queued")
    })
  })

  it.effect("fails immediately when the server rejects the request or the draft", () => {
    const { client } = mockClient(({ url }) =>
      url.pathname.includes("stale")
        ? failure(409, "conflict")
        : ok(draft({ status: "failed", failure_code: "send_rejected" }))
    )
    return Effect.gen(function* () {
      const drafts = yield* draftsOver(client)
      const ready = yield* readyDraft
      expect((yield* Effect.flip(drafts.sendAndConfirm({ ...ready, id: "stale" })))._tag).toBe("APIError")
      expect(yield* Effect.flip(drafts.sendAndConfirm(ready))).toMatchObject({
        failure_code: "send_rejected"
      })
    })
  })
})

const readyDraft = Effect.flatMap(draftsOver(mockClient(() => ok(draft())).client), (drafts) =>
  drafts.get("dft_1")
)

describe("senderChoices.get", () => {
  it.effect("sends a query parameter for each delivery group", () => {
    const { client, seen } = mockClient(() =>
      ok({
        origin_address: "inbox@example.com",
        from: { addresses: ["inbox@example.com"], domains: [] },
        reply_to: { addresses: [], domains: ["example.com"] }
      })
    )
    return Effect.gen(function* () {
      const choices = yield* Effect.map(methodsOver(client), makeSenderChoices)
      const found = yield* choices.get({ delivery_group_id: ["dgrp_a", "dgrp_b"] })
      expect(found.reply_to.domains).toEqual(["example.com"])
      expect(seen[0]?.url.search).toBe("?delivery_group_id=dgrp_a&delivery_group_id=dgrp_b&mailbox_id=mbx_1")
    })
  })
})
