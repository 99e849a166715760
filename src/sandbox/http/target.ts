/**
 * Which API a URL belongs to.
 */
import type { Host } from "./routes.js"

/** The API that a URL belongs to, and the path within it. */
export interface Target {
  readonly host: Host
  readonly base: string
  readonly path: string
}

const prefixes: ReadonlyArray<readonly [prefix: string, host: Host]> = [
  ["/sending/api/v1", "sending"],
  ["/app/api/v1", "app"]
]

const hosts: ReadonlyMap<string, Host> = new Map([
  ["smtp.sendmux.ai", "sending"],
  ["app.sendmux.ai", "app"]
])

/** Finds the API that a URL belongs to. Returns `undefined` for any other URL. */
export const targetOf = (url: URL): Target | undefined => {
  const known = hosts.get(url.hostname)
  const [prefix, host] =
    known === undefined
      ? (prefixes.find(([prefix]) => url.pathname.startsWith(`${prefix}/`)) ?? [undefined, undefined])
      : ["/api/v1", known]
  return prefix !== undefined && host !== undefined && url.pathname.startsWith(`${prefix}/`)
    ? { host, base: `${url.origin}${prefix}`, path: url.pathname.slice(prefix.length) }
    : undefined
}
