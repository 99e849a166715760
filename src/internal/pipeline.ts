/**
 * The interpreter of operations: authorise, send, read, map the failure, retry, trace. Nothing else in the SDK talks
 * to `HttpClient`.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { Response } from "../Call.js"
import { InvalidRequestError, type SendmuxError, TransportError } from "../Errors.js"
import { CurrentPolicy, type RetryPolicy } from "../Retry.js"
import type { Authorize, TokenProblem } from "./credentials.js"
import {
  catchAll,
  clientSpan,
  type HttpClient,
  type HttpClientFailure,
  HttpClientRequest,
  type HttpClientResponse,
  isUnsendable,
  now,
  observing,
  retryWhile,
  type Span,
  systemCode,
  timeoutFail,
  traceHeaders
} from "./effect.js"
import { type Operation, operationName } from "./operation.js"
import type { PreparedRequest, RequestSettings } from "./request.js"
import {
  type AttemptContext,
  cutBody,
  decodeFailure,
  failWith,
  isRetryableStatus,
  metaOf,
  parseBody
} from "./response.js"
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
}

/** What reading an answer needs. */
interface Answer {
  readonly context: AttemptContext
  readonly status: number
  readonly headers: HttpClientResponse.HttpClientResponse["headers"]
  readonly response: HttpClientResponse.HttpClientResponse
}

type Read<A> = (answer: Answer) => Effect.Effect<A, SendmuxError>

// -----------------------------------------------------------------------------
// reading
// -----------------------------------------------------------------------------

const isSuccess = (status: number): boolean => status >= 200 && status < 300

const cut = (context: AttemptContext) => (error: unknown) => cutBody(context, systemCode(error))

/** A response with paging facts, which a list turns into a page. */
export interface Fetched<A> extends Response<A> {
  readonly hasMore: boolean
  readonly nextCursor: string | undefined
}

const readData =
  <A>(operation: Operation<ReadonlyArray<string>, never, A>): Read<Fetched<A>> =>
  ({ context, headers, response, status }) => {
    if (!isSuccess(status)) return failWith(context, status, headers, response)
    return Effect.flatMap(Effect.mapError(response.text, cut(context)), (text) => {
      const parsed =
        operation.response === "text"
          ? {
              data: text,
              hasMore: false,
              nextCursor: undefined,
              meta: metaOf(status, headers, undefined, context.attempts)
            }
          : parseBody(context, status, headers, text)
      if ("_tag" in parsed) return Effect.fail(parsed)
      const coded = operation.decode(parsed.data)
      if (!coded.ok) return Effect.fail(decodeFailure(context, parsed.meta, coded.issues))
      return Effect.succeed({ ...parsed, data: coded.value })
    })
  }

const readConditional =
  <A>(operation: Operation<ReadonlyArray<string>, never, A>): Read<Option.Option<Fetched<A>>> =>
  (answer) =>
    answer.status === 304
      ? Effect.succeed(Option.none())
      : Effect.map(readData(operation)(answer), Option.some)

/** Turns an open answer into a stream. */
export type DecodeStream<A> = (
  response: HttpClientResponse.HttpClientResponse,
  context: AttemptContext
) => Stream.Stream<A, SendmuxError>

/** A stream with what came along. */
export interface Opened<A> extends Response<Stream.Stream<A, SendmuxError>> {}

const readStream =
  <A>(decode: DecodeStream<A>): Read<Opened<A>> =>
  ({ context, headers, response, status }) =>
    isSuccess(status)
      ? Effect.succeed({
          data: decode(response, context),
          meta: metaOf(status, headers, undefined, context.attempts)
        })
      : failWith(context, status, headers, response)

// -----------------------------------------------------------------------------
// running
// -----------------------------------------------------------------------------

/** Runs a call to its decoded data. */
export const run = <A>(
  pipeline: Pipeline,
  operation: Operation<ReadonlyArray<string>, never, A>,
  request: PreparedRequest
): Effect.Effect<Fetched<A>, SendmuxError> =>
  call(pipeline, request, buffered(pipeline, request, readData(operation)))

/** Runs a conditional read; a 304 is `Option.none`. */
export const runConditional = <A>(
  pipeline: Pipeline,
  operation: Operation<ReadonlyArray<string>, never, A>,
  request: PreparedRequest
): Effect.Effect<Option.Option<Fetched<A>>, SendmuxError> =>
  call(pipeline, request, buffered(pipeline, request, readConditional(operation)))

/** Opens a stream whose socket closes with the surrounding scope. */
export const openScoped = <A>(
  pipeline: Pipeline,
  request: PreparedRequest,
  decode: DecodeStream<A>
): Effect.Effect<Opened<A>, SendmuxError, Scope.Scope> =>
  call(pipeline, request, (state, span) =>
    attempt(pipeline, pipeline.scopedClient, request, readStream(decode), state, span)
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

/** What a call has come to, for its span and its metrics. */
interface CallState {
  attempts: number
  status: number | undefined
  requestId: string | undefined
}

type Attempt<A, R> = (state: CallState, span: Span) => Effect.Effect<A, SendmuxError, R>

/** An attempt that reads its answer to the end, and whatever happens leaves no socket open. */
const buffered =
  <A>(pipeline: Pipeline, request: PreparedRequest, read: Read<A>): Attempt<A, never> =>
  (state, span) =>
    Effect.scoped(attempt(pipeline, pipeline.scopedClient, request, read, state, span))

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
      const state: CallState = { attempts: 0, status: undefined, requestId: undefined }
      const instruments = instrumentsOf(name)
      return observing(retrying(pipeline, request, once, state, span), (outcome, endedAt) => {
        span.attribute("sendmux.attempts", state.attempts)
        if (state.status !== undefined) span.attribute("http.response.status_code", state.status)
        if (state.requestId !== undefined) span.attribute("sendmux.request_id", state.requestId)
        const error = outcome._tag === "failure" ? outcome.error : undefined
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
  if (error._tag === "TransportError") return request.replayable
  if (error._tag !== "APIError") return false
  // Our own request, sent before, is still being run: its answer is to be had once it is done.
  if (error.code === "idempotency_conflict") return request.hasKey && error.attempts > 1
  if (!error.retryable || error.code === "no_active_providers" || !isRetryableStatus(error.status))
    return false
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
  parent: Span
): Effect.Effect<A, SendmuxError, R> =>
  Effect.suspend(() => {
    const { operation } = request
    const attempts = ++state.attempts
    state.status = undefined
    state.requestId = undefined
    const transport = (reason: TransportError["reason"], message: string, code?: string) =>
      new TransportError(
        { operation: operationName(operation), reason, message, systemCode: code, attempts },
        { disableValidation: true }
      )
    const send = (span: Span, token: string | undefined): Effect.Effect<A, SendmuxError, R> => {
      const headers: Record<string, string> = { ...request.headers }
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
          state.requestId = headers["x-request-id"]
          span.attribute("http.response.status_code", status)
          return read({ context: { operation, attempts, now: at, secrets }, status, headers, response })
        })
      )
    }
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
