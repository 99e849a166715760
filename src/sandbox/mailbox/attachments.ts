/**
 * Attachments. They are uploaded with the API key or with an upload grant, and downloaded with the key or from a signed
 * URL.
 */
import * as Schema from "effect/Schema"
import { type Operation, operation } from "../../internal/operation/operation.js"
import { OptionalInput } from "../../internal/schema/schema.js"
import { mailboxAttachmentOperations } from "../../mailbox/attachments/attachments.js"
import { fail, found, reply } from "../exchange.js"
import { checkContentLength, type RawCall, type Route, route } from "../http/routes.js"
import { UploadGrants } from "../http/uploadGrants.js"
import { iso } from "../state/team.js"
import { checkToken, readRef, sendFile } from "./downloads.js"
import { storeBlob } from "./mail/messageInput.js"
import type { AttachmentRecord, BlobRecord } from "./state/records.js"
import type { MailboxStore } from "./state/store.js"
import { type MailboxStores, mailboxRoute } from "./state/stores.js"

export const maxFileBytes = 7_500_000

/** What a grant is for. */
interface Upload {
  readonly mailboxId: string
  readonly filename: string
  readonly contentType: string
  readonly size: number
  /** The response of the upload. The grant does not keep the bytes of the file. */
  completed: ReturnType<typeof showBlob> | undefined
}

const showBlob = ({ bytes, contentType, filename, id }: BlobRecord) => ({
  blob_id: id,
  filename,
  content_type: contentType,
  size_bytes: bytes.byteLength
})

/** The attachment of a message, by the id of its blob. */
export const attachmentOf = (store: MailboxStore, messageId: string, id: string): AttachmentRecord =>
  found(
    store.message(messageId).attachments.find(({ blob }) => blob.id === id),
    "attachment"
  )

/** The URLs that the API returns. They are not operations of the SDK. */
const urls = {
  put: operation("mailbox.attachments.put", {
    http: "PUT",
    path: "/attachment-uploads/{upload_id}",
    authenticated: false
  }),
  download: operation("mailbox.attachments.downloadSigned", {
    http: "GET",
    path: "/attachment-downloads/{ref}",
    response: "bytes",
    input: Schema.Struct({ download_token: OptionalInput(Schema.String) }),
    authenticated: false
  })
} satisfies Record<string, Operation<[id: string], never, unknown>>

const checkSize = (bytes: number): void => {
  if (bytes === 0) fail("validation_error", "The file is empty")
  if (bytes > maxFileBytes) fail("payload_too_large", `A file can have at most ${maxFileBytes} bytes`)
}

const typeOf = (call: RawCall): string => call.request.headers["content-type"] ?? "application/octet-stream"

export const attachmentRoutes = (stores: MailboxStores): ReadonlyArray<Route> => {
  const operations = mailboxAttachmentOperations
  const { world } = stores
  const grants = new UploadGrants<Upload>(world.id)
  world.saved.add("mailboxUploads", grants)
  world.listeners.uploadsExpired.push((at) => grants.expire(at))
  return [
    mailboxRoute(stores, operations.upload, (call, store) => {
      const bytes = call.request.body
      checkSize(bytes.byteLength)
      return reply(
        showBlob(storeBlob(store, { filename: call.input.filename, contentType: typeOf(call), bytes }))
      )
    }),
    mailboxRoute(stores, operations.createUpload, (call, store) => {
      const { content_type, filename, size_bytes } = call.input
      checkSize(size_bytes)
      const grant = grants.add(
        {
          mailboxId: store.mailbox.id,
          filename,
          contentType: content_type,
          size: size_bytes,
          completed: undefined
        },
        call.now
      )
      return reply({
        upload_id: grant.id,
        upload_url: `${call.base}/attachment-uploads/${grant.id}?upload_token=${grant.token}`,
        method: "PUT",
        headers: { "Content-Type": content_type, "Content-Length": String(size_bytes) },
        expires_at: iso(grant.expiresAt),
        max_size_bytes: maxFileBytes
      })
    }),
    route(urls.put, (call) => {
      checkContentLength(call)
      const token = call.request.url.searchParams.get("upload_token")
      const grant = grants.open(call.ids[0], token, call.now)
      if (typeOf(call) !== grant.contentType) {
        return fail("validation_error", `The upload was created for the content type ${grant.contentType}`)
      }
      const bytes = call.request.body
      if (bytes.byteLength !== grant.size) {
        return fail("payload_too_large", `The upload was created for ${grant.size} bytes`)
      }
      const { contentType, filename, mailboxId } = grant
      const store = found(stores.byId(mailboxId), "mailbox")
      grant.completed ??= showBlob(storeBlob(store, { filename, contentType, bytes }))
      return reply(grant.completed)
    }),
    mailboxRoute(stores, operations.download, (call, store) => {
      const { blob, contentType, filename } = attachmentOf(store, call.ids[0], call.ids[1])
      return sendFile(call, { bytes: blob.bytes, contentType, filename })
    }),
    route(urls.download, (call) => {
      const [ref] = call.ids
      checkToken(call, ref, call.request.url.searchParams.get("download_token"))
      const [mailboxId, blobId] = readRef(ref)
      return sendFile(call, found(stores.byId(mailboxId)?.files.get(blobId), "attachment"))
    })
  ]
}
