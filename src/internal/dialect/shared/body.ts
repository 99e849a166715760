/**
 * The part of the dialect for response bodies, which are read up to a limit.
 *
 * The platform's `response.text` builds a cache, a deferred and a fiber for each call. Both of its clients keep the
 * runtime's own response as `source`, whose body is read here directly. `source` is not part of the platform's
 * interface, so a response without it is read through `response.stream`; `test/pipeline/body.test.ts` reports when the
 * platform changes.
 */
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** Why a body could not be read: it ended early, or it is larger than the limit. */
export type BodyFailure =
  | { readonly _tag: "Truncated"; readonly cause: unknown }
  | { readonly _tag: "TooLarge" }

const tooLarge: BodyFailure = { _tag: "TooLarge" }

/** Thrown by the readers below when they have counted more than the limit. */
const overLimit = Symbol("overLimit")

const toFailure = (cause: unknown): BodyFailure =>
  cause === overLimit ? tooLarge : { _tag: "Truncated", cause }

type HttpResponse = HttpClientResponse.HttpClientResponse

/** The part of undici's response body that is used. */
interface NodeBody {
  readonly text: () => Promise<string>
  readonly [Symbol.asyncIterator]: () => AsyncIterator<Uint8Array>
}

const isNodeBody = (u: unknown): u is NodeBody =>
  typeof u === "object" &&
  u !== null &&
  typeof Reflect.get(u, "text") === "function" &&
  typeof Reflect.get(u, Symbol.asyncIterator) === "function"

/** The runtime's own response behind the platform's, where it is one of the two known kinds. */
export const sourceOf = (response: HttpResponse): Response | NodeBody | undefined => {
  const source: unknown = Reflect.get(response, "source")
  if (source === undefined) return undefined
  if (typeof Response !== "undefined" && source instanceof Response) return source
  const body: unknown =
    typeof source === "object" && source !== null ? Reflect.get(source, "body") : undefined
  return isNodeBody(body) ? body : undefined
}

/** The announced size of a body that is sent as it is; a compressed one may be any size once it is decompressed. */
const announcedSize = (headers: Readonly<Record<string, string | undefined>>): number | undefined => {
  if (headers["content-encoding"] !== undefined) return undefined
  const length = Number(headers["content-length"] ?? Number.NaN)
  return Number.isSafeInteger(length) && length >= 0 ? length : undefined
}

/** Whether the client has decompressed the body, as `fetch` does. The clients on Node's own modules do not. */
export const decompresses = (response: HttpResponse): boolean => {
  const source: unknown = Reflect.get(response, "source")
  return typeof Response !== "undefined" && source instanceof Response
}

/** Collects the text of chunks, and throws once they exceed the limit. */
const makeCollector = (limit: number) => {
  const decoder = new TextDecoder()
  let size = 0
  let text = ""
  return {
    add: (chunk: Uint8Array): void => {
      size += chunk.byteLength
      if (size > limit) throw overLimit
      text += decoder.decode(chunk, { stream: true })
    },
    end: (): string => text + decoder.decode()
  }
}

const collectWeb = async (source: Response, limit: number): Promise<string> => {
  if (source.body === null) return ""
  const reader = source.body.getReader()
  const collector = makeCollector(limit)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return collector.end()
      collector.add(value)
    }
  } catch (cause) {
    await reader.cancel().catch(() => undefined)
    throw cause
  }
}

const collectNode = async (body: NodeBody, limit: number): Promise<string> => {
  const collector = makeCollector(limit)
  // Leaving the loop by an exception destroys the stream and with it the socket.
  for await (const chunk of body) collector.add(chunk)
  return collector.end()
}

const collectStream = (response: HttpResponse, limit: number): Effect.Effect<string, BodyFailure> =>
  Effect.suspend(() => {
    const collector = makeCollector(limit)
    const add = (chunk: Uint8Array) => Effect.try({ try: () => collector.add(chunk), catch: toFailure })
    return Effect.map(Stream.runForEach(Stream.mapError(response.stream, toFailure), add), () =>
      collector.end()
    )
  })

/**
 * The body as text, read once. A body of more than `limit` bytes, counted after decompression, is not read to its end.
 *
 * `headers` are the response's, which the platform parses again at each access.
 */
export const readText = (
  response: HttpResponse,
  headers: Readonly<Record<string, string | undefined>>,
  limit: number
): Effect.Effect<string, BodyFailure> => {
  const announced = announcedSize(headers)
  if (announced !== undefined && announced > limit) return Effect.fail(tooLarge)
  const source = sourceOf(response)
  const whole = announced !== undefined || limit === Number.POSITIVE_INFINITY
  if (source === undefined) {
    return whole ? Effect.mapError(response.text, toFailure) : collectStream(response, limit)
  }
  return Effect.tryPromise({
    try: () => {
      if (whole) return source.text()
      return source instanceof Response ? collectWeb(source, limit) : collectNode(source, limit)
    },
    catch: toFailure
  })
}
