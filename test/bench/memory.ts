/**
 * Whether memory stays flat in streams: what is alive after a collection, and what the process holds, sampled on
 * the way.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Mailbox, type MailboxService } from "../../src/Mailbox.js"
import { downloadBytes, mailboxKey, pageSize } from "./fixtures.js"
import { withServer } from "./loopback.js"
import { megabytes, table } from "./report.js"

interface Sample {
  readonly alive: number
  readonly resident: number
}

const sample = (): Sample => {
  globalThis.gc?.()
  const { arrayBuffers, heapUsed, rss } = process.memoryUsage()
  return { alive: heapUsed + arrayBuffers, resident: rss }
}

/** Runs a stream, sampling whenever `size` says that one more share of the whole has come. */
const sampled = <A, E>(
  stream: Stream.Stream<A, E>,
  whole: number,
  size: (element: A) => number
): Effect.Effect<{ readonly came: number; readonly samples: ReadonlyArray<Sample> }, E> =>
  Effect.suspend(() => {
    const samples: Array<Sample> = []
    const share = whole / 10
    let came = 0
    return Effect.map(
      Stream.runForEach(stream, (element) =>
        Effect.sync(() => {
          came += size(element)
          if (came >= share * (samples.length + 1)) samples.push(sample())
        })
      ),
      () => ({ came, samples })
    )
  })

const row = (
  what: string,
  came: string,
  samples: ReadonlyArray<Sample>,
  millis: number
): ReadonlyArray<string> => {
  // The first share is left out: pools and compiled code are being made.
  const settled = samples.slice(1)
  const alive = settled.map((one) => one.alive)
  return [
    what,
    came,
    megabytes(Math.min(...alive)),
    megabytes(Math.max(...alive)),
    megabytes(Math.max(...settled.map((one) => one.resident))),
    `${(millis / 1000).toFixed(1)} s`
  ]
}

export const memory = ({ quick }: { readonly quick: boolean }): Promise<void> =>
  withServer(async (origin) => {
    const messages = quick ? 20_000 : 100_000
    const make = Mailbox.make({ apiKey: Redacted.make(mailboxKey), baseUrl: origin })
    const measure = (mailbox: MailboxService) =>
      Effect.gen(function* () {
        const start = performance.now()
        // The loopback server counts the pages down from `q`.
        const listed = yield* sampled(
          mailbox.messages.list({ q: String(messages / pageSize), limit: pageSize }),
          messages,
          () => 1
        )
        const listedAt = performance.now()
        const downloaded = yield* sampled(
          mailbox.attachments.download("msg_1", "att_1"),
          downloadBytes,
          (chunk) => chunk.byteLength
        )
        return [
          row("messages streamed", String(listed.came), listed.samples, listedAt - start),
          row("download", megabytes(downloaded.came), downloaded.samples, performance.now() - listedAt)
        ]
      })
    const rows = await Effect.runPromise(
      Effect.provide(Effect.flatMap(make, measure), NodeHttpClient.layerUndici)
    )
    console.log("Memory in streams, after a collection at every tenth\n")
    console.log(table(["", "came", "alive, least", "alive, most", "resident, most", "took"], rows))
  })
