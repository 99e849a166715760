/**
 * The headers of requests and responses as they are recorded.
 */
import { mask } from "./names.js"
import type { Exchange } from "./recording.js"
import type { ScrubOptions } from "./scrub.js"

/** Headers by their names in lower case. */
export type RawHeaders = Readonly<Record<string, string | ReadonlyArray<string> | undefined>>

/** The headers of responses that are a part of the API. Others, such as cookies of a proxy, are not recorded. */
export const apiHeaders = [
  "content-type",
  "etag",
  "location",
  "retry-after",
  "x-request-id",
  "x-ratelimit-limit",
  "x-ratelimit-remaining",
  "x-ratelimit-reset",
  "content-disposition",
  "content-range",
  "cache-control",
  "www-authenticate"
] as const

/** The value of a header, with several values joined. */
export const joined = (header: string | ReadonlyArray<string> | undefined): string | undefined =>
  typeof header === "object" ? header.join(", ") : header

type Credential = Exchange["request"]["credential"]

const kinds = [
  ["smx_root_", "root"],
  ["smx_mbx_", "mailbox"],
  ["smx_agent_", "agent"]
] as const

/** The credential of a request, by its kind and a name. */
export const credentialOf = ({ names }: ScrubOptions, header: string | undefined): Credential => {
  if (header === undefined) return null
  const token = header.replace(/^bearer +/i, "")
  const [, kind] = kinds.find(([prefix]) => token.startsWith(prefix)) ?? []
  return { kind: kind ?? "other", name: names.secret(token) }
}

const tagPattern = /(?:W\/)?"[^"]*"/g

/** The headers of a request that are a part of the API. */
export const requestHeadersOf = (
  { names }: ScrubOptions,
  headers: RawHeaders
): Readonly<Record<string, string>> => {
  const shown: Record<string, string> = {}
  const note = (name: string, write: (value: string) => string) => {
    const value = joined(headers[name])
    if (value !== undefined) shown[name] = write(value)
  }
  note("content-type", mediaType)
  note("accept", mediaType)
  note("range", (value) => (/^bytes=[\d,\s-]*$/.test(value) ? value : mask(value)))
  for (const name of ["if-match", "if-none-match"]) {
    note(name, (value) => (value === "*" ? value : value.replace(tagPattern, (tag) => names.revision(tag))))
  }
  note("idempotency-key", (value) => (value.length > 255 || value === "" ? mask(value) : names.key(value)))
  note("last-event-id", (value) => (value === "0" ? value : names.id(value)))
  note("x-sendmux-upload-token", (value) => names.secret(value))
  return shown
}

const mediaType = (value: string): string =>
  /^[\w*.+-]+\/[\w*.+-]+(?:\s*[;,]\s*[\w*.+=/-]+)*$/.test(value) ? value : mask(value)

/** The headers of a response that are a part of the API. */
export const responseHeadersOf = (
  options: ScrubOptions,
  headers: RawHeaders
): Readonly<Record<string, string>> => {
  const { names } = options
  const write = (name: string, value: string): string => {
    switch (name) {
      case "etag":
        return names.revision(value)
      case "x-request-id":
        return names.id(value)
      case "location":
        return value.replace(/[^/]+$/, (id) => names.id(id))
      case "content-disposition":
      case "www-authenticate":
        return options.keepContent ? value : mask(value)
      default:
        return value
    }
  }
  return Object.fromEntries(
    apiHeaders.flatMap((name) => {
      const value = joined(headers[name])
      return value === undefined ? [] : [[name, write(name, value)] as const]
    })
  )
}
