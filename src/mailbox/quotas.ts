/**
 * The quotas of a mailbox.
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
 * A quota and its use.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxQuota = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  description: Nullable(Schema.String),
  /** What the quota applies to: `account`, `domain` or `global`. */
  scope: Schema.String,
  /** The unit of the numbers: `count` or `octets` (bytes). */
  resource_type: Schema.String,
  /** The types of the items that are counted. */
  types: Schema.Array(Schema.String),
  used: Schema.Number,
  warn_limit: Nullable(Schema.Number),
  soft_limit: Nullable(Schema.Number),
  hard_limit: Schema.Number
})

/**
 * A quota and its use.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxQuota extends Schema.Schema.Type<typeof MailboxQuota> {}

/**
 * The filters and the order of a list of quotas.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListQuotasInput = Schema.Struct({
  ...pageFields,
  name: OptionalInput(Schema.String),
  scope: OptionalInput(Literals("account", "domain", "global")),
  resource_type: OptionalInput(Literals("count", "octets")),
  /** A type of the items that are counted. */
  type: OptionalInput(Schema.String),
  sort_by: OptionalInput(Literals("name", "used")),
  sort_direction: OptionalInput(Direction)
})

/**
 * The filters and the order of a list of quotas.
 *
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
 * The methods of `mailbox.quotas`.
 *
 * @since 0.1.0
 * @category services
 */
export interface Quotas {
  /** Streams the quotas: `GET /mailbox/quotas`. A page has at most 100 quotas. */
  readonly list: ListMethod<[input?: ListQuotasInput, options?: MailboxOptions], MailboxQuota>
  /**
   * Reads the ids of the quotas that have changed since a state: `GET /mailbox/quotas/changes`.
   *
   * Fails with `invalid_parameter` if the server does not know the state.
   *
   * @see `sync.changes`, which also handles unknown states
   */
  readonly changes: Method<[input?: ChangesInput, options?: MailboxOptions], MailboxChanges>
}

/** @internal */
export const makeQuotas = (methods: Methods): Quotas => ({
  list: methods.list(quotaOperations.list),
  changes: methods.call(quotaOperations.changes)
})
