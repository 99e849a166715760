/**
 * The dialect's part for serving the sandbox: a function over requests as an app of Effect's HTTP servers.
 */
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { LocalRequest, LocalResponse } from "./localClient.js"
import type { HttpApp } from "./server.js"

/** Serves a function over requests whose body was read. */
export const httpAppOf = (handle: (request: LocalRequest) => Effect.Effect<LocalResponse>): HttpApp =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
    Effect.flatMap(Effect.either(request.arrayBuffer), (body) => {
      if (body._tag === "Left") return Effect.succeed(HttpServerResponse.empty({ status: 400 }))
      const url = new URL(request.url, `http://${request.headers["host"] ?? "127.0.0.1"}`)
      return Effect.map(
        handle({ method: request.method, url, headers: request.headers, body: new Uint8Array(body.right) }),
        toServerResponse
      )
    })
  )

const toServerResponse = (answer: LocalResponse): HttpServerResponse.HttpServerResponse => {
  const { body, status } = answer
  if (answer.broken !== undefined) return cutShort(answer)
  if (body === undefined) return HttpServerResponse.empty({ status, headers: answer.headers })
  const options = optionsOf(answer)
  if (typeof body === "string") return HttpServerResponse.uint8Array(new TextEncoder().encode(body), options)
  return body instanceof Uint8Array
    ? HttpServerResponse.uint8Array(body, options)
    : HttpServerResponse.stream(body, options)
}

const optionsOf = ({ headers, status }: LocalResponse) => {
  const contentType = headers["content-type"]
  return contentType === undefined ? { status, headers } : { status, headers, contentType }
}

/** Announces more bytes than come before the connection closes: what a platform's server can do to break it. */
const cutShort = (answer: LocalResponse): HttpServerResponse.HttpServerResponse => {
  const { body } = answer
  const headers = { ...answer.headers, connection: "close" }
  if (typeof body === "object" && !(body instanceof Uint8Array)) {
    const announced = { ...headers, "content-length": String(Number.MAX_SAFE_INTEGER) }
    return HttpServerResponse.stream(Stream.take(body, 1), optionsOf({ ...answer, headers: announced }))
  }
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : (body ?? new Uint8Array(0))
  const announced = { ...headers, "content-length": String(bytes.byteLength + 1) }
  const sent = answer.broken === "midway" ? bytes.slice(0, bytes.byteLength / 2) : new Uint8Array(0)
  return HttpServerResponse.stream(
    Stream.succeed(sent),
    optionsOf({ ...answer, status: answer.status === 0 ? 200 : answer.status, headers: announced })
  )
}
