/**
 * Credentials from the environment: the variables that programs for Sendmux usually have, read through `Config`.
 *
 * @since 0.2.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"
import type * as Config from "effect/Config"
import * as Redacted from "effect/Redacted"
import { type FoundVariable, firstVariable, optionalVariable } from "./internal/dialect/config.js"
import type { Surface } from "./internal/operation/operation.js"

/**
 * The variables that are looked up for each surface, in this order. The first one that is set and not empty is used.
 *
 * @since 0.2.0
 * @category constants
 */
export const variables: Readonly<Record<Surface, ReadonlyArray<string>>> = {
  sending: ["SENDMUX_MAILBOX_API_KEY", "SENDMUX_API_KEY", "SENDMUX_ACCESS_TOKEN"],
  mailbox: ["SENDMUX_MAILBOX_API_KEY", "SENDMUX_API_KEY", "SENDMUX_ACCESS_TOKEN"],
  management: ["SENDMUX_ROOT_API_KEY", "SENDMUX_API_KEY", "SENDMUX_ACCESS_TOKEN"]
}

/**
 * The variable with the mailbox of calls that do not select one: `SENDMUX_MAILBOX_ID`.
 *
 * @since 0.2.0
 * @category constants
 */
export const mailboxVariable = "SENDMUX_MAILBOX_ID"

/**
 * The variable with the URL of each surface: that of a sandbox or of a proxy. It need not be set.
 *
 * @since 0.2.0
 * @category constants
 */
export const urlVariables: Readonly<Record<Surface, string>> = {
  sending: "SENDMUX_SENDING_URL",
  mailbox: "SENDMUX_APP_URL",
  management: "SENDMUX_APP_URL"
}

/**
 * Options for `layerConfig` of a surface.
 *
 * @since 0.2.0
 * @category models
 */
export interface EnvironmentOptions {
  readonly accessToken: Config.Config<Redacted.Redacted>
  readonly baseUrl: Config.Config<string | undefined>
}

/**
 * Options for `Mailbox.layerConfig`.
 *
 * @since 0.2.0
 * @category models
 */
export interface MailboxEnvironmentOptions extends EnvironmentOptions {
  readonly mailbox_id: Config.Config<string | undefined>
}

/** The prefixes of keys that a surface does not accept. Credentials of unknown prefixes are left to the server. */
const wrongPrefixes: Readonly<Record<Surface, RegExp>> = {
  sending: /^smx_root_/,
  mailbox: /^smx_root_/,
  management: /^smx_(?:mbx|agent)_/
}

const tokenCharacters = /^[A-Za-z0-9._~+/-]+=*$/

const problemOf =
  (surface: Surface) =>
  ({ value }: FoundVariable): string | undefined => {
    const text = Redacted.value(value)
    if (!tokenCharacters.test(text)) {
      return "the credential must be the bare key or token, without a scheme, spaces, quotes or line breaks"
    }
    return wrongPrefixes[surface].test(text)
      ? `the credential is of the wrong kind for ${surface}: use a ${surface === "management" ? "root key" : "mailbox key"}`
      : undefined
  }

const credentialOf = (surface: Surface): Config.Config<Redacted.Redacted> => {
  const names = variables[surface]
  return firstVariable(
    names,
    `no credential for ${surface}: set one of ${names.join(", ")}. These variables were looked up, and are not set or empty`,
    problemOf(surface)
  )
}

/**
 * The options of `layerConfig` for a surface, with the credential from the first variable of `variables` that is set. The
 * variables may hold a key, an OAuth access token or an integration credential. For `mailbox` the variable
 * `SENDMUX_MAILBOX_ID` selects the mailbox, if it is set. `SENDMUX_SENDING_URL` and `SENDMUX_APP_URL` replace the URL of the
 * API, if they are set. `effect-sendmux sandbox -- <program>` sets all of them for a program.
 *
 * If no variable is set, the layer fails with a `ConfigError` whose message names all of them. If the value is a key of the
 * wrong kind for the surface, the message names the variable and never contains the value.
 *
 * @example
 * import * as Credentials from "effect-sendmux/Credentials"
 * import { Mailbox } from "effect-sendmux/Mailbox"
 * import { Sending } from "effect-sendmux/Sending"
 * import * as Layer from "effect/Layer"
 *
 * export const layers = Layer.mergeAll(
 *   Sending.layerConfig({ ...Credentials.env("sending"), userAgent: "my-app/1.0" }),
 *   Mailbox.layerConfig(Credentials.env("mailbox"))
 * )
 *
 * @since 0.2.0
 * @category constructors
 */
export function env(surface: "mailbox"): MailboxEnvironmentOptions
export function env(surface: "sending" | "management"): EnvironmentOptions
export function env(surface: Surface): EnvironmentOptions | MailboxEnvironmentOptions {
  const options = { accessToken: credentialOf(surface), baseUrl: optionalVariable(urlVariables[surface]) }
  return surface === "mailbox" ? { ...options, mailbox_id: optionalVariable(mailboxVariable) } : options
}
