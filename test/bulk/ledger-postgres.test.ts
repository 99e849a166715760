import * as SqlClient from "@effect/sql/SqlClient"
import * as PgClient from "@effect/sql-pg/PgClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Ledger } from "../../src/Bulk.js"
import * as LedgerSql from "../../src/LedgerSql.js"
import { testLedger } from "./ledger.js"

const url = process.env["SENDMUX_TEST_POSTGRES"]

if (url === undefined) console.info("PostgreSQL tests are skipped: SENDMUX_TEST_POSTGRES names no server")

describe.skipIf(url === undefined)("the ledger in PostgreSQL", () => {
  const client = PgClient.layer({ url: Redacted.make(url ?? ""), maxConnections: 4 })

  /** A ledger whose tables are empty. */
  const empty = () =>
    Layer.effect(
      Ledger,
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const ledger = yield* Ledger
        yield* sql`TRUNCATE sendmux_ledger_items, sendmux_ledger_chunks`
        return ledger
      })
    ).pipe(Layer.provide(LedgerSql.layer), Layer.orDie)

  testLedger(empty, Layer.orDie(client))

  it.effect("makes its tables once, even if several processes open it at the same time", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`DROP TABLE IF EXISTS sendmux_ledger_items, sendmux_ledger_chunks, sendmux_ledger_version`
      const open = Effect.provide(Ledger, Layer.fresh(LedgerSql.layer))
      yield* Effect.all(
        Array.from({ length: 4 }, () => open),
        { concurrency: 4 }
      )
      expect(yield* sql`SELECT version FROM sendmux_ledger_version`).toEqual([{ version: 1 }])
    }).pipe(Effect.provide(Layer.orDie(client)))
  )
})
