/**
 * The part of the dialect for running fibers: what a call reads from the fiber that runs it, and a child fiber for each
 * attempt.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import * as Runtime from "effect/Runtime"
import * as RuntimeFlags from "effect/RuntimeFlags"
import * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import { maxTimerMillis, type Reference } from "./core.js"
import { isolate } from "./http.js"

/** The clock of a running program; tests provide their own. */
const liveClock = /* @__PURE__ */ Context.get(DefaultServices.liveServices, Clock.Clock)

/** Effect's own tracer, which keeps no span. */
const nativeTracer = /* @__PURE__ */ Context.get(DefaultServices.liveServices, Tracer.Tracer)

/** What a call reads, once, from the fiber that runs it. */
export interface Caller {
  /** Milliseconds since the epoch, by the caller's `Clock`. */
  readonly now: () => number
  /** Whether a tracer is present that can show spans. */
  readonly traced: boolean
  /** The value of a reference in the caller's context. */
  readonly valueOf: <A>(reference: Reference<A>) => A
  readonly fiber: Fiber.RuntimeFiber<unknown, unknown>
  readonly clock: Clock.Clock
  readonly flags: RuntimeFlags.RuntimeFlags
}

/** Whether a fiber has a tracer that can show spans. */
const isTraced = <A, E>(fiber: Fiber.RuntimeFiber<A, E>): boolean =>
  fiber.currentTracer !== nativeTracer && fiber.getFiberRef(FiberRef.currentTracerEnabled)

/** Whether the running fiber, if there is one, has a tracer that can show spans. */
export const isRunningTraced = (): boolean => {
  const fiber = Fiber.getCurrentFiber()
  return fiber._tag === "Some" && isTraced(fiber.value)
}

/** Reads the running fiber in one step. */
export const withCaller = <A, E, R>(
  use: (caller: Caller) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.withFiberRuntime<A, E, R>((fiber, status) => {
    const clock = Context.get(fiber.currentDefaultServices, Clock.Clock)
    return use({
      fiber,
      clock,
      flags: status.runtimeFlags,
      now: () => clock.unsafeCurrentTimeMillis(),
      traced: isTraced(fiber),
      valueOf: (reference) => Context.get(fiber.currentContext as Context.Context<unknown>, reference)
    })
  })

/** Whether a plain timer can measure a time for this caller. Other clocks, such as that of a test, run timers of their own. */
export const allowsPlainTimer = ({ clock }: Caller, millis: number): boolean =>
  clock === liveClock && millis <= maxTimerMillis

/** A scope that an attempt opens its socket in. */
export type AttemptScope = Scope.CloseableScope

export const makeScope: Effect.Effect<AttemptScope> = Scope.make()

/** A scope that closes with the surrounding one, at the latest. */
export const forkScope: Effect.Effect<AttemptScope, never, Scope.Scope> = Effect.flatMap(
  Effect.scope,
  (outer) => Scope.fork(outer, ExecutionStrategy.sequential)
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
  Effect.async<B, E2, R2>((resume) => {
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
    const child = Runtime.runFork(
      Runtime.make({
        context: Context.add(isolate.context(caller.fiber.currentContext), Scope.Scope, scope),
        runtimeFlags: RuntimeFlags.enable(caller.flags, RuntimeFlags.Interruption),
        fiberRefs: caller.fiber.getFiberRefs()
      }),
      limited && !byTimer
        ? Effect.timeoutFail(attempt, { duration: timeout, onTimeout: settings.onTimeout })
        : attempt,
      { updateRefs: isolate.fiberRefs }
    )
    child.addObserver((ended) => {
      clearTimeout(timer)
      const exit: Exit.Exit<A, E> =
        timedOut && Exit.isInterrupted(ended) ? Exit.fail(settings.onTimeout()) : withValue(ended)
      const next = settings.finish(exit)
      resume(settings.keepsScope(exit) ? next : Effect.zipRight(close(exit), next))
    })
    if (byTimer && child.unsafePoll() === null) {
      timer = setTimeout(() => {
        timedOut = true
        child.unsafeInterruptAsFork(caller.fiber.id())
      }, timeout)
    }
    return Effect.suspend(() => {
      timedOut = false
      settings.interrupted()
      return Effect.flatMap(Fiber.interrupt(child), (ended) => close(withValue(ended)))
    })
  })

// -----------------------------------------------------------------------------
// spans
// -----------------------------------------------------------------------------

/** The part of a span that the pipeline writes to. */
export type Span = Tracer.Span

/** Starts a client span, which `endSpan` ends. `Cause.pretty` shows `callSite` with a failure of `failInSpan`. */
export const startSpan = (
  name: string,
  attributes: Record<string, unknown>,
  parent: Span | undefined,
  callSite: (() => string | undefined) | undefined
): Effect.Effect<Span> =>
  Effect.makeSpan(name, {
    kind: "client",
    attributes,
    captureStackTrace: callSite ?? false,
    ...(parent === undefined ? {} : { parent })
  })

/** Ends a span, unless it has ended. */
export const endSpan = (caller: Caller, span: Span, exit: Exit.Exit<unknown, unknown>): void => {
  if (span.status._tag === "Ended") return
  const timed = caller.fiber.getFiberRef(FiberRef.currentTracerTimingEnabled)
  span.end(timed ? caller.clock.unsafeCurrentTimeNanos() : BigInt(0), exit)
}

// -----------------------------------------------------------------------------
// outcomes
// -----------------------------------------------------------------------------

/** The typed failure of an exit, or `undefined` for a success, a defect or an interruption. */
export const failureOf = <E>(exit: Exit.Exit<unknown, E>): E | undefined =>
  Exit.isFailure(exit) && exit.cause._tag === "Fail" ? exit.cause.error : undefined

/** The ways in which an effect ends. `failure` is a typed one only. */
export type Ending = "success" | "failure" | "defect" | "interrupt"

/** Returns how an effect ended. */
export const endingOf = (exit: Exit.Exit<unknown, unknown>): Ending => {
  if (Exit.isSuccess(exit)) return "success"
  if (exit.cause._tag === "Fail") return "failure"
  return Exit.isInterrupted(exit) ? "interrupt" : "defect"
}

/** The exit of an interrupted caller. */
export const interruption = ({ fiber }: Caller): Exit.Exit<never, never> => Exit.interrupt(fiber.id())

/**
 * Fails in a span, or in that of the running fiber. Effect then knows the span of the failure, and `Cause.pretty` shows
 * where the span was started. A failure that another fiber has raised knows the span of that fiber only.
 */
export const failInSpan = <E>(error: E, span: Span | undefined): Effect.Effect<never, E> => {
  const failure = Effect.fail(Cause.originalError(error))
  return span === undefined ? failure : Effect.withParentSpan(failure, span)
}

/** The effect that ends as an exit says, with a typed failure as that of a span. */
export const fromExit = <A, E>(exit: Exit.Exit<A, E>, span: Span | undefined): Effect.Effect<A, E> => {
  const failed = Exit.isFailure(exit) && exit.cause._tag === "Fail" ? exit.cause : undefined
  return failed === undefined ? exit : failInSpan(failed.error, span)
}

/** Reports how `self` ended. */
export const onExitSync = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  observe: (exit: Exit.Exit<A, E>) => void
): Effect.Effect<A, E, R> => Effect.onExit(self, (exit) => Effect.sync(() => observe(exit)))
