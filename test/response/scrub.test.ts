import { describe, expect, it } from "@effect/vitest"
import { clamp, printable, safeText, scrub } from "../../src/internal/values/scrub.js"

const base64 = (text: string): string => Buffer.from(text).toString("base64")

describe("scrub", () => {
  it("returns any text unchanged without secrets, and ignores an empty secret", () => {
    for (const text of ["a secret text", "undefined", ""]) {
      for (const secrets of [[], [""]]) expect(scrub(text, secrets)).toBe(text)
    }
    expect(scrub("a secret text", ["", "secret"])).toBe("a <redacted> text")
  })

  it("replaces every occurrence of every secret in any case", () => {
    expect(scrub("key-ONE, Key-One and key-two", ["key-one", "key-two"])).toBe(
      "<redacted>, <redacted> and <redacted>"
    )
  })

  it("replaces the longest secret first, whatever their order, so that no part of it remains", () => {
    for (const secrets of [
      ["token", "token-with-suffix"],
      ["token-with-suffix", "token"]
    ]) {
      expect(scrub("the token-with-suffix is not the token", secrets)).toBe(
        "the <redacted> is not the <redacted>"
      )
    }
  })

  it("takes every character of a secret literally", () => {
    for (const character of "\\^$.*+?()[]{}|/-") {
      const secret = `a${character}b`
      expect(scrub(`<${secret}>`, [secret]), secret).toBe("<<redacted>>")
      expect(scrub("<ab> <aab> <axb>", [secret]), secret).toBe("<ab> <aab> <axb>")
    }
    expect(scrub("a", ["a|b"])).toBe("a")
    expect(scrub("m-p n", ["[m-p]"])).toBe("m-p n")
  })

  it("replaces a secret that is encoded for a URL", () => {
    expect(scrub("?token=p%40ss%20w%C3%B6rd", ["p@ss wörd"])).toBe("?token=<redacted>")
    expect(scrub("?token=p%40ss%20w%c3%b6rd", ["p@ss wörd"])).toBe("?token=<redacted>")
  })

  it("replaces a secret in base64 wherever it starts, in both alphabets, and leaves the text around it", () => {
    const secret = "smx_mbx_0123456789>>>???"
    for (const prefix of ["", "a", "ab", "abc", "abcd", "abcde"]) {
      for (const suffix of ["", "z", "zy", "zyx"]) {
        const encoded = base64(prefix + secret + suffix)
        for (const text of [encoded, encoded.replaceAll("+", "-").replaceAll("/", "_")]) {
          const scrubbed = scrub(`x ${text} y`, [secret])
          expect(scrubbed, text).toContain("<redacted>")
          // At most the characters at the ends remain, which also encode a part of the text around it.
          const rest = scrubbed.replace("<redacted>", "").slice(2, -2).replace(/=+$/, "")
          const around = Math.ceil((prefix.length * 4) / 3) + Math.ceil((suffix.length * 4) / 3)
          expect(rest.length, `${prefix} ${suffix}`).toBeLessThanOrEqual(around + 2)
        }
      }
    }
  })

  it("searches for base64 of at least 12 characters only, so that it does not replace ordinary words", () => {
    expect(scrub(base64("123456789"), ["123456789"])).toBe("<redacted>")
    expect(scrub(base64("12345678"), ["12345678"])).toBe(base64("12345678"))
    expect(scrub(base64("password"), ["password"])).toBe(base64("password"))
  })

  it("replaces a secret with half of a surrogate pair, which no URL encoding has", () => {
    expect(scrub("a \ud800-secret b", ["\ud800-secret"])).toBe("a <redacted> b")
  })
})

describe("printable", () => {
  it("replaces tabs and line breaks by spaces, and other control characters by a mark", () => {
    expect(printable("a\tb\nc")).toBe("a b c")
    for (const code of [0, 7, 0x0d, 0x1b, 0x7f, 0x85, 0x200e, 0x200f, 0x2028, 0x2029, 0x202e, 0x2066]) {
      expect(printable(`a${String.fromCodePoint(code)}b`), String(code)).toBe("a\ufffdb")
    }
    expect(printable("Grüße 日本 🚀 \u200d")).toBe("Grüße 日本 🚀 \u200d")
  })
})

describe("clamp", () => {
  it("keeps a text of exactly the length, and cuts a longer one to the length with an ellipsis", () => {
    expect(clamp("12345", 5)).toBe("12345")
    expect(clamp("123456", 5)).toBe("1234…")
  })
})

describe("safeText", () => {
  it("scrubs, replaces control characters, and cuts, in this order", () => {
    expect(safeText("a\u0007 key-one b", ["key-one"], 100)).toBe("a\ufffd <redacted> b")
    expect(safeText("key-one", ["key-one"], 5)).toBe("<red…")
    expect(safeText("a\u0007key", ["a\u0007key"], 100)).toBe("<redacted>")
  })

  it("reads at most a million characters", () => {
    const text = `${"x".repeat(999_995)}secret`
    expect(safeText(text, ["secret"], 2_000_000)).toBe(`${"x".repeat(999_995)}secre`)
    expect(safeText(text.slice(1), ["secret"], 2_000_000)).toBe(`${"x".repeat(999_994)}<redacted>`)
  })
})
