/** Whether an operation says of itself what its document says: method, path, places, headers, statuses. */
import { type OperationFacts, placeOf } from "../../src/internal/operation/operation.js"
import type { DocumentedOperation } from "./documents.js"
import { headerInputs, replayable } from "./intended.js"

/** Parameters in the path: how many, and in which order; the case of their names is the SDK's. */
const withSnakeIds = (path: string): string =>
  path.replace(
    /\{(\w+)\}/g,
    (_, name: string) => `{${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}}`
  )

const list = (values: ReadonlyArray<unknown>): string => [...values].map(String).sort().join(", ") || "none"

/** Headers that every HTTP client sets by itself. */
const clientHeaders = new Set(["content-length"])

export const factProblems = (
  document: DocumentedOperation,
  operation: OperationFacts
): ReadonlyArray<string> => {
  const problems: Array<string> = []
  const compare = (what: string, documented: unknown, ours: unknown) => {
    if (documented !== ours) problems.push(`${what}: the document says ${documented}, the SDK ${ours}`)
  }
  const has = (header: string) => document.headers.has(header)
  compare("HTTP method", document.http, operation.http)
  compare("path", withSnakeIds(document.path), withSnakeIds(operation.path))
  compare("statuses of success", list(document.success), list(operation.success))
  compare("kind of answer", document.response, operation.response)
  compare("kind of body", document.body, operation.body)
  compare("carries the credential", document.authenticated, operation.authenticated)
  compare("is a list behind cursors", document.paginated, operation.flags.paginated === true)
  compare("takes Idempotency-Key", has("idempotency-key"), operation.flags.idempotencyKey === true)
  compare("takes If-Match", has("if-match"), operation.flags.ifMatch === true)
  compare("takes If-None-Match", has("if-none-match"), operation.flags.conditional === true)
  compare("may answer 304", document.notModified, operation.flags.conditional === true)
  if (document.surface === "mailbox") {
    compare("takes mailbox_id", document.query.has("mailbox_id"), operation.flags.mailboxId === true)
  } else compare("takes mailbox_id as a target", false, operation.flags.mailboxId === true)
  compare(
    "may be replayed without a key",
    ["GET", "DELETE"].includes(document.http) || replayable.has(document.name),
    operation.replayable
  )
  const ours = new Set([
    "idempotency-key",
    "if-match",
    "if-none-match",
    ...(operation.response === "bytes" ? ["range"] : []),
    ...Object.values(operation.headers)
  ])
  for (const header of document.headers.keys()) {
    const key = headerInputs[header]
    const travelsInQuery = key !== undefined && document.query.has(key) && placeOf(operation, key) === "query"
    if (!ours.has(header) && !clientHeaders.has(header) && !travelsInQuery) {
      problems.push(`the document has the header ${header}, and the SDK cannot send it`)
    }
  }
  for (const [key, header] of Object.entries(operation.headers)) {
    if (!has(header)) problems.push(`the SDK sends ${key} as the header ${header}, which no document has`)
  }
  for (const key of operation.query) {
    if (!document.query.has(key))
      problems.push(`the SDK sends the query parameter ${key}, which no document has`)
  }
  return problems
}
