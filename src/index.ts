/**
 * An Effect-native SDK for the Sendmux email API: the services `Sending`, `Mailbox` and `Management`, the module
 * `Webhooks`, and the `Sandbox` for tests. The schemas and models of a service are exported by its own entry, such as
 * `effect-sendmux/Management`.
 *
 * @since 0.1.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"
export * as EntityTagCache from "./EntityTagCache.js"
export type { ModifyChange, ModifyMethod, ModifyOptions } from "./internal/methods/modify.js"
export type * from "./internal/model/call.js"
export * from "./internal/model/connection.js"
export * from "./internal/model/errors.js"
export type * from "./internal/model/options.js"
export type { WaitOptions } from "./internal/timing/poll.js"
export * as Call from "./internal/timing/deadline.js"
export * as Retry from "./internal/timing/retry.js"
export { version } from "./internal/values/version.js"
export { Mailbox, type MailboxService } from "./Mailbox.js"
export { DraftStateError } from "./mailbox/drafts/errors.js"
export { type MailboxWaitOptions, WaitTimeoutError } from "./mailbox/waiting.js"
export { Management, type ManagementService } from "./Management.js"
export { DomainVerificationTimeoutError } from "./management/domains/waitUntilVerified.js"
export { DeliveryTimeoutError } from "./management/emails/waitForDelivery.js"
export * as Sandbox from "./Sandbox.js"
export { Sending, type SendingService } from "./Sending.js"
export * as Webhooks from "./Webhooks.js"
