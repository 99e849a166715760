/**
 * Attachments: files that are uploaded once and referred to by id in messages.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { DataMethods, UploadMethods } from "../internal/methods/types.js"
import type { CallOptions, IdempotentOptions, Method } from "../internal/model/call.js"
import type { SendmuxError } from "../internal/model/errors.js"
import { invalidRequest } from "../internal/model/invalidRequest.js"
import { operation, operationName } from "../internal/operation/operation.js"
import { gatherContent, sha256Hex } from "../internal/request/content.js"
import { checkUploadMethod } from "../internal/response/uploadMethod.js"
import {
  Checked,
  Content,
  MimeType,
  OpenEnum,
  OptionalInput,
  RecordOf,
  Secret,
  SecretInput,
  Text,
  Timestamp,
  WholeNumber
} from "../internal/schema/schema.js"
import { isRecord } from "../internal/values/json.js"

/**
 * The size up to which a file is uploaded without reading the current limit first: 18 MiB. The API reports its limit as
 * the `max_size_bytes` of an upload grant, and may raise it.
 *
 * @internal
 */
export const knownMaxBytes = 18_874_368

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

const Filename = Text({ min: 1, max: 255, singleLine: true })

/**
 * A file to upload in one request.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UploadInput = Schema.Struct({
  /** The name that recipients see, 1 to 255 characters. */
  filename: Filename,
  /** The MIME type. By default the server derives it from the filename. */
  content_type: OptionalInput(MimeType),
  /** The bytes of the file, at least 1 byte and at most the limit of the API, which is 18 MiB at present. */
  content: Content,
  /** The exact number of bytes. Required if `content` is a stream. */
  size: OptionalInput(WholeNumber(1))
})

/**
 * A file to upload in one request.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadInput extends Schema.Schema.Type<typeof UploadInput> {}

/**
 * A file that a process without the API key will upload.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CreateUploadInput = Schema.Struct({
  /** The name that recipients see, 1 to 255 characters. */
  filename: Filename,
  /** The exact number of bytes, at most the limit of the API, which is 18 MiB at present. */
  size_bytes: WholeNumber(1),
  /** The MIME type. By default the server derives it from the filename. */
  content_type: OptionalInput(MimeType),
  /** The SHA-256 digest of the bytes in lowercase hexadecimal. The server compares it with the uploaded bytes. */
  sha256: OptionalInput(
    Checked(Schema.String, (digest) =>
      /^[a-f0-9]{64}$/.test(digest) ? undefined : "must be 64 lowercase hexadecimal digits"
    )
  )
})

/**
 * A file that a process without the API key will upload.
 *
 * @since 0.1.0
 * @category models
 */
export interface CreateUploadInput extends Schema.Schema.Type<typeof CreateUploadInput> {}

/**
 * The bytes for an upload grant.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CompleteUploadInput = Schema.Struct({
  /** The bytes of the file, exactly as many as the upload was created for. */
  content: Content,
  /** The exact number of bytes. Required if `content` is a stream. */
  size: OptionalInput(WholeNumber(1)),
  /** The MIME type that the upload was created with. */
  content_type: OptionalInput(MimeType),
  /** The value of the header `X-Sendmux-Upload-Token` of the upload grant, plain or `Redacted`. */
  upload_token: SecretInput(Text({ min: 1 }))
})

/**
 * The bytes for an upload grant.
 *
 * @since 0.1.0
 * @category models
 */
export interface CompleteUploadInput extends Schema.Schema.Type<typeof CompleteUploadInput> {}

/**
 * An uploaded file.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Attachment = Schema.Struct({
  /** The id to use in the `attachments` of a message. It starts with `att_`. */
  attachment_id: Schema.String,
  filename: Schema.String,
  content_type: Schema.String,
  /** The size in bytes. */
  size_bytes: Schema.Number,
  /** The time until which messages can use the id. */
  expires_at: Timestamp
})

/**
 * An uploaded file.
 *
 * @since 0.1.0
 * @category models
 */
export interface Attachment extends Schema.Schema.Type<typeof Attachment> {}

/**
 * An upload grant: it permits the upload of one file without the API key. Its URL and headers are `Redacted`, because
 * they are all that an upload needs.
 *
 * @since 0.1.0
 * @category schemas
 */
export const AttachmentUpload = Schema.Struct({
  /** The id of the grant, which differs from the id of the attachment. It starts with `upl_`. */
  upload_id: Schema.String,
  /** The URL to send the bytes to. */
  upload_url: Secret,
  /** The HTTP method with which to send the bytes: `PUT` at present. */
  method: OpenEnum(["PUT"]),
  /** The time at which the grant expires, a few minutes after its creation. */
  expires_at: Timestamp,
  /** The maximum size in bytes. */
  max_size_bytes: Schema.Number,
  /** The headers to send with the bytes. All of them are required. */
  headers: RecordOf(Secret)
})

/**
 * An upload grant: it permits the upload of one file without the API key.
 *
 * @since 0.1.0
 * @category models
 */
export interface AttachmentUpload extends Schema.Schema.Type<typeof AttachmentUpload> {}

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** @internal */
export const attachmentOperations = {
  upload: operation("sending.attachments.upload", {
    http: "POST",
    path: "/emails/attachments",
    body: "bytes",
    query: ["filename", "content_type"],
    input: UploadInput,
    data: Attachment,
    success: [201],
    flags: ["idempotencyKey"]
  }),
  createUpload: operation("sending.attachments.createUpload", {
    http: "POST",
    path: "/emails/attachment-uploads",
    body: "json",
    input: CreateUploadInput,
    data: AttachmentUpload,
    success: [201],
    flags: ["idempotencyKey"]
  }),
  completeUpload: operation("sending.attachments.completeUpload", {
    http: "PUT",
    path: "/emails/attachment-uploads/{upload_id}",
    body: "bytes",
    headers: { upload_token: "x-sendmux-upload-token" },
    input: CompleteUploadInput,
    data: Attachment,
    success: [201],
    authenticated: false
  }),
  get: operation("sending.attachments.get", {
    http: "GET",
    path: "/emails/attachments/{attachment_id}",
    data: Attachment
  })
}

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * The methods of `sending.attachments`.
 *
 * @since 0.1.0
 * @category services
 */
export interface Attachments {
  /**
   * Uploads a file in one request: `POST /emails/attachments`. Succeeds with the attachment, whose id can be used in
   * any number of messages until it expires.
   *
   * A stream is collected in memory first, because the API requires the exact length.
   *
   * Fails with `InvalidRequestError` for an empty file, and for a file above the limit of the API. For a file of more
   * than 18 MiB the call reads the current limit first, from an upload grant: `POST /emails/attachment-uploads`. No byte
   * of a file above the limit is sent.
   *
   * @example
   * import { Sending } from "effect-sendmux/Sending"
   * import * as Effect from "effect/Effect"
   *
   * export const sendReport = (csv: string) =>
   *   Effect.gen(function* () {
   *     const { attachments, emails } = yield* Sending
   *     const { attachment_id } = yield* attachments.upload({
   *       filename: "report.csv",
   *       content_type: "text/csv",
   *       content: new TextEncoder().encode(csv)
   *     })
   *     return yield* emails.send({
   *       from: { email: "reports@example.com" },
   *       to: { email: "ada@example.com" },
   *       subject: "The report",
   *       html_body: "<p>Attached.</p>",
   *       attachments: [{ attachment_id }]
   *     })
   *   })
   *
   * @see `uploadDelegated` to send the bytes without the API key
   */
  readonly upload: Method<[file: UploadInput, options?: IdempotentOptions], Attachment>
  /**
   * Creates an upload grant for one file: `POST /emails/attachment-uploads`. Pass its URL and headers to the process
   * that has the bytes. That process needs no API key.
   *
   * Fails with `InvalidRequestError` for a size of 0, and with `payload_too_large` for a size above the limit of the API.
   */
  readonly createUpload: Method<[file: CreateUploadInput, options?: IdempotentOptions], AttachmentUpload>
  /**
   * Uploads the bytes for an upload grant: `PUT /emails/attachment-uploads/{upload_id}`. The request does not carry the
   * API key.
   *
   * Fails with `authentication_required` for a wrong token, with `not_found` if the grant has expired, with `conflict`
   * if other bytes were uploaded before, and with `payload_too_large` if the size differs from the size of the grant.
   */
  readonly completeUpload: Method<
    [upload_id: string, file: CompleteUploadInput, options?: CallOptions],
    Attachment
  >
  /**
   * Reads the metadata of an uploaded file: `GET /emails/attachments/{attachment_id}`. The bytes cannot be downloaded.
   *
   * Fails with `not_found` if the attachment does not exist or has expired.
   */
  readonly get: Method<[attachment_id: string, options?: CallOptions], Attachment>
  /**
   * Uploads a file with an upload grant: creates the grant with the size and the SHA-256 digest of the file, and sends
   * the bytes to its URL with its headers. Calls `POST /emails/attachment-uploads` and `PUT` on the issued URL. The
   * upload itself does not carry the API key.
   *
   * Fails with `InvalidRequestError` for an empty file and for a file above the limit of the grant, before any of it is
   * sent. Fails with `ResponseDecodeError` if the grant requires a method other than `PUT`.
   */
  readonly uploadDelegated: (
    file: UploadInput,
    options?: IdempotentOptions
  ) => Effect.Effect<Attachment, SendmuxError>
}

type CreateUpload = Method<[file: CreateUploadInput, options?: IdempotentOptions], AttachmentUpload>

/** The size of content that is known before the content is read, if it is. */
const sizeOf = ({ content, size }: UploadInput): number | undefined => {
  if (content instanceof Uint8Array) return content.byteLength
  return content instanceof Blob ? content.size : size
}

/**
 * Fails if a file is larger than the current limit of the API. The limit is read only for a file that is larger than the
 * limit that is known to this version.
 *
 * @internal
 */
export const checkLimit = (
  createUpload: CreateUpload,
  operation: string,
  file: Pick<UploadInput, "filename" | "content_type">,
  size: number | undefined,
  options: IdempotentOptions | undefined
): Effect.Effect<void, SendmuxError> =>
  Effect.gen(function* () {
    if (size === undefined || !(size > knownMaxBytes)) return
    const { content_type, filename } = file
    // The grant is not used, so it must not have the idempotency key of the upload. Its size is one that the API accepts.
    const { timeout } = options ?? {}
    const grant = { filename, content_type, size_bytes: knownMaxBytes }
    const { max_size_bytes } = yield* createUpload(grant, { timeout })
    if (size > max_size_bytes) return yield* tooLarge(operation, size, max_size_bytes)
  })

const tooLarge = (operation: string, size: number, limit: number) =>
  invalidRequest(operation, `content has ${size} bytes, and the API accepts at most ${limit}`)

/** @internal */
export const makeAttachments = (methods: DataMethods & UploadMethods): Attachments => {
  const upload = methods.call(attachmentOperations.upload)
  const createUpload = methods.call(attachmentOperations.createUpload)
  const put = methods.presigned(attachmentOperations.completeUpload)
  const uploadName = operationName(attachmentOperations.upload)
  const delegatedName = "sending.attachments.uploadDelegated"

  const limited =
    <A>(send: (file: UploadInput, options?: IdempotentOptions) => Effect.Effect<A, SendmuxError>) =>
    (file: UploadInput, options?: IdempotentOptions): Effect.Effect<A, SendmuxError> => {
      // The call itself rejects a file that is not an object.
      const size = isRecord(file) ? sizeOf(file) : undefined
      if (size === undefined || !(size > knownMaxBytes)) return send(file, options)
      return Effect.flatMap(checkLimit(createUpload, uploadName, file, size, options), () =>
        send(file, options)
      )
    }

  const uploadDelegated = (
    { content, content_type, filename, size }: UploadInput,
    options: IdempotentOptions | undefined
  ): Effect.Effect<Attachment, SendmuxError> =>
    Effect.gen(function* () {
      const known = sizeOf({ content, filename, size })
      yield* checkLimit(createUpload, delegatedName, { content_type, filename }, known, options)
      const bytes = yield* gatherContent(delegatedName, content, size, undefined)
      const sha256 = yield* sha256Hex(bytes)
      const size_bytes = bytes.byteLength
      const created = yield* createUpload.withResponse(
        { filename, content_type, size_bytes, sha256 },
        options
      )
      yield* checkUploadMethod(delegatedName, created)
      const { headers, max_size_bytes, upload_url } = created.data
      if (size_bytes > max_size_bytes) return yield* tooLarge(delegatedName, size_bytes, max_size_bytes)
      return yield* put(upload_url, headers, bytes, { timeout: options?.timeout })
    })

  return {
    upload: Object.assign(limited(upload), { withResponse: limited(upload.withResponse) }),
    createUpload,
    completeUpload: methods.call(attachmentOperations.completeUpload),
    get: methods.call(attachmentOperations.get),
    uploadDelegated: (file, options) =>
      isRecord(file)
        ? uploadDelegated(file, options)
        : Effect.fail(invalidRequest(delegatedName, "the input must be an object"))
  }
}
