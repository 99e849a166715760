/**
 * The arithmetic of delays: how they grow, where they stop growing, and how jitter spreads them. Every function is
 * pure; all delays are in milliseconds, and `random` is a number in [0, 1) from the `Random` service.
 */

/** The exponent stops here, so that a long series of failures cannot overflow to infinity. */
const maxDoublings = 30

/** Jitter that is added to a delay the server asked for never exceeds this. */
const maxHintJitter = 1_000

/** The delay after a number of earlier failures: `baseDelay`, doubled for each of them, but at most `maxDelay`. */
export const doubled = (baseDelay: number, maxDelay: number, failures: number): number =>
  Math.min(maxDelay, baseDelay * 2 ** Math.min(failures, maxDoublings))

/** The delay that follows `delay` when delays grow by half: rounded, and at most `maxDelay`. */
export const grown = (delay: number, maxDelay: number): number => Math.min(maxDelay, Math.round(delay * 1.5))

/** Spreads a delay evenly between half of it and the whole, so that clients that failed together retry apart. */
export const withJitter = (delay: number, random: number): number => delay * (0.5 + random / 2)

/**
 * The jitter to add to a delay that the server asked for. It only ever lengthens the delay, by less than `baseDelay`
 * and less than one second.
 */
export const hintJitter = (baseDelay: number, random: number): number =>
  random * Math.min(baseDelay, maxHintJitter)
