/**
 * How much of its quotas a mailbox uses.
 */
import type { QuotaRecord } from "./records.js"
import type { MailboxStore } from "./store.js"

const maxMessages = 100_000

export const quotasOf = (store: MailboxStore): ReadonlyArray<QuotaRecord> => {
  const quota = (
    name: string,
    description: string,
    resource_type: QuotaRecord["resource_type"],
    used: number,
    hard_limit: number
  ): QuotaRecord => ({
    id: `quota_${name}`,
    name,
    description,
    scope: "account",
    resource_type,
    types: ["Email"],
    used,
    warn_limit: Math.floor(hard_limit * 0.8),
    soft_limit: Math.floor(hard_limit * 0.95),
    hard_limit
  })
  return [
    quota("storage", "Bytes of mail", "octets", store.usedBytes, store.mailbox.quota_bytes),
    quota("messages", "Number of messages", "count", store.messages.size, maxMessages)
  ]
}

/** Logs the quotas that changed since the last call. */
export const recordQuotaChanges = (store: MailboxStore): void => {
  const before = new Map(store.lastQuotas.map((quota) => [quota.id, JSON.stringify(quota)]))
  const quotas = quotasOf(store)
  for (const quota of quotas) {
    const previous = before.get(quota.id)
    if (previous !== undefined && previous !== JSON.stringify(quota)) {
      store.logs.quotas.record(quota.id, "updated")
    }
  }
  store.lastQuotas = quotas
}
