import type { D1Database, ExecutionContext } from "@cloudflare/workers-types"
import { DedupeStore, DedupeStoreError, toHandler } from "effect-sendmux/Webhooks"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

/** The table: CREATE TABLE handled (event TEXT PRIMARY KEY, at INTEGER DEFAULT (unixepoch())) */
interface Env {
  readonly DB: D1Database
  readonly SENDMUX_WEBHOOK_SECRET: string
}

const attempt = <A>(action: "isDone" | "markDone", run: () => Promise<A>) =>
  Effect.tryPromise({ try: run, catch: (error) => new DedupeStoreError({ action, reason: String(error) }) })

const dedupeIn = (db: D1Database) =>
  DedupeStore.layer({
    isDone: (id) =>
      Effect.map(
        attempt("isDone", () => db.prepare("SELECT 1 FROM handled WHERE event = ?").bind(id).first()),
        (row) => row !== null
      ),
    markDone: (id) =>
      attempt("markDone", () => db.prepare("INSERT OR IGNORE INTO handled (event) VALUES (?)").bind(id).run())
  })

export default {
  async fetch(request: Request, env: Env, context: Pick<ExecutionContext, "waitUntil">): Promise<Response> {
    // A handler for each request, because a Worker must not wait for a promise of another request.
    const receive = toHandler(
      { secrets: Redacted.make(env.SENDMUX_WEBHOOK_SECRET), dedupe: dedupeIn(env.DB) },
      (event) => Effect.log(event.type)
    )
    const response = await receive(request)
    context.waitUntil(receive.dispose())
    return response
  }
}
