/**
 * The use of the quotas of a mailbox.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Methods } from "../internal/methods/methods.js"
import type { ConditionalMethod } from "../internal/model/call.js"
import { operation } from "../internal/operation/operation.js"
import { Nullable, OpenEnum } from "../internal/schema/schema.js"
import type { MailboxOptions } from "./options.js"

/**
 * A quota, its use and the limit that it has reached.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UsageResource = Schema.Struct({
  quota_id: Schema.String,
  name: Schema.String,
  /** What the quota applies to: `account`, `domain` or `global`. */
  scope: Schema.String,
  /** The unit of the numbers: `count` or `octets` (bytes). */
  resource_type: Schema.String,
  types: Schema.Array(Schema.String),
  used: Schema.Number,
  warn_limit: Nullable(Schema.Number),
  soft_limit: Nullable(Schema.Number),
  hard_limit: Schema.Number,
  /** The percentage of the hard limit, which is more than 100 if the limit is exceeded. */
  percent_used: Nullable(Schema.Number),
  /** The highest limit that the use has reached. */
  limit_status: OpenEnum(["ok", "warning", "soft_limit", "hard_limit", "unknown"])
})

/**
 * A quota, its use and the limit that it has reached.
 *
 * @since 0.1.0
 * @category models
 */
export interface UsageResource extends Schema.Schema.Type<typeof UsageResource> {}

/**
 * The use of all quotas of a mailbox.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxUsage = Schema.Struct({
  resources: Schema.Array(UsageResource),
  states: Schema.Struct({ quota_state: Nullable(Schema.String) })
})

/**
 * The use of all quotas of a mailbox.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxUsage extends Schema.Schema.Type<typeof MailboxUsage> {}

/** @internal */
export const usageOperations = {
  get: operation("mailbox.usage.get", {
    http: "GET",
    path: "/mailbox/usage",
    data: MailboxUsage,
    flags: ["conditional", "mailboxId"]
  })
}

/**
 * The methods of `mailbox.usage`.
 *
 * @since 0.1.0
 * @category services
 */
export interface Usage {
  /**
   * Reads all quotas with their use and the limits that they have reached: `GET /mailbox/usage`.
   *
   * Fails with `insufficient_permissions` if the credential cannot access a mailbox.
   */
  readonly get: ConditionalMethod<[options?: MailboxOptions], MailboxUsage>
}

/** @internal */
export const makeUsage = (methods: Methods): Usage => ({
  get: methods.conditional(usageOperations.get)
})
