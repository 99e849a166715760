/**
 * The credentials that a sandbox has from the beginning.
 *
 * @since 0.1.0
 */
import * as Redacted from "effect/Redacted"
import { firstApp } from "./oauth/authority.js"
import * as World from "./state/world.js"

/**
 * The API key of the first mailbox, for Sending and Mailbox: `smx_mbx_sandbox`. It is not secret, because it is valid
 * for a sandbox only.
 *
 * @since 0.1.0
 * @category constants
 */
export const mailboxKey: Redacted.Redacted = Redacted.make(World.mailboxKey)

/**
 * The API key that can access every mailbox, for Sending and Mailbox: `smx_agent_sandbox`. If the sandbox has several
 * mailboxes, each call has to set `mailbox_id`.
 *
 * @since 0.1.0
 * @category constants
 */
export const agentKey: Redacted.Redacted = Redacted.make(World.agentKey)

/**
 * The API key of the team, for Management: `smx_root_sandbox`.
 *
 * @since 0.1.0
 * @category constants
 */
export const rootKey: Redacted.Redacted = Redacted.make(World.rootKey)

/**
 * The credential of an integration, for Management and Mailbox: `smx_int_sandbox`. Set it as `accessToken`. Each call to a
 * mailbox has to set `mailbox_id`.
 *
 * @since 0.2.0
 * @category constants
 */
export const integrationKey: Redacted.Redacted = Redacted.make(World.integrationKey)

/**
 * The id of the OAuth client that a sandbox has from the beginning: `sandbox-app`. It has no secret, and accepts the path
 * `/callback` of loopback URLs with any port.
 *
 * @since 0.2.0
 * @category constants
 */
export const appId: string = firstApp.id
