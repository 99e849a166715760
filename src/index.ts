/**
 * An Effect-native SDK for the Sendmux email API.
 *
 * @since 0.1.0
 */

export * as EntityTagCache from "./EntityTagCache.js"
export type * from "./internal/model/call.js"
export { Connection } from "./internal/model/connection.js"
export * from "./internal/model/errors.js"
export type * from "./internal/model/options.js"
export * as Retry from "./internal/timing/retry.js"
export { Mailbox, type MailboxService } from "./Mailbox.js"
export { Management, type ManagementService } from "./Management.js"
export * as Sandbox from "./Sandbox.js"
export { Sending, type SendingService } from "./Sending.js"
export * as Webhooks from "./Webhooks.js"
