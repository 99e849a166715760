import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { describe, expect, it } from "@effect/vitest"
import * as BigDecimal from "effect/BigDecimal"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { Retry, Sandbox, Sending } from "../../src/index.js"
import { Management } from "../../src/Management.js"
import { email } from "../support/http.js"

const sandbox = (options: Sandbox.SandboxOptions = {}) =>
  Layer.merge(
    Sending.layer({ apiKey: Sandbox.mailboxKey, retry: Retry.none }),
    Management.layer({ apiKey: Sandbox.rootKey, retry: Retry.none })
  ).pipe(Layer.provideMerge(Sandbox.layerWith(options)))

const verifiedDomain = (name: string) =>
  Effect.gen(function* () {
    const { domains } = yield* Management
    const domain = yield* domains.create({ domain: name })
    yield* domains.verify(domain.id)
    return domain
  })

const all = <A, E, R>(stream: Stream.Stream<A, E, R>) =>
  Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

describe("domains", () => {
  it.effect("creates, verifies, filters, updates and deletes domains", () =>
    Effect.gen(function* () {
      const { domains, mailboxes } = yield* Management
      const created = yield* domains.create.withResponse({ domain: "example.com", mode: "send_only" })
      const { id } = created.data
      expect(created.meta).toMatchObject({ status: 201, location: `/api/v1/domains/${id}` })
      expect(created.data).toMatchObject({
        mode: "send_only",
        verification_status: "pending",
        mailbox_count: 0
      })
      expect(yield* Effect.flip(domains.create({ domain: "example.com" }))).toMatchObject({
        code: "conflict"
      })

      expect((yield* domains.verify(id)).status).toBe("verified")
      expect(yield* domains.get(id)).toMatchObject({ verification_status: "verified" })
      expect((yield* domains.modify(id, () => ({ mode: "send_receive" }))).mode).toBe("send_receive")
      expect(yield* domains.zoneFile(id)).toContain('_dmarc.example.com. 3600 IN TXT "v=DMARC1; p=none"')

      const rules = [{ type: "deny" as const, pattern: "spam.example", note: null }]
      yield* domains.setFilters(id, { mode: "denylist", rules })
      expect(yield* domains.getFilters(id)).toEqual({ mode: "denylist", rules })

      const { mailbox } = yield* mailboxes.create({ email: "ada@example.com" })
      expect(yield* Effect.flip(domains.delete(id))).toMatchObject({ code: "conflict" })
      yield* mailboxes.delete(mailbox.id)
      expect(yield* domains.delete(id)).toEqual({ deleted: true, id })
      expect(yield* Effect.flip(domains.get(id))).toMatchObject({ code: "not_found" })
      expect((yield* all(domains.list())).map(({ domain }) => domain)).toEqual(["sandbox.test"])
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("changes the ETag of a domain with each write, and rejects a write with an old ETag", () =>
    Effect.gen(function* () {
      const { domains } = yield* Management
      const { id } = yield* verifiedDomain("example.com")
      const { data, meta } = yield* domains.getFilters.withResponse(id)
      const etag = meta.etag ?? ""
      expect(Option.isNone(yield* domains.getFilters.ifNoneMatch(etag, id))).toBe(true)
      const written = yield* domains.setFilters.withResponse(
        id,
        { mode: "allowlist", rules: [{ type: "allow", pattern: "example.org" }] },
        { ifMatch: etag }
      )
      expect(written.meta.etag).not.toBe(etag)
      expect(Option.isSome(yield* domains.getFilters.ifNoneMatch(etag, id))).toBe(true)
      expect(Option.isNone(yield* domains.getFilters.ifNoneMatch(written.meta.etag ?? "", id))).toBe(true)
      const stale = yield* Effect.flip(
        domains.setFilters(id, { mode: "off", rules: data.rules }, { ifMatch: etag })
      )
      expect(stale).toMatchObject({ code: "conflict", status: 409 })
    }).pipe(Effect.provide(sandbox()))
  )
})

describe("lists", () => {
  it.effect(
    "returns lists in pages, newest first, with cursors that stay valid when items are added or removed",
    () =>
      Effect.gen(function* () {
        const { domains } = yield* Management
        for (const letter of ["a", "b", "c", "d", "e"]) {
          yield* TestClock.adjust("1 second")
          yield* domains.create({ domain: `${letter}.example.com` })
        }
        const first = yield* domains.list.page({ limit: 2 })
        expect(first.items.map(({ domain }) => domain)).toEqual(["e.example.com", "d.example.com"])
        yield* TestClock.adjust("1 second")
        yield* domains.create({ domain: "f.example.com" })
        yield* domains.delete(first.items[1]?.id ?? "")
        const second = yield* domains.list.page({ limit: 2, cursor: first.nextCursor ?? "" })
        expect(second.items.map(({ domain }) => domain)).toEqual(["c.example.com", "b.example.com"])
        expect(yield* Effect.flip(domains.list.page({ cursor: "nonsense" }))).toMatchObject({
          code: "invalid_parameter",
          param: "cursor"
        })
        expect((yield* all(domains.list({ limit: 1 }))).length).toBe(6)
      }).pipe(Effect.provide(sandbox()))
  )
})

describe("mailboxes", () => {
  it.effect("creates a mailbox only at a verified domain and with an available address", () =>
    Effect.gen(function* () {
      const { domains, mailboxes } = yield* Management
      const reasonOf = (address: string) =>
        Effect.map(mailboxes.checkAvailability({ email: address }), ({ available, reason }) => [
          available,
          reason
        ])
      expect(yield* reasonOf("ada@example.com")).toEqual([false, "domain_not_available"])
      const domain = yield* domains.create({ domain: "example.com" })
      expect(yield* reasonOf("ada@example.com")).toEqual([false, "domain_not_available"])
      yield* domains.verify(domain.id)
      expect(yield* reasonOf("ada@example.com")).toEqual([true, "available"])
      expect(yield* reasonOf("abuse@example.com")).toEqual([false, "reserved"])
      expect(yield* reasonOf("ada")).toEqual([false, "invalid_email"])
      const { mailbox } = yield* mailboxes.create({ email: "ada@example.com", display_name: "Ada" })
      expect(yield* reasonOf("ada@example.com")).toEqual([false, "taken"])
      expect(yield* Effect.flip(mailboxes.create({ email: "ada@example.com" }))).toMatchObject({
        code: "conflict"
      })
      yield* mailboxes.delete(mailbox.id)
      expect(yield* reasonOf("ada@example.com")).toEqual([false, "cleanup_pending"])
      expect(yield* all(mailboxes.list())).toHaveLength(1)
      expect(yield* all(mailboxes.list({ include_deleted: true }))).toHaveLength(2)
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("accepts the keys of a mailbox until they are deleted, but not while it is suspended", () =>
    Effect.gen(function* () {
      const { mailboxes } = yield* Management
      yield* verifiedDomain("example.com")
      const { credential, mailbox } = yield* mailboxes.create({ email: "ada@example.com" })
      const made = yield* mailboxes.createKey(mailbox.id, { app_name: "second" })
      const who = (apiKey: Redacted.Redacted) =>
        Effect.flatMap(Sending.make({ apiKey, retry: Retry.none }), (sending) =>
          Effect.map(Effect.either(sending.connection.get()), (result) =>
            result._tag === "Right" ? result.right.mailboxes.map(({ email }) => email).join() : "rejected"
          )
        )
      const first = credential?.secret ?? Redacted.make("")
      expect(yield* who(first)).toBe("ada@example.com")
      expect((yield* mailboxes.suspend(mailbox.id)).status).toBe("suspended")
      expect(yield* who(first)).toBe("rejected")
      expect((yield* mailboxes.resume(mailbox.id)).status).toBe("active")
      yield* mailboxes.deleteKey(mailbox.id, made.credential.public_id)
      expect(yield* who(made.credential.secret)).toBe("rejected")
      expect(yield* who(first)).toBe("ada@example.com")
      expect(yield* Effect.flip(mailboxes.deleteKey(mailbox.id, made.credential.public_id))).toMatchObject({
        code: "not_found"
      })
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("updates the given fields of a mailbox, and clears a field that is null", () =>
    Effect.gen(function* () {
      const { mailboxes } = yield* Management
      const [{ id } = { id: "" }] = yield* all(mailboxes.list())
      const set = yield* mailboxes.modify(id, ({ display_name }) => ({
        display_name: `${display_name} Smith`
      }))
      expect(set.display_name).toBe("Agent Smith")
      const grown = yield* mailboxes.update(id, { quota_bytes: 5_368_709_120 })
      expect(grown).toMatchObject({ display_name: "Agent Smith", quota_bytes: 5_368_709_120 })
      expect((yield* mailboxes.update(id, { display_name: null })).display_name).toBeNull()
      expect(yield* Effect.flip(mailboxes.update(id, { quota_bytes: 7 }))).toMatchObject({
        errors: [{ field: "quota_bytes" }]
      })
      yield* mailboxes.setFilters(id, {
        mode: "allowlist",
        rules: [{ type: "allow", pattern: "example.org" }]
      })
      expect((yield* mailboxes.getFilters(id)).mode).toBe("allowlist")
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("reports the cost of a mailbox", () =>
    Effect.gen(function* () {
      const { mailboxes } = yield* Management
      const sending = yield* Sending
      yield* TestClock.adjust("1 hour")
      yield* sending.emails.send({ ...email, to: { email: "agent@sandbox.test" } })
      const usage = yield* mailboxes.getCostUsage("mbx_sandbox", {
        start: "1970-01-01T00:00:00Z",
        end: "1970-01-02T00:00:00Z"
      })
      expect(usage.incoming.quantity).toBe(1)
      expect(usage.outgoing.quantity).toBe(1)
      expect(BigDecimal.format(usage.posted_amount)).toBe("0.0008")
    }).pipe(Effect.provide(sandbox()))
  )
})

describe("providers", () => {
  const smtp = {
    name: "Own server",
    smtp_host: "smtp.example.com",
    smtp_port: 465,
    smtp_protocol: "tls" as const,
    smtp_username: "ada",
    smtp_password: Redacted.make("hunter2-secret")
  }

  it.effect("sends messages through an active provider only", () =>
    Effect.gen(function* () {
      const { providers } = yield* Management
      const sending = yield* Sending
      const shared = (yield* all(providers.list()))[0]?.id ?? ""
      yield* providers.deactivate(shared)
      expect(yield* Effect.flip(sending.emails.send(email))).toMatchObject({
        code: "no_active_providers",
        status: 503
      })
      const own = yield* providers.create({ ...smtp, quotas: { per_minute: 10 } })
      expect(own).toMatchObject({
        status: "active",
        has_smtp_password: true,
        quotas: { per_minute: { min: 10, max: 10 } }
      })
      yield* sending.emails.send(email)
      expect(yield* providers.getUsage()).toMatchObject({
        window_days: 7,
        providers: [{ sent_7d: 0 }, { provider_id: own.id, sent_today: 1, sent_7d: 1 }]
      })
      expect((yield* providers.test(own.id)).success).toBe(true)
      const changed = yield* providers.modify(own.id, () => ({
        from_name: "Ada",
        variables: { city: "London" }
      }))
      expect(changed).toMatchObject({
        from_name: "Ada",
        variables: { city: "London" },
        smtp_host: "smtp.example.com"
      })
      expect(yield* providers.update(own.id, { from_name: null, quotas: { per_day: 5 } })).toMatchObject({
        from_name: null,
        quotas: { per_second: null, per_minute: { min: 10, max: 10 }, per_day: { min: 5, max: 5 } },
        variables: { city: "London" }
      })
      expect((yield* all(providers.list()))[0]).not.toHaveProperty("variables")
      expect(yield* providers.getStats()).toEqual({
        total: 2,
        active: 1,
        inactive: 1,
        error: 0,
        pending: 0,
        by_status: { active: 1, inactive: 1, error: 0, pending: 0 },
        by_type: { smtp: 1, gmail_api: 0, outlook_api: 0, amazon_ses: 1 }
      })
      expect(yield* all(providers.list({ status: "inactive" }))).toHaveLength(1)
      expect(yield* Effect.flip(providers.delete(shared))).toMatchObject({ code: "insufficient_permissions" })
      yield* providers.activate(shared)
      expect(yield* providers.delete(own.id)).toEqual({ deleted: true, id: own.id })
      expect(yield* Effect.flip(providers.get(own.id))).toMatchObject({ code: "not_found" })
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("accepts one request at a time to raise the limits of providers", () =>
    Effect.gen(function* () {
      const { providers } = yield* Management
      expect((yield* providers.getLimits()).sending_accounts.can_request_increase).toBe(true)
      const asked = yield* providers.requestLimitIncrease()
      expect(asked.limit.pending_request_id).toBe(asked.request_id)
      expect(yield* Effect.flip(providers.requestLimitIncrease())).toMatchObject({ code: "conflict" })
      const { request } = yield* providers.createSharedSesLimitRequest()
      expect((yield* providers.getSharedSesLimitRequest()).pending_request?.id).toBe(request.id)
      expect((yield* providers.cancelSharedSesLimitRequest(request.id)).request.status).toBe("cancelled")
      expect((yield* providers.getSharedSesLimitRequest()).pending_request).toBeNull()
    }).pipe(Effect.provide(sandbox()))
  )
})

describe("logs, metrics and billing", () => {
  it.effect("logs, counts and bills messages that are sent and received", () =>
    Effect.gen(function* () {
      const { billing, emails, inboxes } = yield* Management
      const sending = yield* Sending
      const control = yield* Sandbox.Control
      yield* TestClock.adjust("90 minutes")
      yield* sending.emails.send(email)
      yield* sending.emails.send({ ...email, subject: "Rejected", to: { email: "reject@example.org" } })
      yield* control.deliver({
        to: "agent@sandbox.test",
        from: "ada@example.org",
        subject: "Hi",
        text: "Hello"
      })
      yield* control.deliver({ to: "agent@sandbox.test", subject: "Buy", text: "Now", spam: true })

      const logs = yield* all(emails.listLogs())
      expect(logs.map(({ status, subject }) => [subject, status])).toEqual([
        ["Rejected", "rejected"],
        ["Welcome", "sent"]
      ])
      expect(yield* all(emails.listLogs({ status: "sent", search: "welcome" }))).toHaveLength(1)
      expect(yield* all(emails.listLogs({ from_date: "1970-01-02" }))).toHaveLength(0)
      expect(yield* all(emails.listLogs({ to_date: "1970-01-01" }))).toHaveLength(2)
      const detail = yield* emails.getLog(logs[0]?.id ?? "")
      expect(detail.recipients).toMatchObject([
        { email: "reject@example.org", type: "to", status: "rejected" }
      ])

      const metrics = yield* emails.getMetrics({ window: "24h", granularity: "hourly" })
      expect(metrics.summary).toEqual({ total: 2, sent: 1, failed: 0, rejected: 1, pending: 0 })
      expect(metrics.timeseries.reduce((sum, { total }) => sum + total, 0)).toBe(2)

      const arrivals = yield* all(inboxes.listLogs())
      expect(arrivals.map(({ event_type, subject }) => [subject, event_type])).toEqual([
        ["Buy", "message.received.spam"],
        ["Hi", "message.received"]
      ])
      expect(yield* inboxes.getLog(arrivals[1]?.id ?? "")).toEqual(arrivals[1])
      expect(yield* all(inboxes.listLogs({ event_type: "message.received.spam" }))).toHaveLength(1)

      expect(BigDecimal.format((yield* billing.getBalance()).balance)).toBe("99.9984")
      expect((yield* billing.getSummary({ days: 7 })).transaction_count).toBe(5)
      expect(yield* all(billing.listTransactions({ type: "USAGE" }))).toHaveLength(4)
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("makes one call for the first five of a thousand log entries", () =>
    Effect.gen(function* () {
      const { emails } = yield* Management
      const sending = yield* Sending
      const control = yield* Sandbox.Control
      const messages = Array.from({ length: 100 }, () => email)
      for (let batch = 0; batch < 10; batch++) yield* sending.emails.sendBatch({ messages })
      const before = (yield* control.requests).length
      expect(yield* all(Stream.take(emails.listLogs({ limit: 100 }), 5))).toHaveLength(5)
      expect((yield* control.requests).length - before).toBe(1)
      expect(yield* all(emails.listLogs({ limit: 100 }))).toHaveLength(1000)
      expect((yield* control.requests).length - before).toBe(11)
    }).pipe(Effect.provide(sandbox()))
  )
})

describe("send policies", () => {
  it.effect("replaces a send policy only if its ETag is current", () =>
    Effect.gen(function* () {
      const { connection, sendPolicies } = yield* Management
      const { team } = yield* connection.get()
      const { data, meta } = yield* sendPolicies.get.withResponse("team", team.id)
      expect(data.policy).toEqual({})
      const policy = { recipients: { deny: { domains: ["example.net"] } } }
      const replaced = yield* sendPolicies.replace("team", team.id, { policy }, { ifMatch: meta.etag ?? "" })
      expect(replaced.policy).toEqual({ recipients: { allow: null, deny: { domains: ["example.net"] } } })
      const stale = sendPolicies.replace("team", team.id, { policy: {} }, { ifMatch: meta.etag ?? "" })
      expect(yield* Effect.flip(stale)).toMatchObject({ code: "conflict" })
      expect(yield* Effect.flip(sendPolicies.get("mailbox", "mbx_none"))).toMatchObject({ code: "not_found" })
    }).pipe(Effect.provide(sandbox()))
  )
})

/** Waits for a number of deliveries. It polls, because `TestClock` does not control WebCrypto, which signs them. */
const waitForDeliveries = (id: string, count: number) =>
  Effect.gen(function* () {
    const { webhooks } = yield* Management
    for (;;) {
      const deliveries = yield* all(webhooks.listDeliveries(id))
      if (deliveries.length >= count) return deliveries
      yield* Effect.sleep("1 millis")
    }
  })

describe("webhooks", () => {
  const receiver = () => {
    const received: Array<{
      readonly url: string
      readonly headers: Record<string, string>
      readonly body: string
    }> = []
    const statuses: Array<number> = []
    const client = HttpClient.make((request, url) =>
      Effect.sync(() => {
        const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
        received.push({ url: url.href, headers: { ...request.headers }, body })
        return HttpClientResponse.fromWeb(request, new Response("", { status: statuses.shift() ?? 200 }))
      })
    )
    return { received, statuses, client }
  }

  it.live("delivers signed events to webhooks, and retries a delivery that fails", () => {
    const { statuses, client, received } = receiver()
    return Effect.gen(function* () {
      const { webhooks } = yield* Management
      const created = yield* webhooks.create({
        url: "https://hooks.example.com/in",
        event_types: ["message.delivered", "message.bounced", "sendmux.test"]
      })
      const { event_id } = yield* webhooks.test(created.id)
      yield* waitForDeliveries(created.id, 1)
      expect(received.map(({ headers }) => headers["x-sendmux-event-id"])).toEqual([event_id])
      statuses.push(500)
      const sending = yield* Sending
      yield* sending.emails.send(email)
      yield* waitForDeliveries(created.id, 2)
      yield* sending.emails.send({ ...email, to: { email: "bounce@example.org" } })
      const deliveries = yield* waitForDeliveries(created.id, 3)
      expect(received.slice(1).map(({ body }) => JSON.parse(body).type)).toEqual([
        "message.delivered",
        "message.bounced"
      ])
      expect(deliveries.map(({ event_type, result }) => [event_type, result])).toEqual([
        ["message.bounced", "success"],
        ["message.delivered", "retrying"],
        ["sendmux.test", "success"]
      ])
      expect(yield* all(webhooks.listDeliveries(created.id, { result: "retrying" }))).toHaveLength(1)
      const payload = yield* webhooks.getDeliveryPayload(created.id, deliveries[0]?.id ?? "")
      expect(payload.payload.data).toMatchObject({
        delay_type: null,
        bounce_type: "Permanent",
        recipients: ["bounce@example.org"]
      })
      const rotated = yield* webhooks.rotateSecret(created.id)
      expect(Redacted.value(rotated.secret)).not.toBe(Redacted.value(created.secret))
      expect(yield* webhooks.get(created.id)).not.toHaveProperty("secret")
      yield* webhooks.modify(created.id, ({ enabled }) => ({ enabled: !enabled, name: "Off" }))
      expect((yield* all(webhooks.list()))[0]).toMatchObject({ name: "Off", enabled: false })
      expect(yield* webhooks.delete(created.id)).toEqual({ deleted: true, id: created.id })
    }).pipe(Effect.provide(sandbox({ webhookClient: client })))
  })

  it.live("does not deliver to a URL outside loopback by default", () =>
    Effect.gen(function* () {
      const { webhooks } = yield* Management
      const { id } = yield* webhooks.create({
        url: "https://hooks.example.com",
        event_types: ["sendmux.test"]
      })
      yield* webhooks.test(id)
      const [delivery] = yield* waitForDeliveries(id, 1)
      expect(delivery).toMatchObject({
        result: "retrying",
        error_message:
          "The sandbox delivers webhooks to loopback URLs only. Set webhookClient to deliver to other URLs"
      })
    }).pipe(Effect.provide(sandbox()), Effect.provide(FetchHttpClient.layer))
  )
})
