/**
 * The part of the dialect for the platform's HTTP client.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Headers from "@effect/platform/Headers"
import type * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as HttpTraceContext from "@effect/platform/HttpTraceContext"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as FiberId from "effect/FiberId"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import type * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as Tracer from "effect/Tracer"

export type { HttpClient, HttpClientResponse }

/** The service of the platform's client. */
export const HttpClientTag = HttpClient.HttpClient

/** The body of a request. */
export type RequestBody = HttpBody.HttpBody

/** The W3C and B3 headers that let a server continue the span. */
export const traceHeaders = (span: Tracer.Span): Record<string, string> => ({
  ...HttpTraceContext.toHeaders(span)
})

/** The error of the platform's client. It never leaves the pipeline: printed, it shows the bearer token. */
export type HttpClientFailure = HttpClientError.HttpClientError

const systemCodePattern = /^[A-Z][A-Z0-9_]{2,40}$/

/** The operating system's code of a network failure, such as `ECONNREFUSED`, from the chain of causes. */
export const systemCode = (error: unknown): string | undefined => {
  let current: unknown = error
  for (let depth = 0; depth < 6 && typeof current === "object" && current !== null; depth++) {
    const code: unknown = Reflect.get(current, "code")
    if (typeof code === "string" && systemCodePattern.test(code)) return code
    current = Reflect.get(current, "cause")
  }
  return undefined
}

/** Whether the client could not build the request, so that another attempt would fail in the same way. */
export const isUnsendable = (error: HttpClientFailure): boolean =>
  error instanceof HttpClientError.RequestError && error.reason !== "Transport"

/** The failure of a client whose connection broke. */
export const connectionFailure = (
  request: HttpClientRequest.HttpClientRequest,
  cause: unknown
): HttpClientFailure => new HttpClientError.RequestError({ request, reason: "Transport", cause })

/** The failure of a client that cannot read the body of its own request. */
export const encodingFailure = (
  request: HttpClientRequest.HttpClientRequest,
  cause: unknown
): HttpClientFailure => new HttpClientError.RequestError({ request, reason: "Encode", cause })

/** The platform's name for the kind of a failure, such as `Transport`. */
export const kindOfFailure = (error: HttpClientFailure): string => error.reason

/** The part of the platform's client that sends a request. */
export interface RequestClient<out R> {
  readonly execute: (
    request: HttpClientRequest.HttpClientRequest
  ) => Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientFailure, R>
}

/** A client whose requests are aborted when the surrounding scope closes, whatever state they are in. */
export type ScopedClient = RequestClient<Scope.Scope>

export const scopedClient = (client: HttpClient.HttpClient): ScopedClient => HttpClient.withScope(client)

/** Sends a request. */
export const execute = <R>(
  client: RequestClient<R>,
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS",
  url: string,
  headers: Readonly<Record<string, string>>,
  body: RequestBody | undefined
): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientFailure, R> => {
  const request = HttpClientRequest.make(method)(url, { headers })
  return client.execute(body === undefined ? request : HttpClientRequest.setBody(request, body))
}

/** Headers that carry a credential or a body's secret, redacted wherever a request is printed. */
const redactedHeaders = ["authorization", "x-sendmux-upload-token"]

const noSpan = () => true

const noLogLevel = Option.none<LogLevel.LogLevel>()

type RedactedNames = ReadonlyArray<string | RegExp>

const namesSeen = new WeakMap<RedactedNames, RedactedNames>()

const withRedactedHeaders = (names: RedactedNames): RedactedNames => {
  let all = namesSeen.get(names)
  if (all === undefined) {
    all = [...names, ...redactedHeaders]
    namesSeen.set(names, all)
  }
  return all
}

const contextsSeen = new WeakMap<Context.Context<never>, Context.Context<never>>()

/**
 * How the platform's client runs in an attempt: without its own span (which holds the raw query), with credentials
 * redacted wherever headers are printed, and with redirects returned instead of followed.
 *
 * Set on the attempt's fiber when it starts, which costs a fraction of setting it around the request. A context is
 * prepared once and remembered, since most callers share one.
 */
export const isolate = {
  fiberRefs: (refs: FiberRefs.FiberRefs, fiberId: FiberId.Single): FiberRefs.FiberRefs => {
    const names = withRedactedHeaders(FiberRefs.getOrDefault(refs, Headers.currentRedactedNames))
    return FiberRefs.updateManyAs(refs, {
      entries: [
        [HttpClient.currentTracerDisabledWhen, [[fiberId, noSpan]]],
        [Headers.currentRedactedNames, [[fiberId, names]]],
        // The call handles every failure of an attempt, so none is unhandled.
        [FiberRef.unhandledErrorLogLevel, [[fiberId, noLogLevel]]]
      ]
    })
  },
  context: (context: Context.Context<never>): Context.Context<never> => {
    let isolated = contextsSeen.get(context)
    if (isolated === undefined) {
      const added: Context.Context<FetchHttpClient.RequestInit> = Context.add(
        context,
        FetchHttpClient.RequestInit,
        {
          ...context.unsafeMap.get(FetchHttpClient.RequestInit.key),
          redirect: "manual"
        }
      )
      isolated = added as Context.Context<never>
      contextsSeen.set(context, isolated)
    }
    return isolated
  }
}

// -----------------------------------------------------------------------------
// URLs and failures of clients that send by a function
// -----------------------------------------------------------------------------

type ClientRequest = HttpClientRequest.HttpClientRequest

/** The URL of a request with its query, whose own URL is replaced by `url`. `undefined` for an invalid URL. */
export const urlOf = ({ hash, urlParams }: ClientRequest, url: string): URL | undefined => {
  const made = UrlParams.makeUrl(url, urlParams, hash)
  return made._tag === "Right" ? made.right : undefined
}

/** The failure of a request whose URL is refused. */
export const urlFailure = (request: ClientRequest, description: string): HttpClientFailure =>
  new HttpClientError.RequestError({ request, reason: "InvalidUrl", description })

/** The failure of a request that has no response, whose cause is an error of the SDK. */
export const failureBy = (request: ClientRequest, cause: Error): HttpClientFailure =>
  new HttpClientError.RequestError({ request, reason: "Transport", cause, description: cause.message })
