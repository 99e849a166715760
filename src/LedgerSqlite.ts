/**
 * A ledger in an SQLite file, for the processes of one machine. It needs the packages `@effect/sql` and
 * `@effect/sql-sqlite-node`.
 *
 * @since 0.2.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"
import * as Layer from "effect/Layer"
import type { Ledger } from "./bulk/ledger/ledger.js"
import { LedgerError } from "./bulk/ledger/model.js"
import { sqliteLayer } from "./internal/dialect/sqlite.js"
import * as LedgerSql from "./LedgerSql.js"

/**
 * The options of `layer`.
 *
 * @since 0.2.0
 * @category options
 */
export interface LedgerSqliteOptions {
  /** The path of the file, whose directory has to exist. `:memory:` is a database that ends with the layer. */
  readonly filename: string
}

/**
 * The ledger in an SQLite file. The file is created if it does not exist. Fails with `LedgerError` if it cannot be opened.
 *
 * Each commit is written to the disk before it succeeds, so that the ledger also survives a loss of power. The file must
 * be on a disk of this machine, because SQLite cannot lock files on most network file systems.
 *
 * @example
 * import * as LedgerSqlite from "effect-sendmux/LedgerSqlite"
 *
 * export const ledger = LedgerSqlite.layer({ filename: "campaigns.sqlite" })
 *
 * @since 0.2.0
 * @category layers
 */
export const layer = ({ filename }: LedgerSqliteOptions): Layer.Layer<Ledger, LedgerError> =>
  Layer.provide(
    LedgerSql.layer,
    sqliteLayer(
      filename,
      (code) =>
        new LedgerError({ action: "open", reason: `the file cannot be opened (${code ?? "unknown reason"})` })
    )
  )
