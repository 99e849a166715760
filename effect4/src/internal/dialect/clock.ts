/**
 * The part of the dialect for clocks, for Effect 4.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

export type { Clock } from "effect/Clock"

/** How a clock tells the time and how it sleeps. */
export interface ClockSettings {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly sleep: (millis: number) => Effect.Effect<void>
}

const nanos = (millis: number): bigint => BigInt(Math.round(millis)) * 1_000_000n

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

/** The time of a clock in milliseconds since the epoch. */
export const timeOf = (clock: Clock.Clock): number => clock.currentTimeMillisUnsafe()

/** The clock of the current fiber. */
export const currentClock: Effect.Effect<Clock.Clock> = Clock.clockWith(Effect.succeed)

/** Runs an effect with another clock. */
export const withClock = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  clock: Clock.Clock
): Effect.Effect<A, E, R> => Effect.provideService(self, Clock.Clock, clock)
