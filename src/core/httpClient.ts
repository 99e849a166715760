/**
 * An HTTP client for requests that the SDK has no method for.
 *
 * @since 0.2.0
 */
import * as Effect from "effect/Effect"
import {
  failureBy,
  type HttpClient,
  type HttpClientFailure,
  type HttpClientResponse,
  urlFailure,
  urlOf
} from "../internal/dialect/http.js"
import { readText } from "../internal/dialect/shared/body.js"
import { type ClientRequest, clientBy, requestAt, responseOf } from "../internal/dialect/shared/clientBy.js"
import type { ConfigurationError, SendmuxError } from "../internal/model/errors.js"
import { readFailureText } from "../internal/model/failure.js"
import type { HeaderRecord } from "../internal/model/headers.js"
import type { LayerOptions } from "../internal/model/options.js"
import { baseUrls, type Surface } from "../internal/model/surfaces.js"
import type { OperationFacts } from "../internal/operation/operation.js"
import { makePipeline } from "../internal/pipeline/make.js"
import type { Pipeline } from "../internal/pipeline/pipeline.js"
import { runRequest } from "../internal/pipeline/run.js"
import { defaultIdleTimeout, type PreparedRequest } from "../internal/request/prepare.js"
import type { AttemptContext } from "../internal/response/context.js"
import { notJson } from "../internal/response/envelope.js"
import { apiError, bodyError, isEncoded, truncatedBody, unexpectedBody } from "../internal/response/errors.js"
import { metaOf } from "../internal/response/meta.js"
import type { Read } from "../internal/response/read.js"
import { looksLikeJson, parseJson } from "../internal/values/json.js"
import { scrub } from "../internal/values/scrub.js"

/**
 * The options of `httpClient`: the surface, and the options of its layer.
 *
 * @since 0.2.0
 * @category options
 */
export type HttpClientOptions = LayerOptions & {
  readonly surface: Surface
  /** The name of the requests in spans, metrics and logs. Default: `http.request` after the name of the surface. */
  readonly operation?: string | undefined
}

/**
 * Makes an `HttpClient` with the credential, retries, timeout, limits and telemetry of a surface, for requests that the SDK
 * has no method for. Needs an `HttpClient` to send them with.
 *
 * - A relative URL is resolved below the base URL of the surface, such as `/domains` to `https://app.sendmux.ai/api/v1/domains`.
 *   A URL of another origin is refused with a request error before anything is sent, and redirects are not followed, so the
 *   credential never leaves the API. The client sets `Authorization` itself.
 * - GET, HEAD, OPTIONS and DELETE requests, and requests with an `Idempotency-Key`, are retried as the methods are, others
 *   after a 429 only. Bodies that are streams are sent once. A limiter of `RateLimit` applies.
 * - The response is returned whatever its status is, after the retries. `APIError.fromResponse` reads a failed one.
 * - A JSON response and a failed one are read completely in the attempt, with its timeout and `maxResponseBytes`. Other
 *   bodies can be streamed, and the timeout ends with the headers.
 * - A request without a response fails with a request error of the platform. Its cause is the error of the SDK, such as a
 *   `TransportError`. Neither it nor the response contains the credential.
 *
 * @example
 * import * as HttpClient from "@effect/platform/HttpClient"
 * import { APIError } from "effect-sendmux"
 * import * as Core from "effect-sendmux/Core"
 * import * as Effect from "effect/Effect"
 * import type * as Redacted from "effect/Redacted"
 *
 * export const readReport = (apiKey: Redacted.Redacted, id: string) =>
 *   Effect.gen(function* () {
 *     const client: HttpClient.HttpClient = yield* Core.httpClient({ surface: "management", apiKey })
 *     const response = yield* client.get(`/reports/${encodeURIComponent(id)}`)
 *     return response.status < 300 ? yield* response.json : yield* Effect.flip(APIError.fromResponse(response))
 *   })
 *
 * @since 0.2.0
 * @category constructors
 */
export const httpClient = (
  options: HttpClientOptions
): Effect.Effect<HttpClient.HttpClient, ConfigurationError, HttpClient.HttpClient> => {
  const { operation, surface, ...rest } = options
  const name = operation ?? `${surface}.http.request`
  return Effect.map(makePipeline(surface, baseUrls[surface], rest), (pipeline) =>
    clientBy((request) => {
      const url = resolve(pipeline, request)
      if (typeof url === "string") return Effect.fail(urlFailure(request, url))
      const method = sendableMethods.find((known) => known === request.method)
      return method === undefined
        ? Effect.fail(failureBy(request, new Error(`${request.method} requests are not supported`)))
        : send(pipeline, requestAt(request, url), prepared(pipeline, surface, request, url, method, name))
    })
  )
}

/** The beginning of an absolute URL. A path may have a colon too, such as `messages:batch-get`. */
const absolute = /^[a-z][a-z0-9+.-]*:\/\//i

/** The URL of a request, or what is wrong with it. */
const resolve = ({ baseUrl }: Pipeline, request: ClientRequest): URL | string => {
  const { origin } = new URL(baseUrl)
  const given = request.url
  const url = urlOf(request, absolute.test(given) ? given : `${baseUrl}/${given.replace(/^\/+/, "")}`)
  if (url === undefined) return "the URL is invalid"
  return url.origin === origin && url.username === "" && url.password === ""
    ? url
    : `the credential is for ${origin} only: send requests to other hosts with another client`
}

/** Bodies that can be sent again. */
const repeatable: ReadonlySet<string> = new Set(["Empty", "Uint8Array", "FormData"])

const sendableMethods: ReadonlyArray<OperationFacts["http"]> = [
  "GET",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "HEAD",
  "OPTIONS"
]

const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "DELETE"])

const prepared = (
  { maxResponseBytes, timeout }: Pipeline,
  surface: Surface,
  request: ClientRequest,
  url: URL,
  http: OperationFacts["http"],
  name: string
): PreparedRequest => {
  const { authorization: _, ...headers } = request.headers
  const { body } = request
  const hasKey = headers["idempotency-key"] !== undefined
  const operation: OperationFacts = {
    ...facts,
    name,
    surface,
    http,
    replayable: safeMethods.has(http),
    flags: hasKey ? { idempotencyKey: true } : {}
  }
  return {
    operation,
    url: url.href,
    headers,
    body: body._tag === "Empty" ? undefined : body,
    replayable: operation.replayable || hasKey,
    sentOnce: !repeatable.has(body._tag),
    hasKey,
    waitsForKey: false,
    timeout,
    idleTimeout: defaultIdleTimeout,
    maxResponseBytes,
    secrets: []
  }
}

/** The facts that all requests share. The path of a request may contain ids, which spans do not show. */
const facts = {
  group: "http",
  method: "request",
  path: "/*",
  idCount: 0,
  success: [],
  response: "bytes",
  query: [],
  headers: {},
  body: "none",
  authenticated: true,
  maxBytes: undefined,
  input: undefined,
  data: undefined
} as const satisfies Partial<OperationFacts>

/** Whether a response has no body. The platform fails to read one that is absent. */
const isEmpty = ({ method }: ClientRequest, status: number, headers: HeaderRecord): boolean =>
  method === "HEAD" || status === 204 || status === 205 || status === 304 || headers["content-length"] === "0"

const jsonType = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i

const isJson = (headers: HeaderRecord): boolean => jsonType.test(headers["content-type"]?.trim() ?? "")

/** A JSON body that was cut off, which may be read again, or that the inner client did not decompress. */
const jsonProblem = (
  context: AttemptContext,
  status: number,
  headers: HeaderRecord,
  text: string
): SendmuxError | undefined => {
  if (parseJson(text) !== undefined) return undefined
  if (looksLikeJson(text)) return truncatedBody(context)
  return isEncoded(headers)
    ? unexpectedBody(context, metaOf(context, status, headers, undefined), notJson(headers))
    : undefined
}

const send = (
  pipeline: Pipeline,
  request: ClientRequest,
  prepared: PreparedRequest
): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientFailure> =>
  Effect.suspend(() => {
    /** The failed response of the last attempt. */
    let failed: HttpClientResponse.HttpClientResponse | undefined

    const read: Read<HttpClientResponse.HttpClientResponse> = ({ context, headers, response, status }) => {
      failed = undefined
      if (status < 200) return Effect.fail(apiError(context, status, headers, ""))
      if (status >= 400) {
        return Effect.flatMap(readFailureText(response, headers, context.maxBytes), ({ text, truncated }) => {
          failed = responseOf(request, response, scrub(text, context.secrets))
          return Effect.fail(apiError(context, status, headers, text, truncated))
        })
      }
      if (isEmpty(request, status, headers)) return Effect.succeed(responseOf(request, response, ""))
      if (!isJson(headers)) return Effect.succeed(responseOf(request, response, undefined))
      return Effect.matchEffect(readText(response, headers, context.maxBytes), {
        onFailure: (failure) => Effect.fail(bodyError(context, failure)),
        onSuccess: (text) => {
          const problem = jsonProblem(context, status, headers, text)
          return problem === undefined
            ? Effect.succeed(responseOf(request, response, text))
            : Effect.fail(problem)
        }
      })
    }

    return Effect.matchEffect(
      runRequest(pipeline, () => prepared, read),
      {
        onFailure: (error) =>
          error._tag === "APIError" && failed !== undefined
            ? Effect.succeed(failed)
            : Effect.fail(failureBy(request, error)),
        onSuccess: Effect.succeed
      }
    )
  })
