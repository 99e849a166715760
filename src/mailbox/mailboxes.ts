/**
 * The mailboxes that a credential can access.
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
 * A mailbox that the credential can access.
 *
 * @since 0.1.0
 * @category schemas
 */
export const GrantedMailbox = Schema.Struct({
  /** The id for the option `mailbox_id` and for `Mailbox.withMailbox`. */
  id: Schema.String,
  email: Schema.String
})

/**
 * A mailbox that the credential can access.
 *
 * @since 0.1.0
 * @category models
 */
export interface GrantedMailbox extends Schema.Schema.Type<typeof GrantedMailbox> {}

/**
 * The mailboxes to list.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListGrantedMailboxesInput = Schema.Struct({
  ...pageFields,
  /** A part of the address of the mailbox. */
  q: OptionalInput(Schema.String)
})

/**
 * The mailboxes to list.
 *
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
 * The methods of `mailbox.mailboxes`.
 *
 * @since 0.1.0
 * @category services
 */
export interface GrantedMailboxes {
  /** Streams the mailboxes that the credential can access: `GET /mailbox/mailboxes`. A page has at most 100 mailboxes. */
  readonly list: ListMethod<[input?: ListGrantedMailboxesInput, options?: CallOptions], GrantedMailbox>
}

/** @internal */
export const makeMailboxes = (methods: Methods): GrantedMailboxes => ({
  list: methods.list(mailboxesOperations.list)
})
