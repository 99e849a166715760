/**
 * What steers a call of the mailbox surface.
 *
 * @since 0.1.0
 */

import type { ModifyOptions } from "../internal/methods/modify.js"
import type { CallOptions, ConditionalWriteOptions, IdempotentOptions } from "../internal/model/call.js"

/**
 * Which mailbox a call is about, for credentials that reach several.
 *
 * @since 0.1.0
 * @category options
 */
export interface MailboxTarget {
  /**
   * The mailbox's public id. Default: the one of `Mailbox.withMailbox` around the call, else the layer's; without
   * any the API takes the credential's only mailbox, and fails with `missing_parameter` where there are several.
   */
  readonly mailbox_id?: string | undefined
}

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
 * A part of a file: offsets in bytes from 0, `end` included. Without `end`, all that follows `start`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ByteRange {
  readonly start: number
  readonly end?: number | undefined
}

/**
 * Options of a download that may ask for a part only.
 *
 * @since 0.1.0
 * @category options
 */
export interface MailboxDownloadOptions extends MailboxOptions {
  readonly range?: ByteRange | undefined
}
