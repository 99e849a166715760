/**
 * Digests: of the content of a message, and of the composition of a chunk, from which its idempotency key follows.
 */
import * as Effect from "effect/Effect"
import { sha256 } from "../internal/values/sha256.js"
import type { ChunkItem } from "./ledger/model.js"

const utf8 = /* @__PURE__ */ new TextEncoder()

export const encodeUtf8 = (text: string): Uint8Array => utf8.encode(text)

/** The digests of texts in UTF-8, in their order: 132 bits of SHA-256 as 22 characters. */
export const digestsOf = (texts: ReadonlyArray<Uint8Array>): Effect.Effect<ReadonlyArray<string>> =>
  Effect.promise(async () => (await sha256(texts)).map((digest) => digest.slice(0, 22)))

export const digestOf = (text: string): Effect.Effect<string> =>
  Effect.map(digestsOf([encodeUtf8(text)]), ([digest = ""]) => digest)

/**
 * The idempotency key of a chunk. The same messages in the same order always have the same key, and messages that are
 * sent again after a transient failure have another one.
 */
export const chunkKey = (
  scope: string,
  items: ReadonlyArray<Pick<ChunkItem, "id" | "hash" | "attempts">>
): Effect.Effect<string> =>
  Effect.map(
    digestOf(JSON.stringify([scope, items.map(({ attempts, hash, id }) => [id, hash, attempts])])),
    (digest) => `sendmux-bulk-${digest}`
  )
