/**
 * Providers and their limits. While none is active, nothing can be sent.
 */
import * as Redacted from "effect/Redacted"
import { providerOperations } from "../../management/providers/providers.js"
import type { ProviderQuotaInput } from "../../management/providers/schemas.js"
import { found, refuse, reply, replyPage } from "../exchange.js"
import { pageOf } from "../http/pages.js"
import { checkIfMatch, type Route, route } from "../http/routes.js"
import {
  day,
  iso,
  isoOrNull,
  newestFirst,
  noSettings,
  type ProviderRecord,
  type QuotaRecord
} from "../state/team.js"
import type { World } from "../state/world.js"

const statuses = ["active", "inactive", "error", "pending"] as const
const types = ["smtp", "gmail_api", "outlook_api", "amazon_ses"] as const
const maxProviders = 20
const sharedDailyLimit = 1000

const readQuota = (quota: ProviderQuotaInput): QuotaRecord =>
  typeof quota === "number" ? { min: quota, max: quota } : quota

export const providerRoutes = (world: World): ReadonlyArray<Route> => {
  const { id, team } = world
  const find = (providerId: string) => found(team.providers.get(providerId), "provider")
  const own = (providerId: string) => {
    const record = find(providerId)
    return record.shared
      ? refuse("insufficient_permissions", "A shared provider is not yours to change")
      : record
  }

  const show = (record: ProviderRecord) => ({
    id: record.id,
    name: record.name,
    type: record.type,
    status: record.active ? "active" : "inactive",
    status_reason: null,
    is_active: record.active,
    is_editable: !record.shared,
    is_shared: record.shared,
    allowed_actions: {
      activate: !record.active,
      deactivate: record.active,
      delete: !record.shared,
      test: true,
      update: !record.shared,
      update_variables: !record.shared
    },
    quotas: record.quotas,
    ...record.settings,
    has_smtp_password: record.password !== undefined,
    oauth_email: null,
    has_refresh_token: false,
    last_tested_at: isoOrNull(record.testedAt),
    last_used_at: isoOrNull(record.usedAt),
    created_at: iso(record.createdAt),
    updated_at: iso(record.updatedAt)
  })

  /** A provider as lists have it. */
  const showRow = (record: ProviderRecord) => {
    const { variables: _, ...settings } = record.settings
    return show({ ...record, settings })
  }

  const read = (
    record: ProviderRecord,
    {
      name,
      quotas,
      smtp_password,
      ...settings
    }: {
      readonly name?: string | undefined
      readonly quotas?:
        | { readonly [Window in keyof ProviderRecord["quotas"]]?: ProviderQuotaInput | undefined }
        | undefined
      readonly smtp_password?: string | Redacted.Redacted | undefined
    },
    now: number
  ): void => {
    if (name !== undefined) record.name = name
    if (smtp_password !== undefined) {
      record.password = typeof smtp_password === "string" ? smtp_password : Redacted.value(smtp_password)
    }
    for (const window of ["per_second", "per_minute", "per_hour", "per_day"] as const) {
      const quota = quotas?.[window]
      if (quota !== undefined) record.quotas[window] = readQuota(quota)
    }
    for (const [key, value] of Object.entries(settings)) if (value !== undefined) record.settings[key] = value
    record.updatedAt = now
  }

  let increaseRequest: string | undefined
  const accounts = () => {
    const usage = team.providers.size
    return {
      resource_type: "sending_accounts",
      usage,
      reserved: 0,
      max_allowed: maxProviders,
      threshold_usage: maxProviders * 0.8,
      usage_ratio: usage / maxProviders,
      is_near_limit: usage >= maxProviders * 0.8,
      is_at_limit: usage >= maxProviders,
      can_request_increase: increaseRequest === undefined,
      pending_request_id: increaseRequest ?? null
    }
  }

  interface LimitRequest {
    readonly id: string
    status: "pending" | "cancelled"
    readonly createdAt: number
    decidedAt: number | undefined
  }
  const requests: Array<LimitRequest> = []
  const pending = () => requests.find(({ status }) => status === "pending")
  const showRequest = (request: LimitRequest) => ({
    id: request.id,
    status: request.status,
    current_daily_limit: sharedDailyLimit,
    current_daily_sent: sentToday(request.createdAt),
    approved_daily_limit: null,
    decision_note: null,
    decided_at: isoOrNull(request.decidedAt),
    created_at: iso(request.createdAt)
  })
  const sentToday = (now: number) => world.outbox.filter(({ sentAt }) => sentAt >= now - (now % day)).length
  const sharedLimit = (now: number) => ({
    provider_id: [...team.providers.values()].find(({ shared }) => shared)?.id ?? null,
    daily_limit: sharedDailyLimit,
    sent_today: sentToday(now),
    threshold_usage: sharedDailyLimit * 0.8,
    usage_ratio: sentToday(now) / sharedDailyLimit,
    is_near_limit: sentToday(now) >= sharedDailyLimit * 0.8,
    can_request_increase: pending() === undefined,
    pending_request_id: pending()?.id ?? null
  })

  const operations = providerOperations
  return [
    route(operations.list, (call) => {
      const { status, type } = call.input ?? {}
      const shown = newestFirst(team.providers.values()).filter(
        (record) =>
          (status === undefined || (record.active ? "active" : "inactive") === status) &&
          (type === undefined || record.type === type)
      )
      return replyPage(pageOf(shown, call.input ?? {}, { idOf: (provider) => provider.id, show: showRow }))
    }),
    route(operations.create, (call) => {
      if (team.providers.size >= maxProviders) {
        return refuse("limit_exceeded", `A team has ${maxProviders} providers`)
      }
      const record: ProviderRecord = {
        id: id("dprov"),
        name: call.input.name,
        type: "smtp",
        active: true,
        shared: false,
        quotas: { per_second: null, per_minute: null, per_hour: null, per_day: null },
        settings: { ...noSettings },
        password: undefined,
        testedAt: undefined,
        usedAt: undefined,
        createdAt: call.now,
        updatedAt: call.now
      }
      read(record, call.input, call.now)
      team.providers.set(record.id, record)
      return reply(show(record), { location: `${new URL(call.base).pathname}/providers/${record.id}` })
    }),
    route(operations.delete, (call) => {
      const record = own(call.ids[0])
      team.providers.delete(record.id)
      return reply({ deleted: true, id: record.id })
    }),
    route(operations.get, (call) => reply(show(find(call.ids[0])))),
    route(operations.update, (call) => {
      const record = own(call.ids[0])
      checkIfMatch(call, show(record))
      read(record, call.input, call.now)
      return reply(show(record))
    }),
    route(operations.activate, (call) => {
      const record = find(call.ids[0])
      record.active = true
      return reply(show(record))
    }),
    route(operations.deactivate, (call) => {
      const record = find(call.ids[0])
      record.active = false
      return reply(show(record))
    }),
    route(operations.test, (call) => {
      const record = find(call.ids[0])
      record.testedAt = call.now
      return reply({
        success: true,
        message: "The connection works",
        latency_ms: 12,
        tested_at: iso(call.now)
      })
    }),
    route(operations.getLimits, (call) =>
      reply({ sending_accounts: accounts(), shared_amazon_ses: sharedLimit(call.now) })
    ),
    route(operations.requestLimitIncrease, () => {
      if (increaseRequest !== undefined) return refuse("conflict", "A request is pending already")
      increaseRequest = id("slir")
      return reply({ request_id: increaseRequest, limit: accounts() })
    }),
    route(operations.getSharedSesLimitRequest, (call) => {
      const request = pending()
      return reply({
        limit: sharedLimit(call.now),
        pending_request: request === undefined ? null : showRequest(request)
      })
    }),
    route(operations.createSharedSesLimitRequest, (call) => {
      if (pending() !== undefined) return refuse("conflict", "A request is pending already")
      const request: LimitRequest = {
        id: id("trir"),
        status: "pending",
        createdAt: call.now,
        decidedAt: undefined
      }
      requests.push(request)
      return reply({ limit: sharedLimit(call.now), request: showRequest(request) })
    }),
    route(operations.cancelSharedSesLimitRequest, (call) => {
      const request = found(
        requests.find((known) => known.id === call.ids[0]),
        "request"
      )
      if (request.status !== "pending") return refuse("conflict", "The request is settled already")
      request.status = "cancelled"
      request.decidedAt = call.now
      return reply({ limit: sharedLimit(call.now), request: showRequest(request) })
    }),
    route(operations.getStats, () => {
      const all = [...team.providers.values()]
      const byStatus = Object.fromEntries(
        statuses.map((status) => [
          status,
          all.filter(({ active }) => (active ? "active" : "inactive") === status).length
        ])
      )
      const byType = Object.fromEntries(
        types.map((type) => [type, all.filter((one) => one.type === type).length])
      )
      return reply({ total: all.length, ...byStatus, by_status: byStatus, by_type: byType })
    }),
    route(operations.getUsage, (call) =>
      reply({
        window_days: 7,
        providers: [...team.providers.values()].map((provider) => {
          const logs = world.emailLog.filter((log) => log.providerId === provider.id)
          const week = logs.filter((log) => log.createdAt > call.now - 7 * day)
          const count = (status: string) => week.filter((log) => log.status === status).length
          return {
            provider_id: provider.id,
            sent_today: logs.filter((log) => log.createdAt >= call.now - (call.now % day)).length,
            sent_7d: count("sent"),
            failed_7d: count("failed"),
            rejected_7d: count("rejected"),
            pending_7d: count("pending"),
            total_7d: week.length
          }
        })
      })
    )
  ]
}
