import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Sandbox, Sending } from "../../src/index.js"
import { SendingFiles } from "../../src/SendingFiles.js"
import { email } from "../support/http.js"

const layer = SendingFiles.layer.pipe(
  Layer.provideMerge(Sending.layer({ apiKey: Sandbox.mailboxKey })),
  Layer.provideMerge(Sandbox.layer),
  Layer.provideMerge(NodeContext.layer)
)

/** A folder with a file of each kind. */
const folder = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const root = yield* fs.makeTempDirectoryScoped()
  yield* fs.writeFileString(`${root}/report.pdf`, "a report")
  yield* fs.writeFileString(`${root}/notes`, "without an ending")
  yield* fs.writeFileString(`${root}/empty.txt`, "")
  yield* fs.writeFile(`${root}/large.bin`, new Uint8Array(18_874_369))
  return root
})

describe("uploadFile", () => {
  it.scoped("sends the bytes under the file's name and type", () =>
    Effect.gen(function* () {
      const { attachments } = yield* SendingFiles
      const root = yield* folder
      expect(yield* attachments.uploadFile(`${root}/report.pdf`)).toMatchObject({
        filename: "report.pdf",
        content_type: "application/pdf",
        size_bytes: 8
      })
      const renamed = yield* attachments.uploadFile({ path: `${root}/notes`, filename: "notes.md" })
      expect(renamed).toMatchObject({ filename: "notes.md", content_type: "text/markdown" })
    }).pipe(Effect.provide(layer))
  )

  it.scoped("refuses a directory, an empty, an oversized and a missing file before anything is sent", () =>
    Effect.gen(function* () {
      const { attachments } = yield* SendingFiles
      const control = yield* Sandbox.Control
      const root = yield* folder
      const refused = (path: string) =>
        Effect.map(Effect.flip(attachments.uploadFile(path)), (error) => [error._tag, error.message])
      const refusal = (path: string, problem: string) => [
        "InvalidRequestError",
        `Nothing was sent: ${path} ${problem}`
      ]
      expect(yield* refused(root)).toEqual(refusal(root, "is a directory: pass the path of a file"))
      expect(yield* refused(`${root}/empty.txt`)).toEqual(
        refusal(`${root}/empty.txt`, "is empty: the API accepts files of at least one byte")
      )
      expect(yield* refused(`${root}/large.bin`)).toEqual(
        refusal(`${root}/large.bin`, "has 18874369 bytes, and the API accepts at most 18874368")
      )
      expect(yield* refused(`${root}/none`)).toEqual(refusal(`${root}/none`, "does not exist"))
      expect(yield* control.requests).toHaveLength(0)
    }).pipe(Effect.provide(layer))
  )
})

describe("sendWithFiles", () => {
  it.scoped("uploads the files and sends them beside the message's own attachments", () =>
    Effect.gen(function* () {
      const { emails } = yield* SendingFiles
      const control = yield* Sandbox.Control
      const root = yield* folder
      const own = { filename: "own.txt", content: new TextEncoder().encode("own") }
      const sent = yield* emails.sendWithFiles({ ...email, attachments: [own] }, [
        `${root}/report.pdf`,
        { path: `${root}/notes`, filename: "notes.txt" }
      ])
      const [message] = yield* control.outbox
      expect(message?.id).toBe(sent.message_id)
      expect(message?.attachments.map(({ filename }) => filename)).toEqual([
        "own.txt",
        "report.pdf",
        "notes.txt"
      ])
    }).pipe(Effect.provide(layer))
  )

  it.scoped("sends nothing again when it runs again under the same key", () =>
    Effect.gen(function* () {
      const { emails } = yield* SendingFiles
      const control = yield* Sandbox.Control
      const root = yield* folder
      const send = (key: string) =>
        emails.sendWithFiles(email, [`${root}/report.pdf`, `${root}/notes`], { idempotencyKey: key })
      for (const key of ["invoice-1", "k".repeat(255)]) {
        expect(yield* send(key)).toEqual(yield* send(key))
      }
      expect(yield* control.outbox).toHaveLength(2)
    }).pipe(Effect.provide(layer))
  )

  it.scoped("looks at every file, and counts them, before the first is uploaded", () =>
    Effect.gen(function* () {
      const { emails } = yield* SendingFiles
      const control = yield* Sandbox.Control
      const root = yield* folder
      const missing = yield* Effect.flip(emails.sendWithFiles(email, [`${root}/report.pdf`, `${root}/none`]))
      expect(missing).toMatchObject({ _tag: "InvalidRequestError", operation: "sending.emails.send" })
      const many = yield* Effect.flip(
        emails.sendWithFiles(
          email,
          Array.from({ length: 11 }, () => `${root}/report.pdf`)
        )
      )
      expect(many.message).toContain("11 attachments, and may have 10")
      expect(yield* control.requests).toHaveLength(0)
    }).pipe(Effect.provide(layer))
  )

  it.scoped("looks at the message and its options before the first file is uploaded", () =>
    Effect.gen(function* () {
      const { emails } = yield* SendingFiles
      const control = yield* Sandbox.Control
      const root = yield* folder
      const files = [`${root}/report.pdf`]
      const unfit = yield* Effect.flip(emails.sendWithFiles({ ...email, subject: "one\ntwo" }, files))
      expect(unfit.message).toBe("Nothing was sent: subject must not contain a line break")
      const options = { idempotencyKey: "k".repeat(256) }
      const long = yield* Effect.flip(emails.sendWithFiles(email, files, options))
      expect(long.message).toContain("idempotencyKey must be 1 to 255 characters")
      expect(yield* control.requests).toHaveLength(0)
    }).pipe(Effect.provide(layer))
  )
})
