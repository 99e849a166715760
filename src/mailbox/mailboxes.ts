/**
 * The mailboxes a credential reaches.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Methods } from "../internal/methods/methods.js"
import type { CallOptions, ListMethod } from "../internal/model/call.js"
import { operation } from "../internal/operation/operation.js"
import { OptionalInput } from "../internal/schema/schema.js"
import { pageFields } from "./filters.js"

/**
 * A mailbox that the credential may use.
 *
 * @since 0.1.0
 * @category schemas
 */
export const GrantedMailbox = Schema.Struct({
  /** For `mailbox_id` and `Mailbox.withMailbox`. */
  id: Schema.String,
  email: Schema.String
})

/**
 * @since 0.1.0
 * @category models
 */
export interface GrantedMailbox extends Schema.Schema.Type<typeof GrantedMailbox> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ListGrantedMailboxesInput = Schema.Struct({
  ...pageFields,
  /** Part of the mailbox's address. */
  q: OptionalInput(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface ListGrantedMailboxesInput extends Schema.Schema.Type<typeof ListGrantedMailboxesInput> {}

/** @internal */
export const mailboxesOperations = {
  list: operation("mailbox.mailboxes.list", {
    http: "GET",
    path: "/mailbox/mailboxes",
    input: ListGrantedMailboxesInput,
    data: Schema.Array(GrantedMailbox),
    flags: ["paginated"]
  })
}

/**
 * @since 0.1.0
 * @category services
 */
export interface GrantedMailboxes {
  /** Every mailbox the credential reaches: `GET /mailbox/mailboxes`. */
  readonly list: ListMethod<[input?: ListGrantedMailboxesInput, options?: CallOptions], GrantedMailbox>
}

/** @internal */
export const makeMailboxes = (methods: Methods): GrantedMailboxes => ({
  list: methods.list(mailboxesOperations.list)
})
