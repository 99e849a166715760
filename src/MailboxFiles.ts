/**
 * Files from a disk for a mailbox: an addition to Mailbox that needs a `FileSystem`.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Service } from "./internal/dialect/core.js"
import { FileSystem } from "./internal/dialect/files.js"
import type { SendmuxError } from "./internal/model/errors.js"
import { operationName } from "./internal/operation/operation.js"
import { checkFile, type FileToSend, readFile, toFile } from "./internal/request/diskFiles.js"
import { Mailbox, type MailboxService } from "./Mailbox.js"
import {
  defaultMaxBytes,
  type MailboxUploadOptions,
  mailboxAttachmentOperations,
  type UploadedBlob
} from "./mailbox/attachments/attachments.js"

/**
 * Calls that read files. A path that does not exist, is a directory, is empty or is above the limit is refused with an
 * `InvalidRequestError` before any of it is sent.
 *
 * @since 0.1.0
 * @category services
 */
export interface MailboxFilesService {
  readonly attachments: {
    /** Uploads a file and gives the blob to refer to: `POST /mailbox/attachments:upload`. */
    readonly uploadFile: UploadFile
    /** Uploads a file to a URL of its own, without the credential: `POST /mailbox/attachment-uploads`, then `PUT`. */
    readonly uploadFileDelegated: UploadFile
  }
}

/**
 * @since 0.1.0
 * @category models
 */
export type UploadFile = (
  file: string | FileToSend,
  options?: MailboxUploadOptions
) => Effect.Effect<UploadedBlob, SendmuxError>

/**
 * Files of a disk, for a mailbox.
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
   * Builds on `Mailbox` and the platform's `FileSystem`.
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

const operation = operationName(mailboxAttachmentOperations.upload)

const makeMailboxFiles = (mailbox: MailboxService, fs: FileSystem.FileSystem): MailboxFilesService => {
  const through =
    (way: "upload" | "uploadDelegated"): UploadFile =>
    (file, options) =>
      Effect.gen(function* () {
        const given = toFile(file)
        const { max_size_bytes = defaultMaxBytes } = options ?? {}
        // The mailbox's own limit is asked for by the upload itself.
        const maxBytes = max_size_bytes === "session" ? Number.POSITIVE_INFINITY : max_size_bytes
        yield* checkFile(fs, given, operation, maxBytes)
        const read = yield* readFile(fs, given, operation)
        return yield* mailbox.attachments[way](read, options)
      })
  return { attachments: { uploadFile: through("upload"), uploadFileDelegated: through("uploadDelegated") } }
}

export type { FileToSend } from "./internal/request/diskFiles.js"
export type { MailboxUploadOptions, UploadedBlob } from "./mailbox/attachments/attachments.js"
