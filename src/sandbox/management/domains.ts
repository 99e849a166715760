/**
 * Domains. The sandbox verifies a domain at once, unless the control holds or fails the verification, and deletes a domain only if it has no mailboxes.
 */
import { domainOperations } from "../../management/domains/domains.js"
import { fail, found, reply, replyPage } from "../exchange.js"
import { pageOf } from "../http/pages.js"
import { checkIfMatch, type Route, route } from "../http/routes.js"
import { type DomainRecord, iso, isoOrNull, newestFirst, noFilters } from "../state/team.js"
import type { World } from "../state/world.js"
import { readFilters, showFilters } from "./filters.js"

const maxDomains = 100

const dnsRecords = ({ domain, id }: DomainRecord) => ({
  mx: [
    { priority: 10, target: "mx1.sandbox.test" },
    { priority: 20, target: "mx2.sandbox.test" }
  ],
  mail_from: {
    mx: { name: `bounce.${domain}`, priority: 10, target: "feedback.sandbox.test" },
    spf: { name: `bounce.${domain}`, value: "v=spf1 include:sandbox.test ~all" }
  },
  spf: { name: domain, value: "v=spf1 include:sandbox.test ~all" },
  dmarc: { name: `_dmarc.${domain}`, value: "v=DMARC1; p=none" },
  dkim: ["a", "b", "c"].map((selector) => ({
    name: `${selector}._domainkey.${domain}`,
    value: `${selector}.dkim.sandbox.test`
  })),
  verification: { name: `_sendmux.${domain}`, value: `sendmux-verification=${id}` }
})

type Status = "pending" | "verified" | "failed"

/** The status of the verification at a time. */
export const verificationOf = ({ override, verifiedAt }: DomainRecord, now: number): Status => {
  if (override !== undefined && now < override.until) return override.status
  return verifiedAt === undefined ? "pending" : "verified"
}

const sesStatuses = { pending: "PENDING", verified: "SUCCESS", failed: "FAILED" } as const

/** The state of the SES identity of a domain. */
const sesIdentity = (status: Status) => ({
  ses_identity_verification_status: sesStatuses[status],
  ses_verified_for_sending: status === "verified",
  ses_dkim_status: sesStatuses[status],
  ses_dkim_signing_enabled: true,
  ses_mail_from_status: sesStatuses[status]
})

export const domainRoutes = ({ id, team }: World): ReadonlyArray<Route> => {
  const find = (domainId: string) => found(team.domains.get(domainId), "domain")
  const mailboxesOf = ({ domain }: DomainRecord) =>
    [...team.mailboxes.values()].filter(
      ({ email, status }) => status !== "deleted" && email.endsWith(`@${domain}`)
    )
  const show = (record: DomainRecord, now: number) => {
    const status = verificationOf(record, now)
    const verifiedAt = isoOrNull(status === "verified" ? record.verifiedAt : undefined)
    return {
      id: record.id,
      domain: record.domain,
      mode: record.mode,
      verification_status: status,
      ...sesIdentity(status),
      ses_identity_checked_at: verifiedAt,
      verified_at: verifiedAt,
      created_at: iso(record.createdAt),
      mailbox_count: mailboxesOf(record).length,
      dns_records: dnsRecords(record)
    }
  }
  const {
    create,
    delete: remove,
    get,
    getFilters,
    list,
    setFilters,
    update,
    verify,
    zoneFile
  } = domainOperations
  return [
    route(list, (call) =>
      replyPage(
        pageOf(newestFirst(team.domains.values()), call.input ?? {}, {
          idOf: (domain) => domain.id,
          show: (domain) => show(domain, call.now)
        })
      )
    ),
    route(create, (call) => {
      const { domain, mode = "send_receive" } = call.input
      if ([...team.domains.values()].some((known) => known.domain === domain)) {
        return fail("conflict", "The team already has this domain", { param: "domain" })
      }
      if (team.domains.size >= maxDomains)
        return fail("limit_exceeded", `A team can have at most ${maxDomains} domains`)
      const record: DomainRecord = {
        id: id("mdom"),
        domain,
        mode,
        verifiedAt: undefined,
        override: undefined,
        filters: noFilters,
        createdAt: call.now
      }
      team.domains.set(record.id, record)
      return reply(show(record, call.now), {
        location: `${new URL(call.base).pathname}/domains/${record.id}`
      })
    }),
    route(remove, (call) => {
      const record = find(call.ids[0])
      if (mailboxesOf(record).length > 0) {
        return fail("conflict", "The domain has mailboxes. Delete them first")
      }
      team.domains.delete(record.id)
      return reply({ deleted: true, id: record.id })
    }),
    route(get, (call) => reply(show(find(call.ids[0]), call.now))),
    route(update, (call) => {
      const record = find(call.ids[0])
      checkIfMatch(call, show(record, call.now))
      record.mode = call.input.mode
      return reply(show(record, call.now))
    }),
    route(getFilters, (call) => reply(showFilters(find(call.ids[0]).filters))),
    route(setFilters, (call) => {
      const record = find(call.ids[0])
      checkIfMatch(call, showFilters(record.filters))
      record.filters = readFilters(call.input)
      return reply(showFilters(record.filters))
    }),
    route(verify, (call) => {
      const record = find(call.ids[0])
      if (record.override === undefined || record.override.until <= call.now) record.verifiedAt ??= call.now
      const status = verificationOf(record, call.now)
      const isFound = status === "verified"
      return reply({
        status,
        ...sesIdentity(status),
        ses_identity_checked_at: iso(call.now),
        checks: {
          // A domain that only sends needs no servers that receive.
          mx: isFound || record.mode === "send_only",
          verification_txt: isFound,
          spf: isFound,
          dmarc: isFound,
          mail_from_mx: isFound,
          mail_from_spf: isFound
        }
      })
    }),
    route(zoneFile, (call) => {
      const record = find(call.ids[0])
      return {
        headers: { "content-disposition": `attachment; filename="${record.domain}.zone"` },
        body: { kind: "text", text: zoneOf(record) }
      }
    })
  ]
}

const zoneOf = (record: DomainRecord): string => {
  const { dkim, dmarc, mail_from, mx, spf, verification } = dnsRecords(record)
  const txt = ({ name, value }: { readonly name: string; readonly value: string }) =>
    `${name}. 3600 IN TXT "${value}"`
  const mail = (name: string, { priority, target }: { readonly priority: number; readonly target: string }) =>
    `${name}. 3600 IN MX ${priority} ${target}.`
  return [
    `; records of ${record.domain}`,
    txt(verification),
    txt(spf),
    txt(dmarc),
    ...mx.map((target) => mail(record.domain, target)),
    mail(mail_from.mx.name, mail_from.mx),
    txt(mail_from.spf),
    ...dkim.map(({ name, value }) => `${name}. 3600 IN CNAME ${value}.`),
    ""
  ].join("\n")
}
