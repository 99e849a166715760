/**
 * Decodes an event whose type is known.
 */
import { type Coded, decoder } from "../internal/dialect/schema.js"
import { isWebhookEventType } from "../internal/model/webhookEventTypes.js"
import {
  MessageBounced,
  MessageComplained,
  MessageDelivered,
  MessageDeliveryDelayed,
  MessageReceived,
  MessageReceivedSpam,
  MessageRejected,
  UnknownEvent,
  type WebhookEvent,
  WebhookTested
} from "./events.js"

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

/** Decodes an event with the schema of its type, so that the issues of a failure concern that type only. */
export const decodeEvent = (type: string, input: unknown): Coded<WebhookEvent> => {
  const key = isWebhookEventType(type) ? type : "unknown"
  const decode = compiled.get(key) ?? decoders[key]()
  compiled.set(key, decode)
  return decode(input)
}
