/**
 * The schemas of providers, of their quotas and statistics, and of their inputs.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import {
  Checked,
  Literals,
  Nullable,
  NullableTimestamp,
  OneOf,
  OpenEnum,
  Optional,
  OptionalInput,
  RecordOf,
  SecretInput,
  Text,
  Timestamp,
  WholeNumber
} from "../../internal/schema/schema.js"
import { pageKeys } from "../common.js"

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

const types = ["smtp", "gmail_api", "outlook_api", "amazon_ses"] as const
const statuses = ["active", "inactive", "error", "pending"] as const

/**
 * The maximum number of messages in an interval. If `min` and `max` differ, the server chooses a number between them
 * for each interval.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ProviderQuotaRange = Schema.Struct({ min: Schema.Number, max: Schema.Number })

/**
 * The maximum number of messages in an interval.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProviderQuotaRange extends Schema.Schema.Type<typeof ProviderQuotaRange> {}

/**
 * The maximum number of messages of a provider by interval. Null means that there is no limit.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ProviderQuotas = Schema.Struct({
  per_second: Nullable(ProviderQuotaRange),
  per_minute: Nullable(ProviderQuotaRange),
  per_hour: Nullable(ProviderQuotaRange),
  per_day: Nullable(ProviderQuotaRange)
})

/**
 * The maximum number of messages of a provider by interval.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProviderQuotas extends Schema.Schema.Type<typeof ProviderQuotas> {}

/**
 * The actions that are currently permitted on a provider. For example, a shared provider cannot be updated.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ProviderActions = Schema.Struct({
  activate: Schema.Boolean,
  deactivate: Schema.Boolean,
  delete: Schema.Boolean,
  test: Schema.Boolean,
  update: Schema.Boolean,
  update_variables: Optional(Schema.Boolean)
})

/**
 * The actions that are currently permitted on a provider.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProviderActions extends Schema.Schema.Type<typeof ProviderActions> {}

/**
 * A provider: an account that messages are sent through. The dashboard calls it a sending account.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Provider = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  type: OpenEnum(types),
  status: OpenEnum(statuses),
  /** A human-readable reason for the status. */
  status_reason: Nullable(Schema.String),
  is_active: Schema.Boolean,
  is_editable: Schema.Boolean,
  /** Whether it is a provider of Sendmux that several teams use. */
  is_shared: Schema.Boolean,
  allowed_actions: ProviderActions,
  /** The share of the team's messages that are sent through this provider, 0 to 100. */
  percentage: Nullable(Schema.Number),
  quotas: ProviderQuotas,
  /** Replaces the sender address of messages. */
  from_email: Nullable(Schema.String),
  from_name: Nullable(Schema.String),
  reply_to_email: Nullable(Schema.String),
  reply_to_name: Nullable(Schema.String),
  tracking_domain: Nullable(Schema.String),
  smtp_host: Nullable(Schema.String),
  smtp_port: Nullable(Schema.Number),
  /** `tls`, `ssl`, `none` or `starttls`. */
  smtp_protocol: Nullable(Schema.String),
  smtp_username: Nullable(Schema.String),
  /** Whether a password is stored. The API never returns the password. */
  has_smtp_password: Schema.Boolean,
  /** The account that was connected with OAuth. */
  oauth_email: Nullable(Schema.String),
  has_refresh_token: Schema.Boolean,
  /** Values that messages through this provider can use. Lists and older servers omit them. */
  variables: Optional(RecordOf(Schema.String)),
  last_tested_at: NullableTimestamp,
  last_used_at: NullableTimestamp,
  created_at: Timestamp,
  updated_at: Timestamp
})

/**
 * A provider: an account that messages are sent through.
 *
 * @since 0.1.0
 * @category models
 */
export interface Provider extends Schema.Schema.Type<typeof Provider> {}

/**
 * The result of a connection test.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ProviderTest = Schema.Struct({
  /** Whether the connection succeeded. */
  success: Schema.Boolean,
  /** A human-readable description of the result. */
  message: Schema.String,
  latency_ms: Schema.Number,
  tested_at: Timestamp
})

/**
 * The result of a connection test.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProviderTest extends Schema.Schema.Type<typeof ProviderTest> {}

/**
 * The number of providers by status and by type.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ProviderStats = Schema.Struct({
  total: Schema.Number,
  active: Schema.Number,
  inactive: Schema.Number,
  error: Schema.Number,
  pending: Schema.Number,
  by_status: Schema.Struct({
    active: Schema.Number,
    inactive: Schema.Number,
    error: Schema.Number,
    pending: Schema.Number
  }),
  by_type: Schema.Struct({
    smtp: Schema.Number,
    gmail_api: Schema.Number,
    outlook_api: Schema.Number,
    amazon_ses: Schema.Number
  })
})

/**
 * The number of providers by status and by type.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProviderStats extends Schema.Schema.Type<typeof ProviderStats> {}

/**
 * The number of messages of a provider today and in the last seven days, by status.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ProviderUsageItem = Schema.Struct({
  provider_id: Schema.String,
  sent_today: Schema.Number,
  sent_7d: Schema.Number,
  failed_7d: Schema.Number,
  rejected_7d: Schema.Number,
  pending_7d: Schema.Number,
  total_7d: Schema.Number
})

/**
 * The number of messages of a provider today and in the last seven days, by status.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProviderUsageItem extends Schema.Schema.Type<typeof ProviderUsageItem> {}

/**
 * The number of messages of each provider.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ProviderUsage = Schema.Struct({
  providers: Schema.Array(ProviderUsageItem),
  /** The number of days that the counts cover: 7. */
  window_days: Schema.Number
})

/**
 * The number of messages of each provider.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProviderUsage extends Schema.Schema.Type<typeof ProviderUsage> {}

// -----------------------------------------------------------------------------
// inputs
// -----------------------------------------------------------------------------

/**
 * The filter of a list of providers.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListProvidersInput = Schema.Struct({
  ...pageKeys,
  status: OptionalInput(Literals(...statuses)),
  type: OptionalInput(Literals(...types))
})

/**
 * The filter of a list of providers.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListProvidersInput extends Schema.Schema.Type<typeof ListProvidersInput> {}

const quotaRange = Checked(Schema.Struct({ min: WholeNumber(1), max: WholeNumber(1) }), ({ min, max }) =>
  min > max ? "must have a min that is not greater than its max" : undefined
)

/**
 * The maximum number of messages in an interval: an integer of at least 1, a range, or null for no limit.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ProviderQuotaInput = OneOf(WholeNumber(1), quotaRange, Schema.Null)

/**
 * The maximum number of messages in an interval: an integer of at least 1, a range, or null for no limit.
 *
 * @since 0.1.0
 * @category models
 */
export type ProviderQuotaInput = Schema.Schema.Type<typeof ProviderQuotaInput>

const quota = OptionalInput(ProviderQuotaInput)

/**
 * The maximum number of messages of a provider by interval. A missing key leaves the limit unchanged.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ProviderQuotasInput = Schema.Struct({
  per_second: quota,
  per_minute: quota,
  per_hour: quota,
  per_day: quota
})

/**
 * The maximum number of messages of a provider by interval.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProviderQuotasInput extends Schema.Schema.Type<typeof ProviderQuotasInput> {}

const address = OptionalInput(
  Schema.NullOr(
    Checked(Text({ max: 255 }), (text) =>
      /^[^\s@]+@[^\s@]+$/.test(text) ? undefined : "must be an email address such as ada@example.com, or null"
    )
  )
)

const name = OptionalInput(Schema.NullOr(Text({ max: 255, singleLine: true })))

const variableName = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/

const Variables = Checked(RecordOf(Text({ max: 4096 })), (variables) => {
  const names = Object.keys(variables)
  if (names.length > 50) return `must have at most 50 variables, and has ${names.length}`
  const invalid = names.find((variable) => variable.length > 64 || !variableName.test(variable))
  return invalid === undefined
    ? undefined
    : `has an invalid variable name: ${JSON.stringify(invalid)}; names must be snake_case with at most 64 characters`
})

const shared = {
  /** Replaces the sender address of messages. Null removes it. */
  from_email: address,
  /** At most 255 characters on one line. Null removes it. */
  from_name: name,
  reply_to_email: address,
  reply_to_name: name,
  tracking_domain: OptionalInput(Schema.NullOr(Text({ max: 255 }))),
  /** The share of the team's messages to send through this provider, 0 to 100. */
  percentage: OptionalInput(WholeNumber(0, 100)),
  quotas: OptionalInput(ProviderQuotasInput),
  /**
   * At most 50 values for messages, each at most 4096 characters. They replace all previous values; `{}` removes
   * them.
   */
  variables: OptionalInput(Variables)
}

const smtp = {
  /** A human-readable name, 1 to 255 characters. */
  name: Text({ min: 1, max: 255 }),
  smtp_host: Text({ min: 1, max: 255 }),
  smtp_port: WholeNumber(1, 65_535),
  smtp_protocol: Literals("tls", "ssl", "none", "starttls"),
  smtp_username: Text({ min: 1, max: 255 }),
  /** 1 to 500 characters, plain or `Redacted`. */
  smtp_password: SecretInput(Text({ min: 1, max: 500 }))
}

/**
 * An SMTP provider to create. Connect providers of other types in the dashboard.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CreateProviderInput = Schema.Struct({ ...smtp, ...shared })

/**
 * An SMTP provider to create.
 *
 * @since 0.1.0
 * @category models
 */
export interface CreateProviderInput extends Schema.Schema.Type<typeof CreateProviderInput> {}

/**
 * The changes to a provider. A missing key leaves the value unchanged. Null removes a value, or the limit of a quota.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UpdateProviderInput = Schema.Struct({
  ...shared,
  name: OptionalInput(smtp.name),
  smtp_host: OptionalInput(smtp.smtp_host),
  smtp_port: OptionalInput(smtp.smtp_port),
  smtp_protocol: OptionalInput(smtp.smtp_protocol),
  smtp_username: OptionalInput(smtp.smtp_username),
  /** 1 to 500 characters, plain or `Redacted`. */
  smtp_password: OptionalInput(smtp.smtp_password)
})

/**
 * The changes to a provider.
 *
 * @since 0.1.0
 * @category models
 */
export interface UpdateProviderInput extends Schema.Schema.Type<typeof UpdateProviderInput> {}
