/**
 * Faults that a test injects: error responses, broken connections, lost responses and delays.
 */
import type { LocalResponse } from "../../internal/dialect/shared/localClient.js"
import { ApiFailure, codeFor, failureResponse, rateHeaders } from "../exchange.js"
import { closestName } from "../../internal/values/closest.js"
import { isOperationName, type OperationName, operationNames } from "./operationNames.js"

/** A fault that applies to the next calls. */
export interface Fault {
  /** The operation that the fault applies to, such as `sending.emails.send`. Default: all operations. */
  readonly operation?: OperationName | undefined
  /** The number of calls that the fault applies to. Default: 1, or without limit if `probability` is set. */
  readonly times?: number | undefined
  /**
   * The probability with which the fault applies to a call, greater than 0 and at most 1. The choice is the same in every
   * run. Default: 1.
   */
  readonly probability?: number | undefined
  readonly kind: FaultKind
}

export type FaultKind =
  /** The rate limit rejects the call with status 429. `retryAfter` is in seconds, 1 by default. */
  | { readonly _tag: "RateLimited"; readonly retryAfter?: number | undefined }
  /** The server responds with an error, and the call does not run. `retryAfter` is in seconds. */
  | {
      readonly _tag: "ErrorResponse"
      readonly status: number
      readonly code?: string | undefined
      readonly retryable?: boolean | undefined
      readonly retryAfter?: number | undefined
    }
  /** A proxy responds with status 502 and an HTML page. */
  | { readonly _tag: "BadGateway" }
  /** The connection breaks before the call runs. */
  | { readonly _tag: "ConnectionLost" }
  /** The call runs, but its response never arrives. */
  | { readonly _tag: "ResponseLost" }
  /** The call runs, but its response body is truncated. */
  | { readonly _tag: "ResponseTruncated" }
  /** The response is delayed by the given number of milliseconds, measured by `Clock`. */
  | { readonly _tag: "Slow"; readonly millis: number }

/** A fault whose operation may be misspelled. */
type UncheckedFault = Omit<Fault, "operation"> & { readonly operation?: string | undefined }

/** What is wrong with a fault, and where. */
export interface FaultProblem {
  readonly field: string
  readonly message: string
}

const kinds: ReadonlySet<string> = new Set<FaultKind["_tag"]>([
  "RateLimited",
  "ErrorResponse",
  "BadGateway",
  "ConnectionLost",
  "ResponseLost",
  "ResponseTruncated",
  "Slow"
])

/** Returns what keeps a fault from being applied, or `undefined`. */
export const faultProblem = ({
  kind,
  operation,
  probability,
  times
}: UncheckedFault): FaultProblem | undefined => {
  const problem = (field: string, message: string): FaultProblem => ({ field, message })
  if (operation !== undefined && !isOperationName(operation)) {
    const closest = closestName(operation, operationNames)
    return problem(
      "operation",
      `must be the name of an operation, but ${operation} is not${closest === undefined ? "" : `. Did you mean ${closest}?`}`
    )
  }
  if (times !== undefined && !(Number.isInteger(times) && times > 0)) {
    return problem("times", "must be a positive integer")
  }
  if (probability !== undefined && !(probability > 0 && probability <= 1)) {
    return problem("probability", "must be greater than 0 and at most 1")
  }
  if (!kinds.has(kind._tag)) {
    const closest = closestName(kind._tag, kinds)
    return problem(
      "kind._tag",
      `must be one of ${[...kinds].join(", ")}${closest === undefined ? "" : `. Did you mean ${closest}?`}`
    )
  }
  if (
    kind._tag === "ErrorResponse" &&
    !(Number.isInteger(kind.status) && kind.status >= 400 && kind.status <= 599)
  ) {
    return problem("kind.status", "must be an integer from 400 to 599")
  }
  if ("retryAfter" in kind && kind.retryAfter !== undefined && !(kind.retryAfter >= 0)) {
    return problem("kind.retryAfter", "must not be negative")
  }
  return kind._tag === "Slow" && !(kind.millis >= 0)
    ? problem("kind.millis", "must not be negative")
    : undefined
}

/** Throws a `RangeError` if a fault could not be applied. */
export const checkFault = (fault: Fault): void => {
  const problem = faultProblem(fault)
  if (problem !== undefined) {
    throw new RangeError(`Sandbox: the field ${problem.field} of the fault ${problem.message}`)
  }
}

/** A fault and the number of calls that it still applies to. */
export interface PendingFault {
  readonly id: string
  readonly fault: Fault
  /** The number of calls that it applied to. */
  hits: number
  remaining: number
}

export const pendingFault = (id: string, fault: Fault): PendingFault => ({
  id,
  fault,
  hits: 0,
  remaining: fault.times ?? (fault.probability === undefined ? 1 : Number.POSITIVE_INFINITY)
})

/** Takes the first fault that applies to an operation. `random` makes numbers in [0, 1). */
export const takeFault = (
  pending: Array<PendingFault>,
  operation: string,
  random: () => number
): PendingFault | undefined => {
  const index = pending.findIndex(
    ({ fault }) =>
      (fault.operation === undefined || fault.operation === operation) &&
      (fault.probability === undefined || random() < fault.probability)
  )
  const found = pending[index]
  if (found === undefined) return undefined
  found.remaining--
  found.hits++
  if (found.remaining <= 0) pending.splice(index, 1)
  return found
}

const lostResponse: LocalResponse = { status: 0, headers: {}, body: undefined, broken: "before" }

interface CallFacts {
  readonly requestId: string
  /** The rate limit in requests per minute. */
  readonly limit: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** The response of a fault that replaces the call, or `undefined` if the call runs. */
export const responseInstead = (
  fault: FaultKind | undefined,
  { limit, now, requestId }: CallFacts
): LocalResponse | undefined => {
  switch (fault?._tag) {
    case "RateLimited": {
      const { retryAfter = 1 } = fault
      const failure = new ApiFailure("rate_limit_exceeded", "Too many requests", { retryAfter })
      const response = failureResponse(failure, requestId)
      return {
        ...response,
        headers: { ...response.headers, ...rateHeaders(limit, 0, now + retryAfter * 1000) }
      }
    }
    case "ErrorResponse":
      return {
        status: fault.status,
        headers: {
          "content-type": "application/json",
          ...(fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) })
        },
        body: JSON.stringify({
          ok: false,
          error: {
            code: fault.code ?? codeFor(fault.status),
            message: "A fault was injected into this call",
            retryable: fault.retryable ?? (fault.status === 429 || fault.status >= 500)
          },
          meta: { request_id: requestId }
        })
      }
    case "BadGateway":
      return {
        status: 502,
        headers: { "content-type": "text/html" },
        body: "<html><body><h1>502 Bad Gateway</h1></body></html>"
      }
    case "ConnectionLost":
      return lostResponse
    default:
      return undefined
  }
}

/** Applies a fault to the response of a call that ran. */
export const responseWithFault = (fault: FaultKind | undefined, response: LocalResponse): LocalResponse => {
  if (fault?._tag === "ResponseLost") return lostResponse
  return fault?._tag === "ResponseTruncated" ? { ...response, broken: "midway" } : response
}
