/**
 * Mailboxes, their filters and their API keys.
 */
import { mailboxOperations } from "../../../management/mailboxes/mailboxes.js"
import { fail, failField, reply, replyPage } from "../../exchange.js"
import { privateCaching } from "../../http/connection.js"
import { pageOf } from "../../http/pages.js"
import { checkIfMatch, type RawCall, type Route, route } from "../../http/routes.js"
import { type MailboxRecord, millisOf, newestFirst, noFilters, quotaSizes } from "../../state/team.js"
import type { World } from "../../state/world.js"
import { readFilters, showFilters } from "../filters.js"
import { costUsageOf } from "./costUsage.js"
import { deleteKeys, makeKey } from "./keys.js"
import { availabilityOf, findMailbox, showMailbox } from "./records.js"

const maxMailboxes = 1000
const maxKeys = 100

const checkAvailable = (world: World, email: string): void => {
  const availability = availabilityOf(world.team, email)
  if (availability === "taken" || availability === "cleanup_pending") {
    fail("conflict", `The address is not available: ${availability}`, { param: "email" })
  }
  if (availability !== "available") failField("email", `is not available: ${availability}`, availability)
}

const checkQuota = (bytes: number | undefined): void => {
  if (bytes !== undefined && !quotaSizes.includes(bytes)) {
    failField("quota_bytes", `must be one of ${quotaSizes.join(", ")}`)
  }
}

const locationOf = (call: RawCall, path: string): string => `${new URL(call.base).pathname}/mailboxes/${path}`

export const mailboxRoutes = (world: World): ReadonlyArray<Route> => {
  const { id, team } = world
  const find = (mailboxId: string): MailboxRecord => findMailbox(team, mailboxId)
  return [
    route(mailboxOperations.list, (call) => {
      const input = call.input ?? {}
      const mailboxes = newestFirst(team.mailboxes.values()).filter(
        ({ status }) => input.include_deleted === true || status !== "deleted"
      )
      return replyPage(pageOf(mailboxes, input, { idOf: (mailbox) => mailbox.id, show: showMailbox }))
    }),
    route(mailboxOperations.checkAvailability, (call) => {
      const { email } = call.input
      const reason = availabilityOf(team, email)
      return reply({ email, available: reason === "available", reason })
    }),
    route(mailboxOperations.create, (call) => {
      const { display_name, email, quota_bytes = 1_073_741_824, send_scope } = call.input
      checkAvailable(world, email)
      checkQuota(quota_bytes)
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
        { mailbox: showMailbox(record), credential: makeKey(world, record, "First key"), warning: null },
        { location: locationOf(call, record.id) }
      )
    }),
    route(mailboxOperations.delete, (call) => {
      const record = find(call.ids[0])
      record.status = "deleted"
      deleteKeys(world, ({ mailboxId }) => mailboxId === record.id)
      return reply({ deleted: true, id: record.id })
    }),
    route(mailboxOperations.get, (call) => reply(showMailbox(find(call.ids[0])))),
    route(mailboxOperations.update, (call) => {
      const record = find(call.ids[0])
      checkIfMatch(call, showMailbox(record))
      const { display_name, quota_bytes, send_scope } = call.input
      checkQuota(quota_bytes)
      if (display_name !== undefined) record.display_name = display_name
      if (quota_bytes !== undefined) record.quota_bytes = quota_bytes
      if (send_scope !== undefined) record.send_scope = send_scope
      return reply(showMailbox(record))
    }),
    route(mailboxOperations.getFilters, (call) => reply(showFilters(find(call.ids[0]).filters))),
    route(mailboxOperations.setFilters, (call) => {
      const record = find(call.ids[0])
      checkIfMatch(call, showFilters(record.filters))
      record.filters = readFilters(call.input)
      return reply(showFilters(record.filters))
    }),
    route(mailboxOperations.createKey, (call) => {
      const record = find(call.ids[0])
      const keys = [...world.actors.values()].filter(({ mailboxId }) => mailboxId === record.id)
      if (keys.length >= maxKeys) {
        return fail("limit_exceeded", `A mailbox can have at most ${maxKeys} keys`)
      }
      const credential = makeKey(world, record, call.input.app_name)
      return reply(
        { credential },
        { location: locationOf(call, `${record.id}/keys/${credential.public_id}`) }
      )
    }),
    route(mailboxOperations.deleteKey, (call) => {
      const record = find(call.ids[0])
      const keyId = call.ids[1]
      return deleteKeys(world, (actor) => actor.mailboxId === record.id && actor.keyId === keyId)
        ? reply({ deleted: true, id: keyId })
        : fail("not_found", "The mailbox has no key with this id")
    }),
    route(mailboxOperations.suspend, (call) => {
      const record = find(call.ids[0])
      record.status = "suspended"
      return reply(showMailbox(record))
    }),
    route(mailboxOperations.resume, (call) => {
      const record = find(call.ids[0])
      record.status = "active"
      return reply(showMailbox(record))
    }),
    route(mailboxOperations.getCostUsage, (call) => {
      const window = { start: millisOf(call.input.start), end: millisOf(call.input.end), now: call.now }
      return reply(costUsageOf(world, find(call.ids[0]), window), { headers: privateCaching })
    })
  ]
}
