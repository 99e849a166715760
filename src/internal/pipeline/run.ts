/**
 * The interpreter of operations: prepare, authorize, send, read, map the failure, retry, trace. Nothing else in the SDK
 * talks to `HttpClient`.
 *
 * All calls take one path. The caller's clock, tracer and references are read once. Each attempt runs in one child
 * fiber, which is its time limit, its scope and its isolation. One observer ends spans and records metrics. The retry
 * policy takes part only after a failure, and spans are built only where a tracer can show them. This path is tuned by
 * hand, since every call pays for it: `docs/benchmarks.md`.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import {
  type AttemptScope,
  type Caller,
  endingOf,
  endSpan,
  failInSpan,
  failureOf,
  forkScope,
  fromExit,
  interruption,
  makeScope,
  onExitSync,
  runAttempt,
  type Span,
  startSpan,
  withCaller
} from "../dialect/fiber.js"
import type { InvalidRequestError, SendmuxError } from "../model/errors.js"
import type { RetryPolicy } from "../model/options.js"
import type { Operation } from "../operation/operation.js"
import { CurrentMailbox } from "../request/currentMailbox.js"
import type { PreparedRequest } from "../request/prepare.js"
import { deadlineExceeded } from "../response/deadline.js"
import type { Fetched } from "../response/envelope.js"
import { transportError } from "../response/errors.js"
import {
  type CallState,
  type DecodeStream,
  type Opened,
  type Read,
  readData,
  readStream,
  unlessNotModified
} from "../response/read.js"
import { budgetOf } from "../timing/budget.js"
import { CurrentDeadline, retryBefore } from "../timing/deadline.js"
import { CurrentPolicy } from "../timing/retry.js"
import { type Exchange, exchange } from "./attempt.js"
import { beforeDeadline, refusalOf } from "./late.js"
import type { Pipeline } from "./pipeline.js"
import { leavesRequestRunning, mayRetry } from "./replay.js"
import type { ReadAs } from "./responseCache.js"
import { type Instruments, instrumentsOf } from "./telemetry.js"

/** Prepares the request of a call, for the mailbox that the caller has selected. */
export type Prepare = (mailboxId: string | undefined) => PreparedRequest | InvalidRequestError

/** Runs a call to its decoded data, of which `pick` makes the result. */
export const run = <A, B>(
  pipeline: Pipeline,
  operation: Operation<ReadonlyArray<string>, never, A>,
  prepare: Prepare,
  pick: (fetched: Fetched<A>) => B
): Effect.Effect<B, SendmuxError> =>
  calling(pipeline, prepare, (request, caller) => {
    const readAs = pipeline.cache?.reading(operation, request)
    return buffered(pipeline, request, caller, readData(operation), readAs, pick)
  })

/** Runs a conditional read; a 304 is `Option.none`. */
export const runConditional = <A, B>(
  pipeline: Pipeline,
  operation: Operation<ReadonlyArray<string>, never, A>,
  prepare: Prepare,
  pick: (fetched: Fetched<A>) => B
): Effect.Effect<Option.Option<B>, SendmuxError> =>
  calling(pipeline, prepare, (request, caller) => {
    const read = unlessNotModified(readData(operation))
    return buffered(pipeline, request, caller, read, undefined, Option.map(pick))
  })

/** Opens a stream whose socket closes with the surrounding scope; that of a failed attempt closes at once. */
export const openScoped = <A>(
  pipeline: Pipeline,
  prepare: Prepare,
  decode: DecodeStream<A>
): Effect.Effect<Opened<A>, SendmuxError, Scope.Scope> =>
  calling(pipeline, prepare, (request, caller) =>
    runCall<Opened<A>, Opened<A>, Scope.Scope>({
      pipeline,
      client: pipeline.scopedClient,
      request,
      caller,
      read: readStream(decode),
      readAs: undefined,
      scope: forkScope,
      keepsScope: (exit) => exit._tag === "Success",
      pick: same,
      state: initialState(caller)
    })
  )

/** Opens a stream whose socket closes when the stream ends. */
export const open = <A>(
  pipeline: Pipeline,
  prepare: Prepare,
  decode: DecodeStream<A>
): Effect.Effect<Opened<A>, SendmuxError> =>
  calling(pipeline, prepare, (request, caller) => unscoped(pipeline, request, caller, readStream(decode)))

/** Sends a prepared request, and reads its response by a function, which may leave the socket open. */
export const runRequest = <A>(
  pipeline: Pipeline,
  prepare: Prepare,
  read: Read<A>
): Effect.Effect<A, SendmuxError> =>
  calling(pipeline, prepare, (request, caller) => unscoped(pipeline, request, caller, read))

/** Opens a stream whose socket closes when the stream ends; a 304 is `Option.none`. */
export const openConditional = <A>(
  pipeline: Pipeline,
  prepare: Prepare,
  decode: DecodeStream<A>
): Effect.Effect<Option.Option<Opened<A>>, SendmuxError> =>
  calling(pipeline, prepare, (request, caller) =>
    unscoped(pipeline, request, caller, unlessNotModified(readStream(decode)))
  )

const same = <A>(a: A): A => a

/** Reads the caller, prepares the request, and collects the body of an upload. */
const calling = <A, R>(
  pipeline: Pipeline,
  prepare: Prepare,
  use: (request: PreparedRequest, caller: Caller) => Effect.Effect<A, SendmuxError, R>
): Effect.Effect<A, SendmuxError, R> =>
  withCaller((caller) => {
    const request = prepare(caller.valueOf(CurrentMailbox) ?? pipeline.mailboxId)
    if ("_tag" in request) return Effect.fail(request)
    return request.gather === undefined
      ? use(request, caller)
      : Effect.flatMap(beforeDeadline(caller, request, request.gather, "Input"), (body) =>
          use({ ...request, body }, caller)
        )
  })

/** A call that reads its response to the end and leaves no socket open. */
const buffered = <A, B>(
  pipeline: Pipeline,
  request: PreparedRequest,
  caller: Caller,
  read: Read<A>,
  readAs: ReadAs<A> | undefined,
  pick: (value: A) => B
): Effect.Effect<B, SendmuxError> => {
  const state = initialState(caller)
  return runCall({
    pipeline,
    client: pipeline.scopedClient,
    request,
    caller,
    read,
    readAs,
    scope: makeScope,
    // To abort a request that is complete costs an exception with its stack.
    keepsScope: () => state.bodyRead,
    pick,
    state
  })
}

const unscoped = <A>(
  pipeline: Pipeline,
  request: PreparedRequest,
  caller: Caller,
  read: Read<A>
): Effect.Effect<A, SendmuxError> =>
  runCall({
    pipeline,
    client: pipeline.client,
    request,
    caller,
    read,
    readAs: undefined,
    scope: makeScope,
    keepsScope: () => true,
    pick: same,
    state: initialState(caller)
  })

const initialState = (caller: Caller): CallState => ({
  deadline: caller.valueOf(CurrentDeadline),
  attempts: 0,
  status: undefined,
  requestId: undefined,
  mayBeRunning: false,
  bodyRead: false,
  permit: undefined,
  paced: 0,
  refused: false
})

// -----------------------------------------------------------------------------
// one call
// -----------------------------------------------------------------------------

interface CallSpec<A, B, S> extends Exchange<A, Scope.Scope> {
  /** The scope of each attempt. */
  readonly scope: Effect.Effect<AttemptScope, never, S>
  readonly keepsScope: (exit: Exit.Exit<A, SendmuxError>) => boolean
  readonly pick: (value: A) => B
}

const runCall = <A, B, S>(spec: CallSpec<A, B, S>): Effect.Effect<B, SendmuxError, S> => {
  const { caller, pipeline, request } = spec
  if (!caller.traced && !pipeline.propagateTrace) return attempting(spec, undefined)
  const { operation } = request
  const attributes = {
    "http.request.method": operation.http,
    "http.route": operation.path,
    "sendmux.operation": operation.name
  }
  const { callSite } = request
  return Effect.flatMap(startSpan(`Sendmux.${operation.name}`, attributes, undefined, callSite), (span) =>
    attempting(spec, span)
  )
}

const attempting = <A, B, S>(
  spec: CallSpec<A, B, S>,
  span: Span | undefined
): Effect.Effect<B, SendmuxError, S> => {
  const { caller, pick, request, state } = spec
  const observer = makeObserver(caller, request, state, span)
  return attempt(spec, span, observer.interrupted, (exit) => {
    if (exit._tag === "Success") {
      observer.ended(exit)
      return Effect.succeed(pick(exit.value))
    }
    const failure = failureOf(exit)
    if (failure === undefined || !shouldRetry(request, state, failure)) {
      observer.ended(exit)
      return Effect.map(fromExit(exit, span), pick)
    }
    return retrying(spec, span, failure, observer)
  })
}

/** Runs one attempt. `finish` continues the call; `interrupted` is called if the caller is interrupted. */
type Attempt = <A, B, C, S>(
  spec: CallSpec<A, B, S>,
  span: Span | undefined,
  interrupted: () => void,
  finish: (exit: Exit.Exit<A, SendmuxError>) => Effect.Effect<C, SendmuxError, S>
) => Effect.Effect<C, SendmuxError, S>

/** One attempt, which waits for its permit first. The wait is no part of it, so its timeout does not run yet. */
const attempt: Attempt = (spec, span, interrupted, finish) => {
  const { caller, pipeline, request, state } = spec
  const { operation } = request
  const { gate } = pipeline
  if (gate === undefined || !operation.authenticated) return sent(spec, span, interrupted, finish)
  const entering = gate.enter({
    operation: operation.name,
    now: caller.now,
    budget: budgetOf(policyOf(caller, pipeline)),
    waited: state.paced,
    deadline: state.deadline
  })
  const watched = onExitSync(beforeDeadline(caller, request, entering, "RateLimit", state), (exit) => {
    if (endingOf(exit) === "interrupt") interrupted()
  })
  return Effect.matchEffect(watched, {
    onFailure: (refusal) => {
      state.refused = true
      return finish(Exit.fail("_tag" in refusal ? refusal : refusalOf(spec, refusal)))
    },
    onSuccess: (permit) => {
      state.permit = permit
      state.paced += permit.waited
      return sent(spec, span, interrupted, finish)
    }
  })
}

/** One attempt in its own fiber. It has at most the time that is left until the deadline. */
const sent: Attempt = (spec, span, interrupted, finish) =>
  Effect.flatMap(spec.scope, (scope) => {
    const { caller, request, state } = spec
    const { permit } = state
    const { operation } = request
    const left = state.deadline - caller.now()
    const timeout = Math.min(request.timeout, left)
    const late = (attempts: number, uncertain: boolean) =>
      deadlineExceeded({ operation: operation.name, awaited: "Response", left: 0, attempts, uncertain })
    if (left <= 0) {
      permit?.ended(caller.now())
      return finish(Exit.fail(late(state.attempts, state.mayBeRunning)))
    }
    const attempts = ++state.attempts
    state.status = undefined
    state.requestId = undefined
    state.bodyRead = false
    const once = (attemptSpan: Span | undefined) =>
      runAttempt(caller, exchange(spec, attemptSpan), {
        scope,
        timeout,
        onTimeout: () =>
          timeout < request.timeout
            ? late(attempts, true)
            : transportError({ operation, attempts }, "Timeout", `No response within ${timeout} ms`),
        keepsScope: spec.keepsScope,
        finish: (exit) => {
          permit?.ended(caller.now())
          if (attemptSpan !== undefined) endSpan(caller, attemptSpan, exit)
          return finish(exit)
        },
        interrupted:
          permit === undefined
            ? interrupted
            : () => {
                permit.ended(caller.now())
                interrupted()
              }
      })
    return span === undefined
      ? once(undefined)
      : Effect.flatMap(startSpan("Sendmux.attempt", { "sendmux.attempt": attempts }, span, undefined), once)
  })

/** Further attempts after a first one that failed, whose failure is the first that the policy sees. */
const retrying = <A, B, S>(
  spec: CallSpec<A, B, S>,
  span: Span | undefined,
  first: SendmuxError,
  observer: Observer
): Effect.Effect<B, SendmuxError, S> => {
  const { caller, pick, pipeline, request, state } = spec
  let pending: SendmuxError | undefined = first
  const again = Effect.suspend((): Effect.Effect<A, SendmuxError, S> => {
    if (pending !== undefined) {
      const failure = pending
      pending = undefined
      return failInSpan(failure, span)
    }
    observer.instruments.retried()
    return attempt(spec, span, ignored, (exit) => fromExit(exit, span))
  })
  const result = retryBefore(
    state.deadline,
    again,
    policyOf(caller, pipeline),
    (error) => shouldRetry(request, state, error),
    () => ({
      operation: request.operation.name,
      attempts: state.attempts,
      uncertain: state.mayBeRunning
    }),
    (error, delay) => {
      const limited = error._tag === "APIError" && error.status === 429
      if (limited) observer.instruments.limited()
      const log = limited ? Effect.logInfo : Effect.logDebug
      return log(
        `${request.operation.name}: attempt ${state.attempts} failed (${summaryOf(error)}), retrying in ${delay} ms`
      )
    }
  )
  return Effect.map(onExitSync(result, observer.ended), pick)
}

const ignored = (): void => {}

/** The policy that the caller has set, otherwise that of the layer. */
const policyOf = (caller: Caller, pipeline: Pipeline): RetryPolicy =>
  caller.valueOf(CurrentPolicy) ?? pipeline.retry

const shouldRetry = (request: PreparedRequest, state: CallState, error: SendmuxError): boolean => {
  // The limiter has established that the wait is too long, so a retry would only ask it again.
  if (state.refused) return false
  const retry = mayRetry(request, state.mayBeRunning, error)
  if (leavesRequestRunning(error)) state.mayBeRunning = true
  return retry
}

/** A failure in a few words, for a log. */
const summaryOf = (error: SendmuxError): string => {
  if (error._tag === "APIError") return `${error.status} ${error.code}`
  return error._tag === "TransportError" ? (error.systemCode ?? error.reason) : error._tag
}

// -----------------------------------------------------------------------------
// observing
// -----------------------------------------------------------------------------

/** Ends a call's span and records its metrics, once. */
interface Observer {
  readonly instruments: Instruments
  readonly ended: (exit: Exit.Exit<unknown, SendmuxError>) => void
  readonly interrupted: () => void
}

const makeObserver = (
  caller: Caller,
  { operation }: PreparedRequest,
  state: CallState,
  span: Span | undefined
): Observer => {
  const instruments = instrumentsOf(operation.name)
  const startedAt = caller.now()
  let observed = false
  const ended = (exit: Exit.Exit<unknown, SendmuxError>): void => {
    if (observed) return
    observed = true
    const error = failureOf(exit)
    instruments.ended(error?._tag ?? endingOf(exit), caller.now() - startedAt)
    if (span === undefined) return
    span.attribute("sendmux.attempts", state.attempts)
    if (state.paced > 0) span.attribute("sendmux.rate_limit.waited_ms", state.paced)
    if (state.status !== undefined) span.attribute("http.response.status_code", state.status)
    const requestId =
      (error !== undefined && "requestId" in error ? error.requestId : undefined) ?? state.requestId
    if (requestId !== undefined) span.attribute("sendmux.request_id", requestId)
    if (error?._tag === "APIError") span.attribute("sendmux.error_code", error.code)
    endSpan(caller, span, exit)
  }
  return { instruments, ended, interrupted: () => ended(interruption(caller)) }
}
