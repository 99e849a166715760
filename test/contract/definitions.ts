/** Compares the definition of an operation with its facts: method, path, places of parameters, headers, statuses. */
import { type OperationFacts, placeOf } from "../../src/internal/operation/operation.js"
import type { DocumentedOperation } from "./contract.js"
import { headerInputs, replayable } from "./intended.js"

/** A path with the names of its parameters in snake case, which the SDK uses everywhere. */
const withSnakeIds = (path: string): string =>
  path.replace(
    /\{(\w+)\}/g,
    (_, name: string) => `{${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}}`
  )

const list = (values: ReadonlyArray<unknown>): string => [...values].map(String).sort().join(", ") || "none"

/** Headers that every HTTP client sets by itself. */
const clientHeaders = new Set(["content-length"])

/** Each difference between the definition of an operation and its facts. */
export const definitionProblems = (
  document: DocumentedOperation,
  operation: OperationFacts
): ReadonlyArray<string> => {
  const problems: Array<string> = []
  const compare = (what: string, documented: unknown, ours: unknown) => {
    if (documented !== ours) problems.push(`${what}: the API documents ${documented}, the SDK has ${ours}`)
  }
  const has = (header: string) => document.headers.has(header)
  compare("HTTP method", document.http, operation.http)
  compare("path", withSnakeIds(document.path), withSnakeIds(operation.path))
  compare("success statuses", list(document.success), list(operation.success))
  compare("kind of response", document.response, operation.response)
  compare("kind of body", document.body, operation.body)
  compare("sends the credential", document.authenticated, operation.authenticated)
  compare("is a cursor list", document.paginated, operation.flags.paginated === true)
  compare("accepts Idempotency-Key", has("idempotency-key"), operation.flags.idempotencyKey === true)
  compare("accepts If-Match", has("if-match"), operation.flags.ifMatch === true)
  compare("accepts If-None-Match", has("if-none-match"), operation.flags.conditional === true)
  compare("accepts Range", has("range"), operation.flags.range === true)
  compare("may respond with 304", document.notModified, operation.flags.conditional === true)
  if (document.surface === "mailbox") {
    compare("accepts mailbox_id", document.query.has("mailbox_id"), operation.flags.mailboxId === true)
  } else compare("accepts mailbox_id as a target", false, operation.flags.mailboxId === true)
  compare(
    "is retried without an idempotency key",
    ["GET", "DELETE"].includes(document.http) || replayable.has(document.name),
    operation.replayable
  )
  const ours = new Set([
    "idempotency-key",
    "if-match",
    "if-none-match",
    "range",
    ...Object.values(operation.headers)
  ])
  for (const header of document.headers.keys()) {
    const key = headerInputs[header]
    const travelsInQuery = key !== undefined && document.query.has(key) && placeOf(operation, key) === "query"
    if (!ours.has(header) && !clientHeaders.has(header) && !travelsInQuery) {
      problems.push(`the API documents the header ${header}, and the SDK cannot send it`)
    }
  }
  for (const [key, header] of Object.entries(operation.headers)) {
    if (!has(header))
      problems.push(`the SDK sends ${key} as the header ${header}, which the API does not document`)
  }
  for (const key of operation.query) {
    if (!document.query.has(key))
      problems.push(`the SDK sends the query parameter ${key}, which the API does not document`)
  }
  return problems
}
