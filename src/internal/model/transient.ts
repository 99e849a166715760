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
  (error instanceof TransportError && error.reason !== "TooLarge" && error.reason !== "LoginRequired") ||
  (error instanceof APIError && error.retryable)

/** Whether a call failed because there was no access token, so that nothing was sent. */
export const isTokenFailure = ({ reason }: TransportError): boolean =>
  reason === "AccessToken" || reason === "LoginRequired"

/** The system's codes of connections that were never established. */
export const notSent: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT"
])
