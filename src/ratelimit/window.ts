/**
 * The accounting of one window after the other: what the server allows, what is used, and when the next window begins.
 *
 * The server counts requests, and every response states how many are left (`X-RateLimit-Remaining`) and when the window
 * ends (`X-RateLimit-Reset`). Requests whose responses have not arrived may or may not be counted in that number, so all of
 * them are subtracted from it. The last requests of a window are therefore sent one by one, and none of them is refused.
 *
 * A window that was used up is followed by one probe: a single request whose response states the new window. If the
 * clocks or the rounding of the server are not as expected, a window costs one refused request, and not one for each
 * fiber.
 */
import * as DateTime from "effect/DateTime"
import { utcFromMillis } from "../internal/dialect/core.js"
import type { RateLimit } from "../internal/model/errors.js"
import type { LimitedResponse } from "../internal/model/limiter.js"
import { makeServerClock } from "./serverClock.js"

/** A request that was allowed. */
export interface Slot {
  readonly seq: number
  readonly generation: number
  readonly at: number
  settled: boolean
}

export interface RateWindow {
  /** How many requests may be sent now. */
  readonly available: (now: number) => number
  /** Allows one request. */
  readonly grant: (now: number) => Slot
  /** Takes a request back that was not sent. */
  readonly cancel: (slot: Slot) => void
  /** The headers of a response have arrived. */
  readonly received: (slot: Slot, response: LimitedResponse) => void
  /** A request ended without a response, and the server may have counted it. */
  readonly lost: (slot: Slot) => void
  /** Others have used up the window. */
  readonly exhaust: () => void
  /** How long the request at a position of a queue waits, in milliseconds, as far as is known. */
  readonly estimate: (position: number, now: number) => number
  /** When the number of allowed requests may change without a response. */
  readonly nextChange: (now: number) => number
  /** The current window had begun at this time. */
  readonly beganBefore: (at: number) => void
  /** How many requests are in flight that the server may count in the current window. */
  readonly pending: () => number
  /** Whether the server has refused a request and the wait that it asked for is not over. */
  readonly isBlocked: () => boolean
  /** The end of the current window by the server's clock, or `undefined` if it is not known. */
  readonly reset: () => number | undefined
  /** The current number of windows, for what happens once in each. */
  readonly generation: () => number
  readonly limit: () => number
  /** What is known of the limit. */
  readonly state: () => RateLimit | undefined
}

export interface WindowSettings {
  /** The length of a window in milliseconds. */
  readonly length: number
  /** The limit that applies until the server has stated one. */
  readonly assumedLimit: number
  /** Whether every window begins with a probe, because other processes need to agree on which window it is. */
  readonly alwaysProbes: boolean
}

/** How long a probe keeps other requests waiting, in milliseconds. */
const patience = 1_000

/** Windows whose stated ends differ by less are the same window. */
const sameReset = 500

/** The server states the end of a window in whole seconds. */
const precision = 1_000

/** By how much a window is extended after its probe was refused, and the most. */
const slackStep = 250
const maxSlack = 1_000

/** The wait after a 429 that states none. */
const defaultBlock = 1_000

/** The end of the window by the server's clock, if a response states it. */
const statedEnd = (rateLimit: RateLimit | undefined): number | undefined =>
  rateLimit?.reset === undefined ? undefined : DateTime.toEpochMillis(rateLimit.reset)

export const makeWindow = ({ alwaysProbes, assumedLimit, length }: WindowSettings): RateWindow => {
  const clock = makeServerClock()
  let limit = assumedLimit
  let isLearned = false
  let isUnlimited = false
  let remaining = limit
  /** The end of the window by the server's clock, as stated, and by the caller's. */
  let reset: number | undefined
  let end = Number.POSITIVE_INFINITY
  let isUsedUp = false
  let isProbing = true
  let probe: Slot | undefined
  let blockedUntil = 0
  let slack = 0
  let seq = 0
  let generation = 0
  /** Requests in flight: of this window, and of the one before. Older ones cannot be counted in this window any more. */
  let inFlight = 0
  let inFlightBefore = 0
  let lost = 0
  let lostSeq = 0

  const begin = (probes: boolean): void => {
    generation++
    inFlightBefore = inFlight
    inFlight = 0
    lost = 0
    remaining = limit
    end = Number.POSITIVE_INFINITY
    blockedUntil = 0
    isUsedUp = false
    isProbing = probes
    probe = undefined
  }

  const advance = (now: number): void => {
    if (blockedUntil > 0) {
      if (now >= blockedUntil) begin(true)
    } else if (now >= end) begin(isUsedUp || alwaysProbes)
  }

  const free = (): number => Math.max(0, remaining - inFlight - inFlightBefore - lost)

  const available = (now: number): number => {
    advance(now)
    if (now < blockedUntil) return 0
    if (isUnlimited) return Number.POSITIVE_INFINITY
    if (isProbing && probe === undefined) return 1
    if (isProbing && probe !== undefined && now < probe.at + patience) return 0
    const left = free()
    if (left === 0) isUsedUp = true
    return left
  }

  const settle = (slot: Slot): boolean => {
    if (slot.settled) return false
    slot.settled = true
    if (slot.generation === generation) inFlight--
    else if (slot.generation === generation - 1) inFlightBefore--
    return true
  }

  const endProbe = (): void => {
    isProbing = false
    probe = undefined
  }

  /**
   * The end of a window whose first response arrived at `now`. The stated end is rounded up. The window began before its
   * first response, so it ends at most its length later.
   */
  const endOf = (stated: number | undefined, now: number): number => {
    const latest = now + length
    if (stated === undefined) return latest + slack
    const local = clock.toLocal(stated)
    // Longer than the known length: only the stated end counts.
    if (local > latest + precision) return local + slack
    // In the past: the clocks differ, and there was no `Date` header to learn it from.
    if (local < now - precision) return latest + slack
    return Math.min(local, latest) + slack
  }

  const adopt = (stated: number | undefined, left: number, now: number): void => {
    // The rest of the requests in flight belong to the window before, unless the server moves the end of its window.
    if (reset !== undefined && stated !== undefined && stated > reset + length / 2 && Number.isFinite(end)) {
      begin(false)
    }
    reset = stated
    remaining = left
    end = endOf(stated, now)
    blockedUntil = 0
    isUsedUp = false
    endProbe()
  }

  const refused = (slot: Slot, { now, rateLimit, retryAfter }: LimitedResponse): void => {
    // A late refusal of an earlier window says nothing about this one.
    if (slot.generation !== generation) return
    if (slot === probe && isLearned) slack = Math.min(maxSlack, slack + slackStep)
    limit = rateLimit?.limit ?? limit
    remaining = 0
    isUnlimited = false
    isUsedUp = true
    blockedUntil = now + Math.max(1, retryAfter ?? defaultBlock)
    reset = statedEnd(rateLimit) ?? reset
    endProbe()
  }

  const unstated = (slot: Slot, { now, status }: LimitedResponse): void => {
    // A failure that states no limit may be that of a proxy, so another request is the probe.
    if (status >= 500) {
      if (slot === probe) probe = undefined
      return
    }
    if (!isLearned && now >= blockedUntil) isUnlimited = true
    if (slot === probe) endProbe()
  }

  const accepted = (slot: Slot, response: LimitedResponse): void => {
    const { now, rateLimit } = response
    const left = rateLimit?.remaining
    if (left === undefined) {
      unstated(slot, response)
      return
    }
    isUnlimited = false
    isLearned = true
    limit = Math.max(1, rateLimit?.limit ?? limit)
    const stated = statedEnd(rateLimit)
    const isCurrent = slot.generation === generation
    const isLater =
      stated === undefined ? left > remaining : reset === undefined || stated > reset + sameReset
    const isFirst = !Number.isFinite(end) && blockedUntil === 0 && isCurrent
    if (isFirst || isLater) adopt(stated, left, now)
    else if (
      Number.isFinite(end) &&
      (stated === undefined || reset === undefined || stated > reset - sameReset)
    ) {
      remaining = Math.min(remaining, left)
      if (slot === probe) endProbe()
    }
  }

  /** How long it takes until as many requests have been sent, in whole windows. */
  const windowsFor = (requests: number): number => Math.floor(requests / limit) * length

  return {
    available,
    grant: (now) => {
      const slot: Slot = { seq: ++seq, generation, at: now, settled: false }
      inFlight++
      if (isProbing && probe === undefined) probe = slot
      return slot
    },
    cancel: (slot) => {
      settle(slot)
      if (slot === probe) probe = undefined
    },
    received: (slot, response) => {
      if (!settle(slot)) return
      // The server had counted what was lost, if at all, before it counted a request that was sent later.
      if (slot.seq > lostSeq) lost = 0
      clock.observe(response.date, slot.at, response.now)
      if (response.status === 429) refused(slot, response)
      else accepted(slot, response)
    },
    lost: (slot) => {
      if (!settle(slot)) return
      if (slot.generation === generation) {
        lost++
        lostSeq = seq
      }
      if (slot === probe) probe = undefined
    },
    exhaust: () => {
      remaining = 0
      isUsedUp = true
    },
    estimate: (position, now) => {
      const left = available(now)
      if (position < left) return 0
      if (blockedUntil > now) return blockedUntil - now + windowsFor(position)
      if (isProbing) return windowsFor(position)
      return (Number.isFinite(end) ? end - now : length) + windowsFor(position - left)
    },
    nextChange: (now) => {
      if (blockedUntil > now) return blockedUntil
      if (isProbing && probe !== undefined && probe.at + patience > now) return probe.at + patience
      return Number.isFinite(end) && end > now ? end : now + patience
    },
    beganBefore: (at) => {
      const latest = at + length + slack
      if (blockedUntil > 0) blockedUntil = Math.min(blockedUntil, latest)
      else if (Number.isFinite(end)) end = Math.min(end, latest)
    },
    isBlocked: () => blockedUntil > 0,
    pending: () => inFlight + inFlightBefore,
    reset: () => ((Number.isFinite(end) || blockedUntil > 0) && !isProbing ? reset : undefined),
    generation: () => generation,
    limit: () => limit,
    state: () =>
      isLearned
        ? { limit, remaining, reset: reset === undefined ? undefined : utcFromMillis(reset) }
        : undefined
  }
}
