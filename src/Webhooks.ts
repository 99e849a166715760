/**
 * Webhooks: deliveries verified, their events typed and handled once.
 *
 * @since 0.1.0
 */
export {
  type DedupeBackend,
  type DedupeKeyValueOptions,
  type DedupeMemoryOptions,
  DedupeStore,
  DedupeStoreError,
  type DedupeStoreService,
  type OnceResult
} from "./webhooks/dedupe.js"
export { type VerificationFailure, WebhookVerificationError } from "./webhooks/errors.js"
export {
  MessageBounced,
  MessageComplained,
  MessageDelivered,
  MessageDeliveryDelayed,
  MessageReceived,
  MessageReceivedSpam,
  MessageRejected,
  UnknownEvent,
  WebhookEvent,
  WebhookEventData,
  type WebhookEventType,
  WebhookTested
} from "./webhooks/events.js"
export { type EventHandler, type HandlerOptions, httpApp } from "./webhooks/handler.js"
export { type GiveUpReason, type QueueOptions, queuedHttpApp } from "./webhooks/queue.js"
export { type SignedHeaders, type SignOptions, sign } from "./webhooks/sign.js"
export {
  type Delivery,
  type HeadersInput,
  type SecretSource,
  type Secrets,
  type StrictnessOptions,
  type VerifyOptions,
  verify
} from "./webhooks/verify.js"
export { toHandler, type WebHandler, type WebHandlerOptions } from "./webhooks/web.js"
