/**
 * What a provider is, and what the calls about providers take.
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
 * How many messages may go out within a span of time. Where `min` and `max` differ, the server picks a number between
 * them each time.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ProviderQuotaRange = Schema.Struct({ min: Schema.Number, max: Schema.Number })

/**
 * @since 0.1.0
 * @category models
 */
export interface ProviderQuotaRange extends Schema.Schema.Type<typeof ProviderQuotaRange> {}

/**
 * How much a provider may send; null where nothing holds it back.
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
 * @since 0.1.0
 * @category models
 */
export interface ProviderQuotas extends Schema.Schema.Type<typeof ProviderQuotas> {}

/**
 * What may be done with a provider now. A shared one, for instance, cannot be updated.
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
 * @since 0.1.0
 * @category models
 */
export interface ProviderActions extends Schema.Schema.Type<typeof ProviderActions> {}

/**
 * An account that mail goes out through; the dashboard calls it a sending account.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Provider = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  type: OpenEnum(types),
  status: OpenEnum(statuses),
  /** Why the status is what it is, for people. */
  status_reason: Nullable(Schema.String),
  is_active: Schema.Boolean,
  is_editable: Schema.Boolean,
  /** Whether it is Sendmux's own, which several teams use. */
  is_shared: Schema.Boolean,
  allowed_actions: ProviderActions,
  /** Its share of the team's mail, 0 to 100. */
  percentage: Nullable(Schema.Number),
  quotas: ProviderQuotas,
  /** Takes the place of the sender's address. */
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
  /** Whether a password is stored. The password itself is never shown. */
  has_smtp_password: Schema.Boolean,
  /** The account that was connected by OAuth. */
  oauth_email: Nullable(Schema.String),
  has_refresh_token: Schema.Boolean,
  /** Values that messages through this provider may use. Lists and older servers leave them out. */
  variables: Optional(RecordOf(Schema.String)),
  last_tested_at: NullableTimestamp,
  last_used_at: NullableTimestamp,
  created_at: Timestamp,
  updated_at: Timestamp
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Provider extends Schema.Schema.Type<typeof Provider> {}

/**
 * What came of a try to connect to a provider. A provider that does not work is no error: `success` says so.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ProviderTest = Schema.Struct({
  success: Schema.Boolean,
  /** What was found, for people. */
  message: Schema.String,
  latency_ms: Schema.Number,
  tested_at: Timestamp
})

/**
 * @since 0.1.0
 * @category models
 */
export interface ProviderTest extends Schema.Schema.Type<typeof ProviderTest> {}

/**
 * How many providers there are, of each status and of each type.
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
 * @since 0.1.0
 * @category models
 */
export interface ProviderStats extends Schema.Schema.Type<typeof ProviderStats> {}

/**
 * What a provider did today and in the last seven days.
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
 * @since 0.1.0
 * @category models
 */
export interface ProviderUsageItem extends Schema.Schema.Type<typeof ProviderUsageItem> {}

/**
 * What every provider did.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ProviderUsage = Schema.Struct({
  providers: Schema.Array(ProviderUsageItem),
  /** The length of the window: 7. */
  window_days: Schema.Number
})

/**
 * @since 0.1.0
 * @category models
 */
export interface ProviderUsage extends Schema.Schema.Type<typeof ProviderUsage> {}

// -----------------------------------------------------------------------------
// inputs
// -----------------------------------------------------------------------------

/**
 * Which providers to list.
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
 * @since 0.1.0
 * @category models
 */
export interface ListProvidersInput extends Schema.Schema.Type<typeof ListProvidersInput> {}

const quotaRange = Checked(Schema.Struct({ min: WholeNumber(1), max: WholeNumber(1) }), ({ min, max }) =>
  min > max ? "must have a min that is not above its max" : undefined
)

/**
 * How many messages may go out within a span of time: a number, a range, or null for no limit.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ProviderQuotaInput = OneOf(WholeNumber(1), quotaRange, Schema.Null)

/**
 * @since 0.1.0
 * @category models
 */
export type ProviderQuotaInput = Schema.Schema.Type<typeof ProviderQuotaInput>

const quota = OptionalInput(ProviderQuotaInput)

/**
 * How much a provider may send. A span that is left out stays as it is.
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
  const bad = names.find((variable) => variable.length > 64 || !variableName.test(variable))
  return bad === undefined
    ? undefined
    : `has a name that no variable can have: ${JSON.stringify(bad)}; names are snake_case, up to 64 characters`
})

const shared = {
  /** Takes the place of the sender's address; null takes it away. */
  from_email: address,
  from_name: name,
  reply_to_email: address,
  reply_to_name: name,
  tracking_domain: OptionalInput(Schema.NullOr(Text({ max: 255 }))),
  /** Its share of the team's mail, 0 to 100. */
  percentage: OptionalInput(WholeNumber(0, 100)),
  quotas: OptionalInput(ProviderQuotasInput),
  /** Values for messages: up to 50, each up to 4096 characters. The whole set is replaced; `{}` clears it. */
  variables: OptionalInput(Variables)
}

const smtp = {
  /** For people: 1 to 255 characters. */
  name: Text({ min: 1, max: 255 }),
  smtp_host: Text({ min: 1, max: 255 }),
  smtp_port: WholeNumber(1, 65_535),
  smtp_protocol: Literals("tls", "ssl", "none", "starttls"),
  smtp_username: Text({ min: 1, max: 255 }),
  /** Plain or `Redacted`, up to 500 characters. */
  smtp_password: SecretInput(Text({ min: 1, max: 500 }))
}

/**
 * An SMTP account to add. Providers of other types are connected in the dashboard.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CreateProviderInput = Schema.Struct({ ...smtp, ...shared })

/**
 * @since 0.1.0
 * @category models
 */
export interface CreateProviderInput extends Schema.Schema.Type<typeof CreateProviderInput> {}

/**
 * What to change of a provider. What is left out stays; null clears, and of a quota lifts it.
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
  /** Plain or `Redacted`, up to 500 characters. */
  smtp_password: OptionalInput(smtp.smtp_password)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface UpdateProviderInput extends Schema.Schema.Type<typeof UpdateProviderInput> {}
