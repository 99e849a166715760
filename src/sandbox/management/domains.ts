/**
 * Domains. The sandbox verifies a domain at once, and deletes a domain only if it has no mailboxes.
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

const sesStatus = ({ verifiedAt }: DomainRecord) => (verifiedAt === undefined ? "PENDING" : "SUCCESS")

/** The state of the SES identity of a domain. */
const sesIdentity = (record: DomainRecord) => ({
  ses_identity_verification_status: sesStatus(record),
  ses_verified_for_sending: record.verifiedAt !== undefined,
  ses_dkim_status: sesStatus(record),
  ses_dkim_signing_enabled: true,
  ses_mail_from_status: sesStatus(record)
})

export const domainRoutes = ({ id, team }: World): ReadonlyArray<Route> => {
  const find = (domainId: string) => found(team.domains.get(domainId), "domain")
  const mailboxesOf = ({ domain }: DomainRecord) =>
    [...team.mailboxes.values()].filter(
      ({ email, status }) => status !== "deleted" && email.endsWith(`@${domain}`)
    )
  const show = (record: DomainRecord) => ({
    id: record.id,
    domain: record.domain,
    mode: record.mode,
    verification_status: record.verifiedAt === undefined ? "pending" : "verified",
    ...sesIdentity(record),
    ses_identity_checked_at: isoOrNull(record.verifiedAt),
    verified_at: isoOrNull(record.verifiedAt),
    created_at: iso(record.createdAt),
    mailbox_count: mailboxesOf(record).length,
    dns_records: dnsRecords(record)
  })
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
        pageOf(newestFirst(team.domains.values()), call.input ?? {}, { idOf: (domain) => domain.id, show })
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
        filters: noFilters,
        createdAt: call.now
      }
      team.domains.set(record.id, record)
      return reply(show(record), { location: `${new URL(call.base).pathname}/domains/${record.id}` })
    }),
    route(remove, (call) => {
      const record = find(call.ids[0])
      if (mailboxesOf(record).length > 0) {
        return fail("conflict", "The domain has mailboxes. Delete them first")
      }
      team.domains.delete(record.id)
      return reply({ deleted: true, id: record.id })
    }),
    route(get, (call) => reply(show(find(call.ids[0])))),
    route(update, (call) => {
      const record = find(call.ids[0])
      checkIfMatch(call, show(record))
      record.mode = call.input.mode
      return reply(show(record))
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
      record.verifiedAt ??= call.now
      return reply({
        status: "verified",
        ...sesIdentity(record),
        ses_identity_checked_at: iso(call.now),
        checks: {
          mx: true,
          verification_txt: true,
          spf: true,
          dmarc: true,
          mail_from_mx: true,
          mail_from_spf: true
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
