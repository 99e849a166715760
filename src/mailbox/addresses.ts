/**
 * Email addresses in the messages of a mailbox.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { mapped, typeOf } from "../internal/dialect/schema.js"
import { Described, EmailAddress, Nullable, OptionalInput } from "../internal/schema/schema.js"

/**
 * An email address with its display name.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxAddress = Schema.Struct({
  /** The address as it is in the message. It may be invalid, because other programs have written it. */
  email: Schema.String,
  name: Nullable(Schema.String)
})

/**
 * An email address with its display name.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxAddress extends Schema.Schema.Type<typeof MailboxAddress> {}

const givenAddress = Described(
  {
    email: EmailAddress,
    /** The display name. `null` means that there is none, and is the default. */
    name: OptionalInput(Schema.NullOr(Schema.String))
  },
  "an address object"
)

/**
 * An email address in an input.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxAddressInput = mapped(
  Schema.Struct({ email: Schema.String, name: Schema.NullOr(Schema.String) }),
  typeOf(givenAddress),
  (address): MailboxAddressInput => address,
  ({ email, name = null }): MailboxAddress => ({ email, name })
)

/**
 * An email address in an input.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxAddressInput extends Schema.Schema.Type<typeof givenAddress> {}
