/**
 * The addresses that a mailbox may use as sender and reply address.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Methods } from "../internal/methods/methods.js"
import type { ConditionalMethod } from "../internal/model/call.js"
import { operation } from "../internal/operation/operation.js"
import { ListOf, OptionalInput, Text } from "../internal/schema/schema.js"
import type { MailboxOptions } from "./options.js"

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

/**
 * The delivery groups for which to read the choices.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SenderChoicesInput = Schema.Struct({
  /** At most 50 delivery groups through which a message may be sent. */
  delivery_group_id: OptionalInput(ListOf(Text({ min: 1, max: 128 }), 0, 50))
})

/**
 * The delivery groups for which to read the choices.
 *
 * @since 0.1.0
 * @category models
 */
export interface SenderChoicesInput extends Schema.Schema.Type<typeof SenderChoicesInput> {}

/**
 * Permitted addresses, and domains whose addresses are all permitted.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SenderChoiceSet = Schema.Struct({
  addresses: Schema.Array(Schema.String),
  domains: Schema.Array(Schema.String)
})

/**
 * Permitted addresses, and domains whose addresses are all permitted.
 *
 * @since 0.1.0
 * @category models
 */
export interface SenderChoiceSet extends Schema.Schema.Type<typeof SenderChoiceSet> {}

/**
 * The addresses that the messages of a mailbox may use.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SenderChoices = Schema.Struct({
  /** The address of the mailbox. */
  origin_address: Schema.String,
  /** The permitted values of `from`. */
  from: SenderChoiceSet,
  /** The permitted values of `reply_to`. */
  reply_to: SenderChoiceSet
})

/**
 * The addresses that the messages of a mailbox may use.
 *
 * @since 0.1.0
 * @category models
 */
export interface SenderChoices extends Schema.Schema.Type<typeof SenderChoices> {}

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** @internal */
export const senderChoicesOperations = {
  get: operation("mailbox.senderChoices.get", {
    http: "GET",
    path: "/mailbox/sender-choices",
    input: SenderChoicesInput,
    data: SenderChoices,
    flags: ["conditional", "mailboxId"]
  })
}

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * The methods of `mailbox.senderChoices`.
 *
 * @since 0.1.0
 * @category services
 */
export interface MailboxSenderChoices {
  /**
   * Reads the addresses that the current policies permit as sender and reply address: `GET /mailbox/sender-choices`.
   *
   * Fails with `not_found` if the mailbox or one of the delivery groups does not exist.
   */
  readonly get: ConditionalMethod<[input?: SenderChoicesInput, options?: MailboxOptions], SenderChoices>
}

/** @internal */
export const makeSenderChoices = (methods: Methods): MailboxSenderChoices => ({
  get: methods.conditional(senderChoicesOperations.get)
})
