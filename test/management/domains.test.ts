import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import {
  checkDns,
  compareDns,
  dnsRecords,
  formatDns,
  type PublishedRecord,
  Retry
} from "../../src/Management.js"
import { failure, ok, type Seen } from "../support/http.js"
import { line, managementServer, notModified, pageOf, tagged } from "../support/management.js"
import { errorOf, recordWaits } from "../support/time.js"

const records = {
  mx: [
    { priority: 10, target: "in1.example.net" },
    { priority: 20, target: "in2.example.net." }
  ],
  mail_from: {
    mx: { name: "bounce.example.com", priority: 10, target: "feedback.example.net" },
    spf: { name: "bounce.example.com", value: "v=spf1 include:amazonses.com ~all" }
  },
  spf: { name: "example.com", value: "v=spf1 include:amazonses.com ~all" },
  dmarc: { name: "_dmarc.example.com", value: "v=DMARC1; p=quarantine" },
  dkim: [1, 2, 3].map((n) => ({ name: `k${n}._domainkey.example.com`, value: `k${n}.dkim.example.net` })),
  verification: { name: "_sendmux.example.com", value: "sendmux-verify=team_1" }
}

const domain = {
  id: "mdom_1",
  domain: "example.com",
  mode: "send_receive",
  verification_status: "pending",
  ses_identity_verification_status: null,
  ses_verified_for_sending: null,
  ses_dkim_status: null,
  ses_dkim_signing_enabled: null,
  ses_identity_checked_at: null,
  ses_mail_from_status: null,
  verified_at: null,
  created_at: "2026-08-01T10:00:00.000Z",
  mailbox_count: 0,
  dns_records: records
}

const allChecks = {
  mx: true,
  verification_txt: true,
  spf: true,
  dmarc: true,
  mail_from_mx: true,
  mail_from_spf: true
}

const verification = {
  status: "verified",
  ses_identity_verification_status: "success",
  ses_verified_for_sending: true,
  ses_dkim_status: "success",
  ses_dkim_signing_enabled: true,
  ses_identity_checked_at: "2026-08-01T10:00:00.000Z",
  ses_mail_from_status: "success",
  checks: allChecks
}

const unverified = {
  ...verification,
  status: "pending",
  ses_dkim_status: "pending",
  checks: { ...allChecks, spf: false }
}

const filters = { mode: "denylist", rules: [{ type: "deny", pattern: "spam.example", note: null }] }

const answers = (request: Seen): Response => {
  switch (line(request)) {
    case "GET /domains?limit=1":
      return pageOf([domain], "c2")
    case "GET /domains?cursor=c2&limit=1":
      return pageOf([{ ...domain, id: "mdom_2", mode: "receive_only", surprise: true }])
    case "POST /domains":
      return ok(domain, { status: 201, headers: { location: "/api/v1/domains/mdom_1" } })
    case "DELETE /domains/mdom_1":
      return ok({ deleted: true, id: "mdom_1" })
    case "GET /domains/mdom_1":
      return request.headers["if-none-match"] === 'W/"d1"' ? notModified() : tagged(domain, 'W/"d1"')
    case "PATCH /domains/mdom_1":
      return tagged(domain, 'W/"d2"')
    case "GET /domains/mdom_1/filters":
      return request.headers["if-none-match"] === 'W/"f1"' ? notModified() : tagged(filters, 'W/"f1"')
    case "PUT /domains/mdom_1/filters":
      return tagged(JSON.parse(request.body), 'W/"f2"')
    case "POST /domains/mdom_1/verify":
      return ok(verification)
    case "GET /domains/mdom_1/zone-file":
      return new Response("example.com. MX 10 in1.example.net.\n", {
        headers: { "content-type": "text/plain", "content-disposition": 'attachment; filename="x.zone"' }
      })
    default:
      return failure(404, "not_found")
  }
}

const served = Effect.suspend(() => {
  const { management, seen } = managementServer(answers)
  return Effect.map(management, ({ domains }) => ({ domains, seen }))
})

const collect = <A, E>(stream: Stream.Stream<A, E>) =>
  Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

describe("domains", () => {
  it.effect("lists every page, with modes nobody knows yet", () =>
    Effect.gen(function* () {
      const { domains, seen } = yield* served
      const list = yield* collect(domains.list({ limit: 1 }))
      expect(list.map(({ id, mode }) => [id, mode])).toEqual([
        ["mdom_1", "send_receive"],
        ["mdom_2", "receive_only"]
      ])
      expect(seen.map(line)).toEqual(["GET /domains?limit=1", "GET /domains?cursor=c2&limit=1"])
    })
  )

  it.effect("creates, upgrades and deletes", () =>
    Effect.gen(function* () {
      const { domains, seen } = yield* served
      const created = yield* domains.create.withResponse(
        { domain: "example.com", mode: "send_only" },
        { idempotencyKey: "domain-1" }
      )
      expect(created.meta.location).toBe("/api/v1/domains/mdom_1")
      expect(created.data.created_at).toEqual(DateTime.unsafeMake("2026-08-01T10:00:00.000Z"))
      yield* domains.update("mdom_1", { mode: "send_receive" }, { ifMatch: 'W/"d1"' })
      expect(yield* domains.delete("mdom_1")).toEqual({ deleted: true, id: "mdom_1" })
      expect(seen.map(line)).toEqual(["POST /domains", "PATCH /domains/mdom_1", "DELETE /domains/mdom_1"])
      expect(seen[0]?.headers["idempotency-key"]).toBe("domain-1")
      expect(seen[1]?.headers["if-match"]).toBe('W/"d1"')
      expect(JSON.parse(seen[0]?.body ?? "")).toEqual({ domain: "example.com", mode: "send_only" })
      expect(JSON.parse(seen[1]?.body ?? "")).toEqual({ mode: "send_receive" })
    })
  )

  it.effect("refuses what is no domain before anything is sent", () =>
    Effect.gen(function* () {
      const { domains, seen } = yield* served
      for (const bad of ["https://example.com", "Example.com", "a@example.com", "localhost", "", "a b.com"]) {
        expect((yield* Effect.flip(domains.create({ domain: bad })))._tag).toBe("InvalidRequestError")
      }
      expect(seen).toHaveLength(0)
    })
  )

  it.effect("reads a domain only when it is newer", () =>
    Effect.gen(function* () {
      const { domains } = yield* served
      const { data, meta } = yield* domains.get.withResponse("mdom_1")
      expect(data.ses_dkim_status).toBeNull()
      expect((yield* domains.get.ifNoneMatch(meta.etag ?? "", "mdom_1"))._tag).toBe("None")
      expect((yield* domains.get.ifNoneMatch('W/"old"', "mdom_1"))._tag).toBe("Some")
      expect((yield* domains.getFilters.ifNoneMatch('W/"f1"', "mdom_1"))._tag).toBe("None")
    })
  )

  it.effect("gives the zone file as text", () =>
    Effect.gen(function* () {
      const { domains, seen } = yield* served
      expect(yield* domains.zoneFile("mdom_1")).toBe("example.com. MX 10 in1.example.net.\n")
      expect(seen[0]?.headers["accept"]).toContain("text/plain")
      expect((yield* Effect.flip(domains.zoneFile("gone")))._tag).toBe("APIError")
    })
  )

  it.effect("upgrades by modify with the ETag that was read, and leaves alone what is fine", () =>
    Effect.gen(function* () {
      const { domains, seen } = yield* served
      yield* domains.modify("mdom_1", ({ mode }) =>
        mode === "send_receive" ? undefined : { mode: "send_receive" }
      )
      yield* domains.modify("mdom_1", () => ({ mode: "send_receive" }))
      expect(seen.map(line)).toEqual(["GET /domains/mdom_1", "GET /domains/mdom_1", "PATCH /domains/mdom_1"])
      expect(seen[2]?.headers["if-match"]).toBe('W/"d1"')
    })
  )
})

describe("domain filters", () => {
  it.effect("are set as given, with what was read written back", () =>
    Effect.gen(function* () {
      const { domains, seen } = yield* served
      const set = yield* domains.modifyFilters("mdom_1", (current) => ({
        ...current,
        rules: [...current.rules, { type: "deny", pattern: "*@bad.example", note: "loud" }]
      }))
      expect(set.rules.map(({ pattern }) => pattern)).toEqual(["spam.example", "*@bad.example"])
      expect(seen.map(line)).toEqual(["GET /domains/mdom_1/filters", "PUT /domains/mdom_1/filters"])
      expect(seen[1]?.headers["if-match"]).toBe('W/"f1"')
      yield* domains.setFilters("mdom_1", { mode: "off", rules: [] })
      expect(JSON.parse(seen[2]?.body ?? "")).toEqual({ mode: "off", rules: [] })
    })
  )

  it.effect("are refused when a rule does not go with the mode", () =>
    Effect.gen(function* () {
      const { domains, seen } = yield* served
      const rules = [
        { type: "allow", pattern: "a.example" },
        { type: "deny", pattern: "b.example" }
      ]
      const error = yield* Effect.flip(domains.setFilters("mdom_1", { mode: "allowlist", rules }))
      expect(error.message).toContain("rules[1].type must be allow, since the mode is allowlist")
      yield* domains.setFilters("mdom_1", { mode: "off", rules })
      expect(seen).toHaveLength(1)
    })
  )

  it.effect("are refused with a mode, a type, a pattern or a note that the API does not take", () =>
    Effect.gen(function* () {
      const { domains, seen } = yield* served
      const rule = { type: "deny", pattern: "a.example" }
      for (const bad of [
        { mode: "greylist", rules: [] },
        { mode: "denylist", rules: [{ ...rule, type: "block" }] },
        { mode: "denylist", rules: [{ ...rule, pattern: "two words" }] },
        { mode: "denylist", rules: [{ ...rule, note: "n".repeat(256) }] },
        { mode: "denylist", rules: Array.from({ length: 1001 }, () => rule) }
      ]) {
        expect((yield* Effect.flip(domains.setFilters("mdom_1", bad)))._tag).toBe("InvalidRequestError")
      }
      expect(seen).toHaveLength(0)
    })
  )
})

/** A server of looks that notes when each one came. */
const verifying = (react: (index: number) => Response) =>
  Effect.suspend(() => {
    const times: Array<number> = []
    const { management, seen } = managementServer((_, index) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        times.push(now)
        return react(index)
      })
    )
    return Effect.map(management, ({ domains }) => ({ domains, seen, times }))
  })

/** Runs a wait to its end by the test clock. */
const ended = <A, E>(wait: Effect.Effect<A, E>) => Effect.map(recordWaits(wait), ({ exit }) => exit)

describe("domains.waitUntilVerified", () => {
  it.effect("looks at once, and then ever more slowly until it is verified", () =>
    Effect.gen(function* () {
      const { domains, seen, times } = yield* verifying((index) => ok(index < 8 ? unverified : verification))
      const exit = yield* ended(domains.waitUntilVerified("mdom_1"))
      expect(Exit.isSuccess(exit) && exit.value.status).toBe("verified")
      const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0))
      expect(waits).toEqual([10_000, 15_000, 22_500, 33_750, 50_625, 75_938, 113_907, 120_000])
      expect(new Set(seen.map(line))).toEqual(new Set(["POST /domains/mdom_1/verify"]))
    })
  )

  it.effect("gives up after the timeout, saying what is missing", () =>
    Effect.gen(function* () {
      const { domains, times } = yield* verifying(() => ok({ ...unverified, status: "failed" }))
      const exit = yield* ended(
        domains.waitUntilVerified("mdom_1", { schedule: Schedule.spaced("1 minute"), timeout: "150 seconds" })
      )
      const error = errorOf(exit)
      if (error._tag !== "DomainVerificationTimeoutError") throw error
      expect(error.missing).toEqual(["spf", "dkim"])
      expect(error.looks).toBe(3)
      expect(Duration.toSeconds(error.waited)).toBe(150)
      expect(error.verification?.status).toBe("failed")
      expect(error.message).toBe(
        "The domain mdom_1 was not verified after 3 looks; not in place yet: spf, dkim"
      )
      expect(times).toEqual([0, 60_000, 120_000])
    })
  )

  it.effect("gives up when its schedule ends", () =>
    Effect.gen(function* () {
      const { domains, times } = yield* verifying(() => ok(unverified))
      const exit = yield* ended(
        domains.waitUntilVerified("mdom_1", {
          schedule: Schedule.intersect(Schedule.spaced("5 seconds"), Schedule.recurs(2)),
          timeout: Number.POSITIVE_INFINITY
        })
      )
      expect(errorOf(exit)).toMatchObject({ _tag: "DomainVerificationTimeoutError", looks: 3 })
      expect(times).toEqual([0, 5000, 10_000])
    })
  )

  it.effect("rides out passing failures and waits as the server asks", () =>
    Effect.gen(function* () {
      const { domains, times } = yield* verifying((index) =>
        index === 0
          ? failure(409, "conflict")
          : index === 1
            ? failure(503, "service_unavailable", { headers: { "retry-after": "30" } })
            : ok(verification)
      )
      const exit = yield* ended(domains.waitUntilVerified("mdom_1"))
      expect(Exit.isSuccess(exit)).toBe(true)
      expect(times).toEqual([0, 10_000, 10_000 + 30_000 + 15_000])
    })
  )

  it.effect("fails at once with what will not pass", () =>
    Effect.gen(function* () {
      const gone = yield* verifying(() => failure(404, "not_found"))
      const notFound = yield* ended(gone.domains.waitUntilVerified("mdom_1"))
      expect(errorOf(notFound)).toMatchObject({ _tag: "APIError", code: "not_found" })
      expect(gone.times).toEqual([0])

      const closed = yield* verifying(() =>
        failure(503, "service_unavailable", { headers: { "retry-after": "7200" } })
      )
      const late = yield* ended(closed.domains.waitUntilVerified("mdom_1"))
      expect(errorOf(late)).toMatchObject({ _tag: "APIError", code: "service_unavailable" })
      expect(closed.times).toEqual([0])

      const refused = yield* ended(gone.domains.waitUntilVerified("mdom_1", { timeout: 0 }))
      expect(errorOf(refused)._tag).toBe("InvalidRequestError")
      expect(gone.times).toHaveLength(1)
    })
  )

  it.effect("stops when failures go on and on", () =>
    Effect.gen(function* () {
      const { domains, times } = yield* verifying(() => failure(500, "internal_error"))
      const exit = yield* ended(domains.waitUntilVerified("mdom_1").pipe(Retry.with(Retry.none)))
      expect(errorOf(exit)).toMatchObject({ _tag: "APIError", code: "internal_error" })
      expect(times).toHaveLength(5)
    })
  )

  it.effect("is interruptible, and asks no more", () =>
    Effect.gen(function* () {
      const { domains, seen } = yield* verifying(() => ok(unverified))
      const fiber = yield* Effect.fork(domains.waitUntilVerified("mdom_1"))
      yield* TestClock.adjust("11 seconds")
      expect(seen).toHaveLength(2)
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 hour")
      expect(seen).toHaveLength(2)
    })
  )
})

describe("DNS records", () => {
  it.effect("come as rows, with the names a provider's form asks for", () =>
    Effect.gen(function* () {
      const { domains } = yield* served
      const rows = dnsRecords(yield* domains.get("mdom_1"))
      expect(rows.map(({ type, name, value, priority }) => [type, name, value, priority])).toEqual([
        ["TXT", "_sendmux.example.com", "sendmux-verify=team_1", undefined],
        ["TXT", "example.com", "v=spf1 include:amazonses.com ~all", undefined],
        ["CNAME", "k1._domainkey.example.com", "k1.dkim.example.net", undefined],
        ["CNAME", "k2._domainkey.example.com", "k2.dkim.example.net", undefined],
        ["CNAME", "k3._domainkey.example.com", "k3.dkim.example.net", undefined],
        ["TXT", "_dmarc.example.com", "v=DMARC1; p=quarantine", undefined],
        ["MX", "example.com", "in1.example.net", 10],
        ["MX", "example.com", "in2.example.net", 20],
        ["MX", "bounce.example.com", "feedback.example.net", 10],
        ["TXT", "bounce.example.com", "v=spf1 include:amazonses.com ~all", undefined]
      ])
    })
  )

  it("of a domain that only sends are without its MX", () => {
    const rows = dnsRecords({ ...domain, mode: "send_only" })
    expect(rows.filter(({ purpose }) => purpose === "mx")).toEqual([])
    expect(rows).toHaveLength(8)
  })

  it("are all fine when everything was found", () => {
    expect(checkDns(domain, verification).map(({ state }) => state)).toEqual(Array(10).fill("ok"))
  })

  it("say which is missing or wrong, which only needs time, and what to do", () => {
    const found = checkDns(domain, {
      ...unverified,
      ses_mail_from_status: "pending",
      checks: { ...allChecks, spf: false, mx: false, mail_from_mx: false }
    })
    const states = new Map(found.map(({ record, state }) => [record.purpose, state]))
    expect(Object.fromEntries(states)).toEqual({
      verification: "ok",
      spf: "unfit",
      dkim: "waiting",
      dmarc: "ok",
      mx: "unfit",
      mail_from_mx: "unfit",
      mail_from_spf: "waiting"
    })
    const text = formatDns(found)
    expect(text.split("\n")[0]).toBe('[ok] verification: TXT _sendmux.example.com "sendmux-verify=team_1"')
    expect(text).toContain(
      "[MISSING OR WRONG] mx: MX example.com 10 in1.example.net\n    is missing or wrong: publish an MX to in1.example.net with priority 10"
    )
    expect(text).toContain("where example.com has an SPF record, merge the two")
    expect(text).toContain("[waiting] dkim: CNAME k1._domainkey.example.com k1.dkim.example.net")
    expect(checkDns(domain, { ...verification, ses_dkim_status: "FAILED" })[2]?.state).toBe("unfit")
  })

  it("beside what is published say what is missing and what is wrong", () => {
    const all = dnsRecords(domain).map(({ type, name, value }) => ({ type, name, value }))
    const stateOf = (purpose: string, published: ReadonlyArray<PublishedRecord>) =>
      compareDns(domain, published).find(({ record }) => record.purpose === purpose)?.state
    const without = (name: string, type: string) =>
      all.filter((record) => record.name !== name || record.type !== type)
    const txt = (name: string, value: string): PublishedRecord => ({ type: "TXT", name, value })

    expect(compareDns(domain, all).map(({ state }) => state)).toEqual(Array(10).fill("ok"))
    expect(new Set(compareDns(domain, []).map(({ state }) => state))).toEqual(new Set(["missing"]))

    const spf = without("example.com", "TXT")
    const merged = txt("EXAMPLE.com.", "v=spf1 include:_spf.example.org +include:AmazonSES.com -all")
    expect(stateOf("spf", [...spf, merged, txt("example.com", "site-key=1")])).toBe("ok")
    expect(stateOf("spf", [...spf, txt("example.com", "v=spf1 include:_spf.example.org ~all")])).toBe("wrong")
    expect(stateOf("spf", [...all, txt("example.com", "v=spf1 ~all")])).toBe("wrong")
    expect(stateOf("spf", [...spf, txt("example.com", "site-key=1")])).toBe("missing")

    const dmarc = without("_dmarc.example.com", "TXT")
    expect(stateOf("dmarc", [...dmarc, txt("_dmarc.example.com", "v=DMARC1;p=reject; rua=x")])).toBe("ok")
    expect(stateOf("dmarc", [...dmarc, txt("_dmarc.example.com", "v=DMARC1; p=none")])).toBe("wrong")
    expect(stateOf("dmarc", [...dmarc, txt("_dmarc.example.com", "v=DMARC1; sp=reject")])).toBe("wrong")

    const proof = without("_sendmux.example.com", "TXT")
    const old = txt("_sendmux.example.com", "sendmux-verify=team_0")
    expect(stateOf("verification", [...proof, old])).toBe("wrong")
    expect(stateOf("verification", [...all, old])).toBe("ok")

    const elsewhere: PublishedRecord = { type: "MX", name: "example.com", value: "mx.example.org" }
    const text = formatDns(compareDns(domain, [...without("example.com", "MX"), elsewhere]))
    expect(text).toContain("[WRONG] mx: MX example.com 10 in1.example.net")
    expect(text).toContain('is wrong (published: "mx.example.org"): publish an MX to in1.example.net')
    expect(text).toContain("[ok] mail_from_mx")
  })
})
