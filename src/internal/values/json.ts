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
