/**
 * The quotas of a mailbox and how much of them is used.
 */
import { quotaOperations } from "../../mailbox/quotas.js"
import { usageOperations } from "../../mailbox/usage.js"
import { reply, replyPage } from "../exchange.js"
import { pageOf } from "../http/pages.js"
import type { Route } from "../http/routes.js"
import { quotasOf } from "./state/quotaUsage.js"
import type { QuotaRecord } from "./state/records.js"
import { compare } from "./state/store.js"
import { type MailboxStores, mailboxRoute } from "./state/stores.js"

const limitStatus = ({ hard_limit, soft_limit, used, warn_limit }: QuotaRecord): string => {
  if (used >= hard_limit) return "hard_limit"
  if (used >= soft_limit) return "soft_limit"
  return used >= warn_limit ? "warning" : "ok"
}

export const quotaRoutes = (stores: MailboxStores): ReadonlyArray<Route> => [
  mailboxRoute(stores, quotaOperations.list, (call, store) => {
    const input = call.input ?? {}
    const { name, resource_type, scope, sort_by = "name", sort_direction = "asc", type } = input
    const rows = quotasOf(store).filter(
      (quota) =>
        (name === undefined || quota.name.includes(name)) &&
        (scope === undefined || quota.scope === scope) &&
        (resource_type === undefined || quota.resource_type === resource_type) &&
        (type === undefined || quota.types.includes(type))
    )
    const sorted = [...rows].sort((a, b) => (sort_by === "used" ? a.used - b.used : compare(a.name, b.name)))
    if (sort_direction === "desc") sorted.reverse()
    const { cursor: _, limit: __, ...query } = input
    const ids = sorted.map(({ id }) => id)
    return replyPage(pageOf(sorted, input, { idOf: ({ id }) => id, show: (quota) => quota }), {
      meta: { query_state: store.queryStates.stateOf(["quotas", query], ids) }
    })
  }),
  mailboxRoute(stores, quotaOperations.changes, (call, store) =>
    reply(store.logs.quotas.since(call.input?.since_state, call.input?.limit))
  ),
  mailboxRoute(stores, usageOperations.get, (_, store) =>
    reply({
      resources: quotasOf(store).map((quota) => {
        const { description: _, id, ...shown } = quota
        return {
          quota_id: id,
          ...shown,
          percent_used: Math.round((quota.used / quota.hard_limit) * 10_000) / 100,
          limit_status: limitStatus(quota)
        }
      }),
      states: { quota_state: store.logs.quotas.state }
    })
  )
]
