/**
 * The surfaces of the API.
 *
 * @since 0.2.0
 */

/**
 * A part of the API with its own URL and its own credentials.
 *
 * @since 0.2.0
 * @category models
 */
export type Surface = "sending" | "mailbox" | "management"

/**
 * The URL of Sending at Sendmux.
 *
 * @internal
 */
export const sendingUrl = "https://smtp.sendmux.ai/api/v1"

/**
 * The URL of Mailbox and Management at Sendmux.
 *
 * @internal
 */
export const appUrl = "https://app.sendmux.ai/api/v1"

/**
 * The URLs of the surfaces at Sendmux.
 *
 * @internal
 */
export const baseUrls: Readonly<Record<Surface, string>> = {
  sending: sendingUrl,
  mailbox: appUrl,
  management: appUrl
}
