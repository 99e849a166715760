/**
 * The prepaid balance of the team and its transactions.
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
 * The settings for automatic purchases. Amounts are in the currency of the balance.
 *
 * @since 0.1.0
 * @category schemas
 */
export const AutoTopup = Schema.Struct({
  enabled: Schema.Boolean,
  /** A purchase is made when the balance falls below this amount. */
  threshold: Nullable(Money),
  /** The amount of one purchase. */
  amount: Nullable(Money),
  /** The maximum amount of automatic purchases in a month. */
  monthly_limit: Nullable(Money),
  /** The amount of automatic purchases in the current month. */
  monthly_used: Money
})

/**
 * The settings for automatic purchases.
 *
 * @since 0.1.0
 * @category models
 */
export interface AutoTopup extends Schema.Schema.Type<typeof AutoTopup> {}

/**
 * The balance of the team. Amounts are `BigDecimal` values, so that calculations are exact.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Balance = Schema.Struct({
  /** The amount that is left. */
  balance: Money,
  /** The total amount of all purchases. */
  balance_purchased: Money,
  /** The total amount of all usage. */
  balance_consumed: Money,
  currency: Currency,
  auto_topup: AutoTopup
})

/**
 * The balance of the team.
 *
 * @since 0.1.0
 * @category models
 */
export interface Balance extends Schema.Schema.Type<typeof Balance> {}

/**
 * The purchases and the usage of the last days.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SpendSummary = Schema.Struct({
  /** The number of days that the summary covers. */
  period_days: Schema.Number,
  total_purchased: Money,
  total_consumed: Money,
  transaction_count: Schema.Number,
  currency: Currency
})

/**
 * The purchases and the usage of the last days.
 *
 * @since 0.1.0
 * @category models
 */
export interface SpendSummary extends Schema.Schema.Type<typeof SpendSummary> {}

/**
 * A change of the balance.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Transaction = Schema.Struct({
  /** Starts with `tx_`. */
  id: Schema.String,
  /** Negative for usage. */
  amount: Money,
  type: OpenEnum(transactionTypes),
  /** A human-readable description. */
  description: Schema.String,
  /** The number of items that a transaction of type `USAGE` covers. */
  quantity: Nullable(Schema.Number),
  balance_before: Nullable(Money),
  balance_after: Nullable(Money),
  created_at: Timestamp
})

/**
 * A change of the balance.
 *
 * @since 0.1.0
 * @category models
 */
export interface Transaction extends Schema.Schema.Type<typeof Transaction> {}

/** The API accepts these numbers only as text. */
const Days = mapped(
  Literals("7", "30", "90"),
  Literals(7, 30, 90, "7", "30", "90"),
  (text): 7 | 30 | 90 | "7" | "30" | "90" => text,
  (days) => `${days}` as const
)

/**
 * The period of a spend summary.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SpendSummaryInput = Schema.Struct({
  /** The number of days up to now: 7, 30 or 90. Default: 30. */
  days: OptionalInput(Days)
})

/**
 * The period of a spend summary.
 *
 * @since 0.1.0
 * @category models
 */
export interface SpendSummaryInput extends Schema.Schema.Type<typeof SpendSummaryInput> {}

/**
 * The filter of a list of transactions.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListTransactionsInput = Schema.Struct({
  ...pageKeys,
  type: OptionalInput(Literals(...transactionTypes))
})

/**
 * The filter of a list of transactions.
 *
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
 * The methods of `management.billing`. They fail with `insufficient_permissions` if the credential may not read
 * billing data.
 *
 * @since 0.1.0
 * @category services
 */
export interface Billing {
  /**
   * Reads the balance and the settings for automatic purchases: `GET /billing/balance`.
   *
   * Fails with `insufficient_permissions` if the credential may not read billing data.
   */
  readonly getBalance: Method<[options?: CallOptions], Balance>
  /**
   * Reads the purchases and the usage of the last 7, 30 or 90 days: `GET /billing/summary`.
   *
   * Fails with `insufficient_permissions` if the credential may not read billing data.
   */
  readonly getSummary: Method<[input?: SpendSummaryInput, options?: CallOptions], SpendSummary>
  /** Streams the transactions of the team: `GET /billing/transactions`. Default page size: 25, at most 100. */
  readonly listTransactions: ListMethod<[input?: ListTransactionsInput, options?: CallOptions], Transaction>
}

/** @internal */
export const makeBilling = (methods: DataMethods & ListMethods): Billing => ({
  getBalance: methods.call(billingOperations.getBalance),
  getSummary: methods.call(billingOperations.getSummary),
  listTransactions: methods.list(billingOperations.listTransactions)
})
