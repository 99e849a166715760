/**
 * The limits of a team's providers, and the requests to raise them.
 */
import type {
  ResourceLimit,
  SharedSesLimit,
  SharedSesLimitRequest
} from "../../../management/providers/limits.js"
import { providerOperations } from "../../../management/providers/providers.js"
import { fail, found, reply } from "../../exchange.js"
import { type Route, route } from "../../http/routes.js"
import { BoundedMap } from "../../state/bounded.js"
import { savedValue } from "../../state/saved.js"
import { day, iso, isoOrNull } from "../../state/team.js"
import type { World } from "../../state/world.js"

export const maxProviders = 20

/** The number of newest requests for a higher limit that are kept. */
const maxRequests = 100
const sharedDailyLimit = 1000
/** The share of a limit from which on it counts as nearly reached. */
const nearRatio = 0.8

interface LimitRequest {
  readonly id: string
  status: "pending" | "cancelled"
  readonly createdAt: number
  decidedAt: number | undefined
}

export const limitRoutes = ({ emailLog, id, saved, team }: World): ReadonlyArray<Route> => {
  let increaseRequest: string | undefined
  const sharedRequests = new BoundedMap<string, LimitRequest>({ maxEntries: maxRequests })
  saved.add("sharedLimitRequests", sharedRequests)
  saved.add(
    "limitIncrease",
    savedValue(
      () => increaseRequest,
      (request) => {
        increaseRequest = request
      }
    )
  )

  const accountLimit = (): typeof ResourceLimit.Encoded => {
    const usage = team.providers.size
    return {
      resource_type: "sending_accounts",
      usage,
      reserved: 0,
      max_allowed: maxProviders,
      threshold_usage: maxProviders * nearRatio,
      usage_ratio: usage / maxProviders,
      is_near_limit: usage >= maxProviders * nearRatio,
      is_at_limit: usage >= maxProviders,
      can_request_increase: increaseRequest === undefined,
      pending_request_id: increaseRequest ?? null
    }
  }

  const sentToday = (now: number): number =>
    emailLog.toArray().filter(({ createdAt }) => createdAt >= now - (now % day)).length

  const pendingRequest = (): LimitRequest | undefined =>
    sharedRequests.values().find(({ status }) => status === "pending")

  const sharedLimit = (now: number): typeof SharedSesLimit.Encoded => {
    const sent = sentToday(now)
    const pending = pendingRequest()
    return {
      provider_id: [...team.providers.values()].find(({ shared }) => shared)?.id ?? null,
      daily_limit: sharedDailyLimit,
      sent_today: sent,
      threshold_usage: sharedDailyLimit * nearRatio,
      usage_ratio: sent / sharedDailyLimit,
      is_near_limit: sent >= sharedDailyLimit * nearRatio,
      can_request_increase: pending === undefined,
      pending_request_id: pending?.id ?? null
    }
  }

  const showRequest = (request: LimitRequest): typeof SharedSesLimitRequest.Encoded => ({
    id: request.id,
    status: request.status,
    current_daily_limit: sharedDailyLimit,
    current_daily_sent: sentToday(request.createdAt),
    approved_daily_limit: null,
    decision_note: null,
    decided_at: isoOrNull(request.decidedAt),
    created_at: iso(request.createdAt)
  })

  return [
    route(providerOperations.getLimits, (call) =>
      reply({ sending_accounts: accountLimit(), shared_amazon_ses: sharedLimit(call.now) })
    ),
    route(providerOperations.requestLimitIncrease, () => {
      if (increaseRequest !== undefined) return fail("conflict", "An earlier request is still pending")
      increaseRequest = id("slir")
      return reply({ request_id: increaseRequest, limit: accountLimit() })
    }),
    route(providerOperations.getSharedSesLimitRequest, (call) => {
      const request = pendingRequest()
      return reply({
        limit: sharedLimit(call.now),
        pending_request: request === undefined ? null : showRequest(request)
      })
    }),
    route(providerOperations.createSharedSesLimitRequest, (call) => {
      if (pendingRequest() !== undefined) return fail("conflict", "An earlier request is still pending")
      const request: LimitRequest = {
        id: id("trir"),
        status: "pending",
        createdAt: call.now,
        decidedAt: undefined
      }
      sharedRequests.set(request.id, request)
      return reply({ limit: sharedLimit(call.now), request: showRequest(request) })
    }),
    route(providerOperations.cancelSharedSesLimitRequest, (call) => {
      const request = found(sharedRequests.get(call.ids[0]), "request")
      if (request.status !== "pending") return fail("conflict", "The request is no longer pending")
      request.status = "cancelled"
      request.decidedAt = call.now
      return reply({ limit: sharedLimit(call.now), request: showRequest(request) })
    })
  ]
}
