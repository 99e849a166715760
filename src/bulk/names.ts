/**
 * The texts by which a ledger knows messages, campaigns and outboxes.
 */

export interface NameRule {
  readonly fits: (value: unknown) => value is string
  /** The rule in words. */
  readonly message: string
}

/** The rule of names with at most `max` characters. */
export const nameRule = (max: number): NameRule => {
  const pattern = new RegExp(`^[^\\p{Cc}\\p{Cs}]{1,${max}}$`, "u")
  return {
    fits: (value): value is string => typeof value === "string" && pattern.test(value),
    message: `must be text of 1 to ${max} characters without control characters`
  }
}
