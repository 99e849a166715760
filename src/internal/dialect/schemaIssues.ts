/**
 * The dialect's part for messages about values that do not fit a schema.
 */
import type * as ParseResult from "effect/ParseResult"
import * as AST from "effect/SchemaAST"

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

const expectation = (ast: AST.AST): string => {
  const description = AST.getDescriptionAnnotation(ast)
  return `expected ${description._tag === "Some" ? description.value : String(AST.typeAST(ast))}`
}

const missingKey = "is missing"
const unknownKey = "is not a known field"

/** The issues of the interpreter as text without values. */
export const issuesOf = (
  issue: ParseResult.ParseIssue,
  path: ReadonlyArray<PropertyKey> = []
): ReadonlyArray<Issue> => {
  const here = (message: string): ReadonlyArray<Issue> => [{ path: formatPath(path), message }]
  switch (issue._tag) {
    case "Pointer":
      return issuesOf(issue.issue, path.concat(issue.path))
    case "Missing":
      return here(missingKey)
    case "Unexpected":
      return here(unknownKey)
    case "Transformation":
      return issue.kind === "Transformation" ? here(expectation(issue.ast)) : issuesOf(issue.issue, path)
    case "Refinement": {
      if (issue.kind === "From") return issuesOf(issue.issue, path)
      const broken = issue.issue._tag === "Type" ? issue.issue.message : undefined
      return here(broken ?? expectation(issue.ast))
    }
    case "Composite": {
      const inner = isIssue(issue.issues) ? [issue.issues] : issue.issues
      return AST.isUnion(issue.ast)
        ? (closest(inner.map((member) => issuesOf(member, path))) ?? here(expectation(issue.ast)))
        : inner.flatMap((part) => issuesOf(part, path))
    }
    case "Type":
      return here(expectation(issue.ast))
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

const isIssue = (
  issues: ParseResult.SingleOrNonEmpty<ParseResult.ParseIssue>
): issues is ParseResult.ParseIssue => "_tag" in issues
