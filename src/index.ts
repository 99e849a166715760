/**
 * An Effect-native SDK for the Sendmux email API.
 *
 * @since 0.1.0
 */
export type * from "./Call.js"
export { Connection } from "./Connection.js"
export * as EntityTagCache from "./EntityTagCache.js"
export * from "./Errors.js"
export { Mailbox, type MailboxService } from "./Mailbox.js"
export { Management, type ManagementService } from "./Management.js"
export type * from "./Options.js"
export * as Retry from "./Retry.js"
export * as Sandbox from "./Sandbox.js"
export { Sending, type SendingService } from "./Sending.js"
export * as Webhooks from "./Webhooks.js"
