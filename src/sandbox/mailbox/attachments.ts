/**
 * Files: uploaded directly or by a leave, and downloaded with a key or by an address.
 */
import * as Schema from "effect/Schema"
import { type Operation, operation } from "../../internal/operation/operation.js"
import { OptionalInput } from "../../internal/schema/schema.js"
import { mailboxAttachmentOperations } from "../../mailbox/attachments/attachments.js"
import { found, refuse, reply } from "../exchange.js"
import { type RawCall, type Route, route } from "../http/routes.js"
import { iso } from "../state/team.js"
import { checkToken, readRef, sendFile } from "./downloads.js"
import { keepBlob } from "./mail/sendMessage.js"
import type { AttachmentRecord, BlobRecord } from "./state/records.js"
import type { MailboxStore } from "./state/store.js"
import { type MailboxStores, mailboxRoute } from "./state/stores.js"

export const maxFileBytes = 7_500_000
const uploadLifeMillis = 15 * 60_000

interface Upload {
  readonly id: string
  readonly token: string
  readonly store: MailboxStore
  readonly filename: string
  readonly contentType: string
  readonly size: number
  readonly expiresAt: number
  completed: BlobRecord | undefined
}

const showBlob = ({ bytes, contentType, filename, id }: BlobRecord) => ({
  blob_id: id,
  filename,
  content_type: contentType,
  size_bytes: bytes.byteLength
})

/** The attachment of a message, by the id of its file. */
export const attachmentOf = (store: MailboxStore, messageId: string, id: string): AttachmentRecord =>
  found(
    store.message(messageId).attachments.find(({ blob }) => blob.id === id),
    "attachment"
  )

/** Addresses that are handed out, and are no operations of the API. */
const addresses = {
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
  if (bytes === 0) refuse("validation_error", "The file is empty")
  if (bytes > maxFileBytes) refuse("payload_too_large", `A file may have ${maxFileBytes} bytes`)
}

const typeOf = (call: RawCall): string => call.request.headers["content-type"] ?? "application/octet-stream"

export const attachmentRoutes = (stores: MailboxStores): ReadonlyArray<Route> => {
  const operations = mailboxAttachmentOperations
  const uploads = new Map<string, Upload>()
  const { id } = stores.world
  return [
    mailboxRoute(stores, operations.upload, (call, store) => {
      const bytes = call.request.body
      checkSize(bytes.byteLength)
      return reply(
        showBlob(keepBlob(store, { filename: call.input.filename, contentType: typeOf(call), bytes }))
      )
    }),
    mailboxRoute(stores, operations.createUpload, (call, store) => {
      const { content_type, filename, size_bytes } = call.input
      checkSize(size_bytes)
      const upload: Upload = {
        id: id("upl"),
        token: id("uptok", 48),
        store,
        filename,
        contentType: content_type,
        size: size_bytes,
        expiresAt: call.now + uploadLifeMillis,
        completed: undefined
      }
      uploads.set(upload.id, upload)
      return reply({
        upload_id: upload.id,
        upload_url: `${call.base}/attachment-uploads/${upload.id}?upload_token=${upload.token}`,
        method: "PUT",
        headers: { "Content-Type": content_type, "Content-Length": String(size_bytes) },
        expires_at: iso(upload.expiresAt),
        max_size_bytes: maxFileBytes
      })
    }),
    route(addresses.put, (call) => {
      const upload = found(uploads.get(call.ids[0]), "upload")
      if (call.request.url.searchParams.get("upload_token") !== upload.token) {
        return refuse("authentication_required", "The upload token does not fit this upload")
      }
      if (upload.expiresAt <= call.now) return refuse("not_found", "The upload has expired")
      if (typeOf(call) !== upload.contentType) {
        return refuse("validation_error", `The upload was created for ${upload.contentType}`)
      }
      const bytes = call.request.body
      if (bytes.byteLength !== upload.size) {
        return refuse("payload_too_large", `The upload was created for ${upload.size} bytes`)
      }
      const { contentType, filename, store } = upload
      upload.completed ??= keepBlob(store, { filename, contentType, bytes })
      return reply(showBlob(upload.completed))
    }),
    mailboxRoute(stores, operations.download, (call, store) => {
      const { blob, contentType, filename } = attachmentOf(store, call.ids[0], call.ids[1])
      return sendFile(call, { bytes: blob.bytes, contentType, filename })
    }),
    route(addresses.download, (call) => {
      const [ref] = call.ids
      checkToken(ref, call.request.url.searchParams.get("download_token"), call.now)
      const [mailboxId, blobId] = readRef(ref)
      return sendFile(call, found(stores.byId(mailboxId)?.blobs.get(blobId), "attachment"))
    })
  ]
}
