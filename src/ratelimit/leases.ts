/**
 * Requests of the current window that this process has taken from the shared count, and has not sent yet.
 *
 * All processes name a window by the end that the server states for it. A process takes as many requests as calls are
 * waiting, so that it does not keep requests from others that it does not need.
 */
import * as Effect from "effect/Effect"
import { now } from "../internal/dialect/core.js"
import type { Sharing } from "./sharing.js"
import type { RateWindow } from "./window.js"

export interface Leases {
  /** How many of the requests that the window allows this process may send now. Asks for more if calls wait. */
  readonly bounded: (open: number, wanted: number, now: number) => number
  /** A request is sent. */
  readonly used: () => void
}

/** `id` names the credential, and `changed` is called when more requests may be sent. */
export const makeLeases = (
  sharing: Sharing,
  id: string,
  window: RateWindow,
  changed: (now: number) => void
): Leases => {
  let current: number | undefined
  let leased = 0
  /** Requests of the current window that are not part of the shared count yet, such as its probe. */
  let uncounted = 0
  let isAsking = false
  /** The window about whose beginning this process has asked after a refusal. */
  let askedAfterRefusal: number | undefined

  const follow = (reset: number | undefined): void => {
    if (reset === current) return
    // The server may count what is in flight in the next window. Its probe is sent before its end is known.
    if (current !== undefined) uncounted = window.pending()
    current = reset
    leased = 0
  }

  const ask = (reset: number, wanted: number): void => {
    if (isAsking) return
    isAsking = true
    const limit = window.limit()
    sharing.run(
      Effect.gen(function* () {
        const taken = yield* sharing.take(`${id}:${Math.round(reset / 1_000)}`, wanted, limit)
        const at = yield* now
        isAsking = false
        if (taken !== undefined && reset === current) {
          const counted = Math.min(uncounted, taken.requests)
          uncounted -= counted
          leased += taken.requests - counted
          // Another process may have seen the window begin, which tells its end more exactly than the server does.
          window.beganBefore(at - taken.age)
          if (taken.requests < wanted) window.exhaust()
        }
        changed(at)
      })
    )
  }

  return {
    bounded: (open, wanted, at) => {
      const reset = window.reset()
      follow(reset)
      if (reset === undefined || !sharing.isAvailable(at)) return open
      if (open < 1) {
        if (window.isBlocked() && reset !== askedAfterRefusal) {
          askedAfterRefusal = reset
          ask(reset, 1)
        }
        return 0
      }
      if (leased < 1 && wanted + uncounted > 0) ask(reset, Math.min(wanted, open) + uncounted)
      return Math.min(open, leased)
    },
    used: () => {
      if (leased > 0) leased--
      else uncounted++
    }
  }
}
