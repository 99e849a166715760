/**
 * Random values and digests of the OAuth protocol.
 */
import * as Effect from "effect/Effect"
import { base64Url } from "../internal/values/bytes.js"
import { webSha256 } from "../internal/values/sha256.js"

/** A random text of 43 characters, with 256 bits of entropy. */
export const randomText: Effect.Effect<string> = Effect.sync(() =>
  base64Url(globalThis.crypto.getRandomValues(new Uint8Array(32)))
)

/** The code challenge of a verifier, by the method S256. */
export const challengeOf = (verifier: string): Effect.Effect<string> =>
  Effect.promise(() => webSha256(new TextEncoder().encode(verifier)))

/** Compares two texts in a time that does not depend on where they differ. */
export const sameText = (one: string, other: string): boolean => {
  let difference = one.length ^ other.length
  for (let index = 0; index < one.length; index++) {
    difference |= one.charCodeAt(index) ^ (other.charCodeAt(index) || 0)
  }
  return difference === 0
}
