/**
 * The schemas of webhooks, of their deliveries, and of their inputs.
 *
 * @since 0.1.0
 */

import * as Schema from "effect/Schema"
import { webhookEventTypes } from "../../internal/model/webhookEventTypes.js"
import {
  Checked,
  Literals,
  Nullable,
  NullableTimestamp,
  OpenEnum,
  OptionalInput,
  Secret,
  Text,
  Timestamp
} from "../../internal/schema/schema.js"
import { isLoopback } from "../../internal/values/loopback.js"
import { pageKeys } from "../common.js"

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

const results = ["success", "retrying", "failed", "permanent_failure"] as const

const WebhookEventType = OpenEnum(webhookEventTypes)

const webhookFields = {
  /** Starts with `whk_`. */
  id: Schema.String,
  name: Nullable(Schema.String),
  url: Schema.String,
  event_types: Schema.Array(WebhookEventType),
  /** Only events of these mailboxes are delivered. An empty list means all mailboxes. */
  filters: Schema.Struct({ mailbox_ids: Schema.Array(Schema.String) }),
  enabled: Schema.Boolean,
  /** Whether the API has stopped delivering after failures. Set `enabled` to `false` and to `true` again to resume. */
  failing: Schema.Boolean,
  created_at: Timestamp,
  updated_at: Timestamp
}

/**
 * A webhook: a URL that events are delivered to.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Webhook = Schema.Struct(webhookFields)

/**
 * A webhook: a URL that events are delivered to.
 *
 * @since 0.1.0
 * @category models
 */
export interface Webhook extends Schema.Schema.Type<typeof Webhook> {}

/**
 * A webhook and its signing secret. Store the secret: the API does not return it again.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookWithSecret = Schema.Struct({
  ...webhookFields,
  /** The signing secret, for the option `secrets` of `Webhooks.verify`. */
  secret: Secret
})

/**
 * A webhook and its signing secret.
 *
 * @since 0.1.0
 * @category models
 */
export interface WebhookWithSecret extends Schema.Schema.Type<typeof WebhookWithSecret> {}

/**
 * An attempt to deliver an event.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookDelivery = Schema.Struct({
  /** Starts with `whda_`. */
  id: Schema.String,
  /** The id of the event, which is the same for all of its attempts. */
  event_id: Schema.String,
  event_type: WebhookEventType,
  result: OpenEnum(results),
  /** The number of the attempt, from 1. */
  delivery_attempt: Schema.Number,
  max_attempts: Schema.Number,
  /** The HTTP status of the receiver. Null if it did not respond. */
  response_status: Nullable(Schema.Number),
  /** Null if the receiver did not respond. */
  response_body: Nullable(Schema.String),
  response_ms: Schema.Number,
  error_message: Nullable(Schema.String),
  request_payload_bytes: Schema.Number,
  /** The SHA-256 digest of the payload in lowercase hexadecimal. */
  request_payload_sha256: Nullable(Schema.String),
  /** Whether `getDeliveryPayload` can return the payload. */
  payload_available: Schema.Boolean,
  payload_expires_at: NullableTimestamp,
  next_retry_at: NullableTimestamp,
  created_at: Timestamp
})

/**
 * An attempt to deliver an event.
 *
 * @since 0.1.0
 * @category models
 */
export interface WebhookDelivery extends Schema.Schema.Type<typeof WebhookDelivery> {}

/**
 * The data of an event. The type of the event decides which keys have a value.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookEventData = Schema.Struct({
  webhook_id: Nullable(Schema.String),
  mailbox_id: Nullable(Schema.String),
  message_id: Nullable(Schema.String),
  message_id_kind: Nullable(OpenEnum(["provider", "rfc5322"])),
  /** The id that `emails.send` returned. */
  sendmux_message_id: Nullable(Schema.String),
  sender: Nullable(Schema.String),
  recipients: Schema.Array(Schema.String),
  bounce_type: Nullable(OpenEnum(["Permanent", "Transient", "Undetermined"])),
  bounce_subtype: Nullable(Schema.String),
  complaint_type: Nullable(Schema.String),
  complaint_subtype: Nullable(Schema.String),
  reject_reason: Nullable(Schema.String),
  delay_type: Nullable(Schema.String),
  delay_expires_at: NullableTimestamp,
  is_spam: Nullable(Schema.Boolean)
})

/**
 * The data of an event.
 *
 * @since 0.1.0
 * @category models
 */
export interface WebhookEventData extends Schema.Schema.Type<typeof WebhookEventData> {}

/**
 * The payload of a delivery as JSON. Its original bytes are not available, so its signature cannot be verified.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookDeliveryPayload = Schema.Struct({
  id: Schema.String,
  event_id: Schema.String,
  event_type: WebhookEventType,
  delivery_attempt: Schema.Number,
  payload: Schema.Struct({
    id: Schema.String,
    type: WebhookEventType,
    occurred_at: Timestamp,
    team_public_id: Schema.String,
    data: WebhookEventData
  }),
  expires_at: NullableTimestamp,
  created_at: Timestamp
})

/**
 * The payload of a delivery as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface WebhookDeliveryPayload extends Schema.Schema.Type<typeof WebhookDeliveryPayload> {}

/**
 * The test event that will be delivered.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookTest = Schema.Struct({ event_id: Schema.String })

/**
 * The test event that will be delivered.
 *
 * @since 0.1.0
 * @category models
 */
export interface WebhookTest extends Schema.Schema.Type<typeof WebhookTest> {}

// -----------------------------------------------------------------------------
// inputs
// -----------------------------------------------------------------------------

const WebhookUrl = Checked(Schema.String, (text) => {
  if (!URL.canParse(text)) return "must be an absolute https URL"
  const { protocol } = new URL(text)
  return protocol === "https:" || (protocol === "http:" && isLoopback(text))
    ? undefined
    : "must be an https URL; http is accepted for loopback addresses only"
})

/** The type is open, so that event types that this version does not know can be written back. */
const EventTypes = Checked(Schema.Array(WebhookEventType), (list) => {
  if (list.length === 0) return "must have at least 1 element"
  return list.includes("") ? "must not have an empty element" : undefined
})

const Filters = Schema.Struct({
  /** Only events of these mailboxes are delivered. An empty list means all mailboxes. */
  mailbox_ids: Schema.Array(Text({ min: 1 }))
})

/**
 * A webhook to create.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CreateWebhookInput = Schema.Struct({
  /** An https URL. A loopback address may use http. */
  url: WebhookUrl,
  /** The types of the events to deliver, at least one. */
  event_types: EventTypes,
  /** A human-readable name, 1 to 255 characters. */
  name: OptionalInput(Text({ min: 1, max: 255 })),
  /** Default: `true`. */
  enabled: OptionalInput(Schema.Boolean),
  filters: OptionalInput(Filters)
})

/**
 * A webhook to create.
 *
 * @since 0.1.0
 * @category models
 */
export interface CreateWebhookInput extends Schema.Schema.Type<typeof CreateWebhookInput> {}

/**
 * The changes to a webhook. A missing key leaves the value unchanged.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UpdateWebhookInput = Schema.Struct({
  /** An https URL. A loopback address may use http. */
  url: OptionalInput(WebhookUrl),
  /** The types of the events to deliver, at least one. They replace all previous types. */
  event_types: OptionalInput(EventTypes),
  /** At most 255 characters. Null removes the name. */
  name: OptionalInput(Schema.NullOr(Text({ max: 255 }))),
  enabled: OptionalInput(Schema.Boolean),
  filters: OptionalInput(Filters)
})

/**
 * The changes to a webhook.
 *
 * @since 0.1.0
 * @category models
 */
export interface UpdateWebhookInput extends Schema.Schema.Type<typeof UpdateWebhookInput> {}

/**
 * The filter of a list of deliveries.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListDeliveriesInput = Schema.Struct({
  ...pageKeys,
  event_type: OptionalInput(WebhookEventType),
  result: OptionalInput(Literals(...results))
})

/**
 * The filter of a list of deliveries.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListDeliveriesInput extends Schema.Schema.Type<typeof ListDeliveriesInput> {}
