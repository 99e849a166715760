/**
 * The dialect: everything in which Effect 3 and Effect 4 differ, behind one set of names.
 *
 * The rest of `src` imports from here, from its two sisters (`effectSchema.ts`, `effectServer.ts`) and from the
 * modules whose members are the same in both majors (`test/dialect.test.ts` holds that list). A second major is
 * a second set of files of this shape.
 */
import type * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import type * as ConfigErrors from "effect/ConfigError"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as DefaultServices from "effect/DefaultServices"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as ScheduleDecision from "effect/ScheduleDecision"
import * as ScheduleInterval from "effect/ScheduleInterval"
import * as Scope from "effect/Scope"
import type * as Tracer from "effect/Tracer"

// -----------------------------------------------------------------------------
// services
// -----------------------------------------------------------------------------

/** The class of a service: `class Sending extends Service("id")<Sending, SendingService>() {}`. */
export const Service: typeof Context.Tag = Context.Tag

/** A service that has a default, so that reading it adds no requirement. */
export interface Reference<A> extends Context.Reference<Reference<A>, A> {}

export const reference = <A>(id: string, defaultValue: () => A): Reference<A> =>
  Context.Reference<Reference<A>>()(id, { defaultValue })

/** Runs `self`, an Effect, with another value of the reference. */
export const withReference = <A, E, R, S>(
  self: Effect.Effect<A, E, R>,
  ref: Reference<S>,
  value: S
): Effect.Effect<A, E, R> =>
  Effect.mapInputContext(self, (context: Context.Context<R>) => Context.add(context, ref, value))

/** The layer that an effect makes; what the effect acquires is let go with the layer. */
export const layerFrom: typeof Layer.unwrapScoped = Layer.unwrapScoped

/** The layer of a service that an effect makes and lets go when the layer's scope closes. */
export const scopedLayer: typeof Layer.scoped = Layer.scoped

// -----------------------------------------------------------------------------
// effects
// -----------------------------------------------------------------------------

/** Why a configuration value could not be had. */
export type ConfigError = ConfigErrors.ConfigError

export const catchAll: typeof Effect.catchAll = Effect.catchAll

/** Goes on after any way in which `self` may end badly: a failure, a defect or an interruption from within. */
export const catchCause = <A, E, R, B, E2, R2>(
  self: Effect.Effect<A, E, R>,
  recover: (cause: Cause.Cause<E>) => Effect.Effect<B, E2, R2>
): Effect.Effect<A | B, E2, R | R2> => Effect.catchAllCause(self, recover)

/** A function to be called later, with the services that are at hand now. */
export const closeOver = <Args extends ReadonlyArray<unknown>, A, E, R>(
  f: (...args: Args) => Effect.Effect<A, E, R>
): Effect.Effect<(...args: Args) => Effect.Effect<A, E>, never, R> =>
  Effect.map(
    Effect.context<R>(),
    (context) =>
      (...args: Args) =>
        Effect.provide(f(...args), context)
  )

/** An effect that runs on its own. */
export interface Detached {
  /** Waits for its end, however it ends. */
  readonly ended: Effect.Effect<void>
  /** Interrupts it and waits for its end. */
  readonly interrupt: Effect.Effect<void>
}

/** Runs `self` on its own until it ends or is interrupted. */
export const detach = <R>(self: Effect.Effect<void, never, R>): Effect.Effect<Detached, never, R> =>
  Effect.map(Effect.forkDaemon(Effect.interruptible(self)), (fiber) => ({
    ended: Effect.asVoid(Fiber.await(fiber)),
    interrupt: Effect.asVoid(Fiber.interrupt(fiber))
  }))

/** An instant from milliseconds since the epoch. */
export const utcFromMillis = (millis: number): DateTime.Utc => DateTime.unsafeMake(millis)

/** Milliseconds since the epoch, by `Clock`. */
export const now: Effect.Effect<number> = Clock.currentTimeMillis

/** A number in [0, 1), by `Random`. */
export const random: Effect.Effect<number> = Random.next

export type DurationInput = Duration.DurationInput

/** A duration in milliseconds (possibly infinite), or `undefined` for what is no duration at all. */
export const toMillis = (input: unknown): number | undefined => {
  const duration = Duration.decodeUnknown(input)
  return duration._tag === "Some" ? Duration.toMillis(duration.value) : undefined
}

/**
 * Fails with `onTimeout()` when `self` takes longer than so many milliseconds, interrupting it. What `self` sets in
 * its fiber stays there.
 */
export const timeoutFail = <A, E, R, E2>(
  self: Effect.Effect<A, E, R>,
  millis: number,
  onTimeout: () => E2
): Effect.Effect<A, E | E2, R> =>
  Effect.clockWith((clock) =>
    clock === liveClock && millis <= maxTimerMillis
      ? timerFail(self, millis, onTimeout)
      : Effect.timeoutFail(self, { duration: millis, onTimeout })
  )

/** The clock of a running program; a test has its own. */
const liveClock = /* @__PURE__ */ Context.get(DefaultServices.liveServices, Clock.Clock)

/** A timer that is to wait longer fires at once. */
const maxTimerMillis = 2 ** 31 - 1

/** A timeout by a bare timer, which costs half of what a race between two fibers does. */
const timerFail = <A, E, R, E2>(
  self: Effect.Effect<A, E, R>,
  millis: number,
  onTimeout: () => E2
): Effect.Effect<A, E | E2, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.fork(Effect.exit(restore(self))), (fiber) =>
      restore(
        Effect.async<A, E | E2>((resume) => {
          const timer = setTimeout(
            () => resume(Effect.flatMap(Fiber.interrupt(fiber), () => Effect.fail(onTimeout()))),
            millis
          )
          fiber.addObserver((exit) => {
            clearTimeout(timer)
            resume(Exit.flatten(exit))
          })
          return Effect.suspend(() => {
            clearTimeout(timer)
            return Fiber.interrupt(fiber)
          })
        })
      )
    )
  )

/** Like `Effect.retry`, going on for as long as `schedule` continues and `mayRetry` allows. */
export const retryWhile = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  schedule: Schedule.Schedule<unknown, E>,
  mayRetry: (error: E) => boolean
): Effect.Effect<A, E, R> => Effect.retry(self, Schedule.whileInput(schedule, mayRetry))

/** How an effect ended: `failure` holds a typed error only, neither a defect nor an interruption. */
export type Outcome<E> =
  | { readonly _tag: "success" }
  | { readonly _tag: "failure"; readonly error: E }
  | { readonly _tag: "defect" }
  | { readonly _tag: "interrupt" }

/** Tells `observe` how and when `self` ended. */
export const observing = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  observe: (outcome: Outcome<E>, endedAt: number) => void
): Effect.Effect<A, E, R> =>
  Effect.onExit(self, (exit) => Effect.map(now, (endedAt) => observe(outcomeOf(exit), endedAt)))

const outcomeOf = <E>(exit: Exit.Exit<unknown, E>): Outcome<E> => {
  if (Exit.isSuccess(exit)) return { _tag: "success" }
  if (exit.cause._tag === "Fail") return { _tag: "failure", error: exit.cause.error }
  return { _tag: Exit.isInterrupted(exit) ? "interrupt" : "defect" }
}

/** Starts effects that nobody waits for; they end, at the latest, with the surrounding scope. */
export const backgroundRunner: Effect.Effect<(work: Effect.Effect<void>) => void, never, Scope.Scope> =
  /* @__PURE__ */ Effect.map(/* @__PURE__ */ FiberSet.makeRuntime<never>(), (run) => (work) => {
    run(work)
  })

/**
 * Runs `self` in a scope of its own, which is closed when it ends, unless `settled` says that nothing is open any
 * more: to abort a request that is over costs an exception with its stack.
 */
export const scopedUnless = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  settled: () => boolean
): Effect.Effect<A, E, Exclude<R, Scope.Scope>> =>
  Effect.flatMap(Scope.make(), (scope) =>
    Effect.onExit(Scope.extend(self, scope), (exit) => (settled() ? Effect.void : Scope.close(scope, exit)))
  )

/** Runs `self` in a scope of its own, which closes at once when it fails, and else with the surrounding one. */
export const scopedOnFailure = <A, E, R>(
  self: Effect.Effect<A, E, R>
): Effect.Effect<A, E, Exclude<R, Scope.Scope> | Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.scope, (outer) =>
      Effect.flatMap(Scope.fork(outer, ExecutionStrategy.sequential), (own) =>
        Effect.onError(restore(Scope.extend(self, own)), (cause) => Scope.close(own, Exit.failCause(cause)))
      )
    )
  )

// -----------------------------------------------------------------------------
// schedules
// -----------------------------------------------------------------------------

/** What a step of a schedule decides: wait `delay` milliseconds and go on, or stop (`undefined`). */
export interface ScheduleStep<State> {
  readonly state: State
  readonly delay: number
}

/**
 * A schedule from a pure step, whose output is the delay it decided on. `random` is a number in [0, 1) from the
 * `Random` service, so that jitter is deterministic in tests.
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
            ScheduleDecision.continueWith(ScheduleInterval.after(now + next.delay))
          ]
    })
  )

/**
 * Paces a loop: each run of what it gives sleeps for as long as the schedule says, or gives `false` without a sleep
 * once the schedule has ended.
 */
export const pacer = (
  schedule: Schedule.Schedule<unknown, unknown>
): Effect.Effect<(input: unknown) => Effect.Effect<boolean>> =>
  Effect.map(
    Schedule.driver(schedule),
    (driver) => (input) => Effect.match(driver.next(input), { onFailure: () => false, onSuccess: () => true })
  )

// -----------------------------------------------------------------------------
// tracing and metrics
// -----------------------------------------------------------------------------

/** The part of a span that the pipeline writes to. */
export type Span = Tracer.Span

/** Runs `use` inside a client span that is its own scope for child spans. */
export const clientSpan = <A, E, R>(
  name: string,
  attributes: Record<string, unknown>,
  parent: Span | undefined,
  use: (span: Span) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.useSpan(
    name,
    parent === undefined
      ? { kind: "client", attributes, captureStackTrace: false }
      : { kind: "client", attributes, captureStackTrace: false, parent },
    use
  )

/** A counter, by its tags; `add` is synchronous, so it costs no fiber step. */
export const counter = (
  name: string,
  description: string,
  tags: Record<string, string>
): ((by: number) => void) => {
  const metric = tagged(Metric.counter(name, { description, incremental: true }), tags)
  return (by) => metric.unsafeUpdate(by, [])
}

/** A histogram of milliseconds, by its tags. */
export const durationHistogram = (
  name: string,
  description: string,
  tags: Record<string, string>
): ((millis: number) => void) => {
  const boundaries = MetricBoundaries.fromIterable([
    5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000
  ])
  const metric = tagged(Metric.histogram(name, boundaries, description), tags)
  return (millis) => metric.unsafeUpdate(millis, [])
}

const tagged = <Type, In, Out>(
  metric: Metric.Metric<Type, In, Out>,
  tags: Record<string, string>
): Metric.Metric<Type, In, Out> =>
  Object.entries(tags).reduce((self, [key, value]) => Metric.tagged(self, key, value), metric)
