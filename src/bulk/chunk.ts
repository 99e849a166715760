/**
 * Sends one chunk, as often as it takes to know the outcomes of its messages.
 *
 * A chunk is recorded before it is sent. As long as every attempt was refused, it is certain that the server has not
 * accepted it, and it may be released. After the first attempt without such a refusal it is uncertain, and stays so: then
 * only its own response ends it, under the same key and with the same bytes, or the end of the time for which the server
 * remembers the key.
 */
import * as Effect from "effect/Effect"
import { catchAll, now, random } from "../internal/dialect/core.js"
import { endingOf } from "../internal/dialect/fiber.js"
import type { APIError, SendmuxError } from "../internal/model/errors.js"
import { doubled, withJitter } from "../internal/timing/backoff.js"
import { currentDeadline } from "../internal/timing/deadline.js"
import * as Retry from "../internal/timing/retry.js"
import { type BatchData, outcomesOf, unexplained } from "../sending/emails/batch.js"
import type { BatchItemError } from "../sending/emails/schemas.js"
import type {
  FreeState,
  Lease,
  LedgerChunk,
  LedgerError,
  SettledState,
  UnconfirmedReason
} from "./ledger/model.js"
import type { StopReason } from "./model.js"
import type { Run } from "./run.js"
import { verdictOf } from "./verdict.js"

/** How the sending of a chunk ended. */
export type ChunkEnd =
  /**
   * The outcomes are recorded, in the order of the items. `Free` means that the message has to be sent again. `limited` is
   * the error of a message that the rate limit has refused as often as messages are sent again.
   */
  | {
      readonly _tag: "Settled"
      readonly states: ReadonlyArray<SettledState | FreeState>
      readonly limited?: BatchItemError | undefined
    }
  /** Another runner has the chunk, or has settled it. */
  | { readonly _tag: "Lost" }
  /** Released, because the rate limit refused it. */
  | { readonly _tag: "Postponed" }
  /** Released, because the server refused a message of it: its messages have to be sent one by one. */
  | { readonly _tag: "Split" }
  /** The run has to stop. `inFlight`: how many messages the server may have accepted. */
  | {
      readonly _tag: "Stopped"
      readonly reason: StopReason
      readonly error: SendmuxError
      readonly inFlight: number
    }

const baseDelay = 500
const maxDelay = 30_000

/** How long a request or a message waits before it is sent again, after a number of earlier failures. */
export const delayAfter = (failures: number): number => doubled(baseDelay, maxDelay, failures)

/** How long a key may be in conflict before the request under it cannot be one that is still running. */
const maxConflict = 5 * 60_000

/** The server remembers a key for 24 hours. The margin covers the attempt itself and clocks that differ. */
const replayWindow = 24 * 3_600_000 - 10 * 60_000

const lost: ChunkEnd = { _tag: "Lost" }

/**
 * `lease`: the claim on the chunk. `continued`: the chunk was recorded by an earlier runner, which may have sent it.
 * `retries`: how often this run has sent each item again.
 */
export const sendChunk = (
  run: Run,
  chunk: LedgerChunk,
  lease: Lease,
  continued: boolean,
  retries: ReadonlyArray<number>
): Effect.Effect<ChunkEnd, LedgerError> =>
  Effect.suspend(() => {
    const { ledger, limits, scope } = run
    let uncertain = continued
    let { sentAt } = chunk
    let failures = 0
    let failingSince: number | undefined
    let conflictSince: number | undefined
    let fresh = !continued
    let latest: SendmuxError | undefined

    const settle = (states: ReadonlyArray<SettledState | FreeState>): Effect.Effect<ChunkEnd, LedgerError> =>
      Effect.map(ledger.settle(scope, chunk, states), (done) => (done ? { _tag: "Settled", states } : lost))

    const unconfirmed = (reason: UnconfirmedReason) =>
      settle(chunk.items.map(() => ({ _tag: "Unconfirmed", reason })))

    /** Gives the chunk up: releases it if it was certainly not accepted, otherwise leaves it to the next run. */
    const giveUp = Effect.suspend(() =>
      uncertain
        ? ledger.renew(scope, chunk.key, { ...lease, until: 0 })
        : ledger.release(scope, chunk, lease.owner)
    )

    const stop = (reason: StopReason, error: SendmuxError): Effect.Effect<ChunkEnd, LedgerError> =>
      Effect.map(giveUp, () => ({
        _tag: "Stopped",
        reason,
        error,
        inFlight: uncertain ? chunk.items.length : 0
      }))

    /** Whether this runner may send the chunk at `time`. */
    const claim = (time: number): Effect.Effect<boolean, LedgerError> => {
      if (fresh) {
        fresh = false
        return Effect.succeed(true)
      }
      if (!uncertain) sentAt = time
      const renewed = { ...lease, until: time + limits.lease }
      return ledger.renew(scope, chunk.key, renewed, uncertain ? undefined : time)
    }

    const attempt: Effect.Effect<ChunkEnd, LedgerError> = Effect.suspend(() =>
      Effect.gen(function* () {
        yield* run.gate
        if (latest !== undefined && run.stopped()) return yield* stop("unavailable", latest)
        const time = yield* now
        if (uncertain && time - sentAt > replayWindow) return yield* unconfirmed("expired")
        if (!(yield* claim(time))) return lost
        const before = uncertain
        uncertain = true
        const result = yield* Effect.match(
          Retry.with(run.send(chunk.body, { idempotencyKey: chunk.key }), run.policy),
          { onFailure: (error) => error, onSuccess: (result) => result }
        )
        if (!("_tag" in result)) {
          const { limited, states } = statesOf(result, chunk, retries, limits.maxItemRetries)
          return { ...(yield* settle(states)), limited }
        }
        latest = result
        return yield* afterFailure(result, before)
      })
    )

    /** `before`: whether the chunk was uncertain before the attempt. */
    const afterFailure = (error: SendmuxError, before: boolean): Effect.Effect<ChunkEnd, LedgerError> =>
      Effect.gen(function* () {
        const verdict = verdictOf(error)
        if (!("taken" in verdict) || !verdict.taken) uncertain = before
        const time = yield* now
        const left = (yield* currentDeadline) - time
        switch (verdict._tag) {
          case "Unreadable":
            return yield* unconfirmed(verdict.reason)
          case "Stop":
            return yield* stop(verdict.reason, error)
          case "Invalid":
            return yield* afterRefusal(verdict.error)
          case "Limited": {
            const wait = verdict.hint ?? delayAfter(failures++)
            if (wait > limits.maxWait) return yield* stop("rate_limit", error)
            if (wait > left) return yield* stop("deadline", error)
            yield* run.pause(time, wait)
            if (uncertain) return yield* attempt
            yield* giveUp
            return { _tag: "Postponed" }
          }
          case "Conflict":
            // The key belongs to a request whose response is not known.
            uncertain = true
            conflictSince ??= time
            if (time - conflictSince > maxConflict) return yield* unconfirmed("conflict")
            return yield* again(Math.min(verdict.hint, maxDelay), left, error)
          case "Retry": {
            failingSince ??= time
            if (time - failingSince + verdict.hint > limits.giveUpAfter)
              return yield* stop("unavailable", error)
            return yield* again(verdict.hint, left, error)
          }
          case "Late":
            return yield* stop("deadline", error)
        }
      })

    /** Waits before another attempt, if the time that is left allows it. */
    const again = (hint: number, left: number, error: SendmuxError): Effect.Effect<ChunkEnd, LedgerError> =>
      Effect.flatMap(random, (random) => {
        const wait = Math.max(hint, Math.ceil(withJitter(delayAfter(failures++), random)))
        return wait > left ? stop("deadline", error) : Effect.andThen(run.wait(wait), attempt)
      })

    /** The server refused the request because of its messages. Only a request of one message says which one is meant. */
    const afterRefusal = (error: APIError): Effect.Effect<ChunkEnd, LedgerError> => {
      if (chunk.items.length === 1) return settle([{ _tag: "Rejected", error: itemErrorOf(error) }])
      // Had the server accepted an earlier attempt, it would have responded with the outcome of that one.
      uncertain = false
      return Effect.as(giveUp, { _tag: "Split" } as const)
    }

    return Effect.onExit(attempt, (exit) => (endingOf(exit) === "interrupt" ? ignored(giveUp) : Effect.void))
  })

const ignored = (self: Effect.Effect<unknown, LedgerError>): Effect.Effect<void> =>
  catchAll(Effect.asVoid(self), (error) => Effect.logWarning(error.message))

const itemErrorOf = ({ code, detail, docUrl, errors, param, retryable }: APIError): BatchItemError => ({
  code,
  message: detail,
  retryable,
  ...(param === undefined ? {} : { param }),
  ...(docUrl === undefined ? {} : { doc_url: docUrl }),
  ...(errors.length === 0 ? {} : { errors })
})

interface Outcomes {
  readonly states: ReadonlyArray<SettledState | FreeState>
  readonly limited: BatchItemError | undefined
}

/** The states of a chunk's items after a response. */
const statesOf = (
  { results }: BatchData,
  { items }: LedgerChunk,
  retries: ReadonlyArray<number>,
  maxItemRetries: number
): Outcomes => {
  const outcomeAt = outcomesOf(results)
  let limited: BatchItemError | undefined
  const states = items.map(({ attempts }, index): SettledState | FreeState => {
    const outcome = outcomeAt(index)
    if (outcome._tag === "Queued") return outcome
    const { error } = outcome
    if (error.code === unexplained.code) return { _tag: "Unconfirmed", reason: "unexplained" }
    if (error.retryable !== true) return { _tag: "Rejected", error }
    const exhausted = (retries[index] ?? 0) >= maxItemRetries
    // A daily limit says nothing about the message, which can be sent on another day.
    if (exhausted && error.code === "rate_limit_exceeded") limited = error
    else if (exhausted) return { _tag: "Rejected", error }
    return { _tag: "Free", attempts: attempts + 1 }
  })
  return { states, limited }
}
