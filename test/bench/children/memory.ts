/**
 * Reads one long stream with the SDK, and samples on the way what is alive after a garbage collection.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Mailbox, type MailboxService } from "../../../src/Mailbox.js"
import { attachmentId, mailboxKey, pageSize } from "../fixtures.js"
import { report, request } from "../harness/child.js"

export interface MemoryRequest {
  readonly stream: "messages" | "download" | "events"
  readonly origin: string
  /** Messages, bytes or events. */
  readonly units: number
}

export interface MemoryResult {
  readonly units: number
  /** Bytes alive after each tenth of the stream. */
  readonly alive: ReadonlyArray<number>
  readonly peak: number
}

const samples = 10

const alive = (): number => {
  globalThis.gc?.()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** Runs a stream and samples after each tenth. */
const sampled = <A, E>(stream: Stream.Stream<A, E>, whole: number, size: (element: A) => number) =>
  Effect.suspend(() => {
    const taken: Array<number> = []
    let units = 0
    const count = (element: A) =>
      Effect.sync(() => {
        units += size(element)
        if (units >= ((taken.length + 1) * whole) / samples) taken.push(alive())
      })
    return Effect.map(Stream.runForEach(stream, count), () => ({ units, alive: taken }))
  })

const read = (mailbox: MailboxService, { stream, units }: MemoryRequest) => {
  const one = () => 1
  switch (stream) {
    case "messages": {
      // The loopback server counts the pages down from `q`.
      const list = mailbox.messages.list({ q: String(units / pageSize), limit: pageSize })
      return sampled(list, units, one)
    }
    case "download":
      return sampled(
        mailbox.attachments.download("msg_1", attachmentId(units)),
        units,
        (chunk) => chunk.byteLength
      )
    case "events":
      return sampled(Stream.take(mailbox.events.stream(), units), units, one)
  }
}

const input = request<MemoryRequest>()
const program = Effect.gen(function* () {
  const mailbox = yield* Mailbox.make({ apiKey: Redacted.make(mailboxKey), baseUrl: input.origin })
  return yield* read(mailbox, input)
})
const { alive: taken, units } = await Effect.runPromise(Effect.provide(program, NodeHttpClient.layerUndici))
if (units !== input.units) throw new Error(`read ${units} instead of ${input.units}`)
const result: MemoryResult = { units, alive: taken, peak: process.resourceUsage().maxRSS * 1024 }
report(result)
