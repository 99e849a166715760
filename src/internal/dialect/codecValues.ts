/**
 * The closures that compiled codecs consist of. They know nothing of Schema; `codec.ts` puts them together.
 */
import { isRecord } from "../values/json.js"

/** Converts a value, or returns `misfit`. */
export type Convert = (value: unknown) => unknown

/** Returned for a value that a schema rejects. Not in the global registry, so that no input can hold it. */
export const misfit: unique symbol = Symbol("misfit")

export const asString: Convert = (value) => (typeof value === "string" ? value : misfit)

export const asNumber: Convert = (value) => (typeof value === "number" ? value : misfit)

export const asBoolean: Convert = (value) => (typeof value === "boolean" ? value : misfit)

export const asIs: Convert = (value) => value

/** Any value but `undefined` and `null`, which is what an object type without any keys accepts. */
export const asPresent: Convert = (value) => (value === undefined || value === null ? misfit : value)

/** One value only. `NaN` equals no value. */
export const asLiteral =
  (literal: unknown): Convert =>
  (value) =>
    value === literal ? value : misfit

/** One of several values. */
export const asOneOf = (literals: ReadonlyArray<unknown>): Convert => {
  const known = new Set(literals.filter((literal) => !Number.isNaN(literal)))
  return (value) => (known.has(value) ? value : misfit)
}

/** A list of any length. Holes read as `undefined`. */
export const asArray =
  (item: Convert): Convert =>
  (value) => {
    if (!Array.isArray(value)) return misfit
    const { length } = value
    const output: Array<unknown> = []
    for (let index = 0; index < length; index++) {
      const converted = item(value[index])
      if (converted === misfit) return misfit
      output.push(converted)
    }
    return output
  }

/** A key of an object. */
export interface Field {
  readonly name: string
  readonly optional: boolean
  readonly convert: Convert
}

/**
 * An object with known keys, which are written in the order of the schema. A missing key that is not optional reads as
 * `undefined`. Other keys are dropped. Strings, the most frequent values, are tested here, which saves a call for each.
 */
export const asStruct =
  (fields: ReadonlyArray<Field>): Convert =>
  (value) => {
    if (!isRecord(value)) return misfit
    const output: Record<string, unknown> = {}
    for (let index = 0; index < fields.length; index++) {
      const field = fields[index]
      if (field === undefined) return misfit
      const { convert, name, optional } = field
      if (optional && !Object.hasOwn(value, name)) continue
      const given = value[name]
      if (convert === asString) {
        if (typeof given !== "string") return misfit
        output[name] = given
        continue
      }
      const converted = convert(given)
      if (converted === misfit) return misfit
      output[name] = converted
    }
    return output
  }

/** Like `asStruct`, but an unknown key is a misfit, be it a symbol or not enumerable. */
export const asStrictStruct =
  (fields: ReadonlyArray<Field>): Convert =>
  (value) => {
    if (!isRecord(value)) return misfit
    const output: Record<string, unknown> = {}
    let known = 0
    for (const { convert, name, optional } of fields) {
      if (Object.hasOwn(value, name)) known++
      else if (optional) continue
      const converted = convert(value[name])
      if (converted === misfit) return misfit
      output[name] = converted
    }
    return Reflect.ownKeys(value).length === known ? output : misfit
  }

/** An object with any string keys. Keys that are not enumerable are dropped. */
export const asRecord =
  (item: Convert, strict: boolean): Convert =>
  (value) => {
    if (!isRecord(value)) return misfit
    if (strict && Object.getOwnPropertySymbols(value).length > 0) return misfit
    const output: Record<string, unknown> = {}
    for (const key of Object.keys(value)) {
      const converted = item(value[key])
      if (converted === misfit) return misfit
      output[key] = converted
    }
    return output
  }

/** The members of a union that are selected by the text of one of their literals. */
export interface Discriminator {
  readonly key: string
  readonly members: ReadonlyMap<string, ReadonlyArray<Convert>>
}

/** The first of several schemas that fits. */
export const asFirstOf =
  (members: ReadonlyArray<Convert>): Convert =>
  (value) => {
    for (const member of members) {
      const converted = member(value)
      if (converted !== misfit) return converted
    }
    return misfit
  }

/** The first schema that fits among those which the discriminators select, and then among the others. */
export const asSelectedOf = (
  discriminators: ReadonlyArray<Discriminator>,
  others: ReadonlyArray<Convert>
): Convert => {
  const first = asFirstOf(others)
  return (value) => {
    if (typeof value !== "object" || value === null) return first(value)
    // All discriminators are read before a member is tried, because reading them may throw.
    const selected = discriminators.flatMap(({ key, members }) =>
      Object.hasOwn(value, key) ? (members.get(String(Reflect.get(value, key))) ?? []) : []
    )
    const converted = selected.length === 1 ? selected[0]?.(value) : asFirstOf(selected)(value)
    return converted === misfit ? first(value) : converted
  }
}
