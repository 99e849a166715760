/**
 * Checking the credential.
 *
 * @since 0.1.0
 */

import type { DataMethods } from "../internal/methods/types.js"
import type { CallOptions, ConditionalMethod } from "../internal/model/call.js"
import { Connection } from "../internal/model/connection.js"
import { operation } from "../internal/operation/operation.js"

/** @internal */
export const connectionOperations = {
  get: operation("management.connection.get", {
    http: "GET",
    path: "/me",
    data: Connection,
    flags: ["conditional"]
  })
}

/**
 * @since 0.1.0
 * @category services
 */
export interface ManagementConnection {
  /**
   * Who the credential is and what it may do: `GET /me`.
   *
   * Fails with `authentication_required` for a key that does not work, and with `insufficient_permissions` for one
   * that is not a team's.
   */
  readonly get: ConditionalMethod<[options?: CallOptions], Connection>
}

/** @internal */
export const makeConnection = (methods: DataMethods): ManagementConnection => ({
  get: methods.conditional(connectionOperations.get)
})
