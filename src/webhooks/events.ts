/**
 * What Sendmux tells a webhook, one schema for each type of event.
 *
 * @since 0.1.0
 */

import * as Schema from "effect/Schema"
import { type Coded, decoder, mappedOption, typeOf } from "../internal/dialect/schema.js"
import { webhookEventTypes } from "../internal/model/webhookEventTypes.js"
import {
  Literals,
  Nullable,
  NullableTimestamp,
  OneOf,
  OpenEnum,
  Text,
  Timestamp,
  UnknownRecord
} from "../internal/schema/schema.js"

/**
 * What an event is about. Every key is always there; which ones hold a value depends on the type of the event.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookEventData = Schema.Struct({
  /** The id of the message where the event arose; `message_id_kind` says which kind of id. */
  message_id: Nullable(Schema.String),
  /** `provider` for mail sent, `rfc5322` (the `Message-ID` header) for mail received. */
  message_id_kind: Nullable(OpenEnum(["provider", "rfc5322"])),
  /** The id that `emails.send` gave, for mail sent through Sendmux. */
  sendmux_message_id: Nullable(Schema.String),
  /** The envelope's sender. */
  sender: Nullable(Schema.String),
  /** Everyone the event concerns; empty in a test. */
  recipients: Schema.Array(Schema.String),
  /** The mailbox that received the message. */
  mailbox_id: Nullable(Schema.String),
  /** Of a bounce: whether the address will never work (`Permanent`) or may work later (`Transient`). */
  bounce_type: Nullable(OpenEnum(["Permanent", "Transient", "Undetermined"])),
  bounce_subtype: Nullable(Schema.String),
  complaint_type: Nullable(Schema.String),
  complaint_subtype: Nullable(Schema.String),
  reject_reason: Nullable(Schema.String),
  delay_type: Nullable(Schema.String),
  /** Of a delay: when the provider will give up. */
  delay_expires_at: NullableTimestamp,
  /** Of received mail: whether it was taken for spam. */
  is_spam: Nullable(Schema.Boolean),
  /** Of a test: the webhook that was tested. */
  webhook_id: Nullable(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface WebhookEventData extends Schema.Schema.Type<typeof WebhookEventData> {}

/**
 * The types of event known today.
 *
 * @since 0.1.0
 * @category models
 */
export type WebhookEventType = (typeof webhookEventTypes)[number]

const envelope = {
  /** The event's own id, the same in every delivery of it. */
  id: Text({ min: 1 }),
  /** When it happened. */
  occurred_at: Timestamp,
  team_public_id: Schema.String
}

const eventOf = <const Type extends WebhookEventType>(type: Type) =>
  Schema.Struct({ ...envelope, type: Literals(type), data: WebhookEventData })

/**
 * The receiving server accepted the message.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageDelivered = eventOf("message.delivered")

/**
 * @since 0.1.0
 * @category models
 */
export interface MessageDelivered extends Schema.Schema.Type<typeof MessageDelivered> {}

/**
 * The message came back: see `data.bounce_type` and `data.bounce_subtype`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageBounced = eventOf("message.bounced")

/**
 * @since 0.1.0
 * @category models
 */
export interface MessageBounced extends Schema.Schema.Type<typeof MessageBounced> {}

/**
 * A recipient marked the message as spam: see `data.complaint_type`. Stop writing to them.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageComplained = eventOf("message.complained")

/**
 * @since 0.1.0
 * @category models
 */
export interface MessageComplained extends Schema.Schema.Type<typeof MessageComplained> {}

/**
 * The provider would not send the message at all: see `data.reject_reason`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageRejected = eventOf("message.rejected")

/**
 * @since 0.1.0
 * @category models
 */
export interface MessageRejected extends Schema.Schema.Type<typeof MessageRejected> {}

/**
 * Delivery takes longer and is still being tried: see `data.delay_type` and `data.delay_expires_at`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageDeliveryDelayed = eventOf("message.delivery_delayed")

/**
 * @since 0.1.0
 * @category models
 */
export interface MessageDeliveryDelayed extends Schema.Schema.Type<typeof MessageDeliveryDelayed> {}

/**
 * A mailbox received a message: see `data.mailbox_id`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageReceived = eventOf("message.received")

/**
 * @since 0.1.0
 * @category models
 */
export interface MessageReceived extends Schema.Schema.Type<typeof MessageReceived> {}

/**
 * A mailbox received a message that was taken for spam.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageReceivedSpam = eventOf("message.received.spam")

/**
 * @since 0.1.0
 * @category models
 */
export interface MessageReceivedSpam extends Schema.Schema.Type<typeof MessageReceivedSpam> {}

/**
 * Somebody pressed the button that tests the webhook: see `data.webhook_id`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookTested = eventOf("sendmux.test")

/**
 * @since 0.1.0
 * @category models
 */
export interface WebhookTested extends Schema.Schema.Type<typeof WebhookTested> {}

const isKnownType = (type: string): type is WebhookEventType =>
  webhookEventTypes.some((known) => known === type)

const unknownFields = { ...envelope, data: UnknownRecord }

/**
 * An event of a type this version does not know. Its `type` is `"unknown"`, so that a `switch` or a `Match` over
 * `type` can be exhaustive; the type as it came is `event_type`, and `data` is as it came.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UnknownEvent = mappedOption(
  Schema.Struct({ ...unknownFields, type: Schema.String }),
  typeOf(Schema.Struct({ ...unknownFields, type: Literals("unknown"), event_type: Schema.String })),
  ({ type, ...rest }) =>
    isKnownType(type) ? undefined : { ...rest, type: "unknown" as const, event_type: type },
  ({ event_type, ...rest }) => ({ ...rest, type: event_type })
)

/**
 * @since 0.1.0
 * @category models
 */
export interface UnknownEvent extends Schema.Schema.Type<typeof UnknownEvent> {}

/**
 * Any event: tell them apart by `type`.
 *
 * @example
 * import type { WebhookEvent } from "effect-sendmux/Webhooks"
 * import * as Match from "effect/Match"
 *
 * export const headline = Match.type<WebhookEvent>().pipe(
 *   Match.discriminatorsExhaustive("type")({
 *     "message.delivered": ({ data }) => `delivered to ${data.recipients.join(", ")}`,
 *     "message.bounced": ({ data }) => `bounced: ${data.bounce_type}`,
 *     "message.complained": () => "marked as spam",
 *     "message.rejected": ({ data }) => `rejected: ${data.reject_reason}`,
 *     "message.delivery_delayed": ({ data }) => `delayed: ${data.delay_type}`,
 *     "message.received": ({ data }) => `mail from ${data.sender}`,
 *     "message.received.spam": () => "spam",
 *     "sendmux.test": () => "it works",
 *     unknown: ({ event_type }) => `new: ${event_type}`
 *   })
 * )
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookEvent = OneOf(
  MessageDelivered,
  MessageBounced,
  MessageComplained,
  MessageRejected,
  MessageDeliveryDelayed,
  MessageReceived,
  MessageReceivedSpam,
  WebhookTested,
  UnknownEvent
)

/**
 * @since 0.1.0
 * @category models
 */
export type WebhookEvent =
  | MessageDelivered
  | MessageBounced
  | MessageComplained
  | MessageRejected
  | MessageDeliveryDelayed
  | MessageReceived
  | MessageReceivedSpam
  | WebhookTested
  | UnknownEvent

type Decode = (input: unknown) => Coded<WebhookEvent>

const decoders: Record<WebhookEvent["type"], () => Decode> = {
  "message.delivered": () => decoder(MessageDelivered),
  "message.bounced": () => decoder(MessageBounced),
  "message.complained": () => decoder(MessageComplained),
  "message.rejected": () => decoder(MessageRejected),
  "message.delivery_delayed": () => decoder(MessageDeliveryDelayed),
  "message.received": () => decoder(MessageReceived),
  "message.received.spam": () => decoder(MessageReceivedSpam),
  "sendmux.test": () => decoder(WebhookTested),
  unknown: () => decoder(UnknownEvent)
}

const compiled = new Map<WebhookEvent["type"], Decode>()

/**
 * Decodes by the type the body names, so that the issue of a misfit is that type's alone.
 *
 * @internal
 */
export const decodeEvent = (type: string, input: unknown): Coded<WebhookEvent> => {
  const key = isKnownType(type) ? type : "unknown"
  const decode = compiled.get(key) ?? decoders[key]()
  compiled.set(key, decode)
  return decode(input)
}
