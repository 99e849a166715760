/**
 * Template tags: the names of values that the provider of a message puts in its subject and its bodies.
 */
import type { ProviderRecord } from "./team.js"
import type { SentEmail } from "./world.js"

const tag = /\[DP_([A-Z0-9_]+)\]/g

const control = /\p{Cc}/gu

const domainOf = (address: string | null): string => address?.split("@").at(-1) ?? ""

/** The values of a provider by the name of their tag. A value that is not set is empty. */
const valuesOf = ({ name, settings }: ProviderRecord): ReadonlyMap<string, string> =>
  new Map([
    ["NAME", name],
    ["USERNAME", settings.smtp_username ?? ""],
    ["FROM_EMAIL", settings.from_email ?? ""],
    ["FROM_NAME", settings.from_name ?? ""],
    ["REPLY_TO_EMAIL", settings.reply_to_email ?? ""],
    ["TRACKING_DOMAIN", settings.tracking_domain ?? ""],
    ["FROM_DOMAIN", domainOf(settings.from_email)],
    ...Object.entries(settings.variables ?? {}).map(
      ([key, value]) => [`VAR_${key.toUpperCase()}`, value] as const
    )
  ])

/**
 * Replaces the tags of a message once, without escaping the values. A tag of a variable that is not set is removed, and a
 * tag with an unknown name stays.
 */
export const withValues = (email: SentEmail, provider: ProviderRecord | undefined): SentEmail => {
  if (provider === undefined) return email
  const { html, subject, text } = email
  if (![subject, text, html].some((part) => part?.includes("[DP_"))) return email
  const values = valuesOf(provider)
  const filled = (part: string, change: (value: string) => string = (value) => value): string =>
    part.replace(tag, (found, name: string) => {
      const value = values.get(name) ?? (name.startsWith("VAR_") ? "" : undefined)
      return value === undefined ? found : change(value)
    })
  return {
    ...email,
    subject: filled(subject, (value) => value.replace(control, "")),
    text: text === null ? null : filled(text),
    html: html === null ? null : filled(html)
  }
}
