/**
 * Providers. Without an active provider nothing can be sent.
 */
import { providerOperations } from "../../../management/providers/providers.js"
import { fail, found, reply, replyPage } from "../../exchange.js"
import { pageOf } from "../../http/pages.js"
import { checkIfMatch, type Route, route } from "../../http/routes.js"
import { iso, newestFirst, type ProviderRecord } from "../../state/team.js"
import type { World } from "../../state/world.js"
import { limitRoutes, maxProviders } from "./limits.js"
import { newProvider, showListedProvider, showProvider, statusOf, updateProvider } from "./records.js"
import { statsRoutes } from "./stats.js"

export const providerRoutes = (world: World): ReadonlyArray<Route> => {
  const { id, team } = world

  const find = (providerId: string): ProviderRecord => found(team.providers.get(providerId), "provider")

  const findEditable = (providerId: string): ProviderRecord => {
    const record = find(providerId)
    return record.shared
      ? fail("insufficient_permissions", "A shared provider cannot be changed or deleted")
      : record
  }

  return [
    route(providerOperations.list, (call) => {
      const input = call.input ?? {}
      const providers = newestFirst(team.providers.values()).filter(
        (record) =>
          (input.status === undefined || statusOf(record) === input.status) &&
          (input.type === undefined || record.type === input.type)
      )
      return replyPage(
        pageOf(providers, input, { idOf: (provider) => provider.id, show: showListedProvider })
      )
    }),
    route(providerOperations.create, (call) => {
      if (team.providers.size >= maxProviders) {
        return fail("limit_exceeded", `A team can have at most ${maxProviders} providers`)
      }
      const record = newProvider(id("dprov"), call.input.name, call.now)
      updateProvider(record, call.input, call.now)
      team.providers.set(record.id, record)
      return reply(showProvider(record), {
        location: `${new URL(call.base).pathname}/providers/${record.id}`
      })
    }),
    route(providerOperations.delete, (call) => {
      const record = findEditable(call.ids[0])
      team.providers.delete(record.id)
      return reply({ deleted: true, id: record.id })
    }),
    route(providerOperations.get, (call) => reply(showProvider(find(call.ids[0])))),
    route(providerOperations.update, (call) => {
      const record = findEditable(call.ids[0])
      checkIfMatch(call, showProvider(record))
      updateProvider(record, call.input, call.now)
      return reply(showProvider(record))
    }),
    route(providerOperations.activate, (call) => {
      const record = find(call.ids[0])
      record.active = true
      return reply(showProvider(record))
    }),
    route(providerOperations.deactivate, (call) => {
      const record = find(call.ids[0])
      record.active = false
      return reply(showProvider(record))
    }),
    route(providerOperations.test, (call) => {
      const record = find(call.ids[0])
      record.testedAt = call.now
      return reply({
        success: true,
        message: "The connection works",
        latency_ms: 12,
        tested_at: iso(call.now)
      })
    }),
    ...limitRoutes(world),
    ...statsRoutes(world)
  ]
}
