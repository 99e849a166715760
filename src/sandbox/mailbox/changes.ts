/**
 * The changes of a mailbox, by type of resource.
 */
import { changesOperations } from "../../mailbox/changes/changes.js"
import { reply } from "../exchange.js"
import type { Route } from "../http/routes.js"
import { type MailboxStores, mailboxRoute } from "./state/stores.js"

export const changesRoutes = (stores: MailboxStores): ReadonlyArray<Route> => [
  mailboxRoute(stores, changesOperations.get, (call, store) => {
    const input = call.input ?? {}
    const { limit } = input
    if (!("types" in input) || input.types === undefined) {
      return reply(store.logs.messages.since("since_state" in input ? input.since_state : undefined, limit))
    }
    const states = input
    return reply({
      types: Object.fromEntries(
        input.types.map((type) => {
          const param = `${type}_since_state` as const
          return [type, store.logs[type].since(states[param], limit, param)]
        })
      )
    })
  })
]
