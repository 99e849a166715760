/**
 * The shape of a value on the wire, read from the schemas of the operations. The recorder decides by it what a string
 * means, and the comparison finds by it what the sandbox does not know.
 */
import * as AST from "effect/SchemaAST"
import { openLiteralsOf } from "../../src/internal/dialect/schema.js"
import { memoizedFor } from "../../src/internal/values/memo.js"

/** What may be where a value is. */
export type Shape = Kind & { readonly nullable: boolean }

type Kind =
  | {
      readonly kind: "text"
      /** The values that are known, if they are listed. */
      readonly values: ReadonlyArray<string> | undefined
      readonly means: "secret" | "time" | "amount" | "file" | undefined
    }
  | { readonly kind: "number" }
  | { readonly kind: "boolean" }
  | { readonly kind: "list"; readonly item: Shape }
  | { readonly kind: "object"; readonly fields: ReadonlyMap<string, Field> }
  | { readonly kind: "record"; readonly value: Shape }
  | { readonly kind: "choice"; readonly members: ReadonlyArray<Shape> }
  | { readonly kind: "unknown" }

export type ObjectShape = Extract<Shape, { kind: "object" }>

/** A field of an object. */
export interface Field {
  readonly shape: Shape
  readonly optional: boolean
}

/** The shape of the wire form of a schema. */
export const shapeOf: (ast: AST.AST) => Shape = memoizedFor((ast) => read(ast))

const text = (
  values?: ReadonlyArray<string>,
  means?: "secret" | "time" | "amount" | "file"
): Extract<Shape, { kind: "text" }> => ({ kind: "text", values, means, nullable: false })

export const unknownShape: Shape = { kind: "unknown", nullable: true }

const descriptionOf = (ast: AST.AST): string => {
  const description = AST.getDescriptionAnnotation(ast)
  return description._tag === "Some" ? description.value : ""
}

const read = (ast: AST.AST): Shape => {
  switch (ast._tag) {
    case "StringKeyword":
    case "TemplateLiteral":
      return text()
    case "NumberKeyword":
      return { kind: "number", nullable: false }
    case "BooleanKeyword":
      return { kind: "boolean", nullable: false }
    case "Literal":
      return literal(ast.literal)
    case "TupleType": {
      const [item] = ast.rest
      return { kind: "list", item: item === undefined ? unknownShape : shapeOf(item.type), nullable: false }
    }
    case "TypeLiteral":
      return struct(ast)
    case "Union":
      return union(ast.types)
    case "Refinement":
      return shapeOf(ast.from)
    case "Suspend":
      return shapeOf(ast.f())
    case "Transformation":
      return transformation(ast)
    case "Declaration":
      return declaration(ast)
    default:
      return unknownShape
  }
}

const literal = (value: AST.LiteralValue): Shape => {
  switch (typeof value) {
    case "string":
      return text([value])
    case "number":
      return { kind: "number", nullable: false }
    case "boolean":
      return { kind: "boolean", nullable: false }
    default:
      // `null` alone: what else may be there, other members of the union say.
      return { kind: "choice", members: [], nullable: value === null }
  }
}

const struct = (ast: AST.TypeLiteral): Shape => {
  const [index] = ast.indexSignatures
  if (index !== undefined && ast.propertySignatures.length === 0) {
    const value = shapeOf(index.type)
    return value.kind === "unknown" ? unknownShape : { kind: "record", value, nullable: false }
  }
  const fields = ast.propertySignatures.map(
    ({ isOptional, name, type }) => [String(name), { shape: shapeOf(type), optional: isOptional }] as const
  )
  return { kind: "object", fields: new Map(fields), nullable: false }
}

const union = (types: ReadonlyArray<AST.AST>): Shape => {
  const all = types.filter((type) => !AST.isUndefinedKeyword(type)).map(shapeOf)
  const nullable = all.some((shape) => shape.nullable)
  const members = all.filter((shape) => shape.kind !== "choice" || shape.members.length > 0)
  const values = members.map((shape) => (shape.kind === "text" ? shape.values : undefined))
  if (members.length > 1 && values.every((list) => list !== undefined)) {
    return { ...text(values.flat()), nullable }
  }
  const [first, ...others] = members
  if (first !== undefined && others.length === 0) return { ...first, nullable: nullable || first.nullable }
  return { kind: "choice", members, nullable }
}

const transformation = (ast: AST.Transformation): Shape => {
  const from = shapeOf(ast.from)
  if (from.kind !== "text") return from
  const description = descriptionOf(ast)
  if (description.includes("timestamp")) return { ...from, means: "time" }
  if (description === "a decimal number") return { ...from, means: "amount" }
  if (description.includes("Redacted") || holdsRedacted(ast.to)) return { ...from, means: "secret" }
  return from
}

const holdsRedacted = (ast: AST.AST): boolean =>
  AST.isUnion(ast)
    ? ast.types.some(holdsRedacted)
    : AST.isDeclaration(ast) && descriptionOf(ast).startsWith("Redacted")

const declaration = (ast: AST.Declaration): Shape => {
  const values = openLiteralsOf(ast)
  if (values !== undefined) return text(values)
  const [inner] = ast.typeParameters
  if (inner === undefined) return unknownShape
  const shape = shapeOf(inner)
  return descriptionOf(ast).endsWith("or null") ? { ...shape, nullable: true } : shape
}
