/**
 * The dialect's part for the platform's HTTP client.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Headers from "@effect/platform/Headers"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as HttpTraceContext from "@effect/platform/HttpTraceContext"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Span } from "./core.js"

export type { HttpClientResponse }
export { HttpBody, HttpClient, HttpClientRequest }

/** The W3C and B3 headers that let a server continue the span. */
export const traceHeaders = (span: Span): Record<string, string> => ({ ...HttpTraceContext.toHeaders(span) })

/** The error of the platform's client. It never leaves the pipeline: printed, it shows the bearer token. */
export type HttpClientFailure = HttpClientError.HttpClientError

const systemCodePattern = /^[A-Z][A-Z0-9_]{2,40}$/

/** The system's word for a network failure (`ECONNREFUSED`), dug out of the chain of causes. */
export const systemCode = (error: unknown): string | undefined => {
  let current: unknown = error
  for (let depth = 0; depth < 6 && typeof current === "object" && current !== null; depth++) {
    const code: unknown = Reflect.get(current, "code")
    if (typeof code === "string" && systemCodePattern.test(code)) return code
    current = Reflect.get(current, "cause")
  }
  return undefined
}

/** `true` when the client could not even form the request, so that another attempt would fare no better. */
export const isUnsendable = (error: HttpClientFailure): boolean =>
  error instanceof HttpClientError.RequestError && error.reason !== "Transport"

/**
 * Prepares the caller's client for the pipeline: its own span (which holds the raw query) is off, headers with
 * credentials are redacted wherever they are printed, and a redirect is answered to us instead of followed.
 */
export const hardenClient = <E, R>(
  client: HttpClient.HttpClient.With<E, R>,
  redactedHeaders: ReadonlyArray<string>
): HttpClient.HttpClient.With<E, R> => {
  const noSpan = () => true
  return HttpClient.transformResponse(client, (effect) =>
    Effect.mapInputContext(
      Effect.locallyWith(
        Effect.locally(effect, HttpClient.currentTracerDisabledWhen, noSpan),
        Headers.currentRedactedNames,
        (names) => [...names, ...redactedHeaders]
      ),
      (context: Context.Context<R>) =>
        Context.add(context, FetchHttpClient.RequestInit, {
          ...context.unsafeMap.get(FetchHttpClient.RequestInit.key),
          redirect: "manual"
        })
    )
  )
}

/** A client whose requests are aborted when the surrounding scope closes, whatever state they are in. */
export const scopedClient = (
  client: HttpClient.HttpClient
): HttpClient.HttpClient.With<HttpClientFailure, Scope.Scope> => HttpClient.withScope(client)
