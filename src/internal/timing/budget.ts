/**
 * The budgets of retry policies. A policy is a schedule, which does not reveal how long it may take.
 */
import type { RetryPolicy } from "../model/options.js"

const budgets = new WeakMap<RetryPolicy, number>()

/** Records the budget of a policy, in milliseconds. */
export const withBudget = <Policy extends RetryPolicy>(policy: Policy, budget: number): Policy => {
  budgets.set(policy, budget)
  return policy
}

/** The budget of a policy in milliseconds, or `undefined` for a schedule that `Retry.policy` did not make. */
export const budgetOf = (policy: RetryPolicy): number | undefined => budgets.get(policy)
