/**
 * Stands apart from `errors.ts`, because the entry modules re-export everything in that file.
 */
import { unchecked } from "../dialect/schema.js"
import { InvalidRequestError, type RequestIssue } from "./errors.js"

/** Makes the error of a call whose arguments are invalid, from one problem or from all of them. */
export const invalidRequest = (
  operation: string,
  problem: string | ReadonlyArray<RequestIssue>
): InvalidRequestError =>
  new InvalidRequestError(
    { operation, issues: typeof problem === "string" ? [{ path: "", message: problem }] : problem },
    unchecked
  )
