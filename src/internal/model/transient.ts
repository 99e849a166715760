/**
 * Stands apart from `errors.ts`, because the entry modules re-export everything in that file.
 */
import { APIError, TransportError } from "./errors.js"

/**
 * Whether a failure is transient: the network or the source of the credential failed, or the server reported a failure
 * that a later request may not meet. It does not say whether a call may be sent twice; `mayRetry` in the pipeline
 * decides that.
 */
export const isTransient = (error: unknown): error is TransportError | APIError =>
  (error instanceof TransportError && error.reason !== "TooLarge") ||
  (error instanceof APIError && error.retryable)
