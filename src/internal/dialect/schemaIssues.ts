/**
 * The dialect's part for messages about values that do not fit a schema. They name types as the documentation does.
 */
import type * as ParseResult from "effect/ParseResult"
import * as AST from "effect/SchemaAST"

/** What is wrong, and where. Holds no value, so that no secret can travel in it. */
export interface Issue {
  readonly path: string
  readonly message: string
}

/** An issue with what is needed to compare the members of a union. */
interface Finding extends Issue {
  readonly depth: number
  readonly kind: "type" | "key" | "rule"
}

const formatPath = (path: ReadonlyArray<PropertyKey>): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`
    return text === "" ? String(key) : `${text}.${String(key)}`
  }, "")

// -----------------------------------------------------------------------------
// words
// -----------------------------------------------------------------------------

/** Joins alternatives: `a, b or c`. */
const either = (alternatives: ReadonlyArray<string>): string => {
  const distinct = [...new Set(alternatives)]
  const last = distinct.pop() ?? ""
  return distinct.length === 0 ? last : `${distinct.join(", ")} or ${last}`
}

/** Longer lists of values would hide the rest of the message. */
const maxValues = 12

const valuesOf = (values: ReadonlyArray<AST.LiteralValue>): string => {
  const shown = values.slice(0, maxValues).map((value) => JSON.stringify(value))
  return values.length > maxValues ? `one of ${shown.join(", ")} and others` : either(shown)
}

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
      return ast.literal === null ? "null" : valuesOf([ast.literal])
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
  return either([...(values.length === 0 ? [] : [valuesOf(values)]), ...others.map(wordsOf)])
}

const isValue = (ast: AST.AST): boolean => AST.isLiteral(ast) && ast.literal !== null

/** The type of a value in words, without the value. */
const typeInWords = (value: unknown): string => {
  if (value === null) return "null"
  if (Array.isArray(value)) return "a list"
  switch (typeof value) {
    case "undefined":
      return "undefined"
    case "object":
      return value instanceof Date ? "a Date" : value instanceof Uint8Array ? "a Uint8Array" : "an object"
    case "number":
      return Number.isNaN(value) ? "NaN" : "a number"
    default:
      return `a ${typeof value}`
  }
}

/** A value of the right type, but another one, is not named by its type. */
const mismatch = (ast: AST.AST, actual: unknown): string => {
  const expected = wordsOf(ast)
  const given = typeInWords(actual)
  return expected.split(/, | or /).includes(given) || acceptsValuesOf(ast, actual)
    ? `must be ${expected}`
    : `must be ${expected}, got ${given}`
}

/** Whether a schema accepts some values of the same type as the given one. */
const acceptsValuesOf = (ast: AST.AST, actual: unknown): boolean => {
  switch (ast._tag) {
    case "Literal":
      return typeof ast.literal === typeof actual
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

const missingKey = "is missing"
const unknownKey = "is not a known field"

/** The issues of the interpreter as text without values. */
export const issuesOf = (issue: ParseResult.ParseIssue): ReadonlyArray<Issue> =>
  findingsOf(issue, []).map(({ path, message }) => ({ path, message }))

const findingsOf = (
  issue: ParseResult.ParseIssue,
  path: ReadonlyArray<PropertyKey>
): ReadonlyArray<Finding> => {
  const here = (kind: Finding["kind"], message: string): ReadonlyArray<Finding> => [
    { path: formatPath(path), message, depth: path.length, kind }
  ]
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

/** Of a union's members the one that was meant: the one whose keys fit best, if the type of any fits at all. */
const closest = (
  members: ReadonlyArray<ReadonlyArray<Finding>>,
  depth: number
): ReadonlyArray<Finding> | undefined => {
  const fitting = members.filter((found) => found.some((one) => one.kind !== "type" || one.depth > depth))
  const misplaced = (found: ReadonlyArray<Finding>) => found.filter(({ kind }) => kind === "key").length
  return fitting.reduce<ReadonlyArray<Finding> | undefined>(
    (best, found) => (best === undefined || misplaced(found) < misplaced(best) ? found : best),
    undefined
  )
}

const isIssue = (
  issues: ParseResult.SingleOrNonEmpty<ParseResult.ParseIssue>
): issues is ParseResult.ParseIssue => "_tag" in issues
