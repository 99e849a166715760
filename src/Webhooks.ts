/**
 * Verifies webhook deliveries, decodes their events, and handles each event once.
 *
 * @since 0.1.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"
export * from "./webhooks/dedupe/model.js"
export * from "./webhooks/dedupe/store.js"
export * from "./webhooks/errors.js"
export * from "./webhooks/events.js"
export * from "./webhooks/httpApp.js"
export * from "./webhooks/options.js"
export * from "./webhooks/queue.js"
export * from "./webhooks/sign.js"
export * from "./webhooks/toHandler.js"
export * from "./webhooks/verify.js"
