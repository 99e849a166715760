/**
 * Operations that the API refuses for longer than a window, such as after the daily limit of a plan. That is not the limit of
 * requests, so it holds back the refused operation only. One request in each window finds out whether it still applies.
 */
import * as Effect from "effect/Effect"
import { catchAll, maxTimerMillis, suspendUntil, timeoutFail } from "../internal/dialect/core.js"
import type { LimitedResponse } from "../internal/model/limiter.js"

interface Pause {
  until: number
  /** When the next request may find out. */
  askAt: number
  readonly waiting: Set<() => void>
}

export interface Pauses {
  /** The pause of an operation, or `undefined` if a request may be sent. */
  readonly enter: (
    operation: string,
    now: number
  ) => { readonly wait: number; readonly sleep: Effect.Effect<void> } | undefined
  /** Learns from a response, and returns whether it is a refusal that pauses the operation. */
  readonly received: (operation: string, response: LimitedResponse) => boolean
}

/** `length`: the length of a window in milliseconds. */
export const makePauses = (length: number): Pauses => {
  const pauses = new Map<string, Pause>()

  const end = (operation: string): void => {
    const pause = pauses.get(operation)
    if (pause === undefined || !pauses.delete(operation)) return
    for (const wake of pause.waiting) wake()
  }

  return {
    enter: (operation, now) => {
      const pause = pauses.get(operation)
      if (pause === undefined) return undefined
      if (now >= pause.until) {
        end(operation)
        return undefined
      }
      if (now >= pause.askAt) {
        pause.askAt = now + length
        return undefined
      }
      const wait = pause.until - now
      const woken = suspendUntil((resume) => {
        if (pauses.get(operation) !== pause) resume()
        else pause.waiting.add(resume)
        return () => {
          pause.waiting.delete(resume)
        }
      })
      const sleep = timeoutFail(woken, Math.min(wait, maxTimerMillis), () => undefined)
      return { wait, sleep: catchAll(sleep, () => Effect.void) }
    },
    received: (operation, { now, retryAfter, status }) => {
      if (status !== 429) {
        if (status < 400) end(operation)
        return false
      }
      if (retryAfter === undefined || retryAfter <= 2 * length) return false
      const pause = pauses.get(operation)
      if (pause === undefined) {
        pauses.set(operation, { until: now + retryAfter, askAt: now + length, waiting: new Set() })
      } else pause.until = now + retryAfter
      return true
    }
  }
}
