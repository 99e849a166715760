/**
 * The difference between the server's clock and the caller's. The end of a window is stated by the server's clock, so a
 * caller whose clock is wrong by a few seconds would otherwise wait too long, or send too early.
 */

/** A larger difference is not that of two clocks, such as when a test sets the caller's clock. */
const maxOffset = 24 * 3_600_000

/** The `Date` header has whole seconds. */
const precision = 1_000

export interface ServerClock {
  /** Compares the clocks, with the `Date` header of a response and the times around its request. */
  readonly observe: (date: string | undefined, sentAt: number, receivedAt: number) => void
  /** Converts a time of the server to one of the caller. */
  readonly toLocal: (millis: number) => number
}

/**
 * Each response gives bounds for the difference, and all of them together become narrow. The clocks count as equal until
 * the bounds prove that they differ; then the bound applies that makes the caller later.
 */
export const makeServerClock = (): ServerClock => {
  let least = Number.NEGATIVE_INFINITY
  let most = Number.POSITIVE_INFINITY
  const offset = () => (least <= 0 && most >= 0 ? 0 : least)
  return {
    observe: (date, sentAt, receivedAt) => {
      const stated = date === undefined ? Number.NaN : Date.parse(date)
      const low = stated - receivedAt
      const high = stated + precision - sentAt
      if (!(Math.abs(low) <= maxOffset && low <= high)) return
      least = Math.max(least, low)
      most = Math.min(most, high)
      // A clock was set in between.
      if (least > most) {
        least = low
        most = high
      }
    },
    toLocal: (millis) => millis - offset()
  }
}
