/**
 * The shape of a value in JSON as far as an API may extend it: the keys of objects, and the values of open sets.
 */
import { isRecord } from "./json.js"

export type Shape =
  /** A value of unknown shape. */
  | { readonly _tag: "Any" }
  /** A string, of which any value is expected. */
  | { readonly _tag: "Text" }
  /** A string, with the values that are known. */
  | { readonly _tag: "Known"; readonly values: ReadonlySet<string> }
  | { readonly _tag: "List"; readonly item: Shape }
  /** An object with any keys. */
  | { readonly _tag: "Record"; readonly value: Shape }
  /** An object with known keys. `literals` are the keys that hold one value each. */
  | {
      readonly _tag: "Object"
      readonly fields: ReadonlyMap<string, Shape>
      readonly literals: ReadonlyMap<string, unknown>
    }
  /** One of several shapes. Without members: a value that the API cannot extend, such as a number. */
  | { readonly _tag: "OneOf"; readonly members: ReadonlyArray<Shape> }
  /** A shape that is made when it is needed, because it contains itself. */
  | { readonly _tag: "Later"; readonly shape: () => Shape }

/** What a value has that its shape does not: a field, or a value of an open set. */
export type Growth = "field" | "value"

/** A name that is plausible for a field. Another key may be a value, such as the address that a count belongs to. */
const fieldName = /^[A-Za-z][A-Za-z_-]*\d{0,3}[A-Za-z_-]*$/

const maxNameLength = 40

const nameOf = (key: string): string => (key.length <= maxNameLength && fieldName.test(key) ? key : "*")

const join = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`)

const flat = (shapes: ReadonlyArray<Shape>): ReadonlyArray<Shape> =>
  shapes.flatMap((shape) => {
    if (shape._tag === "OneOf") return flat(shape.members)
    return shape._tag === "Later" ? flat([shape.shape()]) : [shape]
  })

const isMember = (
  { literals }: Extract<Shape, { readonly _tag: "Object" }>,
  value: Readonly<Record<string, unknown>>
): boolean => [...literals].every(([key, literal]) => value[key] === literal)

/**
 * Reports what a value has that none of its possible shapes knows, by path and never by value. List elements are `[]` in a
 * path, and keys that may be values are `*`.
 */
export const findGrowth = (
  shapes: ReadonlyArray<Shape>,
  value: unknown,
  path: string,
  report: (path: string, growth: Growth) => void
): void => {
  const possible = flat(shapes)
  if (possible.some(({ _tag }) => _tag === "Any")) return
  if (typeof value === "string") {
    const sets = possible.flatMap((shape) => (shape._tag === "Known" ? [shape.values] : []))
    const isText = possible.some(({ _tag }) => _tag === "Text")
    if (!isText && sets.length > 0 && !sets.some((values) => values.has(value))) report(path, "value")
    return
  }
  if (Array.isArray(value)) {
    const items = possible.flatMap((shape) => (shape._tag === "List" ? [shape.item] : []))
    if (items.length > 0) for (const item of value) findGrowth(items, item, `${path}[]`, report)
    return
  }
  if (!isRecord(value)) return
  const objects = possible.flatMap((shape) =>
    shape._tag === "Object" && isMember(shape, value) ? [shape.fields] : []
  )
  const others = possible.flatMap((shape) => (shape._tag === "Record" ? [shape.value] : []))
  if (objects.length === 0 && others.length === 0) return
  for (const key of Object.keys(value)) {
    const known = objects.flatMap((fields) => fields.get(key) ?? [])
    if (known.length > 0) findGrowth(known, value[key], join(path, key), report)
    else if (others.length > 0) findGrowth(others, value[key], join(path, "*"), report)
    else report(join(path, nameOf(key)), "field")
  }
}
