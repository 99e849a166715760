/**
 * Checks a message against the rules of the team for sending.
 */
import { fail } from "../exchange.js"
import { day } from "./team.js"
import type { Actor, World } from "./world.js"

// -----------------------------------------------------------------------------
// delivery groups
// -----------------------------------------------------------------------------

/** The group that no team has, so that a client can meet the error without options of the sandbox. */
const missingGroup = "dgrp_missing"

const groupId = /^dgrp_[a-z0-9][a-z0-9_-]{0,122}$/

const maxGroups = 50

const param = "delivery_group"

const malformed = (message: string): never => fail("invalid_delivery_group", message, { param })

/** The ids that a message names, without surrounding spaces and without duplicates. */
const namedGroups = (given: unknown): ReadonlyArray<string> => {
  const list: ReadonlyArray<unknown> = Array.isArray(given) ? given : [given]
  const ids = [...new Set(list.map((id) => (typeof id === "string" ? id.trim() : malformed(notText))))]
  if (ids.length === 0) malformed("The list of delivery groups is empty")
  if (ids.length > maxGroups) malformed(`A message can name at most ${maxGroups} delivery groups`)
  if (!ids.every((id) => groupId.test(id))) malformed("The id of a delivery group starts with dgrp_")
  return ids
}

const notText = "delivery_group is the id of a delivery group or a list of ids"

/**
 * The delivery groups of a message, or null if it names none. The checks have the order of the API: the shared domain, the
 * form of the ids, what the credential may use, and whether the groups exist.
 */
export const deliveryGroupsOf = (
  { rules, team }: World,
  actor: Actor,
  from: string,
  given: unknown
): ReadonlyArray<string> | null => {
  if (given === undefined) return null
  if (rules.sharedDomains.has(from.split("@").at(-1)?.toLowerCase() ?? "")) return null
  const ids = namedGroups(given)
  const scope = actor.mailboxId === undefined ? undefined : team.mailboxes.get(actor.mailboxId)?.send_scope
  if (scope?.type === "providers") {
    return fail(
      "delivery_group_scope_invalid",
      "The credential is limited to providers, so it cannot choose a delivery group",
      { param }
    )
  }
  if (scope?.type === "group" && !ids.every((id) => scope.group_public_ids?.includes(id) === true)) {
    return fail("delivery_group_not_allowed", "The credential is limited to other delivery groups", { param })
  }
  const exists = (id: string) => rules.deliveryGroups?.has(id) ?? id !== missingGroup
  return ids.every(exists)
    ? ids
    : fail("delivery_group_not_found", "The team has no such delivery group", { param })
}

// -----------------------------------------------------------------------------
// recipients of a day
// -----------------------------------------------------------------------------

/** Fails with `rate_limit_exceeded` until the next day in UTC, if a message has more recipients than are left today. */
export const checkDailyLimit = ({ emailLog, rules }: World, recipients: number, now: number): void => {
  if (rules.dailyRecipients === Number.POSITIVE_INFINITY) return
  const today = now - (now % day)
  const used = emailLog
    .toArray()
    .filter(({ createdAt }) => createdAt >= today)
    .reduce((sum, log) => sum + log.recipients.filter(({ status }) => status === "accepted").length, 0)
  if (used + recipients > rules.dailyRecipients) {
    fail("rate_limit_exceeded", `The plan allows ${rules.dailyRecipients} recipients a day`, {
      retryAfter: Math.ceil((today + day - now) / 1000)
    })
  }
}
