import { createHash } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { chunkKey, digestOf } from "../../src/bulk/digest.js"
import { canonicalJson } from "../../src/internal/values/json.js"
import { sha256, webSha256 } from "../../src/internal/values/sha256.js"

describe("SHA-256", () => {
  it("is the same with the runtime's own implementation and with WebCrypto", async () => {
    for (let length = 0; length < 200; length += 7) {
      const bytes = new Uint8Array(length).map((_, index) => index * 31 + length)
      const expected = createHash("sha256").update(bytes).digest("base64url")
      expect(await sha256([bytes])).toEqual([expected])
      expect(await webSha256(bytes)).toBe(expected)
    }
  })
})

describe("the key of a chunk", () => {
  const item = { id: "a", hash: "h", attempts: 0 }

  it.effect("depends on the scope, and on the ids, contents, attempts and order of the items", () =>
    Effect.gen(function* () {
      const other = { id: "b", hash: "h", attempts: 0 }
      const keys = yield* Effect.all([
        chunkKey("s", [item, other]),
        chunkKey("s", [item, other]),
        chunkKey("t", [item, other]),
        chunkKey("s", [other, item]),
        chunkKey("s", [item]),
        chunkKey("s", [{ ...item, hash: "g" }, other]),
        chunkKey("s", [{ ...item, attempts: 1 }, other])
      ])
      expect(keys[0]).toBe(keys[1])
      expect(new Set(keys).size).toBe(6)
      for (const key of keys) expect(key).toMatch(/^sendmux-bulk-[\w-]{22}$/)
    })
  )

  it.effect("has a digest of 132 bits", () =>
    Effect.map(digestOf("text"), (digest) => {
      expect(digest).toBe(createHash("sha256").update("text").digest("base64url").slice(0, 22))
    })
  )
})

describe("canonical JSON", () => {
  it("is the same for every order of the keys, and reads back to the same value", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.jsonValue(), (value) => {
        const reversed = (inner: unknown): unknown =>
          typeof inner !== "object" || inner === null
            ? inner
            : Array.isArray(inner)
              ? inner.map(reversed)
              : Object.fromEntries(
                  Object.entries(inner)
                    .map(([key, one]) => [key, reversed(one)])
                    .reverse()
                )
        const text = canonicalJson(value)
        expect(canonicalJson(reversed(value))).toBe(text)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      })
    )
  })
})
