/**
 * Checking the credential.
 *
 * @since 0.1.0
 */

import type { Methods } from "../internal/methods/methods.js"
import type { CallOptions, ConditionalMethod } from "../internal/model/call.js"
import { Connection } from "../internal/model/connection.js"
import { operation } from "../internal/operation/operation.js"

/** @internal */
export const connectionOperations = {
  get: operation("mailbox.connection.get", {
    http: "GET",
    path: "/mailbox/connection",
    data: Connection,
    flags: ["conditional"]
  })
}

/**
 * @since 0.1.0
 * @category services
 */
export interface MailboxConnection {
  /**
   * Who the credential is and which mailboxes it reaches: `GET /mailbox/connection`.
   *
   * Fails with `authentication_required` for a credential that does not work.
   */
  readonly get: ConditionalMethod<[options?: CallOptions], Connection>
}

/** @internal */
export const makeConnection = (methods: Methods): MailboxConnection => ({
  get: methods.conditional(connectionOperations.get)
})
