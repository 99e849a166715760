/**
 * The identities of a mailbox: the names, addresses and signatures with which it sends.
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
 * A sender address with its name and signatures.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxIdentity = Schema.Struct({
  id: Schema.String,
  email: Schema.String,
  /** The display name. An empty string means that there is none. */
  name: Schema.String,
  reply_to: Schema.Array(MailboxAddress),
  bcc: Schema.Array(MailboxAddress),
  text_signature: Schema.String,
  html_signature: Schema.String,
  may_delete: Schema.Boolean
})

/**
 * A sender address with its name and signatures.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxIdentity extends Schema.Schema.Type<typeof MailboxIdentity> {}

const clearable = (max: number) => OptionalInput(Schema.NullOr(Text({ max })))

/**
 * A change of the default identity. Fields that are left out keep their values, and `null` clears a field.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UpdateIdentityInput = Schema.Struct({
  /** At most 254 characters. */
  name: clearable(254),
  /** At most 2047 characters. */
  text_signature: clearable(2047),
  /** At most 2047 characters. */
  html_signature: clearable(2047)
})

/**
 * A change of the default identity. Fields that are left out keep their values, and `null` clears a field.
 *
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
 * The methods of `mailbox.identities`.
 *
 * @since 0.1.0
 * @category services
 */
export interface Identities {
  /** Streams the identities with which the mailbox may send: `GET /mailbox/identities`. A page has at most 100 identities. */
  readonly list: ListMethod<[input?: PageInput, options?: MailboxOptions], MailboxIdentity>
  /**
   * Reads the default identity: `GET /mailbox/identity`.
   *
   * Fails with `insufficient_permissions` if the credential may not read it.
   */
  readonly getDefault: Method<[options?: MailboxOptions], MailboxIdentity>
  /**
   * Changes the name and the signatures of the default identity: `PATCH /mailbox/identity`.
   *
   * Fails with `insufficient_permissions` if the credential may not change it.
   */
  readonly updateDefault: Method<[change: UpdateIdentityInput, options?: MailboxOptions], MailboxIdentity>
}

/** @internal */
export const makeIdentities = (methods: Methods): Identities => ({
  list: methods.list(identityOperations.list),
  getDefault: methods.call(identityOperations.getDefault),
  updateDefault: methods.call(identityOperations.updateDefault)
})
