/**
 * What a failed request means for its messages.
 */
import * as Duration from "effect/Duration"
import type { APIError, SendmuxError, TransportError } from "../internal/model/errors.js"
import { codeOfStatus } from "../internal/model/failure.js"
import { leavesRequestRunning } from "../internal/pipeline/replay.js"
import type { UnconfirmedReason } from "./ledger/model.js"
import type { StopReason } from "./model.js"

export type Verdict =
  /** Send the same request again. `taken` says whether the server may have accepted it. */
  | { readonly _tag: "Retry"; readonly taken: boolean; readonly hint: number }
  /** The rate limit refused it. */
  | { readonly _tag: "Limited"; readonly hint: number | undefined }
  /** The key is in use by a request that is still running, or was used for another one. */
  | { readonly _tag: "Conflict"; readonly hint: number }
  /** The server refused its messages, and accepted none. */
  | { readonly _tag: "Invalid"; readonly error: APIError }
  /** Every further request would fail in the same way. Nothing was accepted. */
  | { readonly _tag: "Stop"; readonly reason: StopReason }
  /** The deadline does not allow another attempt. `taken` says whether the server may have accepted the last one. */
  | { readonly _tag: "Late"; readonly taken: boolean }
  /** The server accepted it, but the outcomes cannot be read. */
  | { readonly _tag: "Unreadable"; readonly reason: UnconfirmedReason }

export const verdictOf = (error: SendmuxError): Verdict => {
  switch (error._tag) {
    case "InvalidRequestError":
      return { _tag: "Stop", reason: "refused" }
    case "ResponseDecodeError":
      return { _tag: "Unreadable", reason: "undecodable" }
    case "TransportError":
      return ofTransport(error)
    case "DeadlineExceededError":
      return { _tag: "Late", taken: error.uncertain }
    case "APIError":
      return ofApi(error)
  }
}

const ofTransport = (error: TransportError): Verdict =>
  error.reason === "TooLarge"
    ? { _tag: "Unreadable", reason: "undecodable" }
    : { _tag: "Retry", taken: leavesRequestRunning(error), hint: 0 }

const ofApi = (error: APIError): Verdict => {
  const { code, status } = error
  const hint = error.retryAfter === undefined ? undefined : Duration.toMillis(error.retryAfter)
  if (code === "idempotency_conflict") return { _tag: "Conflict", hint: hint ?? 0 }
  if (code === "no_active_providers") return { _tag: "Stop", reason: "providers" }
  // Anything in between the client and the API may have produced a response without the envelope.
  const fromApi = code !== codeOfStatus(status)
  switch (status) {
    case 401:
      return { _tag: "Stop", reason: "credentials" }
    case 402:
      return { _tag: "Stop", reason: "credits" }
    case 403:
      // The delivery group of a message may be refused, which says nothing about the other messages.
      return code.includes("delivery_group")
        ? { _tag: "Invalid", error }
        : { _tag: "Stop", reason: "forbidden" }
    case 400:
    case 422:
      return fromApi ? { _tag: "Invalid", error } : { _tag: "Stop", reason: "refused" }
    case 413:
      return { _tag: "Invalid", error }
    case 408:
    case 499:
      return { _tag: "Retry", taken: true, hint: hint ?? 0 }
    case 429:
      return { _tag: "Limited", hint }
    case 503:
      // The API responds with 503 if it could queue none of the messages.
      return { _tag: "Retry", taken: !fromApi, hint: hint ?? 0 }
    default:
      return status >= 500
        ? { _tag: "Retry", taken: true, hint: hint ?? 0 }
        : { _tag: "Stop", reason: "refused" }
  }
}
