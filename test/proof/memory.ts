/**
 * Measures the memory of a run: over a client that accepts every batch at once, with a ledger in an SQLite file.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Bulk } from "../../src/Bulk.js"
import * as LedgerSqlite from "../../src/LedgerSqlite.js"
import { Sending } from "../../src/Sending.js"

/** Accepts every message of a batch. */
const accepting = HttpClient.make((request) =>
  Effect.sync(() => {
    const text = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
    const { messages } = JSON.parse(text) as { readonly messages: ReadonlyArray<unknown> }
    const results = messages.map((_, index) => ({ index, message_id: `eml_${index}`, status: "queued" }))
    const summary = { total: results.length, queued: results.length, failed: 0 }
    const body = { ok: true, data: { results, summary }, meta: { request_id: "req_1" } }
    return HttpClientResponse.fromWeb(request, Response.json(body))
  })
)

const html_body = `<p>${"News of the day. ".repeat(40)}</p>`

const source = (count: number) =>
  Stream.map(Stream.range(0, count - 1), (index) => ({
    id: `m${index}`,
    email: {
      from: { email: "news@example.com" },
      to: { email: `m${index}@example.com` },
      subject: `News ${index}`,
      html_body
    }
  }))

/** The sizes of the process after a part of the messages. */
export interface MemorySample {
  readonly sent: number
  readonly rss: number
  readonly heap: number
}

export const measureMemory = async (
  messages: number,
  log: (line: string) => void
): Promise<ReadonlyArray<MemorySample>> => {
  const directory = mkdtempSync(join(tmpdir(), "bulk-memory-"))
  const layer = Layer.merge(
    Layer.provide(
      Sending.layer({ apiKey: Redacted.make("smx_mbx_memory") }),
      Layer.succeed(HttpClient.HttpClient, accepting)
    ),
    LedgerSqlite.layer({ filename: join(directory, "ledger.sqlite") })
  )
  const samples: Array<MemorySample> = []
  const startedAt = performance.now()
  const cpu = process.cpuUsage()
  let sent = 0
  const every = Math.max(1_000, Math.ceil(messages / 20))
  const program = Bulk.send(source(messages), { campaign: "memory" }).pipe(
    Stream.runForEach(() =>
      Effect.sync(() => {
        if (++sent % every !== 0) return
        const { heapUsed, rss } = process.memoryUsage()
        samples.push({ sent, rss: rss / 2 ** 20, heap: heapUsed / 2 ** 20 })
        log(
          `${sent} messages: RSS ${Math.round(rss / 2 ** 20)} MiB, heap ${Math.round(heapUsed / 2 ** 20)} MiB`
        )
      })
    ),
    Effect.provide(layer)
  )
  try {
    await Effect.runPromise(program)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  const seconds = (performance.now() - startedAt) / 1000
  const { system, user } = process.cpuUsage(cpu)
  log(
    `${messages} messages in ${seconds.toFixed(1)} s, ${((user + system) / messages).toFixed(1)} µs CPU per message`
  )
  return samples
}
