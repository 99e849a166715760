/**
 * The jobs written with the SDK, as it is configured by default. A process loads only the surface that it measures.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import type { Ledger, LedgerError } from "../../../src/Bulk.js"
import {
  attachmentId,
  changesPerResponse,
  email,
  emails,
  fileBytes,
  mailboxKey,
  messageId,
  pageSize,
  rootKey
} from "../fixtures.js"
import { effectJob } from "../harness/effectJob.js"
import { concurrency, type Jobs, streamJob } from "../harness/job.js"
import type { TransportLayer } from "./transports.js"
import type { Identified } from "./wire.js"

const isPage = ({ items }: { readonly items: ReadonlyArray<Identified> }): boolean =>
  items.length === pageSize && items[1]?.id.endsWith("01") === true

export const sendmuxJobs = (layer: TransportLayer): Jobs => {
  const runtime = ManagedRuntime.make(layer)
  const sendingAt = async (baseUrl: string) => {
    const { Sending } = await import("../../../src/Sending.js")
    return runtime.runPromise(Sending.make({ apiKey: Redacted.make(mailboxKey), baseUrl }))
  }
  const mailboxAt = async (baseUrl: string) => {
    const { Mailbox } = await import("../../../src/Mailbox.js")
    return runtime.runPromise(Mailbox.make({ apiKey: Redacted.make(mailboxKey), baseUrl }))
  }
  const managementAt = async (baseUrl: string) => {
    const { Management } = await import("../../../src/Management.js")
    return runtime.runPromise(Management.make({ apiKey: Redacted.make(rootKey), baseUrl }))
  }
  const close = () => runtime.dispose()

  /** Sends campaigns with a ledger, each of them under a name of its own. */
  const campaign = async (origin: string, ledger: Layer.Layer<Ledger, LedgerError>, remove: () => void) => {
    const { Bulk } = await import("../../../src/Bulk.js")
    const { Sending } = await import("../../../src/Sending.js")
    const sending = Layer.succeed(Sending, await sendingAt(origin))
    const program = ManagedRuntime.make(Layer.merge(sending, ledger))
    let campaigns = 0
    return streamJob(
      (wanted) => {
        const messages = Stream.map(Stream.range(0, wanted - 1), (index) => ({
          id: `reader-${index}`,
          email: emails[index % pageSize] ?? email
        }))
        const outcomes = Bulk.send(messages, { campaign: `bench-${campaigns++}`, concurrency })
        const queued = Stream.filter(outcomes, ({ _tag }) => _tag === "Queued")
        return program.runPromise(Stream.runFold(queued, 0, (count) => count + 1))
      },
      pageSize,
      async () => {
        await program.dispose()
        await close()
        remove()
      }
    )
  }

  return {
    campaign: async (origin) => {
      const { Ledger } = await import("../../../src/Bulk.js")
      return campaign(origin, Ledger.layerMemory, () => {})
    },
    "campaign-sqlite": async (origin) => {
      const { layer } = await import("../../../src/LedgerSqlite.js")
      const directory = mkdtempSync(join(tmpdir(), "bench-ledger-"))
      const remove = () => rmSync(directory, { recursive: true, force: true })
      return campaign(origin, layer({ filename: join(directory, "ledger.sqlite") }), remove)
    },
    send: async (origin) => {
      const { emails: group } = await sendingAt(origin)
      const call = Effect.suspend(() => group.send(email))
      return effectJob(runtime, call, (sent) => sent.message_id === messageId)
    },
    batch: async (origin) => {
      const { emails: group } = await sendingAt(origin)
      const call = Effect.suspend(() => group.sendBatch({ messages: emails }))
      const isQueued = (item: { readonly _tag: string }) => item._tag === "Queued"
      return effectJob(runtime, call, ({ results }) => results.length === pageSize && results.every(isQueued))
    },
    messages: async (origin) => {
      const { messages } = await mailboxAt(origin)
      return effectJob(
        runtime,
        Effect.suspend(() => messages.list.page({ limit: pageSize })),
        isPage
      )
    },
    logs: async (origin) => {
      const { emails: group } = await managementAt(origin)
      return effectJob(
        runtime,
        Effect.suspend(() => group.listLogs.page({ limit: pageSize })),
        isPage
      )
    },
    download: async (origin) => {
      const { attachments } = await mailboxAt(origin)
      const bytes = Stream.suspend(() => attachments.download("msg_1", attachmentId(fileBytes)))
      const call = Stream.runFold(bytes, 0, (size, chunk) => size + chunk.byteLength)
      return effectJob(runtime, call, (size) => size === fileBytes)
    },
    upload: async (origin) => {
      const { attachments } = await sendingAt(origin)
      const content = new Uint8Array(fileBytes).fill(7)
      const call = Effect.suspend(() => attachments.upload({ filename: "report.bin", content }))
      return effectJob(runtime, call, (attachment) => attachment.size_bytes === fileBytes)
    },
    events: async (origin) => {
      const { events } = await mailboxAt(origin)
      return streamJob(
        (wanted) => {
          const received = Stream.filter(events.stream(), ({ _tag }) => _tag === "MessageReceived")
          return runtime.runPromise(
            received.pipe(
              Stream.take(wanted),
              Stream.runFold(0, (taken) => taken + 1)
            )
          )
        },
        pageSize,
        close
      )
    },
    sync: async (origin) => {
      const { sync } = await mailboxAt(origin)
      return streamJob(
        (wanted) => {
          const changes = sync
            .follow({
              types: ["messages"],
              since: { messages: "0" },
              events: false,
              limit: changesPerResponse
            })
            .pipe(Stream.filter(({ _tag }) => _tag === "Created"))
          return runtime.runPromise(
            changes.pipe(
              Stream.take(wanted),
              Stream.runFold(0, (taken) => taken + 1)
            )
          )
        },
        changesPerResponse,
        close
      )
    }
  }
}
