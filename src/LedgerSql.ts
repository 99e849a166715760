/**
 * A ledger in SQL, on SQLite or PostgreSQL, for several processes and machines. It needs the packages `@effect/sql`
 * and that of the database, such as `@effect/sql-pg`.
 *
 * @since 0.2.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"
import * as Layer from "effect/Layer"
import { Ledger } from "./bulk/ledger/ledger.js"
import type { LedgerError } from "./bulk/ledger/model.js"
import { makeSqlLedger } from "./bulk/ledger/sql.js"
import type { SqlClient } from "./internal/dialect/shared/sql.js"

/**
 * The ledger in the database of the `SqlClient`. Building the layer makes the tables `sendmux_ledger_items`,
 * `sendmux_ledger_chunks` and `sendmux_ledger_version`, if they do not exist.
 *
 * Processes that share the database share the work: a message is sent by one of them. Their clocks should agree within a
 * few minutes. Do not run `Bulk.send` within a transaction of the same client, because its records have to be committed
 * before a request is sent. `Outbox.enqueue` may run within a transaction, and is committed with it.
 *
 * Provide the client of your database, such as `PgClient.layer({ url })` of `@effect/sql-pg`, with `Layer.provide`.
 *
 * @since 0.2.0
 * @category layers
 */
export const layer: Layer.Layer<Ledger, LedgerError, SqlClient> = Layer.effect(Ledger, makeSqlLedger)
