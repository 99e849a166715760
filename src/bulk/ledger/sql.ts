/**
 * A ledger in SQL, on SQLite or PostgreSQL, which several processes may share.
 *
 * Every transaction begins with a statement that writes. On SQLite it then waits for the lock of the database, instead of
 * failing when it wants to write what another process has changed since it read. Rows are locked in the order of their
 * ids, so that two transactions do not wait for each other.
 */
import * as Effect from "effect/Effect"
import { catchAll } from "../../internal/dialect/core.js"
import {
  currentSql,
  type Row,
  type Sql,
  type SqlClient,
  type SqlFailure
} from "../../internal/dialect/shared/sql.js"
import { doubled } from "../../internal/timing/backoff.js"
import {
  type ChunkItem,
  type FreeState,
  type ItemRecord,
  type ItemState,
  type LedgerChunk,
  LedgerError,
  type LedgerService,
  type Lease,
  type SettledState,
  type UnconfirmedReason,
  type WaitingItem
} from "./model.js"
import { migrate } from "./schema.js"

/** Opens the ledger, and makes its tables if they do not exist. */
export const makeSqlLedger: Effect.Effect<LedgerService, LedgerError, SqlClient> = Effect.gen(function* () {
  const sql = yield* currentSql
  yield* operation("open", migrate(sql))
  return ledgerOf(sql)
})

const ledgerOf = (sql: Sql): LedgerService => ({
  lookup: (scope, ids) => operation("lookup", recordsOf(sql, scope, ids)),
  begin: (scope, chunk, lease) => operation("begin", begin(sql, scope, chunk, lease)),
  renew: (scope, key, { owner, until }, sentAt) =>
    operation(
      "renew",
      changed(
        sql,
        `UPDATE sendmux_ledger_chunks SET lease_until = ?${sentAt === undefined ? "" : ", sent_at = ?"}
          WHERE scope = ? AND chunk = ? AND owner = ? RETURNING chunk`,
        [until, ...(sentAt === undefined ? [] : [sentAt]), scope, key, owner]
      )
    ),
  settle: (scope, chunk, states) => operation("settle", sql.transaction(settle(sql, scope, chunk, states))),
  release: (scope, chunk, owner) => operation("release", sql.transaction(release(sql, scope, chunk, owner))),
  takeOver: (scope, now, { owner, runner, until }) =>
    operation(
      "takeOver",
      Effect.map(
        sql.query(
          `UPDATE sendmux_ledger_chunks SET runner = ?, owner = ?, lease_until = ?
            WHERE scope = ? AND lease_until <= ? AND chunk = (
              SELECT chunk FROM sendmux_ledger_chunks WHERE scope = ? AND lease_until <= ? AND runner <> ?
                ORDER BY lease_until, chunk LIMIT 1
            ) RETURNING chunk, sent_at, items, body`,
          [runner, owner, until, scope, now, scope, now, runner]
        ),
        ([row]) => (row === undefined ? undefined : chunkOf(row))
      )
    ),
  nextLease: (scope) =>
    operation(
      "nextLease",
      Effect.map(
        sql.query("SELECT min(lease_until) AS first_end FROM sendmux_ledger_chunks WHERE scope = ?", [scope]),
        ([row]) => (row?.["first_end"] === null || row === undefined ? undefined : Number(row["first_end"]))
      )
    ),
  enqueue: (scope, { attempts, hash, id, payload }, now) =>
    operation(
      "enqueue",
      Effect.gen(function* () {
        const inserted = yield* changed(
          sql,
          `INSERT INTO sendmux_ledger_items (scope, id, hash, state, attempts, payload, enqueued_at)
            VALUES (?, ?, ?, 'free', ?, ?, ?) ON CONFLICT (scope, id) DO NOTHING RETURNING id`,
          [scope, id, hash, attempts, payload, now]
        )
        return inserted ? undefined : (yield* recordsOf(sql, scope, [id]))[0]
      })
    ),
  waiting: (scope, after, limit) => operation("waiting", waiting(sql, scope, after, limit))
})

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** Ends the transaction of `begin` without changes. */
interface Obstructed {
  readonly _tag: "Obstructed"
  readonly records: ReadonlyArray<ItemRecord>
}

const begin = (
  sql: Sql,
  scope: string,
  { body, items, key, sentAt }: LedgerChunk,
  { owner, runner, until }: Lease
): Effect.Effect<ReadonlyArray<ItemRecord>, SqlFailure> => {
  const obstructed = (ids: ReadonlyArray<string>) =>
    Effect.flatMap(recordsOf(sql, scope, ids), (records) =>
      Effect.fail<Obstructed>({ _tag: "Obstructed", records })
    )
  const record = Effect.gen(function* () {
    const recorded = yield* changed(
      sql,
      `INSERT INTO sendmux_ledger_chunks (scope, chunk, runner, owner, lease_until, sent_at, items, body)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (scope, chunk) DO NOTHING RETURNING chunk`,
      [scope, key, runner, owner, until, sentAt, JSON.stringify(items), body]
    )
    if (!recorded) {
      const mine = "SELECT owner FROM sendmux_ledger_chunks WHERE scope = ? AND chunk = ? AND owner = ?"
      // A commit whose confirmation was lost is repeated.
      if (yield* changed(sql, mine, [scope, key, owner])) return []
      return yield* obstructed(items.map(({ id }) => id))
    }
    const sorted = items.toSorted(byId)
    const claimed = yield* sql.query(
      `INSERT INTO sendmux_ledger_items (scope, id, hash, state, attempts, chunk, payload, enqueued_at)
        VALUES ${rows(sorted.length, "(?, ?, ?, 'flight', ?, ?, ?, ?)")}
        ON CONFLICT (scope, id) DO UPDATE SET state = 'flight', chunk = excluded.chunk
          WHERE sendmux_ledger_items.state = 'free' AND sendmux_ledger_items.hash = excluded.hash
            AND sendmux_ledger_items.attempts = excluded.attempts
        RETURNING id`,
      sorted.flatMap(({ attempts, hash, id, payload }) => [
        scope,
        id,
        hash,
        attempts,
        key,
        payload ?? null,
        payload === undefined ? null : sentAt
      ])
    )
    if (claimed.length === items.length) return []
    const ids = new Set(claimed.map((row) => row["id"]))
    return yield* obstructed(items.map(({ id }) => id).filter((id) => !ids.has(id)))
  })
  return catchAll(sql.transaction(record), (error) =>
    error._tag === "Obstructed" ? Effect.succeed(error.records) : Effect.fail(error)
  )
}

const settle = (
  sql: Sql,
  scope: string,
  { items, key }: LedgerChunk,
  states: ReadonlyArray<SettledState | FreeState>
): Effect.Effect<boolean, SqlFailure> =>
  Effect.gen(function* () {
    const removed = "DELETE FROM sendmux_ledger_chunks WHERE scope = ? AND chunk = ? RETURNING chunk"
    if (!(yield* changed(sql, removed, [scope, key]))) return false
    const outcomes = items
      .flatMap((item, index) => {
        const state = states[index]
        return state === undefined ? [] : [{ ...item, state }]
      })
      .toSorted(byId)
    yield* sql.query(
      `WITH outcome (id, state, attempts, detail) AS (VALUES ${rows(outcomes.length, "(?, ?, ?, ?)")})
        UPDATE sendmux_ledger_items
          SET state = outcome.state, attempts = CAST(outcome.attempts AS INTEGER), detail = outcome.detail, chunk = NULL,
            payload = CASE WHEN outcome.state = 'free' THEN sendmux_ledger_items.payload ELSE NULL END
          FROM outcome
          WHERE sendmux_ledger_items.scope = ? AND sendmux_ledger_items.id = outcome.id
            AND sendmux_ledger_items.chunk = ?`,
      [
        ...outcomes.flatMap(({ attempts, id, state }) => [
          id,
          stateName[state._tag],
          state._tag === "Free" ? state.attempts : attempts,
          detailOf(state)
        ]),
        scope,
        key
      ]
    )
    return true
  })

const release = (
  sql: Sql,
  scope: string,
  { items, key }: LedgerChunk,
  owner: string
): Effect.Effect<boolean, SqlFailure> =>
  Effect.gen(function* () {
    const removed =
      "DELETE FROM sendmux_ledger_chunks WHERE scope = ? AND chunk = ? AND owner = ? RETURNING chunk"
    if (!(yield* changed(sql, removed, [scope, key, owner]))) return false
    const ids = items.map(({ id }) => id)
    yield* sql.query(
      `UPDATE sendmux_ledger_items SET state = 'free', chunk = NULL
        WHERE scope = ? AND chunk = ? AND id IN (${rows(ids.length, "?")})`,
      [scope, key, ...ids]
    )
    return true
  })

const waiting = (
  sql: Sql,
  scope: string,
  after: string | undefined,
  limit: number
): Effect.Effect<ReadonlyArray<WaitingItem>, SqlFailure> => {
  const [time, id] = after === undefined ? [] : cursorOf(after)
  return Effect.map(
    sql.query(
      `SELECT id, hash, attempts, payload, enqueued_at FROM sendmux_ledger_items
        WHERE scope = ? AND state = 'free' AND payload IS NOT NULL
          ${time === undefined ? "" : "AND (enqueued_at > ? OR (enqueued_at = ? AND id > ?))"}
        ORDER BY enqueued_at, id LIMIT ?`,
      [scope, ...(time === undefined || id === undefined ? [] : [time, time, id]), limit]
    ),
    (found) =>
      found.map((row) => ({
        id: text(row, "id"),
        hash: text(row, "hash"),
        attempts: Number(row["attempts"]),
        payload: text(row, "payload"),
        cursor: JSON.stringify([Number(row["enqueued_at"]), text(row, "id")])
      }))
  )
}

// -----------------------------------------------------------------------------
// rows
// -----------------------------------------------------------------------------

const byId = (a: ChunkItem, b: ChunkItem): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

const rows = (count: number, row: string): string => new Array<string>(count).fill(row).join(", ")

const changed = (sql: Sql, statement: string, values: ReadonlyArray<string | number | null>) =>
  Effect.map(sql.query(statement, values), (found) => found.length > 0)

const text = (row: Row, column: string): string => String(row[column] ?? "")

const stateName = {
  Free: "free",
  InFlight: "flight",
  Queued: "queued",
  Rejected: "rejected",
  Unconfirmed: "unconfirmed"
} as const

const detailOf = (state: SettledState | FreeState): string | null => {
  switch (state._tag) {
    case "Free":
      return null
    case "Queued":
      return state.message_id
    case "Rejected":
      return JSON.stringify(state.error)
    case "Unconfirmed":
      return state.reason
  }
}

const stateOf = (row: Row): ItemState => {
  const detail = text(row, "detail")
  switch (row["state"]) {
    case "queued":
      return { _tag: "Queued", message_id: detail }
    case "rejected":
      return { _tag: "Rejected", error: JSON.parse(detail) }
    case "unconfirmed":
      // Only this file writes the column.
      return { _tag: "Unconfirmed", reason: detail as UnconfirmedReason }
    case "free":
      return { _tag: "Free", attempts: Number(row["attempts"]) }
    default:
      return { _tag: "InFlight" }
  }
}

const recordsOf = (
  sql: Sql,
  scope: string,
  ids: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<ItemRecord>, SqlFailure> =>
  ids.length === 0
    ? Effect.succeed([])
    : Effect.map(
        sql.query(
          `SELECT id, hash, state, attempts, detail FROM sendmux_ledger_items
            WHERE scope = ? AND id IN (${rows(ids.length, "?")})`,
          [scope, ...ids]
        ),
        (found) => found.map((row) => ({ id: text(row, "id"), hash: text(row, "hash"), state: stateOf(row) }))
      )

const chunkOf = (row: Row): LedgerChunk => ({
  key: text(row, "chunk"),
  sentAt: Number(row["sent_at"]),
  items: JSON.parse(text(row, "items")),
  body: text(row, "body")
})

const cursorOf = (cursor: string): readonly [number, string] => JSON.parse(cursor)

// -----------------------------------------------------------------------------
// failures
// -----------------------------------------------------------------------------

const maxTries = 6

/** Failures after which the same operation may succeed: a lock that was not free, a deadlock, a lost connection. */
const passing = /^(SQLITE_BUSY|SQLITE_LOCKED|40001|40P01|55P03|57P0|08|53300|ECONN|EPIPE|ETIMEDOUT)/

/**
 * Runs an operation, which may be repeated after any failure. Its delays ignore a `Call.deadline`: what was sent has to be
 * recorded, and six of them take a few seconds.
 */
const operation = <A>(
  action: string,
  run: Effect.Effect<A, SqlFailure | LedgerError>
): Effect.Effect<A, LedgerError> => {
  const attempt = (tries: number): Effect.Effect<A, LedgerError> =>
    catchAll(run, (error) => {
      if (error._tag === "LedgerError") return Effect.fail(error)
      const { code } = error
      if (code !== undefined && passing.test(code) && tries < maxTries) {
        return Effect.flatMap(Effect.sleep(doubled(50, 2_000, tries)), () => attempt(tries + 1))
      }
      return Effect.fail(
        new LedgerError({ action, reason: `the database reported ${code ?? "an error without a code"}` })
      )
    })
  return attempt(0)
}
