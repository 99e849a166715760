/**
 * Which failed attempts may be followed by another: the rules of `docs/errors-and-retries.md`.
 */
import type { SendmuxError } from "../model/errors.js"
import { codeOfStatus, isRetryableStatus } from "../model/failure.js"
import { isTokenFailure, notSent } from "../model/transient.js"
import type { PreparedRequest } from "../request/prepare.js"

/** Whether the server may be running the request of a failed attempt, because the API has not responded to it. */
export const leavesRequestRunning = (error: SendmuxError): boolean => {
  if (error._tag === "TransportError") {
    return !isTokenFailure(error) && !notSent.has(error.systemCode ?? "")
  }
  if (error._tag === "DeadlineExceededError") return error.uncertain
  return (
    error._tag === "APIError" && error.code === codeOfStatus(error.status) && proxyTimeouts.has(error.status)
  )
}

/** The statuses with which a proxy gives up on a request that the API may still be running. */
const proxyTimeouts: ReadonlySet<number> = new Set([408, 499, 502, 504, 520, 522, 524])

/** Whether a call may be sent again. `mayBeRunning`: the server may still be running one of its earlier attempts. */
export const mayRetry = (
  request: Pick<PreparedRequest, "replayable" | "hasKey" | "waitsForKey" | "sentOnce">,
  mayBeRunning: boolean,
  error: SendmuxError
): boolean => {
  if (request.sentOnce === true) return false
  if (error._tag === "TransportError") {
    // Without a token nothing was sent, so nothing can happen twice.
    if (error.reason === "AccessToken") return true
    if (error.reason === "LoginRequired") return false
    return request.replayable && error.reason !== "TooLarge"
  }
  if (error._tag !== "APIError") return false
  // The request that is running may be the call's own: its response is available when it has finished.
  if (error.code === "idempotency_conflict") return request.hasKey && (request.waitsForKey || mayBeRunning)
  if (!error.retryable || error.code === "no_active_providers") return false
  if (!isRetryableStatus(error.status) && error.truncated !== true) return false
  // The server has not run a request that the rate limit refused, so nothing can happen twice.
  return error.status === 429 || request.replayable
}
