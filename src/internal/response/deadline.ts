/**
 * The error of a call that meets its deadline.
 */
import * as Duration from "effect/Duration"
import { unchecked } from "../dialect/schema.js"
import type { StreamEnd } from "../dialect/stream.js"
import { DeadlineExceededError, type SendmuxError, type SendmuxStreamError } from "../model/errors.js"
import { operationName } from "../operation/operation.js"
import type { AttemptContext } from "./context.js"

/** What is known about a call that cannot end before its deadline. */
export interface Late {
  readonly operation: string
  readonly awaited: DeadlineExceededError["awaited"]
  /** Milliseconds until the deadline. */
  readonly left: number
  readonly attempts: number
  /** The milliseconds of a wait that does not fit. */
  readonly needed?: number
  readonly uncertain?: boolean
  /** The last failure. Only one of the API or of the transport is kept. */
  readonly failure?: SendmuxStreamError | undefined
}

export const deadlineExceeded = (late: Late): DeadlineExceededError => {
  const { attempts, awaited, failure, left, needed, operation, uncertain = false } = late
  return new DeadlineExceededError(
    {
      operation,
      awaited,
      remaining: Duration.millis(Math.max(0, left)),
      needed: needed === undefined ? undefined : Duration.millis(needed),
      attempts,
      uncertain,
      failure: failure?._tag === "APIError" || failure?._tag === "TransportError" ? failure : undefined
    },
    unchecked
  )
}

/** The end of a stream whose call has a deadline. */
export const streamEndOf = (context: AttemptContext): StreamEnd<SendmuxError> | undefined =>
  Number.isFinite(context.deadline)
    ? {
        at: context.deadline,
        onPassed: () =>
          deadlineExceeded({
            operation: operationName(context.operation),
            awaited: "Response",
            left: 0,
            attempts: context.attempts
          })
      }
    : undefined
