/**
 * The part of the dialect for running fibers: what a call reads from the fiber that runs it, and a child fiber for each
 * attempt.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as References from "effect/References"
import * as Scope from "effect/Scope"
import type * as Tracer from "effect/Tracer"
import { maxTimerMillis, type Reference } from "./core.js"
import { isolate } from "./http.js"

/** The clock of a running program; tests provide their own. */
const liveClock = /* @__PURE__ */ Context.get(/* @__PURE__ */ Context.empty(), Clock.Clock)

/** What a call reads, once, from the fiber that runs it. */
export interface Caller {
  /** Milliseconds since the epoch, by the caller's `Clock`. */
  readonly now: () => number
  /** Whether a tracer is present that can show spans. */
  readonly traced: boolean
  /** The value of a reference in the caller's context. */
  readonly valueOf: <A>(reference: Reference<A>) => A
  readonly fiber: Fiber.Fiber<unknown, unknown>
  readonly clock: Clock.Clock
}

/** Whether a fiber has a tracer that can show spans. The cache holds one only if it was provided. */
const isTraced = <A, E>({ cache }: Fiber.Fiber<A, E>): boolean =>
  cache.tracer !== undefined && cache.tracerEnabled

/** Whether the running fiber, if there is one, has a tracer that can show spans. */
export const isRunningTraced = (): boolean => {
  const fiber = Fiber.getCurrent()
  return fiber !== undefined && isTraced(fiber)
}

/** Reads the running fiber in one step. */
export const withCaller = <A, E, R>(
  use: (caller: Caller) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.withFiber<A, E, R>((fiber) => {
    const clock = fiber.getRef(Clock.Clock)
    return use({
      fiber,
      clock,
      now: () => clock.currentTimeMillisUnsafe(),
      traced: isTraced(fiber),
      valueOf: (reference) => fiber.getRef(reference)
    })
  })

/** Whether a plain timer can measure a time for this caller. Other clocks, such as that of a test, run timers of their own. */
export const allowsPlainTimer = ({ clock }: Caller, millis: number): boolean =>
  clock === liveClock && millis <= maxTimerMillis

/** A scope that an attempt opens its socket in. */
export type AttemptScope = Scope.Closeable

export const makeScope: Effect.Effect<AttemptScope> = Scope.make()

/** A scope that closes with the surrounding one, at the latest. */
export const forkScope: Effect.Effect<AttemptScope, never, Scope.Scope> = Effect.flatMap(
  Effect.scope,
  (outer) => Scope.fork(outer, "sequential")
)

export interface AttemptSettings<in out A, in out E, out B, out E2, out R2> {
  readonly scope: AttemptScope
  /** Milliseconds; `Infinity` for no limit. */
  readonly timeout: number
  readonly onTimeout: () => E
  /** Whether the scope stays open after an attempt that ended in this way. */
  readonly keepsScope: (exit: Exit.Exit<A, E>) => boolean
  /** Continues the call with the attempt's outcome. After an interruption of the caller its result is ignored. */
  readonly finish: (exit: Exit.Exit<A, E>) => Effect.Effect<B, E2, R2>
  /** Called if the caller is interrupted before the call has continued. */
  readonly interrupted: () => void
}

/**
 * Runs `self` in a child fiber that is time limit, scope and isolation in one: what it sets in its fiber does not flow
 * back, and the platform's client runs as `isolate` prepares it.
 *
 * The child is interruptible even where the caller is not, so that a timeout also fires in a finalizer.
 */
export const runAttempt = <A, E, B, E2, R2>(
  caller: Caller,
  self: Effect.Effect<A, E, Scope.Scope>,
  settings: AttemptSettings<A, E, B, E2, R2>
): Effect.Effect<B, E2, R2> =>
  Effect.callback<B, E2, R2>((resume) => {
    const { scope, timeout } = settings
    const limited = Number.isFinite(timeout)
    const byTimer = allowsPlainTimer(caller, timeout)
    let timedOut = false
    let timer: ReturnType<typeof setTimeout> | undefined
    // V8 may keep ended fibers until the next complete garbage collection, so a fiber does not hold what it has read.
    let value: A | undefined
    const attempt = Effect.map(self, (read) => {
      value = read
    })
    const withValue = (ended: Exit.Exit<void, E>): Exit.Exit<A, E> => {
      const read = value as A
      value = undefined
      return Exit.map(ended, () => read)
    }
    const close = (exit: Exit.Exit<A, E>): Effect.Effect<void> =>
      settings.keepsScope(exit) ? Effect.void : Effect.uninterruptible(Scope.close(scope, exit))
    const child = Effect.runForkWith(Context.add(isolate(caller.fiber.context), Scope.Scope, scope))(
      limited && !byTimer
        ? Effect.timeoutOrElse(attempt, {
            duration: timeout,
            orElse: () => Effect.fail(settings.onTimeout())
          })
        : attempt
    )
    child.addObserver((ended) => {
      clearTimeout(timer)
      const exit: Exit.Exit<A, E> =
        timedOut && Exit.hasInterrupts(ended) ? Exit.fail(settings.onTimeout()) : withValue(ended)
      const next = settings.finish(exit)
      resume(settings.keepsScope(exit) ? next : Effect.andThen(close(exit), next))
    })
    if (byTimer && child.pollUnsafe() === undefined) {
      timer = setTimeout(() => {
        timedOut = true
        child.interruptUnsafe(caller.fiber.id)
      }, timeout)
    }
    return Effect.suspend(() => {
      timedOut = false
      settings.interrupted()
      return Effect.flatMap(Effect.andThen(Fiber.interrupt(child), Fiber.await(child)), (ended) =>
        close(withValue(ended))
      )
    })
  })

// -----------------------------------------------------------------------------
// spans
// -----------------------------------------------------------------------------

/** The part of a span that the pipeline writes to. */
export type Span = Tracer.Span

type Frame = () => string | undefined

/** Where spans were started, as stack traces show it. */
const framesOf = new WeakMap<Span, Frame>()

/** Starts a client span, which `endSpan` ends. `Cause.pretty` shows `callSite` with a failure of `failInSpan`. */
export const startSpan = (
  name: string,
  attributes: Record<string, unknown>,
  parent: Span | undefined,
  callSite: Frame | undefined
): Effect.Effect<Span> =>
  Effect.map(
    Effect.makeSpan(name, { kind: "client", attributes, ...(parent === undefined ? {} : { parent }) }),
    (span) => {
      if (callSite !== undefined) framesOf.set(span, callSite)
      return span
    }
  )

/** Ends a span, unless it has ended. */
export const endSpan = (caller: Caller, span: Span, exit: Exit.Exit<unknown, unknown>): void => {
  if (span.status._tag === "Ended") return
  const timed = caller.fiber.getRef(References.TracerTimingEnabled)
  span.end(timed ? caller.clock.currentTimeNanosUnsafe() : BigInt(0), exit)
}

// -----------------------------------------------------------------------------
// outcomes
// -----------------------------------------------------------------------------

/** The typed failure of an exit, or `undefined` for a success, a defect or an interruption. */
export const failureOf = <E>(exit: Exit.Exit<unknown, E>): E | undefined => {
  if (Exit.isSuccess(exit)) return undefined
  const [first, ...more] = exit.cause.reasons
  return first?._tag === "Fail" && more.length === 0 ? first.error : undefined
}

/** The ways in which an effect ends. `failure` is a typed one only. */
export type Ending = "success" | "failure" | "defect" | "interrupt"

/** Returns how an effect ended. */
export const endingOf = (exit: Exit.Exit<unknown, unknown>): Ending => {
  if (Exit.isSuccess(exit)) return "success"
  const [first, ...more] = exit.cause.reasons
  if (first?._tag === "Fail" && more.length === 0) return "failure"
  return Exit.hasInterrupts(exit) ? "interrupt" : "defect"
}

/** The exit of an interrupted caller. */
export const interruption = ({ fiber }: Caller): Exit.Exit<never, never> => Exit.interrupt(fiber.id)

/**
 * Fails in a span, or in that of the running fiber. Effect then knows the span of the failure, and `Cause.pretty` shows
 * where the span was started. A failure that another fiber has raised knows the span of that fiber only.
 */
export const failInSpan = <E>(error: E, span: Span | undefined): Effect.Effect<never, E> => {
  const failure = Effect.fail(error)
  if (span === undefined) return failure
  return Effect.withParentSpan(failure, span, { captureStackTrace: framesOf.get(span) ?? false })
}

/** The effect that ends as an exit says, with a typed failure as that of a span. */
export const fromExit = <A, E>(exit: Exit.Exit<A, E>, span: Span | undefined): Effect.Effect<A, E> => {
  const error = failureOf(exit)
  return error === undefined ? exit : failInSpan(error, span)
}

/** Reports how `self` ended. */
export const onExitSync = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  observe: (exit: Exit.Exit<A, E>) => void
): Effect.Effect<A, E, R> => Effect.onExit(self, (exit) => Effect.sync(() => observe(exit)))
