/**
 * What a webhook and a delivery are, and what the calls about them take.
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
  /** Only events of these mailboxes; of all where the list is empty. */
  filters: Schema.Struct({ mailbox_ids: Schema.Array(Schema.String) }),
  enabled: Schema.Boolean,
  /** Whether the API has given up on it; `update` with `enabled` off and on again gives it another chance. */
  failing: Schema.Boolean,
  created_at: Timestamp,
  updated_at: Timestamp
}

/**
 * A place that events are delivered to.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Webhook = Schema.Struct(webhookFields)

/**
 * @since 0.1.0
 * @category models
 */
export interface Webhook extends Schema.Schema.Type<typeof Webhook> {}

/**
 * A webhook with its signing secret, which is shown this once: keep it now.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookWithSecret = Schema.Struct({
  ...webhookFields,
  /** What `Webhooks.verify` takes, as it is. */
  secret: Secret
})

/**
 * @since 0.1.0
 * @category models
 */
export interface WebhookWithSecret extends Schema.Schema.Type<typeof WebhookWithSecret> {}

/**
 * One try to deliver an event.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookDelivery = Schema.Struct({
  /** Starts with `whda_`. */
  id: Schema.String,
  /** The same for every try of one event. */
  event_id: Schema.String,
  event_type: WebhookEventType,
  result: OpenEnum(results),
  /** Which try this was, from 1. */
  delivery_attempt: Schema.Number,
  max_attempts: Schema.Number,
  /** What the receiver answered; null where no answer came. */
  response_status: Nullable(Schema.Number),
  response_body: Nullable(Schema.String),
  response_ms: Schema.Number,
  error_message: Nullable(Schema.String),
  request_payload_bytes: Schema.Number,
  /** Lower-case hex. */
  request_payload_sha256: Nullable(Schema.String),
  /** Whether `getDeliveryPayload` still has the payload. */
  payload_available: Schema.Boolean,
  payload_expires_at: NullableTimestamp,
  next_retry_at: NullableTimestamp,
  created_at: Timestamp
})

/**
 * @since 0.1.0
 * @category models
 */
export interface WebhookDelivery extends Schema.Schema.Type<typeof WebhookDelivery> {}

/**
 * What an event is about. Which keys have a value depends on its type.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookEventData = Schema.Struct({
  webhook_id: Nullable(Schema.String),
  mailbox_id: Nullable(Schema.String),
  message_id: Nullable(Schema.String),
  message_id_kind: Nullable(OpenEnum(["provider", "rfc5322"])),
  /** The id that `emails.send` gave. */
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
 * @since 0.1.0
 * @category models
 */
export interface WebhookEventData extends Schema.Schema.Type<typeof WebhookEventData> {}

/**
 * What a delivery said, read as JSON. Its bytes are gone, so its signature cannot be checked again.
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
 * @since 0.1.0
 * @category models
 */
export interface WebhookDeliveryPayload extends Schema.Schema.Type<typeof WebhookDeliveryPayload> {}

/**
 * A test event that is under way.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookTest = Schema.Struct({ event_id: Schema.String })

/**
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
    : "must be an https URL; plain http is for loopback addresses alone"
})

/** Open in its type, so that what was read can be written back whatever the API has grown. */
const EventTypes = Checked(Schema.Array(WebhookEventType), (list) => {
  if (list.length === 0) return "must have at least 1 element"
  return list.includes("") ? "must not have an empty element" : undefined
})

const Filters = Schema.Struct({
  /** Only events of these mailboxes; an empty list means all. */
  mailbox_ids: Schema.Array(Text({ min: 1 }))
})

/**
 * A webhook to add.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CreateWebhookInput = Schema.Struct({
  /** Where to, over https. */
  url: WebhookUrl,
  /** At least one type of event. */
  event_types: EventTypes,
  /** For people: 1 to 255 characters. */
  name: OptionalInput(Text({ min: 1, max: 255 })),
  /** Default: `true`. */
  enabled: OptionalInput(Schema.Boolean),
  filters: OptionalInput(Filters)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface CreateWebhookInput extends Schema.Schema.Type<typeof CreateWebhookInput> {}

/**
 * What to change of a webhook. What is left out stays.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UpdateWebhookInput = Schema.Struct({
  url: OptionalInput(WebhookUrl),
  /** At least one, in place of all there were. */
  event_types: OptionalInput(EventTypes),
  /** Up to 255 characters; null takes the name away. */
  name: OptionalInput(Schema.NullOr(Text({ max: 255 }))),
  enabled: OptionalInput(Schema.Boolean),
  filters: OptionalInput(Filters)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface UpdateWebhookInput extends Schema.Schema.Type<typeof UpdateWebhookInput> {}

/**
 * Which deliveries to list.
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
 * @since 0.1.0
 * @category models
 */
export interface ListDeliveriesInput extends Schema.Schema.Type<typeof ListDeliveriesInput> {}
