/**
 * How much a team may have and send, and requests for more.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Nullable, NullableTimestamp, OpenEnum, Timestamp } from "../../internal/schema/schema.js"

/**
 * How much of something the team has, and may have.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ResourceLimit = Schema.Struct({
  resource_type: Schema.String,
  usage: Schema.Number,
  /** Held back for what is being made just now. */
  reserved: Schema.Number,
  max_allowed: Schema.Number,
  /** From how much on `is_near_limit` holds. */
  threshold_usage: Schema.Number,
  /** How much of the limit is used: 1 is all of it. */
  usage_ratio: Schema.Number,
  is_near_limit: Schema.Boolean,
  is_at_limit: Schema.Boolean,
  can_request_increase: Schema.Boolean,
  /** The request for more that waits for an answer. */
  pending_request_id: Nullable(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface ResourceLimit extends Schema.Schema.Type<typeof ResourceLimit> {}

/**
 * How much the team sends, and may send, through the shared Amazon SES account.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SharedSesLimit = Schema.Struct({
  /** The shared provider; null where the team has none. */
  provider_id: Nullable(Schema.String),
  daily_limit: Nullable(Schema.Number),
  sent_today: Schema.Number,
  /** From how many messages on `is_near_limit` holds. */
  threshold_usage: Nullable(Schema.Number),
  /** How much of the limit is used: 1 is all of it. */
  usage_ratio: Nullable(Schema.Number),
  is_near_limit: Schema.Boolean,
  can_request_increase: Schema.Boolean,
  /** The request for more that waits for an answer. */
  pending_request_id: Nullable(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SharedSesLimit extends Schema.Schema.Type<typeof SharedSesLimit> {}

/**
 * How close the team is to its limits.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ProviderLimits = Schema.Struct({
  sending_accounts: ResourceLimit,
  shared_amazon_ses: SharedSesLimit
})

/**
 * @since 0.1.0
 * @category models
 */
export interface ProviderLimits extends Schema.Schema.Type<typeof ProviderLimits> {}

/**
 * A request for more sending accounts, as it was taken.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SendingAccountLimitRequest = Schema.Struct({
  request_id: Schema.String,
  limit: ResourceLimit
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SendingAccountLimitRequest extends Schema.Schema.Type<typeof SendingAccountLimitRequest> {}

/**
 * A request for a higher daily limit on the shared Amazon SES account.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SharedSesLimitRequest = Schema.Struct({
  id: Schema.String,
  status: OpenEnum(["pending", "approved", "denied", "cancelled"]),
  /** The daily limit when it was made. */
  current_daily_limit: Schema.Number,
  /** What the day had seen when it was made. */
  current_daily_sent: Schema.Number,
  approved_daily_limit: Nullable(Schema.Number),
  /** Why it was decided as it was, for people. */
  decision_note: Nullable(Schema.String),
  decided_at: NullableTimestamp,
  created_at: Timestamp
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SharedSesLimitRequest extends Schema.Schema.Type<typeof SharedSesLimitRequest> {}

/**
 * The shared Amazon SES limit with the request that waits for an answer, if there is one.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SharedSesLimitStatus = Schema.Struct({
  limit: SharedSesLimit,
  pending_request: Nullable(SharedSesLimitRequest)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SharedSesLimitStatus extends Schema.Schema.Type<typeof SharedSesLimitStatus> {}

/**
 * The shared Amazon SES limit with the request that was made or cancelled.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SharedSesLimitChange = Schema.Struct({
  limit: SharedSesLimit,
  request: SharedSesLimitRequest
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SharedSesLimitChange extends Schema.Schema.Type<typeof SharedSesLimitChange> {}
