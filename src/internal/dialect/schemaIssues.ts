/**
 * The dialect's part for messages about values that do not fit a schema. They name types as the documentation does.
 */
import type * as ParseResult from "effect/ParseResult"
import * as AST from "effect/SchemaAST"
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

const descriptionOf = (ast: AST.AST): string | undefined => {
  const description = AST.getDescriptionAnnotation(ast)
  return description._tag === "Some" ? description.value : undefined
}

/** What a schema accepts, in words. */
export const wordsOf = (ast: AST.AST): string => {
  switch (ast._tag) {
    case "StringKeyword":
    case "TemplateLiteral":
      return descriptionOf(ast) ?? "a string"
    case "NumberKeyword":
      return "a number"
    case "BooleanKeyword":
      return "true or false"
    case "Literal":
      return ast.literal === null ? "null" : valuesInWords([ast.literal])
    case "TupleType":
      return descriptionOf(ast) ?? "a list"
    case "TypeLiteral":
      return descriptionOf(ast) ?? "an object"
    case "Union":
      return descriptionOf(ast) ?? membersOf(ast)
    case "Refinement":
      return descriptionOf(ast) ?? wordsOf(ast.from)
    case "Transformation":
      return descriptionOf(ast) ?? wordsOf(ast.to)
    case "Suspend":
      return wordsOf(ast.f())
    default:
      return descriptionOf(ast) ?? "another value"
  }
}

const membersOf = ({ types }: AST.Union): string => {
  const values = types.flatMap((type) => (AST.isLiteral(type) && type.literal !== null ? [type.literal] : []))
  const others = types.filter((type) => !AST.isUndefinedKeyword(type) && !isValue(type))
  return eitherOf([...(values.length === 0 ? [] : [valuesInWords(values)]), ...others.map(wordsOf)])
}

const isValue = (ast: AST.AST): boolean => AST.isLiteral(ast) && ast.literal !== null

const mismatch = (ast: AST.AST, actual: unknown): string =>
  mismatchInWords(wordsOf(ast), actual, acceptsValuesOf(ast, actual))

/** Whether a schema accepts some values of the same type as the given one. */
const acceptsValuesOf = (ast: AST.AST, actual: unknown): boolean => {
  switch (ast._tag) {
    case "Literal":
      return ast.literal !== null && typeof ast.literal === typeof actual
    case "Union":
      return ast.types.some((type) => acceptsValuesOf(type, actual))
    case "Refinement":
      return acceptsValuesOf(ast.from, actual)
    case "Transformation":
      return acceptsValuesOf(ast.from, actual) || acceptsValuesOf(ast.to, actual)
    case "StringKeyword":
      return typeof actual === "string"
    case "NumberKeyword":
      return typeof actual === "number"
    default:
      return false
  }
}

// -----------------------------------------------------------------------------
// issues
// -----------------------------------------------------------------------------

/** The issues of the interpreter as text without values. */
export const issuesOf = (issue: ParseResult.ParseIssue): ReadonlyArray<Issue> =>
  findingsOf(issue, []).map(({ path, message }) => ({ path, message }))

const findingsOf = (
  issue: ParseResult.ParseIssue,
  path: ReadonlyArray<PropertyKey>
): ReadonlyArray<Finding> => {
  const here = (kind: Finding["kind"], message: string) => finding(path, kind, message)
  /** Replaces the words of a part by those of the whole, which may have a description. */
  const described = (ast: AST.AST, actual: unknown, found: ReadonlyArray<Finding>): ReadonlyArray<Finding> =>
    descriptionOf(ast) !== undefined &&
    found.every(({ depth, kind }) => depth === path.length && kind === "type")
      ? here("type", mismatch(ast, actual))
      : found
  switch (issue._tag) {
    case "Pointer":
      return findingsOf(issue.issue, path.concat(issue.path))
    case "Missing":
      return here("key", missingKey)
    case "Unexpected":
      return here("key", unknownKey)
    case "Transformation":
      return issue.kind === "Transformation"
        ? here("type", mismatch(issue.ast, issue.actual))
        : described(issue.ast, issue.actual, findingsOf(issue.issue, path))
    case "Refinement": {
      if (issue.kind === "From") return described(issue.ast, issue.actual, findingsOf(issue.issue, path))
      const broken = issue.issue._tag === "Type" ? issue.issue.message : undefined
      return broken === undefined ? here("type", mismatch(issue.ast, issue.actual)) : here("rule", broken)
    }
    case "Composite": {
      const inner = isIssue(issue.issues) ? [issue.issues] : issue.issues
      return AST.isUnion(issue.ast)
        ? (closest(
            inner.map((member) => findingsOf(member, path)),
            path.length
          ) ?? here("type", mismatch(issue.ast, issue.actual)))
        : inner.flatMap((part) => findingsOf(part, path))
    }
    case "Type":
      return here("type", mismatch(issue.ast, issue.actual))
    case "Forbidden":
      return here("rule", "cannot be read synchronously")
  }
}

const isIssue = (
  issues: ParseResult.SingleOrNonEmpty<ParseResult.ParseIssue>
): issues is ParseResult.ParseIssue => "_tag" in issues
