import { inspect } from "node:util"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { safeText, scrub } from "../../src/internal/values/scrub.js"
import { apiKey, failure, mockClient } from "../support/http.js"
import { makeThings } from "../support/synthetic.js"

const failWith = (message: string, headers: Record<string, string> = {}) =>
  Effect.gen(function* () {
    const { client } = mockClient(() => failure(400, "invalid_parameter", { message, headers }))
    const things = yield* makeThings(client)
    return yield* Effect.flip(things.getPart("a", "b"))
  })

describe("text of a server in an error", () => {
  it.effect("contains no control characters, which could forge a log line or steer a terminal", () =>
    Effect.gen(function* () {
      const error = yield* failWith("bad\u001b[2J\r\nlevel=ERROR\u0000\u202Egnp.exe\u2028next\u0085end")
      expect(`${error}`).not.toMatch(/[\p{Cc}\u2028\u202e]/u)
      expect(error.message).toContain("bad")
      expect(error.message).toContain("end")
    })
  )

  it.effect("contains no key, in whichever form the server echoes it", () =>
    Effect.gen(function* () {
      const base64 = (text: string) => Buffer.from(text).toString("base64")
      for (const echoed of [
        apiKey,
        apiKey.toUpperCase(),
        encodeURIComponent(apiKey),
        base64(apiKey),
        base64(apiKey).replace(/=+$/, ""),
        base64(`Bearer ${apiKey}`),
        base64(`x:${apiKey}`),
        base64(`user:${apiKey}:more`),
        Buffer.from(`ab${apiKey}?>`).toString("base64url")
      ]) {
        const error = yield* failWith(`the key ${echoed} is unknown`)
        const printed = `${error} ${inspect(error)} ${JSON.stringify(error)}`
        expect(printed).toContain("<redacted>")
        for (const part of echoed.match(/.{16}/g)?.slice(1, -1) ?? []) expect(printed).not.toContain(part)
      }
    })
  )

  it("replaces the longest of several secrets first", () => {
    expect(scrub("token-long and token", ["token", "token-long"])).toBe("<redacted> and <redacted>")
    expect(scrub("a.b", ["a.b"])).toBe("<redacted>")
    expect(scrub("axb", ["a.b"])).toBe("axb")
    expect(scrub("nothing", [])).toBe("nothing")
    expect(scrub("nothing", [""])).toBe("nothing")
  })

  it("keeps ordinary text as it is", () => {
    const text = 'Ungültige Adresse: 名前 🙂 <a@b.c> 100% "quoted"'
    expect(safeText(text, [apiKey], 200)).toBe(text)
  })

  it("is truncated to its limit with an ellipsis", () => {
    expect(safeText("abcdef", [], 4)).toBe("abc…")
    expect(safeText("abcd", [], 4)).toBe("abcd")
    expect(safeText("x".repeat(5_000_000), [], 10)).toBe(`${"x".repeat(9)}…`)
  })
})

describe("a redirect that a browser hides", () => {
  it.effect("is an APIError that names it, and is not retried", () =>
    Effect.gen(function* () {
      const opaque = Object.defineProperty(new Response(null), "status", { value: 0 })
      const { client, seen } = mockClient(() => opaque)
      const things = yield* makeThings(client)
      const error = yield* Effect.flip(things.getPart("a", "b"))
      expect(error).toMatchObject({ _tag: "APIError", status: 0, code: "http_0" })
      expect(error.message).toContain("a redirect, which is not followed: check baseUrl")
      expect(seen).toHaveLength(1)
    })
  )
})
