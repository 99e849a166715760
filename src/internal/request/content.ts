/**
 * The bytes of an upload.
 *
 * The API requires `Content-Length`, which a client over `fetch` omits for a stream. A stream is therefore read into
 * memory first, as exactly `size` bytes. This also finds a wrong size before anything is sent, and gives every attempt
 * the same bytes. The limits of the API keep the memory small.
 */

import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { isStream } from "../dialect/stream.js"
import type { InvalidRequestError } from "../model/errors.js"
import { invalidRequest } from "../model/invalidRequest.js"
import { isContent } from "../schema/content.js"
import { toHex } from "../values/bytes.js"

export const gatherContent = (
  operation: string,
  content: unknown,
  size: unknown,
  maxBytes: number | undefined
): Effect.Effect<Uint8Array, InvalidRequestError> => {
  const refuse = (issue: string) => Effect.fail(invalidRequest(operation, issue))
  const limit = maxBytes ?? Number.POSITIVE_INFINITY
  if (!isContent(content)) return refuse("content must be a Uint8Array, a Blob or a Stream of Uint8Array")
  const known = content instanceof Uint8Array ? content.byteLength : isStream(content) ? size : content.size
  if (typeof known !== "number") return refuse("size is missing: a stream needs its exact size in bytes")
  if (typeof size === "number" && size !== known)
    return refuse(`size is ${size} bytes, but content has ${known}`)
  if (!Number.isSafeInteger(known) || known < 0) return refuse("size must be an integer number of bytes")
  if (known === 0) return refuse("content is empty: the API accepts files of at least one byte")
  if (known > limit) return refuse(`content has ${known} bytes, and the API accepts at most ${limit}`)
  if (content instanceof Uint8Array) return Effect.succeed(content)
  if (isStream(content)) return gatherStream(operation, content, known)
  return Effect.tryPromise({
    try: async () => new Uint8Array(await content.arrayBuffer()),
    catch: () => invalidRequest(operation, "content is a Blob that could not be read")
  })
}

const gatherStream = (
  operation: string,
  content: Stream.Stream<unknown, unknown>,
  size: number
): Effect.Effect<Uint8Array, InvalidRequestError> =>
  Effect.suspend(() => {
    const refusal = (issue: string) => invalidRequest(operation, issue)
    const bytes = new Uint8Array(size)
    let filled = 0
    const fill = (chunk: unknown): Effect.Effect<void, InvalidRequestError> => {
      if (!(chunk instanceof Uint8Array))
        return Effect.fail(refusal("content must be a Stream of Uint8Array"))
      if (filled + chunk.byteLength > size) {
        return Effect.fail(refusal(`content has more bytes than its size of ${size}`))
      }
      bytes.set(chunk, filled)
      filled += chunk.byteLength
      return Effect.void
    }
    const unreadable = () => refusal("content is a stream that failed before its end")
    return Effect.flatMap(Stream.runForEach(Stream.mapError(content, unreadable), fill), () =>
      filled === size
        ? Effect.succeed(bytes)
        : Effect.fail(refusal(`content ended after ${filled} bytes, but size is ${size}`))
    )
  })

/** Computes the SHA-256 of bytes in lower-case hex. `undefined` if the runtime has no WebCrypto. */
export const sha256Hex = (bytes: Uint8Array): Effect.Effect<string | undefined> =>
  globalThis.crypto?.subtle === undefined
    ? Effect.succeed(undefined)
    : Effect.promise(async () => toHex(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes))))
