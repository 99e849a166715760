/**
 * The words of messages about values that do not fit. They name types as the documentation does, and contain no values.
 */

/** What is wrong, and where. Holds no value, so that no secret can travel in it. */
export interface Issue {
  readonly path: string
  readonly message: string
}

/** An issue with what is needed to compare the members of a union. */
export interface Finding extends Issue {
  readonly depth: number
  readonly kind: "type" | "key" | "rule"
}

export const missingKey = "is missing"
export const unknownKey = "is not a known field"

/** A path as text, such as `items[2].name`. */
const formatPath = (path: ReadonlyArray<PropertyKey>): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`
    return text === "" ? String(key) : `${text}.${String(key)}`
  }, "")

/** Makes the finding of a problem at a path. */
export const finding = (
  path: ReadonlyArray<PropertyKey>,
  kind: Finding["kind"],
  message: string
): ReadonlyArray<Finding> => [{ path: formatPath(path), message, depth: path.length, kind }]

/** Joins alternatives: `a, b or c`. */
export const eitherOf = (alternatives: ReadonlyArray<string>): string => {
  const distinct = [...new Set(alternatives)]
  const last = distinct.pop() ?? ""
  return distinct.length === 0 ? last : `${distinct.join(", ")} or ${last}`
}

/** Longer lists of values would hide the rest of the message. */
const maxValues = 12

/** A list of values that are accepted. */
export const valuesInWords = (values: ReadonlyArray<unknown>): string => {
  const shown = values.slice(0, maxValues).map((value) => JSON.stringify(value))
  return values.length > maxValues ? `one of ${shown.join(", ")} and others` : eitherOf(shown)
}

/** The type of a value in words, without the value. */
const typeInWords = (value: unknown): string => {
  if (value === null) return "null"
  if (Array.isArray(value)) return "a list"
  switch (typeof value) {
    case "undefined":
      return "undefined"
    case "object":
      return value instanceof Date ? "a Date" : value instanceof Uint8Array ? "a Uint8Array" : "an object"
    case "number":
      return Number.isNaN(value) ? "NaN" : "a number"
    default:
      return `a ${typeof value}`
  }
}

/** The message of a value that does not fit. A value of the right type, but another one, is not named by its type. */
export const mismatchInWords = (expected: string, actual: unknown, acceptsValuesOf: boolean): string => {
  const given = typeInWords(actual)
  return expected.split(/, | or /).includes(given) || acceptsValuesOf
    ? `must be ${expected}`
    : `must be ${expected}, got ${given}`
}

/** Of a union's members the one that was meant: the one whose keys fit best, if the type of any fits at all. */
export const closest = (
  members: ReadonlyArray<ReadonlyArray<Finding>>,
  depth: number
): ReadonlyArray<Finding> | undefined => {
  const fitting = members.filter((found) => found.some((one) => one.kind !== "type" || one.depth > depth))
  const misplaced = (found: ReadonlyArray<Finding>) => found.filter(({ kind }) => kind === "key").length
  return fitting.reduce<ReadonlyArray<Finding> | undefined>(
    (best, found) => (best === undefined || misplaced(found) < misplaced(best) ? found : best),
    undefined
  )
}
