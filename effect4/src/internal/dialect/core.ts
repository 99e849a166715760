/**
 * The core of the dialect for Effect 4. `src/internal/dialect/core.ts` has the same exports for Effect 3.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"

// -----------------------------------------------------------------------------
// services
// -----------------------------------------------------------------------------

/** Makes the class of a service: `class Sending extends Service("id")<Sending, SendingService>() {}`. */
export const Service =
  <const Id extends string>(id: Id) =>
  <Self, Shape>(): Context.ServiceClass<Self, Id, Shape> =>
    Context.Service<Self, Shape>()(id)

/** A service that has a default, so that reading it adds no requirement. */
export interface Reference<A> extends Context.Reference<A> {}

export const reference = <A>(id: string, defaultValue: () => A): Reference<A> =>
  Context.Reference<A>(id, { defaultValue })

/** Runs an effect with another value of the reference. */
export const withReference = <A, E, R, S>(
  self: Effect.Effect<A, E, R>,
  ref: Reference<S>,
  value: S
): Effect.Effect<A, E, R> =>
  Effect.updateContext(self, (context: Context.Context<R>) => Context.add(context, ref, value))

/** The layer that an effect makes. The resources that the effect acquires are released with the layer. */
export const layerFrom: typeof Layer.unwrap = Layer.unwrap

/** The layer of a service that an effect makes. The resources that it acquires are released with the layer. */
export const scopedLayer: typeof Layer.effect = Layer.effect

// -----------------------------------------------------------------------------
// effects
// -----------------------------------------------------------------------------

/** The failure of a `Config`: a missing or invalid value. */
export type ConfigError = Config.ConfigError

export const catchAll: typeof Effect.catch = Effect.catch

/** Suspends the fiber until the registered callback is called with an effect. An interruption runs the returned effect. */
export const async: typeof Effect.callback = Effect.callback

/** Recovers from every kind of cause: failures, defects and interruptions from within. */
export const catchCause = <A, E, R, B, E2, R2>(
  self: Effect.Effect<A, E, R>,
  recover: (cause: Cause.Cause<E>) => Effect.Effect<B, E2, R2>
): Effect.Effect<A | B, E2, R | R2> => Effect.catchCause(self, recover)

/** Provides the current services to a function that is called later. */
export const closeOver = <Args extends ReadonlyArray<unknown>, A, E, R>(
  f: (...args: Args) => Effect.Effect<A, E, R>
): Effect.Effect<(...args: Args) => Effect.Effect<A, E>, never, R> =>
  Effect.map(
    Effect.context<R>(),
    (context) =>
      (...args: Args) =>
        Effect.provideContext(f(...args), context)
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
  Effect.map(Effect.forkDetach(Effect.interruptible(self)), (fiber) => ({
    ended: Fiber.await(fiber),
    interrupt: Fiber.interrupt(fiber),
    abort: Effect.sync(() => fiber.interruptUnsafe())
  }))

/** Makes a date from milliseconds since the epoch. */
export const utcFromMillis = (millis: number): DateTime.Utc => DateTime.makeUnsafe(millis)

/** Milliseconds since the epoch, from the `Clock` service. */
export const now: Effect.Effect<number> = Clock.currentTimeMillis

/** A number in [0, 1), from the `Random` service. */
export const random: Effect.Effect<number> = Random.next

export type DurationInput = Duration.Input

/**
 * Converts a duration to milliseconds, which may be infinite. Returns `undefined` for any other value, such as a negative
 * number, which `Duration` would read as zero.
 */
export const toMillis = (input: unknown): number | undefined => {
  if (typeof input === "number" && !(input >= 0)) return undefined
  // The function checks its input itself. More values are durations in Effect 4 than in Effect 3, such as objects.
  const duration = Duration.fromInput(input as Duration.Input)
  if (duration._tag === "None") return undefined
  const millis = Duration.toMillis(duration.value)
  return Number.isNaN(millis) ? undefined : Math.max(millis, 0)
}

/** Interrupts an effect that takes longer than the given number of milliseconds, and fails with `onTimeout()`. */
export const timeoutFail = <A, E, R, E2>(
  self: Effect.Effect<A, E, R>,
  millis: number,
  onTimeout: () => E2
): Effect.Effect<A, E | E2, R> =>
  Effect.timeoutOrElse(self, { duration: millis, orElse: () => Effect.fail(onTimeout()) })

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
        Effect.gen(function* () {
          const running = yield* Effect.forkDetach(Effect.interruptible(self))
          const awaited = Effect.timeoutOrElse(Fiber.join(running), {
            duration: millis,
            orElse: () => {
              running.interruptUnsafe()
              return Effect.fail(onTimeout())
            }
          })
          const waiting = yield* Effect.forkDetach(Effect.interruptible(awaited))
          return yield* Effect.onInterrupt(restore(Fiber.join(waiting)), () => {
            running.interruptUnsafe()
            return Fiber.interrupt(waiting)
          })
        })
      )
    : self

/** Decides whether a delay may begin. `delay` is in milliseconds, and `now` is the time at which it would begin. */
export type AllowsDelay = (delay: number, now: number) => boolean

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
): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const step = yield* Schedule.toStep(schedule)
    for (;;) {
      const exit = yield* Effect.exit(self)
      if (exit._tag === "Success") return exit.value
      const [reason, ...others] = exit.cause.reasons
      // The exit and not its error is returned, because it knows the span of the failure.
      if (reason?._tag !== "Fail" || others.length > 0 || !mayRetry(reason.error)) return yield* exit
      const { error } = reason
      const delay = yield* Effect.match(
        Effect.flatMap(now, (at) => step(at, error)),
        {
          onFailure: () => undefined,
          onSuccess: ([, duration]) => Duration.toMillis(duration)
        }
      )
      if (delay === undefined || allows?.(delay, yield* now) === false) return yield* exit
      if (onRetry !== undefined) yield* onRetry(error, delay)
      yield* Effect.sleep(Math.min(delay, maxTimerMillis))
    }
  })

/**
 * Suspends the fiber until the registered callback is called. After an interruption, the function that `register` returned
 * is called instead.
 */
export const suspendUntil = (register: (resume: () => void) => () => void): Effect.Effect<void> =>
  Effect.callback<void>((resume) => Effect.sync(register(() => resume(Effect.void))))

/**
 * Makes a function that starts effects in the background. They are interrupted when the scope closes. The returned function
 * interrupts an effect earlier, without waiting for its end.
 */
export const backgroundRunner: Effect.Effect<(work: Effect.Effect<void>) => () => void, never, Scope.Scope> =
  /* @__PURE__ */ Effect.map(/* @__PURE__ */ FiberSet.makeRuntime<never>(), (run) => (work) => {
    const fiber = run(work)
    return () => {
      fiber.interruptUnsafe()
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
  Schedule.fromStep(
    Effect.sync(() => {
      let state = initial
      return (now: number, input: In) =>
        Effect.flatMap(
          Random.next,
          (random): Effect.Effect<[Duration.Duration, Duration.Duration], Cause.Done<Duration.Duration>> => {
            const next = step(input, state, now, random)
            if (next === undefined) return Cause.done(Duration.zero)
            state = next.state
            return Effect.succeed([
              Duration.millis(next.delay),
              Duration.millis(Math.min(next.delay, maxTimerMillis))
            ])
          }
        )
    })
  )

/**
 * Makes a function that paces a loop. Each effect that it returns sleeps for the schedule's next delay and succeeds with
 * `true`, or succeeds with `false` immediately when the schedule has ended or the delay is not allowed.
 */
export const pacer = (
  schedule: Schedule.Schedule<unknown, unknown>,
  allows: AllowsDelay = () => true
): Effect.Effect<(input: unknown) => Effect.Effect<boolean>> =>
  Effect.map(
    Schedule.toStep(schedule),
    (step) => (input) =>
      Effect.gen(function* () {
        const at = yield* now
        const delay = yield* Effect.match(step(at, input), {
          onFailure: () => undefined,
          onSuccess: ([, duration]) => Duration.toMillis(duration)
        })
        if (delay === undefined || !allows(delay, at)) return false
        yield* Effect.sleep(Math.min(delay, maxTimerMillis))
        return true
      })
  )

// -----------------------------------------------------------------------------
// metrics
// -----------------------------------------------------------------------------

/** The services of the running fiber, which say where metrics are kept. */
const runningContext = (): Context.Context<never> => Fiber.getCurrent()?.context ?? Context.empty()

/** Makes a counter with tags. The returned function increments it synchronously, without a fiber step. */
export const counter = (
  name: string,
  description: string,
  tags: Record<string, string>
): ((by: number) => void) => {
  const metric = Metric.counter(name, { description, incremental: true, attributes: tags })
  return (by) => metric.updateUnsafe(by, runningContext())
}

/** Makes a histogram of milliseconds with tags. The returned function records a value synchronously. */
export const durationHistogram = (
  name: string,
  description: string,
  tags: Record<string, string>
): ((millis: number) => void) => {
  const boundaries = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000]
  const metric = Metric.histogram(name, { description, boundaries, attributes: tags })
  return (millis) => metric.updateUnsafe(millis, runningContext())
}
