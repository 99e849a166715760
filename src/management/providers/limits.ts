/**
 * The limits of the team for providers, and requests to raise them.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Nullable, NullableTimestamp, OpenEnum, Timestamp } from "../../internal/schema/schema.js"

/**
 * The usage and the limit of a kind of resource.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ResourceLimit = Schema.Struct({
  resource_type: Schema.String,
  usage: Schema.Number,
  /** The number of resources that are being created. */
  reserved: Schema.Number,
  max_allowed: Schema.Number,
  /** The usage from which `is_near_limit` is true. */
  threshold_usage: Schema.Number,
  /** The used share of the limit, where 1 is the whole limit. */
  usage_ratio: Schema.Number,
  is_near_limit: Schema.Boolean,
  is_at_limit: Schema.Boolean,
  can_request_increase: Schema.Boolean,
  /** The id of the request for a higher limit that is not decided yet. */
  pending_request_id: Nullable(Schema.String)
})

/**
 * The usage and the limit of a kind of resource.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResourceLimit extends Schema.Schema.Type<typeof ResourceLimit> {}

/**
 * The usage and the daily limit of the shared Amazon SES account, in messages.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SharedSesLimit = Schema.Struct({
  /** The id of the shared provider. Null if the team has none. */
  provider_id: Nullable(Schema.String),
  daily_limit: Nullable(Schema.Number),
  sent_today: Schema.Number,
  /** The usage from which `is_near_limit` is true. */
  threshold_usage: Nullable(Schema.Number),
  /** The used share of the limit, where 1 is the whole limit. */
  usage_ratio: Nullable(Schema.Number),
  is_near_limit: Schema.Boolean,
  can_request_increase: Schema.Boolean,
  /** The id of the request for a higher limit that is not decided yet. */
  pending_request_id: Nullable(Schema.String)
})

/**
 * The usage and the daily limit of the shared Amazon SES account, in messages.
 *
 * @since 0.1.0
 * @category models
 */
export interface SharedSesLimit extends Schema.Schema.Type<typeof SharedSesLimit> {}

/**
 * The limits of the team for providers.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ProviderLimits = Schema.Struct({
  sending_accounts: ResourceLimit,
  shared_amazon_ses: SharedSesLimit
})

/**
 * The limits of the team for providers.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProviderLimits extends Schema.Schema.Type<typeof ProviderLimits> {}

/**
 * A new request for more sending accounts, and the current limit.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SendingAccountLimitRequest = Schema.Struct({
  request_id: Schema.String,
  limit: ResourceLimit
})

/**
 * A new request for more sending accounts, and the current limit.
 *
 * @since 0.1.0
 * @category models
 */
export interface SendingAccountLimitRequest extends Schema.Schema.Type<typeof SendingAccountLimitRequest> {}

/**
 * A request for a higher daily limit of the shared Amazon SES account.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SharedSesLimitRequest = Schema.Struct({
  id: Schema.String,
  status: OpenEnum(["pending", "approved", "denied", "cancelled"]),
  /** The daily limit at the time of the request. */
  current_daily_limit: Schema.Number,
  /** The number of messages that were sent on the day of the request, at the time of the request. */
  current_daily_sent: Schema.Number,
  approved_daily_limit: Nullable(Schema.Number),
  /** A human-readable reason for the decision. */
  decision_note: Nullable(Schema.String),
  decided_at: NullableTimestamp,
  created_at: Timestamp
})

/**
 * A request for a higher daily limit of the shared Amazon SES account.
 *
 * @since 0.1.0
 * @category models
 */
export interface SharedSesLimitRequest extends Schema.Schema.Type<typeof SharedSesLimitRequest> {}

/**
 * The limit of the shared Amazon SES account, and the request that is not decided yet.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SharedSesLimitStatus = Schema.Struct({
  limit: SharedSesLimit,
  pending_request: Nullable(SharedSesLimitRequest)
})

/**
 * The limit of the shared Amazon SES account, and the request that is not decided yet.
 *
 * @since 0.1.0
 * @category models
 */
export interface SharedSesLimitStatus extends Schema.Schema.Type<typeof SharedSesLimitStatus> {}

/**
 * The limit of the shared Amazon SES account, and the request that was created or cancelled.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SharedSesLimitChange = Schema.Struct({
  limit: SharedSesLimit,
  request: SharedSesLimitRequest
})

/**
 * The limit of the shared Amazon SES account, and the request that was created or cancelled.
 *
 * @since 0.1.0
 * @category models
 */
export interface SharedSesLimitChange extends Schema.Schema.Type<typeof SharedSesLimitChange> {}
