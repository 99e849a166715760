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

/** A temporary directory with valid and invalid files. */
const folder = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const root = yield* fs.makeTempDirectoryScoped()
  yield* fs.writeFileString(`${root}/report.pdf`, "a report")
  yield* fs.writeFileString(`${root}/notes`, "no extension")
  yield* fs.writeFileString(`${root}/empty.txt`, "")
  yield* fs.writeFile(`${root}/large.bin`, new Uint8Array(18_874_369))
  return root
})

describe("SendingFiles.attachments.uploadFile", () => {
  it.scoped("uploads the bytes with the name of the file and the type of its extension", () =>
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

  it.scoped(
    "rejects a directory, an empty file, an oversized file and a missing file before any file is sent",
    () =>
      Effect.gen(function* () {
        const { attachments } = yield* SendingFiles
        const control = yield* Sandbox.Control
        const root = yield* folder
        const rejected = (path: string) =>
          Effect.map(Effect.flip(attachments.uploadFile(path)), (error) => [error._tag, error.message])
        const rejection = (path: string, problem: string) => [
          "InvalidRequestError",
          `sending.attachments.upload: nothing was sent: ${path} ${problem}`
        ]
        expect(yield* rejected(root)).toEqual(rejection(root, "is a directory: pass the path of a file"))
        expect(yield* rejected(`${root}/empty.txt`)).toEqual(
          rejection(`${root}/empty.txt`, "is empty: the API accepts files of at least one byte")
        )
        expect(yield* rejected(`${root}/none`)).toEqual(rejection(`${root}/none`, "does not exist"))
        expect(yield* control.requests).toHaveLength(0)
        expect(yield* rejected(`${root}/large.bin`)).toEqual(
          rejection("content", "has 18874369 bytes, and the API accepts at most 18874368")
        )
        // The request for a grant, which reports the limit.
        expect(yield* control.requests).toHaveLength(1)
      }).pipe(Effect.provide(layer))
  )
})

describe("SendingFiles.emails.sendWithFiles", () => {
  it.scoped("uploads the files and sends them after the attachments of the message", () =>
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

  it.scoped("sends nothing twice when it is repeated with the same idempotency key", () =>
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

  it.scoped("checks the number of files and every file before it uploads the first", () =>
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
      expect(many.message).toContain("at most 10 attachments, and this one would have 11")
      expect(yield* control.requests).toHaveLength(0)
    }).pipe(Effect.provide(layer))
  )

  it.scoped("checks the message, the options and the file names before it uploads the first file", () =>
    Effect.gen(function* () {
      const { emails } = yield* SendingFiles
      const control = yield* Sandbox.Control
      const root = yield* folder
      const files = [`${root}/report.pdf`]
      const invalid = yield* Effect.flip(emails.sendWithFiles({ ...email, subject: "one\ntwo" }, files))
      expect(invalid.message).toContain("nothing was sent: subject must not contain a line break")
      const named = { path: `${root}/notes`, filename: "one\ntwo" }
      const brokenName = yield* Effect.flip(emails.sendWithFiles(email, [...files, named]))
      expect(brokenName).toMatchObject({ _tag: "InvalidRequestError", operation: "sending.emails.send" })
      expect(brokenName.message).toContain("filename must not contain a line break")
      const options = { idempotencyKey: "k".repeat(256) }
      const long = yield* Effect.flip(emails.sendWithFiles(email, files, options))
      expect(long.message).toContain("idempotencyKey must be 1 to 255 characters")
      expect(yield* control.requests).toHaveLength(0)
    }).pipe(Effect.provide(layer))
  )

  it.scoped("rejects files of more than 25 MiB together before it uploads the first", () =>
    Effect.gen(function* () {
      const { emails } = yield* SendingFiles
      const control = yield* Sandbox.Control
      const fs = yield* FileSystem.FileSystem
      const half = `${yield* folder}/half.bin`
      yield* fs.writeFile(half, new Uint8Array(13_107_201))
      const error = yield* Effect.flip(emails.sendWithFiles(email, [half, half]))
      expect(error.message).toContain("at most 26214400 bytes together, and have 26214402")
      expect(yield* control.requests).toHaveLength(0)
    }).pipe(Effect.provide(layer))
  )
})
