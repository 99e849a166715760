/**
 * Attachments: uploads for messages to send, downloads of the attachments of received messages, and their text.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Methods } from "../../internal/methods/methods.js"
import type { Method, StreamMethod } from "../../internal/model/call.js"
import type { SendmuxError } from "../../internal/model/errors.js"
import type { MailboxAttachment } from "../messages/schemas.js"
import type { MailboxDownloadOptions, MailboxOptions } from "../options.js"
import { downloadOperations, makeDownloads } from "./downloads.js"
import type {
  DownloadInput,
  MailboxAttachmentUpload,
  MailboxCreateUploadInput,
  MailboxUploadInput,
  MailboxUploadOptions,
  ResumableDownloadOptions,
  UploadedBlob
} from "./schemas.js"
import { type AttachmentTexts, attachmentTextOperations, makeAttachmentTexts } from "./text.js"
import { makeUploads, uploadOperations } from "./uploads.js"

/** @internal */
export const mailboxAttachmentOperations = {
  ...attachmentTextOperations,
  ...uploadOperations,
  ...downloadOperations
}

/**
 * The methods of `mailbox.attachments`.
 *
 * @since 0.1.0
 * @category services
 */
export interface MailboxAttachments extends AttachmentTexts {
  /**
   * Uploads a file in one request: `POST /mailbox/attachments:upload`.
   *
   * Fails with `InvalidRequestError` if the file is empty or larger than the limit, before any of it is sent. Fails with
   * `payload_too_large` if the server has a lower limit. The call has no idempotency key, so it is not retried if its
   * response is lost.
   *
   * @example
   * import { Mailbox } from "effect-sendmux/Mailbox"
   * import * as Effect from "effect/Effect"
   *
   * export const sendReport = (to: string, csv: string) =>
   *   Effect.gen(function* () {
   *     const mailbox = yield* Mailbox
   *     const { blob_id, content_type, filename } = yield* mailbox.attachments.upload({
   *       filename: "report.csv",
   *       content_type: "text/csv",
   *       content: new TextEncoder().encode(csv)
   *     })
   *     return yield* mailbox.messages.send({
   *       to: [{ email: to }],
   *       subject: "The report",
   *       text_body: "Attached.",
   *       attachments: [{ blob_id, content_type, filename }]
   *     })
   *   })
   *
   * @see `MailboxFiles` for files on a disk
   */
  readonly upload: Method<[file: MailboxUploadInput, options?: MailboxUploadOptions], UploadedBlob>
  /**
   * Creates an upload grant, with which another client can upload one file without the credential:
   * `POST /mailbox/attachment-uploads`. Pass the URL and the headers of the grant to that client.
   *
   * Fails with `payload_too_large` if the size exceeds the limit of the mailbox.
   *
   * @see `uploadDelegated` to create a grant and use it in one call
   */
  readonly createUpload: Method<
    [file: MailboxCreateUploadInput, options?: MailboxOptions],
    MailboxAttachmentUpload
  >
  /**
   * Creates an upload grant, and uploads a file to the URL of the grant without the credential:
   * `POST /mailbox/attachment-uploads`, then `PUT`.
   *
   * Fails with `InvalidRequestError` if the file is empty, or larger than the limit of the options or of the grant,
   * before any of it is sent. Fails with `ResponseDecodeError` if the grant requires a method other than `PUT`.
   */
  readonly uploadDelegated: (
    file: MailboxUploadInput,
    options?: MailboxUploadOptions
  ) => Effect.Effect<UploadedBlob, SendmuxError>
  /**
   * Streams the bytes of an attachment, or a `range` of them, in constant memory:
   * `GET /mailbox/messages/{message_id}/attachments/{attachment_id}`.
   *
   * Fails with `not_found` if the mailbox has no such message or attachment, and with `TransportError` if the response
   * body was truncated.
   *
   * @example
   * import { Mailbox } from "effect-sendmux/Mailbox"
   * import * as Effect from "effect/Effect"
   * import * as Stream from "effect/Stream"
   *
   * export const readText = (messageId: string, attachmentId: string) =>
   *   Effect.gen(function* () {
   *     const mailbox = yield* Mailbox
   *     const bytes = mailbox.attachments.download(messageId, attachmentId)
   *     return yield* bytes.pipe(Stream.decodeText(), Stream.mkString)
   *   })
   *
   * @see `downloadResumable` for large files
   */
  readonly download: StreamMethod<
    [message_id: string, attachment_id: string, input?: DownloadInput, options?: MailboxDownloadOptions],
    Uint8Array
  >
  /**
   * Streams the bytes of an attachment with as many requests as necessary. When a response body was truncated, the next
   * request asks for the missing bytes. Each byte is emitted once:
   * `GET /mailbox/messages/{message_id}/attachments/{attachment_id}`.
   *
   * Pass the id of the attachment, or the attachment from a message or an event. With `via: "download_url"`, the latter
   * saves a request, because its `download_url` is known.
   *
   * Each later request carries the ETag of the file as `If-Range`, and its response must have the same ETag and the
   * same size. Fails with `ResponseDecodeError` if the file changed during the download, or if a response cannot be
   * compared with the first one. Fails with `not_found` if the mailbox has no such message or attachment, and with the
   * last error after `maxFailures` consecutive requests without any byte.
   *
   * @see `download` for a range of the bytes
   */
  readonly downloadResumable: (
    message_id: string,
    attachment: string | MailboxAttachment,
    options?: ResumableDownloadOptions
  ) => Stream.Stream<Uint8Array, SendmuxError>
}

/** @internal */
export const makeMailboxAttachments = (methods: Methods): MailboxAttachments => ({
  ...makeAttachmentTexts(methods),
  ...makeUploads(methods),
  ...makeDownloads(methods)
})
