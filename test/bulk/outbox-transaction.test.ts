import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as SqlClient from "@effect/sql/SqlClient"
import * as SqliteClient from "@effect/sql-sqlite-node/SqliteClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { afterAll } from "vitest"
import { Outbox } from "../../src/Bulk.js"
import * as LedgerSql from "../../src/LedgerSql.js"
import { arrivals, message, sandbox } from "./support.js"
import { live } from "./time.js"

const { email } = message(1)

const drained = Effect.map(Stream.runCollect(Outbox.drain()), (chunk) => [...chunk])

describe("Outbox.enqueue, in a transaction", () => {
  const directory = mkdtempSync(join(tmpdir(), "outbox-"))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  it.effect("records the message if and only if the transaction is committed", () => {
    const client = SqliteClient.layer({ filename: join(directory, "outbox.sqlite") })
    const layer = Layer.provideMerge(LedgerSql.layer, client)
    return Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`CREATE TABLE orders (id TEXT)`
      const order = (id: string) =>
        Effect.zipRight(sql`INSERT INTO orders VALUES (${id})`, Outbox.enqueue(email, { id }))
      yield* sql.withTransaction(order("kept"))
      yield* Effect.flip(sql.withTransaction(Effect.zipRight(order("undone"), Effect.fail("no"))))
      expect(yield* live(drained)).toMatchObject([{ _tag: "Queued", id: "kept" }])
      expect((yield* arrivals).size).toBe(1)
    }).pipe(Effect.provide(Layer.merge(layer, sandbox())))
  })
})
