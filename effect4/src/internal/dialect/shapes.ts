/**
 * The shapes of schemas on the wire.
 */
import * as AST from "effect/SchemaAST"
import { memoizedFor } from "../values/memo.js"
import type { Shape } from "../values/shape.js"
import { Shortcut, shortcut } from "./codec.js"
import { type AnyCodec, openLiteralsOf } from "./schema.js"

const any: Shape = { _tag: "Any" }
const text: Shape = { _tag: "Text" }
const closed: Shape = { _tag: "OneOf", members: [] }

/** The shape of the wire form of a schema. */
export const wireShapeOf = (schema: AnyCodec): Shape => shapeOf(schema.ast)

const shapeOf: (ast: AST.AST) => Shape = /* @__PURE__ */ memoizedFor((ast) => make(ast))

/** The schema that one of this package wraps, such as the one of a value that may be null. */
const wrappedIn = (ast: AST.AST): AST.AST | undefined => {
  const found = ast.annotations?.[shortcut]
  return found instanceof Shortcut ? found.settings.inner : undefined
}

const make = (ast: AST.AST): Shape => {
  const known = openLiteralsOf(ast)
  if (known !== undefined) return { _tag: "Known", values: new Set(known) }
  const wrapped = wrappedIn(ast)
  if (wrapped !== undefined) return shapeOf(wrapped)
  const last = ast.encoding?.[ast.encoding.length - 1]
  if (last !== undefined) return shapeOf(last.to)
  switch (ast._tag) {
    case "String":
    case "TemplateLiteral":
      return text
    case "Number":
    case "Boolean":
    case "Undefined":
    case "Null":
    case "Literal":
    case "Enum":
      return closed
    case "Suspend":
      return { _tag: "Later", shape: () => shapeOf(ast.thunk()) }
    case "Union":
      return { _tag: "OneOf", members: ast.types.map(shapeOf) }
    case "Arrays": {
      const [rest] = ast.rest
      return rest === undefined || ast.elements.length > 0 ? any : { _tag: "List", item: shapeOf(rest) }
    }
    case "Objects": {
      const [index] = ast.indexSignatures
      if (index !== undefined) {
        return ast.propertySignatures.length > 0 ? any : { _tag: "Record", value: shapeOf(index.type) }
      }
      const fields = new Map<string, Shape>()
      const literals = new Map<string, unknown>()
      for (const { name, type } of ast.propertySignatures) {
        fields.set(String(name), shapeOf(type))
        if (type._tag === "Literal" && type.encoding === undefined && !AST.isOptional(type)) {
          literals.set(String(name), type.literal)
        }
      }
      return { _tag: "Object", fields, literals }
    }
    default:
      return any
  }
}
