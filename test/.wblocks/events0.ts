import type { WebhookEvent } from "effect-sendmux/Webhooks"
import * as Match from "effect/Match"

export const headline = Match.type<WebhookEvent>().pipe(
  Match.discriminatorsExhaustive("type")({
    "message.delivered": ({ data }) => `delivered to ${data.recipients.join(", ")}`,
    "message.bounced": ({ data }) => `bounced: ${data.bounce_type}`,
    "message.complained": () => "marked as spam",
    "message.rejected": ({ data }) => `rejected: ${data.reject_reason}`,
    "message.delivery_delayed": ({ data }) => `delayed: ${data.delay_type}`,
    "message.received": ({ data }) => `mail from ${data.sender}`,
    "message.received.spam": () => "spam",
    "sendmux.test": () => "it works",
    unknown: ({ event_type }) => `new: ${event_type}`
  })
)

export {}
