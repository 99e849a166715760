/**
 * Billing. Every message that is sent or received reduces the balance.
 */
import { billingOperations } from "../../management/billing.js"
import { reply, replyPage } from "../exchange.js"
import { pageOf } from "../http/pages.js"
import { type Route, route } from "../http/routes.js"
import { Ring } from "../state/bounded.js"
import { savedValue } from "../state/saved.js"
import { day, iso } from "../state/team.js"
import type { World } from "../state/world.js"
import { money, pricePerMessage } from "./prices.js"

/** The initial credit in millionths of a dollar: 100 USD. */
const purchased = 100_000_000

interface TransactionRecord {
  readonly id: string
  readonly type: "PURCHASE" | "USAGE"
  readonly amount: number
  readonly description: string
  readonly quantity: number | null
  readonly before: number
  readonly createdAt: number
}

export const billingRoutes = (world: World): ReadonlyArray<Route> => {
  const transactions = new Ring<TransactionRecord>({ maxEntries: world.server.maxEmails })
  let balance = 0
  world.saved.add("transactions", transactions)
  world.saved.add(
    "balance",
    savedValue(
      () => balance,
      (saved) => {
        balance = saved
      }
    )
  )
  const add = (transaction: Omit<TransactionRecord, "id" | "before">) => {
    transactions.push({ id: world.id("tx"), before: balance, ...transaction })
    balance += transaction.amount
  }
  add({ type: "PURCHASE", amount: purchased, description: "Initial credit", quantity: null, createdAt: 0 })
  const charge = (description: string) => (createdAt: number) => {
    add({ type: "USAGE", amount: -pricePerMessage, description, quantity: 1, createdAt })
  }
  const chargeSent = charge("Message sent")
  const chargeReceived = charge("Message received")
  world.listeners.sent.push(({ sentAt }) => chargeSent(sentAt))
  world.listeners.arrived.push(({ receivedAt }) => chargeReceived(receivedAt))

  const show = ({ amount, before, createdAt, description, id, quantity, type }: TransactionRecord) => ({
    id,
    amount: money(amount),
    type,
    description,
    quantity,
    balance_before: money(before),
    balance_after: money(before + amount),
    created_at: iso(createdAt)
  })

  return [
    route(billingOperations.getBalance, () =>
      reply({
        balance: money(balance),
        balance_purchased: money(purchased),
        balance_consumed: money(purchased - balance),
        currency: "USD",
        auto_topup: {
          enabled: false,
          threshold: null,
          amount: null,
          monthly_limit: null,
          monthly_used: money(0)
        }
      })
    ),
    route(billingOperations.getSummary, (call) => {
      const days = Number(call.input?.days ?? 30)
      const within = transactions.toArray().filter(({ createdAt }) => createdAt >= call.now - days * day)
      const sum = (type: TransactionRecord["type"]) =>
        within.filter((one) => one.type === type).reduce((total, { amount }) => total + Math.abs(amount), 0)
      return reply({
        period_days: days,
        total_purchased: money(sum("PURCHASE")),
        total_consumed: money(sum("USAGE")),
        transaction_count: within.length,
        currency: "USD"
      })
    }),
    route(billingOperations.listTransactions, (call) => {
      const { type } = call.input ?? {}
      const shown = transactions
        .toArray()
        .filter((one) => type === undefined || one.type === type)
        .reverse()
      return replyPage(pageOf(shown, call.input ?? {}, { idOf: ({ id }) => id, show, defaultLimit: 25 }))
    })
  ]
}
