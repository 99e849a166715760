/**
 * Uploads of attachments: in one request, or to the URL of an upload grant.
 */

import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { Methods } from "../../internal/methods/methods.js"
import type { Method } from "../../internal/model/call.js"
import type { SendmuxError } from "../../internal/model/errors.js"
import { invalidRequest } from "../../internal/model/invalidRequest.js"
import { operation, operationName } from "../../internal/operation/operation.js"
import { gatherContent } from "../../internal/request/content.js"
import { checkUploadMethod } from "../../internal/response/uploadMethod.js"
import { OneOf } from "../../internal/schema/schema.js"
import { notObjects } from "../objects.js"
import type { MailboxOptions } from "../options.js"
import {
  MailboxAttachmentUpload,
  MailboxCreateUploadInput,
  MailboxUploadInput,
  type MailboxUploadOptions,
  UploadedBlob
} from "./schemas.js"

/** The maximum number of bytes of an upload, unless the options or the session set another one. */
export const defaultMaxBytes = 7_500_000

export const uploadOperations = {
  upload: operation("mailbox.attachments.upload", {
    http: "POST",
    path: "/mailbox/attachments:upload",
    body: "bytes",
    query: ["filename"],
    input: MailboxUploadInput,
    data: UploadedBlob,
    flags: ["mailboxId"]
  }),
  createUpload: operation("mailbox.attachments.createUpload", {
    http: "POST",
    path: "/mailbox/attachment-uploads",
    body: "json",
    input: MailboxCreateUploadInput,
    data: MailboxAttachmentUpload,
    flags: ["mailboxId"]
  })
}

const BlobReference = Schema.Struct({ blob_id: Schema.String })

/** The API does not document the response of an upload URL: it is the envelope or only the data. */
const presignedPut = operation("mailbox.attachments.uploadDelegated", {
  http: "PUT",
  path: "",
  response: "document",
  data: OneOf(Schema.Struct({ data: BlobReference }), BlobReference),
  authenticated: false
})

/** The part of the session that contains the upload limit, so that other changes of the session cannot fail an upload. */
const SessionLimits = Schema.Struct({
  limits: Schema.Struct({ attachment_upload_bytes_max: Schema.Number })
})

const readLimits = operation("mailbox.session.get", {
  http: "GET",
  path: "/mailbox/session",
  data: SessionLimits,
  flags: ["mailboxId"]
})

interface Uploads {
  readonly upload: Method<[file: MailboxUploadInput, options?: MailboxUploadOptions], UploadedBlob>
  readonly createUpload: Method<
    [file: MailboxCreateUploadInput, options?: MailboxOptions],
    MailboxAttachmentUpload
  >
  readonly uploadDelegated: (
    file: MailboxUploadInput,
    options?: MailboxUploadOptions
  ) => Effect.Effect<UploadedBlob, SendmuxError>
}

/** A file whose content is in memory. */
type BufferedFile = MailboxUploadInput & { readonly content: Uint8Array }

export const makeUploads = (methods: Methods): Uploads => {
  const upload = methods.call(uploadOperations.upload)
  const createUpload = methods.call(uploadOperations.createUpload)
  const putBytes = methods.presigned(presignedPut)
  const session = methods.call(readLimits)

  /** Reads the content and checks its size before `send` sends any of it. */
  const limited =
    <A>(
      named: Parameters<typeof operationName>[0],
      send: (file: BufferedFile, options: MailboxOptions) => Effect.Effect<A, SendmuxError>
    ) =>
    (file: MailboxUploadInput, given: MailboxUploadOptions = {}): Effect.Effect<A, SendmuxError> =>
      Effect.gen(function* () {
        const invalid = notObjects(operationName(named), { "the input": file, "the options": given })
        if (invalid !== undefined) return yield* invalid
        const { max_size_bytes = defaultMaxBytes, ...options } = given
        const { mailbox_id, timeout } = options
        const limit =
          max_size_bytes === "session"
            ? (yield* session({ timeout, mailbox_id })).limits.attachment_upload_bytes_max
            : max_size_bytes
        const content = yield* gatherContent(operationName(named), file.content, file.size, limit)
        return yield* send({ ...file, content, size: content.byteLength }, options)
      })

  const uploadToGrant = (
    { content, content_type = "application/octet-stream", filename }: BufferedFile,
    options: MailboxOptions
  ) =>
    Effect.gen(function* () {
      const size_bytes = content.byteLength
      const created = yield* createUpload.withResponse({ filename, content_type, size_bytes }, options)
      const grant = created.data
      yield* checkUploadMethod(operationName(presignedPut), created)
      if (size_bytes > grant.max_size_bytes) {
        return yield* invalidRequest(
          operationName(presignedPut),
          `content has ${size_bytes} bytes, and the API accepts at most ${grant.max_size_bytes}`
        )
      }
      const headers = Object.fromEntries(
        Object.entries(grant.headers).map(([name, value]) => [name, Redacted.make(value)])
      )
      const response = yield* putBytes(grant.upload_url, headers, content, { timeout: options.timeout })
      const { blob_id } = "data" in response ? response.data : response
      return { blob_id, filename, content_type, size_bytes }
    })

  return {
    upload: Object.assign(limited(uploadOperations.upload, upload), {
      withResponse: limited(uploadOperations.upload, upload.withResponse)
    }),
    createUpload,
    uploadDelegated: limited(presignedPut, uploadToGrant)
  }
}
