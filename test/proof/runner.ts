/**
 * A sender of the proof, which may be killed at any time. It prints a line when it starts to send, and one with its
 * outcomes at its end.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Bulk, type BulkMessage, Ledger, Outbox, type Outcome } from "../../src/Bulk.js"
import * as LedgerSql from "../../src/LedgerSql.js"
import * as LedgerSqlite from "../../src/LedgerSqlite.js"
import * as Sandbox from "../../src/Sandbox.js"
import { Sending } from "../../src/Sending.js"

export interface RunnerArgument {
  readonly url: string
  readonly messages: number
  readonly outbox: boolean
  /** The path of an SQLite file, or the URL of a PostgreSQL database. */
  readonly ledger: string
  readonly lease: number
  readonly concurrency: number
}

/** What a runner prints at its end. */
export interface RunnerResult {
  readonly outcomes: Readonly<Record<string, number>>
  readonly maxRss: number
}

const argument = JSON.parse(process.argv[2] ?? "{}") as RunnerArgument
const { concurrency, lease, ledger, messages, url } = argument

const body = `<p>${"News of the day. ".repeat(40)}</p>`

const messageOf = (index: number): BulkMessage => ({
  id: `m${index}`,
  email: {
    from: { email: "news@example.com" },
    to: { email: `m${index}@example.com` },
    subject: `News ${index}`,
    html_body: body
  }
})

function* range(from: number, to: number) {
  for (let index = from; index < to; index++) yield index
}

const counts: Record<string, number> = {}
const count = ({ _tag }: Outcome) =>
  Effect.sync(() => {
    counts[_tag] = (counts[_tag] ?? 0) + 1
  })

const print = (value: unknown) => Effect.sync(() => process.stdout.write(`${JSON.stringify(value)}\n`))

const bulk = Bulk.send(Stream.map(Stream.fromIterable(range(0, messages)), messageOf), {
  campaign: "proof",
  concurrency,
  lease,
  total: messages
}).pipe(Stream.runForEach(count))

const scope = "outbox:default"

/** The messages from `from` whose state in the ledger `has` what is asked for. */
const withState = (from: number, has: (state: string | undefined) => boolean) =>
  Effect.gen(function* () {
    const service = yield* Ledger
    const found: Array<number> = []
    for (let start = from; start < messages; start += 1_000) {
      const indexes = [...range(start, Math.min(messages, start + 1_000))]
      const records = yield* service.lookup(
        scope,
        indexes.map((index) => messageOf(index).id)
      )
      const states = new Map(records.map(({ id, state }) => [id, state._tag]))
      found.push(...indexes.filter((index) => has(states.get(messageOf(index).id))))
    }
    return found
  })

/** An application that sends messages one by one, and drains the outbox in the background after a restart. */
const outbox = Effect.gen(function* () {
  const unknown = yield* withState(0, (state) => state === undefined)
  yield* Effect.forEach(
    unknown,
    (index) => {
      const { email, id } = messageOf(index)
      return Outbox.send(email, { id, lease })
    },
    { concurrency, discard: true }
  )
  yield* Stream.runDrain(Outbox.drain({ lease }))
  counts["Queued"] = (yield* withState(0, (state) => state === "Queued")).length
}).pipe(Effect.provide(Outbox.layer({ lease, every: 100 })))

const ledgerLayer = ledger.startsWith("postgres")
  ? Layer.provide(LedgerSql.layer, PgClient.layer({ url: Redacted.make(ledger), maxConnections: 4 }))
  : LedgerSqlite.layer({ filename: ledger })

const services = Layer.merge(
  ledgerLayer,
  Layer.provide(
    Sending.layer({ apiKey: Sandbox.mailboxKey, baseUrl: `${url}/sending/api/v1`, timeout: "20 seconds" }),
    NodeHttpClient.layerUndici
  )
)

const program = Effect.gen(function* () {
  yield* print("started")
  yield* argument.outbox ? outbox : bulk
  yield* print({ outcomes: counts, maxRss: process.resourceUsage().maxRSS * 1024 } satisfies RunnerResult)
}).pipe(Effect.provide(services), Effect.provide(Logger.minimumLogLevel(LogLevel.Error)))

await Effect.runPromise(program)
