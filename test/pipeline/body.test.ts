import type { ServerResponse } from "node:http"
import { gzipSync } from "node:zlib"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { execute, scopedClient } from "../../src/internal/dialect/http.js"
import { sourceOf } from "../../src/internal/dialect/shared/body.js"
import type { PipelineOptions } from "../../src/internal/pipeline/make.js"
import * as Retry from "../../src/internal/timing/retry.js"
import { apiKey, mockClient, ok } from "../support/http.js"
import { clients, serve } from "../support/server.js"
import { makeThings } from "../support/synthetic.js"

const limit = 10_000
const soon = Retry.policy({ baseDelay: 1, maxDelay: 1 })

/** A successful response whose envelope has exactly the given number of bytes. */
const envelope = (bytes: number): string => {
  const text = (padding: string) => JSON.stringify({ ok: true, data: { id: padding }, meta: {} })
  return text("x".repeat(bytes - text("").length))
}

const json = { "content-type": "application/json" }

const announced = (response: ServerResponse, body: string) => {
  response.writeHead(200, { ...json, "content-length": String(Buffer.byteLength(body)) }).end(body)
}

const chunked = (response: ServerResponse, body: string) => {
  response.writeHead(200, json)
  response.write(body.slice(0, 100), () => response.end(body.slice(100)))
}

/** Writes a chunked body that never ends. */
const endless = (response: ServerResponse) => {
  const block = Buffer.alloc(4_096, "x")
  response.writeHead(200, json)
  const more = () => {
    if (!response.destroyed) response.write(block, () => setImmediate(more))
  }
  more()
}

const things = (options: Partial<PipelineOptions>) =>
  Effect.flatMap(HttpClient.HttpClient, (client) => makeThings(client, { retry: soon, ...options }))

const tooLarge = {
  _tag: "TransportError",
  reason: "TooLarge",
  operation: "mailbox.things.getPart",
  detail: `The response body is larger than ${limit} bytes: raise maxResponseBytes if that is expected`,
  attempts: 1
}

for (const [name, layer] of clients) {
  describe(`maxResponseBytes over ${name}`, () => {
    for (const [how, respond] of Object.entries({ announced, chunked })) {
      it.scopedLive(`accepts an ${how} body of exactly the limit, and rejects one byte more`, () =>
        Effect.gen(function* () {
          const server = yield* serve((_, response, index) => respond(response, envelope(limit + index)))
          const { getPart } = yield* things({ baseUrl: server.origin, maxResponseBytes: limit })
          expect((yield* getPart("a", "b")).id).toMatch(/^x+$/)
          expect(yield* Effect.flip(getPart("a", "b"))).toMatchObject(tooLarge)
        }).pipe(Effect.provide(layer))
      )
    }

    it.scopedLive("is replaced by the option of a call, in both directions", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => chunked(response, envelope(limit + 1)))
        const small = yield* things({ baseUrl: server.origin, maxResponseBytes: 100 })
        expect((yield* small.getPart("a", "b", { maxResponseBytes: limit + 1 })).id).toMatch(/^x+$/)
        expect((yield* small.getPart("a", "b", { maxResponseBytes: Number.POSITIVE_INFINITY })).id).toMatch(
          /^x+$/
        )
        const large = yield* things({ baseUrl: server.origin })
        const error = yield* Effect.flip(large.getPart("a", "b", { maxResponseBytes: limit }))
        expect(error).toMatchObject(tooLarge)
      }).pipe(Effect.provide(layer))
    )

    it.scopedLive("fails on an announced size above the limit before any of the body arrives", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => {
          response.writeHead(200, { ...json, "content-length": String(limit + 1) }).flushHeaders()
        })
        const { getPart } = yield* things({ baseUrl: server.origin, maxResponseBytes: limit })
        expect(yield* Effect.flip(getPart("a", "b"))).toMatchObject(tooLarge)
        yield* server.closed
      }).pipe(Effect.provide(layer))
    )

    it.scopedLive("stops reading an endless chunked body, closes its socket and does not retry", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => endless(response))
        const { getPart } = yield* things({ baseUrl: server.origin, maxResponseBytes: limit })
        expect(yield* Effect.flip(getPart("a", "b"))).toMatchObject(tooLarge)
        yield* server.closed
        expect(server.arrived).toHaveLength(1)
      }).pipe(Effect.provide(layer))
    )

    it.scopedLive("does not apply to downloads, which are streams", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => announced(response, "x".repeat(limit * 10)))
        const { download } = yield* things({ baseUrl: server.origin, maxResponseBytes: limit })
        const size = yield* Stream.runFold(download("a"), 0, (sum, chunk) => sum + chunk.byteLength)
        expect(size).toBe(limit * 10)
      }).pipe(Effect.provide(layer))
    )

    it.scopedLive("leaves the status of a failed response whose body is too large", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => {
          response.writeHead(404, { ...json, "x-request-id": "req_large" })
          response.end("x".repeat(limit + 1))
        })
        const { getPart } = yield* things({ baseUrl: server.origin, maxResponseBytes: limit })
        const error = yield* Effect.flip(getPart("a", "b"))
        expect(error).toMatchObject({
          _tag: "APIError",
          status: 404,
          code: "http_404",
          requestId: "req_large",
          attempts: 1
        })
      }).pipe(Effect.provide(layer))
    )

    it.scopedLive("decodes characters that are split between chunks, with and without a limit", () =>
      Effect.gen(function* () {
        const text = "Grüße 日本 🚀"
        const bytes = Buffer.from(JSON.stringify({ ok: true, data: { id: text }, meta: {} }))
        const server = yield* serve((_, response) => {
          response.writeHead(200, json)
          const write = (at: number): void => {
            if (at === bytes.length) return void response.end()
            response.write(bytes.subarray(at, at + 1), () => setImmediate(write, at + 1))
          }
          write(0)
        })
        const { getPart } = yield* things({ baseUrl: server.origin })
        for (const maxResponseBytes of [bytes.length, Number.POSITIVE_INFINITY]) {
          expect(yield* getPart("a", "b", { maxResponseBytes })).toEqual({ id: text })
        }
      }).pipe(Effect.provide(layer))
    )
  })
}

describe("a compressed body", () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, "x"))

  it.scopedLive(
    "counts after decompression over FetchHttpClient, so that a small gzip bomb is rejected",
    () =>
      Effect.gen(function* () {
        expect(bomb.length).toBeLessThan(100_000)
        const server = yield* serve((_, response) => {
          response.writeHead(200, {
            ...json,
            "content-encoding": "gzip",
            "content-length": String(bomb.length)
          })
          response.end(bomb)
        })
        const { getPart } = yield* things({ baseUrl: server.origin, maxResponseBytes: 1_000_000 })
        const error = yield* Effect.flip(getPart("a", "b"))
        expect(error).toMatchObject({ _tag: "TransportError", reason: "TooLarge", attempts: 1 })
        expect(server.arrived).toHaveLength(1)
      }).pipe(Effect.provide(FetchHttpClient.layer))
  )

  it.scopedLive("is never decompressed over undici, so that a gzip bomb stays small", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => {
        response.writeHead(200, { ...json, "content-encoding": "gzip" }).end(bomb)
      })
      const { getPart } = yield* things({ baseUrl: server.origin })
      const small = yield* Effect.flip(getPart("a", "b", { maxResponseBytes: bomb.length - 1 }))
      expect(small).toMatchObject({ _tag: "TransportError", reason: "TooLarge", attempts: 1 })
      const read = yield* Effect.flip(getPart("a", "b", { maxResponseBytes: bomb.length }))
      expect(read._tag).not.toBe("APIError")
      expect(read).not.toMatchObject({ reason: "TooLarge" })
      expect(server.arrived[0]?.headers["accept-encoding"]).toBeUndefined()
    }).pipe(Effect.provide(NodeHttpClient.layerUndici))
  )
})

describe("the runtime's response behind the platform's", () => {
  /** The source of a real response, as a client of the platform exposes it. */
  const received = Effect.gen(function* () {
    const server = yield* serve((_, response) => announced(response, envelope(200)))
    // Without a scope the platform wraps the response, and the wrapper hides the source.
    const client = scopedClient(yield* HttpClient.HttpClient)
    const response = yield* execute(client, "GET", server.origin, { authorization: apiKey }, undefined)
    return { source: sourceOf(response), text: yield* response.text }
  })

  it.scopedLive("is a web Response over FetchHttpClient, which body.ts relies on for its fast path", () =>
    Effect.gen(function* () {
      const { source, text } = yield* received
      expect(source).toBeInstanceOf(Response)
      expect(text).toBe(envelope(200))
    }).pipe(Effect.provide(FetchHttpClient.layer))
  )

  it.scopedLive("is the body of undici over layerUndici, which body.ts relies on for its fast path", () =>
    Effect.gen(function* () {
      const { source } = yield* received
      expect(source).toMatchObject({
        text: expect.any(Function),
        [Symbol.asyncIterator]: expect.any(Function)
      })
      expect(source).not.toBeInstanceOf(Response)
    }).pipe(Effect.provide(NodeHttpClient.layerUndici))
  )

  it.scopedLive("is not used over node:http, whose messages have no body of that kind", () =>
    Effect.gen(function* () {
      expect((yield* received).source).toBeUndefined()
    }).pipe(Effect.provide(NodeHttpClient.layer))
  )

  it.effect("may be missing: a client of another kind is read through its text or its stream", () =>
    Effect.gen(function* () {
      const { client: web } = mockClient(() => ok({ id: "x".repeat(limit) }))
      // A client of another platform has no source.
      const client = HttpClient.transformResponse(
        web,
        Effect.map((response) =>
          Object.create(HttpClientResponse.fromWeb(response.request, new Response(null)), {
            text: { value: response.text },
            stream: { value: response.stream },
            headers: { value: response.headers },
            status: { value: response.status },
            source: { value: undefined }
          })
        )
      )
      const { getPart } = yield* makeThings(client)
      for (const maxResponseBytes of [undefined, Number.POSITIVE_INFINITY]) {
        expect((yield* getPart("a", "b", { maxResponseBytes })).id).toHaveLength(limit)
      }
      const error = yield* Effect.flip(getPart("a", "b", { maxResponseBytes: limit }))
      expect(error).toMatchObject(tooLarge)
    })
  )
})
