/**
 * What the team has paid, used and has left.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { mapped } from "../internal/dialect/schema.js"
import type { DataMethods, ListMethods } from "../internal/methods/types.js"
import type { CallOptions, ListMethod, Method } from "../internal/model/call.js"
import { operation } from "../internal/operation/operation.js"
import { Literals, Money, Nullable, OpenEnum, OptionalInput, Timestamp } from "../internal/schema/schema.js"
import { pageKeys } from "./common.js"

const transactionTypes = ["PURCHASE", "USAGE", "AUTO_TOPUP", "REFUND", "ADJUSTMENT"] as const

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

const Currency = OpenEnum(["USD"])

/**
 * The rule by which the balance refills itself.
 *
 * @since 0.1.0
 * @category schemas
 */
export const AutoTopup = Schema.Struct({
  enabled: Schema.Boolean,
  /** A balance below this is topped up. */
  threshold: Nullable(Money),
  /** How much is bought each time. */
  amount: Nullable(Money),
  /** How much may be bought in a month. */
  monthly_limit: Nullable(Money),
  /** How much was bought this month. */
  monthly_used: Money
})

/**
 * @since 0.1.0
 * @category models
 */
export interface AutoTopup extends Schema.Schema.Type<typeof AutoTopup> {}

/**
 * The team's credit.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Balance = Schema.Struct({
  /** What is left. */
  balance: Money,
  /** What was ever bought. */
  balance_purchased: Money,
  /** What was ever used. */
  balance_consumed: Money,
  currency: Currency,
  auto_topup: AutoTopup
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Balance extends Schema.Schema.Type<typeof Balance> {}

/**
 * What came and went in the days up to now.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SpendSummary = Schema.Struct({
  period_days: Schema.Number,
  total_purchased: Money,
  total_consumed: Money,
  transaction_count: Schema.Number,
  currency: Currency
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SpendSummary extends Schema.Schema.Type<typeof SpendSummary> {}

/**
 * One movement of the team's credit.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Transaction = Schema.Struct({
  /** Starts with `tx_`. */
  id: Schema.String,
  /** Below zero for what was used. */
  amount: Money,
  type: OpenEnum(transactionTypes),
  /** For people. */
  description: Schema.String,
  /** How many items a `USAGE` stands for. */
  quantity: Nullable(Schema.Number),
  balance_before: Nullable(Money),
  balance_after: Nullable(Money),
  created_at: Timestamp
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Transaction extends Schema.Schema.Type<typeof Transaction> {}

/** The API takes these numbers as text only. */
const Days = mapped(
  Literals("7", "30", "90"),
  Literals(7, 30, 90, "7", "30", "90"),
  (text): 7 | 30 | 90 | "7" | "30" | "90" => text,
  (days) => `${days}` as const
)

/**
 * How far to look back.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SpendSummaryInput = Schema.Struct({
  /** How many days to look back: 7, 30 or 90. Default: 30. */
  days: OptionalInput(Days)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SpendSummaryInput extends Schema.Schema.Type<typeof SpendSummaryInput> {}

/**
 * Which transactions to list.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListTransactionsInput = Schema.Struct({
  ...pageKeys,
  type: OptionalInput(Literals(...transactionTypes))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface ListTransactionsInput extends Schema.Schema.Type<typeof ListTransactionsInput> {}

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** @internal */
export const billingOperations = {
  getBalance: operation("management.billing.getBalance", {
    http: "GET",
    path: "/billing/balance",
    data: Balance
  }),
  getSummary: operation("management.billing.getSummary", {
    http: "GET",
    path: "/billing/summary",
    input: SpendSummaryInput,
    data: SpendSummary
  }),
  listTransactions: operation("management.billing.listTransactions", {
    http: "GET",
    path: "/billing/transactions",
    input: ListTransactionsInput,
    data: Schema.Array(Transaction),
    flags: ["paginated"]
  })
}

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category services
 */
export interface Billing {
  /** The team's credit and its refill: `GET /billing/balance`. */
  readonly getBalance: Method<[options?: CallOptions], Balance>
  /** What was bought and used in the last 7, 30 or 90 days: `GET /billing/summary`. */
  readonly getSummary: Method<[input?: SpendSummaryInput, options?: CallOptions], SpendSummary>
  /** Every movement of the credit: `GET /billing/transactions`, 25 to a page unless `limit` says otherwise. */
  readonly listTransactions: ListMethod<[input?: ListTransactionsInput, options?: CallOptions], Transaction>
}

/** @internal */
export const makeBilling = (methods: DataMethods & ListMethods): Billing => ({
  getBalance: methods.call(billingOperations.getBalance),
  getSummary: methods.call(billingOperations.getSummary),
  listTransactions: methods.list(billingOperations.listTransactions)
})
