/**
 * The part of the dialect for HTTP servers.
 */

import * as Effect from "effect/Effect"
import * as App from "effect/http/HttpEffect"
import type * as HttpServer from "effect/http/HttpServer"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Layer from "effect/Layer"
import { isRecord, stringIn } from "../values/json.js"

export { HttpServerRequest, HttpServerResponse }

/** An effect that responds to the current request. */
export type HttpApp<E = never, R = never> = Effect.Effect<ServerResponse, E, R | ServerRequest>

/** The current request, which is also the tag of its service. */
export type ServerRequest = HttpServerRequest.HttpServerRequest

/** Succeeds with the current request. */
export const currentRequest: Effect.Effect<ServerRequest, never, ServerRequest> =
  HttpServerRequest.HttpServerRequest

/** A response of the server. */
export type ServerResponse = HttpServerResponse.HttpServerResponse

/**
 * Interrupts a part of an app when the client closes the connection. The platform runs an app in an uninterruptible region,
 * and interrupts its fiber then.
 */
export const whileConnected = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.interruptible(self)

/** The tag of the typed failure with which a promise was rejected, if it has one. */
export const rejectionTag = (error: unknown): string | undefined => stringIn(error, "_tag")

interface WebHandlerOf {
  readonly dispose: () => Promise<void>
  readonly handler: (request: Request) => Promise<Response>
}

/** Makes an app a function from a web request to a web response. The layer is built on the first request. */
export const webHandlerOf = <R, LE>(app: HttpApp<never, R>, layer: Layer.Layer<R, LE>): WebHandlerOf =>
  // The services that the app needs, besides the request itself, are those of the layer, which a type parameter hides.
  App.toWebHandlerLayer(app, layer) as WebHandlerOf

/** The `Host` header as the client sent it. Effect 4 replaces it by the host of an absolute target. */
export const hostOf = ({ headers, source }: ServerRequest): string | undefined => {
  const sent: unknown = typeof source === "object" ? Reflect.get(source, "headers") : undefined
  const host: unknown = isRecord(sent) ? sent["host"] : undefined
  return typeof host === "string" ? host : headers["host"]
}

/** The host and the port that a server listens on, or `undefined` if it listens on a Unix socket. */
export const listeningOn = ({
  address
}: HttpServer.HttpServer["Service"]): { readonly hostname: string; readonly port: number } | undefined =>
  address._tag === "UnixPathAddress" ? undefined : { hostname: String(address.address), port: address.port }
