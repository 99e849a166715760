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
 * The URLs of the surfaces at Sendmux.
 *
 * @internal
 */
export const baseUrls = {
  sending: "https://smtp.sendmux.ai/api/v1",
  mailbox: "https://app.sendmux.ai/api/v1",
  management: "https://app.sendmux.ai/api/v1"
} as const satisfies Record<Surface, string>
