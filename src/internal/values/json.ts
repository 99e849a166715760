/**
 * JSON of which nothing is known yet.
 */

/** Recognises an object that is no array. */
export const isRecord = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === "object" && u !== null && !Array.isArray(u)

/** The value that text stands for; `undefined`, which no JSON is, for text that is none. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
