/** Clocks for tests, for Effect 4. */
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

export interface ClockSettings {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly sleep: (millis: number) => Effect.Effect<void>
}

const nanos = (millis: number): bigint => BigInt(millis) * 1_000_000n

/** Makes a clock from its time and its way to sleep. */
export const makeClock = ({ now, sleep }: ClockSettings): Clock.Clock => ({
  currentTimeMillisUnsafe: now,
  currentTimeMillis: Effect.sync(now),
  currentTimeNanosUnsafe: () => nanos(now()),
  currentTimeNanos: Effect.sync(() => nanos(now())),
  monotonicTimeNanosUnsafe: () => nanos(now()),
  monotonicTimeNanos: Effect.sync(() => nanos(now())),
  sleep: (duration) => sleep(Duration.toMillis(duration))
})

/** Sleeps by another clock. */
export const sleepBy = (clock: Clock.Clock, millis: number): Effect.Effect<void> =>
  clock.sleep(Duration.millis(millis))

/** The time of a clock in milliseconds. */
export const timeOf = (clock: Clock.Clock): number => clock.currentTimeMillisUnsafe()
