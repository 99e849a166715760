/**
 * The schemas of mailboxes, of their keys, and of their inputs.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { mapped } from "../../internal/dialect/schema.js"
import {
  Checked,
  EmailAddress,
  Literals,
  Nullable,
  OpenEnum,
  Optional,
  OptionalInput,
  Secret,
  Text,
  Timestamp,
  WholeNumber
} from "../../internal/schema/schema.js"
import { pageKeys } from "../common.js"

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

/**
 * The providers that a mailbox may send through.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SendScope = Schema.Struct({
  /** `all` providers of the team, the listed `providers`, or the providers of a `group`. */
  type: OpenEnum(["all", "providers", "group"]),
  provider_public_ids: Optional(Schema.Array(Schema.String)),
  group_public_ids: Optional(Schema.Array(Schema.String))
})

/**
 * The providers that a mailbox may send through.
 *
 * @since 0.1.0
 * @category models
 */
export interface SendScope extends Schema.Schema.Type<typeof SendScope> {}

/**
 * A mailbox of the team.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ManagedMailbox = Schema.Struct({
  /** Starts with `mbx_`. */
  id: Schema.String,
  /** The address of the mailbox. */
  email: Schema.String,
  display_name: Nullable(Schema.String),
  /** `active`, `suspended` or `deleted`. */
  status: Schema.String,
  /** The storage limit in bytes. */
  quota_bytes: Nullable(Schema.Number),
  /** The providers that the mailbox may send through. Null if they are not restricted explicitly. */
  send_scope: Nullable(SendScope),
  created_at: Timestamp
})

/**
 * A mailbox of the team.
 *
 * @since 0.1.0
 * @category models
 */
export interface ManagedMailbox extends Schema.Schema.Type<typeof ManagedMailbox> {}

/**
 * A key of a mailbox, with the settings that a mail client needs. Store its `secret`: the API does not return it again.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxCredential = Schema.Struct({
  /** The id of the key, for `deleteKey`. It is not a secret. */
  public_id: Schema.String,
  /** The key: the password for IMAP and SMTP, and the `apiKey` of `Sending.layer` and `Mailbox.layer`. */
  secret: Secret,
  /** The first characters of the key, to identify it. */
  key_prefix: Schema.String,
  /** The last characters of the key, to identify it. */
  key_suffix: Schema.String,
  /** The host name for IMAP and SMTP. */
  server: Schema.String,
  imap_port: Schema.Number,
  smtp_port: Schema.Number,
  username: Schema.String
})

/**
 * A key of a mailbox, with the settings that a mail client needs.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxCredential extends Schema.Schema.Type<typeof MailboxCredential> {}

/**
 * A new mailbox and its first key.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxCreated = Schema.Struct({
  mailbox: ManagedMailbox,
  /** The first key. Null if the key could not be created: `createKey` creates one. */
  credential: Nullable(MailboxCredential),
  /** The reason why `credential` is null. */
  warning: Nullable(Schema.String)
})

/**
 * A new mailbox and its first key.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxCreated extends Schema.Schema.Type<typeof MailboxCreated> {}

/**
 * A new key of an existing mailbox.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxKeyCreated = Schema.Struct({ credential: MailboxCredential })

/**
 * A new key of an existing mailbox.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxKeyCreated extends Schema.Schema.Type<typeof MailboxKeyCreated> {}

/**
 * Whether a mailbox can be created for an address.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxAvailability = Schema.Struct({
  email: Schema.String,
  available: Schema.Boolean,
  /** `available`, or the reason why the address is not available. */
  reason: OpenEnum([
    "available",
    "invalid_email",
    "domain_not_available",
    "taken",
    "reserved",
    "cleanup_pending"
  ])
})

/**
 * Whether a mailbox can be created for an address.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxAvailability extends Schema.Schema.Type<typeof MailboxAvailability> {}

// -----------------------------------------------------------------------------
// inputs
// -----------------------------------------------------------------------------

/** The API accepts only the text `true`. */
const True = mapped(
  Literals("true"),
  Literals(true),
  () => true as const,
  () => "true" as const
)

/**
 * The filter of a list of mailboxes.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListMailboxesInput = Schema.Struct({
  ...pageKeys,
  /** `true` includes deleted mailboxes. Omit the key to exclude them: the API does not accept `false`. */
  include_deleted: OptionalInput(True)
})

/**
 * The filter of a list of mailboxes.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListMailboxesInput extends Schema.Schema.Type<typeof ListMailboxesInput> {}

const publicIds = Schema.Array(Text({ min: 1, max: 128 }))

const sendScope = Schema.Struct({
  type: Literals("all", "providers", "group"),
  /** The ids of the providers, for the type `providers`. */
  provider_public_ids: OptionalInput(publicIds),
  /** The ids of the groups, for the type `group`. */
  group_public_ids: OptionalInput(publicIds)
})

/**
 * The providers that a mailbox may send through. The type `providers` requires `provider_public_ids`, the type `group`
 * requires `group_public_ids`, and the type `all` accepts no ids.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SendScopeInput = Checked(sendScope, (scope) => {
  const { type, provider_public_ids: providers = [], group_public_ids: groups = [] } = scope
  if (type === "providers" && providers.length === 0) return "of type providers requires provider_public_ids"
  if (type === "group" && groups.length === 0) return "of type group requires group_public_ids"
  if (type !== "providers" && providers.length > 0) return `of type ${type} accepts no provider_public_ids`
  if (type !== "group" && groups.length > 0) return `of type ${type} accepts no group_public_ids`
  return undefined
})

/**
 * The providers that a mailbox may send through.
 *
 * @since 0.1.0
 * @category models
 */
export interface SendScopeInput extends Schema.Schema.Type<typeof sendScope> {}

const DisplayName = Text({ min: 1, max: 254, singleLine: true })

/**
 * A mailbox to create.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CreateMailboxInput = Schema.Struct({
  /** 5 to 254 characters, on a domain of the team in the mode `send_receive`. */
  email: Checked(EmailAddress, (text) => (text.length < 5 ? "must have at least 5 characters" : undefined)),
  /** 1 to 254 characters on one line. */
  display_name: OptionalInput(DisplayName),
  /** The storage limit in bytes: 1,073,741,824 (1 GiB), 5,368,709,120 (5 GiB) or 53,687,091,200 (50 GiB). */
  quota_bytes: OptionalInput(WholeNumber(1)),
  send_scope: OptionalInput(SendScopeInput)
})

/**
 * A mailbox to create.
 *
 * @since 0.1.0
 * @category models
 */
export interface CreateMailboxInput extends Schema.Schema.Type<typeof CreateMailboxInput> {}

/**
 * The changes to a mailbox. A missing key leaves the value unchanged.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UpdateMailboxInput = Schema.Struct({
  /** 1 to 254 characters on one line. Null removes the name. */
  display_name: OptionalInput(Schema.NullOr(DisplayName)),
  /** The storage limit in bytes, one of the values that `create` accepts. */
  quota_bytes: OptionalInput(WholeNumber(1)),
  send_scope: OptionalInput(SendScopeInput)
})

/**
 * The changes to a mailbox.
 *
 * @since 0.1.0
 * @category models
 */
export interface UpdateMailboxInput extends Schema.Schema.Type<typeof UpdateMailboxInput> {}

/**
 * A key to create.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CreateMailboxKeyInput = Schema.Struct({
  /** A human-readable name of the application that will use the key, 1 to 255 characters. */
  app_name: Text({ min: 1, max: 255 })
})

/**
 * A key to create.
 *
 * @since 0.1.0
 * @category models
 */
export interface CreateMailboxKeyInput extends Schema.Schema.Type<typeof CreateMailboxKeyInput> {}

/**
 * An address to check.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CheckAvailabilityInput = Schema.Struct({
  /** Any text. The result for an invalid address has the reason `invalid_email`. */
  email: Text({ min: 1 })
})

/**
 * An address to check.
 *
 * @since 0.1.0
 * @category models
 */
export interface CheckAvailabilityInput extends Schema.Schema.Type<typeof CheckAvailabilityInput> {}
