/**
 * The part of the dialect that serves the sandbox: a function over requests as an app of Effect's HTTP servers.
 */
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { detach, maxTimerMillis } from "../core.js"
import { type HttpApp, hostOf, type ServerRequest, type ServerResponse, whileConnected } from "../server.js"
import type { BodyLimits, BodyProblem, IncomingRequest, LocalResponse } from "./localClient.js"
import { isNodeSource, readNodeBody } from "./nodeBody.js"
import { announcesMore, isWebRequest, readBody as readBodyOf } from "./webApp.js"

/** A request of a client that may be of any kind. */
export interface ServedRequest extends Omit<IncomingRequest, "url"> {
  /** The target of the request, such as `/app/api/v1/me?limit=1`. */
  readonly target: string
  /** The URL, or `undefined` if the target or the `Host` header is malformed. */
  readonly url: URL | undefined
}

/** Serves a function over requests. A response that is still being made is interrupted when the client is gone. */
export const httpAppOf = (handle: (request: ServedRequest) => Effect.Effect<LocalResponse>): HttpApp =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const response = yield* handle({
      method: request.method,
      target: request.url,
      url: urlOf(request),
      headers: request.headers,
      readBody: (limits) => readBody(request, limits)
    })
    // The server interrupts this fiber when the socket is closed.
    if (response.broken === "before" && destroySocket(request)) return yield* Effect.never
    return toServerResponse(response)
  }).pipe(whileConnected)

// -----------------------------------------------------------------------------
// URLs
// -----------------------------------------------------------------------------

const parseUrl = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined)

const absolutePattern = /^https?:\/\//i

/** A value of the `Host` header. `URL` reports further mistakes, but would accept these characters as another part. */
const hostPattern = /^[^\s/?#@\\]+$/

/** Whether a request of Node's server has as many `Host` headers as its version of HTTP allows. Node shows the first one. */
const hasValidHosts = ({ source }: ServerRequest): boolean => {
  const distinct: unknown = Reflect.get(Object(source), "headersDistinct")
  if (distinct === undefined) return true
  const hosts: unknown = Reflect.get(Object(distinct), "host")
  const count = Array.isArray(hosts) ? hosts.length : 0
  return count === 1 || (count === 0 && Reflect.get(Object(source), "httpVersion") === "1.0")
}

const urlOf = (request: ServerRequest): URL | undefined => {
  const { originalUrl, url: target } = request
  const host = hostOf(request)
  if (!hasValidHosts(request)) return undefined
  if (host !== undefined && !hostPattern.test(host)) return undefined
  const named = host === undefined ? undefined : parseUrl(`http://${host}`)
  if (host !== undefined && named === undefined) return undefined
  if (target.startsWith("/")) {
    const absolute = absolutePattern.test(originalUrl) ? parseUrl(originalUrl) : undefined
    if (absolute !== undefined && named !== undefined && absolute.host !== named.host) return undefined
    // A base URL and a relative one would read the target `//other/path` as another host.
    return parseUrl(`http://${named?.host ?? absolute?.host ?? "127.0.0.1"}${target}`)
  }
  const url = absolutePattern.test(target) ? parseUrl(target) : undefined
  return named === undefined || url?.host === named.host ? url : undefined
}

// -----------------------------------------------------------------------------
// bodies
// -----------------------------------------------------------------------------

const hasBody = ({ headers, source }: ServerRequest): boolean =>
  isWebRequest(source)
    ? source.body !== null
    : headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0"

/** Reads a body, unless its next part does not arrive in time. A stalled body is still awaited while the response is sent. */
const readBody = (request: ServerRequest, limits: BodyLimits): Effect.Effect<Uint8Array, BodyProblem> =>
  Effect.gen(function* () {
    const { maxBytes, timeoutMillis } = limits
    if (!hasBody(request)) return new Uint8Array(0)
    if (isNodeSource(request.source) && !announcesMore(request, maxBytes)) {
      return yield* readNodeBody(request.source, limits)
    }
    let lastAt = yield* Clock.currentTimeMillis
    const noteTime = Effect.map(Clock.currentTimeMillis, (at) => {
      lastAt = at
    })
    const reading = yield* detach(readBodyOf(request, maxBytes, noteTime))
    const awaitEnd = Effect.gen(function* () {
      for (;;) {
        const remaining = lastAt + timeoutMillis - (yield* Clock.currentTimeMillis)
        if (remaining <= 0) return yield* Effect.fail<BodyProblem>("Stalled")
        const ended = yield* Effect.timeoutOption(reading.ended, Math.min(remaining, maxTimerMillis))
        if (ended._tag === "Some") return yield* ended.value
      }
    })
    return yield* awaitEnd.pipe(
      Effect.onInterrupt(() => reading.abort),
      Effect.tapError(() => (isWebRequest(request.source) ? reading.abort : Effect.void))
    )
  })

// -----------------------------------------------------------------------------
// responses
// -----------------------------------------------------------------------------

const toServerResponse = (response: LocalResponse): ServerResponse => {
  const { body, status } = response
  if (response.broken !== undefined) return truncated(response)
  if (body === undefined) return HttpServerResponse.empty({ status, headers: response.headers })
  const options = optionsOf(response)
  if (typeof body === "string") return HttpServerResponse.uint8Array(new TextEncoder().encode(body), options)
  return body instanceof Uint8Array
    ? HttpServerResponse.uint8Array(body, options)
    : HttpServerResponse.stream(body, options)
}

const optionsOf = ({ headers, status }: LocalResponse) => {
  const contentType = headers["content-type"]
  return contentType === undefined ? { status, headers } : { status, headers, contentType }
}

/** Destroys the socket of a request. Returns `false` if the server does not give access to it. */
const destroySocket = ({ source }: ServerRequest): boolean => {
  if (typeof source !== "object" || source === null) return false
  const socket: unknown = Reflect.get(source, "socket")
  if (typeof socket !== "object" || socket === null) return false
  const destroy: unknown = Reflect.get(socket, "destroy")
  if (typeof destroy !== "function") return false
  Reflect.apply(destroy, socket, [])
  return true
}

/** A response that announces more bytes than it has, so that the server closes the connection before its end. */
const truncated = (response: LocalResponse): ServerResponse => {
  const { body } = response
  const headers = { ...response.headers, connection: "close" }
  if (typeof body === "object" && !(body instanceof Uint8Array)) {
    const announced = { ...headers, "content-length": String(Number.MAX_SAFE_INTEGER) }
    return HttpServerResponse.stream(Stream.take(body, 1), optionsOf({ ...response, headers: announced }))
  }
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : (body ?? new Uint8Array(0))
  const announced = { ...headers, "content-length": String(bytes.byteLength + 1) }
  const sent = response.broken === "midway" ? bytes.slice(0, bytes.byteLength / 2) : new Uint8Array(0)
  return HttpServerResponse.stream(
    Stream.succeed(sent),
    optionsOf({ ...response, status: response.status === 0 ? 200 : response.status, headers: announced })
  )
}
