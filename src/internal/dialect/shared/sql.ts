/**
 * The part of the dialect for SQL: statements with `?` for each value, on SQLite and PostgreSQL.
 */
import * as Client from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"

/** The platform's SQL client, which is also the tag of its service. */
export type SqlClient = Client.SqlClient

/** A statement failed. It contains neither the statement nor its values. */
export interface SqlFailure {
  readonly _tag: "SqlFailure"
  /** The code of the database or of the operating system, such as `SQLITE_BUSY` or `40001`, if there is one. */
  readonly code: string | undefined
}

export type Row = Readonly<Record<string, unknown>>

export interface Sql {
  /** `undefined` for a database that is neither. */
  readonly kind: "sqlite" | "pg" | undefined
  /** Runs a statement with a value for each `?`, and returns its rows. */
  readonly query: (
    text: string,
    values: ReadonlyArray<string | number | null>
  ) => Effect.Effect<ReadonlyArray<Row>, SqlFailure>
  /** Runs statements in one transaction, which is rolled back if the effect fails. Within a transaction it joins that. */
  readonly transaction: <A, E>(self: Effect.Effect<A, E>) => Effect.Effect<A, E | SqlFailure>
}

const codePattern = /^[A-Z0-9_]{3,40}$/

/** The first code in the chain of causes. */
const codeOf = (error: unknown, depth = 0): string | undefined => {
  if (typeof error !== "object" || error === null || depth > 4) return undefined
  if ("code" in error && typeof error.code === "string" && codePattern.test(error.code)) return error.code
  return "cause" in error ? codeOf(error.cause, depth + 1) : undefined
}

const toFailure = (error: SqlError): SqlFailure => ({ _tag: "SqlFailure", code: codeOf(error) })

const isSqlError = (error: unknown): error is SqlError =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "SqlError"

/** Replaces each `?` by the numbered parameter of PostgreSQL. */
const numbered = (text: string): string => {
  let count = 0
  return text.replace(/\?/g, () => `$${++count}`)
}

/** Succeeds with the SQL client of the program. */
export const currentSql: Effect.Effect<Sql, never, SqlClient> = Effect.map(Client.SqlClient, (client) => {
  const plain = client.withoutTransforms()
  const kind = client.onDialectOrElse({
    sqlite: () => "sqlite" as const,
    pg: () => "pg" as const,
    orElse: () => undefined
  })
  return {
    kind,
    query: (text, values) =>
      Effect.mapError(plain.unsafe<Row>(kind === "pg" ? numbered(text) : text, values), toFailure),
    transaction: <A, E>(self: Effect.Effect<A, E>) =>
      Effect.mapError(client.withTransaction(self), (error): E | SqlFailure =>
        isSqlError(error) ? toFailure(error) : error
      )
  }
})
