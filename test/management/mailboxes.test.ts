import { describe, expect, it } from "@effect/vitest"
import * as BigDecimal from "effect/BigDecimal"
import * as Chunk from "effect/Chunk"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { failure, ok, type Seen } from "../support/http.js"
import { line, managementServer, notModified, pageOf, tagged } from "../support/management.js"

const mailbox = {
  id: "mbx_1",
  email: "ada@example.com",
  display_name: "Ada",
  status: "active",
  quota_bytes: 53_687_091_200,
  send_scope: { type: "providers", provider_public_ids: ["dprov_1"] },
  created_at: "2026-08-01T10:00:00.000Z"
}

const credential = {
  public_id: "smx_key_1",
  secret: "smx_mbx_once_only",
  key_prefix: "smx_mbx_on",
  key_suffix: "only",
  server: "mail.example.net",
  imap_port: 993,
  smtp_port: 465,
  username: "ada@example.com"
}

const filters = { mode: "denylist", rules: [{ type: "deny", pattern: "spam.example" }] }

const body = (request: Seen | undefined): unknown => JSON.parse(request?.body ?? "null")

describe("management.mailboxes", () => {
  it.effect("streams the mailboxes of every page with the same filter", () => {
    const { management, seen } = managementServer((_, index) =>
      index === 0
        ? pageOf([mailbox], "next")
        : pageOf([{ ...mailbox, id: "mbx_2", display_name: null, color: "red" }])
    )
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      const all = yield* Stream.runCollect(mailboxes.list({ limit: 1, include_deleted: true }))
      expect(Chunk.toReadonlyArray(all).map(({ id }) => id)).toEqual(["mbx_1", "mbx_2"])
      expect(seen.map(line)).toEqual([
        "GET /mailboxes?limit=1&include_deleted=true",
        "GET /mailboxes?cursor=next&limit=1&include_deleted=true"
      ])
    })
  })

  it.effect("omits include_deleted by default, and rejects false, which the API does not accept", () => {
    const { management, seen } = managementServer(() => pageOf([]))
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      yield* mailboxes.list.page()
      const wrong: Effect.Effect<unknown, unknown> = Reflect.apply(mailboxes.list.page, undefined, [
        { include_deleted: false }
      ])
      expect(String(yield* Effect.flip(wrong))).toContain("include_deleted")
      expect(seen.map(line)).toEqual(["GET /mailboxes"])
    })
  })

  it.effect("creates a mailbox whose key is Redacted", () => {
    const { management, seen } = managementServer(() =>
      ok(
        { mailbox, credential, warning: null },
        { status: 201, headers: { location: "/api/v1/mailboxes/mbx_1" } }
      )
    )
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      const input = {
        email: "ada@example.com",
        display_name: "Ada",
        quota_bytes: 1_073_741_824,
        send_scope: { type: "group" as const, group_public_ids: ["grp_1"] }
      }
      const { data, meta } = yield* mailboxes.create.withResponse(input, { idempotencyKey: "new-ada" })
      expect(seen.map(line)).toEqual(["POST /mailboxes"])
      expect(seen[0]?.headers["idempotency-key"]).toBe("new-ada")
      expect(body(seen[0])).toEqual(input)
      expect(meta).toMatchObject({ status: 201, location: "/api/v1/mailboxes/mbx_1" })
      expect(data.mailbox.created_at).toEqual(DateTime.unsafeMake("2026-08-01T10:00:00.000Z"))
      expect(data.credential?.secret).toBeDefined()
      if (data.credential) expect(Redacted.value(data.credential.secret)).toBe(credential.secret)
      expect(JSON.stringify(data) + Inspectable.format(data) + String(data)).not.toContain("once_only")
    })
  })

  it.effect("returns a warning and no credential when the key could not be created", () => {
    const { management } = managementServer(() =>
      ok({ mailbox, credential: null, warning: "The key could not be created" }, { status: 201 })
    )
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      const created = yield* mailboxes.create({ email: "ada@example.com" })
      expect(created).toMatchObject({ credential: null, warning: "The key could not be created" })
    })
  })

  it.effect("rejects a send scope whose ids do not match its type, and other invalid input", () => {
    const { management, seen } = managementServer(() => ok(mailbox))
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      const issue = (input: unknown) => {
        const call: Effect.Effect<unknown, unknown> = Reflect.apply(mailboxes.update, undefined, [
          "mbx_1",
          input
        ])
        return Effect.map(Effect.flip(call), String)
      }
      expect(yield* issue({ send_scope: { type: "providers" } })).toContain(
        "send_scope of type providers requires provider_public_ids"
      )
      expect(yield* issue({ send_scope: { type: "all", group_public_ids: ["grp_1"] } })).toContain(
        "send_scope of type all accepts no group_public_ids"
      )
      expect(yield* issue({ display_name: "" })).toContain("display_name must not be empty")
      expect(yield* issue({ quota_bytes: 0.5 })).toContain("quota_bytes must be an integer")
      expect(yield* issue({ email: "no@example.com" })).toContain("email is not a known field")
      const create = mailboxes.create({ email: "Ada <ada@example.com>" })
      expect(String(yield* Effect.flip(create))).toContain("email must be an email address")
      expect(seen).toHaveLength(0)
    })
  })

  it.effect("reads a mailbox, returns Option.none for the current ETag, and updates it", () => {
    const { management, seen } = managementServer(({ headers }) =>
      headers["if-none-match"] === 'W/"1"' ? notModified() : tagged({ ...mailbox, send_scope: null }, 'W/"1"')
    )
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      const { data, meta } = yield* mailboxes.get.withResponse("mbx_1")
      expect(data.send_scope).toBeNull()
      expect(yield* mailboxes.get.ifNoneMatch(meta.etag ?? "", "mbx_1")).toEqual(Option.none())
      yield* mailboxes.update("mbx_1", { display_name: null }, { ifMatch: meta.etag })
      expect(seen.map(line)).toEqual([
        "GET /mailboxes/mbx_1",
        "GET /mailboxes/mbx_1",
        "PATCH /mailboxes/mbx_1"
      ])
      expect(seen[2]?.headers["if-match"]).toBe('W/"1"')
      expect(body(seen[2])).toEqual({ display_name: null })
    })
  })

  it.effect("reads, sets and modifies the sender filter", () => {
    const { management, seen } = managementServer(() => tagged(filters, '"f1"'))
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      expect(yield* mailboxes.getFilters("mbx_1")).toEqual({
        mode: "denylist",
        rules: [{ type: "deny", pattern: "spam.example", note: null }]
      })
      yield* mailboxes.setFilters("mbx_1", { mode: "off", rules: [] }, { ifMatch: '"f0"' })
      yield* mailboxes.modifyFilters("mbx_1", ({ mode, rules }) => ({
        mode,
        rules: [...rules, { type: "deny", pattern: "junk.example" }]
      }))
      expect(seen.map(line)).toEqual([
        "GET /mailboxes/mbx_1/filters",
        "PUT /mailboxes/mbx_1/filters",
        "GET /mailboxes/mbx_1/filters",
        "PUT /mailboxes/mbx_1/filters"
      ])
      expect(body(seen[1])).toEqual({ mode: "off", rules: [] })
      expect(seen[3]?.headers["if-match"]).toBe('"f1"')
      expect(body(seen[3])).toEqual({
        mode: "denylist",
        rules: [
          { type: "deny", pattern: "spam.example", note: null },
          { type: "deny", pattern: "junk.example" }
        ]
      })
    })
  })

  it.effect("creates and deletes keys", () => {
    const { management, seen } = managementServer(({ method }) =>
      method === "POST" ? ok({ credential }, { status: 201 }) : ok({ deleted: true, id: "smx_key_1" })
    )
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      const made = yield* mailboxes.createKey("mbx_1", { app_name: "CI" }, { idempotencyKey: "k" })
      expect(Redacted.isRedacted(made.credential.secret)).toBe(true)
      expect(yield* mailboxes.deleteKey("mbx_1", "smx/key")).toEqual({ deleted: true, id: "smx_key_1" })
      expect(seen.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
        "POST /api/v1/mailboxes/mbx_1/keys",
        "DELETE /api/v1/mailboxes/mbx_1/keys/smx%2Fkey"
      ])
      expect(body(seen[0])).toEqual({ app_name: "CI" })
      expect(seen[0]?.headers["idempotency-key"]).toBe("k")
    })
  })

  it.effect("suspends, resumes and deletes a mailbox", () => {
    const { management, seen } = managementServer(({ method }) =>
      method === "POST" ? ok({ ...mailbox, status: "suspended" }) : ok({ deleted: true, id: "mbx_1" })
    )
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      expect((yield* mailboxes.suspend("mbx_1")).status).toBe("suspended")
      yield* mailboxes.resume("mbx_1", { idempotencyKey: "r" })
      expect((yield* mailboxes.delete("mbx_1")).deleted).toBe(true)
      expect(seen.map(line)).toEqual([
        "POST /mailboxes/mbx_1/suspend",
        "POST /mailboxes/mbx_1/resume",
        "DELETE /mailboxes/mbx_1"
      ])
      expect(seen[0]?.headers["idempotency-key"]).toMatch(/^[0-9a-f-]{36}$/)
      expect(seen[0]?.body).toBe("")
      expect(seen[1]?.headers["idempotency-key"]).toBe("r")
      expect(seen[2]?.headers).not.toHaveProperty("idempotency-key")
    })
  })

  it.effect("reports whether an address is available, with reasons that are not known", () => {
    const { management, seen } = managementServer(() =>
      ok({ available: false, email: "a+b@example.com", reason: "unknown_reason" })
    )
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      expect((yield* mailboxes.checkAvailability({ email: "a+b@example.com" })).reason).toBe("unknown_reason")
      expect(seen[0]?.url.search).toBe("?email=a%2Bb%40example.com")
      expect(seen[0]?.url.pathname).toBe("/api/v1/mailboxes/availability")
    })
  })
})

describe("management.mailboxes.getCostUsage", () => {
  const mail = {
    quantity: "12",
    incurred_amount: "0.001200",
    posted_quantity: "10",
    posted_amount: "0.001000",
    unbillable_quantity: "0",
    unbillable_amount: "0.000000",
    coverage_started_at: null,
    state: "pending"
  }
  const usage = {
    mailbox_id: "mbx_1",
    start: "2026-09-01T00:00:00Z",
    end: "2026-10-01T00:00:00Z",
    currency: "USD",
    state: "pending",
    posted_amount: "0.002345",
    incoming: mail,
    outgoing: { ...mail, coverage_started_at: "2026-09-02T00:00:00Z", state: "final" },
    storage: {
      raw_amount: "0.000123456789012345",
      allocated_amount: "0.000123",
      posted_amount: "0.000000",
      state: "pending"
    }
  }

  it.effect("decodes amounts without loss of precision and counts as numbers", () => {
    const { management, seen } = managementServer(() => tagged(usage, '"u"'))
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      const found = yield* mailboxes.getCostUsage("mbx_1", {
        start: new Date("2026-09-01T00:00:00Z"),
        end: DateTime.unsafeMake("2026-10-01T00:00:00Z")
      })
      expect(found.incoming.quantity).toBe(12)
      const exact = BigDecimal.unsafeFromString("0.000123456789012345")
      expect(BigDecimal.equals(found.storage.raw_amount, exact)).toBe(true)
      expect(found.outgoing.coverage_started_at).toEqual(DateTime.unsafeMake("2026-09-02T00:00:00Z"))
      expect(seen.map(line)).toEqual([
        "GET /mailboxes/mbx_1/usage?start=2026-09-01T00:00:00.000Z&end=2026-10-01T00:00:00.000Z"
      ])
    })
  })

  it.effect("fails with a ResponseDecodeError when a count is not a number", () => {
    const invalid = { ...usage, incoming: { ...mail, quantity: "many" } }
    const { management } = managementServer(() => tagged(invalid, '"u"'))
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      const period = { start: usage.start, end: usage.end }
      const error = yield* Effect.flip(mailboxes.getCostUsage("mbx_1", period))
      expect(error._tag).toBe("ResponseDecodeError")
      expect(String(error)).toContain("incoming.quantity must be a decimal number")
    })
  })

  it.effect("returns Option.none for a 304", () => {
    const { management } = managementServer(() => notModified())
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      const period = { start: usage.start, end: usage.end }
      expect(yield* mailboxes.getCostUsage.ifNoneMatch('"u"', "mbx_1", period)).toEqual(Option.none())
    })
  })

  it.effect("rejects an invalid period before anything is sent", () => {
    const { management, seen } = managementServer(() => failure(500, "internal_error"))
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      const issue = (start: string, end: string) =>
        Effect.map(Effect.flip(mailboxes.getCostUsage("mbx_1", { start, end })), String)
      expect(yield* issue("2026-09-01T00:00:00Z", "2026-08-01T00:00:00Z")).toContain(
        "end must not be before start"
      )
      expect(yield* issue("2025-01-01T00:00:00Z", "2026-01-02T00:00:00.001Z")).toContain("366 days")
      expect(yield* issue("2026-09-01", "2026-10-01T00:00:00Z")).toContain("start must be a point in time")
      expect(yield* issue("2026-09-01T00:00:00.0001Z", "2026-10-01T00:00:00Z")).toContain("a millisecond")
      expect(seen).toHaveLength(0)
    })
  })
})
