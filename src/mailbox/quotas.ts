/**
 * The limits of a mailbox.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Methods } from "../internal/methods/methods.js"
import type { ListMethod, Method } from "../internal/model/call.js"
import { operation } from "../internal/operation/operation.js"
import { Literals, Nullable, OptionalInput } from "../internal/schema/schema.js"
import { ChangesInput, MailboxChanges } from "./changes/schemas.js"
import { Direction, pageFields } from "./filters.js"
import type { MailboxOptions } from "./options.js"

/**
 * One limit and how far it is used.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxQuota = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  description: Nullable(Schema.String),
  /** `account`, `domain` or `global`: what the limit is of. */
  scope: Schema.String,
  /** `count` or `octets`: what the numbers count. */
  resource_type: Schema.String,
  /** The kinds of things that count. */
  types: Schema.Array(Schema.String),
  used: Schema.Number,
  warn_limit: Nullable(Schema.Number),
  soft_limit: Nullable(Schema.Number),
  hard_limit: Schema.Number
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxQuota extends Schema.Schema.Type<typeof MailboxQuota> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ListQuotasInput = Schema.Struct({
  ...pageFields,
  name: OptionalInput(Schema.String),
  scope: OptionalInput(Literals("account", "domain", "global")),
  resource_type: OptionalInput(Literals("count", "octets")),
  /** A kind of thing that counts. */
  type: OptionalInput(Schema.String),
  sort_by: OptionalInput(Literals("name", "used")),
  sort_direction: OptionalInput(Direction)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface ListQuotasInput extends Schema.Schema.Type<typeof ListQuotasInput> {}

/** @internal */
export const quotaOperations = {
  list: operation("mailbox.quotas.list", {
    http: "GET",
    path: "/mailbox/quotas",
    input: ListQuotasInput,
    data: Schema.Array(MailboxQuota),
    flags: ["mailboxId", "paginated"]
  }),
  changes: operation("mailbox.quotas.changes", {
    http: "GET",
    path: "/mailbox/quotas/changes",
    input: ChangesInput,
    data: MailboxChanges,
    flags: ["mailboxId"]
  })
}

/**
 * @since 0.1.0
 * @category services
 */
export interface Quotas {
  /** Every limit: `GET /mailbox/quotas`. */
  readonly list: ListMethod<[input?: ListQuotasInput, options?: MailboxOptions], MailboxQuota>
  /**
   * The ids of limits that changed since a state: `GET /mailbox/quotas/changes`. A state the server does not know
   * fails with `invalid_parameter`; `sync.changes` follows states for you.
   */
  readonly changes: Method<[input?: ChangesInput, options?: MailboxOptions], MailboxChanges>
}

/** @internal */
export const makeQuotas = (methods: Methods): Quotas => ({
  list: methods.list(quotaOperations.list),
  changes: methods.call(quotaOperations.changes)
})
