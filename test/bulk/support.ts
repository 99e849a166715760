import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { Bulk, type BulkMessage, type BulkOptions, Ledger, type Outcome } from "../../src/Bulk.js"
import { Retry } from "../../src/index.js"
import * as Sandbox from "../../src/Sandbox.js"
import { Sending } from "../../src/Sending.js"

export const message = (id: string | number, fields: Partial<BulkMessage["email"]> = {}): BulkMessage => ({
  id: `m-${id}`,
  email: {
    from: { email: "news@example.com" },
    to: { email: `reader${id}@example.com` },
    subject: `News ${id}`,
    html_body: "<p>Hi</p>",
    ...fields
  }
})

export const messages = (count: number, first = 0): ReadonlyArray<BulkMessage> =>
  Array.from({ length: count }, (_, index) => message(first + index))

export const options: BulkOptions = { campaign: "news" }

/** Sending over a new sandbox, whose control is provided too. The layer's own retries must play no part. */
export const sandbox = (sandboxOptions: Sandbox.SandboxOptions = {}) =>
  Layer.provideMerge(
    Sending.layer({ apiKey: Sandbox.mailboxKey, retry: Retry.none }),
    Sandbox.layerWith(sandboxOptions)
  )

/** A sandbox and a ledger in memory. */
export const services = (sandboxOptions: Sandbox.SandboxOptions = {}) =>
  Layer.merge(sandbox(sandboxOptions), Ledger.layerMemory)

/** Runs a campaign and collects its outcomes. */
export const collect = <E = never, R = never>(
  source: Stream.Stream<BulkMessage, E, R> | Iterable<BulkMessage>,
  runOptions: BulkOptions = options
) => Effect.map(Stream.runCollect(Bulk.send(source, runOptions)), (chunk) => [...chunk])

/** How often each recipient received a message, in the order of the first. */
export const arrivals = Effect.map(
  Effect.flatMap(Sandbox.Control, ({ outbox }) => outbox),
  (outbox) => {
    const counts = new Map<string, number>()
    for (const { to } of outbox) {
      const address = to[0]?.email ?? ""
      counts.set(address, (counts.get(address) ?? 0) + 1)
    }
    return counts
  }
)

/** The recipients that received their message more than once. */
export const duplicates = Effect.map(arrivals, (counts) =>
  [...counts].filter(([, count]) => count > 1).map(([address]) => address)
)

export const tags = (outcomes: ReadonlyArray<Outcome>): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const { _tag } of outcomes) counts[_tag] = (counts[_tag] ?? 0) + 1
  return counts
}

/** The operation of batches, for faults. */
export const batch = "sending.emails.sendBatch" satisfies Sandbox.OperationName

/** The requests of batches that the sandbox has received. */
export const requests = Effect.map(
  Effect.flatMap(Sandbox.Control, ({ requests }) => requests),
  (seen) => seen.filter(({ operation }) => operation === batch)
)
