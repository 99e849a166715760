/**
 * What one attempt knows when it reads its response.
 */
import type { OperationFacts } from "../operation/operation.js"
import type { DriftObserver } from "./drift.js"

export interface AttemptContext {
  readonly operation: OperationFacts
  readonly attempts: number
  /** Milliseconds since the epoch, by `Clock`. */
  readonly now: number
  /** What must never be quoted, in case the server echoes it. */
  readonly secrets: ReadonlyArray<string>
  /** The largest response body in bytes, after decompression. */
  readonly maxBytes: number
  /** How long a stream of bytes may pause, in milliseconds. */
  readonly idleTimeout: number
  /** When the call and its stream have to end, in milliseconds since the epoch. `Infinity` without a deadline. */
  readonly deadline: number
  /** Set if an observer is told of the responses. */
  readonly drift?: DriftObserver | undefined
}
