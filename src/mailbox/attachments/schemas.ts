/**
 * The inputs, results and options of uploads and downloads of attachments.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import {
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
} from "../../internal/schema/schema.js"
import type { MailboxByteStreamOptions, MailboxOptions } from "../options.js"

const Filename = Text({ min: 1, singleLine: true })

// -----------------------------------------------------------------------------
// uploads
// -----------------------------------------------------------------------------

/**
 * A file to upload.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxUploadInput = Schema.Struct({
  /** The name that recipients see. */
  filename: Filename,
  /** The media type. Default: `application/octet-stream`. */
  content_type: OptionalInput(MimeType),
  /** The bytes, at least one and at most the limit of the mailbox. */
  content: Content,
  /** The exact number of bytes, which is required if `content` is a stream. */
  size: OptionalInput(WholeNumber(1))
})

/**
 * A file to upload.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxUploadInput extends Schema.Schema.Type<typeof MailboxUploadInput> {}

/**
 * The description of a file that is uploaded later, by a client that does not need the credential.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxCreateUploadInput = Schema.Struct({
  /** The name that recipients see. */
  filename: Filename,
  /** The media type, which the upload must repeat exactly. */
  content_type: MimeType,
  /** The exact number of bytes of the upload. */
  size_bytes: WholeNumber(1)
})

/**
 * The description of a file that is uploaded later, by a client that does not need the credential.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxCreateUploadInput extends Schema.Schema.Type<typeof MailboxCreateUploadInput> {}

/**
 * An upload grant: the permission to upload one file without the credential. The URL is `Redacted`, because everyone who
 * knows it can upload the file.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxAttachmentUpload = Schema.Struct({
  upload_id: Schema.String,
  /** The URL to which a request sends the bytes, with all `headers` and without the credential. */
  upload_url: Secret,
  /** The HTTP method of that request: `PUT` at present. */
  method: OpenEnum(["PUT"]),
  /** `Content-Type` and `Content-Length`. */
  headers: RecordOf(Schema.String),
  /** When the grant expires, a few minutes after its creation. */
  expires_at: Timestamp,
  max_size_bytes: Schema.Number
})

/**
 * An upload grant: the permission to upload one file without the credential.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxAttachmentUpload extends Schema.Schema.Type<typeof MailboxAttachmentUpload> {}

/**
 * An uploaded file, which messages and drafts can refer to.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UploadedBlob = Schema.Struct({
  /** The id for the `attachments` of a message or a draft. */
  blob_id: Schema.String,
  filename: Schema.String,
  content_type: Schema.String,
  size_bytes: Schema.Number
})

/**
 * An uploaded file, which messages and drafts can refer to.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadedBlob extends Schema.Schema.Type<typeof UploadedBlob> {}

/**
 * The options of an upload.
 *
 * @since 0.1.0
 * @category options
 */
export interface MailboxUploadOptions extends MailboxOptions {
  /**
   * The maximum number of bytes. A larger file fails the call before any of it is sent. With `"session"`, the limit of
   * the mailbox is read first: `GET /mailbox/session`. Default: 7,500,000.
   */
  readonly max_size_bytes?: number | "session" | undefined
}

// -----------------------------------------------------------------------------
// downloads
// -----------------------------------------------------------------------------

/**
 * The query of a download.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DownloadInput = Schema.Struct({
  /** The token of a `download_url`. A call with the credential does not need it. */
  download_token: OptionalInput(SecretInput(Text({ min: 1 })))
})

/**
 * The query of a download.
 *
 * @since 0.1.0
 * @category models
 */
export interface DownloadInput extends Schema.Schema.Type<typeof DownloadInput> {}

/**
 * The options of a download that resumes after a failure. `timeout` limits how long each request may take until its
 * headers have arrived, and `idleTimeout` how long the server may pause between two chunks. A longer pause is handled
 * like a lost connection.
 *
 * @since 0.1.0
 * @category options
 */
export interface ResumableDownloadOptions extends MailboxByteStreamOptions {
  /**
   * Where to download from: `"api"` uses the credential, and `"download_url"` uses the URL of the attachment without
   * the credential. A URL that has expired is renewed by reading the message again. Default: `"api"`.
   */
  readonly via?: "api" | "download_url" | undefined
  /** After how many consecutive requests without any byte the download fails. Default: 5. */
  readonly maxFailures?: number | undefined
}
