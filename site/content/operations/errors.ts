/** The errors that a call can fail with. */
import { factsOfCode } from "../../../src/sandbox/exchange.js"
import { read } from "../repository.js"
import type { Method, Operation } from "./source.js"

/** What each code of the API means for a caller. */
export const meanings: Readonly<Record<string, string>> = {
  invalid_parameter: "A parameter of the path or the query has an invalid value. `param` names it.",
  missing_parameter: "A required parameter is missing. `param` names it.",
  authentication_required: "The credential is missing, malformed, revoked or expired.",
  insufficient_credits: "The balance of the team does not pay for the request.",
  insufficient_permissions: "The credential is valid and may not do this.",
  billing_restricted: "The team may not send because of its billing.",
  not_found: "There is no such resource, or the credential may not see it.",
  conflict:
    "The resource is in a state that does not allow the request, or `ifMatch` names an old version of it.",
  limit_exceeded: "A limit of the team or of the plan is reached.",
  idempotency_conflict:
    "The idempotency key is in use by a request that is running, or was used with another body.",
  payload_too_large: "The request is larger than the API accepts.",
  validation_error: "The server found a problem with the input. `errors` has one element for each field.",
  rate_limit_exceeded: "There were too many requests. The SDK waits and retries within its budget.",
  internal_error: "The server failed. Whether it ran the request is not known.",
  service_unavailable: "The server cannot process the request at the moment.",
  no_active_providers: "The team has no active provider that may send the message.",
  invalid_delivery_group: "`delivery_group` is not the id of a delivery group.",
  delivery_group_not_found: "The team has no such delivery group.",
  delivery_group_not_allowed: "The credential is limited to other delivery groups.",
  delivery_group_scope_invalid: "The credential is limited to providers, so it may not name a delivery group."
}

interface Facts {
  readonly operations: Readonly<Record<string, { readonly responses: Readonly<Record<string, unknown>> }>>
}

const factsBySurface = new Map<string, Facts>()

/** The statuses of failures that the API documents for an operation, if the facts contain the operation. */
const statusesOf = ({ group, method, surface }: Operation): ReadonlyArray<number> => {
  let facts = factsBySurface.get(surface)
  if (facts === undefined) {
    facts = JSON.parse(read(`test/contract/facts/${surface}.json`)) as Facts
    factsBySurface.set(surface, facts)
  }
  return Object.keys(facts.operations[`${group}.${method}`]?.responses ?? {})
    .map(Number)
    .filter((status) => status >= 400)
}

const hasFlag = (operation: Operation, flag: string): boolean => flag in operation.flags

/** The codes with which the server says a status for an operation. */
const codesOf = (operation: Operation, status: number): ReadonlyArray<string> => {
  switch (status) {
    case 400:
      return ["invalid_parameter"]
    case 401:
      return ["authentication_required"]
    case 402:
      return ["insufficient_credits"]
    case 403:
      return ["insufficient_permissions"]
    case 404:
      return ["not_found"]
    case 409:
      return hasFlag(operation, "idempotencyKey") ? ["idempotency_conflict"] : ["conflict"]
    case 413:
      return ["payload_too_large"]
    case 422:
      return ["validation_error"]
    case 429:
      return ["rate_limit_exceeded"]
    case 500:
      return ["internal_error"]
    case 503:
      return ["service_unavailable"]
    default:
      return []
  }
}

/** The codes that the traits of an operation imply. */
const impliedCodes = (operation: Operation): ReadonlyArray<string> => [
  ...(operation.authenticated
    ? ["authentication_required", "insufficient_permissions", "rate_limit_exceeded"]
    : []),
  ...(operation.idCount > 0 ? ["not_found"] : []),
  ...(operation.input !== undefined && operation.body !== "none" ? ["validation_error"] : []),
  ...(operation.input !== undefined && operation.body === "none" ? ["invalid_parameter"] : []),
  ...(hasFlag(operation, "idempotencyKey") ? ["idempotency_conflict"] : []),
  ...(hasFlag(operation, "ifMatch") ? ["conflict"] : []),
  ...(operation.body === "bytes" ? ["payload_too_large"] : [])
]

export interface ExpectedError {
  readonly code: string
  readonly status: number
  readonly meaning: string
}

/** The codes to expect from an operation, by status: those of its docstring first make the list complete. */
export const errorsOf = ({ description, operation }: Method): ReadonlyArray<ExpectedError> => {
  const described = [...description.matchAll(/`([a-z]+(?:_[a-z]+)*)`/g)]
    .map(([, code = ""]) => code)
    .filter((code) => code in meanings)
  const documented = statusesOf(operation).flatMap((status) => codesOf(operation, status))
  return [...new Set([...described, ...documented, ...impliedCodes(operation)])]
    .map((code) => ({ code, status: factsOfCode(code)?.[0] ?? 0, meaning: meanings[code] ?? "" }))
    .sort((one, other) => one.status - other.status || (one.code < other.code ? -1 : 1))
}
