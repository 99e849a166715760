/**
 * Reads the credential of a Sending layer as the API sees it.
 *
 * @since 0.1.0
 */
import type { DataMethods } from "../internal/methods/types.js"
import type { CallOptions, ConditionalMethod } from "../internal/model/call.js"
import { Connection } from "../internal/model/connection.js"
import { operation } from "../internal/operation/operation.js"

/** @internal */
export const connectionOperations = {
  get: operation("sending.connection.get", {
    http: "GET",
    path: "/me",
    data: Connection,
    flags: ["conditional"]
  })
}

/**
 * The methods of `sending.connection`.
 *
 * @since 0.1.0
 * @category services
 */
export interface SendingConnection {
  /**
   * Reads the team, the permissions and the mailboxes of the credential: `GET /me`. Use it to check a credential.
   *
   * Fails with `authentication_required` for an invalid credential, and with `insufficient_permissions` for a
   * credential that may not send.
   */
  readonly get: ConditionalMethod<[options?: CallOptions], Connection>
}

/** @internal */
export const makeConnection = (methods: DataMethods): SendingConnection => ({
  get: methods.conditional(connectionOperations.get)
})
