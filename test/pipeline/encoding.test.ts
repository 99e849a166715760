import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { mockClient, ok } from "../support/http.js"
import { clients, respondOk, serve } from "../support/server.js"
import { makeThings, untyped } from "../support/synthetic.js"

const item = { id: "thg_1" }

/** Ids, and their form in the URL. */
const encoded: ReadonlyArray<readonly [string, string]> = [
  ["plain-id_1", "plain-id_1"],
  ["a/b", "a%2Fb"],
  ["a\\b", "a%5Cb"],
  ["what?x=1", "what%3Fx%3D1"],
  ["a#b", "a%23b"],
  ["100%", "100%25"],
  ["%2e%2e", "%252e%252e"],
  [".%2e", ".%252e"],
  ["../me", "..%2Fme"],
  ["...", "..."],
  ["a b+c&d", "a%20b%2Bc%26d"],
  ["a:b;c", "a%3Ab%3Bc"],
  ["ünïcode-日本-🚀", encodeURIComponent("ünïcode-日本-🚀")],
  ["\t\r\n", "%09%0D%0A"],
  ["\u0000", "%00"]
]

for (const [name, layer] of clients) {
  describe(`a URL sent over ${name}`, () => {
    it.scopedLive("contains path ids that are percent-encoded once and stay within their segment", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => respondOk(response, item))
        const things = yield* makeThings(yield* HttpClient.HttpClient, {
          baseUrl: `${server.origin}/app/api/v1/`
        })
        for (const [id] of encoded) yield* things.getPart(id, "x")
        expect(server.arrived.map(({ url }) => url)).toEqual(
          encoded.map(([, wire]) => `/app/api/v1/things/${wire}/parts/x`)
        )
        expect(server.arrived.map(({ url }) => decodeURIComponent(url.split("/")[5] ?? ""))).toEqual(
          encoded.map(([id]) => id)
        )
      }).pipe(Effect.provide(layer))
    )

    it.scopedLive("contains encoded query values and unencoded literal colons of the path", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => respondOk(response, []))
        const things = yield* makeThings(yield* HttpClient.HttpClient, { baseUrl: server.origin })
        yield* Stream.runDrain(things.list({ status: "a&b=c d+e%#é", limit: 5 }))
        yield* things.batchGet({ ids: [] })
        expect(server.arrived.map(({ url }) => url)).toEqual([
          "/things?status=a%26b%3Dc%20d%2Be%25%23%C3%A9&limit=5",
          "/things:batch-get"
        ])
      }).pipe(Effect.provide(layer))
    )
  })
}

describe("an id that would change the path", () => {
  const invalid: ReadonlyArray<unknown> = ["", ".", "..", "\ud800", undefined, null, 7]
  for (const id of invalid) {
    it.effect(`${JSON.stringify(id)} is rejected in every position before anything is sent`, () =>
      Effect.gen(function* () {
        const { client, seen } = mockClient(() => ok(item))
        const things = yield* makeThings(client)
        const calls = [
          things.getPart(id as string, "x"),
          things.getPart("x", id as string),
          things.remove(id as string)
        ]
        for (const call of calls) {
          const error = yield* Effect.flip(call)
          expect(error._tag).toBe("InvalidRequestError")
        }
        expect(seen).toHaveLength(0)
      })
    )
  }
})

describe("the options of a call", () => {
  const invalidHeaders: ReadonlyArray<readonly [string, unknown]> = [
    ["Authorization", "Bearer mine"],
    ["host", "evil.test"],
    ["Content-Length", "3"],
    ["x-a\r\nx-b", "1"],
    ["x-a", "1\r\nx-b: 2"],
    ["x-a", "1\u0000"],
    ["x-a", "日本"],
    ["x-a", 7],
    ["", "1"]
  ]
  for (const [header, value] of invalidHeaders) {
    it.effect(`reject the header ${JSON.stringify(header)} with the value ${JSON.stringify(value)}`, () =>
      Effect.gen(function* () {
        const { client, seen } = mockClient(() => ok(item))
        const things = yield* makeThings(client)
        const error = yield* Effect.flip(things.getPart("a", "b", untyped({ headers: { [header]: value } })))
        expect(error._tag).toBe("InvalidRequestError")
        expect(seen).toHaveLength(0)
      })
    )
  }

  it.effect("add headers to the request, except undefined ones", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(() => ok(item))
      const things = yield* makeThings(client)
      yield* things.getPart("a", "b", untyped({ headers: { "X-Own": "1", "x-none": undefined } }))
      expect(seen[0]?.headers["x-own"]).toBe("1")
      expect(seen[0]?.headers).not.toHaveProperty("x-none")
    })
  )

  it.effect("reject an unknown option and an invalid timeout, and name them in the error", () =>
    Effect.gen(function* () {
      const { client } = mockClient(() => ok(item))
      const things = yield* makeThings(client)
      const option = yield* Effect.flip(things.getPart("a", "b", untyped({ ifMatch: '"1"' })))
      expect(option.message).toContain("ifMatch")
      for (const timeout of [0, -1, Number.NaN, "soon", null]) {
        const error = yield* Effect.flip(things.getPart("a", "b", untyped({ timeout })))
        expect(error.message).toContain("timeout")
      }
    })
  )
})
