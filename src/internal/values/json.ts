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
