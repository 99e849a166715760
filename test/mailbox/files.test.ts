import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Mailbox, Sandbox } from "../../src/index.js"
import { MailboxFiles } from "../../src/MailboxFiles.js"

const layer = MailboxFiles.layer.pipe(
  Layer.provideMerge(Mailbox.layer({ apiKey: Sandbox.mailboxKey })),
  Layer.provideMerge(Sandbox.layer),
  Layer.provideMerge(NodeContext.layer)
)

const folder = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const root = yield* fs.makeTempDirectoryScoped()
  yield* fs.writeFileString(`${root}/report.csv`, "month,mails\n")
  yield* fs.writeFileString(`${root}/empty.txt`, "")
  return root
})

describe("MailboxFiles", () => {
  it.scoped(
    "uploads files in both ways with their names and types, so that a message can refer to them",
    () =>
      Effect.gen(function* () {
        const mailbox = yield* Mailbox
        const control = yield* Sandbox.Control
        const { attachments } = yield* MailboxFiles
        const root = yield* folder
        const direct = yield* attachments.uploadFile(`${root}/report.csv`)
        const delegated = yield* attachments.uploadFileDelegated(
          { path: `${root}/report.csv`, filename: "copy.csv" },
          { max_size_bytes: "session" }
        )
        expect(direct).toMatchObject({ filename: "report.csv", content_type: "text/csv", size_bytes: 12 })
        expect(delegated).toMatchObject({ filename: "copy.csv", content_type: "text/csv", size_bytes: 12 })
        yield* mailbox.messages.send({
          to: [{ email: "ada@example.org" }],
          subject: "Two files",
          text_body: "Attached.",
          attachments: [direct, delegated].map(({ blob_id, content_type, filename }) => ({
            blob_id,
            content_type,
            filename
          }))
        })
        const [email] = yield* control.outbox
        expect(email?.attachments.map(({ filename }) => filename)).toEqual(["report.csv", "copy.csv"])
      }).pipe(Effect.provide(layer))
  )

  it.scoped("rejects a path that cannot be uploaded before anything is sent", () =>
    Effect.gen(function* () {
      const control = yield* Sandbox.Control
      const { attachments } = yield* MailboxFiles
      const root = yield* folder
      const refused = (path: string, max_size_bytes?: number) =>
        Effect.map(Effect.flip(attachments.uploadFile(path, { max_size_bytes })), ({ _tag, message }) => [
          _tag,
          message
        ])
      const refusal = (path: string, problem: string) => [
        "InvalidRequestError",
        `mailbox.attachments.upload: nothing was sent: ${path} ${problem}`
      ]
      expect(yield* refused(root)).toEqual(refusal(root, "is a directory: pass the path of a file"))
      expect(yield* refused(`${root}/none`)).toEqual(refusal(`${root}/none`, "does not exist"))
      expect(yield* refused(`${root}/empty.txt`)).toEqual(
        refusal(`${root}/empty.txt`, "is empty: the API accepts files of at least one byte")
      )
      expect(yield* refused(`${root}/report.csv`, 11)).toEqual(
        refusal(`${root}/report.csv`, "has 12 bytes, and the API accepts at most 11")
      )
      const named = { path: `${root}/report.csv`, filename: "one\ntwo.csv" }
      const brokenName = yield* Effect.flip(attachments.uploadFile(named))
      expect(brokenName.message).toContain("filename must not contain a line break")
      expect(yield* control.requests).toHaveLength(0)
    }).pipe(Effect.provide(layer))
  )
})
