/**
 * The closures that compiled codecs consist of. They know nothing of Schema; the `codec.ts` of each dialect puts them together.
 */
import { isRecord } from "./json.js"

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
    const output = new Array<unknown>(length)
    for (let index = 0; index < length; index++) {
      const converted = item(value[index])
      if (converted === misfit) return misfit
      output[index] = converted
    }
    return output
  }

/** The schema inside a nullable one, for objects to test for `null` themselves. */
const insideOf = new WeakMap<Convert, Convert>()

/** A value of which `null` and `undefined` read as `null`. */
export const asNullable = (inner: Convert): Convert => {
  const convert: Convert = (value) => (value === undefined || value === null ? null : inner(value))
  insideOf.set(convert, inner)
  return convert
}

/** A key of an object. */
export interface Field {
  readonly name: string
  readonly optional: boolean
  readonly convert: Convert
}

/** A field, prepared for the loop of an object: the tests that most values need cost no call. */
interface PreparedField extends Field {
  readonly nullable: boolean
  /** The result of `typeof` that is all a value must have. */
  readonly type: string | undefined
}

const typeNames: ReadonlyMap<Convert, string> = /* @__PURE__ */ new Map([
  [asString, "string"],
  [asNumber, "number"],
  [asBoolean, "boolean"]
])

const prepared = (fields: ReadonlyArray<Field>): ReadonlyArray<PreparedField> =>
  fields.map(({ convert, name, optional }) => {
    const inner = insideOf.get(convert)
    return {
      name,
      optional,
      nullable: inner !== undefined,
      type: typeNames.get(inner ?? convert),
      convert: inner ?? convert
    }
  })

const readField = ({ convert, nullable, type }: PreparedField, given: unknown): unknown => {
  if (nullable && (given === null || given === undefined)) return null
  if (type !== undefined) return typeof given === type ? given : misfit
  return convert(given)
}

/**
 * An object with known keys, which are written in the order of the schema. A missing key that is not optional reads as
 * `undefined`. Other keys are dropped.
 */
export const asStruct = (of: ReadonlyArray<Field>): Convert => {
  const fields = prepared(of)
  const count = fields.length
  return (value) => {
    if (!isRecord(value)) return misfit
    const output: Record<string, unknown> = {}
    for (let index = 0; index < count; index++) {
      const field = fields[index]
      if (field === undefined) return misfit
      const { name, optional } = field
      if (optional && !Object.hasOwn(value, name)) continue
      const converted = readField(field, value[name])
      if (converted === misfit) return misfit
      output[name] = converted
    }
    return output
  }
}

/** Like `asStruct`, but an unknown key is a misfit, be it a symbol or not enumerable. */
export const asStrictStruct = (of: ReadonlyArray<Field>): Convert => {
  const fields = prepared(of)
  const count = fields.length
  return (value) => {
    if (!isRecord(value)) return misfit
    const output: Record<string, unknown> = {}
    let known = 0
    for (let index = 0; index < count; index++) {
      const field = fields[index]
      if (field === undefined) return misfit
      const { name, optional } = field
      if (Object.hasOwn(value, name)) known++
      else if (optional) continue
      const converted = readField(field, value[name])
      if (converted === misfit) return misfit
      output[name] = converted
    }
    return Reflect.ownKeys(value).length === known ? output : misfit
  }
}

/** Converts some keys of an object in place. Only for an object that belongs to the caller. */
export const inOwnStruct =
  (fields: ReadonlyArray<Field>): Convert =>
  (value) => {
    if (!isRecord(value)) return misfit
    const owned: Record<string, unknown> = value
    for (const { convert, name } of fields) {
      if (!Object.hasOwn(owned, name)) continue
      const converted = convert(owned[name])
      if (converted === misfit) return misfit
      owned[name] = converted
    }
    return owned
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
export const asFirstOf = (members: ReadonlyArray<Convert>): Convert => {
  const [one, other, ...more] = members
  if (one !== undefined && other !== undefined && more.length === 0) {
    return (value) => {
      const converted = one(value)
      return converted === misfit ? other(value) : converted
    }
  }
  return (value) => {
    for (const member of members) {
      const converted = member(value)
      if (converted !== misfit) return converted
    }
    return misfit
  }
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
