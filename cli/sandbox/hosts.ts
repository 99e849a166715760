/**
 * The hosts that a server listens on, and those for which it accepts requests.
 */
import { isIPv6 } from "node:net"
import { networkInterfaces } from "node:os"
import { isLoopback } from "../../src/internal/values/loopback.js"

/** A host as it is written in a URL. */
export const hostInUrl = (host: string): string => (isIPv6(host) ? `[${host}]` : host)

export const isLoopbackHost = (host: string): boolean => isLoopback(`http://${hostInUrl(host)}/`)

/** Addresses that stand for every address of the machine. */
const wildcards: ReadonlySet<string> = new Set(["0.0.0.0", "::"])

/** The hosts, other than loopback ones, for which a server that listens on a host accepts requests. */
export const acceptedHosts = (host: string): ReadonlyArray<string> => {
  if (isLoopbackHost(host)) return []
  if (!wildcards.has(host)) return [hostInUrl(host)]
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.filter(({ internal }) => !internal).map(({ address }) => hostInUrl(address))
  )
}

/** A host by which this machine can reach a server. */
export const reachableHost = (host: string): string => (wildcards.has(host) ? "127.0.0.1" : hostInUrl(host))
