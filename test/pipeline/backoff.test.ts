import { describe, expect, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { doubled, grown, hintJitter, withJitter } from "../../src/internal/timing/backoff.js"

const delays = fc.integer({ min: 0, max: 10_000_000 })
const failureCounts = fc.integer({ min: 0, max: 5_000 })
const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

describe("capped doubling", () => {
  it("starts at the base delay and doubles with each failure", () => {
    expect([0, 1, 2, 3].map((failures) => doubled(250, 60_000, failures))).toEqual([250, 500, 1_000, 2_000])
  })

  it("stops at the maximum delay", () => {
    expect([4, 5, 6].map((failures) => doubled(250, 5_000, failures))).toEqual([4_000, 5_000, 5_000])
  })

  it("stays finite after thousands of failures, even without a maximum delay", () => {
    expect(doubled(250, Number.POSITIVE_INFINITY, 5_000)).toBe(250 * 2 ** 30)
  })

  it("never decreases, never exceeds the maximum, and starts at the smaller of base and maximum", () => {
    fc.assert(
      fc.property(delays, delays, failureCounts, (base, max, failures) => {
        expect(doubled(base, max, 0)).toBe(Math.min(base, max))
        expect(doubled(base, max, failures)).toBeLessThanOrEqual(max)
        expect(doubled(base, max, failures + 1)).toBeGreaterThanOrEqual(doubled(base, max, failures))
      })
    )
  })

  it("keeps a base delay of zero at zero", () => {
    fc.assert(
      fc.property(failureCounts, (failures) => {
        expect(doubled(0, 1_000, failures)).toBe(0)
      })
    )
  })
})

describe("capped growth", () => {
  it("grows by half, in whole milliseconds", () => {
    expect([250, 375, 563].map((delay) => grown(delay, 3_000))).toEqual([375, 563, 845])
  })

  it("never decreases below the maximum and never exceeds it", () => {
    fc.assert(
      fc.property(delays, delays, (delay, max) => {
        const next = grown(delay, max)
        expect(Number.isInteger(next)).toBe(true)
        expect(next).toBeLessThanOrEqual(max)
        expect(next).toBeGreaterThanOrEqual(Math.min(delay, max))
      })
    )
  })

  it("reaches the maximum from every delay above zero", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), delays, (delay, max) => {
        let reached = delay
        for (let i = 0; i < 100 && reached < max; i++) reached = grown(reached, max)
        expect(reached).toBeGreaterThanOrEqual(max)
      })
    )
  })
})

describe("jitter", () => {
  it("spreads a delay between half of it and the whole", () => {
    expect([0, 0.5, 1].map((random) => withJitter(1_000, random))).toEqual([500, 750, 1_000])
    fc.assert(
      fc.property(delays, randoms, (delay, random) => {
        expect(withJitter(delay, random)).toBeGreaterThanOrEqual(delay / 2)
        expect(withJitter(delay, random)).toBeLessThanOrEqual(delay)
      })
    )
  })

  it("lengthens a delay the server asked for by at most the base delay and at most one second", () => {
    expect(hintJitter(250, 0.5)).toBe(125)
    expect(hintJitter(60_000, 0.5)).toBe(500)
    fc.assert(
      fc.property(delays, randoms, (base, random) => {
        expect(hintJitter(base, random)).toBeGreaterThanOrEqual(0)
        expect(hintJitter(base, random)).toBeLessThanOrEqual(Math.min(base, 1_000))
      })
    )
  })
})
