/**
 * The files of messages: up for messages to send, down from those received.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Methods } from "../../internal/methods/methods.js"
import type { Method, StreamMethod } from "../../internal/model/call.js"
import { InvalidRequestError, type SendmuxError } from "../../internal/model/errors.js"
import { operation, operationName } from "../../internal/operation/operation.js"
import { gatherContent } from "../../internal/request/content.js"
import {
  Content,
  Literals,
  MimeType,
  OneOf,
  Optional,
  OptionalInput,
  RecordOf,
  Secret,
  SecretInput,
  Text,
  Timestamp,
  WholeNumber
} from "../../internal/schema/schema.js"
import { MailboxAttachment } from "../messages/schemas.js"
import type { MailboxDownloadOptions, MailboxOptions } from "../options.js"
import { resume } from "./download.js"
import { type AttachmentTexts, attachmentTextOperations, makeAttachmentTexts } from "./text.js"

/** The most bytes one file may have, unless the session says otherwise. */
/** The most bytes of an upload, unless the mailbox says otherwise. @internal */
export const defaultMaxBytes = 7_500_000

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

const Filename = Text({ min: 1, singleLine: true })

/**
 * A file to upload.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxUploadInput = Schema.Struct({
  /** Recipients see it. */
  filename: Filename,
  /** The MIME type. Default: `application/octet-stream`. */
  content_type: OptionalInput(MimeType),
  /** 1 byte to the limit of the mailbox. */
  content: Content,
  /** The exact number of bytes; a stream needs it. */
  size: OptionalInput(WholeNumber(1))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxUploadInput extends Schema.Schema.Type<typeof MailboxUploadInput> {}

/**
 * A file that somebody without the credential will upload.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxCreateUploadInput = Schema.Struct({
  filename: Filename,
  /** The upload must carry exactly this MIME type. */
  content_type: MimeType,
  /** The upload must have exactly so many bytes. */
  size_bytes: WholeNumber(1)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxCreateUploadInput extends Schema.Schema.Type<typeof MailboxCreateUploadInput> {}

/**
 * Leave to upload one file without the credential. Whoever holds the URL can use it, so it is `Redacted`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxAttachmentUpload = Schema.Struct({
  upload_id: Schema.String,
  /** Takes the bytes by `PUT`, with every one of the headers and without the credential. */
  upload_url: Secret,
  method: Literals("PUT"),
  /** `Content-Type` and `Content-Length`. */
  headers: RecordOf(Schema.String),
  /** The leave ends then, minutes from now. */
  expires_at: Timestamp,
  max_size_bytes: Schema.Number
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxAttachmentUpload extends Schema.Schema.Type<typeof MailboxAttachmentUpload> {}

/**
 * An uploaded file, to refer to when sending.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UploadedBlob = Schema.Struct({
  /** Goes into the `attachments` of a message or of a draft. */
  blob_id: Schema.String,
  filename: Schema.String,
  content_type: Schema.String,
  size_bytes: Schema.Number
})

/**
 * @since 0.1.0
 * @category models
 */
export interface UploadedBlob extends Schema.Schema.Type<typeof UploadedBlob> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const DownloadInput = Schema.Struct({
  /** The token of a `download_url`, for who takes one apart; the credential needs none. */
  download_token: OptionalInput(SecretInput(Text({ min: 1 })))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface DownloadInput extends Schema.Schema.Type<typeof DownloadInput> {}

/**
 * Options of an upload.
 *
 * @since 0.1.0
 * @category options
 */
export interface MailboxUploadOptions extends MailboxOptions {
  /**
   * The most bytes to take; `session` asks the mailbox for its own limit first, by `GET /mailbox/session`. A larger
   * file is refused before any of it is sent. Default: 7,500,000.
   */
  readonly max_size_bytes?: number | "session" | undefined
}

/**
 * Options of a download that goes on after a cut. `timeout` bounds the opening of each request.
 *
 * @since 0.1.0
 * @category options
 */
export interface ResumableDownloadOptions extends MailboxOptions {
  /**
   * Where to read: through the API with the credential (the default), or from the attachment's `download_url`
   * without it. One that has expired is renewed by reading the message again.
   */
  readonly via?: "api" | "download_url" | undefined
  /** Requests in a row that bring no byte, after which the download fails. Default 5. */
  readonly maxFailures?: number | undefined
}

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** @internal */
export const mailboxAttachmentOperations = {
  ...attachmentTextOperations,
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
  }),
  download: operation("mailbox.attachments.download", {
    http: "GET",
    path: "/mailbox/messages/{message_id}/attachments/{attachment_id}",
    response: "bytes",
    input: DownloadInput,
    success: [200, 206],
    flags: ["mailboxId", "range"]
  })
}

const Put = Schema.Struct({ blob_id: Schema.String })

/** What the upload address answers is not documented: the envelope, or the data alone. */
const presignedPut = operation("mailbox.attachments.uploadDelegated", {
  http: "PUT",
  path: "",
  response: "document",
  data: OneOf(Schema.Struct({ data: Put }), Put),
  authenticated: false
})

const signedDownload = operation("mailbox.attachments.downloadResumable", {
  http: "GET",
  path: "",
  response: "bytes",
  success: [200, 206],
  flags: ["range"],
  authenticated: false
})

/** A message, only for the addresses of its attachments. */
const readAttachments = operation("mailbox.messages.get", {
  http: "GET",
  path: "/mailbox/messages/{message_id}",
  data: Schema.Struct({ attachments: Optional(Schema.Array(MailboxAttachment)) }),
  flags: ["mailboxId"]
})

/** The session, only for the limit of an upload. */
const Session = Schema.Struct({ limits: Schema.Struct({ attachment_upload_bytes_max: Schema.Number }) })

const readLimits = operation("mailbox.session.get", {
  http: "GET",
  path: "/mailbox/session",
  data: Session,
  flags: ["mailboxId"]
})

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category services
 */
export interface MailboxAttachments extends AttachmentTexts {
  /**
   * Uploads a file in one request: `POST /mailbox/attachments:upload`. An empty file, or one above the limit, is
   * refused before anything is sent. The call has no idempotency key and is not sent again by itself.
   */
  readonly upload: Method<[file: MailboxUploadInput, options?: MailboxUploadOptions], UploadedBlob>
  /**
   * Creates leave to upload one file without the credential: `POST /mailbox/attachment-uploads`. Hand the URL and the
   * headers to whoever holds the bytes.
   */
  readonly createUpload: Method<
    [file: MailboxCreateUploadInput, options?: MailboxOptions],
    MailboxAttachmentUpload
  >
  /**
   * Uploads a file the delegated way in one go: creates the upload, then sends the bytes to the URL that came back,
   * without the credential. A file above the limit that came with the URL is refused before its bytes are sent.
   */
  readonly uploadDelegated: (
    file: MailboxUploadInput,
    options?: MailboxUploadOptions
  ) => Effect.Effect<UploadedBlob, SendmuxError>
  /**
   * The bytes of an attachment, or of a `range` of it, in constant memory:
   * `GET /mailbox/messages/{message_id}/attachments/{attachment_id}`. A body that is cut fails with a `TransportError`.
   */
  readonly download: StreamMethod<
    [message_id: string, attachment_id: string, input?: DownloadInput, options?: MailboxDownloadOptions],
    Uint8Array
  >
  /**
   * The bytes of an attachment, over as many requests as it takes: after a cut the next one asks for what is missing.
   * Each byte comes once, and as many as the server said there are; else the stream fails, as it does when the file
   * has another ETag or length than before the cut.
   *
   * Give the attachment's id, or the attachment as a message or an event brought it, whose `download_url` saves
   * reading the message with `via: "download_url"`.
   */
  readonly downloadResumable: (
    message_id: string,
    attachment: string | MailboxAttachment,
    options?: ResumableDownloadOptions
  ) => Stream.Stream<Uint8Array, SendmuxError>
}

/** @internal */
export const makeMailboxAttachments = (methods: Methods): MailboxAttachments => {
  const upload = methods.call(mailboxAttachmentOperations.upload)
  const createUpload = methods.call(mailboxAttachmentOperations.createUpload)
  const limited = limitedBy(methods.call(readLimits))
  return {
    ...makeAttachmentTexts(methods),
    upload: Object.assign(limited(mailboxAttachmentOperations.upload, upload), {
      withResponse: limited(mailboxAttachmentOperations.upload, upload.withResponse)
    }),
    createUpload,
    uploadDelegated: limited(presignedPut, delegated(createUpload, methods.presigned(presignedPut))),
    download: methods.bytes(mailboxAttachmentOperations.download),
    downloadResumable: resumable(methods)
  }
}

type SizedFile = MailboxUploadInput & { readonly content: Uint8Array }

/** Refuses what is above the limit, before any of it is sent. */
const limitedBy =
  (session: Method<[options?: MailboxOptions], Schema.Schema.Type<typeof Session>>) =>
  <A>(
    named: Parameters<typeof operationName>[0],
    send: (file: SizedFile, options: MailboxOptions) => Effect.Effect<A, SendmuxError>
  ) =>
  (
    file: MailboxUploadInput,
    { max_size_bytes = defaultMaxBytes, ...options }: MailboxUploadOptions = {}
  ): Effect.Effect<A, SendmuxError> =>
    Effect.gen(function* () {
      const { timeout, mailbox_id } = options
      const limit =
        max_size_bytes === "session"
          ? (yield* session({ timeout, mailbox_id })).limits.attachment_upload_bytes_max
          : max_size_bytes
      const content = yield* gatherContent(operationName(named), file.content, file.size, limit)
      return yield* send({ ...file, content, size: content.byteLength }, options)
    })

const delegated =
  (create: MailboxAttachments["createUpload"], put: ReturnType<typeof methodsPresigned>) =>
  ({ filename, content_type = "application/octet-stream", content }: SizedFile, options: MailboxOptions) =>
    Effect.gen(function* () {
      const size_bytes = content.byteLength
      const created = yield* create({ filename, content_type, size_bytes }, options)
      if (size_bytes > created.max_size_bytes) {
        return yield* new InvalidRequestError({
          operation: operationName(presignedPut),
          issue: `content has ${size_bytes} bytes, and the API accepts at most ${created.max_size_bytes}`
        })
      }
      const headers = Object.fromEntries(
        Object.entries(created.headers).map(([name, value]) => [name, Redacted.make(value)])
      )
      const answer = yield* put(created.upload_url, headers, content, { timeout: options.timeout })
      const { blob_id } = "data" in answer ? answer.data : answer
      return { blob_id, filename, content_type, size_bytes }
    })

const methodsPresigned = (methods: Methods) => methods.presigned(presignedPut)

const resumable = (methods: Methods): MailboxAttachments["downloadResumable"] => {
  const name = operationName(signedDownload)
  const openApi = methods.openBytes(mailboxAttachmentOperations.download)
  const openSigned = methods.openSigned(signedDownload)
  const read = methods.call(readAttachments)
  return (message_id, attachment, { via = "api", maxFailures = 5, ...options } = {}) => {
    const id = typeof attachment === "string" ? attachment : attachment.id
    const size = typeof attachment === "string" ? undefined : (attachment.size_bytes ?? undefined)
    // Ranges are of the bytes as they travel, so none may be compressed; a client over `fetch` says so with a range.
    const from = (start: number, headers?: MailboxOptions["headers"]) =>
      start === 0 ? { headers: { "accept-encoding": "identity", ...headers } } : { headers, range: { start } }
    if (via === "api") {
      return resume({
        operation: name,
        open: (start) => openApi(message_id, id, {}, { ...options, ...from(start, options.headers) }),
        renew: undefined,
        size,
        maxFailures
      })
    }
    return Stream.suspend(() => {
      let address = typeof attachment === "string" ? undefined : attachment.download_url
      const renew = Effect.flatMap(read(message_id, options), ({ attachments = [] }) => {
        address = attachments.find((candidate) => candidate.id === id)?.download_url
        const issue = "the message offers no download_url for this attachment: read it through the API"
        return address === undefined
          ? Effect.fail(new InvalidRequestError({ operation: name, issue }))
          : Effect.void
      })
      const open = (start: number) =>
        Stream.flatMap(Stream.fromEffect(address === undefined ? renew : Effect.void), () =>
          openSigned(address ?? Redacted.make(""), { timeout: options.timeout, ...from(start) })
        )
      return resume({ operation: name, open, renew, size, maxFailures })
    })
  }
}
