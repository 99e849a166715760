/**
 * The options of the calls of the Mailbox API.
 *
 * @since 0.1.0
 */
import type { ModifyOptions } from "../internal/methods/modify.js"
import type {
  ByteStreamOptions,
  CallOptions,
  ConditionalWriteOptions,
  DownloadOptions,
  IdempotentOptions,
  MailboxTarget
} from "../internal/model/call.js"

/**
 * The options that every call for a mailbox accepts.
 *
 * @since 0.1.0
 * @category options
 */
export interface MailboxOptions extends CallOptions, MailboxTarget {}

/**
 * The options of a call that accepts an idempotency key: the server runs it once for each key.
 *
 * @since 0.1.0
 * @category options
 */
export interface MailboxIdempotentOptions extends IdempotentOptions, MailboxTarget {}

/**
 * The options of a write that can depend on the version of the resource.
 *
 * @since 0.1.0
 * @category options
 */
export interface MailboxConditionalWriteOptions extends ConditionalWriteOptions, MailboxTarget {}

/**
 * The options of a `modify` method.
 *
 * @since 0.1.0
 * @category options
 */
export interface MailboxModifyOptions extends ModifyOptions, MailboxTarget {}

/**
 * The options of a call that returns a stream of bytes.
 *
 * @since 0.2.0
 * @category options
 */
export interface MailboxByteStreamOptions extends ByteStreamOptions, MailboxTarget {}

/**
 * The options of a download, which can be limited to a range of the bytes.
 *
 * @since 0.1.0
 * @category options
 */
export interface MailboxDownloadOptions extends DownloadOptions, MailboxTarget {}
