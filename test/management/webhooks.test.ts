import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { ok, type Seen } from "../support/http.js"
import { line, managementServer, notModified, pageOf, tagged } from "../support/management.js"

const webhook = {
  id: "whk_1",
  name: null,
  url: "https://example.com/hooks",
  event_types: ["message.delivered", "message.from_the_future"],
  filters: { mailbox_ids: [] },
  enabled: true,
  failing: false,
  created_at: "2026-08-01T10:00:00.000Z",
  updated_at: "2026-08-01T10:00:00.000Z"
}

const withSecret = { ...webhook, secret: "whsec_shown_once" }

const delivery = {
  id: "whda_1",
  event_id: "evt_1",
  event_type: "message.bounced",
  result: "retrying",
  delivery_attempt: 2,
  max_attempts: 8,
  response_status: null,
  response_body: null,
  response_ms: 30_000,
  error_message: "timed out",
  request_payload_bytes: 512,
  request_payload_sha256: null,
  payload_available: true,
  payload_expires_at: "2026-08-08T10:00:00.000Z",
  next_retry_at: "2026-08-01T10:05:00.000Z",
  created_at: "2026-08-01T10:00:00.000Z"
}

const body = (request: Seen | undefined): unknown => JSON.parse(request?.body ?? "null")

describe("management.webhooks", () => {
  it.effect("streams the webhooks of every page", () => {
    const { management, seen } = managementServer((_, index) =>
      index === 0 ? pageOf([webhook], "c2") : pageOf([{ ...webhook, id: "whk_2" }])
    )
    return Effect.gen(function* () {
      const { webhooks } = yield* management
      const all = yield* Stream.runCollect(webhooks.list({ limit: 1 }))
      expect(Chunk.toReadonlyArray(all).map(({ id }) => id)).toEqual(["whk_1", "whk_2"])
      expect(seen.map(line)).toEqual(["GET /webhooks?limit=1", "GET /webhooks?cursor=c2&limit=1"])
    })
  })

  it.effect("creates a webhook and rotates its secret, with secrets that are Redacted", () => {
    const { management, seen } = managementServer((_, index) =>
      ok(withSecret, index === 0 ? { status: 201 } : {})
    )
    return Effect.gen(function* () {
      const { webhooks } = yield* management
      const input = {
        url: "https://example.com/hooks",
        event_types: ["message.delivered"],
        name: "Deliveries",
        enabled: false,
        filters: { mailbox_ids: ["mbx_1"] }
      }
      const created = yield* webhooks.create(input, { idempotencyKey: "w" })
      const rotated = yield* webhooks.rotateSecret("whk_1")
      for (const found of [created, rotated]) {
        expect(Redacted.value(found.secret)).toBe("whsec_shown_once")
        expect(JSON.stringify(found) + Inspectable.format(found)).not.toContain("shown_once")
      }
      expect(seen.map(line)).toEqual(["POST /webhooks", "POST /webhooks/whk_1/rotate-secret"])
      expect(body(seen[0])).toEqual(input)
      expect(seen[0]?.headers["idempotency-key"]).toBe("w")
      expect(seen[1]?.headers["idempotency-key"]).toBeDefined()
      expect(seen[1]?.body).toBe("")
    })
  })

  it.effect("accepts https URLs and http URLs of loopback addresses, and rejects other URLs", () => {
    const { management, seen } = managementServer(() => ok(withSecret, { status: 201 }))
    return Effect.gen(function* () {
      const { webhooks } = yield* management
      const create = (url: string) => webhooks.create({ url, event_types: ["sendmux.test"] })
      for (const url of ["http://127.0.0.1:4700/h", "http://localhost:1/", "http://[::1]:1/"])
        yield* create(url)
      expect(seen).toHaveLength(3)
      for (const url of [
        "http://example.com",
        "ftp://example.com",
        "/hooks",
        "http://127.0.0.1.example.com"
      ]) {
        expect(String(yield* Effect.flip(create(url)))).toContain("https URL")
      }
      const empty = webhooks.create({ url: "https://example.com", event_types: [] })
      expect(String(yield* Effect.flip(empty))).toContain("event_types must have at least 1 element")
      expect(seen).toHaveLength(3)
    })
  })

  it.effect("reads, updates and modifies a webhook, including event types that are not known", () => {
    const { management, seen } = managementServer(({ headers }) =>
      headers["if-none-match"] === undefined ? tagged(webhook, 'W/"7"') : notModified()
    )
    return Effect.gen(function* () {
      const { webhooks } = yield* management
      expect(yield* webhooks.get.ifNoneMatch('W/"7"', "whk_1")).toEqual(Option.none())
      yield* webhooks.update("whk_1", { name: null, enabled: true })
      yield* webhooks.modify("whk_1", ({ event_types }) => ({
        event_types: [...event_types, "message.bounced"]
      }))
      expect(seen.map(line)).toEqual([
        "GET /webhooks/whk_1",
        "PATCH /webhooks/whk_1",
        "GET /webhooks/whk_1",
        "PATCH /webhooks/whk_1"
      ])
      expect(body(seen[1])).toEqual({ name: null, enabled: true })
      expect(seen[1]?.headers).not.toHaveProperty("if-match")
      expect(seen[3]?.headers["if-match"]).toBe('W/"7"')
      expect(body(seen[3])).toEqual({
        event_types: ["message.delivered", "message.from_the_future", "message.bounced"]
      })
    })
  })

  it.effect("lists deliveries with every filter", () => {
    const { management, seen } = managementServer(() =>
      pageOf([delivery, { ...delivery, next_retry_at: "soon", result: "pending_review" }])
    )
    return Effect.gen(function* () {
      const { webhooks } = yield* management
      const filters = { event_type: "message.bounced", result: "retrying" } as const
      const { items } = yield* webhooks.listDeliveries.page("whk_1", { ...filters, limit: 2 })
      expect(items.map(({ next_retry_at, result }) => [next_retry_at === null, result])).toEqual([
        [false, "retrying"],
        [true, "pending_review"]
      ])
      expect(seen.map(line)).toEqual([
        "GET /webhooks/whk_1/deliveries?limit=2&event_type=message.bounced&result=retrying"
      ])
    })
  })

  it.effect("decodes the payload of a delivery, with null for missing keys", () => {
    const { management, seen } = managementServer(() =>
      ok({
        id: "whda_1",
        event_id: "evt_1",
        event_type: "message.bounced",
        delivery_attempt: 1,
        payload: {
          id: "evt_1",
          type: "message.bounced",
          occurred_at: "2026-08-01T10:00:00.000Z",
          team_public_id: "team_1",
          data: {
            webhook_id: null,
            mailbox_id: "mbx_1",
            message_id: "m",
            message_id_kind: null,
            sendmux_message_id: null,
            sender: "ada@example.com",
            recipients: ["bob@example.com"],
            bounce_type: null,
            is_spam: null
          }
        },
        expires_at: "2026-08-08T10:00:00.000Z",
        created_at: "2026-08-01T10:00:00.000Z"
      })
    )
    return Effect.gen(function* () {
      const { webhooks } = yield* management
      const { payload } = yield* webhooks.getDeliveryPayload("whk_1", "whda_1")
      expect(payload.data).toMatchObject({ bounce_type: null, reject_reason: null, delay_expires_at: null })
      expect(seen.map(line)).toEqual(["GET /webhooks/whk_1/deliveries/whda_1/payload"])
    })
  })

  it.effect("tests and deletes a webhook", () => {
    const { management, seen } = managementServer(({ method }) =>
      ok(method === "POST" ? { event_id: "evt_9" } : { deleted: true, id: "whk_1" })
    )
    return Effect.gen(function* () {
      const { webhooks } = yield* management
      expect(yield* webhooks.test("whk_1", { idempotencyKey: "t" })).toEqual({ event_id: "evt_9" })
      expect(yield* webhooks.delete("whk_1")).toEqual({ deleted: true, id: "whk_1" })
      expect(seen.map(line)).toEqual(["POST /webhooks/whk_1/test", "DELETE /webhooks/whk_1"])
      expect(seen[0]?.headers["idempotency-key"]).toBe("t")
    })
  })
})
