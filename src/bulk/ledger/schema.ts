/**
 * The tables of a ledger in SQL, and the migrations that make them.
 */
import * as Effect from "effect/Effect"
import type { Sql, SqlFailure } from "../../internal/dialect/shared/sql.js"
import { LedgerError } from "./model.js"

/** The statements of each version, oldest first. They run on SQLite and on PostgreSQL. */
const migrations: ReadonlyArray<ReadonlyArray<string>> = [
  [
    `CREATE TABLE sendmux_ledger_items (
      scope TEXT NOT NULL,
      id TEXT NOT NULL,
      hash TEXT NOT NULL,
      state TEXT NOT NULL,
      attempts INTEGER NOT NULL,
      chunk TEXT,
      detail TEXT,
      payload TEXT,
      enqueued_at BIGINT,
      PRIMARY KEY (scope, id)
    )`,
    `CREATE INDEX sendmux_ledger_waiting ON sendmux_ledger_items (scope, enqueued_at, id)
      WHERE state = 'free' AND payload IS NOT NULL`,
    `CREATE TABLE sendmux_ledger_chunks (
      scope TEXT NOT NULL,
      chunk TEXT NOT NULL,
      runner TEXT NOT NULL,
      owner TEXT NOT NULL,
      lease_until BIGINT NOT NULL,
      sent_at BIGINT NOT NULL,
      items TEXT NOT NULL,
      body TEXT NOT NULL,
      PRIMARY KEY (scope, chunk)
    )`
  ]
]

/** Identifies the lock that migrations of several processes take. The number itself has no meaning. */
const advisoryLock = 733_162_013

/** Brings the tables to the current version. Several processes may do so at the same time. */
export const migrate = (sql: Sql): Effect.Effect<void, LedgerError | SqlFailure> =>
  Effect.gen(function* () {
    if (sql.kind === undefined) {
      return yield* Effect.fail(
        new LedgerError({ action: "open", reason: "the database is neither SQLite nor PostgreSQL" })
      )
    }
    // A commit must have reached the disk, since a request that is forgotten would be sent again under another key.
    if (sql.kind === "sqlite") yield* sql.query("PRAGMA synchronous = FULL", [])
    yield* sql.transaction(sql.kind === "pg" ? upgradeLocked(sql) : upgrade(sql))
  })

const upgradeLocked = (sql: Sql) =>
  Effect.flatMap(sql.query(`SELECT pg_advisory_xact_lock(${advisoryLock})`, []), () => upgrade(sql))

/** On SQLite the first statement takes the lock of the database, because it writes. */
const upgrade = (sql: Sql): Effect.Effect<void, LedgerError | SqlFailure> =>
  Effect.gen(function* () {
    yield* sql.query(
      "CREATE TABLE IF NOT EXISTS sendmux_ledger_version (version INTEGER NOT NULL PRIMARY KEY)",
      []
    )
    const rows = yield* sql.query("SELECT max(version) AS version FROM sendmux_ledger_version", [])
    const current = Number(rows[0]?.["version"] ?? 0)
    if (current > migrations.length) {
      return yield* Effect.fail(
        new LedgerError({
          action: "open",
          reason: `its tables have version ${current}, which is newer than this version of the SDK: update the SDK`
        })
      )
    }
    for (const [index, statements] of migrations.entries()) {
      const version = index + 1
      if (version <= current) continue
      for (const statement of statements) yield* sql.query(statement, [])
      yield* sql.query("INSERT INTO sendmux_ledger_version (version) VALUES (?)", [version])
    }
  })
