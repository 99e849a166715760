import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as FastCheck from "effect/FastCheck"
import { makeWindow, type RateWindow, type Slot } from "../../src/ratelimit/window.js"

const length = 60_000

interface Scenario {
  readonly limit: number
  /** How many requests are in flight at most. */
  readonly senders: number
  /** The latencies of requests and responses in milliseconds, used in turn. */
  readonly latencies: ReadonlyArray<number>
  /** Every how many requests the response is lost. 0 for never. */
  readonly losesEvery: number
  /** When the program starts, in milliseconds since the epoch. */
  readonly startsAt: number
  /** Whether windows begin at whole minutes, and not with the first request. */
  readonly isAligned: boolean
  /** By how much the server's clock is ahead. */
  readonly skew: number
}

const scenario: FastCheck.Arbitrary<Scenario> = FastCheck.record({
  limit: FastCheck.integer({ min: 1, max: 60 }),
  senders: FastCheck.integer({ min: 1, max: 20 }),
  // A round trip of more than a second would let further requests go before the first has taught the limit.
  latencies: FastCheck.array(FastCheck.integer({ min: 1, max: 480 }), { minLength: 1, maxLength: 7 }),
  losesEvery: FastCheck.constantFrom(0, 0, 7, 13),
  startsAt: FastCheck.integer({ min: 1_000_000, max: 1_120_000 }),
  isAligned: FastCheck.boolean(),
  skew: FastCheck.constantFrom(0, 0, 40_000, -40_000)
})

/** A server that counts requests in windows, by its own clock. */
const makeServer = ({ isAligned, limit, skew }: Scenario) => {
  let endsAt = 0
  let used = 0
  return (at: number) => {
    const now = at + skew
    if (now >= endsAt) {
      endsAt = isAligned ? (Math.floor(now / length) + 1) * length : now + length
      used = 0
    }
    used++
    return {
      status: used > limit ? 429 : 200,
      retryAfter: used > limit ? Math.max(1, Math.ceil((endsAt - now) / 1_000)) * 1_000 : undefined,
      rateLimit: {
        limit,
        remaining: Math.max(0, limit - used),
        reset: DateTime.unsafeMake(Math.ceil(endsAt / 1_000) * 1_000)
      },
      date: new Date(Math.floor(now / 1_000) * 1_000).toUTCString()
    }
  }
}

interface Outcome {
  readonly served: number
  readonly refused: number
}

/** Sends as fast as the window allows, for a number of windows. */
const simulate = (given: Scenario, window: RateWindow, windows: number): Outcome => {
  const respond = makeServer(given)
  const events: Array<{ readonly at: number; readonly run: (now: number) => void }> = []
  const schedule = (at: number, run: (now: number) => void) => events.push({ at, run })
  let inFlight = 0
  let turn = 0
  let served = 0
  let refused = 0
  const latency = () => given.latencies[turn++ % given.latencies.length] ?? 1
  const end = given.startsAt + windows * length

  const arrive = (slot: Slot) => (now: number) => {
    const response = respond(now)
    if (response.status === 429) refused++
    else served++
    const isLost = given.losesEvery > 0 && slot.seq % given.losesEvery === 0
    schedule(now + latency(), (back) => {
      inFlight--
      if (isLost) window.lost(slot)
      else window.received(slot, { ...response, now: back })
      send(back)
    })
  }
  const send = (now: number): void => {
    while (inFlight < given.senders && window.available(now) >= 1) {
      inFlight++
      schedule(now + latency(), arrive(window.grant(now)))
    }
    if (inFlight < given.senders) schedule(window.nextChange(now), () => undefined)
  }

  schedule(given.startsAt, () => undefined)
  for (let steps = 0; steps < 200_000 && events.length > 0; steps++) {
    const index = events.reduce((least, { at }, i) => (at < (events[least]?.at ?? at) ? i : least), 0)
    const [event] = events.splice(index, 1)
    if (event === undefined || event.at >= end) break
    event.run(event.at)
    // One alarm is enough.
    if (events.length < 3 * given.senders + 3) send(event.at)
  }
  return { served, refused }
}

const newWindow = () => makeWindow({ length, assumedLimit: 1_800, alwaysProbes: false })

describe("a window", () => {
  it("is never exceeded by a single process, and used up in each period", () => {
    FastCheck.assert(
      FastCheck.property(scenario, (given) => {
        const windows = 5
        const { refused, served } = simulate(given, newWindow(), windows)
        // This many could be sent in a window if there were no limit.
        const slowest = 2 * Math.max(...given.latencies)
        const possible = Math.min(given.limit, Math.floor(((length / slowest) * given.senders) / 2))
        // The first window of an aligned server is a part of one, and a clock that differs is learned in the first.
        const fullWindows = windows - 2
        expect(refused).toBeLessThanOrEqual(given.skew === 0 ? 0 : 2)
        expect(served).toBeGreaterThanOrEqual(possible * fullWindows)
      }),
      { numRuns: 150 }
    )
  })
})

describe("the clock of the server", () => {
  it("does not have to agree with that of the caller", () => {
    for (const skew of [-40_000, -3_000, 3_000, 40_000]) {
      const given: Scenario = {
        limit: 50,
        senders: 4,
        latencies: [20, 35],
        losesEvery: 0,
        startsAt: 1_000_123,
        isAligned: true,
        skew
      }
      const { refused, served } = simulate(given, newWindow(), 10)
      expect({ skew, refused, isFull: served >= 50 * 10 * 0.98 }).toEqual({ skew, refused: 0, isFull: true })
    }
  })
})
