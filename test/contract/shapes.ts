/** Resolves JSON schemas to shapes, the form in which the contract is compared and sampled. */
import { type Correction, corrections } from "./intended.js"

export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string | ReadonlyArray<string>
  readonly enum?: ReadonlyArray<string | number | boolean | null>
  readonly const?: string | number | boolean
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: ReadonlyArray<string>
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: JsonSchema
  readonly allOf?: ReadonlyArray<JsonSchema>
  readonly anyOf?: ReadonlyArray<JsonSchema>
  readonly oneOf?: ReadonlyArray<JsonSchema>
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly pattern?: string
  readonly format?: string
}

interface Common {
  /** The name of the nearest named schema and the path below it, as in `Balance.auto_topup.amount`. */
  readonly address: string
  readonly nullable: boolean
}

export interface TextShape extends Common {
  readonly kind: "text"
  readonly values: ReadonlyArray<string> | undefined
  readonly min: number | undefined
  readonly max: number | undefined
  readonly pattern: string | undefined
  readonly format: string | undefined
}

export interface NumberShape extends Common {
  readonly kind: "number"
  readonly whole: boolean
  readonly values: ReadonlyArray<number> | undefined
  readonly min: number | undefined
  readonly max: number | undefined
}

export interface BooleanShape extends Common {
  readonly kind: "boolean"
  readonly values: ReadonlyArray<boolean> | undefined
}

export interface ListShape extends Common {
  readonly kind: "list"
  readonly item: Shape
  readonly min: number | undefined
  readonly max: number | undefined
}

export interface Field {
  readonly shape: Shape
  readonly required: boolean
  /** Whether servers of August 2026 lack the field. */
  readonly newer: boolean
}

export interface ObjectShape extends Common {
  readonly kind: "object"
  readonly fields: ReadonlyMap<string, Field>
  /** The shape of the values of further keys; `undefined` when further keys are not allowed. */
  readonly others: Shape | undefined
}

export interface ChoiceShape extends Common {
  readonly kind: "choice"
  readonly members: ReadonlyArray<Shape>
}

export interface UnknownShape extends Common {
  readonly kind: "unknown"
}

export type Shape =
  | TextShape
  | NumberShape
  | BooleanShape
  | ListShape
  | ObjectShape
  | ChoiceShape
  | UnknownShape

export type Components = Readonly<Record<string, JsonSchema>>

/** The shape of a schema, with the corrections of `intended.ts`. */
export const shapeOf = (schema: JsonSchema, components: Components, address: string): Shape => {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split("/").at(-1) ?? ""
    const target = components[name]
    if (target === undefined) throw new Error(`${address} refers to ${schema.$ref}, which does not exist`)
    return shapeOf(target, components, name)
  }
  if (schema.allOf !== undefined) return joined(schema.allOf, components, address)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) {
    const members = choices.filter(({ type }) => type !== "null")
    const nullable = members.length < choices.length
    const shapes = members.map((member) => shapeOf(member, components, address))
    const only = shapes[0]
    return shapes.length === 1 && only !== undefined
      ? { ...only, nullable: only.nullable || nullable }
      : { kind: "choice", address, nullable, members: shapes }
  }
  return plain(corrected(schema, corrections[address]), components, address)
}

const corrected = (schema: JsonSchema, correction: Correction | undefined): JsonSchema => {
  if (correction === undefined) return schema
  const { newer, optional, ...rest } = correction
  return {
    ...schema,
    ...rest,
    ...(newer === undefined ? {} : { properties: { ...schema.properties, ...newer } }),
    ...(optional === undefined
      ? {}
      : { required: (schema.required ?? []).filter((name) => !optional.includes(name)) })
  }
}

const typesOf = ({ type }: JsonSchema): ReadonlyArray<string> =>
  type === undefined ? [] : typeof type === "string" ? [type] : type

/**
 * The shape of an `allOf`. The documents close each of its objects, which no value can satisfy; the intended shape is
 * one object with all fields. A `type` beside a reference decides whether null is allowed, not the referenced schema.
 */
const joined = (parts: ReadonlyArray<JsonSchema>, components: Components, address: string): Shape => {
  const relevant = parts.filter((part) =>
    Object.keys(part).some((key) => !["description", "examples", "example"].includes(key))
  )
  const shapes = relevant
    .filter((part) => Object.keys(part).some((key) => key !== "type" && key !== "description"))
    .map((part) => shapeOf(part, components, address))
  const nullability = relevant.map(typesOf).findLast((types) => types.length > 0)
  const first = shapes[0]
  if (first === undefined) throw new Error(`${address} is empty`)
  const nullable = nullability === undefined ? first.nullable : nullability.includes("null")
  if (shapes.length === 1) return { ...first, nullable }
  return {
    kind: "object",
    address,
    nullable,
    fields: new Map(shapes.flatMap((shape) => (shape.kind === "object" ? [...shape.fields] : []))),
    others: undefined
  }
}

const isText = (value: unknown): value is string => typeof value === "string"
const isNumber = (value: unknown): value is number => typeof value === "number"
const isBoolean = (value: unknown): value is boolean => typeof value === "boolean"

const plain = (schema: JsonSchema, components: Components, address: string): Shape => {
  const types = typesOf(schema)
  const nullable = types.includes("null")
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const])
  const kind = types.find((type) => type !== "null") ?? (values === undefined ? undefined : typeof values[0])
  switch (kind) {
    case "string":
      return {
        kind: "text",
        address,
        nullable,
        values: values?.filter(isText),
        min: schema.minLength,
        max: schema.maxLength,
        pattern: schema.pattern,
        format: schema.format
      }
    case "integer":
    case "number":
      return {
        kind: "number",
        address,
        nullable,
        whole: kind === "integer",
        values: values?.filter(isNumber),
        min: schema.exclusiveMinimum === undefined ? schema.minimum : schema.exclusiveMinimum + 1,
        max: schema.maximum
      }
    case "boolean":
      return { kind: "boolean", address, nullable, values: values?.filter(isBoolean) }
    case "array":
      return {
        kind: "list",
        address,
        nullable,
        item: shapeOf(schema.items ?? {}, components, `${address}[]`),
        min: schema.minItems,
        max: schema.maxItems
      }
    case "object": {
      const newer = corrections[address]?.newer ?? {}
      return {
        kind: "object",
        address,
        nullable,
        fields: new Map(
          Object.entries(schema.properties ?? {}).map(([name, property]) => [
            name,
            {
              shape: named(shapeOf(property, components, `${address}.${name}`), `${address}.${name}`),
              required: schema.required?.includes(name) === true,
              newer: name in newer
            }
          ])
        ),
        others:
          typeof schema.additionalProperties === "object"
            ? shapeOf(schema.additionalProperties, components, `${address}.*`)
            : undefined
      }
    }
    default:
      return { kind: "unknown", address, nullable: true }
  }
}

/** A field that refers to a schema of a plain value keeps its own address, since its name tells what it holds. */
const named = (shape: Shape, address: string): Shape =>
  shape.kind === "object" || shape.kind === "choice" ? shape : { ...shape, address }

/** Whether a value fits a shape. */
export const fits = (shape: Shape, value: unknown): boolean => {
  if (value === null) return shape.nullable
  switch (shape.kind) {
    case "text":
      return (
        typeof value === "string" &&
        (shape.values === undefined || shape.values.includes(value)) &&
        (shape.min === undefined || value.length >= shape.min) &&
        (shape.max === undefined || value.length <= shape.max) &&
        (shape.pattern === undefined || value.length > 10_000 || new RegExp(shape.pattern).test(value))
      )
    case "number":
      return (
        typeof value === "number" &&
        (!shape.whole || Number.isInteger(value)) &&
        (shape.values === undefined || shape.values.includes(value)) &&
        (shape.min === undefined || value >= shape.min) &&
        (shape.max === undefined || value <= shape.max)
      )
    case "boolean":
      return typeof value === "boolean" && (shape.values === undefined || shape.values.includes(value))
    case "list":
      return (
        Array.isArray(value) &&
        (shape.min === undefined || value.length >= shape.min) &&
        (shape.max === undefined || value.length <= shape.max) &&
        value.every((item) => fits(shape.item, item))
      )
    case "object":
      return (
        isObject(value) &&
        [...shape.fields].every(([name, field]) =>
          name in value ? fits(field.shape, value[name]) : !field.required
        ) &&
        Object.keys(value).every((name) => {
          if (shape.fields.has(name)) return true
          return shape.others !== undefined && fits(shape.others, value[name])
        })
      )
    case "choice":
      return shape.members.some((member) => fits(member, value))
    case "unknown":
      return true
  }
}

export const isObject = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === "object" && u !== null && !Array.isArray(u)
