/**
 * The webhook event types that this version knows. Subscribing to events and decoding them share this list.
 */

export const webhookEventTypes = [
  "message.delivered",
  "message.bounced",
  "message.complained",
  "message.rejected",
  "message.delivery_delayed",
  "message.received",
  "message.received.spam",
  "sendmux.test"
] as const

/** Returns whether this version knows an event type. */
export const isWebhookEventType = (type: string): type is (typeof webhookEventTypes)[number] =>
  webhookEventTypes.some((known) => known === type)
