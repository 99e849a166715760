/**
 * The DNS records a domain needs, as rows, and what is the matter with them.
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
 * The records a domain needs, by what they are for, as the API groups them. `dnsRecords` gives them as rows.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DomainDnsRecords = Schema.Struct({
  /** Where mail to the domain goes; these belong at the domain itself. */
  mx: Schema.Array(Target),
  /** The sub-domain to which bounces go. */
  mail_from: Schema.Struct({ mx: NamedTarget, spf: NameValue }),
  /** Who may send for the domain. */
  spf: NameValue,
  /** What receivers do with mail that only pretends to come from the domain. */
  dmarc: NameValue,
  /** The CNAMEs that point to the keys mail is signed with. */
  dkim: Schema.Array(NameValue),
  /** The proof that the domain is the team's. */
  verification: NameValue
})

/**
 * @since 0.1.0
 * @category models
 */
export interface DomainDnsRecords extends Schema.Schema.Type<typeof DomainDnsRecords> {}

/**
 * Which records the API found as they should be.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DomainChecks = Schema.Struct({
  /** Always `true` for a domain that only sends. */
  mx: Schema.Boolean,
  verification_txt: Schema.Boolean,
  spf: Schema.Boolean,
  dmarc: Schema.Boolean,
  mail_from_mx: Schema.Boolean,
  mail_from_spf: Schema.Boolean
})

/**
 * @since 0.1.0
 * @category models
 */
export interface DomainChecks extends Schema.Schema.Type<typeof DomainChecks> {}

// -----------------------------------------------------------------------------
// rows
// -----------------------------------------------------------------------------

/**
 * What a record is for. `dkim` has three records, `mx` may have several, every other one has one.
 *
 * @since 0.1.0
 * @category models
 */
export type DnsPurpose = "verification" | "spf" | "dkim" | "dmarc" | "mx" | "mail_from_mx" | "mail_from_spf"

/**
 * One record to publish, as a DNS provider's form asks for it.
 *
 * @since 0.1.0
 * @category models
 */
export interface DnsRecord {
  readonly purpose: DnsPurpose
  readonly type: "TXT" | "CNAME" | "MX"
  /** The full name, without a dot at the end. */
  readonly name: string
  /** The text of a TXT, the target of a CNAME or an MX. */
  readonly value: string
  /** Of an MX only. */
  readonly priority: number | undefined
}

/**
 * What `dnsRecords` and `checkDns` need to know of a domain; a `Domain` has it all.
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
 * What `checkDns` needs to know of a verification; a `DomainVerification` has it all.
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
 * Every record that a domain needs, in the order in which one would publish them. A domain that only sends needs no
 * `mx`.
 *
 * @since 0.1.0
 * @category dns
 */
export const dnsRecords = ({ dns_records, domain, mode }: DomainWithRecords): ReadonlyArray<DnsRecord> => {
  const { dkim, dmarc, mail_from, mx, spf, verification } = dns_records
  return [
    txt("verification", verification),
    txt("spf", spf),
    ...dkim.map(
      ({ name, value }): DnsRecord => ({
        purpose: "dkim",
        type: "CNAME",
        name: trimDot(name),
        value: trimDot(value),
        priority: undefined
      })
    ),
    txt("dmarc", dmarc),
    ...(mode === sendOnly ? [] : mx.map((target) => mxRecord("mx", domain, target))),
    mxRecord("mail_from_mx", mail_from.mx.name, mail_from.mx),
    txt("mail_from_spf", mail_from.spf)
  ]
}

const trimDot = (name: string): string => name.replace(/\.$/, "")

const txt = (
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
 * A record as one line of text, such as `MX bounce.example.com 10 feedback.example.net`.
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
 * How a record stands:
 * - `ok`: found as it should be
 * - `missing`: nothing like it is published
 * - `wrong`: something else is published in its place
 * - `unfit`: one of the two, and the API does not say which
 * - `waiting`: not confirmed yet; a record that was published lately may need more time
 *
 * @since 0.1.0
 * @category models
 */
export type DnsState = "ok" | "missing" | "wrong" | "unfit" | "waiting"

/**
 * A record with how it stands.
 *
 * @since 0.1.0
 * @category models
 */
export interface DnsFinding {
  readonly record: DnsRecord
  readonly state: DnsState
  /** What to do, for people; empty when the record is fine. */
  readonly advice: string
}

const confirmed = "success"

/** How each purpose stands by a verification. The API checks DKIM as a whole and says so in a status of its own. */
const stateOf = (findings: DnsFindings, purpose: DnsPurpose): DnsState => {
  switch (purpose) {
    case "verification":
      return findings.checks.verification_txt ? "ok" : "unfit"
    case "dkim":
      return dkimState(findings.ses_dkim_status)
    case "mail_from_mx":
    case "mail_from_spf":
      if (!findings.checks[purpose]) return "unfit"
      return findings.ses_mail_from_status.toLowerCase() === confirmed ? "ok" : "waiting"
    default:
      return findings.checks[purpose] ? "ok" : "unfit"
  }
}

const dkimState = (status: string): DnsState => {
  const known = status.toLowerCase()
  if (known === confirmed) return "ok"
  return known === "failed" ? "unfit" : "waiting"
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
 * The purposes whose records are not yet as they should be.
 *
 * @since 0.1.0
 * @category dns
 */
export const outstandingDns = (findings: DnsFindings): ReadonlyArray<DnsPurpose> =>
  purposes.filter((purpose) => stateOf(findings, purpose) !== "ok")

/**
 * Each record of a domain with what `domains.verify` found: what is missing or wrong, and what only needs time.
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
 * @since 0.1.0
 * @category dns
 */
export const checkDns = (domain: DomainWithRecords, findings: DnsFindings): ReadonlyArray<DnsFinding> =>
  dnsRecords(domain).map((record) => {
    const state = stateOf(findings, record.purpose)
    return { record, state, advice: adviceOn(record, state) }
  })

const troubles: Record<Exclude<DnsState, "ok" | "waiting">, string> = {
  missing: "is missing",
  wrong: "is wrong",
  unfit: "is missing or wrong"
}

/**
 * What to do about a record in a state; empty when it is fine. `found` is what is published in its place.
 *
 * @internal
 */
export const adviceOn = (record: DnsRecord, state: DnsState, found: ReadonlyArray<string> = []): string => {
  if (state === "ok") return ""
  if (state === "waiting") {
    return `is not confirmed yet: check that it is published as ${JSON.stringify(record.value)}, then give it time`
  }
  const published = found.length === 0 ? "" : ` (published: ${found.join(", ")})`
  return `${troubles[state]}${published}: ${instructions(record)}`
}

const instructions = ({ name, priority, purpose, value }: DnsRecord): string => {
  const quoted = JSON.stringify(value)
  switch (purpose) {
    case "spf":
    case "mail_from_spf":
      return `publish one TXT that holds ${quoted}; where ${name} has an SPF record, merge the two`
    case "dmarc":
      return `publish a TXT with ${quoted}, or with a stricter policy`
    case "verification":
      return `publish a TXT with ${quoted}`
    case "dkim":
      return `publish a CNAME to ${value}`
    default:
      return `publish an MX to ${value} with priority ${priority}`
  }
}

const marks: Record<DnsState, string> = {
  ok: "ok",
  missing: "MISSING",
  wrong: "WRONG",
  unfit: "MISSING OR WRONG",
  waiting: "waiting"
}

/**
 * Findings as text for people, a record to a line, with what to do below those that are not fine.
 *
 * @since 0.1.0
 * @category dns
 */
export const formatDns = (findings: ReadonlyArray<DnsFinding>): string =>
  findings
    .map(({ advice, record, state }) => {
      const line = `[${marks[state]}] ${record.purpose}: ${formatDnsRecord(record)}`
      return advice === "" ? line : `${line}\n    ${advice}`
    })
    .join("\n")
