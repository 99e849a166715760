/**
 * The interface between the pipeline and a limiter of requests. The implementation is loaded only when a program provides
 * one of the layers of `RateLimit`.
 */
import type * as Effect from "effect/Effect"
import { type Reference, reference } from "../dialect/core.js"
import type { RateLimit } from "./errors.js"

/** The credential that a limit belongs to. */
export interface Limited {
  readonly surface: string
  readonly baseUrl: string
  /** The token, or `undefined` if an effect supplies it: the layer then counts as one credential. */
  readonly token: string | undefined
}

/** Makes the gates of credentials. Layers with the same credential share its gate. */
export interface Limiter {
  readonly gateOf: (limited: Limited) => Effect.Effect<Gate>
}

/** An attempt that asks to be sent. */
export interface Entering {
  readonly operation: string
  /** Milliseconds since the epoch, by the caller's clock. */
  readonly now: () => number
  /** How long the call may wait for its retries, in milliseconds, if its policy says so. */
  readonly budget: number | undefined
  /** How long the call has waited for the limit before, in milliseconds. */
  readonly waited: number
  /** When the call has to end, in milliseconds since the epoch. `Infinity` without a deadline. */
  readonly deadline: number
}

/** Decides when the requests of a credential are sent. */
export interface Gate {
  /** Succeeds when the request may be sent, and fails at once if that would be later than the call may wait. */
  readonly enter: (entering: Entering) => Effect.Effect<Permit, Refusal>
}

/** The permission to send one request. */
export interface Permit {
  /** How long the attempt waited for it, in milliseconds. */
  readonly waited: number
  /** The headers of the response have arrived. */
  readonly received: (response: LimitedResponse) => void
  /** The attempt has ended, in whichever way. It may be called more than once. */
  readonly ended: (now: number) => void
}

/** What a response says about the limit. */
export interface LimitedResponse {
  readonly status: number
  readonly rateLimit: RateLimit | undefined
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfter: number | undefined
  /** The `Date` header. */
  readonly date: string | undefined
  /** When the response arrived, in milliseconds since the epoch. */
  readonly now: number
}

/** The request may not be sent in time. */
export interface Refusal {
  /** How long the request would have to wait, in milliseconds. */
  readonly wait: number
  /** How long the call may still wait, in milliseconds. */
  readonly allowed: number
  /** The limit as far as it is known. */
  readonly rateLimit: RateLimit | undefined
}

/** The limiter of a layer, resolved when the layer is built. */
export const CurrentLimiter: Reference<Limiter | undefined> = reference<Limiter | undefined>(
  "effect-sendmux/RateLimit/CurrentLimiter",
  () => undefined
)
