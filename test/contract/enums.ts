/**
 * Checks that the SDK names each documented value of a response field. Open enumerations decode unknown values too, so
 * only the schemas themselves show which values they name.
 */
import * as AST from "effect/SchemaAST"
import { type AnyCodec, openLiteralsOf } from "../../src/internal/dialect/schema.js"
import type { Shape } from "./shapes.js"

/** Each documented value of a response that its schema does not name. */
export const enumProblems = (shape: Shape, schema: AnyCodec): ReadonlyArray<string> => [
  ...new Set(compare(shape, wireSide(schema.ast)))
]

/** The wire side of a schema, without null, absence and refinements. */
const wireSide = (ast: AST.AST): AST.AST => {
  if (openLiteralsOf(ast) !== undefined) return ast
  switch (ast._tag) {
    case "Transformation":
    case "Refinement":
      return wireSide(ast.from)
    case "Suspend":
      return wireSide(ast.f())
    case "Declaration": {
      const inner = ast.typeParameters[0]
      return inner === undefined ? ast : wireSide(inner)
    }
    case "Union": {
      const members = ast.types.filter((type) => type._tag !== "UndefinedKeyword" && !isNull(type))
      const only = members[0]
      return only !== undefined && members.length === 1 ? wireSide(only) : AST.Union.make(members)
    }
    default:
      return ast
  }
}

const isNull = (ast: AST.AST): boolean => ast._tag === "Literal" && ast.literal === null

const namesOf = (ast: AST.AST): ReadonlyArray<string> | undefined => {
  const open = openLiteralsOf(ast)
  if (open !== undefined) return open
  const members = ast._tag === "Union" ? ast.types : [ast]
  const literals = members.flatMap((type) => (type._tag === "Literal" ? [String(type.literal)] : []))
  return literals.length === members.length ? literals : undefined
}

/** Reports an enumeration whose schema this comparison cannot find. */
const notFound = (shape: Shape): ReadonlyArray<string> =>
  hasEnum(shape) ? [`${shape.address}: its schema cannot be found in the SDK`] : []

const hasEnum = (shape: Shape): boolean => {
  switch (shape.kind) {
    case "text":
      return shape.values !== undefined
    case "list":
      return hasEnum(shape.item)
    case "object":
      return [...shape.fields.values()].some((field) => hasEnum(field.shape))
    case "choice":
      return shape.members.some(hasEnum)
    default:
      return false
  }
}

const compare = (shape: Shape, ast: AST.AST): ReadonlyArray<string> => {
  switch (shape.kind) {
    case "text": {
      if (shape.values === undefined) return []
      const names = namesOf(ast)
      if (names === undefined) {
        return [
          `${shape.address}: the API documents ${shape.values.join(", ")}, and the SDK accepts any text`
        ]
      }
      const absent = shape.values.filter((value) => !names.includes(value))
      return absent.length === 0 ? [] : [`${shape.address}: the SDK does not name ${absent.join(", ")}`]
    }
    case "list": {
      const item = ast._tag === "TupleType" ? ast.rest[0]?.type : undefined
      return item === undefined ? notFound(shape) : compare(shape.item, wireSide(item))
    }
    case "object": {
      const properties = ast._tag === "TypeLiteral" ? ast.propertySignatures : []
      return [...shape.fields].flatMap(([name, field]) => {
        const property = properties.find((one) => one.name === name)
        return property === undefined ? notFound(field.shape) : compare(field.shape, wireSide(property.type))
      })
    }
    case "choice":
      return ast._tag === "Union"
        ? shape.members.flatMap((member) => {
            const attempts = ast.types.map((type) => compare(member, wireSide(type)))
            return attempts.find((problems) => problems.length === 0) ?? attempts[0] ?? []
          })
        : notFound(shape)
    default:
      return []
  }
}
