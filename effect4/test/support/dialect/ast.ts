/** The structure of schemas of Effect 4, in terms that do not depend on the version of Effect. */
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
  if (ast.checks !== undefined) return { kind: "checked", from: withoutChecks(ast) }
  switch (ast._tag) {
    case "Objects":
      return {
        kind: "object",
        fields: ast.propertySignatures.map(({ name, type }) => ({
          name: String(name),
          optional: AST.isOptional(type),
          type
        })),
        values: ast.indexSignatures[0]?.type
      }
    case "Arrays":
      return { kind: "list", item: ast.rest[0] }
    case "Union":
      return { kind: "union", types: ast.types }
    case "Literal":
      return { kind: "literal", value: ast.literal }
    case "Null":
      return { kind: "literal", value: null }
    case "Declaration":
      return { kind: "declaration", parameter: ast.typeParameters[0] }
    case "Suspend":
      return nodeOf(ast.thunk())
    default:
      return { kind: "other" }
  }
}

const withoutChecks = (ast: AST.AST): AST.AST => Object.create(ast, { checks: { value: undefined } })

/** The inner side of a schema. */
export const typeSide = (ast: AST.AST): AST.AST => AST.toType(ast)

/** The schema of a node. */
export const schemaOf = (ast: AST.AST): AnyCodec => Schema.make<AnyCodec>(ast)

/** The wire side of a schema, without null, absence and checks. */
export const wireSide = (ast: AST.AST): AST.AST => {
  if (openLiteralsOf(ast) !== undefined) return ast
  const last = ast.encoding?.[ast.encoding.length - 1]
  if (last !== undefined) return wireSide(last.to)
  switch (ast._tag) {
    case "Suspend":
      return wireSide(ast.thunk())
    case "Declaration": {
      const inner = ast.typeParameters[0]
      return inner === undefined ? ast : wireSide(inner)
    }
    case "Union": {
      const members = ast.types.filter((type) => type._tag !== "Undefined" && type._tag !== "Null")
      const only = members[0]
      return only !== undefined && members.length === 1 ? wireSide(only) : new AST.Union(members)
    }
    default:
      return ast
  }
}
