/**
 * The part of the dialect for HTTP servers.
 */

import * as App from "effect/http/HttpEffect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { joinBytes } from "../values/bytes.js"
import { stringIn } from "../values/json.js"

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

/** Makes a response with a body in plain text. */
export const textResponse = (
  status: number,
  body: string,
  headers: Record<string, string> = {}
): ServerResponse => HttpServerResponse.text(body, { status, headers })

/**
 * Interrupts a part of an app when the client closes the connection. The platform runs an app in an uninterruptible region,
 * and interrupts its fiber then.
 */
export const whileConnected = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.interruptible(self)

/** The reason why a body was not read completely: it is over the limit, or the connection failed. */
export type BodyProblem = "TooLarge" | "Unreadable"

const problem = (reason: BodyProblem): BodyProblem => reason

/**
 * Reads the body, and fails if it is larger than `limit` bytes.
 *
 * A Node server loses its response if it stops reading in the middle of a body. A larger body is therefore read and
 * discarded, up to five times the limit in total, before the read is aborted.
 */
export const readBody = (request: ServerRequest, limit: number): Effect.Effect<Uint8Array, BodyProblem> =>
  Effect.suspend(() => {
    const declared = Number(request.headers["content-length"] ?? 0)
    if (declared > limit) return Effect.fail(problem("TooLarge"))
    if (typeof Request !== "undefined" && request.source instanceof Request && request.source.body === null) {
      return Effect.succeed(new Uint8Array(0))
    }
    const chunks: Array<Uint8Array> = []
    let size = 0
    const take = (chunk: Uint8Array): Effect.Effect<void, BodyProblem> => {
      size += chunk.byteLength
      if (size <= limit) chunks.push(chunk)
      else chunks.length = 0
      return size > limit * 5 ? Effect.fail(problem("TooLarge")) : Effect.void
    }
    const unreadable = (): BodyProblem => (size > limit ? "TooLarge" : "Unreadable")
    return request.stream.pipe(
      Stream.mapError(unreadable),
      Stream.runForEach(take),
      Effect.flatMap(() =>
        size > limit ? Effect.fail(problem("TooLarge")) : Effect.succeed(joinBytes(chunks))
      )
    )
  })

/** An app as a function from a web request to a web response. */
export interface WebHandler {
  readonly handle: (request: Request) => Promise<Response>
  readonly dispose: () => Promise<void>
}

interface WebHandlerOf {
  readonly dispose: () => Promise<void>
  readonly handler: (request: Request) => Promise<Response>
}

/** The tag of the typed failure with which a promise was rejected, if it has one. */
export const rejectionTag = (error: unknown): string | undefined => stringIn(error, "_tag")

/**
 * Makes an app a function from a web request to a web response. The layer is built on the first request. If it fails to
 * build, the promise of that request is rejected, and the next request builds it again.
 */
export const toWebHandler = <R, LE>(app: HttpApp<never, R>, layer: Layer.Layer<R, LE>): WebHandler => {
  // The services that the app needs, besides the request itself, are those of the layer, which a type parameter hides.
  const make = () => App.toWebHandlerLayer(app, layer) as WebHandlerOf
  let current: ReturnType<typeof make> | undefined
  return {
    handle: async (request) => {
      const used = current ?? make()
      current = used
      try {
        return await used.handler(request)
      } catch (error) {
        if (current === used) current = undefined
        await used.dispose()
        throw error
      }
    },
    dispose: async () => {
      const used = current
      current = undefined
      await used?.dispose()
    }
  }
}
