/**
 * The parts of a call that end at its deadline before anything is sent.
 */

import type * as Effect from "effect/Effect"
import { timeoutFailNow } from "../dialect/core.js"
import type { Caller } from "../dialect/fiber.js"
import type { APIError, DeadlineExceededError } from "../model/errors.js"
import type { Refusal } from "../model/limiter.js"
import type { PreparedRequest } from "../request/prepare.js"
import { deadlineExceeded } from "../response/deadline.js"
import { rateRefusal } from "../response/errors.js"
import type { CallState } from "../response/read.js"
import { CurrentDeadline } from "../timing/deadline.js"
import type { Exchange } from "./attempt.js"

/** Runs a part of a call before anything is sent, until the deadline at the latest. */
export const beforeDeadline = <A, E>(
  caller: Caller,
  { operation }: PreparedRequest,
  self: Effect.Effect<A, E>,
  awaited: "Input" | "RateLimit",
  state?: CallState
): Effect.Effect<A, E | DeadlineExceededError> => {
  const deadline = caller.valueOf(CurrentDeadline)
  if (!Number.isFinite(deadline)) return self
  return timeoutFailNow(self, Math.max(0, deadline - caller.now()), () =>
    deadlineExceeded({
      operation: operation.name,
      awaited,
      left: 0,
      attempts: state?.attempts ?? 0,
      uncertain: state?.mayBeRunning ?? false
    })
  )
}

/** The failure of a call that the limiter does not let wait. */
export const refusalOf = (
  { caller, request: { operation }, state }: Pick<Exchange<never, never>, "caller" | "request" | "state">,
  refusal: Refusal
): APIError | DeadlineExceededError => {
  const { attempts, deadline, mayBeRunning } = state
  const failure = rateRefusal({ operation, attempts }, refusal)
  const left = deadline - caller.now()
  return refusal.wait <= left
    ? failure
    : deadlineExceeded({
        operation: operation.name,
        awaited: "RateLimit",
        left,
        needed: refusal.wait,
        attempts,
        uncertain: mayBeRunning,
        failure
      })
}
