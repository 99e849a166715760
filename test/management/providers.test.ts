import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { failure, ok, type Seen } from "../support/http.js"
import { line, managementServer, notModified, pageOf, tagged } from "../support/management.js"
import { errorOf, recordWaits } from "../support/time.js"

const provider = {
  id: "dprov_1",
  name: "Main",
  type: "smtp",
  status: "active",
  status_reason: null,
  is_active: true,
  is_editable: true,
  is_shared: false,
  allowed_actions: { activate: false, deactivate: true, delete: true, test: true, update: true },
  percentage: 50,
  quotas: { per_second: { min: 5, max: 10 }, per_minute: null, per_hour: null, per_day: null },
  from_email: null,
  from_name: null,
  reply_to_email: null,
  reply_to_name: null,
  tracking_domain: null,
  smtp_host: "smtp.example.com",
  smtp_port: 465,
  smtp_protocol: "ssl",
  smtp_username: "ada",
  has_smtp_password: true,
  oauth_email: null,
  has_refresh_token: false,
  last_tested_at: null,
  last_used_at: "2026-08-01T10:00:00.000Z",
  created_at: "2026-08-01T10:00:00.000Z",
  updated_at: "2026-08-01T10:00:00.000Z"
}

const smtp = {
  name: "Main",
  smtp_host: "smtp.example.com",
  smtp_port: 465,
  smtp_protocol: "ssl",
  smtp_username: "ada"
} as const

const sesLimit = {
  provider_id: null,
  daily_limit: null,
  sent_today: 0,
  threshold_usage: null,
  usage_ratio: null,
  is_near_limit: false,
  can_request_increase: true,
  pending_request_id: null
}

const sesRequest = {
  id: "slir_1",
  status: "pending",
  current_daily_limit: 100,
  current_daily_sent: 90,
  approved_daily_limit: null,
  decision_note: null,
  decided_at: null,
  created_at: "2026-08-01T10:00:00.000Z"
}

const accounts = {
  resource_type: "sending_accounts",
  usage: 2,
  reserved: 0,
  max_allowed: 5,
  threshold_usage: 4,
  usage_ratio: 0.4,
  is_near_limit: false,
  is_at_limit: false,
  can_request_increase: true,
  pending_request_id: null
}

const body = (request: Seen | undefined): unknown => JSON.parse(request?.body ?? "null")

describe("management.providers", () => {
  it.effect("streams the providers of every page with the same filter", () => {
    const { management, seen } = managementServer((_, index) =>
      index === 0 ? pageOf([provider], "c2") : pageOf([{ ...provider, id: "dprov_2", type: "pigeon" }])
    )
    return Effect.gen(function* () {
      const { providers } = yield* management
      const all = yield* Stream.runCollect(providers.list({ status: "active", type: "amazon_ses" }))
      expect(Chunk.toReadonlyArray(all).map(({ type }) => type)).toEqual(["smtp", "pigeon"])
      expect(seen.map(line)).toEqual([
        "GET /providers?status=active&type=amazon_ses",
        "GET /providers?cursor=c2&status=active&type=amazon_ses"
      ])
    })
  })

  it.effect("creates a provider with the password in the request body", () => {
    const { management, seen } = managementServer(() =>
      ok({ ...provider, variables: { company_name: "Example" } }, { status: 201 })
    )
    return Effect.gen(function* () {
      const { providers } = yield* management
      const created = yield* providers.create(
        {
          ...smtp,
          smtp_password: Redacted.make("hunter2"),
          quotas: { per_second: 5, per_minute: { min: 10, max: 20 }, per_day: null },
          variables: { company_name: "Example" }
        },
        { idempotencyKey: "p" }
      )
      expect(created.variables).toEqual({ company_name: "Example" })
      expect(seen.map(line)).toEqual(["POST /providers"])
      expect(seen[0]?.headers["idempotency-key"]).toBe("p")
      expect(body(seen[0])).toEqual({
        ...smtp,
        smtp_password: "hunter2",
        quotas: { per_second: 5, per_minute: { min: 10, max: 20 }, per_day: null },
        variables: { company_name: "Example" }
      })
    })
  })

  it.effect("fails with errors that do not contain the password", () => {
    const { management } = managementServer(() =>
      failure(422, "validation_error", { message: "bad field smtp_host" })
    )
    return Effect.gen(function* () {
      const { providers } = yield* management
      const refused = yield* Effect.flip(providers.create({ ...smtp, smtp_password: "hunter2" }))
      const invalid = yield* Effect.flip(
        providers.create({ ...smtp, smtp_port: 0, smtp_password: "hunter2" })
      )
      expect(String(invalid)).toContain("smtp_port must be an integer from 1 to 65535")
      for (const error of [refused, invalid]) {
        expect(String(error) + JSON.stringify(error)).not.toContain("hunter2")
      }
    })
  })

  it.effect("rejects invalid quotas, addresses, variables and percentages before anything is sent", () => {
    const { management, seen } = managementServer(() => ok(provider))
    return Effect.gen(function* () {
      const { providers } = yield* management
      const issue = (input: Parameters<typeof providers.update>[1]) =>
        Effect.map(Effect.flip(providers.update("dprov_1", input)), String)
      expect(yield* issue({ quotas: { per_day: { min: 2, max: 1 } } })).toContain(
        "a min that is not greater than its max"
      )
      expect(yield* issue({ quotas: { per_day: 0 } })).toContain("quotas.per_day")
      expect(yield* issue({ from_email: "nobody" })).toContain("from_email")
      expect(yield* issue({ variables: { Name: "x" } })).toContain("snake_case")
      const many = Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`v${i}`, ""]))
      expect(yield* issue({ variables: many })).toContain("at most 50 variables")
      expect(yield* issue({ percentage: 101 })).toContain("percentage must be an integer from 0 to 100")
      expect(seen).toHaveLength(0)
    })
  })

  it.effect("reads a provider conditionally, removes values with null, and modifies it", () => {
    const { management, seen } = managementServer(({ headers }) =>
      headers["if-none-match"] === undefined ? tagged(provider, '"3"') : notModified()
    )
    return Effect.gen(function* () {
      const { providers } = yield* management
      expect(yield* providers.get.ifNoneMatch('"3"', "dprov_1")).toEqual(Option.none())
      yield* providers.update(
        "dprov_1",
        { from_email: null, tracking_domain: null, variables: {}, quotas: { per_hour: null } },
        { ifMatch: '"2"' }
      )
      yield* providers.modify("dprov_1", ({ percentage }) => ({ percentage: (percentage ?? 0) / 2 }))
      expect(seen.map(line)).toEqual([
        "GET /providers/dprov_1",
        "PATCH /providers/dprov_1",
        "GET /providers/dprov_1",
        "PATCH /providers/dprov_1"
      ])
      expect(seen[1]?.headers["if-match"]).toBe('"2"')
      expect(body(seen[1])).toEqual({
        from_email: null,
        tracking_domain: null,
        variables: {},
        quotas: { per_hour: null }
      })
      expect(seen[3]?.headers["if-match"]).toBe('"3"')
      expect(body(seen[3])).toEqual({ percentage: 25 })
    })
  })

  it.effect("activates, deactivates, tests and deletes a provider", () => {
    const { management, seen } = managementServer(({ method, url }) =>
      method === "DELETE"
        ? ok({ deleted: true, id: "dprov_1" })
        : url.pathname.endsWith("/test")
          ? ok({ success: false, message: "refused", latency_ms: 12, tested_at: provider.created_at })
          : ok(provider)
    )
    return Effect.gen(function* () {
      const { providers } = yield* management
      yield* providers.activate("dprov_1", { idempotencyKey: "a" })
      yield* providers.deactivate("dprov_1")
      expect(yield* providers.test("dprov_1")).toMatchObject({ success: false, message: "refused" })
      expect((yield* providers.delete("dprov_1")).id).toBe("dprov_1")
      expect(seen.map(line)).toEqual([
        "POST /providers/dprov_1/activate",
        "POST /providers/dprov_1/deactivate",
        "POST /providers/dprov_1/test",
        "DELETE /providers/dprov_1"
      ])
      expect(seen.map(({ headers }) => "idempotency-key" in headers)).toEqual([true, true, true, false])
      expect(seen[0]?.headers["idempotency-key"]).toBe("a")
    })
  })

  it.effect("reads limits, and creates and cancels requests for higher limits", () => {
    const { management, seen } = managementServer(({ method, url }) => {
      if (url.pathname.endsWith("/limits"))
        return ok({ sending_accounts: accounts, shared_amazon_ses: sesLimit })
      if (url.pathname.endsWith("/request-increase")) return ok({ request_id: "trir_1", limit: accounts })
      return method === "GET"
        ? ok({ limit: sesLimit, pending_request: null })
        : ok({
            limit: sesLimit,
            request: { ...sesRequest, status: method === "POST" ? "pending" : "cancelled" }
          })
    })
    return Effect.gen(function* () {
      const { providers } = yield* management
      expect((yield* providers.getLimits()).shared_amazon_ses.daily_limit).toBeNull()
      expect((yield* providers.requestLimitIncrease({ idempotencyKey: "i" })).request_id).toBe("trir_1")
      expect((yield* providers.getSharedSesLimitRequest()).pending_request).toBeNull()
      expect((yield* providers.createSharedSesLimitRequest()).request.status).toBe("pending")
      expect((yield* providers.cancelSharedSesLimitRequest("slir_1")).request.status).toBe("cancelled")
      expect(seen.map(line)).toEqual([
        "GET /providers/limits",
        "POST /providers/limits/sending-accounts/request-increase",
        "GET /providers/shared-amazon-ses-limit-request",
        "POST /providers/shared-amazon-ses-limit-request",
        "DELETE /providers/shared-amazon-ses-limit-request/slir_1"
      ])
      expect(seen[1]?.headers["idempotency-key"]).toBe("i")
      expect(seen[3]?.headers["idempotency-key"]).toBeDefined()
    })
  })

  it.effect("reads the statistics and the usage", () => {
    const counts = { active: 1, inactive: 0, error: 0, pending: 0 }
    const item = {
      provider_id: "dprov_1",
      sent_today: 1,
      sent_7d: 2,
      failed_7d: 0,
      rejected_7d: 0,
      pending_7d: 0,
      total_7d: 2
    }
    const stats = {
      total: 1,
      ...counts,
      by_status: counts,
      by_type: { smtp: 1, gmail_api: 0, outlook_api: 0, amazon_ses: 0 }
    }
    const { management, seen } = managementServer(({ url }) =>
      ok(url.pathname.endsWith("/stats") ? stats : { providers: [item], window_days: 7 })
    )
    return Effect.gen(function* () {
      const { providers } = yield* management
      expect(yield* providers.getStats()).toEqual(stats)
      expect(yield* providers.getUsage()).toEqual({ providers: [item], window_days: 7 })
      expect(seen.map(line)).toEqual(["GET /providers/stats", "GET /providers/usage"])
    })
  })
})

describe("management.sendPolicies", () => {
  const version = "ab".repeat(32)
  const snapshot = {
    policy: {
      allowed_from: { addresses: [], domains: ["example.com"], own_address: true },
      recipients: { allow: null, deny: { addresses: ["bob@example.com"] } }
    },
    version
  }

  it.effect("reads a policy by its scope and id", () => {
    const { management, seen } = managementServer(({ headers }) =>
      headers["if-none-match"] === undefined ? tagged(snapshot, `"${version}"`) : notModified()
    )
    return Effect.gen(function* () {
      const { sendPolicies } = yield* management
      const found = yield* sendPolicies.get("mailbox", "mbx_1")
      expect(found.policy.recipients?.allow).toBeNull()
      expect(found.policy.alternate_from).toBeUndefined()
      expect(yield* sendPolicies.get.ifNoneMatch(`"${version}"`, "team", "team_1")).toEqual(Option.none())
      expect(seen.map(line)).toEqual([
        "GET /mailbox-send-policies/mailbox/mbx_1",
        "GET /mailbox-send-policies/team/team_1"
      ])
    })
  })

  it.effect("replaces a policy with the ETag and the idempotency key", () => {
    const { management, seen } = managementServer(() => tagged(snapshot, '"next"'))
    return Effect.gen(function* () {
      const { sendPolicies } = yield* management
      const policy = { recipients: { allow: null }, alternate_from: ["ada@example.com"] }
      yield* sendPolicies.replace("api_key", "smx_1", { policy }, { ifMatch: '"v"', idempotencyKey: "r" })
      expect(seen.map(line)).toEqual(["PUT /mailbox-send-policies/api_key/smx_1"])
      expect(seen[0]?.headers).toMatchObject({ "if-match": '"v"', "idempotency-key": "r" })
      expect(body(seen[0])).toEqual({ policy })
    })
  })

  it.effect("modify repeats a conflicting write with a new ETag and a new idempotency key", () => {
    let writes = 0
    const { management, seen } = managementServer(({ method }) =>
      method === "PUT" && writes++ === 0 ? failure(409, "conflict") : tagged(snapshot, `"${writes}"`)
    )
    return Effect.gen(function* () {
      const { sendPolicies } = yield* management
      const { exit } = yield* recordWaits(
        sendPolicies.modify("mailbox", "mbx_1", ({ policy }) => ({
          policy: { ...policy, alternate_from: ["ada@example.com"] }
        }))
      )
      expect(exit._tag).toBe("Success")
      const puts = seen.filter(({ method }) => method === "PUT")
      expect(puts.map(({ headers }) => headers["if-match"])).toEqual(['"0"', '"1"'])
      expect(new Set(puts.map(({ headers }) => headers["idempotency-key"])).size).toBe(2)
      expect(body(puts[1])).toEqual({
        policy: { ...snapshot.policy, alternate_from: ["ada@example.com"] }
      })
    })
  })

  it.effect("rejects an invalid domain and more than 100 addresses before anything is sent", () => {
    const { management, seen } = managementServer(() => ok(snapshot))
    return Effect.gen(function* () {
      const { sendPolicies } = yield* management
      const replace = (policy: Parameters<typeof sendPolicies.replace>[2]["policy"]) =>
        Effect.map(
          recordWaits(sendPolicies.replace("team", "team_1", { policy }, { ifMatch: '"v"' })),
          ({ exit }) => String(errorOf(exit))
        )
      expect(yield* replace({ allowed_from: { domains: ["Example.com"] } })).toContain("domain in lowercase")
      expect(yield* replace({ recipients: { deny: { domains: ["example"] } } })).toContain(
        "domain in lowercase"
      )
      const addresses = Array.from({ length: 101 }, (_, i) => `a${i}@example.com`)
      expect(yield* replace({ alternate_from: addresses })).toContain("at most 100 elements")
      expect(seen).toHaveLength(0)
    })
  })
})
