/**
 * The shapes of schemas on the wire.
 */
import type * as AST from "effect/SchemaAST"
import { memoizedFor } from "../values/memo.js"
import type { Shape } from "../values/shape.js"
import { type AnyCodec, openLiteralsOf } from "./schema.js"

const any: Shape = { _tag: "Any" }
const text: Shape = { _tag: "Text" }
const closed: Shape = { _tag: "OneOf", members: [] }

/** The shape of the wire form of a schema. */
export const wireShapeOf = (schema: AnyCodec): Shape => shapeOf(schema.ast)

const shapeOf: (ast: AST.AST) => Shape = /* @__PURE__ */ memoizedFor((ast) => make(ast))

const make = (ast: AST.AST): Shape => {
  const known = openLiteralsOf(ast)
  if (known !== undefined) return { _tag: "Known", values: new Set(known) }
  switch (ast._tag) {
    case "StringKeyword":
    case "TemplateLiteral":
      return text
    case "NumberKeyword":
    case "BooleanKeyword":
    case "UndefinedKeyword":
    case "Literal":
    case "Enums":
      return closed
    case "Declaration": {
      const [parameter, ...further] = ast.typeParameters
      return parameter === undefined || further.length > 0 ? any : shapeOf(parameter)
    }
    case "Refinement":
    case "Transformation":
      return shapeOf(ast.from)
    case "Suspend":
      return { _tag: "Later", shape: () => shapeOf(ast.f()) }
    case "Union":
      return { _tag: "OneOf", members: ast.types.map(shapeOf) }
    case "TupleType": {
      const [rest] = ast.rest
      return rest === undefined || ast.elements.length > 0 ? any : { _tag: "List", item: shapeOf(rest.type) }
    }
    case "TypeLiteral": {
      const [index] = ast.indexSignatures
      if (index !== undefined) {
        return ast.propertySignatures.length > 0 ? any : { _tag: "Record", value: shapeOf(index.type) }
      }
      const fields = new Map<string, Shape>()
      const literals = new Map<string, unknown>()
      for (const { isOptional, name, type } of ast.propertySignatures) {
        fields.set(String(name), shapeOf(type))
        if (type._tag === "Literal" && !isOptional) literals.set(String(name), type.literal)
      }
      return { _tag: "Object", fields, literals }
    }
    default:
      return any
  }
}
