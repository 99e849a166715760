/**
 * The types of deduplication: what a store must implement, its options, and its error.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { DurationInput } from "../../internal/dialect/core.js"
import { literals, TaggedError } from "../../internal/dialect/schema.js"

/**
 * The store of handled events failed. The handlers then respond with 500, so that Sendmux retries the delivery.
 *
 * @since 0.1.0
 * @category errors
 */
export class DedupeStoreError extends TaggedError<DedupeStoreError>("effect-sendmux/DedupeStoreError")(
  "DedupeStoreError",
  {
    /** The operation that failed. */
    action: literals("isDone", "markDone"),
    /** A human-readable description of the failure. */
    reason: Schema.String
  }
) {
  override get message(): string {
    return `The store of handled events failed (${this.action}): ${this.reason}`
  }
}

/**
 * The operations that a custom store implements.
 *
 * @since 0.1.0
 * @category models
 */
export interface DedupeBackend {
  /** Returns whether the event was handled successfully. */
  readonly isDone: (eventId: string) => Effect.Effect<boolean, DedupeStoreError>
  /** Records that the event was handled successfully. Keep the record for more than the 24 hours of Sendmux's retries. */
  readonly markDone: (eventId: string) => Effect.Effect<void, DedupeStoreError>
}

/**
 * The outcome of `once`.
 *
 * - `Handled`: the handler ran and succeeded.
 * - `Duplicate`: the event was handled before, or another fiber handled it while this call waited.
 * - `Failed`: another fiber was handling the event while this call waited, and that handler failed.
 *
 * @since 0.1.0
 * @category models
 */
export type OnceResult = "Handled" | "Duplicate" | "Failed"

/**
 * The service behind `DedupeStore`.
 *
 * @since 0.1.0
 * @category services
 */
export interface DedupeStoreService extends DedupeBackend {
  /**
   * Runs `handle` unless the event was handled before, and records the event only if `handle` succeeds.
   *
   * While it runs, other calls for the same event in this process wait and share its outcome. If the running call is
   * interrupted, one of the waiting calls runs its own `handle` instead. Fails with the error of `handle`, or with
   * `DedupeStoreError` if the store cannot be read.
   */
  readonly once: <E, R>(
    eventId: string,
    handle: Effect.Effect<unknown, E, R>
  ) => Effect.Effect<OnceResult, E | DedupeStoreError, R>
}

/**
 * The limits of a store in memory.
 *
 * @since 0.1.0
 * @category options
 */
export interface DedupeMemoryOptions {
  /** The maximum number of events to remember. The oldest are dropped first. The default is 100,000. */
  readonly capacity?: number | undefined
  /** The time for which an event is remembered. The default is 7 days. */
  readonly maxAge?: DurationInput | undefined
}

/**
 * The options of a store over the platform's `KeyValueStore`.
 *
 * @since 0.1.0
 * @category options
 */
export interface DedupeKeyValueOptions {
  /** The prefix of every key. The default is `sendmux-webhook-`. */
  readonly prefix?: string | undefined
  /** The time for which an event is remembered. The default is 7 days. */
  readonly maxAge?: DurationInput | undefined
}
