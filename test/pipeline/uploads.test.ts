import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Content } from "../../src/internal/model/call.js"
import * as Retry from "../../src/internal/timing/retry.js"
import { mockClient, ok } from "../support/http.js"
import { clients, respondOk, serve } from "../support/server.js"
import { makeThings } from "../support/synthetic.js"

const item = { id: "thg_1" }
const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 251)

const contents: Record<string, () => { readonly content: Content; readonly size?: number }> = {
  "a Uint8Array": () => ({ content: bytes }),
  "a view into a larger buffer": () => ({
    content: new Uint8Array([0, ...bytes, 0]).subarray(1, bytes.length + 1)
  }),
  "a Blob": () => ({ content: new Blob([bytes.slice(0, 100), bytes.slice(100)]) }),
  "a Stream": () => ({
    content: Stream.make(
      bytes.subarray(0, 1),
      new Uint8Array(0),
      bytes.subarray(1, 40_000),
      bytes.subarray(40_000)
    ),
    size: bytes.length
  })
}

for (const [name, layer] of clients) {
  describe(`a request body sent over ${name}`, () => {
    for (const [what, make] of Object.entries(contents)) {
      it.scopedLive(
        `arrives completely and with its exact Content-Length on every attempt when it is ${what}`,
        () =>
          Effect.gen(function* () {
            const server = yield* serve((_, response, index) => {
              if (index === 0) response.writeHead(503).end("<html>")
              else respondOk(response, item)
            })
            const things = yield* makeThings(yield* HttpClient.HttpClient, {
              baseUrl: server.origin,
              retry: Retry.policy({ baseDelay: 1 })
            })
            yield* things.upload({ name: "a b.bin", content_type: "image/png", ...make() })
            expect(server.arrived).toHaveLength(2)
            for (const { body, headers, url } of server.arrived) {
              expect(url).toBe("/uploads?name=a%20b.bin")
              expect(headers["content-length"]).toBe(String(bytes.length))
              expect(headers["transfer-encoding"]).toBeUndefined()
              expect(headers["content-type"]).toBe("image/png")
              expect(body.equals(bytes)).toBe(true)
            }
          }).pipe(Effect.provide(layer))
      )
    }

    it.scopedLive("has the Content-Length of its UTF-8 bytes when it is JSON", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => respondOk(response, item))
        const things = yield* makeThings(yield* HttpClient.HttpClient, { baseUrl: server.origin })
        yield* things.note({ text: "日本🚀" })
        expect(server.arrived[0]?.headers["content-length"]).toBe(String(server.arrived[0]?.body.byteLength))
        expect(JSON.parse(String(server.arrived[0]?.body))).toEqual({ text: "日本🚀" })
        expect(server.arrived[0]?.headers["content-type"]).toMatch(/^application\/json/)
      }).pipe(Effect.provide(layer))
    )
  })
}

describe("an upload is rejected before anything is sent", () => {
  const stream = (...parts: ReadonlyArray<number>) =>
    Stream.fromIterable(parts.map((length) => new Uint8Array(length)))
  const invalid: ReadonlyArray<readonly [string, object, string]> = [
    ["an empty Uint8Array", { content: new Uint8Array(0) }, "empty"],
    ["an empty Blob", { content: new Blob([]) }, "empty"],
    ["larger than the limit", { content: new Uint8Array(1_000_001) }, "at most 1000000"],
    ["a stream without its size", { content: stream(3) }, "size is missing"],
    ["a stream shorter than its size", { content: stream(1, 1), size: 3 }, "ended after 2 bytes"],
    ["a stream longer than its size", { content: stream(2, 2), size: 3 }, "more bytes than its size of 3"],
    [
      "a stream that fails",
      { content: Stream.fail(new Error("disk smx_mbx_x")), size: 3 },
      "failed before its end"
    ],
    ["a stream of text", { content: Stream.make("abc"), size: 3 }, "Stream of Uint8Array"],
    ["a Uint8Array of another size", { content: new Uint8Array(3), size: 4 }, "size is 4 bytes"],
    ["a stream with a fractional size", { content: stream(1), size: 1.5 }, "integer number"],
    ["a string", { content: "abc" }, "Uint8Array, a Blob or a Stream"],
    [
      "of a media type with a line break",
      { content: new Uint8Array(1), content_type: "a/b\r\nx: y" },
      "content_type"
    ]
  ]
  for (const [what, input, problem] of invalid) {
    it.effect(`when its content is ${what}`, () =>
      Effect.gen(function* () {
        const { client, seen } = mockClient(() => ok(item))
        const things = yield* makeThings(client)
        const error = yield* Effect.flip(things.upload({ name: "a", ...(input as { content: Content }) }))
        expect(error._tag).toBe("InvalidRequestError")
        expect(error.message).toContain(problem)
        expect(error.message).not.toContain("smx_mbx_x")
        expect(seen).toHaveLength(0)
      })
    )
  }

  it.effect("when its content is an endless stream, as soon as the stream exceeds its size", () =>
    Effect.gen(function* () {
      const { client } = mockClient(() => ok(item))
      const things = yield* makeThings(client)
      const content = Stream.repeatValue(new Uint8Array(1))
      const error = yield* Effect.flip(things.upload({ name: "a", content, size: 100 }))
      expect(error.message).toContain("more bytes than its size of 100")
    })
  )
})
