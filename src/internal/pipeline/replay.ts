/**
 * Which failed attempts may be followed by another: the rules of `docs/errors-and-retries.md`.
 */
import type { SendmuxError } from "../model/errors.js"
import type { PreparedRequest } from "../request/prepare.js"
import { isRetryableStatus } from "../response/errors.js"

export const mayRetry = (
  request: Pick<PreparedRequest, "replayable" | "hasKey">,
  error: SendmuxError
): boolean => {
  if (error._tag === "TransportError") {
    // Without a token nothing was sent, so nothing can happen twice.
    if (error.reason === "AccessToken") return true
    return request.replayable && error.reason !== "TooLarge"
  }
  if (error._tag !== "APIError") return false
  // The call's own earlier request is still running: its response is available when it has finished.
  if (error.code === "idempotency_conflict") return request.hasKey && error.attempts > 1
  if (!error.retryable || error.code === "no_active_providers") return false
  if (!isRetryableStatus(error.status) && error.truncated !== true) return false
  // The server has not run a request that the rate limit refused, so nothing can happen twice.
  return error.status === 429 || request.replayable
}
