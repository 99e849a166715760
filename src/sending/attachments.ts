/**
 * Files to attach: uploaded once, referred to by id when sending.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { DataMethods } from "../internal/methods/types.js"
import type { CallOptions, IdempotentOptions, Method } from "../internal/model/call.js"
import type { SendmuxError } from "../internal/model/errors.js"
import { operation, operationName } from "../internal/operation/operation.js"
import { gatherContent, sha256Hex } from "../internal/request/content.js"
import {
  Checked,
  Content,
  Literals,
  MimeType,
  OptionalInput,
  RecordOf,
  Secret,
  SecretInput,
  Text,
  Timestamp,
  WholeNumber
} from "../internal/schema/schema.js"

/** The most bytes one file may have: 18 MiB. */
const maxBytes = 18_874_368

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

const Filename = Text({ min: 1, max: 255 })

/**
 * A file to upload in one request.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UploadInput = Schema.Struct({
  /** 1 to 255 characters; recipients see it. */
  filename: Filename,
  /** The MIME type; by default the server goes by the filename. */
  content_type: OptionalInput(MimeType),
  /** 1 byte to 18 MiB. */
  content: Content,
  /** The exact number of bytes; a stream needs it. */
  size: OptionalInput(WholeNumber(1))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface UploadInput extends Schema.Schema.Type<typeof UploadInput> {}

/**
 * A file that somebody without the API key will upload.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CreateUploadInput = Schema.Struct({
  /** 1 to 255 characters; recipients see it. */
  filename: Filename,
  /** The exact number of bytes, up to 18 MiB. */
  size_bytes: WholeNumber(1, maxBytes),
  /** The MIME type; by default the server goes by the filename. */
  content_type: OptionalInput(MimeType),
  /** The SHA-256 of the bytes in lower-case hex, for the server to check. */
  sha256: OptionalInput(
    Checked(Schema.String, (digest) =>
      /^[a-f0-9]{64}$/.test(digest) ? undefined : "must be 64 lower-case hexadecimal digits"
    )
  )
})

/**
 * @since 0.1.0
 * @category models
 */
export interface CreateUploadInput extends Schema.Schema.Type<typeof CreateUploadInput> {}

/**
 * The bytes of an upload that was created before.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CompleteUploadInput = Schema.Struct({
  /** Exactly as many bytes as the upload was created for. */
  content: Content,
  /** The exact number of bytes; a stream needs it. */
  size: OptionalInput(WholeNumber(1)),
  /** The MIME type the upload was created with. */
  content_type: OptionalInput(MimeType),
  /** The value of the header `X-Sendmux-Upload-Token` that came with the upload. */
  upload_token: SecretInput(Text({ min: 1 }))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface CompleteUploadInput extends Schema.Schema.Type<typeof CompleteUploadInput> {}

/**
 * An uploaded file, for as long as it is kept.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Attachment = Schema.Struct({
  /** Starts with `att_`; goes into a message's `attachments`. */
  attachment_id: Schema.String,
  filename: Schema.String,
  content_type: Schema.String,
  size_bytes: Schema.Number,
  /** The id works until then. */
  expires_at: Timestamp
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Attachment extends Schema.Schema.Type<typeof Attachment> {}

/**
 * Leave to upload one file without the API key. Whoever holds the URL and the headers can use it, so they are
 * `Redacted`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const AttachmentUpload = Schema.Struct({
  /** Starts with `upl_`; not the id of the attachment. */
  upload_id: Schema.String,
  upload_url: Secret,
  method: Literals("PUT"),
  /** The leave ends then, minutes from now. */
  expires_at: Timestamp,
  max_size_bytes: Schema.Number,
  /** Send every one of them with the bytes. */
  headers: RecordOf(Secret)
})

/**
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
    maxBytes,
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
    authenticated: false,
    maxBytes
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
 * @since 0.1.0
 * @category services
 */
export interface Attachments {
  /**
   * Uploads a file in one request: `POST /emails/attachments`.
   *
   * An empty file, or one of more than 18 MiB, is refused before anything is sent.
   */
  readonly upload: Method<[file: UploadInput, options?: IdempotentOptions], Attachment>
  /**
   * Creates leave to upload one file without the API key: `POST /emails/attachment-uploads`. Hand the URL and the
   * headers to whoever holds the bytes.
   */
  readonly createUpload: Method<[file: CreateUploadInput, options?: IdempotentOptions], AttachmentUpload>
  /**
   * Uploads the bytes for a created upload: `PUT /emails/attachment-uploads/{upload_id}`. The API key is not sent.
   *
   * Fails with `authentication_required` for a token that does not fit, `not_found` once the leave has expired,
   * `conflict` when other bytes were uploaded already, and `payload_too_large` when the size is another one.
   */
  readonly completeUpload: Method<
    [upload_id: string, file: CompleteUploadInput, options?: CallOptions],
    Attachment
  >
  /**
   * An uploaded file's facts, without its bytes: `GET /emails/attachments/{attachment_id}`. Fails with `not_found`
   * once it has expired.
   */
  readonly get: Method<[attachment_id: string, options?: CallOptions], Attachment>
  /**
   * Uploads a file the delegated way in one go: creates the upload with the file's size and SHA-256, then sends the
   * bytes to the URL that came back with exactly the headers that came with it, and never the API key.
   */
  readonly uploadDelegated: (
    file: UploadInput,
    options?: IdempotentOptions
  ) => Effect.Effect<Attachment, SendmuxError>
}

/** @internal */
export const makeAttachments = (methods: DataMethods): Attachments => {
  const create = methods.call(attachmentOperations.createUpload)
  const put = methods.presigned(attachmentOperations.completeUpload)
  return {
    upload: methods.call(attachmentOperations.upload),
    createUpload: create,
    completeUpload: methods.call(attachmentOperations.completeUpload),
    get: methods.call(attachmentOperations.get),
    uploadDelegated: (file, options) =>
      Effect.gen(function* () {
        const { filename, content_type, content, size } = file
        const bytes = yield* gatherContent(
          operationName(attachmentOperations.createUpload),
          content,
          size,
          maxBytes
        )
        const sha256 = yield* sha256Hex(bytes)
        const created = yield* create(
          { filename, content_type, size_bytes: bytes.byteLength, sha256 },
          options
        )
        return yield* put(created.upload_url, created.headers, bytes, { timeout: options?.timeout })
      })
  }
}
