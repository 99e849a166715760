/**
 * Requests to an authorization server: one attempt, without redirects, whose failures contain no secret.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { now } from "../internal/dialect/core.js"
import { fromExit, makeScope, runAttempt, withCaller } from "../internal/dialect/fiber.js"
import {
  execute,
  type HttpClient,
  isUnsendable,
  type ScopedClient,
  scopedClient,
  systemCode
} from "../internal/dialect/http.js"
import { type Codec, decoder, unchecked } from "../internal/dialect/schema.js"
import { readText } from "../internal/dialect/shared/body.js"
import { bytesBodyNow, jsonBody } from "../internal/dialect/shared/requestBody.js"
import { ResponseDecodeError, TransportError } from "../internal/model/errors.js"
import { codeOfStatus } from "../internal/model/failure.js"
import { requestIdOf, retryAfterOf } from "../internal/model/headers.js"
import { invalidRequest } from "../internal/model/invalidRequest.js"
import { notSent } from "../internal/model/transient.js"
import { formatIssues } from "../internal/schema/issues.js"
import { isRecord, parseJson, stringIn } from "../internal/values/json.js"
import { safeText } from "../internal/values/scrub.js"
import { OAuthError, type OAuthRequestError } from "./errors.js"

/** Where requests are sent, and how. */
export interface Transport {
  readonly client: ScopedClient
  /** How long a request may take, in milliseconds. */
  readonly timeout: number
  readonly userAgent: string | undefined
}

export const transportOf = (
  client: HttpClient.HttpClient,
  timeout: number,
  userAgent: string | undefined
): Transport => ({ client: scopedClient(client), timeout, userAgent })

/** The parameters of a form. Those without a value are left out. */
export type Form = Readonly<Record<string, string | undefined>>

export interface OAuthRequest {
  /** The name of the request in errors and spans, such as `oauth.refresh`. */
  readonly operation: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** A request without a body is a GET. */
  readonly body: { readonly form: Form } | { readonly json: unknown } | undefined
  /** What a server must not be quoted with. */
  readonly secrets: ReadonlyArray<string>
}

/** The largest response in bytes. */
const maxResponseBytes = 1024 * 1024

const maxDetail = 2_000
const maxName = 200

const formText = (form: Form): string => {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(form)) if (value !== undefined) parameters.set(name, value)
  return parameters.toString()
}

const encoder = new TextEncoder()

const bodyOf = (body: OAuthRequest["body"]) => {
  if (body === undefined) return undefined
  return "form" in body
    ? bytesBodyNow(encoder.encode(formText(body.form)), "application/x-www-form-urlencoded")
    : jsonBody(JSON.stringify(body.json))
}

/** Sends a request and decodes the JSON of a successful response. */
export const send = <A, I>(
  transport: Transport,
  request: OAuthRequest,
  schema: Codec<A, I>
): Effect.Effect<A, OAuthRequestError> => {
  const { operation } = request
  return Effect.flatMap(sendForText(transport, request), ({ requestId, status, text }) => {
    const misfit = (issue: string) =>
      Effect.fail(new ResponseDecodeError({ operation, status, requestId, issue }, unchecked))
    const body = parseJson(text)
    if (body === undefined) return misfit("the response body must be JSON")
    const coded = decoder(schema)(body)
    return coded.ok ? Effect.succeed(coded.value) : misfit(formatIssues(coded.issues))
  })
}

interface Received {
  readonly status: number
  readonly text: string
  readonly requestId: string | undefined
}

/** Sends a request and reads a successful response as text. */
export const sendForText = (
  { client, timeout, userAgent }: Transport,
  request: OAuthRequest
): Effect.Effect<Received, OAuthRequestError> => {
  const { operation, secrets } = request
  const transportError = (reason: TransportError["reason"], detail: string, code?: string) =>
    new TransportError({ operation, reason, detail, systemCode: code, attempts: 1 }, unchecked)
  const headers: Record<string, string> = { accept: "application/json", ...request.headers }
  if (userAgent !== undefined) headers["user-agent"] = userAgent
  const attempt = Effect.gen(function* () {
    const method = request.body === undefined ? "GET" : "POST"
    const response = yield* Effect.mapError(
      execute(client, method, request.url, headers, bodyOf(request.body)),
      (error): OAuthRequestError =>
        isUnsendable(error)
          ? invalidRequest(operation, "the client could not build the request")
          : transportError("Network", "The request failed before a response arrived", systemCode(error))
    )
    const { headers: received, status } = response
    const requestId = requestIdOf(secrets, received, undefined)
    const text = yield* Effect.mapError(readText(response, received, maxResponseBytes), ({ _tag }) =>
      _tag === "TooLarge"
        ? transportError("TooLarge", `The response has more than ${maxResponseBytes} bytes`)
        : transportError("TruncatedBody", "The response body ended early")
    )
    if (status >= 200 && status < 300) return { status, text, requestId }
    return yield* Effect.fail(failureOf(request, status, received, text, requestId, yield* now))
  })
  const timedOut = () => transportError("Timeout", `No response arrived within ${timeout} ms`)
  const sent = withCaller((caller) =>
    Effect.flatMap(makeScope, (scope) =>
      runAttempt(caller, attempt, {
        scope,
        timeout,
        onTimeout: timedOut,
        keepsScope: () => false,
        finish: (exit) => fromExit(exit, undefined),
        interrupted: () => undefined
      })
    )
  )
  return withoutValue(`Sendmux.${operation}`, sent)
}

/** Runs an effect in a span that does not see its value: a tracer may print the exit of a span, and the value has tokens. */
const withoutValue = <A extends object, E>(name: string, self: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    const kept: Array<A> = []
    const hidden = Effect.map(self, (value) => {
      kept.push(value)
    })
    return Effect.flatMap(Effect.withSpan(hidden, name), () => {
      const [value] = kept
      return value === undefined ? Effect.die(new Error("The effect has no value")) : Effect.succeed(value)
    })
  })

const failureOf = (
  { operation, secrets }: OAuthRequest,
  status: number,
  headers: Readonly<Record<string, string | undefined>>,
  text: string,
  requestId: string | undefined,
  at: number
): OAuthError => {
  const body = parseJson(text)
  const textIn = (key: string, length: number) => {
    const value = stringIn(body, key)
    return value === undefined ? undefined : safeText(value, secrets, length)
  }
  const seconds = isRecord(body) ? body["retry_after"] : undefined
  const stated = typeof seconds === "number" && seconds >= 0 ? Duration.seconds(seconds) : undefined
  const code = textIn("error", maxName)
  return new OAuthError(
    {
      operation,
      status,
      code: code ?? codeOfStatus(status),
      detail:
        textIn("error_description", maxDetail) ??
        (status >= 300 && status < 400
          ? "The server responded with a redirect, which is not followed"
          : "The server gave no description"),
      retryAfter: retryAfterOf(status, headers, at) ?? stated,
      rateLimitScope: textIn("rate_limit_scope", maxName),
      requestId
    },
    unchecked
  )
}

/** The statuses of OAuth errors that a server sends before it uses the grant of a request. */
const refusals: ReadonlySet<number> = new Set([400, 401, 403, 429, 503])

/** Whether a failure proves that the server has not used the grant of the request. */
export const provesUnused = (error: OAuthRequestError): boolean => {
  switch (error._tag) {
    case "InvalidRequestError":
      return true
    case "TransportError":
      return error.reason === "Network" && notSent.has(error.systemCode ?? "")
    case "OAuthError":
      return error.code !== codeOfStatus(error.status) && refusals.has(error.status)
    case "ResponseDecodeError":
      return false
  }
}
