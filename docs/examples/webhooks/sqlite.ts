import Database from "better-sqlite3"
import { DedupeStore, DedupeStoreError } from "effect-sendmux/Webhooks"
import * as Effect from "effect/Effect"

const attempt = <A>(action: "isDone" | "markDone", run: () => A) =>
  Effect.try({ try: run, catch: (error) => new DedupeStoreError({ action, reason: String(error) }) })

/** Remembers the handled events in an SQLite file. */
export const dedupeIn = (filename: string) => {
  const db = new Database(filename)
  db.exec("CREATE TABLE IF NOT EXISTS handled (event TEXT PRIMARY KEY, at INTEGER DEFAULT (unixepoch()))")
  const isDone = db.prepare("SELECT 1 FROM handled WHERE event = ?")
  const markDone = db.prepare("INSERT OR IGNORE INTO handled (event) VALUES (?)")
  // Sendmux delivers an event again for 24 hours.
  db.exec("DELETE FROM handled WHERE at < unixepoch() - 7 * 24 * 3600")
  return DedupeStore.layer({
    isDone: (id) => attempt("isDone", () => isDone.get(id) !== undefined),
    markDone: (id) => attempt("markDone", () => markDone.run(id))
  })
}
