/**
 * Sending files from a disk: an addition to Sending that needs a `FileSystem`.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Service } from "./internal/dialect/core.js"
import { FileSystem } from "./internal/dialect/files.js"
import type { IdempotentOptions } from "./internal/model/call.js"
import { InvalidRequestError, type SendmuxError } from "./internal/model/errors.js"
import { operationName } from "./internal/operation/operation.js"
import { sha256Hex } from "./internal/request/content.js"
import { checkFile, type FileToSend, readFile, toFile } from "./internal/request/diskFiles.js"
import { prepare } from "./internal/request/prepare.js"
import { Sending, type SendingService } from "./Sending.js"
import { type Attachment, attachmentOperations } from "./sending/attachments.js"
import { type EmailInput, emailOperations, type SendResult } from "./sending/emails.js"

/**
 * Calls that read files. A path that does not exist, is a directory, is empty or is larger than 18 MiB is refused
 * with an `InvalidRequestError` before anything is sent.
 *
 * @since 0.1.0
 * @category services
 */
export interface SendingFilesService {
  readonly attachments: {
    /** Uploads a file and gives the attachment to refer to: `POST /emails/attachments`. */
    readonly uploadFile: (
      file: string | FileToSend,
      options?: IdempotentOptions
    ) => Effect.Effect<Attachment, SendmuxError>
  }
  readonly emails: {
    /**
     * Uploads files and sends them with a message: `POST /emails/attachments` for each, then `POST /emails/send`.
     *
     * The message and all files are looked at before the first is uploaded; with the message's own attachments there
     * may be 10. Under an `idempotencyKey` the uploads have keys that follow from it, so that a second run sends nothing again.
     */
    readonly sendWithFiles: (
      email: EmailInput,
      files: ReadonlyArray<string | FileToSend>,
      options?: IdempotentOptions
    ) => Effect.Effect<SendResult, SendmuxError>
  }
}

const maxAttachments = 10
const maxMessageBytes = 26_214_400

/**
 * Sending with files as a service.
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
   * Builds on `Sending` and the platform's `FileSystem`.
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

const makeSendingFiles = (sending: SendingService, fs: FileSystem.FileSystem): SendingFilesService => ({
  attachments: {
    uploadFile: (file, options) =>
      Effect.gen(function* () {
        const given = toFile(file)
        yield* checkFile(fs, given, uploadOperation, maxBytes)
        return yield* upload(sending, fs, given, options)
      })
  },
  emails: {
    sendWithFiles: (email, files, options) =>
      Effect.gen(function* () {
        const operation = operationName(emailOperations.send)
        const given = files.map(toFile)
        const own = email.attachments ?? []
        if (own.length + given.length > maxAttachments) {
          return yield* new InvalidRequestError({
            operation,
            issue: `the message would have ${own.length + given.length} attachments, and may have ${maxAttachments}`
          })
        }
        yield* checkEmail({ ...email, attachments: [...own, ...given.map(() => placeholder)] }, options)
        const sizes = yield* Effect.forEach(given, (file) => checkFile(fs, file, operation, maxBytes))
        const total = sizes.reduce((sum, size) => sum + size, 0)
        if (total > maxMessageBytes) {
          return yield* new InvalidRequestError({
            operation,
            issue: `the files have ${total} bytes together, and a message may have ${maxMessageBytes}`
          })
        }
        const keys = yield* uploadKeys(options?.idempotencyKey, given.length)
        const uploaded = yield* Effect.forEach(given, (file, index) =>
          upload(sending, fs, file, { ...options, idempotencyKey: keys[index] })
        )
        const attachments = uploaded.map(({ attachment_id }) => ({ attachment_id }))
        return yield* sending.emails.send({ ...email, attachments: [...own, ...attachments] }, options)
      })
  }
})

const placeholder = { attachment_id: "att_to_come" }

/** What would be refused once the files are there is refused while nothing has been sent. */
const checkEmail = (
  email: EmailInput,
  options: IdempotentOptions | undefined
): Effect.Effect<void, InvalidRequestError> =>
  Effect.suspend(() => {
    const request = prepare(emailOperations.send, nowhere, undefined, { ids: [], input: email, options })
    return "_tag" in request ? Effect.fail(request) : Effect.void
  })

const nowhere = {
  baseUrl: "",
  timeout: Number.POSITIVE_INFINITY,
  maxResponseBytes: 1,
  allowInsecure: false,
  mailboxId: undefined
}

const uploadOperation = operationName(attachmentOperations.upload)

const { maxBytes = Number.POSITIVE_INFINITY } = attachmentOperations.upload

const upload = (
  sending: SendingService,
  fs: FileSystem.FileSystem,
  file: FileToSend,
  options: IdempotentOptions | undefined
): Effect.Effect<Attachment, SendmuxError> =>
  Effect.flatMap(readFile(fs, file, uploadOperation), (read) => sending.attachments.upload(read, options))

/** Keys of the uploads that follow from the message's key; without one, each upload makes its own. */
const uploadKeys = (
  key: string | undefined,
  count: number
): Effect.Effect<ReadonlyArray<string | undefined>> => {
  if (key === undefined) return Effect.succeed(Array.from({ length: count }, () => undefined))
  const short =
    key.length <= 240 ? Effect.succeed<string | undefined>(key) : sha256Hex(new TextEncoder().encode(key))
  return Effect.map(short, (root) =>
    Array.from({ length: count }, (_, index) =>
      root === undefined ? undefined : `${root} file ${index + 1}`
    )
  )
}

export type { FileToSend } from "./internal/request/diskFiles.js"
