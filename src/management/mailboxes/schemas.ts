/**
 * What a mailbox is, and what the calls about mailboxes take.
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
 * What a mailbox may send through.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SendScope = Schema.Struct({
  /** `all` the team's providers, the named `providers`, or those of a `group`. */
  type: OpenEnum(["all", "providers", "group"]),
  provider_public_ids: Optional(Schema.Array(Schema.String)),
  group_public_ids: Optional(Schema.Array(Schema.String))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SendScope extends Schema.Schema.Type<typeof SendScope> {}

/**
 * A mailbox.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Mailbox = Schema.Struct({
  /** Starts with `mbx_`. */
  id: Schema.String,
  email: Schema.String,
  display_name: Nullable(Schema.String),
  /** `active`, `suspended` or `deleted`. */
  status: Schema.String,
  /** Room for mail, in bytes. */
  quota_bytes: Nullable(Schema.Number),
  /** What it may send through; null where nothing is said of it. */
  send_scope: Nullable(SendScope),
  created_at: Timestamp
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Mailbox extends Schema.Schema.Type<typeof Mailbox> {}

/**
 * A mailbox key with what a mail program needs beside it. Its `secret` is shown this once: keep it now.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxCredential = Schema.Struct({
  /** The id by which the key is deleted; not a secret. */
  public_id: Schema.String,
  /** The key itself: the password of IMAP and SMTP, and the `apiKey` of the Sending and Mailbox surfaces. */
  secret: Secret,
  /** How the key begins, to recognise it by. */
  key_prefix: Schema.String,
  /** How the key ends, to recognise it by. */
  key_suffix: Schema.String,
  /** The host of IMAP and SMTP. */
  server: Schema.String,
  imap_port: Schema.Number,
  smtp_port: Schema.Number,
  username: Schema.String
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxCredential extends Schema.Schema.Type<typeof MailboxCredential> {}

/**
 * A new mailbox with its first key. Where the mailbox was made and the key was not, `credential` is null and
 * `warning` says why: ask for one with `createKey`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxCreated = Schema.Struct({
  mailbox: Mailbox,
  credential: Nullable(MailboxCredential),
  warning: Nullable(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxCreated extends Schema.Schema.Type<typeof MailboxCreated> {}

/**
 * A key made for a mailbox that is there already.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxKeyCreated = Schema.Struct({ credential: MailboxCredential })

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxKeyCreated extends Schema.Schema.Type<typeof MailboxKeyCreated> {}

/**
 * Whether an address can become a mailbox.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxAvailability = Schema.Struct({
  email: Schema.String,
  available: Schema.Boolean,
  /** `available`, or what stands in the way. */
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
 * @since 0.1.0
 * @category models
 */
export interface MailboxAvailability extends Schema.Schema.Type<typeof MailboxAvailability> {}

// -----------------------------------------------------------------------------
// inputs
// -----------------------------------------------------------------------------

/** The API takes the word `true` and no other. */
const True = mapped(
  Literals("true"),
  Literals(true),
  () => true as const,
  () => "true" as const
)

/**
 * Which mailboxes to list.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListMailboxesInput = Schema.Struct({
  ...pageKeys,
  /** `true` lists deleted mailboxes too. Leave it out otherwise: the API takes no `false`. */
  include_deleted: OptionalInput(True)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface ListMailboxesInput extends Schema.Schema.Type<typeof ListMailboxesInput> {}

const publicIds = Schema.Array(Text({ min: 1, max: 128 }))

const sendScope = Schema.Struct({
  type: Literals("all", "providers", "group"),
  /** With `providers`: which ones. */
  provider_public_ids: OptionalInput(publicIds),
  /** With `group`: which ones. */
  group_public_ids: OptionalInput(publicIds)
})

/**
 * What a mailbox shall be able to send through. The ids go with the type: `provider_public_ids` with `providers`,
 * `group_public_ids` with `group`, none with `all`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SendScopeInput = Checked(sendScope, (scope) => {
  const { type, provider_public_ids: providers = [], group_public_ids: groups = [] } = scope
  if (type === "providers" && providers.length === 0) return "of type providers needs provider_public_ids"
  if (type === "group" && groups.length === 0) return "of type group needs group_public_ids"
  if (type !== "providers" && providers.length > 0) return `of type ${type} takes no provider_public_ids`
  if (type !== "group" && groups.length > 0) return `of type ${type} takes no group_public_ids`
  return undefined
})

/**
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
  /** 5 to 254 characters, on a domain of the team that receives. */
  email: Checked(EmailAddress, (text) => (text.length < 5 ? "must have at least 5 characters" : undefined)),
  /** 1 to 254 characters. */
  display_name: OptionalInput(DisplayName),
  /** The API sells sizes, not bytes: 1,073,741,824 (1 GiB), 5,368,709,120 or 53,687,091,200. */
  quota_bytes: OptionalInput(WholeNumber(1)),
  send_scope: OptionalInput(SendScopeInput)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface CreateMailboxInput extends Schema.Schema.Type<typeof CreateMailboxInput> {}

/**
 * What to change of a mailbox. What is left out stays.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UpdateMailboxInput = Schema.Struct({
  /** 1 to 254 characters; null takes the name away. */
  display_name: OptionalInput(Schema.NullOr(DisplayName)),
  /** One of the sizes that `create` takes. */
  quota_bytes: OptionalInput(WholeNumber(1)),
  send_scope: OptionalInput(SendScopeInput)
})

/**
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
  /** Who will use the key, for people: 1 to 255 characters. */
  app_name: Text({ min: 1, max: 255 })
})

/**
 * @since 0.1.0
 * @category models
 */
export interface CreateMailboxKeyInput extends Schema.Schema.Type<typeof CreateMailboxKeyInput> {}

/**
 * An address to look up.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CheckAvailabilityInput = Schema.Struct({
  /** Any text: one that is no address is answered with the reason `invalid_email`. */
  email: Text({ min: 1 })
})

/**
 * @since 0.1.0
 * @category models
 */
export interface CheckAvailabilityInput extends Schema.Schema.Type<typeof CheckAvailabilityInput> {}
