/**
 * The numbers of providers and of the messages that went through them.
 */
import { providerOperations } from "../../../management/providers/providers.js"
import type { ProviderUsageItem } from "../../../management/providers/schemas.js"
import { reply } from "../../exchange.js"
import { type Route, route } from "../../http/routes.js"
import { day, type ProviderRecord } from "../../state/team.js"
import type { EmailLogRecord, World } from "../../state/world.js"
import { statusOf } from "./records.js"

const windowDays = 7

export const statsRoutes = ({ emailLog, team }: World): ReadonlyArray<Route> => {
  const usageOf = (provider: ProviderRecord, now: number): typeof ProviderUsageItem.Encoded => {
    const logs = emailLog.toArray().filter((log) => log.providerId === provider.id)
    const recent = logs.filter((log) => log.createdAt > now - windowDays * day)
    const count = (status: EmailLogRecord["status"]) => recent.filter((log) => log.status === status).length
    return {
      provider_id: provider.id,
      sent_today: logs.filter((log) => log.createdAt >= now - (now % day)).length,
      sent_7d: count("sent"),
      failed_7d: count("failed"),
      rejected_7d: count("rejected"),
      pending_7d: count("pending"),
      total_7d: recent.length
    }
  }

  return [
    route(providerOperations.getStats, () => {
      const providers = [...team.providers.values()]
      // A provider of the sandbox is never in an error state or pending, and is never connected by OAuth.
      const byStatus = { active: 0, inactive: 0, error: 0, pending: 0 }
      const byType = { smtp: 0, gmail_api: 0, outlook_api: 0, amazon_ses: 0 }
      for (const provider of providers) {
        byStatus[statusOf(provider)]++
        byType[provider.type]++
      }
      return reply({ total: providers.length, ...byStatus, by_status: byStatus, by_type: byType })
    }),
    route(providerOperations.getUsage, (call) =>
      reply({
        window_days: windowDays,
        providers: [...team.providers.values()].map((provider) => usageOf(provider, call.now))
      })
    )
  ]
}
