/**
 * Who may write to a mailbox, or to every mailbox of a domain: a mode and its rules.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Checked, ListOf, Nullable, OpenEnum, OptionalInput, Text } from "../internal/schema/schema.js"

const modes = ["off", "allowlist", "denylist"] as const
const ruleTypes = ["allow", "deny"] as const

/** A filter takes at most this many rules. */
const maxRules = 1000

/**
 * One rule of a filter, as it is stored.
 *
 * @since 0.1.0
 * @category schemas
 */
export const FilterRule = Schema.Struct({
  type: OpenEnum(ruleTypes),
  /** A whole address, or a domain that stands for every sender in it. */
  pattern: Schema.String,
  /** For people; it plays no part in matching. */
  note: Nullable(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface FilterRule extends Schema.Schema.Type<typeof FilterRule> {}

/**
 * The filter of a domain or of a mailbox.
 *
 * @since 0.1.0
 * @category schemas
 */
export const FilterState = Schema.Struct({
  /** `off` lets every sender in, `allowlist` only those with a rule, `denylist` all but those with a rule. */
  mode: OpenEnum(modes),
  /** Ordered by pattern. */
  rules: Schema.Array(FilterRule)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface FilterState extends Schema.Schema.Type<typeof FilterState> {}

/** Open in its type, so that what was read can be written back; a value that the API does not take is refused. */
const oneOf = <const L extends readonly [string, ...Array<string>]>(values: L) =>
  Checked(OpenEnum(values), (value) =>
    values.some((known) => known === value) ? undefined : `must be one of ${values.join(", ")}`
  )

const pattern = Checked(Text({ min: 1, max: 254 }), (text) =>
  /\s/.test(text) ? "must be an email address or a domain, without white space" : undefined
)

/**
 * A rule to set.
 *
 * @since 0.1.0
 * @category schemas
 */
export const FilterRuleInput = Schema.Struct({
  /** `allow` in an allowlist, `deny` in a denylist. */
  type: oneOf(ruleTypes),
  /** An address such as `ada@example.com`, or a domain such as `example.com`; `*@example.com` means the same. */
  pattern,
  /** Up to 255 characters, for people. */
  note: OptionalInput(Schema.NullOr(Text({ max: 255 })))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface FilterRuleInput extends Schema.Schema.Type<typeof FilterRuleInput> {}

const fields = Schema.Struct({
  mode: oneOf(modes),
  /** Up to 1000 rules, which take the place of all that were there. An empty list clears them. */
  rules: ListOf(FilterRuleInput, 0, maxRules)
})

/**
 * A filter to set in place of the present one. The rules of an allowlist must be of type `allow` and those of a
 * denylist of type `deny`: another one is refused before anything is sent.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SetFiltersInput = Checked(fields, ({ mode, rules }) => {
  const fitting = mode === "allowlist" ? "allow" : mode === "denylist" ? "deny" : undefined
  const misfit = fitting === undefined ? -1 : rules.findIndex(({ type }) => type !== fitting)
  return misfit === -1
    ? undefined
    : `rules[${misfit}].type must be ${fitting}, since the mode is ${mode}: change the rule or the mode`
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SetFiltersInput extends Schema.Schema.Type<typeof fields> {}
