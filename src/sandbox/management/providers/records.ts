/**
 * The records of providers: how they are made, changed and shown.
 */
import * as Redacted from "effect/Redacted"
import type {
  Provider,
  ProviderQuotaInput,
  UpdateProviderInput
} from "../../../management/providers/schemas.js"
import {
  iso,
  isoOrNull,
  noQuotas,
  noSettings,
  type ProviderQuotas,
  type ProviderRecord,
  type ProviderSettings
} from "../../state/team.js"

/** A new SMTP provider without settings. */
export const newProvider = (id: string, name: string, now: number): ProviderRecord => ({
  id,
  name,
  type: "smtp",
  active: true,
  shared: false,
  quotas: noQuotas,
  settings: noSettings,
  password: undefined,
  testedAt: undefined,
  usedAt: undefined,
  createdAt: now,
  updatedAt: now
})

const quotaAfter = (
  before: ProviderQuotas[keyof ProviderQuotas],
  quota: ProviderQuotaInput | undefined
): ProviderQuotas[keyof ProviderQuotas] => {
  if (quota === undefined) return before
  return typeof quota === "number" ? { min: quota, max: quota } : quota
}

const quotasAfter = (
  before: ProviderQuotas,
  { per_day, per_hour, per_minute, per_second }: NonNullable<UpdateProviderInput["quotas"]>
): ProviderQuotas => ({
  per_second: quotaAfter(before.per_second, per_second),
  per_minute: quotaAfter(before.per_minute, per_minute),
  per_hour: quotaAfter(before.per_hour, per_hour),
  per_day: quotaAfter(before.per_day, per_day)
})

type SettingsInput = { readonly [Key in keyof ProviderSettings]?: ProviderSettings[Key] | undefined }

/** A field that the input omits keeps its value. Null clears it. */
const settingsAfter = (
  before: ProviderSettings,
  {
    from_email = before.from_email,
    from_name = before.from_name,
    percentage = before.percentage,
    reply_to_email = before.reply_to_email,
    reply_to_name = before.reply_to_name,
    smtp_host = before.smtp_host,
    smtp_port = before.smtp_port,
    smtp_protocol = before.smtp_protocol,
    smtp_username = before.smtp_username,
    tracking_domain = before.tracking_domain,
    variables = before.variables
  }: SettingsInput
): ProviderSettings => ({
  percentage,
  from_email,
  from_name,
  reply_to_email,
  reply_to_name,
  tracking_domain,
  smtp_host,
  smtp_port,
  smtp_protocol,
  smtp_username,
  variables
})

/** Applies the input of a create or an update to a record. */
export const updateProvider = (record: ProviderRecord, input: UpdateProviderInput, now: number): void => {
  const { name, quotas, smtp_password } = input
  if (name !== undefined) record.name = name
  if (smtp_password !== undefined) {
    record.password = typeof smtp_password === "string" ? smtp_password : Redacted.value(smtp_password)
  }
  if (quotas !== undefined) record.quotas = quotasAfter(record.quotas, quotas)
  record.settings = settingsAfter(record.settings, input)
  record.updatedAt = now
}

export const statusOf = ({ active }: ProviderRecord): "active" | "inactive" =>
  active ? "active" : "inactive"

export const showProvider = (record: ProviderRecord): typeof Provider.Encoded => ({
  id: record.id,
  name: record.name,
  type: record.type,
  status: statusOf(record),
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

/** A provider as a list shows it: without its variables. */
export const showListedProvider = (record: ProviderRecord): typeof Provider.Encoded => {
  const { variables: _, ...listed } = showProvider(record)
  return listed
}
