import { describe, expect, it } from "@effect/vitest"
import * as BigDecimal from "effect/BigDecimal"
import * as Chunk from "effect/Chunk"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Management } from "../../src/Management.js"
import { failure, mockClient, ok } from "../support/http.js"
import { line, managementServer, notModified, pageOf, rootKey, tagged } from "../support/management.js"

const balance = {
  balance: "45.230000",
  balance_purchased: "100.000000",
  balance_consumed: "54.770000",
  currency: "USD",
  auto_topup: {
    enabled: true,
    threshold: "10.000000",
    amount: "50.000000",
    monthly_limit: null,
    monthly_used: "0.000000"
  }
}

const transaction = (id: string, over: object = {}) => ({
  id,
  amount: "-0.001500",
  type: "USAGE",
  description: "Emails",
  quantity: 3,
  balance_before: "1.000000",
  balance_after: "0.998500",
  created_at: "2026-08-01T10:00:00.000Z",
  ...over
})

const collect = <A, E>(stream: Stream.Stream<A, E>) =>
  Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

describe("the layer of Management", () => {
  it.effect("sends requests to the default base URL with the API key", () =>
    Effect.gen(function* () {
      const { management, seen } = managementServer(() => ok(balance))
      yield* (yield* management).billing.getBalance()
      expect(seen[0]?.url.href).toBe("https://app.sendmux.ai/api/v1/billing/balance")
      expect(seen[0]?.headers["authorization"]).toBe(`Bearer ${rootKey}`)
    })
  )

  it.effect("rejects a mailbox key with an error that does not contain the key", () =>
    Effect.gen(function* () {
      const { layer } = mockClient(() => ok(balance))
      const apiKey = Redacted.make("smx_mbx_hidden")
      const error = yield* Effect.flip(Effect.provide(Management.make({ apiKey }), layer))
      expect(error._tag).toBe("ConfigurationError")
      expect(String(error)).not.toContain("hidden")
    })
  )
})

describe("management.connection.get", () => {
  const connection = {
    team: { id: "team_1", name: "Example" },
    credential: { id: "smx_1", type: "api_key", name: null },
    label: "CI",
    permissions: ["team.read"],
    mailboxes: []
  }

  it.effect("returns the credential, and Option.none for the current ETag", () =>
    Effect.gen(function* () {
      const { management, seen } = managementServer(({ headers }) =>
        headers["if-none-match"] === 'W/"1"' ? notModified() : tagged(connection, 'W/"1"')
      )
      const service = yield* management
      const { data, meta } = yield* service.connection.get.withResponse()
      expect(data).toEqual(connection)
      expect((yield* service.connection.get.ifNoneMatch(meta.etag ?? ""))._tag).toBe("None")
      expect(seen.map(line)).toEqual(["GET /me", "GET /me"])
    })
  )
})

describe("management.billing", () => {
  it.effect("decodes amounts without loss of precision", () =>
    Effect.gen(function* () {
      const { management } = managementServer(() => ok(balance))
      const read = yield* (yield* management).billing.getBalance()
      expect(BigDecimal.equals(read.balance, BigDecimal.unsafeFromString("45.23"))).toBe(true)
      expect(read.auto_topup.monthly_limit).toBeNull()
    })
  )

  it.effect("accepts 7, 30 and 90 days as numbers or text, and rejects other numbers", () =>
    Effect.gen(function* () {
      const summary = {
        period_days: 7,
        total_purchased: "0",
        total_consumed: "1.5",
        transaction_count: 2,
        currency: "USD"
      }
      const { management, seen } = managementServer(() => ok(summary))
      const { billing } = yield* management
      yield* billing.getSummary()
      yield* billing.getSummary({ days: 7 })
      const read = yield* billing.getSummary({ days: "90" })
      expect(read.transaction_count).toBe(2)
      expect(seen.map(line)).toEqual([
        "GET /billing/summary",
        "GET /billing/summary?days=7",
        "GET /billing/summary?days=90"
      ])
      const days = 8 as 7
      const error = yield* Effect.flip(billing.getSummary({ days }))
      expect(error._tag).toBe("InvalidRequestError")
      expect(seen).toHaveLength(3)
    })
  )

  it.effect("streams the transactions of every page with the same filter", () =>
    Effect.gen(function* () {
      const { management, seen } = managementServer(({ url }) =>
        url.searchParams.get("cursor") === null
          ? pageOf([transaction("tx_1"), transaction("tx_2", { type: "BONUS", quantity: null })], "next")
          : pageOf([transaction("tx_3", { balance_before: null, balance_after: null, surprise: 1 })])
      )
      const { billing } = yield* management
      const items = yield* collect(billing.listTransactions({ type: "USAGE", limit: 2 }))
      expect(items.map(({ id, type }) => [id, type])).toEqual([
        ["tx_1", "USAGE"],
        ["tx_2", "BONUS"],
        ["tx_3", "USAGE"]
      ])
      expect(items[0]?.created_at).toEqual(DateTime.unsafeMake("2026-08-01T10:00:00.000Z"))
      expect(BigDecimal.format(items[0]?.amount ?? BigDecimal.unsafeFromString("0"))).toBe("-0.0015")
      expect(seen.map(line)).toEqual([
        "GET /billing/transactions?limit=2&type=USAGE",
        "GET /billing/transactions?cursor=next&limit=2&type=USAGE"
      ])
    })
  )

  it.effect("fails with a PaginationError when the server repeats a cursor", () =>
    Effect.gen(function* () {
      const { management, seen } = managementServer(() => pageOf([transaction("tx_1")], "again"))
      const { billing } = yield* management
      const error = yield* Effect.flip(collect(billing.listTransactions()))
      expect(error).toMatchObject({ _tag: "PaginationError", reason: "RepeatedCursor" })
      expect(seen).toHaveLength(2)
    })
  )

  it.effect("requests one page when the stream takes no more items than it has", () =>
    Effect.gen(function* () {
      const { management, seen } = managementServer(() => pageOf([transaction("a"), transaction("b")], "n"))
      const { billing } = yield* management
      expect(yield* collect(Stream.take(billing.listTransactions(), 2))).toHaveLength(2)
      expect(seen).toHaveLength(1)
    })
  )

  it.effect("fails with an APIError that shows the code, the operation and the status", () =>
    Effect.gen(function* () {
      const { management } = managementServer(() => failure(403, "insufficient_permissions"))
      const error = yield* Effect.flip((yield* management).billing.getBalance())
      expect(String(error)).toContain(": 403 insufficient_permissions:")
      expect(String(error)).toContain("APIError: management.billing.getBalance: 403 ")
    })
  )
})
