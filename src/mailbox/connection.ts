/**
 * The credential and the mailboxes that it can access.
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
 * The methods of `mailbox.connection`.
 *
 * @since 0.1.0
 * @category services
 */
export interface MailboxConnection {
  /**
   * Checks the credential, and reads the team and the mailboxes that it can access: `GET /mailbox/connection`.
   *
   * Fails with `authentication_required` if the credential is invalid or has been revoked.
   */
  readonly get: ConditionalMethod<[options?: CallOptions], Connection>
}

/** @internal */
export const makeConnection = (methods: Methods): MailboxConnection => ({
  get: methods.conditional(connectionOperations.get)
})
