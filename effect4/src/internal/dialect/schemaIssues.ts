/**
 * The dialect's part for messages about values that do not fit a schema. They name types as the documentation does.
 */
import * as AST from "effect/SchemaAST"
import type * as SchemaIssue from "effect/SchemaIssue"
import {
  closest,
  eitherOf,
  type Finding,
  finding,
  type Issue,
  mismatchInWords,
  missingKey,
  unknownKey,
  valuesInWords
} from "../values/words.js"

export type { Issue } from "../values/words.js"

/**
 * The description of a schema. An encoder turns a schema around: its outer node is then that of the wire form, and the one
 * with the description is the last of its encoding.
 */
const descriptionOf = (ast: AST.AST): string | undefined => {
  const last = ast.encoding?.[ast.encoding.length - 1]
  return ownDescriptionOf(ast) ?? (last === undefined ? undefined : ownDescriptionOf(last.to))
}

/** The description of a check takes precedence, and a check without one does not hide that of its schema. */
const ownDescriptionOf = (ast: AST.AST): string | undefined => {
  const own = ast.annotations?.["description"]
  return AST.resolveDescription(ast) ?? (typeof own === "string" ? own : undefined)
}

/** What a schema accepts, in words. */
export const wordsOf = (ast: AST.AST): string => {
  switch (ast._tag) {
    case "String":
    case "TemplateLiteral":
      return descriptionOf(ast) ?? "a string"
    case "Number":
      return descriptionOf(ast) ?? "a number"
    case "Boolean":
      return "true or false"
    case "Null":
      return "null"
    case "Literal":
      return valuesInWords([ast.literal])
    case "Arrays":
      return descriptionOf(ast) ?? "a list"
    case "Objects":
      return descriptionOf(ast) ?? "an object"
    case "Union":
      return descriptionOf(ast) ?? membersOf(ast)
    case "Suspend":
      return wordsOf(ast.thunk())
    default:
      return descriptionOf(ast) ?? "another value"
  }
}

const membersOf = ({ types }: AST.Union): string => {
  const values = types.flatMap((type) => (AST.isLiteral(type) ? [type.literal] : []))
  const others = types.filter((type) => !AST.isUndefined(type) && !AST.isLiteral(type))
  return eitherOf([...(values.length === 0 ? [] : [valuesInWords(values)]), ...others.map(wordsOf)])
}

const mismatch = (ast: AST.AST, actual: unknown): string =>
  mismatchInWords(wordsOf(ast), actual, acceptsValuesOf(ast, actual))

/** Whether a schema accepts some values of the same type as the given one. */
const acceptsValuesOf = (ast: AST.AST, actual: unknown): boolean => {
  const last = ast.encoding?.[ast.encoding.length - 1]
  if (last !== undefined && acceptsValuesOf(last.to, actual)) return true
  switch (ast._tag) {
    case "Literal":
      return typeof ast.literal === typeof actual
    case "Union":
      return ast.types.some((type) => acceptsValuesOf(type, actual))
    case "String":
      return typeof actual === "string"
    case "Number":
      return typeof actual === "number"
    default:
      return false
  }
}

// -----------------------------------------------------------------------------
// issues
// -----------------------------------------------------------------------------

/** The issues that the interpreter found in an input, as text without values. */
export const issuesOf = (issue: SchemaIssue.Issue, input: unknown): ReadonlyArray<Issue> =>
  findingsOf(issue, [], input).map(({ path, message }) => ({ path, message }))

/** The value at a key of a rejected value. */
const valueAt = (value: unknown, key: PropertyKey | undefined): unknown =>
  key === undefined || typeof value !== "object" || value === null ? undefined : Reflect.get(value, key)

/** `actual` is the value that a part of the schema was given, and `whole` the node that the part belongs to. */
const findingsOf = (
  issue: SchemaIssue.Issue,
  path: ReadonlyArray<PropertyKey>,
  actual: unknown,
  whole?: AST.AST
): ReadonlyArray<Finding> => {
  const here = (kind: Finding["kind"], message: string) => finding(path, kind, message)
  /** Replaces the words of a part by those of the whole, which may have a description. */
  const described = (ast: AST.AST, found: ReadonlyArray<Finding>): ReadonlyArray<Finding> =>
    descriptionOf(ast) !== undefined &&
    found.every(({ depth, kind }) => depth === path.length && kind === "type")
      ? here("type", mismatch(ast, actual))
      : found
  switch (issue._tag) {
    case "Pointer":
      return findingsOf(issue.issue, path.concat(issue.path), issue.path.reduce(valueAt, actual))
    case "MissingKey":
      return here("key", missingKey)
    case "UnexpectedKey":
      return here("key", unknownKey)
    case "Encoding":
      return described(issue.ast, findingsOf(issue.issue, path, actual, issue.ast))
    case "Filter":
      return findingsOf(issue.issue, path, actual, whole)
    case "Composite": {
      const { ast } = issue
      return described(
        ast,
        issue.issues.flatMap((part) => findingsOf(part, path, actual, ast))
      )
    }
    case "AnyOf":
      return (
        closest(
          issue.issues.map((member) => findingsOf(member, path, actual)),
          path.length
        ) ?? here("type", mismatch(issue.ast, actual))
      )
    case "OneOf":
    case "InvalidType":
      return here("type", mismatch(issue.ast, actual))
    case "InvalidValue": {
      const { message } = issue.annotations ?? {}
      if (typeof message === "string") return here("rule", message)
      return whole === undefined ? here("rule", "is invalid") : here("type", mismatch(whole, actual))
    }
    case "Forbidden":
      return here("rule", "cannot be read synchronously")
  }
}
