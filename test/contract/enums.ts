/**
 * Checks that the SDK names each documented value of a response field. Open enumerations decode unknown values too, so
 * only the schemas themselves show which values they name.
 */
import { type AnyCodec, openLiteralsOf } from "../../src/internal/dialect/schema.js"
import { type AST, nodeOf, wireSide } from "../support/dialect/ast.js"
import type { Shape } from "./shapes.js"

/** Each documented value of a response that its schema does not name. */
export const enumProblems = (shape: Shape, schema: AnyCodec): ReadonlyArray<string> => [
  ...new Set(compare(shape, wireSide(schema.ast)))
]

const namesOf = (ast: AST): ReadonlyArray<string> | undefined => {
  const open = openLiteralsOf(ast)
  if (open !== undefined) return open
  const node = nodeOf(ast)
  const members = node.kind === "union" ? node.types : [ast]
  const literals = members.map(nodeOf).flatMap((one) => (one.kind === "literal" ? [String(one.value)] : []))
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

const compare = (shape: Shape, ast: AST): ReadonlyArray<string> => {
  const node = nodeOf(ast)
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
      const item = node.kind === "list" ? node.item : undefined
      return item === undefined ? notFound(shape) : compare(shape.item, wireSide(item))
    }
    case "object": {
      const properties = node.kind === "object" ? node.fields : []
      return [...shape.fields].flatMap(([name, field]) => {
        const property = properties.find((one) => one.name === name)
        return property === undefined ? notFound(field.shape) : compare(field.shape, wireSide(property.type))
      })
    }
    case "choice":
      return node.kind === "union"
        ? shape.members.flatMap((member) => {
            const attempts = node.types.map((type) => compare(member, wireSide(type)))
            return attempts.find((problems) => problems.length === 0) ?? attempts[0] ?? []
          })
        : notFound(shape)
    default:
      return []
  }
}
