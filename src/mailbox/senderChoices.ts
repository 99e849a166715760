/**
 * Whom a mailbox may write as.
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
 * @since 0.1.0
 * @category schemas
 */
export const SenderChoicesInput = Schema.Struct({
  /** Up to 50 delivery groups through which the message would go. */
  delivery_group_id: OptionalInput(ListOf(Text({ min: 1, max: 128 }), 0, 50))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SenderChoicesInput extends Schema.Schema.Type<typeof SenderChoicesInput> {}

/**
 * Addresses, and domains of which any address will do.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SenderChoiceSet = Schema.Struct({
  addresses: Schema.Array(Schema.String),
  domains: Schema.Array(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SenderChoiceSet extends Schema.Schema.Type<typeof SenderChoiceSet> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const SenderChoices = Schema.Struct({
  /** The mailbox's own address. */
  origin_address: Schema.String,
  /** What a message's `from` may be. */
  from: SenderChoiceSet,
  /** What a message's `reply_to` may be. */
  reply_to: SenderChoiceSet
})

/**
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
 * @since 0.1.0
 * @category services
 */
export interface MailboxSenderChoices {
  /** Whom the mailbox may write as, by the policies in force: `GET /mailbox/sender-choices`. */
  readonly get: ConditionalMethod<[input?: SenderChoicesInput, options?: MailboxOptions], SenderChoices>
}

/** @internal */
export const makeSenderChoices = (methods: Methods): MailboxSenderChoices => ({
  get: methods.conditional(senderChoicesOperations.get)
})
