/**
 * The part of the dialect for HTTP servers.
 */

import * as App from "@effect/platform/HttpApp"
import type * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import type * as Layer from "effect/Layer"
import type * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import { stringIn } from "../values/json.js"

export { HttpServerRequest, HttpServerResponse }

/** An effect that responds to the current request. */
export type HttpApp<E = never, R = never> = App.Default<E, R>

/** The current request, which is also the tag of its service. */
export type ServerRequest = HttpServerRequest.HttpServerRequest

/** Succeeds with the current request. */
export const currentRequest: Effect.Effect<ServerRequest, never, ServerRequest> =
  HttpServerRequest.HttpServerRequest

/** A response of the server. */
export type ServerResponse = HttpServerResponse.HttpServerResponse

/** A closed connection is no error of this server, so the fiber that served it does not log its end. */
const withoutFiberLog = FiberRef.set(FiberRef.unhandledErrorLogLevel, Option.none<LogLevel.LogLevel>())

/**
 * Interrupts a part of an app when the client closes the connection. The platform runs an app in an uninterruptible region,
 * and interrupts its fiber then.
 */
export const whileConnected = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.onInterrupt(Effect.interruptible(self), () => withoutFiberLog)

/** The tag of the typed failure with which a promise was rejected, if it has one. */
export const rejectionTag = (error: unknown): string | undefined => {
  if (!Runtime.isFiberFailure(error)) return undefined
  const failure = Cause.failureOption(error[Runtime.FiberFailureCauseId])
  return failure._tag === "Some" ? stringIn(failure.value, "_tag") : undefined
}

/** Makes an app a function from a web request to a web response. The layer is built on the first request. */
export const webHandlerOf = <R, LE>(app: HttpApp<never, R>, layer: Layer.Layer<R, LE>) =>
  App.toWebHandlerLayer(app, layer)

/** The `Host` header as the client sent it. */
export const hostOf = ({ headers }: ServerRequest): string | undefined => headers["host"]

/** The host and the port that a server listens on, or `undefined` if it listens on a Unix socket. */
export const listeningOn = ({
  address
}: HttpServer.HttpServer): { readonly hostname: string; readonly port: number } | undefined =>
  address._tag === "TcpAddress" ? address : undefined
