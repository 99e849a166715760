/**
 * What steers a call of the mailbox surface.
 *
 * @since 0.1.0
 */

import type { ModifyOptions } from "../internal/methods/modify.js"
import type {
  CallOptions,
  ConditionalWriteOptions,
  DownloadOptions,
  IdempotentOptions,
  MailboxTarget
} from "../internal/model/call.js"

/**
 * @since 0.1.0
 * @category options
 */
export interface MailboxOptions extends CallOptions, MailboxTarget {}

/**
 * Options of a call that the server runs once for each key.
 *
 * @since 0.1.0
 * @category options
 */
export interface MailboxIdempotentOptions extends IdempotentOptions, MailboxTarget {}

/**
 * Options of a write that may ask that nobody wrote in between.
 *
 * @since 0.1.0
 * @category options
 */
export interface MailboxConditionalWriteOptions extends ConditionalWriteOptions, MailboxTarget {}

/**
 * What steers a `modify`.
 *
 * @since 0.1.0
 * @category options
 */
export interface MailboxModifyOptions extends ModifyOptions, MailboxTarget {}

/**
 * Options of a download that may ask for a part only.
 *
 * @since 0.1.0
 * @category options
 */
export interface MailboxDownloadOptions extends DownloadOptions, MailboxTarget {}
