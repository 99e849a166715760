/**
 * The address, the status and the storage of the mailbox.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Methods } from "../internal/methods/methods.js"
import type { ConditionalMethod } from "../internal/model/call.js"
import { operation } from "../internal/operation/operation.js"
import { Nullable, OpenEnum, Optional, Timestamp } from "../internal/schema/schema.js"
import type { MailboxOptions } from "./options.js"

/**
 * The address, the status and the storage of the mailbox.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxMe = Schema.Struct({
  id: Schema.String,
  email: Schema.String,
  display_name: Nullable(Schema.String),
  status: OpenEnum(["active", "suspended", "deleted"]),
  /** The storage limit in bytes. `null` if the mailbox has no limit of its own. */
  quota_bytes: Nullable(Schema.Number),
  /** The used storage in bytes. */
  quota_used_bytes: Optional(Schema.Number),
  /** The providers through which the mailbox may send. `null` if the mailbox has no rule of its own. */
  send_scope: Nullable(
    Schema.Struct({
      type: OpenEnum(["all", "providers", "group"]),
      provider_public_ids: Optional(Schema.Array(Schema.String)),
      group_public_ids: Optional(Schema.Array(Schema.String))
    })
  ),
  created_at: Timestamp
})

/**
 * The address, the status and the storage of the mailbox.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxMe extends Schema.Schema.Type<typeof MailboxMe> {}

/** @internal */
export const meOperations = {
  get: operation("mailbox.me.get", {
    http: "GET",
    path: "/mailbox/me",
    data: MailboxMe,
    flags: ["conditional", "mailboxId"]
  })
}

/**
 * The methods of `mailbox.me`.
 *
 * @since 0.1.0
 * @category services
 */
export interface Me {
  /**
   * Reads the address, the status and the storage of the mailbox: `GET /mailbox/me`.
   *
   * Fails with `not_found` if the credential cannot access the mailbox.
   */
  readonly get: ConditionalMethod<[options?: MailboxOptions], MailboxMe>
}

/** @internal */
export const makeMe = (methods: Methods): Me => ({
  get: methods.conditional(meOperations.get)
})
