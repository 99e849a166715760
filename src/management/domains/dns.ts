/**
 * The DNS records that a domain needs, and their state after a verification.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

const NameValue = Schema.Struct({ name: Schema.String, value: Schema.String })
const Target = Schema.Struct({ priority: Schema.Number, target: Schema.String })
const NamedTarget = Schema.Struct({ name: Schema.String, ...Target.fields })

/**
 * The DNS records that a domain needs, grouped by purpose. `dnsRecords` returns them as a list.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DomainDnsRecords = Schema.Struct({
  /** The servers that receive mail for the domain. Publish these records at the domain itself. */
  mx: Schema.Array(Target),
  /** The subdomain that receives bounces. */
  mail_from: Schema.Struct({ mx: NamedTarget, spf: NameValue }),
  /** The servers that may send mail for the domain. */
  spf: NameValue,
  /** What receivers do with mail that fails authentication. */
  dmarc: NameValue,
  /** CNAME records that point to the public keys of the mail signatures. */
  dkim: Schema.Array(NameValue),
  /** The proof that the team owns the domain. */
  verification: NameValue
})

/**
 * The DNS records that a domain needs, grouped by purpose.
 *
 * @since 0.1.0
 * @category models
 */
export interface DomainDnsRecords extends Schema.Schema.Type<typeof DomainDnsRecords> {}

/**
 * Which DNS records the API found with the expected values.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DomainChecks = Schema.Struct({
  /** Always `true` for a domain in the mode `send_only`. */
  mx: Schema.Boolean,
  verification_txt: Schema.Boolean,
  spf: Schema.Boolean,
  dmarc: Schema.Boolean,
  mail_from_mx: Schema.Boolean,
  mail_from_spf: Schema.Boolean
})

/**
 * Which DNS records the API found with the expected values.
 *
 * @since 0.1.0
 * @category models
 */
export interface DomainChecks extends Schema.Schema.Type<typeof DomainChecks> {}

// -----------------------------------------------------------------------------
// records
// -----------------------------------------------------------------------------

/**
 * The purpose of a record. A domain has three `dkim` records, one or more `mx` records, and one record of each other
 * purpose.
 *
 * @since 0.1.0
 * @category models
 */
export type DnsPurpose = "verification" | "spf" | "dkim" | "dmarc" | "mx" | "mail_from_mx" | "mail_from_spf"

/**
 * A DNS record to publish.
 *
 * @since 0.1.0
 * @category models
 */
export interface DnsRecord {
  readonly purpose: DnsPurpose
  readonly type: "TXT" | "CNAME" | "MX"
  /** The fully qualified name, without a trailing dot. */
  readonly name: string
  /** The text of a TXT record, or the target of a CNAME or MX record without a trailing dot. */
  readonly value: string
  /** The priority of an MX record, otherwise `undefined`. */
  readonly priority: number | undefined
}

/**
 * The part of a `Domain` that `dnsRecords`, `checkDns` and `compareDns` use.
 *
 * @since 0.1.0
 * @category models
 */
export interface DomainWithRecords {
  readonly domain: string
  readonly mode: string
  readonly dns_records: DomainDnsRecords
}

/**
 * The part of a `DomainVerification` that `checkDns` and `outstandingDns` use.
 *
 * @since 0.1.0
 * @category models
 */
export interface DnsFindings {
  readonly checks: DomainChecks
  readonly ses_dkim_status: string
  readonly ses_mail_from_status: string
}

const sendOnly = "send_only"

/**
 * Returns the records that a domain needs, in the order in which to publish them. A domain in the mode `send_only`
 * needs no `mx` records.
 *
 * @example
 * import { dnsRecords, formatDnsRecord, Management } from "effect-sendmux/Management"
 * import * as Effect from "effect/Effect"
 *
 * export const printRecords = (id: string) =>
 *   Effect.gen(function* () {
 *     const { domains } = yield* Management
 *     const domain = yield* domains.get(id)
 *     for (const record of dnsRecords(domain)) yield* Effect.log(formatDnsRecord(record))
 *   })
 *
 * @since 0.1.0
 * @category dns
 */
export const dnsRecords = ({ dns_records, domain, mode }: DomainWithRecords): ReadonlyArray<DnsRecord> => {
  const { dkim, dmarc, mail_from, mx, spf, verification } = dns_records
  return [
    txtRecord("verification", verification),
    txtRecord("spf", spf),
    ...dkim.map(
      ({ name, value }): DnsRecord => ({
        purpose: "dkim",
        type: "CNAME",
        name: trimDot(name),
        value: trimDot(value),
        priority: undefined
      })
    ),
    txtRecord("dmarc", dmarc),
    ...(mode === sendOnly ? [] : mx.map((target) => mxRecord("mx", domain, target))),
    mxRecord("mail_from_mx", mail_from.mx.name, mail_from.mx),
    txtRecord("mail_from_spf", mail_from.spf)
  ]
}

const trimDot = (name: string): string => name.replace(/\.$/, "")

const txtRecord = (
  purpose: DnsPurpose,
  { name, value }: { readonly name: string; readonly value: string }
): DnsRecord => ({
  purpose,
  type: "TXT",
  name: trimDot(name),
  value,
  priority: undefined
})

const mxRecord = (
  purpose: DnsPurpose,
  name: string,
  { priority, target }: { readonly priority: number; readonly target: string }
): DnsRecord => ({ purpose, type: "MX", name: trimDot(name), value: trimDot(target), priority })

/**
 * Formats a record as one line of text, such as `MX bounce.example.com 10 feedback.example.net`.
 *
 * @since 0.1.0
 * @category dns
 */
export const formatDnsRecord = ({ name, priority, type, value }: DnsRecord): string =>
  [
    type,
    name,
    ...(priority === undefined ? [] : [priority]),
    type === "TXT" ? JSON.stringify(value) : value
  ].join(" ")

// -----------------------------------------------------------------------------
// findings
// -----------------------------------------------------------------------------

/**
 * The state of a record:
 * - `ok`: the record has the expected value
 * - `missing`: there is no such record
 * - `wrong`: there is another value in its place
 * - `missing_or_wrong`: one of the two, because the API does not report which
 * - `pending`: not confirmed yet, for example because the record was published recently
 *
 * @since 0.1.0
 * @category models
 */
export type DnsState = "ok" | "missing" | "wrong" | "missing_or_wrong" | "pending"

/**
 * A record and its state.
 *
 * @since 0.1.0
 * @category models
 */
export interface DnsFinding {
  readonly record: DnsRecord
  readonly state: DnsState
  /** Human-readable instructions to fix the record. Empty if the state is `ok`. */
  readonly advice: string
}

/** The status that Amazon SES reports for records that it has confirmed. */
const confirmed = "success"

const stateOf = (findings: DnsFindings, purpose: DnsPurpose): DnsState => {
  switch (purpose) {
    case "verification":
      return findings.checks.verification_txt ? "ok" : "missing_or_wrong"
    case "dkim":
      return dkimState(findings.ses_dkim_status)
    case "mail_from_mx":
    case "mail_from_spf":
      if (!findings.checks[purpose]) return "missing_or_wrong"
      return findings.ses_mail_from_status.toLowerCase() === confirmed ? "ok" : "pending"
    default:
      return findings.checks[purpose] ? "ok" : "missing_or_wrong"
  }
}

/** The API reports one status for all DKIM records together. */
const dkimState = (status: string): DnsState => {
  const lower = status.toLowerCase()
  if (lower === confirmed) return "ok"
  return lower === "failed" ? "missing_or_wrong" : "pending"
}

const purposes: ReadonlyArray<DnsPurpose> = [
  "verification",
  "spf",
  "dkim",
  "dmarc",
  "mx",
  "mail_from_mx",
  "mail_from_spf"
]

/**
 * Returns the purposes whose records are not `ok`.
 *
 * @since 0.1.0
 * @category dns
 */
export const outstandingDns = (findings: DnsFindings): ReadonlyArray<DnsPurpose> =>
  purposes.filter((purpose) => stateOf(findings, purpose) !== "ok")

/**
 * Combines the records of a domain with the result of `domains.verify`: which records are missing or wrong, and which
 * are still pending.
 *
 * @example
 * import { checkDns, formatDns, Management } from "effect-sendmux/Management"
 * import * as Effect from "effect/Effect"
 *
 * export const report = (id: string) =>
 *   Effect.gen(function* () {
 *     const { domains } = yield* Management
 *     const domain = yield* domains.get(id)
 *     return formatDns(checkDns(domain, yield* domains.verify(id)))
 *   })
 *
 * @see {@link formatDns} to print the findings
 * @since 0.1.0
 * @category dns
 */
export const checkDns = (domain: DomainWithRecords, findings: DnsFindings): ReadonlyArray<DnsFinding> =>
  dnsRecords(domain).map((record) => {
    const state = stateOf(findings, record.purpose)
    return { record, state, advice: adviceOn(record, state) }
  })

const problems: Record<Exclude<DnsState, "ok" | "pending">, string> = {
  missing: "is missing",
  wrong: "is wrong",
  missing_or_wrong: "is missing or wrong"
}

/**
 * Returns instructions to fix a record in a state. `found` are the values that are published in its place.
 *
 * @internal
 */
export const adviceOn = (record: DnsRecord, state: DnsState, found: ReadonlyArray<string> = []): string => {
  if (state === "ok") return ""
  if (state === "pending") {
    return `is not confirmed yet: check that it is published as ${JSON.stringify(record.value)}, and wait`
  }
  const published = found.length === 0 ? "" : ` (published: ${found.join(", ")})`
  return `${problems[state]}${published}: ${instructions(record)}`
}

const instructions = ({ name, priority, purpose, value }: DnsRecord): string => {
  const quoted = JSON.stringify(value)
  switch (purpose) {
    case "spf":
    case "mail_from_spf":
      return `publish a TXT record with ${quoted}; if ${name} already has an SPF record, merge the two`
    case "dmarc":
      return `publish a TXT record with ${quoted}, or with a stricter policy`
    case "verification":
      return `publish a TXT record with ${quoted}`
    case "dkim":
      return `publish a CNAME record that points to ${value}`
    default:
      return `publish an MX record that points to ${value} with priority ${priority}`
  }
}

const labels: Record<DnsState, string> = {
  ok: "ok",
  missing: "MISSING",
  wrong: "WRONG",
  missing_or_wrong: "MISSING OR WRONG",
  pending: "pending"
}

/**
 * Formats findings as human-readable text: one line for each record, followed by its advice unless the record is `ok`.
 *
 * @since 0.1.0
 * @category dns
 */
export const formatDns = (findings: ReadonlyArray<DnsFinding>): string =>
  findings
    .map(({ advice, record, state }) => {
      const line = `[${labels[state]}] ${record.purpose}: ${formatDnsRecord(record)}`
      return advice === "" ? line : `${line}\n    ${advice}`
    })
    .join("\n")
