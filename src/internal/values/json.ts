/**
 * Helpers for JSON of unknown shape.
 */

/** Returns whether a value is an object and not an array. */
export const isRecord = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === "object" && u !== null && !Array.isArray(u)

/** Parses JSON. Returns `undefined` for text that is not JSON, since no JSON text parses to `undefined`. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether a text begins as a JSON object or array does. */
export const looksLikeJson = (text: string): boolean => /^\s*[{[]/.test(text)

/** A value's own string property that is not empty. */
export const stringIn = (value: unknown, key: string): string | undefined => {
  if (!isRecord(value)) return undefined
  const found = value[key]
  return typeof found === "string" && found !== "" ? found : undefined
}

/** JSON whose keys are sorted at every level, so that equal values have equal text. */
export const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value))

const sorted = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}
