/**
 * Who a mailbox writes as.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Methods } from "../internal/methods/methods.js"
import type { ListMethod, Method } from "../internal/model/call.js"
import { operation } from "../internal/operation/operation.js"
import { OptionalInput, Text } from "../internal/schema/schema.js"
import { MailboxAddress } from "./addresses.js"
import { PageInput } from "./filters.js"
import type { MailboxOptions } from "./options.js"

/**
 * A name, an address and signatures to write with.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxIdentity = Schema.Struct({
  id: Schema.String,
  email: Schema.String,
  /** The display name; empty for none. */
  name: Schema.String,
  reply_to: Schema.Array(MailboxAddress),
  bcc: Schema.Array(MailboxAddress),
  text_signature: Schema.String,
  html_signature: Schema.String,
  may_delete: Schema.Boolean
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxIdentity extends Schema.Schema.Type<typeof MailboxIdentity> {}

const clearable = (max: number) => OptionalInput(Schema.NullOr(Text({ max })))

/**
 * What to change of the identity: what is left out stays, `null` clears.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UpdateIdentityInput = Schema.Struct({
  /** Up to 254 characters. */
  name: clearable(254),
  /** Up to 2047 characters. */
  text_signature: clearable(2047),
  /** Up to 2047 characters. */
  html_signature: clearable(2047)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface UpdateIdentityInput extends Schema.Schema.Type<typeof UpdateIdentityInput> {}

/** @internal */
export const identityOperations = {
  list: operation("mailbox.identities.list", {
    http: "GET",
    path: "/mailbox/identities",
    input: PageInput,
    data: Schema.Array(MailboxIdentity),
    flags: ["mailboxId", "paginated"]
  }),
  getDefault: operation("mailbox.identities.getDefault", {
    http: "GET",
    path: "/mailbox/identity",
    data: MailboxIdentity,
    flags: ["mailboxId"]
  }),
  updateDefault: operation("mailbox.identities.updateDefault", {
    http: "PATCH",
    path: "/mailbox/identity",
    body: "json",
    input: UpdateIdentityInput,
    data: MailboxIdentity,
    flags: ["mailboxId"]
  })
}

/**
 * @since 0.1.0
 * @category services
 */
export interface Identities {
  /** Everybody the mailbox may write as: `GET /mailbox/identities`. */
  readonly list: ListMethod<[input?: PageInput, options?: MailboxOptions], MailboxIdentity>
  /** Who the mailbox writes as by default: `GET /mailbox/identity`. */
  readonly getDefault: Method<[options?: MailboxOptions], MailboxIdentity>
  /** Changes name and signatures of the default identity: `PATCH /mailbox/identity`. */
  readonly updateDefault: Method<[change: UpdateIdentityInput, options?: MailboxOptions], MailboxIdentity>
}

/** @internal */
export const makeIdentities = (methods: Methods): Identities => ({
  list: methods.list(identityOperations.list),
  getDefault: methods.call(identityOperations.getDefault),
  updateDefault: methods.call(identityOperations.updateDefault)
})
