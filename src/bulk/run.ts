/**
 * What the parts of one run share: its limits, its ledger, its counts, and the gate that the rate limit closes.
 */
import * as Effect from "effect/Effect"
import { maxTimerMillis, now, random } from "../internal/dialect/core.js"
import { unchecked } from "../internal/dialect/schema.js"
import { makeBell } from "../internal/dialect/shared/wakeups.js"
import type { SendmuxError } from "../internal/model/errors.js"
import type { RetryPolicy } from "../internal/model/options.js"
import { hintJitter } from "../internal/timing/backoff.js"
import * as Retry from "../internal/timing/retry.js"
import type { SendEncoded } from "../sending/emails/batch.js"
import { LedgerError, type LedgerService, type Lease } from "./ledger/model.js"
import type { Limits } from "./limits.js"
import { BulkStopped, type Outcome, type StopReason } from "./model.js"
import type { ProgressSink } from "./progress.js"

export interface RunSettings {
  readonly scope: string
  /** Identifies this run among the runners of the ledger. */
  readonly runner: string
  readonly limits: Limits
  readonly ledger: LedgerService
  readonly send: SendEncoded
  readonly progress: ProgressSink | undefined
  /**
   * When to continue chunks that other runners have left: `always`, or only while a message of the source is in flight
   * elsewhere.
   */
  readonly takesOver: "always" | "ifNeeded"
  /** Whether to emit the outcomes of such chunks. A source that produces their messages again emits them itself. */
  readonly emitsTakenOver: boolean
}

export interface Run extends RunSettings {
  /** The policy of one attempt. Its budget is for waits before the attempt. */
  readonly policy: RetryPolicy
  /** Makes a claim on a chunk, which no other claim equals. */
  readonly claim: (until: number) => Lease
  /** Waits until the rate limit allows requests, or the run stops. */
  readonly gate: Effect.Effect<void>
  /** Closes the gate for a number of milliseconds. */
  readonly pause: (time: number, millis: number) => Effect.Effect<void>
  /** Waits for a number of milliseconds, and ends early if the run stops. */
  readonly wait: (millis: number) => Effect.Effect<void>
  /** When the gate opens, in epoch milliseconds. */
  readonly pausedUntil: () => number
  readonly count: (outcome: Outcome, time: number) => void
  /** Stops the run. Only the first call decides with which error, and later ones add to the number in flight. */
  readonly stop: (cause: StopCause, inFlight: number) => void
  readonly stopped: () => boolean
  /** The error with which a stopped run ends. */
  readonly failure: () => BulkStopped | LedgerError | undefined
}

type StopCause = LedgerError | { readonly reason: StopReason; readonly error: SendmuxError }

export const makeRun = (settings: RunSettings): Run => {
  const { limits, progress } = settings
  const counts = { Queued: 0, Rejected: 0, Unconfirmed: 0 }
  let pausedUntil = 0
  let cause: StopCause | undefined
  let inFlight = 0
  let claims = 0
  if (limits.total !== undefined) progress?.expect(limits.total)

  const bell = makeBell()
  const stopped = () => cause !== undefined
  const wait = (millis: number) => bell.wait(stopped, Math.min(millis, maxTimerMillis))

  const gate: Effect.Effect<void> = Effect.flatMap(now, (time) =>
    pausedUntil > time && !stopped() ? Effect.flatMap(wait(pausedUntil - time), () => gate) : Effect.void
  )

  return {
    ...settings,
    policy: Retry.policy({ maxAttempts: 1, budget: limits.maxWait }),
    claim: (until) => ({ runner: settings.runner, owner: `${settings.runner}/${++claims}`, until }),
    gate,
    pause: (time, millis) =>
      Effect.flatMap(random, (random) => {
        const until = Math.ceil(time + millis + hintJitter(1_000, random))
        if (until <= pausedUntil) return Effect.void
        pausedUntil = until
        progress?.wait(time, until)
        return Effect.logInfo(`${settings.scope}: the rate limit allows no request for ${until - time} ms`)
      }),
    wait,
    pausedUntil: () => pausedUntil,
    count: (outcome, time) => {
      counts[outcome._tag]++
      progress?.outcome(outcome, time)
    },
    stop: (given, uncertain) => {
      cause ??= given
      inFlight += uncertain
      bell.ring()
    },
    stopped,
    failure: () => {
      if (cause === undefined || cause instanceof LedgerError) return cause
      const { error, reason } = cause
      const { Queued: queued, Rejected: rejected, Unconfirmed: unconfirmed } = counts
      const settled = queued + rejected + unconfirmed
      return new BulkStopped(
        {
          reason,
          error,
          retryAfter: error._tag === "APIError" ? error.retryAfter : undefined,
          queued,
          rejected,
          unconfirmed,
          inFlight,
          remaining: limits.total === undefined ? undefined : Math.max(0, limits.total - settled)
        },
        unchecked
      )
    }
  }
}
