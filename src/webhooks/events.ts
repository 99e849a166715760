/**
 * The schemas of webhook events, one for each event type.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { mappedOption, typeOf } from "../internal/dialect/schema.js"
import { isWebhookEventType, type webhookEventTypes } from "../internal/model/webhookEventTypes.js"
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
 * The data of an event. Every key is always present; keys that do not apply to the event's type are null.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookEventData = Schema.Struct({
  /** The id of the message at the system that raised the event. `message_id_kind` says which kind of id it is. */
  message_id: Nullable(Schema.String),
  /** `provider` for sent messages, `rfc5322` (the `Message-ID` header) for received messages. */
  message_id_kind: Nullable(OpenEnum(["provider", "rfc5322"])),
  /** The id that `emails.send` returned, for messages sent through Sendmux. */
  sendmux_message_id: Nullable(Schema.String),
  /** The sender of the SMTP envelope. */
  sender: Nullable(Schema.String),
  /** The recipients that the event concerns. Empty in a test event. */
  recipients: Schema.Array(Schema.String),
  /** The mailbox that received the message. */
  mailbox_id: Nullable(Schema.String),
  /** In a bounce: `Permanent` if the address will never accept mail, `Transient` if it may accept mail later. */
  bounce_type: Nullable(OpenEnum(["Permanent", "Transient", "Undetermined"])),
  bounce_subtype: Nullable(Schema.String),
  complaint_type: Nullable(Schema.String),
  complaint_subtype: Nullable(Schema.String),
  reject_reason: Nullable(Schema.String),
  delay_type: Nullable(Schema.String),
  /** In a delay: the time at which the provider stops trying. */
  delay_expires_at: NullableTimestamp,
  /** In a received message: whether it was classified as spam. */
  is_spam: Nullable(Schema.Boolean),
  /** In a test event: the id of the webhook that was tested. */
  webhook_id: Nullable(Schema.String)
})

/**
 * The data of an event, decoded.
 *
 * @since 0.1.0
 * @category models
 */
export interface WebhookEventData extends Schema.Schema.Type<typeof WebhookEventData> {}

/**
 * The event types that this version knows.
 *
 * @since 0.1.0
 * @category models
 */
export type WebhookEventType = (typeof webhookEventTypes)[number]

const envelope = {
  /** The id of the event, which is the same in all of its deliveries. */
  id: Text({ min: 1 }),
  /** The time of the event. */
  occurred_at: Timestamp,
  /** The id of the team that owns the webhook. */
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
 * The receiving server accepted the message.
 *
 * @since 0.1.0
 * @category models
 */
export interface MessageDelivered extends Schema.Schema.Type<typeof MessageDelivered> {}

/**
 * The receiving server returned the message. See `data.bounce_type` and `data.bounce_subtype`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageBounced = eventOf("message.bounced")

/**
 * The receiving server returned the message.
 *
 * @since 0.1.0
 * @category models
 */
export interface MessageBounced extends Schema.Schema.Type<typeof MessageBounced> {}

/**
 * A recipient marked the message as spam. See `data.complaint_type`, and stop sending to the recipient.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageComplained = eventOf("message.complained")

/**
 * A recipient marked the message as spam.
 *
 * @since 0.1.0
 * @category models
 */
export interface MessageComplained extends Schema.Schema.Type<typeof MessageComplained> {}

/**
 * The provider refused to send the message. See `data.reject_reason`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageRejected = eventOf("message.rejected")

/**
 * The provider refused to send the message.
 *
 * @since 0.1.0
 * @category models
 */
export interface MessageRejected extends Schema.Schema.Type<typeof MessageRejected> {}

/**
 * The delivery is delayed, and the provider keeps trying. See `data.delay_type` and `data.delay_expires_at`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageDeliveryDelayed = eventOf("message.delivery_delayed")

/**
 * The delivery is delayed, and the provider keeps trying.
 *
 * @since 0.1.0
 * @category models
 */
export interface MessageDeliveryDelayed extends Schema.Schema.Type<typeof MessageDeliveryDelayed> {}

/**
 * A mailbox received a message. See `data.mailbox_id`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageReceived = eventOf("message.received")

/**
 * A mailbox received a message.
 *
 * @since 0.1.0
 * @category models
 */
export interface MessageReceived extends Schema.Schema.Type<typeof MessageReceived> {}

/**
 * A mailbox received a message that was classified as spam.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageReceivedSpam = eventOf("message.received.spam")

/**
 * A mailbox received a message that was classified as spam.
 *
 * @since 0.1.0
 * @category models
 */
export interface MessageReceivedSpam extends Schema.Schema.Type<typeof MessageReceivedSpam> {}

/**
 * A test of the webhook was requested, with `webhooks.test` or in the dashboard. See `data.webhook_id`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookTested = eventOf("sendmux.test")

/**
 * A test of the webhook was requested.
 *
 * @since 0.1.0
 * @category models
 */
export interface WebhookTested extends Schema.Schema.Type<typeof WebhookTested> {}

const unknownFields = { ...envelope, data: UnknownRecord }

/**
 * An event of a type that this version does not know. Its `type` is `"unknown"`, so that a `switch` or a `Match` on
 * `type` can be exhaustive. `event_type` holds the type as received, and `data` is not decoded.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UnknownEvent = mappedOption(
  Schema.Struct({ ...unknownFields, type: Schema.String }),
  typeOf(Schema.Struct({ ...unknownFields, type: Literals("unknown"), event_type: Schema.String })),
  ({ type, ...rest }) =>
    isWebhookEventType(type) ? undefined : { ...rest, type: "unknown" as const, event_type: type },
  ({ event_type, ...rest }) => ({ ...rest, type: event_type })
)

/**
 * An event of a type that this version does not know.
 *
 * @since 0.1.0
 * @category models
 */
export interface UnknownEvent extends Schema.Schema.Type<typeof UnknownEvent> {}

/**
 * An event of any type. `type` discriminates the union.
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
 *     "sendmux.test": () => "a test",
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
 * An event of any type. `type` discriminates the union.
 *
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
