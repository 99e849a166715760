import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { Sandbox } from "../../../src/index.js"
import { type AnyOperation, operationName } from "../../../src/internal/operation/operation.js"
import { Mailbox } from "../../../src/Mailbox.js"
import { Management } from "../../../src/Management.js"
import { mailboxAttachmentOperations } from "../../../src/mailbox/attachments/attachments.js"
import { attachmentTextOperations } from "../../../src/mailbox/attachments/text.js"
import { changesOperations } from "../../../src/mailbox/changes/changes.js"
import { connectionOperations } from "../../../src/mailbox/connection.js"
import { draftOperations } from "../../../src/mailbox/drafts/drafts.js"
import { eventOperations } from "../../../src/mailbox/events/events.js"
import { folderOperations } from "../../../src/mailbox/folders.js"
import { identityOperations } from "../../../src/mailbox/identities.js"
import { mailboxesOperations } from "../../../src/mailbox/mailboxes.js"
import { meOperations } from "../../../src/mailbox/me.js"
import { messageOperations } from "../../../src/mailbox/messages/operations.js"
import { quotaOperations } from "../../../src/mailbox/quotas.js"
import { senderChoicesOperations } from "../../../src/mailbox/senderChoices.js"
import { sessionOperations } from "../../../src/mailbox/session.js"
import { submissionOperations } from "../../../src/mailbox/submissions.js"
import { threadOperations } from "../../../src/mailbox/threads.js"
import { usageOperations } from "../../../src/mailbox/usage.js"
import { mailboxModule } from "../../../src/sandbox/mailbox/mailbox.js"
import { MailboxStores } from "../../../src/sandbox/mailbox/state/stores.js"
import { defaultLimits, makeWorld } from "../../../src/sandbox/state/world.js"
import { address, all, deliver, mailboxSandbox as sandbox } from "../../support/mailboxSandbox.js"

const operations: ReadonlyArray<AnyOperation> = [
  attachmentTextOperations,
  mailboxAttachmentOperations,
  changesOperations,
  connectionOperations,
  draftOperations,
  eventOperations,
  folderOperations,
  identityOperations,
  mailboxesOperations,
  meOperations,
  messageOperations,
  quotaOperations,
  senderChoicesOperations,
  sessionOperations,
  submissionOperations,
  threadOperations,
  usageOperations
].flatMap((group) => Object.values<AnyOperation>(group))

it("has a route for every operation of the Mailbox surface", () => {
  const world = makeWorld(defaultLimits)
  const routes = mailboxModule(world, new MailboxStores(world, () => () => undefined))
  const routed = new Set(routes.map(({ operation }) => operationName(operation)))
  const names = new Set(operations.map(operationName))
  expect(names.size).toBe(53)
  expect([...names].filter((name) => !routed.has(name))).toEqual([])
})

const bytesOf = <E, R>(stream: Stream.Stream<Uint8Array, E, R>) => Stream.mkString(Stream.decodeText(stream))

const mib = new Uint8Array(1_048_576).map((_, index) => index % 251)

describe("attachments", () => {
  it.effect(
    "sends attachments that were uploaded directly, by grant or inline, and delivers their bytes unchanged",
    () =>
      Effect.gen(function* () {
        const { attachments, messages } = yield* Mailbox
        const file = { filename: "a.bin", content_type: "application/x-thing", content: mib }
        const direct = yield* attachments.upload(file)
        const presigned = yield* attachments.uploadDelegated(file)
        expect(direct).toMatchObject({
          filename: "a.bin",
          content_type: "application/x-thing",
          size_bytes: 1_048_576
        })
        const blob = ({ blob_id, content_type, filename }: typeof direct) => ({
          blob_id,
          content_type,
          filename
        })
        const { message_id } = yield* messages.send({
          to: [{ email: address }],
          text_body: "see",
          attachments: [
            blob(direct),
            blob(presigned),
            { filename: "i.txt", content_type: "text/plain", content: new TextEncoder().encode("inline") }
          ]
        })
        expect((yield* messages.get(message_id)).has_attachments).toBe(true)
        const [arrived] = yield* all(messages.list({ is_unread: true }))
        const [first, , inline] = arrived?.attachments ?? []
        const download = attachments.download(arrived?.id ?? "", first?.id ?? "")
        const chunks = Chunk.toReadonlyArray(yield* Stream.runCollect(download))
        expect(Buffer.concat(chunks).equals(Buffer.from(mib))).toBe(true)
        const part = attachments.download(
          arrived?.id ?? "",
          inline?.id ?? "",
          {},
          { range: { start: 2, end: 4 } }
        )
        expect(yield* bytesOf(part)).toBe("lin")
        const beyond = attachments.download(arrived?.id ?? "", inline?.id ?? "", {}, { range: { start: 6 } })
        expect(yield* Effect.flip(bytesOf(beyond))).toMatchObject({ code: "invalid_parameter", status: 400 })
        const unknownBlob = { blob_id: "blob_none", filename: "x", content_type: "text/plain" }
        const refused = messages.send({ to: [{ email: address }], attachments: [unknownBlob] })
        expect(yield* Effect.flip(refused)).toMatchObject({ param: "attachments[0].blob_id" })
      }).pipe(Effect.provide(sandbox()))
  )

  it.effect("downloads an attachment from a URL that needs no API key and expires", () =>
    Effect.gen(function* () {
      const { attachments } = yield* Mailbox
      const client = yield* HttpClient.HttpClient
      const control = yield* Sandbox.Control
      const { attachments: [file] = [], id } = yield* deliver({
        attachments: [
          { filename: "a.txt", content_type: "text/plain", bytes: new TextEncoder().encode("words") }
        ]
      })
      if (file?.download_url === undefined) throw new Error("The attachment has no download URL")
      const url = Redacted.value(file.download_url)
      const get = (path: string) => client.execute(HttpClientRequest.get(path))
      const response = yield* get(url)
      expect([response.status, yield* response.text]).toEqual([200, "words"])
      expect((yield* get(`${url}x`)).status).toBe(401)
      expect(yield* bytesOf(attachments.downloadResumable(id, file, { via: "download_url" }))).toBe("words")
      yield* TestClock.adjust("15 minutes")
      expect((yield* get(url)).status).toBe(401)
      // The SDK reads the message again to get a new URL.
      expect(yield* bytesOf(attachments.downloadResumable(id, file, { via: "download_url" }))).toBe("words")
      expect(JSON.stringify(yield* control.requests)).not.toContain(
        new URL(url).searchParams.get("download_token")
      )
    }).pipe(Effect.scoped, Effect.provide(sandbox()))
  )

  it.effect("extracts the text of an attachment after a while", () =>
    Effect.gen(function* () {
      const { attachments } = yield* Mailbox
      const { attachments: [page, image] = [], id } = yield* deliver({
        attachments: [
          { filename: "a.html", content_type: "text/html", bytes: new TextEncoder().encode("<p>Grüße</p>") },
          { filename: "a.png", content_type: "image/png", bytes: new Uint8Array(3) }
        ]
      })
      const requested = yield* attachments.requestText.withResponse(id, page?.id ?? "")
      expect(requested).toMatchObject({ data: { status: "pending", text: null }, meta: { status: 202 } })
      yield* TestClock.adjust("1 second")
      expect(yield* attachments.getText(id, page?.id ?? "")).toMatchObject({
        status: "complete",
        outcome: "ready",
        text: "Grüße",
        truncated: false
      })
      // The limit splits the third character, which is omitted.
      expect(yield* attachments.getText(id, page?.id ?? "", { max_bytes: 3 })).toMatchObject({
        text: "Gr",
        truncated: true
      })
      const waiting = yield* Effect.fork(attachments.text(id, image?.id ?? ""))
      yield* TestClock.adjust("10 seconds")
      expect(yield* Fiber.join(waiting)).toMatchObject({ outcome: "unsupported", text: null })
      yield* TestClock.adjust("1 hour")
      expect(yield* Effect.flip(attachments.getText(id, page?.id ?? ""))).toMatchObject({ code: "not_found" })
    }).pipe(Effect.provide(sandbox()))
  )
})

describe("the mailbox", () => {
  it.effect("returns the identity, the limits and the usage of a mailbox", () =>
    Effect.gen(function* () {
      const { connection, identities, mailboxes, me, quotas, senderChoices, session, usage } = yield* Mailbox
      yield* deliver({ text: "x".repeat(1000) })
      expect(yield* me.get()).toMatchObject({ email: address, quota_used_bytes: 1000, status: "active" })
      expect((yield* session.get()).limits).toMatchObject({ attachment_upload_bytes_max: 7_500_000 })
      expect(yield* all(quotas.list({ resource_type: "octets" }))).toMatchObject([{ used: 1000 }])
      expect((yield* usage.get()).resources).toMatchObject([{ used: 1000, limit_status: "ok" }, { used: 1 }])
      expect(yield* senderChoices.get()).toMatchObject({ origin_address: address })
      expect(yield* all(mailboxes.list())).toEqual([{ id: "mbx_sandbox", email: address }])
      expect((yield* connection.get()).mailboxes).toHaveLength(1)
      const changed = yield* identities.updateDefault({ name: "Smith", text_signature: "S" })
      expect(changed).toMatchObject({ name: "Smith", text_signature: "S", html_signature: "" })
      expect(yield* identities.updateDefault({ text_signature: null })).toMatchObject({ text_signature: "" })
      expect(yield* identities.getDefault()).toMatchObject({ name: "Smith" })
      expect(yield* all(identities.list())).toHaveLength(1)
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("rejects the id of a mailbox that the key cannot access", () =>
    Effect.gen(function* () {
      const { me } = yield* Mailbox
      const { mailboxes } = yield* Management
      expect((yield* me.get({ mailbox_id: "mbx_sandbox" })).email).toBe(address)
      const { mailbox } = yield* mailboxes.create({ email: "second@sandbox.test" })
      expect(yield* Effect.flip(me.get({ mailbox_id: mailbox.id }))).toMatchObject({
        code: "insufficient_permissions",
        status: 403
      })
    }).pipe(Effect.provide(sandbox()))
  )

  it.effect("requires the id of a mailbox if the key can access several", () =>
    Effect.gen(function* () {
      const { connection, mailboxes, me, messages } = yield* Mailbox
      const management = yield* Management
      // With only one mailbox, its id may be omitted.
      expect((yield* me.get()).email).toBe(address)
      const { mailbox } = yield* management.mailboxes.create({ email: "second@sandbox.test" })
      expect(yield* Effect.flip(me.get())).toMatchObject({ code: "missing_parameter", param: "mailbox_id" })
      expect(yield* Effect.flip(me.get({ mailbox_id: "mbx_none" }))).toMatchObject({ code: "not_found" })
      expect((yield* me.get({ mailbox_id: mailbox.id })).email).toBe("second@sandbox.test")
      expect((yield* all(mailboxes.list({ q: "second" }))).map(({ id }) => id)).toEqual([mailbox.id])
      expect(yield* connection.get()).toMatchObject({ credential: { type: "agent_token" } })

      const message = { to: [{ email: "second@sandbox.test" }], subject: "Across", text_body: "hi" }
      yield* Mailbox.withMailbox(messages.send(message), "mbx_sandbox")
      const arrived = yield* Mailbox.withMailbox(all(messages.list()), mailbox.id)
      expect(arrived).toMatchObject([{ subject: "Across", from: { email: address } }])
      yield* management.mailboxes.suspend(mailbox.id)
      expect(yield* Effect.flip(me.get({ mailbox_id: mailbox.id }))).toMatchObject({ status: 403 })
    }).pipe(Effect.provide(sandbox(Sandbox.agentKey)))
  )
})
