/**
 * The schemas of domains and of their inputs.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import {
  Checked,
  Literals,
  Nullable,
  NullableTimestamp,
  OpenEnum,
  OptionalInput,
  Text,
  Timestamp
} from "../../internal/schema/schema.js"
import { DomainChecks, DomainDnsRecords } from "./dns.js"

const modes = ["send_only", "send_receive"] as const

const VerificationStatus = OpenEnum(["pending", "verified", "failed"])

/**
 * A domain of the team.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Domain = Schema.Struct({
  /** Starts with `mdom_`. */
  id: Schema.String,
  /** The name of the domain, such as `mail.example.com`. */
  domain: Schema.String,
  /** A domain in the mode `send_receive` can have mailboxes and needs MX records. */
  mode: OpenEnum(modes),
  verification_status: VerificationStatus,
  ses_identity_verification_status: Nullable(Schema.String),
  /** Whether Amazon SES permits the domain to send. */
  ses_verified_for_sending: Nullable(Schema.Boolean),
  /** `pending`, `success`, `failed`, `temporary_failure` or `not_started`. */
  ses_dkim_status: Nullable(Schema.String),
  ses_dkim_signing_enabled: Nullable(Schema.Boolean),
  /** The time at which the API last read the status at Amazon SES. */
  ses_identity_checked_at: NullableTimestamp,
  /** The same values as `ses_dkim_status`. */
  ses_mail_from_status: Nullable(Schema.String),
  /** The time of the last successful verification. */
  verified_at: NullableTimestamp,
  created_at: Timestamp,
  /** The current number of mailboxes of the domain. */
  mailbox_count: Schema.Number,
  /** The DNS records to publish. `dnsRecords` returns them as a list. */
  dns_records: DomainDnsRecords
})

/**
 * A domain of the team.
 *
 * @since 0.1.0
 * @category models
 */
export interface Domain extends Schema.Schema.Type<typeof Domain> {}

/**
 * The result of a verification. `checkDns` turns it into advice for each record.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DomainVerification = Schema.Struct({
  /** The status of the domain after the verification. */
  status: VerificationStatus,
  ses_identity_verification_status: Schema.String,
  /** Whether Amazon SES permits the domain to send. */
  ses_verified_for_sending: Schema.Boolean,
  /** `pending`, `success`, `failed`, `temporary_failure` or `not_started`. */
  ses_dkim_status: Schema.String,
  ses_dkim_signing_enabled: Schema.Boolean,
  ses_identity_checked_at: Timestamp,
  /** The same values as `ses_dkim_status`. */
  ses_mail_from_status: Schema.String,
  /** Which records have the expected values. */
  checks: DomainChecks
})

/**
 * The result of a verification.
 *
 * @since 0.1.0
 * @category models
 */
export interface DomainVerification extends Schema.Schema.Type<typeof DomainVerification> {}

const DomainName = Checked(Text({ min: 1, max: 253 }), (name) =>
  /^(?!-)[^\s/:@A-Z]+\.[^\s/:@A-Z.]+$/.test(name)
    ? undefined
    : "must be a domain in lowercase, without a scheme or a path, such as mail.example.com"
)

/**
 * A domain to create.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CreateDomainInput = Schema.Struct({
  /** The name of the domain in lowercase, at most 253 characters, such as `mail.example.com`. */
  domain: DomainName,
  /** Default: `send_receive`. */
  mode: OptionalInput(Literals(...modes))
})

/**
 * A domain to create.
 *
 * @since 0.1.0
 * @category models
 */
export interface CreateDomainInput extends Schema.Schema.Type<typeof CreateDomainInput> {}

/**
 * The change from the mode `send_only` to `send_receive`. It cannot be reverted.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UpdateDomainInput = Schema.Struct({ mode: Literals("send_receive") })

/**
 * The change from the mode `send_only` to `send_receive`.
 *
 * @since 0.1.0
 * @category models
 */
export interface UpdateDomainInput extends Schema.Schema.Type<typeof UpdateDomainInput> {}
