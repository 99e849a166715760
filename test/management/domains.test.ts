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

const respond = (request: Seen): Response => {
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
  const { management, seen } = managementServer(respond)
  return Effect.map(management, ({ domains }) => ({ domains, seen }))
})

const collect = <A, E>(stream: Stream.Stream<A, E>) =>
  Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

describe("management.domains", () => {
  it.effect("streams the domains of every page, including modes that are not known", () =>
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

  it.effect("creates, updates and deletes a domain", () =>
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

  it.effect("rejects an invalid domain name before anything is sent", () =>
    Effect.gen(function* () {
      const { domains, seen } = yield* served
      for (const bad of ["https://example.com", "Example.com", "a@example.com", "localhost", "", "a b.com"]) {
        expect((yield* Effect.flip(domains.create({ domain: bad })))._tag).toBe("InvalidRequestError")
      }
      expect(seen).toHaveLength(0)
    })
  )

  it.effect("returns Option.none for a domain and a filter whose ETag is current", () =>
    Effect.gen(function* () {
      const { domains } = yield* served
      const { data, meta } = yield* domains.get.withResponse("mdom_1")
      expect(data.ses_dkim_status).toBeNull()
      expect((yield* domains.get.ifNoneMatch(meta.etag ?? "", "mdom_1"))._tag).toBe("None")
      expect((yield* domains.get.ifNoneMatch('W/"old"', "mdom_1"))._tag).toBe("Some")
      expect((yield* domains.getFilters.ifNoneMatch('W/"f1"', "mdom_1"))._tag).toBe("None")
    })
  )

  it.effect("returns the zone file as text", () =>
    Effect.gen(function* () {
      const { domains, seen } = yield* served
      expect(yield* domains.zoneFile("mdom_1")).toBe("example.com. MX 10 in1.example.net.\n")
      expect(seen[0]?.headers["accept"]).toContain("text/plain")
      expect((yield* Effect.flip(domains.zoneFile("gone")))._tag).toBe("APIError")
    })
  )

  it.effect("modify writes with the ETag that was read, and writes nothing when there is no change", () =>
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

describe("the sender filters of management.domains", () => {
  it.effect("are written as given, and can be written back as they were read", () =>
    Effect.gen(function* () {
      const { domains, seen } = yield* served
      const set = yield* domains.modifyFilters("mdom_1", (current) => ({
        ...current,
        rules: [...current.rules, { type: "deny", pattern: "*@bad.example", note: "spam" }]
      }))
      expect(set.rules.map(({ pattern }) => pattern)).toEqual(["spam.example", "*@bad.example"])
      expect(seen.map(line)).toEqual(["GET /domains/mdom_1/filters", "PUT /domains/mdom_1/filters"])
      expect(seen[1]?.headers["if-match"]).toBe('W/"f1"')
      yield* domains.setFilters("mdom_1", { mode: "off", rules: [] })
      expect(JSON.parse(seen[2]?.body ?? "")).toEqual({ mode: "off", rules: [] })
    })
  )

  it.effect("are rejected when the type of a rule does not match the mode", () =>
    Effect.gen(function* () {
      const { domains, seen } = yield* served
      const rules = [
        { type: "allow", pattern: "a.example" },
        { type: "deny", pattern: "b.example" }
      ]
      const error = yield* Effect.flip(domains.setFilters("mdom_1", { mode: "allowlist", rules }))
      expect(error.message).toContain("rules[1].type must be allow in mode allowlist")
      yield* domains.setFilters("mdom_1", { mode: "off", rules })
      expect(seen).toHaveLength(1)
    })
  )

  it.effect("are rejected when a mode, a type, a pattern, a note or the number of rules is invalid", () =>
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

/** A server that records the time of each verification. */
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

/** Runs a wait to its end with the test clock. */
const ended = <A, E>(wait: Effect.Effect<A, E>) => Effect.map(recordWaits(wait), ({ exit }) => exit)

describe("management.domains.waitUntilVerified", () => {
  it.effect("verifies immediately and then at growing delays until the domain is verified", () =>
    Effect.gen(function* () {
      const { domains, seen, times } = yield* verifying((index) => ok(index < 8 ? unverified : verification))
      const exit = yield* ended(domains.waitUntilVerified("mdom_1"))
      expect(Exit.isSuccess(exit) && exit.value.status).toBe("verified")
      const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0))
      expect(waits).toEqual([10_000, 15_000, 22_500, 33_750, 50_625, 75_938, 113_907, 120_000])
      expect(new Set(seen.map(line))).toEqual(new Set(["POST /domains/mdom_1/verify"]))
    })
  )

  it.effect("fails after the timeout with the records that are not confirmed", () =>
    Effect.gen(function* () {
      const { domains, times } = yield* verifying(() => ok({ ...unverified, status: "failed" }))
      const exit = yield* ended(
        domains.waitUntilVerified("mdom_1", { schedule: Schedule.spaced("1 minute"), timeout: "150 seconds" })
      )
      const error = errorOf(exit)
      if (error._tag !== "DomainVerificationTimeoutError") throw error
      expect(error.missing).toEqual(["spf", "dkim"])
      expect(error.attempts).toBe(3)
      expect(Duration.toSeconds(error.waited)).toBe(150)
      expect(error.verification?.status).toBe("failed")
      expect(error.message).toBe(
        "The domain mdom_1 was not verified after 3 attempts; records that are not confirmed: spf, dkim"
      )
      expect(times).toEqual([0, 60_000, 120_000])
    })
  )

  it.effect("fails when the schedule ends", () =>
    Effect.gen(function* () {
      const { domains, times } = yield* verifying(() => ok(unverified))
      const exit = yield* ended(
        domains.waitUntilVerified("mdom_1", {
          schedule: Schedule.intersect(Schedule.spaced("5 seconds"), Schedule.recurs(2)),
          timeout: Number.POSITIVE_INFINITY
        })
      )
      expect(errorOf(exit)).toMatchObject({ _tag: "DomainVerificationTimeoutError", attempts: 3 })
      expect(times).toEqual([0, 5000, 10_000])
    })
  )

  it.effect("retries transient failures after the delay that the server asks for", () =>
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

  it.effect(
    "fails immediately with a permanent failure, a delay beyond the timeout, or an invalid timeout",
    () =>
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

  it.effect("fails after five transient failures in a row", () =>
    Effect.gen(function* () {
      const { domains, times } = yield* verifying(() => failure(500, "internal_error"))
      const exit = yield* ended(domains.waitUntilVerified("mdom_1").pipe(Retry.with(Retry.none)))
      expect(errorOf(exit)).toMatchObject({ _tag: "APIError", code: "internal_error" })
      expect(times).toHaveLength(5)
    })
  )

  it.effect("sends no more requests after an interruption", () =>
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

describe("the DNS records of a domain", () => {
  it.effect("are listed with fully qualified names and without trailing dots", () =>
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

  it("contain no MX records of the domain in the mode send_only", () => {
    const rows = dnsRecords({ ...domain, mode: "send_only" })
    expect(rows.filter(({ purpose }) => purpose === "mx")).toEqual([])
    expect(rows).toHaveLength(8)
  })

  it("are all ok after a successful verification", () => {
    expect(checkDns(domain, verification).map(({ state }) => state)).toEqual(Array(10).fill("ok"))
  })

  it("are reported as missing or wrong, or as pending, with instructions", () => {
    const found = checkDns(domain, {
      ...unverified,
      ses_mail_from_status: "pending",
      checks: { ...allChecks, spf: false, mx: false, mail_from_mx: false }
    })
    const states = new Map(found.map(({ record, state }) => [record.purpose, state]))
    expect(Object.fromEntries(states)).toEqual({
      verification: "ok",
      spf: "missing_or_wrong",
      dkim: "pending",
      dmarc: "ok",
      mx: "missing_or_wrong",
      mail_from_mx: "missing_or_wrong",
      mail_from_spf: "pending"
    })
    const text = formatDns(found)
    expect(text.split("\n")[0]).toBe('[ok] verification: TXT _sendmux.example.com "sendmux-verify=team_1"')
    expect(text).toContain(
      "[MISSING OR WRONG] mx: MX example.com 10 in1.example.net\n    is missing or wrong: publish an MX record that points to in1.example.net with priority 10"
    )
    expect(text).toContain("if example.com already has an SPF record, merge the two")
    expect(text).toContain("[pending] dkim: CNAME k1._domainkey.example.com k1.dkim.example.net")
    expect(checkDns(domain, { ...verification, ses_dkim_status: "FAILED" })[2]?.state).toBe(
      "missing_or_wrong"
    )
  })

  it("are compared with published records as ok, missing or wrong", () => {
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
    expect(text).toContain(
      'is wrong (published: "mx.example.org"): publish an MX record that points to in1.example.net'
    )
    expect(text).toContain("[ok] mail_from_mx")
  })
})
