/**
 * What webhooks tell of: the one list that subscribing and receiving share.
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
