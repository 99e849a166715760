/**
 * Uploads files from a disk to a mailbox. It builds on Mailbox and needs a `FileSystem`.
 *
 * @since 0.1.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Service } from "./internal/dialect/core.js"
import { FileSystem } from "./internal/dialect/shared/files.js"
import type { SendmuxError } from "./internal/model/errors.js"
import { invalidRequest } from "./internal/model/invalidRequest.js"
import { operationName } from "./internal/operation/operation.js"
import { checkFile, type FileToSend, namesOf, readFile, toFile } from "./internal/request/diskFiles.js"
import { checkCall } from "./internal/request/prepare.js"
import { isRecord } from "./internal/values/json.js"
import { Mailbox, type MailboxService } from "./Mailbox.js"
import type { MailboxUploadOptions, UploadedBlob } from "./mailbox/attachments/schemas.js"
import { defaultMaxBytes, uploadOperations } from "./mailbox/attachments/uploads.js"

export type { FileToSend } from "./internal/request/diskFiles.js"
export type { MailboxUploadOptions, UploadedBlob } from "./mailbox/attachments/schemas.js"

/**
 * Methods that read files from a disk. A path that does not exist or is a directory, and a file that is empty or larger
 * than the limit, fail with `InvalidRequestError` before anything is sent.
 *
 * @since 0.1.0
 * @category services
 */
export interface MailboxFilesService {
  readonly attachments: {
    /**
     * Uploads a file in one request: `POST /mailbox/attachments:upload`. Succeeds with the blob, whose id messages and
     * drafts can refer to.
     *
     * @see `attachments.upload` of Mailbox for content in memory
     */
    readonly uploadFile: UploadFile
    /**
     * Creates an upload grant, and uploads a file to its URL without the credential: `POST /mailbox/attachment-uploads`,
     * then `PUT`.
     *
     * @see `attachments.uploadDelegated` of Mailbox for content in memory
     */
    readonly uploadFileDelegated: UploadFile
  }
}

/**
 * Uploads a file, which is a path or a path with a filename and a media type.
 *
 * @since 0.1.0
 * @category methods
 */
export type UploadFile = (
  file: string | FileToSend,
  options?: MailboxUploadOptions
) => Effect.Effect<UploadedBlob, SendmuxError>

/**
 * The service that uploads files from a disk to a mailbox.
 *
 * @example
 * import { Mailbox } from "effect-sendmux/Mailbox"
 * import { MailboxFiles } from "effect-sendmux/MailboxFiles"
 * import * as Effect from "effect/Effect"
 *
 * export const program = Effect.gen(function* () {
 *   const mailbox = yield* Mailbox
 *   const { attachments } = yield* MailboxFiles
 *   const { blob_id, content_type, filename } = yield* attachments.uploadFile("invoices/2026-11.pdf")
 *   return yield* mailbox.messages.send({
 *     to: [{ email: "ada@example.com" }],
 *     subject: "Your invoice",
 *     text_body: "Attached.",
 *     attachments: [{ blob_id, content_type, filename }]
 *   })
 * })
 *
 * @since 0.1.0
 * @category services
 */
export class MailboxFiles extends Service("effect-sendmux/MailboxFiles")<
  MailboxFiles,
  MailboxFilesService
>() {
  /**
   * The layer of the service. It needs `Mailbox` and the `FileSystem` of the platform.
   *
   * @since 0.1.0
   */
  static readonly layer: Layer.Layer<MailboxFiles, never, Mailbox | FileSystem.FileSystem> = Layer.effect(
    MailboxFiles,
    Effect.gen(function* () {
      return makeMailboxFiles(yield* Mailbox, yield* FileSystem.FileSystem)
    })
  )
}

const operation = operationName(uploadOperations.upload)

const makeMailboxFiles = (mailbox: MailboxService, fs: FileSystem.FileSystem): MailboxFilesService => {
  const uploadWith =
    (method: "upload" | "uploadDelegated"): UploadFile =>
    (input, options) =>
      Effect.gen(function* () {
        const file = toFile(input)
        if (!isRecord(file) || typeof file.path !== "string") {
          return yield* invalidRequest(operation, "the file must be a path, or an object with a path")
        }
        const invalid = checkCall(
          uploadOperations.upload,
          { ...namesOf(file), content: new Uint8Array(1) },
          undefined
        )
        if (invalid !== undefined) return yield* invalid
        const { max_size_bytes = defaultMaxBytes } = options ?? {}
        // The upload itself reads the limit of the session.
        const maxBytes = max_size_bytes === "session" ? Number.POSITIVE_INFINITY : max_size_bytes
        yield* checkFile(fs, file, operation, maxBytes)
        return yield* mailbox.attachments[method](yield* readFile(fs, file, operation), options)
      })
  return {
    attachments: {
      uploadFile: uploadWith("upload"),
      uploadFileDelegated: uploadWith("uploadDelegated")
    }
  }
}
