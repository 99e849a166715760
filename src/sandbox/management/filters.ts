/**
 * The filters of domains and mailboxes.
 */
import type { SetFiltersInput } from "../../management/filters.js"
import type { FilterRecord } from "../state/team.js"

export const readFilters = ({ mode, rules }: SetFiltersInput): FilterRecord => ({
  mode,
  rules: rules.map(({ note, pattern, type }) => ({ type, pattern, note: note ?? null }))
})

export const showFilters = ({ mode, rules }: FilterRecord) => ({ mode, rules })
