/**
 * Receives webhooks with Hono, handles each event once, also after a restart, and keeps the addresses that bounced in SQLite.
 */
import { serve } from "@hono/node-server"
import Database from "better-sqlite3"
import { Management } from "effect-sendmux"
import * as Credentials from "effect-sendmux/Credentials"
import { DedupeStore, DedupeStoreError, toHandler, type WebhookEvent } from "effect-sendmux/Webhooks"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import { Hono } from "hono"

const db = new Database(process.env["DATABASE"] ?? "webhooks.sqlite")
db.exec(`
  CREATE TABLE IF NOT EXISTS handled (event TEXT PRIMARY KEY, at INTEGER DEFAULT (unixepoch())) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS suppressed (address TEXT PRIMARY KEY, event TEXT) WITHOUT ROWID;
`)
const isHandled = db.prepare("SELECT 1 FROM handled WHERE event = ?")
const markHandled = db.prepare("INSERT OR IGNORE INTO handled (event) VALUES (?)")
const suppress = db.prepare("INSERT OR IGNORE INTO suppressed VALUES (?, ?)")

/** Remembers the handled events. If the database fails, the response is 500, and Sendmux delivers the event again. */
const attempt = <A>(action: "isDone" | "markDone", run: () => A) =>
  Effect.try({ try: run, catch: (error) => new DedupeStoreError({ action, reason: String(error) }) })
const dedupe = DedupeStore.layer({
  isDone: (id) => attempt("isDone", () => isHandled.get(id) !== undefined),
  markDone: (id) => attempt("markDone", () => markHandled.run(id))
})

const onEvent = (event: WebhookEvent) =>
  Effect.sync(() => {
    console.log(event.type === "unknown" ? event.event_type : event.type, event.id, event.data.recipients)
    const isFinal = event.type === "message.bounced" && event.data.bounce_type === "Permanent"
    if (!isFinal && event.type !== "message.complained") return
    for (const address of event.data.recipients) suppress.run(address, event.id)
  })

const port = Number(process.env["PORT"] ?? 3000)
const url = `http://127.0.0.1:${port}/webhooks/sendmux`

/** In a sandbox, the receiver creates the webhook itself. With an account, you create it once, and keep the secret. */
const sandbox = process.env["SENDMUX_SANDBOX_URL"]
const createWebhook = Effect.gen(function* () {
  const { webhooks } = yield* Management
  return (yield* webhooks.create({ url, event_types: ["message.delivered", "message.bounced"] })).secret
}).pipe(
  Effect.provide(Management.layerConfig(Credentials.env("management"))),
  Effect.provide(FetchHttpClient.layer)
)
const secrets = sandbox === undefined ? Config.redacted("SENDMUX_WEBHOOK_SECRET") : createWebhook

const receive = toHandler({ secrets: await Effect.runPromise(secrets), dedupe }, onEvent)

const app = new Hono()
// The raw request: no middleware may have read its body, because the signature covers the bytes.
app.post("/webhooks/sendmux", ({ req }) => receive(req.raw))
app.get("/suppressed", ({ json }) => json(db.prepare("SELECT * FROM suppressed").all()))
const server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, () => {
  console.log(`Listening for deliveries on ${url}`)
  if (sandbox === undefined) return
  const send = `curl ${sandbox}/sending/api/v1/emails/send -H "authorization: Bearer smx_mbx_sandbox"`
  const mail = {
    from: { email: "a@sandbox.test" },
    to: { email: "bounce@example.org" },
    subject: "Hi",
    html_body: "Hi"
  }
  console.log(`Let a mail bounce:  ${send} -H content-type:application/json -d '${JSON.stringify(mail)}'`)
  console.log(`See what happened:  curl http://127.0.0.1:${port}/suppressed`)
})
process.once("SIGTERM", () => server.close(() => void receive.dispose()))
