/**
 * Addresses as mailboxes know them.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { mapped, typeOf } from "../internal/dialect/schema.js"
import { EmailAddress, Nullable, OptionalInput } from "../internal/schema/schema.js"

/**
 * An address with its display name, where it has one.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxAddress = Schema.Struct({
  /** As the message has it; what others wrote need not be a valid address. */
  email: Schema.String,
  name: Nullable(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxAddress extends Schema.Schema.Type<typeof MailboxAddress> {}

const givenAddress = Schema.Struct({
  email: EmailAddress,
  /** The display name; leaving it out and `null` mean the same. */
  name: OptionalInput(Schema.NullOr(Schema.String))
})

/**
 * An address to write to or from.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxAddressInput: Schema.Schema<MailboxAddressInput, MailboxAddress> = mapped(
  Schema.Struct({ email: Schema.String, name: Schema.NullOr(Schema.String) }),
  typeOf(givenAddress),
  (address): MailboxAddressInput => address,
  ({ email, name = null }) => ({ email, name })
)

/**
 * @since 0.1.0
 * @category models
 */
export interface MailboxAddressInput extends Schema.Schema.Type<typeof givenAddress> {}
