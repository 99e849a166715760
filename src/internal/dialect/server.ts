/**
 * The dialect's part for HTTP servers.
 */

import * as App from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { joinBytes } from "../values/bytes.js"

export { HttpServerRequest, HttpServerResponse }

/** What answers requests. */
export type HttpApp<E = never, R = never> = App.Default<E, R>

/** The request being answered, as a service. */
export type ServerRequest = HttpServerRequest.HttpServerRequest

export const currentRequest: Effect.Effect<ServerRequest, never, ServerRequest> =
  HttpServerRequest.HttpServerRequest

export type ServerResponse = HttpServerResponse.HttpServerResponse

/** A short answer in plain text. */
export const textResponse = (
  status: number,
  body: string,
  headers: Record<string, string> = {}
): ServerResponse => HttpServerResponse.text(body, { status, headers })

/** A body that was not had whole. */
export type BodyProblem = "TooLarge" | "Unreadable"

const problem = (reason: BodyProblem): BodyProblem => reason

/**
 * The body's bytes, as far as `limit`.
 *
 * Node's server loses the answer when it stops reading in the middle. So what comes past the limit is read and thrown
 * away, as much again as four times the limit, and only then is the connection given up.
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
    return Effect.flatMap(Stream.runForEach(Stream.mapError(request.stream, unreadable), take), () =>
      size > limit ? Effect.fail(problem("TooLarge")) : Effect.succeed(joinBytes(chunks))
    )
  })

/** An app as a function of web requests. */
export interface WebHandler {
  readonly handle: (request: Request) => Promise<Response>
  readonly dispose: () => Promise<void>
}

/**
 * An app as a function of web requests, its services made on the first request. When they cannot be made, that
 * request's promise is rejected and the next request tries again.
 */
export const toWebHandler = <R, LE>(app: HttpApp<never, R>, layer: Layer.Layer<R, LE>): WebHandler => {
  const make = () => App.toWebHandlerLayer(app, layer)
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
