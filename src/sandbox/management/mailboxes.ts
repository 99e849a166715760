/**
 * Mailboxes and their API keys. A key is valid for Sending and Mailbox until it is deleted.
 */
import { mailboxOperations } from "../../management/mailboxes/mailboxes.js"
import { fail, failField, found, reply, replyPage } from "../exchange.js"
import { privateCaching } from "../http/connection.js"
import { pageOf } from "../http/pages.js"
import { checkIfMatch, type RawCall, type Route, route } from "../http/routes.js"
import { iso, type MailboxRecord, millisOf, newestFirst, noFilters, quotaSizes } from "../state/team.js"
import type { World } from "../state/world.js"
import { readFilters, showFilters } from "./filters.js"
import { money, pricePerMessage } from "./prices.js"

const maxMailboxes = 1000
const reserved = new Set(["postmaster", "abuse", "mailer-daemon"])
const address = /^[^\s@]+@[^\s@]+\.[^\s@]+$/

const showMailbox = (record: MailboxRecord) => ({
  id: record.id,
  email: record.email,
  display_name: record.display_name,
  status: record.status,
  quota_bytes: record.quota_bytes,
  send_scope: record.send_scope,
  created_at: iso(record.createdAt)
})

export const mailboxRoutes = (world: World): ReadonlyArray<Route> => {
  const { id, team } = world
  const find = (mailboxId: string): MailboxRecord => {
    const record = found(team.mailboxes.get(mailboxId), "mailbox")
    return record.status === "deleted" ? fail("not_found", "The mailbox was deleted") : record
  }

  /** The reason why an address is not available, or `available`. */
  const availability = (email: string): string => {
    if (!address.test(email)) return "invalid_email"
    const [local = "", domain = ""] = email.split("@")
    const verifiedDomain = [...team.domains.values()].find((known) => known.domain === domain)
    if (verifiedDomain?.verifiedAt === undefined || verifiedDomain.mode !== "send_receive")
      return "domain_not_available"
    if (reserved.has(local)) return "reserved"
    const owner = [...team.mailboxes.values()].find((mailbox) => mailbox.email === email)
    if (owner === undefined) return "available"
    return owner.status === "deleted" ? "cleanup_pending" : "taken"
  }

  const makeKey = (mailbox: MailboxRecord, name: string) => {
    const secret = id("smx_mbx", 40)
    const keyId = id("smx_key")
    world.actors.set(secret, { keyId, name, kind: "mailbox", mailboxId: mailbox.id })
    return {
      public_id: keyId,
      secret,
      key_prefix: secret.slice(0, 12),
      key_suffix: secret.slice(-4),
      server: "mail.sandbox.test",
      imap_port: 993,
      smtp_port: 465,
      username: mailbox.email
    }
  }

  const deleteKeys = (
    which: (actor: { readonly keyId: string; readonly mailboxId: string | undefined }) => boolean
  ) => {
    const deleted = [...world.actors].filter(([, actor]) => actor.kind === "mailbox" && which(actor))
    for (const [secret] of deleted) world.actors.delete(secret)
    return deleted.length > 0
  }

  const at = (call: RawCall, path: string) => `${new URL(call.base).pathname}/mailboxes/${path}`

  const operations = mailboxOperations
  return [
    route(operations.list, (call) => {
      const { include_deleted } = call.input ?? {}
      const shown = newestFirst(team.mailboxes.values()).filter(
        ({ status }) => include_deleted === true || status !== "deleted"
      )
      return replyPage(pageOf(shown, call.input ?? {}, { idOf: (mailbox) => mailbox.id, show: showMailbox }))
    }),
    route(operations.checkAvailability, (call) => {
      const { email } = call.input
      const reason = availability(email)
      return reply({ email, available: reason === "available", reason })
    }),
    route(operations.create, (call) => {
      const { display_name, email, quota_bytes = 1_073_741_824, send_scope } = call.input
      const reason = availability(email)
      if (reason === "taken" || reason === "cleanup_pending") {
        return fail("conflict", `The address is not available: ${reason}`, { param: "email" })
      }
      if (reason !== "available") return failField("email", `is not available: ${reason}`, reason)
      if (!quotaSizes.includes(quota_bytes))
        return failField("quota_bytes", `must be one of ${quotaSizes.join(", ")}`)
      if (team.mailboxes.size >= maxMailboxes) {
        return fail("limit_exceeded", `A team can have at most ${maxMailboxes} mailboxes`)
      }
      const record: MailboxRecord = {
        id: id("mbx"),
        email,
        display_name: display_name ?? null,
        status: "active",
        quota_bytes,
        send_scope: send_scope ?? null,
        filters: noFilters,
        createdAt: call.now
      }
      team.mailboxes.set(record.id, record)
      return reply(
        { mailbox: showMailbox(record), credential: makeKey(record, "First key"), warning: null },
        { location: at(call, record.id) }
      )
    }),
    route(operations.delete, (call) => {
      const record = find(call.ids[0])
      record.status = "deleted"
      deleteKeys(({ mailboxId }) => mailboxId === record.id)
      return reply({ deleted: true, id: record.id })
    }),
    route(operations.get, (call) => reply(showMailbox(find(call.ids[0])))),
    route(operations.update, (call) => {
      const record = find(call.ids[0])
      checkIfMatch(call, showMailbox(record))
      const { display_name, quota_bytes, send_scope } = call.input
      if (quota_bytes !== undefined && !quotaSizes.includes(quota_bytes)) {
        return failField("quota_bytes", `must be one of ${quotaSizes.join(", ")}`)
      }
      if (display_name !== undefined) record.display_name = display_name
      if (quota_bytes !== undefined) record.quota_bytes = quota_bytes
      if (send_scope !== undefined) record.send_scope = send_scope
      return reply(showMailbox(record))
    }),
    route(operations.getFilters, (call) => reply(showFilters(find(call.ids[0]).filters))),
    route(operations.setFilters, (call) => {
      const record = find(call.ids[0])
      checkIfMatch(call, showFilters(record.filters))
      record.filters = readFilters(call.input)
      return reply(showFilters(record.filters))
    }),
    route(operations.createKey, (call) => {
      const record = find(call.ids[0])
      const credential = makeKey(record, call.input.app_name)
      return reply({ credential }, { location: at(call, `${record.id}/keys/${credential.public_id}`) })
    }),
    route(operations.deleteKey, (call) => {
      const record = find(call.ids[0])
      const keyId = call.ids[1]
      return deleteKeys((actor) => actor.mailboxId === record.id && actor.keyId === keyId)
        ? reply({ deleted: true, id: keyId })
        : fail("not_found", "The mailbox has no key with this id")
    }),
    route(operations.suspend, (call) => {
      const record = find(call.ids[0])
      record.status = "suspended"
      return reply(showMailbox(record))
    }),
    route(operations.resume, (call) => {
      const record = find(call.ids[0])
      record.status = "active"
      return reply(showMailbox(record))
    }),
    route(operations.getCostUsage, (call) => {
      const record = find(call.ids[0])
      const start = millisOf(call.input.start)
      const end = millisOf(call.input.end)
      const within = (time: number) => time >= start && time < end
      const sent = world.outbox.filter((mail) => mail.mailboxId === record.id && within(mail.sentAt)).length
      const arrived = world.inboxLog.filter(
        (entry) => entry.mailboxId === record.id && within(entry.receivedAt)
      )
      const usage = {
        mailbox_id: record.id,
        start: iso(start),
        end: iso(end),
        currency: "USD",
        state: end <= call.now ? "final" : "pending",
        posted_amount: money((arrived.length + sent) * pricePerMessage),
        incoming: emailCost(arrived.length, start),
        outgoing: emailCost(sent, start),
        storage: {
          // The raw amount is not rounded and has 12 more decimal places than other amounts.
          raw_amount: `${money(0)}${"0".repeat(12)}`,
          allocated_amount: money(0),
          posted_amount: money(0),
          state: "final"
        }
      }
      return reply(usage, { headers: privateCaching })
    })
  ]
}

const emailCost = (count: number, start: number) => ({
  quantity: String(count),
  incurred_amount: money(count * pricePerMessage),
  posted_quantity: String(count),
  posted_amount: money(count * pricePerMessage),
  unbillable_quantity: "0",
  unbillable_amount: money(0),
  coverage_started_at: iso(start),
  state: "final"
})
