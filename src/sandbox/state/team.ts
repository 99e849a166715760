/**
 * The team of the sandbox: the records that Management changes and that the other surfaces use.
 */
import * as DateTime from "effect/DateTime"
import type { TimestampInput } from "../../internal/dialect/schema.js"
import type { Provider, ProviderQuotas as ProviderQuotasSchema } from "../../management/providers/schemas.js"
import type { WebhookEventData as WebhookEventDataSchema } from "../../management/webhooks/schemas.js"
import { Ring } from "./bounded.js"
import type { MakeId } from "./ids.js"
import type { Saved } from "./saved.js"

export interface FilterRecord {
  readonly mode: string
  readonly rules: ReadonlyArray<{
    readonly type: string
    readonly pattern: string
    readonly note: string | null
  }>
}

export interface MailboxRecord {
  readonly id: string
  readonly email: string
  display_name: string | null
  status: "active" | "suspended" | "deleted"
  quota_bytes: number
  send_scope: SendScopeRecord | null
  filters: FilterRecord
  readonly createdAt: number
}

export interface SendScopeRecord {
  readonly type: string
  readonly provider_public_ids?: ReadonlyArray<string> | undefined
  readonly group_public_ids?: ReadonlyArray<string> | undefined
}

export interface DomainRecord {
  readonly id: string
  readonly domain: string
  mode: string
  verifiedAt: number | undefined
  /** What the verification reports for a while instead of a success. */
  override: { readonly status: "pending" | "failed"; readonly until: number } | undefined
  filters: FilterRecord
  readonly createdAt: number
}

export interface WebhookRecord {
  readonly id: string
  name: string | null
  url: string
  event_types: ReadonlyArray<string>
  mailbox_ids: ReadonlyArray<string>
  enabled: boolean
  failing: boolean
  secret: string
  readonly createdAt: number
  updatedAt: number
  readonly deliveries: Ring<DeliveryRecord>
  /** The number of events that are being delivered or wait for their next attempt. */
  pending: number
}

export interface DeliveryRecord {
  readonly id: string
  readonly event: WebhookEvent
  readonly result: "success" | "retrying" | "failed" | "permanent_failure"
  readonly attempt: number
  readonly maxAttempts: number
  readonly responseStatus: number | null
  readonly responseBody: string | null
  readonly responseMillis: number
  readonly error: string | null
  readonly payloadBytes: number
  readonly nextRetryAt: number | undefined
  readonly createdAt: number
}

export type ProviderQuotas = typeof ProviderQuotasSchema.Encoded

/** The fields of a provider that its owner sets. The sandbox stores them as the API shows them. */
export type ProviderSettings = Pick<
  typeof Provider.Encoded,
  | "percentage"
  | "from_email"
  | "from_name"
  | "reply_to_email"
  | "reply_to_name"
  | "tracking_domain"
  | "smtp_host"
  | "smtp_port"
  | "smtp_protocol"
  | "smtp_username"
  | "variables"
>

export interface ProviderRecord {
  readonly id: string
  name: string
  readonly type: "smtp" | "amazon_ses"
  active: boolean
  /** Whether this is the provider that every team has from the beginning. */
  readonly shared: boolean
  quotas: ProviderQuotas
  settings: ProviderSettings
  password: string | undefined
  testedAt: number | undefined
  usedAt: number | undefined
  readonly createdAt: number
  updatedAt: number
}

export type WebhookEventData = typeof WebhookEventDataSchema.Encoded

/** An event as the body of a delivery contains it. */
export interface WebhookEvent {
  readonly id: string
  readonly type: string
  readonly occurred_at: string
  readonly team_public_id: string
  readonly data: WebhookEventData
}

/** An event on its way to a webhook. */
export interface PendingDelivery {
  readonly webhookId: string
  readonly event: WebhookEvent
  /** The number of the next attempt, from 1. */
  attempt: number
  /** When it is due, in milliseconds since the epoch. */
  due: number
}

export interface Team {
  readonly mailboxes: Map<string, MailboxRecord>
  readonly domains: Map<string, DomainRecord>
  readonly providers: Map<string, ProviderRecord>
  readonly webhooks: Map<string, WebhookRecord>
}

export const noFilters: FilterRecord = { mode: "off", rules: [] }

/** The sizes that a mailbox can have: 1, 5 and 50 GiB. */
export const quotaSizes: ReadonlyArray<number> = [1_073_741_824, 5_368_709_120, 53_687_091_200]

export const makeTeam = (
  id: MakeId,
  first: { readonly id: string; readonly email: string; readonly domain: string }
): Team => {
  const mailbox: MailboxRecord = {
    id: first.id,
    email: first.email,
    display_name: "Agent",
    status: "active",
    quota_bytes: 1_073_741_824,
    send_scope: null,
    filters: noFilters,
    createdAt: 0
  }
  const domain: DomainRecord = {
    id: id("mdom"),
    domain: first.domain,
    mode: "send_receive",
    verifiedAt: 0,
    override: undefined,
    filters: noFilters,
    createdAt: 0
  }
  const provider = sharedProvider(id("dprov"))
  return {
    mailboxes: new Map([[mailbox.id, mailbox]]),
    domains: new Map([[domain.id, domain]]),
    providers: new Map([[provider.id, provider]]),
    webhooks: new Map()
  }
}

export const noQuotas: ProviderQuotas = {
  per_second: null,
  per_minute: null,
  per_hour: null,
  per_day: null
}

/** The settings of a new provider. */
export const noSettings: ProviderSettings = {
  percentage: null,
  from_email: null,
  from_name: null,
  reply_to_email: null,
  reply_to_name: null,
  tracking_domain: null,
  smtp_host: null,
  smtp_port: null,
  smtp_protocol: null,
  smtp_username: null,
  variables: {}
}

const sharedProvider = (id: string): ProviderRecord => ({
  id,
  name: "Sandbox",
  type: "amazon_ses",
  active: true,
  shared: true,
  quotas: noQuotas,
  settings: { ...noSettings, percentage: 100 },
  password: undefined,
  testedAt: undefined,
  usedAt: undefined,
  createdAt: 0,
  updatedAt: 0
})

/** One day in milliseconds. */
export const day = 86_400_000

export const iso = (millis: number): string => new Date(millis).toISOString()

export const isoOrNull = (millis: number | undefined): string | null =>
  millis === undefined ? null : iso(millis)

/** Sorts as the lists of the API do: newest first. */
export const newestFirst = <A extends { readonly createdAt: number }>(items: Iterable<A>): ReadonlyArray<A> =>
  [...items].reverse().sort((a, b) => b.createdAt - a.createdAt)

/** The milliseconds since the epoch of an instant in an input. */
export const millisOf = (value: TimestampInput): number => {
  if (typeof value === "string") return Date.parse(value)
  return value instanceof Date ? value.getTime() : DateTime.toEpochMillis(value)
}

type SavedWebhook = Omit<WebhookRecord, "deliveries" | "pending"> & {
  readonly deliveries: ReturnType<WebhookRecord["deliveries"]["snapshot"]>
}

/** The webhooks as a part of the state. Their pending deliveries are a part of their own. */
export const savedWebhooks = (
  webhooks: Team["webhooks"],
  maxDeliveries: number
): Saved<ReadonlyArray<SavedWebhook>> => ({
  snapshot: () =>
    Array.from(webhooks.values(), ({ deliveries, pending: _, ...facts }) => ({
      ...facts,
      deliveries: deliveries.snapshot()
    })),
  restore: (given) => {
    webhooks.clear()
    for (const { deliveries, ...facts } of given) {
      const ring = new Ring<DeliveryRecord>({ maxEntries: maxDeliveries })
      ring.restore(deliveries)
      webhooks.set(facts.id, { ...facts, deliveries: ring, pending: 0 })
    }
  }
})
