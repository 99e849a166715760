/**
 * The core of the dialect, which is everything in which Effect 3 and Effect 4 differ, behind one set of names.
 *
 * The rest of `src` imports from this folder and from the modules of Effect whose members are the same in both major
 * versions; `test/dialect/dialect.test.ts` lists those members. Supporting another major version takes another folder
 * with the same exports.
 */
import type * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import type * as ConfigErrors from "effect/ConfigError"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as MetricKey from "effect/MetricKey"
import * as MetricLabel from "effect/MetricLabel"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as ScheduleDecision from "effect/ScheduleDecision"
import * as ScheduleInterval from "effect/ScheduleInterval"
import * as ScheduleIntervals from "effect/ScheduleIntervals"
import type * as Scope from "effect/Scope"

// -----------------------------------------------------------------------------
// services
// -----------------------------------------------------------------------------

/** Makes the class of a service: `class Sending extends Service("id")<Sending, SendingService>() {}`. */
export const Service: typeof Context.Tag = Context.Tag

/** A service that has a default, so that reading it adds no requirement. */
export interface Reference<A> extends Context.Reference<Reference<A>, A> {}

export const reference = <A>(id: string, defaultValue: () => A): Reference<A> =>
  Context.Reference<Reference<A>>()(id, { defaultValue })

/** Runs an effect with another value of the reference. */
export const withReference = <A, E, R, S>(
  self: Effect.Effect<A, E, R>,
  ref: Reference<S>,
  value: S
): Effect.Effect<A, E, R> =>
  Effect.mapInputContext(self, (context: Context.Context<R>) => Context.add(context, ref, value))

/** The layer that an effect makes. The resources that the effect acquires are released with the layer. */
export const layerFrom: typeof Layer.unwrapScoped = Layer.unwrapScoped

/** The layer of a service that an effect makes. The resources that it acquires are released with the layer. */
export const scopedLayer: typeof Layer.scoped = Layer.scoped

// -----------------------------------------------------------------------------
// effects
// -----------------------------------------------------------------------------

/** The failure of a `Config`: a missing or invalid value. */
export type ConfigError = ConfigErrors.ConfigError

export const catchAll: typeof Effect.catchAll = Effect.catchAll

/** Suspends the fiber until the registered callback is called with an effect. An interruption runs the returned effect. */
export const async: typeof Effect.async = Effect.async

/** Recovers from every kind of cause: failures, defects and interruptions from within. */
export const catchCause = <A, E, R, B, E2, R2>(
  self: Effect.Effect<A, E, R>,
  recover: (cause: Cause.Cause<E>) => Effect.Effect<B, E2, R2>
): Effect.Effect<A | B, E2, R | R2> => Effect.catchAllCause(self, recover)

/** Provides the current services to a function that is called later. */
export const closeOver = <Args extends ReadonlyArray<unknown>, A, E, R>(
  f: (...args: Args) => Effect.Effect<A, E, R>
): Effect.Effect<(...args: Args) => Effect.Effect<A, E>, never, R> =>
  Effect.map(
    Effect.context<R>(),
    (context) =>
      (...args: Args) =>
        Effect.provide(f(...args), context)
  )

/** An effect that runs independently of the fiber that started it. */
export interface Detached<out A = unknown, out E = unknown> {
  /** Waits until it has ended, in whichever way. */
  readonly ended: Effect.Effect<Exit.Exit<A, E>>
  /** Interrupts it and waits until it has ended. */
  readonly interrupt: Effect.Effect<void>
  /** Interrupts it without waiting until it has ended. */
  readonly abort: Effect.Effect<void>
}

/** Starts an effect that runs independently of the current fiber. */
export const detach = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<Detached<A, E>, never, R> =>
  Effect.map(Effect.forkDaemon(Effect.interruptible(self)), (fiber) => ({
    ended: Fiber.await(fiber),
    interrupt: Effect.asVoid(Fiber.interrupt(fiber)),
    abort: Fiber.interruptFork(fiber)
  }))

/** Makes a date from milliseconds since the epoch. */
export const utcFromMillis = (millis: number): DateTime.Utc => DateTime.unsafeMake(millis)

/** Milliseconds since the epoch, from the `Clock` service. */
export const now: Effect.Effect<number> = Clock.currentTimeMillis

/** A number in [0, 1), from the `Random` service. */
export const random: Effect.Effect<number> = Random.next

export type DurationInput = Duration.DurationInput

/**
 * Converts a duration to milliseconds, which may be infinite. Returns `undefined` for any other value, such as a negative
 * number, which `Duration` would read as zero.
 */
export const toMillis = (input: unknown): number | undefined => {
  if (typeof input === "number" && !(input >= 0)) return undefined
  const duration = Duration.decodeUnknown(input)
  return duration._tag === "Some" ? Duration.toMillis(duration.value) : undefined
}

/** Interrupts an effect that takes longer than the given number of milliseconds, and fails with `onTimeout()`. */
export const timeoutFail = <A, E, R, E2>(
  self: Effect.Effect<A, E, R>,
  millis: number,
  onTimeout: () => E2
): Effect.Effect<A, E | E2, R> => Effect.timeoutFail(self, { duration: millis, onTimeout })

/**
 * Like `timeoutFail`, with two differences. It does not wait for the effect to end after the timeout has interrupted it,
 * so an effect that cannot be interrupted goes on in the background. And it also works where the caller cannot be
 * interrupted, as in a finalizer.
 */
export const timeoutFailNow = <A, E, R, E2>(
  self: Effect.Effect<A, E, R>,
  millis: number,
  onTimeout: () => E2
): Effect.Effect<A, E | E2, R> =>
  Number.isFinite(millis)
    ? Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(
          Effect.forkDaemon(
            Effect.interruptible(Effect.timeoutFail(Effect.disconnect(self), { duration: millis, onTimeout }))
          ),
          (fiber) => Effect.onInterrupt(restore(Fiber.join(fiber)), () => Fiber.interrupt(fiber))
        )
      )
    : self

/** Decides whether a delay may begin. `delay` is in milliseconds, and `now` is the time at which it would begin. */
export type AllowsDelay = (delay: number, now: number) => boolean

/** The schedule, which also ends before the first delay that is not allowed. */
const whileAllowed = <Out, In>(
  schedule: Schedule.Schedule<Out, In>,
  allows: AllowsDelay | undefined
): Schedule.Schedule<Out, In> =>
  allows === undefined
    ? schedule
    : Schedule.makeWithState(schedule.initial, (at, input: In, state) =>
        Effect.map(schedule.step(at, input, state), (stepped) => {
          const [next, out, decision] = stepped
          return ScheduleDecision.isDone(decision) ||
            allows(Math.max(0, ScheduleIntervals.start(decision.intervals) - at), at)
            ? stepped
            : [next, out, ScheduleDecision.done]
        })
      )

/**
 * Retries an effect while the schedule continues, `mayRetry` returns `true` for the failure, and `allows` for the delay.
 * `onRetry` runs before each delay, with the failure and the delay in milliseconds.
 */
export const retryWhile = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  schedule: Schedule.Schedule<unknown, E>,
  mayRetry: (error: E) => boolean,
  onRetry?: (error: E, delay: number) => Effect.Effect<void>,
  allows?: AllowsDelay
): Effect.Effect<A, E, R> => {
  const allowed = whileAllowed(Schedule.whileInput(schedule, mayRetry), allows)
  if (onRetry === undefined) return Effect.retry(self, allowed)
  return Effect.suspend(() => {
    let latest: E | undefined
    const noticed = allowed.pipe(
      Schedule.tapInput((error: E) =>
        Effect.sync(() => {
          latest = error
        })
      ),
      Schedule.onDecision((_, decision) =>
        latest === undefined || ScheduleDecision.isDone(decision)
          ? Effect.void
          : Effect.flatMap(now, (at) =>
              onRetry(latest as E, Math.max(0, ScheduleIntervals.start(decision.intervals) - at))
            )
      )
    )
    return Effect.retry(self, noticed)
  })
}

/**
 * Suspends the fiber until the registered callback is called. After an interruption, the function that `register` returned
 * is called instead.
 */
export const suspendUntil = (register: (resume: () => void) => () => void): Effect.Effect<void> =>
  Effect.async<void>((resume) => Effect.sync(register(() => resume(Effect.void))))

/**
 * Makes a function that starts effects in the background. They are interrupted when the scope closes. The returned function
 * interrupts an effect earlier, without waiting for its end.
 */
export const backgroundRunner: Effect.Effect<(work: Effect.Effect<void>) => () => void, never, Scope.Scope> =
  /* @__PURE__ */ Effect.map(/* @__PURE__ */ FiberSet.makeRuntime<never>(), (run) => (work) => {
    const fiber = run(work)
    return () => {
      fiber.unsafeInterruptAsFork(FiberId.none)
    }
  })

// -----------------------------------------------------------------------------
// schedules
// -----------------------------------------------------------------------------

/** The decision of a schedule to continue after `delay` milliseconds. `undefined` in its place stops the schedule. */
export interface ScheduleStep<State> {
  readonly state: State
  readonly delay: number
}

/** The longest delay of a timer, about 25 days. `Effect.sleep` never wakes after a longer one. */
export const maxTimerMillis = 2 ** 31 - 1

/**
 * Makes a schedule from a pure step function. The output of the schedule is the delay. `random` is a number in [0, 1)
 * from the `Random` service, so that jitter is deterministic in tests.
 */
export const scheduleFromStep = <State, In>(
  initial: State,
  step: (input: In, state: State, now: number, random: number) => ScheduleStep<State> | undefined
): Schedule.Schedule<Duration.Duration, In> =>
  Schedule.makeWithState<State, In, Duration.Duration>(initial, (now, input, state) =>
    Effect.map(Random.next, (random) => {
      const next = step(input, state, now, random)
      return next === undefined
        ? [state, Duration.zero, ScheduleDecision.done]
        : [
            next.state,
            Duration.millis(next.delay),
            ScheduleDecision.continueWith(ScheduleInterval.after(now + Math.min(next.delay, maxTimerMillis)))
          ]
    })
  )

/**
 * Makes a function that paces a loop. Each effect that it returns sleeps for the schedule's next delay and succeeds with
 * `true`, or succeeds with `false` immediately when the schedule has ended or the delay is not allowed.
 */
export const pacer = (
  schedule: Schedule.Schedule<unknown, unknown>,
  allows?: AllowsDelay
): Effect.Effect<(input: unknown) => Effect.Effect<boolean>> =>
  Effect.map(
    Schedule.driver(whileAllowed(schedule, allows)),
    (driver) => (input) => Effect.match(driver.next(input), { onFailure: () => false, onSuccess: () => true })
  )

// -----------------------------------------------------------------------------
// metrics
// -----------------------------------------------------------------------------

/** Makes a counter with tags. The returned function increments it synchronously, without a fiber step. */
export const counter = (
  name: string,
  description: string,
  tags: Record<string, string>
): ((by: number) => void) => {
  const key = MetricKey.counter(name, { description, incremental: true })
  const metric = Metric.fromMetricKey(MetricKey.taggedWithLabels(key, labelsOf(tags)))
  return (by) => metric.unsafeUpdate(by, [])
}

/** Makes a histogram of milliseconds with tags. The returned function records a value synchronously. */
export const durationHistogram = (
  name: string,
  description: string,
  tags: Record<string, string>
): ((millis: number) => void) => {
  const boundaries = MetricBoundaries.fromIterable([
    5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000
  ])
  const key = MetricKey.histogram(name, boundaries, description)
  const metric = Metric.fromMetricKey(MetricKey.taggedWithLabels(key, labelsOf(tags)))
  return (millis) => metric.unsafeUpdate(millis, [])
}

/** The tags are part of the key, so that a metric is looked up once and not at each update. */
const labelsOf = (tags: Record<string, string>): ReadonlyArray<MetricLabel.MetricLabel> =>
  Object.entries(tags).map(([key, value]) => MetricLabel.make(key, value))
