/** Delivers an event to each receiver: with a wrong signature, and twice with the right one, before and after a restart. */
import assert from "node:assert/strict"
import { once } from "node:events"
import { mkdtempSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import Database from "better-sqlite3"
import { sign } from "effect-sendmux/Webhooks"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

const secret = "whsec_example"
process.env["SENDMUX_WEBHOOK_SECRET"] = secret
process.chdir(mkdtempSync(join(tmpdir(), "webhooks-")))

type Receive = (request: Request) => Response | Promise<Response>

const deliver = async (receive: Receive, id: string, key = secret) => {
  const body = JSON.stringify({
    id,
    type: "sendmux.test",
    team_public_id: "team_1",
    occurred_at: "2026-05-21T09:12:00Z",
    data: { recipients: [], webhook_id: "whk_1" }
  })
  const headers = await Effect.runPromise(sign({ body, secret: Redacted.make(key) }))
  const response = await receive(
    new Request("http://localhost/webhooks/sendmux", { method: "POST", body, headers })
  )
  return response.status
}

/** The number of events that a receiver has logged while a function ran. */
const handledDuring = async (run: () => Promise<void>): Promise<number> => {
  const { log } = console
  let handled = 0
  console.log = (...values) => {
    if (values.join(" ").includes("sendmux.test")) handled++
  }
  try {
    await run()
  } finally {
    console.log = log
  }
  return handled
}

/** Checks a receiver, and another one with the same store, which stands for the receiver after a restart. */
const check = async (id: string, before: Receive, after: Receive) => {
  const handled = await handledDuring(async () => {
    assert.equal(await deliver(before, id, "whsec_another"), 401)
    assert.equal(await deliver(before, id), 200)
    assert.equal(await deliver(before, id), 200)
    assert.equal(await deliver(after, id), 200)
  })
  assert.equal(handled, 1)
}

/** Loads a receiver again, as a restarted process does. */
const load = <A>(path: string, run: number): Promise<A> => import(`${path}?run=${run}`)

test("Hono", async () => {
  const [before, after] = await Promise.all(
    [1, 2].map((run) => load<{ app: { fetch: Receive } }>("./hono.ts", run))
  )
  assert(before && after)
  await check("evt_hono", before.app.fetch, after.app.fetch)
})

test("Next.js", async () => {
  const [before, after] = await Promise.all([1, 2].map((run) => load<{ POST: Receive }>("./next.ts", run)))
  assert(before && after)
  await check("evt_next", before.POST, after.POST)
})

test("Express", async () => {
  const serve = async (run: number) => {
    const { app } = await load<typeof import("./express.js")>("./express.ts", run)
    const server = createServer(app).listen(0, "127.0.0.1")
    await once(server, "listening")
    const { port } = server.address() as AddressInfo
    const receive: Receive = async (request) =>
      fetch(`http://127.0.0.1:${port}/webhooks/sendmux`, {
        method: "POST",
        headers: request.headers,
        body: await request.arrayBuffer()
      })
    return { receive, close: () => server.close() }
  }
  const [before, after] = [await serve(1), await serve(2)]
  await check("evt_express", before.receive, after.receive)
  before.close()
  after.close()
})

test("Workers", async () => {
  const { default: worker } = await import("./worker.js")
  const sqlite = new Database(":memory:")
  sqlite.exec("CREATE TABLE handled (event TEXT PRIMARY KEY, at INTEGER DEFAULT (unixepoch()))")
  // The part of D1 that the receiver uses, over SQLite.
  const DB = {
    prepare: (query: string) => ({
      bind: (...values: ReadonlyArray<unknown>) => ({
        first: async () => sqlite.prepare(query).get(...values) ?? null,
        run: async () => sqlite.prepare(query).run(...values)
      })
    })
  }
  const env = { DB, SENDMUX_WEBHOOK_SECRET: secret } as unknown as Parameters<typeof worker.fetch>[1]
  const receive: Receive = (request) => worker.fetch(request, env, { waitUntil: () => {} })
  await check("evt_worker", receive, receive)
})
