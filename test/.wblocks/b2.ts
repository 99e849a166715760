import * as Match from "effect/Match"
import type { WebhookEvent } from "effect-sendmux/Webhooks"

export const headline = Match.type<WebhookEvent>().pipe(
  Match.discriminatorsExhaustive("type")({
    "message.delivered": ({ data }) => `delivered to ${data.recipients.join(", ")}`,
    "message.bounced": ({ data }) => `bounced: ${data.bounce_type}`,
    "message.complained": ({ data }) => `marked as spam: ${data.complaint_type}`,
    "message.rejected": ({ data }) => `rejected: ${data.reject_reason}`,
    "message.delivery_delayed": ({ data }) => `delayed until ${data.delay_expires_at}`,
    "message.received": ({ data }) => `mail from ${data.sender}`,
    "message.received.spam": ({ data }) => `spam from ${data.sender}`,
    "sendmux.test": ({ data }) => `a test of ${data.webhook_id}`,
    unknown: ({ event_type }) => `something new: ${event_type}`
  })
)

export {}
