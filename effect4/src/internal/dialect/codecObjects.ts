/**
 * The closures of objects, as Effect 4 reads them: a key that an object inherits counts as present, and a missing key is
 * an error unless it is optional.
 */
import { type Convert, misfit } from "../values/codecValues.js"

/** A key of an object. */
export interface Field {
  readonly name: string
  readonly optional: boolean
  /** What a missing key reads as, if not as missing. */
  readonly whenMissing: null | undefined
  readonly convert: Convert
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/**
 * An object with known keys, which are written in the order of the schema. Other keys are dropped, or are a misfit if
 * `strict` is set and they are enumerable.
 */
export const asStruct = (fields: ReadonlyArray<Field>, strict: boolean): Convert => {
  const count = fields.length
  const known = new Set<PropertyKey>(fields.map(({ name }) => name))
  return (value) => {
    if (!isObject(value) || (strict && hasOthers(value, known))) return misfit
    const output: Record<string, unknown> = {}
    for (let index = 0; index < count; index++) {
      const field = fields[index]
      if (field === undefined) return misfit
      const { convert, name, optional, whenMissing } = field
      if (name in value) {
        const converted = convert(value[name])
        if (converted === misfit) return misfit
        // A key that may be missing is left out when its value reads as missing.
        output[name] = converted
      } else if (whenMissing !== undefined) {
        output[name] = whenMissing
      } else if (!optional) {
        return misfit
      }
    }
    return output
  }
}

const hasOthers = (value: object, known: ReadonlySet<PropertyKey>): boolean =>
  Reflect.ownKeys(value).some(
    (key) => !known.has(key) && Object.prototype.propertyIsEnumerable.call(value, key)
  )

/** An object with any string keys. Keys that are not enumerable are dropped. */
export const asRecord =
  (item: Convert, strict: boolean): Convert =>
  (value) => {
    if (!isObject(value)) return misfit
    if (
      strict &&
      Object.getOwnPropertySymbols(value).some((key) =>
        Object.prototype.propertyIsEnumerable.call(value, key)
      )
    )
      return misfit
    const output: Record<string, unknown> = {}
    for (const key of Object.keys(value)) {
      const converted = item(value[key])
      if (converted === misfit) return misfit
      if (key === "__proto__")
        Object.defineProperty(output, key, {
          value: converted,
          enumerable: true,
          configurable: true,
          writable: true
        })
      else output[key] = converted
    }
    return output
  }

/** The member of a union that the literal under one key selects. */
export const asSelectedOf =
  (key: string, members: ReadonlyMap<unknown, Convert>): Convert =>
  (value) =>
    isObject(value) && key in value ? (members.get(value[key])?.(value) ?? misfit) : misfit
