/**
 * Sends files from a disk. It builds on Sending and needs a `FileSystem`.
 *
 * @since 0.1.0
 */

import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Service } from "./internal/dialect/core.js"
import { FileSystem } from "./internal/dialect/shared/files.js"
import type { IdempotentOptions } from "./internal/model/call.js"
import type { InvalidRequestError, SendmuxError } from "./internal/model/errors.js"
import { invalidRequest } from "./internal/model/invalidRequest.js"
import { maxMessageBytes } from "./internal/model/limits.js"
import { operationName } from "./internal/operation/operation.js"
import { sha256Hex } from "./internal/request/content.js"
import { checkFile, type FileToSend, namesOf, readFile, toFile } from "./internal/request/diskFiles.js"
import { checkCall } from "./internal/request/prepare.js"
import { isRecord } from "./internal/values/json.js"
import { Sending, type SendingService } from "./Sending.js"
import { type Attachment, attachmentOperations, checkLimit } from "./sending/attachments.js"
import { emailOperations } from "./sending/emails/emails.js"
import { type EmailInput, maxAttachments, type SendResult } from "./sending/emails/schemas.js"

export type { FileToSend } from "./internal/request/diskFiles.js"

/**
 * Methods that read files from a disk. A path that does not exist or is a directory, and a file that is empty or larger
 * than the limit of the API, fail with `InvalidRequestError` before any file is sent. For a file of more than 18 MiB the
 * current limit is read first, from an upload grant.
 *
 * @since 0.1.0
 * @category services
 */
export interface SendingFilesService {
  readonly attachments: {
    /**
     * Uploads a file: `POST /emails/attachments`. Succeeds with the attachment, whose id a message can refer to.
     *
     * @see `attachments.upload` of Sending for content in memory
     */
    readonly uploadFile: (
      file: string | FileToSend,
      options?: IdempotentOptions
    ) => Effect.Effect<Attachment, SendmuxError>
  }
  readonly emails: {
    /**
     * Uploads files and sends them as attachments of a message: `POST /emails/attachments` for each file, then
     * `POST /emails/send`.
     *
     * The message, its options and all files are checked before the first file is uploaded. A message has at most 10
     * attachments, including those in `attachments`, and the files have at most 25 MiB together.
     *
     * With an `idempotencyKey`, the keys of the uploads are derived from it, so that repeating the call sends nothing
     * twice.
     */
    readonly sendWithFiles: (
      email: EmailInput,
      files: ReadonlyArray<string | FileToSend>,
      options?: IdempotentOptions
    ) => Effect.Effect<SendResult, SendmuxError>
  }
}

/**
 * The service that sends files from a disk.
 *
 * @example
 * import { SendingFiles } from "effect-sendmux/SendingFiles"
 * import * as Effect from "effect/Effect"
 *
 * export const program = Effect.gen(function* () {
 *   const { emails } = yield* SendingFiles
 *   return yield* emails.sendWithFiles(
 *     {
 *       from: { email: "billing@example.com" },
 *       to: { email: "ada@example.com" },
 *       subject: "Your invoice",
 *       html_body: "<p>Attached.</p>"
 *     },
 *     ["invoices/2026-11.pdf"],
 *     { idempotencyKey: "invoice-2026-11" }
 *   )
 * })
 *
 * @since 0.1.0
 * @category services
 */
export class SendingFiles extends Service("effect-sendmux/SendingFiles")<
  SendingFiles,
  SendingFilesService
>() {
  /**
   * The layer of the service. It needs `Sending` and the `FileSystem` of the platform.
   *
   * @since 0.1.0
   */
  static readonly layer: Layer.Layer<SendingFiles, never, Sending | FileSystem.FileSystem> = Layer.effect(
    SendingFiles,
    Effect.gen(function* () {
      return makeSendingFiles(yield* Sending, yield* FileSystem.FileSystem)
    })
  )
}

const uploadOperation = operationName(attachmentOperations.upload)

const sendOperation = operationName(emailOperations.send)

const makeSendingFiles = (sending: SendingService, fs: FileSystem.FileSystem): SendingFilesService => ({
  attachments: {
    uploadFile: (file, options) =>
      Effect.gen(function* () {
        const given = yield* checkInput(uploadOperation, file, options)
        const size = yield* checkFile(fs, given, uploadOperation, Number.POSITIVE_INFINITY)
        yield* checkLimit(sending.attachments.createUpload, uploadOperation, namesOf(given), size, options)
        return yield* upload(sending, fs, given, options)
      })
  },
  emails: {
    sendWithFiles: (email, files, options) =>
      Effect.gen(function* () {
        if (!Array.isArray(files)) return yield* refuse("files must be an array of paths or files")
        if (!isRecord(email)) return yield* refuse("the input must be an object")
        const given = yield* Effect.forEach(files, (file) => checkInput(sendOperation, file, options))
        const own = Array.isArray(email.attachments) ? email.attachments : []
        const count = own.length + given.length
        if (count > maxAttachments) {
          return yield* refuse(
            `a message must have at most ${maxAttachments} attachments, and this one would have ${count}`
          )
        }
        const invalid = checkCall(emailOperations.send, email, options)
        if (invalid !== undefined) return yield* Effect.fail(invalid)
        const sizes = yield* Effect.forEach(given, (file) =>
          checkFile(fs, file, sendOperation, Number.POSITIVE_INFINITY)
        )
        const total = sizes.reduce((sum, size) => sum + size, 0)
        if (total > maxMessageBytes) {
          return yield* refuse(
            `the files must have at most ${maxMessageBytes} bytes together, and have ${total}`
          )
        }
        yield* Effect.forEach(given, (file, index) =>
          checkLimit(sending.attachments.createUpload, sendOperation, namesOf(file), sizes[index], options)
        )
        const keys = yield* uploadKeys(options?.idempotencyKey, given.length)
        const uploaded = yield* Effect.forEach(given, (file, index) =>
          upload(sending, fs, file, { ...options, idempotencyKey: keys[index] })
        )
        const attachments = uploaded.map(({ attachment_id }) => ({ attachment_id }))
        return yield* sending.emails.send({ ...email, attachments: [...own, ...attachments] }, options)
      })
  }
})

/** Checks the names of a file and the options of its upload, before any file is read or sent. */
const checkInput = (
  operation: string,
  given: string | FileToSend,
  options: IdempotentOptions | undefined
): Effect.Effect<FileToSend, InvalidRequestError> =>
  Effect.suspend(() => {
    const file = toFile(given)
    if (!isRecord(file) || typeof file.path !== "string") {
      return Effect.fail(invalidRequest(operation, "a file must be a path, or an object with a path"))
    }
    const invalid = checkCall(
      attachmentOperations.upload,
      { ...namesOf(file), content: new Uint8Array(1) },
      options
    )
    return invalid === undefined
      ? Effect.succeed(file)
      : Effect.fail(invalidRequest(operation, invalid.issues))
  })

const refuse = (issue: string): Effect.Effect<never, InvalidRequestError> =>
  Effect.fail(invalidRequest(sendOperation, issue))

const upload = (
  sending: SendingService,
  fs: FileSystem.FileSystem,
  file: FileToSend,
  options: IdempotentOptions | undefined
): Effect.Effect<Attachment, SendmuxError> =>
  Effect.gen(function* () {
    const read = yield* readFile(fs, file, uploadOperation)
    return yield* sending.attachments.upload(read, options)
  })

/** A longer key is replaced by its digest, so that the keys of the uploads stay within 255 characters. */
const maxKeyLength = 240

/**
 * Derives the idempotency keys of the uploads from the key of the message. Without a key, each upload makes its own.
 */
const uploadKeys = (
  key: string | undefined,
  count: number
): Effect.Effect<ReadonlyArray<string | undefined>> =>
  Effect.gen(function* () {
    const root =
      key === undefined || key.length <= maxKeyLength ? key : yield* sha256Hex(new TextEncoder().encode(key))
    return Array.from({ length: count }, (_, index) =>
      root === undefined ? undefined : `${root} file ${index + 1}`
    )
  })
