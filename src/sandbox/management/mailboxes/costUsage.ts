/**
 * What the messages of a mailbox cost.
 */
import type { MailboxCostUsage } from "../../../management/mailboxes/usage.js"
import { iso, type MailboxRecord } from "../../state/team.js"
import type { World } from "../../state/world.js"
import { money, pricePerMessage } from "../prices.js"

const messageCost = (count: number, start: number): (typeof MailboxCostUsage.Encoded)["incoming"] => ({
  quantity: String(count),
  incurred_amount: money(count * pricePerMessage),
  posted_quantity: String(count),
  posted_amount: money(count * pricePerMessage),
  unbillable_quantity: "0",
  unbillable_amount: money(0),
  coverage_started_at: iso(start),
  state: "final"
})

/** The cost of a mailbox from `start` (inclusive) to `end` (exclusive). */
export const costUsageOf = (
  { emailLog, inboxLog }: World,
  mailbox: MailboxRecord,
  { end, now, start }: { readonly start: number; readonly end: number; readonly now: number }
): typeof MailboxCostUsage.Encoded => {
  const isWithin = (time: number) => time >= start && time < end
  const sent = emailLog
    .toArray()
    .filter(({ createdAt, email }) => email.mailboxId === mailbox.id && isWithin(createdAt)).length
  const arrived = inboxLog
    .toArray()
    .filter((mail) => mail.mailboxId === mailbox.id && isWithin(mail.receivedAt)).length
  return {
    mailbox_id: mailbox.id,
    start: iso(start),
    end: iso(end),
    currency: "USD",
    state: end <= now ? "final" : "pending",
    posted_amount: money((arrived + sent) * pricePerMessage),
    incoming: messageCost(arrived, start),
    outgoing: messageCost(sent, start),
    storage: {
      // The raw amount is not rounded and has 12 more decimal places than other amounts.
      raw_amount: `${money(0)}${"0".repeat(12)}`,
      allocated_amount: money(0),
      posted_amount: money(0),
      state: "final"
    }
  }
}
