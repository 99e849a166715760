/**
 * The gate of one credential: a queue of calls in the order in which they came, which the window lets through.
 *
 * Every event that may let calls through (a response, the end of a window, a call that gives up) runs the queue for all of
 * them. Only the call at its head sleeps until the next change that comes with time, so a long queue costs one timer.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { catchAll, suspendUntil, timeoutFail } from "../internal/dialect/core.js"
import { onExitSync } from "../internal/dialect/fiber.js"
import type { Entering, Gate, LimitedResponse, Permit, Refusal } from "../internal/model/limiter.js"
import type { Leases } from "./leases.js"
import { makePauses, type Pauses } from "./pauses.js"
import { instrumentsOf } from "./telemetry.js"
import type { RateWindow, Slot } from "./window.js"

/** What a gate needs. */
export interface BucketSettings {
  /** The surface, for log lines. */
  readonly name: string
  readonly window: RateWindow
  /** The length of a window in milliseconds. */
  readonly length: number
  /** The longest wait of a call in milliseconds. Default: the budget of its retries. */
  readonly maxWait: number | undefined
  /** Makes the requests that other processes leave, if the limit is shared with them. */
  readonly leasesOf: ((window: RateWindow, changed: (now: number) => void) => Leases) | undefined
}

/** The longest wait of a call whose retry policy states no budget, in milliseconds. */
const defaultMaxWait = 60_000

/** A permit that can be taken back while its request has not been sent. */
interface BucketPermit extends Permit {
  readonly cancel: () => void
}

/** A call in the queue. */
interface Waiter {
  readonly entering: Entering
  readonly since: number
  /** The longest wait, in milliseconds. */
  readonly allowed: number
  outcome: Exit.Exit<BucketPermit, Refusal> | undefined
  wake: (() => void) | undefined
  /** Whether it was woken while it was not asleep. */
  isNudged: boolean
}

export const makeBucket = (settings: BucketSettings): Gate => {
  const { length, maxWait, name, window } = settings
  const waiters = new Set<Waiter>()
  const pauses: Pauses = makePauses(length)
  /** The call that sleeps until the next change, and when that is. */
  let leader: Waiter | undefined
  let alarm = 0
  let loggedIn = -1

  const first = (): Waiter | undefined => {
    for (const waiter of waiters) return waiter
    return undefined
  }

  const nudge = (waiter: Waiter): void => {
    const { wake } = waiter
    waiter.wake = undefined
    if (wake === undefined) waiter.isNudged = true
    else wake()
  }

  const decide = (waiter: Waiter, outcome: Exit.Exit<BucketPermit, Refusal>): void => {
    waiters.delete(waiter)
    waiter.outcome = outcome
    nudge(waiter)
  }

  const allowedNow = (now: number): number => {
    const open = window.available(now)
    return leases === undefined ? open : leases.bounded(open, waiters.size, now)
  }

  const grant = (entering: Entering, now: number, waited: number): BucketPermit => {
    leases?.used()
    return permitOf(window.grant(now), entering, waited)
  }

  /** Lets calls through. `reconsiders`: also refuses those for which it has become too late. */
  const run = (now: number, reconsiders: boolean): void => {
    for (const waiter of waiters) {
      if (allowedNow(now) < 1) break
      decide(waiter, Exit.succeed(grant(waiter.entering, now, now - waiter.since)))
    }
    if (reconsiders) {
      let position = 0
      for (const waiter of waiters) {
        const wait = window.estimate(position, now)
        const allowed = waiter.allowed - (now - waiter.since)
        if (wait > allowed || allowed < 0) {
          decide(waiter, refuse(waiter.entering, Math.max(1, wait), allowed))
        } else position++
      }
    }
    const head = first()
    if (head !== undefined && (head !== leader || window.nextChange(now) < alarm)) nudge(head)
  }

  const leases = settings.leasesOf?.(window, (now) => run(now, false))

  const refuse = ({ operation }: Entering, wait: number, allowed: number): Exit.Exit<never, Refusal> => {
    instrumentsOf(operation).refused()
    return Exit.fail({
      wait: Math.ceil(wait),
      allowed: Math.max(0, Math.floor(allowed)),
      rateLimit: window.state()
    })
  }

  const permitOf = (slot: Slot, { operation, now }: Entering, waited: number): BucketPermit => {
    let isOver = false
    return {
      waited,
      received: (response: LimitedResponse) => {
        if (isOver) return
        isOver = true
        const before = window.nextChange(response.now)
        // A refusal for longer than a window does not describe the window.
        if (pauses.received(operation, response)) window.lost(slot)
        else window.received(slot, response)
        run(response.now, window.nextChange(response.now) > before)
        // Counts the probe for the other processes, even if no call waits.
        if (leases !== undefined) allowedNow(response.now)
      },
      ended: (at: number) => {
        if (isOver) return
        isOver = true
        window.lost(slot)
        run(at, false)
      },
      cancel: () => {
        if (isOver) return
        isOver = true
        window.cancel(slot)
        run(now(), false)
      }
    }
  }

  const waiting = (waiter: Waiter): Effect.Effect<Permit, Refusal> =>
    Effect.suspend(() => {
      if (waiter.outcome !== undefined) return waiter.outcome
      const now = waiter.entering.now()
      const isHead = first() === waiter
      if (isHead) {
        leader = waiter
        alarm = window.nextChange(now)
      }
      const woken = suspendUntil((resume) => {
        if (waiter.outcome !== undefined || waiter.isNudged) resume()
        else waiter.wake = resume
        waiter.isNudged = false
        return () => {
          waiter.wake = undefined
        }
      })
      const slept = isHead
        ? catchAll(
            timeoutFail(woken, alarm - now, () => undefined),
            () => Effect.sync(() => run(waiter.entering.now(), true))
          )
        : woken
      return Effect.flatMap(slept, () => waiting(waiter))
    })

  /** Removes a call that was interrupted, and the permit that it had been given. */
  const leave = (waiter: Waiter): void => {
    const { outcome } = waiter
    if (outcome === undefined) {
      waiters.delete(waiter)
      run(waiter.entering.now(), false)
    } else if (Exit.isSuccess(outcome)) outcome.value.cancel()
  }

  const queued = (entering: Entering, now: number, allowed: number, wait: number) => {
    const waiter: Waiter = {
      entering,
      since: now,
      allowed,
      outcome: undefined,
      wake: undefined,
      isNudged: false
    }
    waiters.add(waiter)
    run(now, false)
    const watched = onExitSync(waiting(waiter), (exit) => {
      if (Exit.isFailure(exit)) leave(waiter)
    })
    return wait > 0 ? observed(entering, watched, wait) : watched
  }

  /** Logs and counts a wait. The first one of a window is logged at `Info`. */
  const observed = (
    { operation }: Entering,
    self: Effect.Effect<Permit, Refusal>,
    wait: number
  ): Effect.Effect<Permit, Refusal> =>
    Effect.suspend(() => {
      const isFirst = loggedIn !== window.generation()
      loggedIn = window.generation()
      const log = isFirst
        ? Effect.logInfo(
            `${name}: the rate limit of ${window.limit()} requests is used up, the next one is sent in ${Math.ceil(wait)} ms`
          )
        : Effect.logDebug(`${operation}: waits ${Math.ceil(wait)} ms for the rate limit`)
      return Effect.andThen(
        log,
        Effect.tap(self, ({ waited }) => Effect.sync(() => instrumentsOf(operation).waited(waited)))
      )
    })

  const enter = (entering: Entering): Effect.Effect<Permit, Refusal> =>
    Effect.suspend(() => {
      const now = entering.now()
      const limit = (maxWait ?? entering.budget ?? defaultMaxWait) - entering.waited
      const allowed = Math.min(limit, entering.deadline - now)
      const pause = pauses.enter(entering.operation, now)
      if (pause !== undefined) {
        if (pause.wait > allowed) return refuse(entering, pause.wait, allowed)
        return Effect.flatMap(pause.sleep, () =>
          enter({ ...entering, waited: entering.waited + entering.now() - now })
        )
      }
      if (waiters.size > 0) run(now, false)
      if (waiters.size === 0 && allowedNow(now) >= 1) return Effect.succeed(grant(entering, now, 0))
      const wait = window.estimate(waiters.size, now)
      return wait > allowed ? refuse(entering, wait, allowed) : queued(entering, now, allowed, wait)
    })

  return { enter }
}
