/**
 * The probe of the entries for files, which need the `FileSystem` of a platform package. It is a program of its own, because
 * it runs only on runtimes that have a disk.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Mailbox } from "effect-sendmux/Mailbox"
import { MailboxFiles } from "effect-sendmux/MailboxFiles"
import * as Sandbox from "effect-sendmux/Sandbox"
import { Sending } from "effect-sendmux/Sending"
import { SendingFiles } from "effect-sendmux/SendingFiles"
import type { Job, Outcome } from "./probes.js"

const check = (holds: boolean, claim: string): void => {
  if (!holds) throw new Error(`Expected ${claim}`)
}

const files = (path: string) =>
  Effect.gen(function* () {
    const { emails } = yield* SendingFiles
    const email = {
      from: { email: "hello@example.com" },
      to: { email: "ada@example.org" },
      subject: "Probe: files",
      html_body: "<p>Hello</p>"
    }
    const { status } = yield* emails.sendWithFiles(email, [path])
    check(status === "queued", `a queued message, and received the status ${status}`)

    const { attachments } = yield* MailboxFiles
    const { size_bytes } = yield* attachments.uploadFile(path)
    check(size_bytes === 5, `an upload of 5 bytes, and received ${size_bytes}`)

    const error = yield* Effect.flip(attachments.uploadFile(`${path}.missing`))
    check(error._tag === "InvalidRequestError", `a missing file to be refused, and received ${error._tag}`)
  })

const services = ({ origin }: Job) => {
  const surfaces = Layer.merge(
    Sending.layer({ apiKey: Sandbox.mailboxKey, baseUrl: `${origin}/sending/api/v1` }),
    Mailbox.layer({ apiKey: Sandbox.mailboxKey, baseUrl: `${origin}/app/api/v1` })
  ).pipe(Layer.provide(FetchHttpClient.layer))
  return Layer.merge(SendingFiles.layer, MailboxFiles.layer).pipe(
    Layer.provide(Layer.merge(surfaces, NodeFileSystem.layer))
  )
}

/** Uploads a file of 5 bytes with both entries. */
export const run = async (job: Job & { readonly file: string }): Promise<ReadonlyArray<Outcome>> => {
  const start = Date.now()
  let problem: string | null = null
  try {
    await Effect.runPromise(files(job.file).pipe(Effect.timeout("60 seconds"), Effect.provide(services(job))))
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error)
  }
  return [{ probe: "files", problem, millis: Date.now() - start }]
}
