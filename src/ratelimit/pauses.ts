/**
 * Operations that the API refuses for longer than a window, such as after the daily limit of a plan. That is not the limit of
 * requests, so it holds back the refused operation only. One request in each window finds out whether it still applies.
 */
import type * as Effect from "effect/Effect"
import { maxTimerMillis } from "../internal/dialect/core.js"
import { type Bell, makeBell } from "../internal/dialect/shared/wakeups.js"
import type { LimitedResponse } from "../internal/model/limiter.js"

interface Pause {
  until: number
  /** When the next request may find out. */
  askAt: number
  /** Rings when the pause ends early. */
  readonly bell: Bell
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
    pause.bell.ring()
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
      const isOver = () => pauses.get(operation) !== pause
      return { wait, sleep: pause.bell.wait(isOver, Math.min(wait, maxTimerMillis)) }
    },
    received: (operation, { now, retryAfter, status }) => {
      if (status !== 429) {
        if (status < 400) end(operation)
        return false
      }
      if (retryAfter === undefined || retryAfter <= 2 * length) return false
      const pause = pauses.get(operation)
      if (pause === undefined) {
        pauses.set(operation, { until: now + retryAfter, askAt: now + length, bell: makeBell() })
      } else pause.until = now + retryAfter
      return true
    }
  }
}
