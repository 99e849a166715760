/**
 * The part of the dialect for SQLite in a file of this machine.
 */
import * as SqliteClient from "@effect/sql-sqlite-node/SqliteClient"
import * as Layer from "effect/Layer"
import type { SqlClient } from "./shared/sql.js"

/** Opens a database file, and creates it if it does not exist. `onProblem` makes the error if it cannot be opened. */
export const sqliteLayer = <E>(
  filename: string,
  onProblem: (code: string | undefined) => E
): Layer.Layer<SqlClient, E> =>
  Layer.catchAllCause(SqliteClient.layer({ filename }), (cause) => Layer.fail(onProblem(codeOfDefect(cause))))

/** The driver throws if it cannot open the file. */
const codeOfDefect = (cause: unknown): string | undefined =>
  /SQLITE_[A-Z_]+|unable to open database file|directory does not exist/.exec(String(cause))?.[0]
