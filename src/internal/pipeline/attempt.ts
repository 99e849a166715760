/**
 * One attempt: authorize, send, read.
 */

import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Caller, Span } from "../dialect/fiber.js"
import { execute, isUnsendable, type RequestClient, systemCode, traceHeaders } from "../dialect/http.js"
import type { SendmuxError } from "../model/errors.js"
import { type HeaderRecord, rateLimitOf, requestIdOf, retryAfterOf } from "../model/headers.js"
import { invalidRequest } from "../model/invalidRequest.js"
import type { Permit } from "../model/limiter.js"
import { operationName } from "../operation/operation.js"
import type { PreparedRequest } from "../request/prepare.js"
import { networkError, transportError } from "../response/errors.js"
import type { CallState, Read } from "../response/read.js"
import type { TokenProblem } from "./credentials.js"
import type { Pipeline } from "./pipeline.js"
import type { ReadAs } from "./responseCache.js"

/** What all attempts of a call share. */
export interface Exchange<A, R> {
  readonly pipeline: Pipeline
  readonly client: RequestClient<R>
  readonly request: PreparedRequest
  readonly read: Read<A>
  /** Set if a cache applies to the call. */
  readonly readAs: ReadAs<A> | undefined
  readonly caller: Caller
  readonly state: CallState
}

export const exchange = <A, R>(
  call: Exchange<A, R>,
  span: Span | undefined
): Effect.Effect<A, SendmuxError, R> => {
  const { pipeline, request, state } = call
  const { operation } = request
  const attempts = state.attempts
  const { authorize } = pipeline
  if (!operation.authenticated) return withToken(call, span, undefined, request.secrets)
  if ("token" in authorize) {
    const secrets =
      request.secrets.length === 0 ? authorize.secrets : [...request.secrets, ...authorize.secrets]
    return withToken(call, span, authorize.token, secrets)
  }
  const withoutToken = (problem: TokenProblem): SendmuxError => {
    switch (problem) {
      case "unavailable":
        return transportError({ operation, attempts }, "AccessToken", "The accessToken effect failed")
      case "loginRequired":
        return transportError({ operation, attempts }, "LoginRequired", "The owner has to log in again")
      case "malformed":
        return invalidRequest(
          operationName(operation),
          "the accessToken effect did not succeed with a bearer token: it must be Redacted, without a scheme or spaces"
        )
    }
  }
  return Effect.flatMap(Effect.mapError(authorize.renew, withoutToken), (token) =>
    withToken(call, span, token, [...request.secrets, token])
  )
}

const withToken = <A, R>(
  call: Exchange<A, R>,
  span: Span | undefined,
  token: string | undefined,
  secrets: ReadonlyArray<string>
): Effect.Effect<A, SendmuxError, R> =>
  call.readAs === undefined
    ? send(call, span, token, secrets, call.read, undefined)
    : Effect.flatMap(call.readAs(token), ({ ifNoneMatch, read }) =>
        send(call, span, token, secrets, read, ifNoneMatch)
      )

const send = <A, R>(
  { caller, client, pipeline, request, state }: Exchange<A, R>,
  span: Span | undefined,
  token: string | undefined,
  secrets: ReadonlyArray<string>,
  read: Read<A>,
  ifNoneMatch: string | undefined
): Effect.Effect<A, SendmuxError, R> => {
  const { operation } = request
  const attempts = state.attempts
  const headers: Record<string, string> = { ...request.headers }
  if (operation.authenticated && pipeline.userAgent !== undefined)
    headers["user-agent"] ??= pipeline.userAgent
  if (ifNoneMatch !== undefined) headers["if-none-match"] = ifNoneMatch
  if (token !== undefined) headers["authorization"] = `Bearer ${token}`
  if (pipeline.propagateTrace && span !== undefined) Object.assign(headers, traceHeaders(span))
  return Effect.matchEffect(execute(client, operation.http, request.url, headers, request.body), {
    onFailure: (error) =>
      Effect.fail(
        isUnsendable(error)
          ? invalidRequest(operationName(operation), "the client could not build the request")
          : networkError({ operation, attempts }, systemCode(error))
      ),
    onSuccess: (response) => {
      const { headers, status } = response
      state.status = status
      state.requestId = requestIdOf(secrets, headers, undefined)
      span?.attribute("http.response.status_code", status)
      const now = caller.now()
      if (state.permit !== undefined) reportTo(state.permit, status, headers, now)
      const context = {
        operation,
        attempts,
        now,
        secrets,
        maxBytes: request.maxResponseBytes,
        idleTimeout: request.idleTimeout,
        deadline: state.deadline,
        drift: pipeline.drift
      }
      return read({ context, state, status, headers, response })
    }
  })
}

const reportTo = (permit: Permit, status: number, headers: HeaderRecord, now: number): void => {
  const retryAfter = retryAfterOf(status, headers, now)
  permit.received({
    status,
    rateLimit: rateLimitOf(headers),
    retryAfter: retryAfter === undefined ? undefined : Duration.toMillis(retryAfter),
    date: headers["date"],
    now
  })
}
