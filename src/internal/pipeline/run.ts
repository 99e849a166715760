/**
 * The interpreter of operations: authorise, send, read, map the failure, retry, trace. Nothing else in the SDK talks
 * to `HttpClient`.
 */
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import {
  catchAll,
  clientSpan,
  now,
  observing,
  retryWhile,
  type Span,
  scopedOnFailure,
  scopedUnless,
  timeoutFail
} from "../dialect/core.js"
import {
  type HttpClient,
  type HttpClientFailure,
  HttpClientRequest,
  isUnsendable,
  systemCode,
  traceHeaders
} from "../dialect/http.js"
import { InvalidRequestError, type SendmuxError, TransportError } from "../model/errors.js"
import { type Operation, operationName } from "../operation/operation.js"
import type { PreparedRequest, RequestSettings } from "../request/prepare.js"
import {
  type CallState,
  type DecodeStream,
  type Fetched,
  type Opened,
  type Read,
  readConditional,
  readConditionalStream,
  readData,
  readStream
} from "../response/read.js"
import { codeOfStatus, isRetryableStatus, requestIdOf } from "../response/response.js"
import { CurrentPolicy, type RetryPolicy } from "../timing/retry.js"
import type { Authorize, TokenProblem } from "./credentials.js"
import type { ReadAs, ResponseCache } from "./responseCache.js"
import { instrumentsOf } from "./telemetry.js"

/** A client that lets go of its sockets when the scope closes. */
type ScopedClient = HttpClient.HttpClient.With<HttpClientFailure, Scope.Scope>

/** A surface, ready to run operations. */
export interface Pipeline extends RequestSettings {
  readonly client: HttpClient.HttpClient
  readonly scopedClient: ScopedClient
  readonly authorize: Authorize
  readonly retry: RetryPolicy
  readonly propagateTrace: boolean
  readonly cache: ResponseCache | undefined
}

// -----------------------------------------------------------------------------
// running
// -----------------------------------------------------------------------------

/** Runs a call to its decoded data. */
export const run = <A>(
  pipeline: Pipeline,
  operation: Operation<ReadonlyArray<string>, never, A>,
  request: PreparedRequest
): Effect.Effect<Fetched<A>, SendmuxError> => {
  const readAs = pipeline.cache?.reading(operation, request)
  return call(pipeline, request, buffered(pipeline, request, readData(operation), readAs))
}

/** Runs a conditional read; a 304 is `Option.none`. */
export const runConditional = <A>(
  pipeline: Pipeline,
  operation: Operation<ReadonlyArray<string>, never, A>,
  request: PreparedRequest
): Effect.Effect<Option.Option<Fetched<A>>, SendmuxError> =>
  call(pipeline, request, buffered(pipeline, request, readConditional(operation)))

/** Opens a stream whose socket closes with the surrounding scope; that of an attempt in vain closes at once. */
export const openScoped = <A>(
  pipeline: Pipeline,
  request: PreparedRequest,
  decode: DecodeStream<A>
): Effect.Effect<Opened<A>, SendmuxError, Scope.Scope> =>
  call(pipeline, request, (state, span) =>
    scopedOnFailure(attempt(pipeline, pipeline.scopedClient, request, readStream(decode), state, span))
  )

/** Opens a stream whose socket closes when the stream ends. */
export const open = <A>(
  pipeline: Pipeline,
  request: PreparedRequest,
  decode: DecodeStream<A>
): Effect.Effect<Opened<A>, SendmuxError> =>
  call(pipeline, request, (state, span) =>
    attempt(pipeline, pipeline.client, request, readStream(decode), state, span)
  )

/** Opens a stream whose socket closes when the stream ends; a 304 is `Option.none`. */
export const openConditional = <A>(
  pipeline: Pipeline,
  request: PreparedRequest,
  decode: DecodeStream<A>
): Effect.Effect<Option.Option<Opened<A>>, SendmuxError> =>
  call(pipeline, request, (state, span) =>
    attempt(pipeline, pipeline.client, request, readConditionalStream(decode), state, span)
  )

type Attempt<A, R> = (state: CallState, span: Span) => Effect.Effect<A, SendmuxError, R>

/** An attempt that reads its answer to the end, and whatever happens leaves no socket open. */
const buffered =
  <A>(pipeline: Pipeline, request: PreparedRequest, read: Read<A>, readAs?: ReadAs<A>): Attempt<A, never> =>
  (state, span) =>
    scopedUnless(
      attempt(pipeline, pipeline.scopedClient, request, read, state, span, readAs),
      () => state.bodyRead
    )

const call = <A, R>(
  pipeline: Pipeline,
  request: PreparedRequest,
  once: Attempt<A, R>
): Effect.Effect<A, SendmuxError, R> => {
  const name = operationName(request.operation)
  const attributes = {
    "http.request.method": request.operation.http,
    "http.route": request.operation.path,
    "sendmux.operation": name
  }
  return clientSpan(`Sendmux.${name}`, attributes, undefined, (span) =>
    Effect.flatMap(now, (startedAt) => {
      const state: CallState = { attempts: 0, status: undefined, requestId: undefined, bodyRead: false }
      const instruments = instrumentsOf(name)
      return observing(retrying(pipeline, request, once, state, span), (outcome, endedAt) => {
        span.attribute("sendmux.attempts", state.attempts)
        if (state.status !== undefined) span.attribute("http.response.status_code", state.status)
        const error = outcome._tag === "failure" ? outcome.error : undefined
        const requestId =
          (error !== undefined && "requestId" in error ? error.requestId : undefined) ?? state.requestId
        if (requestId !== undefined) span.attribute("sendmux.request_id", requestId)
        if (error?._tag === "APIError") span.attribute("sendmux.error_code", error.code)
        instruments.ended(error === undefined ? outcome._tag : error._tag, endedAt - startedAt)
      })
    })
  )
}

// -----------------------------------------------------------------------------
// retrying
// -----------------------------------------------------------------------------

/**
 * The first attempt stands outside the retry, so that a call that succeeds at once pays nothing for it; its failure
 * is what the schedule sees first.
 */
const retrying = <A, R>(
  pipeline: Pipeline,
  request: PreparedRequest,
  once: Attempt<A, R>,
  state: CallState,
  span: Span
): Effect.Effect<A, SendmuxError, R> =>
  catchAll(once(state, span), (first) => {
    if (!mayRetry(request, first)) return Effect.fail(first)
    const instruments = instrumentsOf(operationName(request.operation))
    let pending: SendmuxError | undefined = first
    const again = Effect.suspend(() => {
      if (pending !== undefined) {
        const failure = pending
        pending = undefined
        return Effect.fail(failure)
      }
      instruments.retried()
      return once(state, span)
    })
    return Effect.flatMap(CurrentPolicy, (policy) =>
      retryWhile(again, policy ?? pipeline.retry, (error) => {
        const retry = mayRetry(request, error)
        if (retry && error._tag === "APIError" && error.status === 429) instruments.limited()
        return retry
      })
    )
  })

/** Whether a failed attempt may be followed by another: the rules of `docs/errors-and-retries.md`. */
export const mayRetry = (
  request: Pick<PreparedRequest, "replayable" | "hasKey">,
  error: SendmuxError
): boolean => {
  // Without a token nothing was sent, so nothing can happen twice.
  if (error._tag === "TransportError") return request.replayable || error.reason === "AccessToken"
  if (error._tag !== "APIError") return false
  // Our own request, sent before, is still being run: its answer is to be had once it is done.
  if (error.code === "idempotency_conflict") return request.hasKey && error.attempts > 1
  if (!error.retryable || error.code === "no_active_providers") return false
  // By its status alone a failure is retryable for a passing one, or because the rest of it was cut off.
  if (!isRetryableStatus(error.status) && error.code !== codeOfStatus(error.status)) return false
  // A request refused by the rate limit was not run, so nothing can happen twice.
  return error.status === 429 || request.replayable
}

// -----------------------------------------------------------------------------
// one attempt
// -----------------------------------------------------------------------------

const attempt = <A, R>(
  pipeline: Pipeline,
  client: HttpClient.HttpClient.With<HttpClientFailure, R>,
  request: PreparedRequest,
  read: Read<A>,
  state: CallState,
  parent: Span,
  readAs?: ReadAs<A>
): Effect.Effect<A, SendmuxError, R> =>
  Effect.suspend(() => {
    const { operation } = request
    const attempts = ++state.attempts
    state.status = undefined
    state.requestId = undefined
    state.bodyRead = false
    const transport = (reason: TransportError["reason"], message: string, code?: string) =>
      new TransportError(
        { operation: operationName(operation), reason, message, systemCode: code, attempts },
        { disableValidation: true }
      )
    const exchange = (
      span: Span,
      token: string | undefined,
      read: Read<A>,
      ifNoneMatch?: string
    ): Effect.Effect<A, SendmuxError, R> => {
      const headers: Record<string, string> = { ...request.headers }
      if (ifNoneMatch !== undefined) headers["if-none-match"] = ifNoneMatch
      if (token !== undefined) headers["authorization"] = `Bearer ${token}`
      if (pipeline.propagateTrace) Object.assign(headers, traceHeaders(span))
      const answer = Effect.mapError(client.execute(toClientRequest(request, headers)), (error) =>
        isUnsendable(error)
          ? new InvalidRequestError({
              operation: operationName(operation),
              issue: "the client could not form the request"
            })
          : transport("Network", "No answer came", systemCode(error))
      )
      const secrets = token === undefined ? request.secrets : [...request.secrets, token]
      return Effect.flatMap(answer, (response) =>
        Effect.flatMap(now, (at) => {
          const { headers, status } = response
          state.status = status
          state.requestId = requestIdOf({ secrets }, headers, undefined)
          span.attribute("http.response.status_code", status)
          const context = { operation, attempts, now: at, secrets }
          return read({ context, state, status, headers, response })
        })
      )
    }
    const send = (span: Span, token: string | undefined): Effect.Effect<A, SendmuxError, R> =>
      readAs === undefined
        ? exchange(span, token, read)
        : Effect.flatMap(readAs(token), (known) => exchange(span, token, known.read, known.ifNoneMatch))
    const withoutToken = (problem: TokenProblem): SendmuxError =>
      problem === "unavailable"
        ? transport("AccessToken", "The accessToken effect failed")
        : new InvalidRequestError({
            operation: operationName(operation),
            issue:
              "accessToken gave no bearer token: it must be the bare token, Redacted, without a scheme or spaces"
          })
    return clientSpan("Sendmux.attempt", { "sendmux.attempt": attempts }, parent, (span) => {
      const sent = operation.authenticated
        ? Effect.flatMap(Effect.mapError(pipeline.authorize, withoutToken), (token) => send(span, token))
        : send(span, undefined)
      return Number.isFinite(request.timeout)
        ? timeoutFail(sent, request.timeout, () =>
            transport("Timeout", `No answer within ${request.timeout} ms`)
          )
        : sent
    })
  })

const toClientRequest = (request: PreparedRequest, headers: Record<string, string>) => {
  const made = HttpClientRequest.make(request.operation.http)(request.url, { headers })
  return request.body === undefined ? made : HttpClientRequest.setBody(made, request.body)
}
