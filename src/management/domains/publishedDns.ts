/**
 * Compares the DNS records that a domain needs with the records that a DNS lookup found.
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
 * A record that a DNS lookup found.
 *
 * @since 0.1.0
 * @category models
 */
export interface PublishedRecord {
  readonly type: DnsRecord["type"]
  /** The name that was looked up. */
  readonly name: string
  /** The text of a TXT record with its chunks joined, or the target of a CNAME or MX record. */
  readonly value: string
}

/**
 * Compares the records of a domain with published records. The state of each record is `ok`, `missing` or `wrong`.
 *
 * This function does no DNS lookups. Look up the names of `dnsRecords` with any resolver, and pass all records that it
 * found. An SPF record is `ok` if it allows at least the required senders, and a DMARC record if its policy is at least
 * as strict, so that a domain can keep its own records. The result is an estimate: `domains.verify` decides.
 *
 * @since 0.1.0
 * @category dns
 */
export const compareDns = (
  domain: DomainWithRecords,
  published: ReadonlyArray<PublishedRecord>
): ReadonlyArray<DnsFinding> => {
  const byKey = new Map<string, Array<string>>()
  for (const { name, type, value } of published) {
    const key = keyOf(type, name)
    byKey.set(key, [...(byKey.get(key) ?? []), value.trim()])
  }
  return dnsRecords(domain).map((record) => {
    const candidates = (byKey.get(keyOf(record.type, record.name)) ?? []).filter((value) =>
      isCandidate(record, value)
    )
    const state = stateOf(record, candidates)
    const found = candidates.map((value) => JSON.stringify(value))
    return { record, state, advice: adviceOn(record, state, found) }
  })
}

const keyOf = (type: string, name: string): string => `${type} ${canonical(name)}`

/** DNS names are case-insensitive, and a trailing dot does not change them. */
const canonical = (name: string): string => name.trim().replace(/\.$/, "").toLowerCase()

/** A name may have TXT records of several kinds. Only those of the same kind are candidates. */
const isCandidate = ({ purpose, type, value }: DnsRecord, published: string): boolean => {
  if (type !== "TXT") return true
  if (purpose === "verification") {
    const key = value.split("=", 1)[0] ?? value
    return published.startsWith(key)
  }
  return purpose === "dmarc" ? /^v=dmarc1\b/i.test(published) : /^v=spf1(\s|$)/i.test(published)
}

const stateOf = (record: DnsRecord, candidates: ReadonlyArray<string>): DnsState => {
  if (candidates.length === 0) return "missing"
  return satisfies(record, candidates) ? "ok" : "wrong"
}

const satisfies = ({ purpose, type, value }: DnsRecord, candidates: ReadonlyArray<string>): boolean => {
  if (type !== "TXT") return candidates.some((target) => canonical(target) === canonical(value))
  if (purpose === "verification") return candidates.includes(value)
  // Receivers ignore SPF and DMARC when a name has more than one such record.
  const [only] = candidates
  if (only === undefined || candidates.length > 1) return false
  return purpose === "dmarc" ? strictness(only) >= strictness(value) : allowsSenders(only, value)
}

const policies = ["none", "quarantine", "reject"]

const strictness = (dmarc: string): number =>
  policies.indexOf(/;\s*p\s*=\s*(\w+)/i.exec(dmarc)?.[1]?.toLowerCase() ?? "")

/** Whether an SPF record contains every mechanism of the required one. The final `all` is not compared. */
const allowsSenders = (published: string, required: string): boolean => {
  const mechanisms = new Set(mechanismsOf(published))
  return mechanismsOf(required).every((mechanism) => mechanisms.has(mechanism))
}

const mechanismsOf = (spf: string): ReadonlyArray<string> =>
  spf
    .toLowerCase()
    .split(/\s+/)
    .slice(1)
    .map((term) => term.replace(/^\+/, ""))
    .filter((term) => term !== "" && !/^[-~?]?all$/.test(term))
