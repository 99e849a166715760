/**
 * The records a domain needs beside those that are published, as a look-up of one's own found them.
 *
 * @since 0.1.0
 */
import {
  adviceOn,
  type DnsFinding,
  type DnsRecord,
  type DnsState,
  type DomainWithRecords,
  dnsRecords
} from "./dns.js"

/**
 * A record as a DNS look-up found it.
 *
 * @since 0.1.0
 * @category models
 */
export interface PublishedRecord {
  readonly type: DnsRecord["type"]
  /** The name that was looked up. */
  readonly name: string
  /** The whole text of a TXT, its chunks joined; the target of a CNAME or an MX. */
  readonly value: string
}

/**
 * Each record of a domain beside what is published: `ok`, `missing` or `wrong`. Pure: look the names of `dnsRecords`
 * up with whatever resolver is at hand, and pass everything that was found.
 *
 * Of an SPF record only the senders it must let through are compared, and of a DMARC record that its policy is as
 * strict, so that a domain's own records need not be given up. `domains.verify` has the last word.
 *
 * @since 0.1.0
 * @category dns
 */
export const compareDns = (
  domain: DomainWithRecords,
  published: ReadonlyArray<PublishedRecord>
): ReadonlyArray<DnsFinding> => {
  const byPlace = new Map<string, Array<string>>()
  for (const { name, type, value } of published) {
    const place = placeOf(type, name)
    byPlace.set(place, [...(byPlace.get(place) ?? []), value.trim()])
  }
  return dnsRecords(domain).map((record) => {
    const rivals = (byPlace.get(placeOf(record.type, record.name)) ?? []).filter((value) =>
      isRival(record, value)
    )
    const state = stateAmong(record, rivals)
    const found = rivals.map((value) => JSON.stringify(value))
    return { record, state, advice: adviceOn(record, state, found) }
  })
}

const placeOf = (type: string, name: string): string => `${type} ${canonical(name)}`

/** Names are the same whatever their case, with and without the dot at the end. */
const canonical = (name: string): string => name.trim().replace(/\.$/, "").toLowerCase()

/** Many TXT records share a name; only those that mean the same thing stand in one another's place. */
const isRival = ({ purpose, type, value }: DnsRecord, published: string): boolean => {
  if (type !== "TXT") return true
  if (purpose === "verification") {
    const key = value.split("=", 1)[0] ?? value
    return published.startsWith(key)
  }
  return purpose === "dmarc" ? /^v=dmarc1\b/i.test(published) : /^v=spf1(\s|$)/i.test(published)
}

const stateAmong = (record: DnsRecord, rivals: ReadonlyArray<string>): DnsState => {
  if (rivals.length === 0) return "missing"
  return fits(record, rivals) ? "ok" : "wrong"
}

const fits = ({ purpose, type, value }: DnsRecord, rivals: ReadonlyArray<string>): boolean => {
  if (type !== "TXT") return rivals.some((target) => canonical(target) === canonical(value))
  if (purpose === "verification") return rivals.includes(value)
  // Two records of the same kind void one another.
  const [only] = rivals
  if (only === undefined || rivals.length > 1) return false
  return purpose === "dmarc" ? strictness(only) >= strictness(value) : letsThrough(only, value)
}

const policies = ["none", "quarantine", "reject"]

const strictness = (dmarc: string): number =>
  policies.indexOf(/;\s*p\s*=\s*(\w+)/i.exec(dmarc)?.[1]?.toLowerCase() ?? "")

/** Whether one SPF record has every mechanism of another, apart from what it says of all the rest. */
const letsThrough = (own: string, needed: string): boolean => {
  const mechanisms = new Set(termsOf(own))
  return termsOf(needed).every((term) => mechanisms.has(term))
}

const termsOf = (spf: string): ReadonlyArray<string> =>
  spf
    .toLowerCase()
    .split(/\s+/)
    .slice(1)
    .map((term) => term.replace(/^\+/, ""))
    .filter((term) => term !== "" && !/^[-~?]?all$/.test(term))
