/** The structure of schemas, in terms that do not depend on the version of Effect. */
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import { type AnyCodec, openLiteralsOf } from "../../../src/internal/dialect/schema.js"

export type { AST } from "effect/SchemaAST"

export type Node =
  | {
      readonly kind: "object"
      readonly fields: ReadonlyArray<FieldNode>
      readonly values: AST.AST | undefined
    }
  | { readonly kind: "list"; readonly item: AST.AST | undefined }
  | { readonly kind: "union"; readonly types: ReadonlyArray<AST.AST> }
  | { readonly kind: "literal"; readonly value: unknown }
  | { readonly kind: "declaration"; readonly parameter: AST.AST | undefined }
  | { readonly kind: "checked"; readonly from: AST.AST }
  | { readonly kind: "other" }

export interface FieldNode {
  readonly name: string
  readonly optional: boolean
  readonly type: AST.AST
}

/** The node of the inner side of a schema. */
export const nodeOf = (ast: AST.AST): Node => {
  switch (ast._tag) {
    case "TypeLiteral":
      return {
        kind: "object",
        fields: ast.propertySignatures.map(({ isOptional, name, type }) => ({
          name: String(name),
          optional: isOptional,
          type
        })),
        values: ast.indexSignatures[0]?.type
      }
    case "TupleType":
      return { kind: "list", item: ast.rest[0]?.type }
    case "Union":
      return { kind: "union", types: ast.types }
    case "Literal":
      return { kind: "literal", value: ast.literal }
    case "Declaration":
      return { kind: "declaration", parameter: ast.typeParameters[0] }
    case "Refinement":
      return { kind: "checked", from: ast.from }
    case "Suspend":
      return nodeOf(ast.f())
    case "Transformation":
      return nodeOf(ast.to)
    default:
      return { kind: "other" }
  }
}

/** The inner side of a schema. */
export const typeSide = (ast: AST.AST): AST.AST => AST.typeAST(ast)

/** The schema of a node. */
export const schemaOf = (ast: AST.AST): AnyCodec => Schema.make<unknown, unknown, never>(ast)

/** The wire side of a schema, without null, absence and checks. */
export const wireSide = (ast: AST.AST): AST.AST => {
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
