/**
 * How much a mailbox holds, and may.
 */
import type { MailboxStore } from "./store.js"

const maxMessages = 100_000

export interface QuotaState {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly scope: "account"
  readonly resource_type: "octets" | "count"
  readonly types: ReadonlyArray<string>
  readonly used: number
  readonly warn_limit: number
  readonly soft_limit: number
  readonly hard_limit: number
}

export const quotasOf = (store: MailboxStore): ReadonlyArray<QuotaState> => {
  const quota = (
    name: string,
    description: string,
    resource_type: QuotaState["resource_type"],
    used: number,
    hard_limit: number
  ): QuotaState => ({
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

/** Takes note of quotas that have changed since this was last called. */
export const noteQuotas = (store: MailboxStore): void => {
  const before = new Map(store.quotasSeen.map((quota) => [quota.id, JSON.stringify(quota)]))
  const quotas = quotasOf(store)
  for (const quota of quotas) {
    const was = before.get(quota.id)
    if (was !== undefined && was !== JSON.stringify(quota)) store.logs.quotas.note(quota.id, "updated")
  }
  store.quotasSeen = quotas
}
