/**
 * Sender filters: which senders may write to a mailbox, or to all mailboxes of a domain.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Checked, ListOf, Nullable, OpenEnum, OptionalInput, Text } from "../internal/schema/schema.js"

const modes = ["off", "allowlist", "denylist"] as const
const ruleTypes = ["allow", "deny"] as const

/** The maximum number of rules of a filter. */
const maxRules = 1000

/**
 * A rule of a sender filter.
 *
 * @since 0.1.0
 * @category schemas
 */
export const FilterRule = Schema.Struct({
  type: OpenEnum(ruleTypes),
  /** An email address, or a domain, which matches all of its senders. */
  pattern: Schema.String,
  /** A human-readable note, which does not affect matching. */
  note: Nullable(Schema.String)
})

/**
 * A rule of a sender filter.
 *
 * @since 0.1.0
 * @category models
 */
export interface FilterRule extends Schema.Schema.Type<typeof FilterRule> {}

/**
 * The sender filter of a domain or a mailbox.
 *
 * @since 0.1.0
 * @category schemas
 */
export const FilterState = Schema.Struct({
  /** `off` accepts all senders, `allowlist` only senders that match a rule, `denylist` all others. */
  mode: OpenEnum(modes),
  /** The rules, ordered by pattern. */
  rules: Schema.Array(FilterRule)
})

/**
 * The sender filter of a domain or a mailbox.
 *
 * @since 0.1.0
 * @category models
 */
export interface FilterState extends Schema.Schema.Type<typeof FilterState> {}

/** The type is open, so that a filter that was read can be written back. Unknown values are rejected. */
const oneOf = <const L extends readonly [string, ...Array<string>]>(values: L) =>
  Checked(OpenEnum(values), (value) =>
    values.some((known) => known === value) ? undefined : `must be one of ${values.join(", ")}`
  )

const pattern = Checked(Text({ min: 1, max: 254 }), (text) =>
  /\s/.test(text) ? "must be an email address or a domain, without whitespace" : undefined
)

/**
 * A rule to set in a sender filter.
 *
 * @since 0.1.0
 * @category schemas
 */
export const FilterRuleInput = Schema.Struct({
  /** `allow` in an allowlist, `deny` in a denylist. */
  type: oneOf(ruleTypes),
  /**
   * An address such as `ada@example.com`, or a domain such as `example.com` or `*@example.com`. At most 254
   * characters.
   */
  pattern,
  /** A human-readable note, at most 255 characters. */
  note: OptionalInput(Schema.NullOr(Text({ max: 255 })))
})

/**
 * A rule to set in a sender filter.
 *
 * @since 0.1.0
 * @category models
 */
export interface FilterRuleInput extends Schema.Schema.Type<typeof FilterRuleInput> {}

const fields = Schema.Struct({
  /** `off` accepts all senders, `allowlist` only senders that match a rule, `denylist` all others. */
  mode: oneOf(modes),
  /** At most 1000 rules, which replace all previous rules. An empty list removes them. */
  rules: ListOf(FilterRuleInput, 0, maxRules)
})

/**
 * A sender filter that replaces the previous one. The rules of an allowlist must have the type `allow`, and the rules
 * of a denylist the type `deny`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SetFiltersInput = Checked(fields, ({ mode, rules }) => {
  const expected = mode === "allowlist" ? "allow" : mode === "denylist" ? "deny" : undefined
  const index = expected === undefined ? -1 : rules.findIndex(({ type }) => type !== expected)
  return index === -1
    ? undefined
    : `rules[${index}].type must be ${expected} in mode ${mode}: change the rule or the mode`
})

/**
 * A sender filter that replaces the previous one.
 *
 * @since 0.1.0
 * @category models
 */
export interface SetFiltersInput extends Schema.Schema.Type<typeof fields> {}
