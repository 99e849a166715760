/**
 * The parts of an app that serves requests: reading a body, responding with text, and running without a server.
 */
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { joinBytes } from "../../values/bytes.js"
import { type HttpApp, type ServerRequest, type ServerResponse, webHandlerOf } from "../server.js"

/** Makes a response with a body in plain text. */
export const textResponse = (
  status: number,
  body: string,
  headers: Record<string, string> = {}
): ServerResponse => HttpServerResponse.text(body, { status, headers })

/** The reason why a body was not read completely: it is over the limit, or the connection failed. */
export type BodyProblem = "TooLarge" | "Unreadable"

const tooLarge: Effect.Effect<never, BodyProblem> = Effect.fail("TooLarge")

/** Whether a request says that its body is larger than `limit` bytes. */
export const announcesMore = ({ headers }: ServerRequest, limit: number): boolean =>
  Number(headers["content-length"] ?? 0) > limit

/**
 * How often the limit is read in total. A Node server loses its response if it stops reading in the middle of a body, so the
 * rest of one that is too large is read and discarded, up to this factor, before the read is aborted.
 */
export const discardFactor = 5

/** Whether a request is one of the web. Those of other servers have a source of another kind. */
export const isWebRequest = (source: unknown): source is Request =>
  typeof Request !== "undefined" && source instanceof Request

/** Reads the body, and fails if it is larger than `limit` bytes. `onPart` runs for each part that arrives. */
export const readBody = (
  request: ServerRequest,
  limit: number,
  onPart: Effect.Effect<void> = Effect.void
): Effect.Effect<Uint8Array, BodyProblem> =>
  Effect.suspend(() => {
    if (announcesMore(request, limit)) return tooLarge
    if (isWebRequest(request.source) && request.source.body === null) {
      return Effect.succeed(new Uint8Array(0))
    }
    const parts: Array<Uint8Array> = []
    let size = 0
    const take = (part: Uint8Array): Effect.Effect<void, BodyProblem> => {
      size += part.byteLength
      if (size <= limit) parts.push(part)
      else parts.length = 0
      return size > limit * discardFactor ? tooLarge : onPart
    }
    return request.stream.pipe(
      Stream.mapError((): BodyProblem => (size > limit ? "TooLarge" : "Unreadable")),
      Stream.runForEach(take),
      Effect.flatMap(() => (size > limit ? tooLarge : Effect.succeed(joinBytes(parts))))
    )
  })

/** An app as a function from a web request to a web response. */
export interface WebHandler {
  readonly handle: (request: Request) => Promise<Response>
  readonly dispose: () => Promise<void>
}

/**
 * Makes an app a function from a web request to a web response. The layer is built on the first request. If it fails to
 * build, the promise of that request is rejected, and the next request builds it again.
 */
export const toWebHandler = <R, LE>(app: HttpApp<never, R>, layer: Layer.Layer<R, LE>): WebHandler => {
  let current: ReturnType<typeof webHandlerOf> | undefined
  return {
    handle: async (request) => {
      const used = current ?? webHandlerOf(app, layer)
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
