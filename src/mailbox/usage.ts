/**
 * How full a mailbox is.
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
 * One quota and how far it is used.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UsageResource = Schema.Struct({
  quota_id: Schema.String,
  name: Schema.String,
  /** `account`, `domain` or `global`. */
  scope: Schema.String,
  /** `count` or `octets`: what the numbers count. */
  resource_type: Schema.String,
  types: Schema.Array(Schema.String),
  used: Schema.Number,
  warn_limit: Nullable(Schema.Number),
  soft_limit: Nullable(Schema.Number),
  hard_limit: Schema.Number,
  /** 0 to 100, and more when over. */
  percent_used: Nullable(Schema.Number),
  /** The limit that has been reached. */
  limit_status: OpenEnum(["ok", "warning", "soft_limit", "hard_limit", "unknown"])
})

/**
 * @since 0.1.0
 * @category models
 */
export interface UsageResource extends Schema.Schema.Type<typeof UsageResource> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const MailboxUsage = Schema.Struct({
  resources: Schema.Array(UsageResource),
  states: Schema.Struct({ quota_state: Nullable(Schema.String) })
})

/**
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
 * @since 0.1.0
 * @category services
 */
export interface Usage {
  /** Every quota with its use and the limit it has reached: `GET /mailbox/usage`. */
  readonly get: ConditionalMethod<[options?: MailboxOptions], MailboxUsage>
}

/** @internal */
export const makeUsage = (methods: Methods): Usage => ({
  get: methods.conditional(usageOperations.get)
})
