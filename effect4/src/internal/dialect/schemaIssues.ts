/**
 * The dialect's part for messages about values that do not fit a schema.
 */
import * as AST from "effect/SchemaAST"
import type * as SchemaIssue from "effect/SchemaIssue"

/** What is wrong, and where. Holds no value, so that no secret can travel in it. */
export interface Issue {
  readonly path: string
  readonly message: string
}

const formatPath = (path: ReadonlyArray<PropertyKey>): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`
    return text === "" ? String(key) : `${text}.${String(key)}`
  }, "")

const expectation = (ast: AST.AST): string =>
  `expected ${AST.resolveDescription(ast) ?? (AST.isString(ast) ? "a string" : AST.isNumber(ast) ? "a number" : AST.isBoolean(ast) ? "a boolean" : nameOf(ast))}`

/** A type as Effect 3 writes it. */
const nameOf = (ast: AST.AST): string => {
  const description = AST.resolveDescription(ast)
  if (description !== undefined) return description
  switch (ast._tag) {
    case "Literal":
      return typeof ast.literal === "string" ? JSON.stringify(ast.literal) : String(ast.literal)
    case "Union":
      return ast.types.map(nameOf).join(" | ")
    case "Arrays":
      return `ReadonlyArray<${ast.rest.map(nameOf).join(" | ")}>`
    case "Objects": {
      const keys = ast.propertySignatures.map(
        ({ name, type }) =>
          `readonly ${String(name)}${type.context?.isOptional === true ? "?" : ""}: ${nameOf(type)}`
      )
      const rest = ast.indexSignatures.map(
        ({ parameter, type }) => `readonly [x: ${nameOf(parameter)}]: ${nameOf(type)}`
      )
      return `{ ${[...keys, ...rest].join("; ")} }`
    }
    default:
      return ast._tag.toLowerCase()
  }
}

const missingKey = "is missing"
const unknownKey = "is not a known field"

/** The issues of the interpreter as text without values. */
export const issuesOf = (
  issue: SchemaIssue.Issue,
  path: ReadonlyArray<PropertyKey> = [],
  within?: AST.AST
): ReadonlyArray<Issue> => {
  const here = (message: string): ReadonlyArray<Issue> => [{ path: formatPath(path), message }]
  switch (issue._tag) {
    case "Pointer":
      return issuesOf(issue.issue, path.concat(issue.path))
    case "MissingKey":
      return here(missingKey)
    case "UnexpectedKey":
      return here(unknownKey)
    case "Encoding":
      return issuesOf(issue.issue, path, issue.ast)
    case "Filter":
      return issuesOf(issue.issue, path, within)
    case "Composite":
      return issue.issues.flatMap((part) => issuesOf(part, path, issue.ast))
    case "AnyOf":
      return closest(issue.issues.map((member) => issuesOf(member, path))) ?? here(expectation(issue.ast))
    case "OneOf":
    case "InvalidType":
      return here(expectation(issue.ast))
    case "InvalidValue":
      return here(issue.annotations?.message ?? (within === undefined ? "is not valid" : expectation(within)))
    case "Forbidden":
      return here("cannot be read synchronously")
  }
}

/** Of a union's members the one that was meant: the one whose keys fit best, if any fits at all. */
const closest = (members: ReadonlyArray<ReadonlyArray<Issue>>): ReadonlyArray<Issue> | undefined => {
  const objects = members.filter((issues) => issues.some(({ message }) => !message.startsWith("expected ")))
  const misplaced = (issues: ReadonlyArray<Issue>) =>
    issues.filter(({ message }) => message === missingKey || message === unknownKey).length
  return objects.reduce<ReadonlyArray<Issue> | undefined>(
    (best, issues) => (best === undefined || misplaced(issues) < misplaced(best) ? issues : best),
    undefined
  )
}
