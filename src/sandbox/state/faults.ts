/**
 * Faults that a test orders: refusals, broken connections, lost answers, and slow ones.
 */
import type { Answer } from "../exchange.js"
import { codeFor, Refusal, rateHeaders, refusalAnswer } from "../exchange.js"

/** A fault of the next calls. */
export interface Fault {
  /** The operation it befalls, such as `sending.emails.send`. Default: whichever comes. */
  readonly operation?: string | undefined
  /** How many calls it befalls. Default: 1. */
  times?: number | undefined
  readonly kind: FaultKind
}

export type FaultKind =
  /** The rate limit refuses the call; `retryAfter` is in seconds. */
  | { readonly _tag: "RateLimited"; readonly retryAfter?: number | undefined }
  /** The server refuses the call without running it. */
  | {
      readonly _tag: "Refused"
      readonly status: number
      readonly code?: string | undefined
      readonly retryable?: boolean | undefined
      readonly retryAfter?: number | undefined
    }
  /** A proxy answers with a page of HTML. */
  | { readonly _tag: "BadGateway" }
  /** The connection breaks before the call is run. */
  | { readonly _tag: "ConnectionLost" }
  /** The call is run, and its answer never arrives. */
  | { readonly _tag: "AnswerLost" }
  /** The call is run, and its answer is cut short. */
  | { readonly _tag: "AnswerCut" }
  /** The answer takes so many milliseconds longer, by `Clock`. */
  | { readonly _tag: "Slow"; readonly millis: number }

/** The next fault that befalls an operation, used up by one call. */
export const takeFault = (faults: Array<Fault>, operation: string): FaultKind | undefined => {
  const index = faults.findIndex((fault) => fault.operation === undefined || fault.operation === operation)
  const fault = faults[index]
  if (fault === undefined) return undefined
  fault.times = (fault.times ?? 1) - 1
  if (fault.times <= 0) faults.splice(index, 1)
  return fault.kind
}

const lost: Answer = { status: 0, headers: {}, body: undefined, broken: "before" }

interface Circumstances {
  readonly requestId: string
  /** Requests a minute. */
  readonly limit: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** What a fault answers instead of running the call; `undefined` when the call is run. */
export const insteadOf = (
  fault: FaultKind | undefined,
  { limit, now, requestId }: Circumstances
): Answer | undefined => {
  switch (fault?._tag) {
    case "RateLimited": {
      const { retryAfter = 1 } = fault
      const answer = refusalAnswer(
        new Refusal("rate_limit_exceeded", "Too many requests", { retryAfter }),
        requestId
      )
      return { ...answer, headers: { ...answer.headers, ...rateHeaders(limit, 0, now + retryAfter * 1000) } }
    }
    case "Refused":
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
            message: "The sandbox was told to fail this call",
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
      return lost
    default:
      return undefined
  }
}

/** What becomes of an answer on its way back. */
export const onTheWayBack = (fault: FaultKind | undefined, answer: Answer): Answer => {
  if (fault?._tag === "AnswerLost") return lost
  return fault?._tag === "AnswerCut" ? { ...answer, broken: "midway" } : answer
}
