/**
 * Compressed responses over real sockets: which client asks for them, and what becomes of them.
 */
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { mockClient } from "../support/http.js"
import { clients, serve } from "../support/server.js"
import { makeThings } from "../support/synthetic.js"

const json = Buffer.from(
  JSON.stringify({
    ok: true,
    data: { id: "thg_1", at: "2026-09-01T00:00:00Z", secret: "s", note: "n" },
    meta: { request_id: "req_1" }
  })
)

const events = Buffer.from("id: 1\nevent: tick\ndata: {}\n\n")

const encodings = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync } as const

/** A server that sends every body compressed, and the things behind it. */
const things = (encoding: keyof typeof encodings) =>
  Effect.gen(function* () {
    const server = yield* serve(({ headers, url }, response) => {
      const isEvents = headers.accept?.includes("event-stream") === true
      const body = isEvents ? events : url.endsWith("/content") ? Buffer.from("file") : json
      response.writeHead(200, {
        "content-type": isEvents ? "text/event-stream" : "application/json",
        "content-encoding": encoding
      })
      response.end(encodings[encoding](body))
    })
    const service = yield* makeThings(yield* HttpClient.HttpClient, { baseUrl: server.origin })
    return { service, server }
  })

const textOf = <E>(bytes: Stream.Stream<Uint8Array, E>) =>
  Effect.map(Stream.runCollect(bytes), (parts) => Buffer.concat(Chunk.toReadonlyArray(parts)).toString())

for (const [client, layer] of clients) {
  const decompresses = client === "FetchHttpClient"

  describe(`over ${client}`, () => {
    it.scopedLive(`a request ${decompresses ? "accepts" : "does not accept"} compressed responses`, () =>
      Effect.gen(function* () {
        const { server, service } = yield* things("gzip")
        yield* Effect.exit(service.get("a"))
        yield* Effect.exit(textOf(service.download("a")))
        expect(server.arrived).toHaveLength(2)
        for (const { headers } of server.arrived) {
          if (decompresses) expect(headers["accept-encoding"]).toContain("gzip")
          else expect(headers["accept-encoding"]).toBeUndefined()
        }
      }).pipe(Effect.provide(layer))
    )

    for (const encoding of ["gzip", "deflate", "br"] as const) {
      if (decompresses) {
        it.scopedLive(`a response with ${encoding} is decompressed`, () =>
          Effect.gen(function* () {
            const { service } = yield* things(encoding)
            expect(yield* service.get("a")).toMatchObject({ id: "thg_1" })
            expect(yield* textOf(service.download("a"))).toBe(json.toString())
          }).pipe(Effect.provide(layer))
        )
      } else {
        it.scopedLive(
          `a response with ${encoding}, which was not asked for, fails and is not passed on`,
          () =>
            Effect.gen(function* () {
              const { server, service } = yield* things(encoding)
              const message = expect.stringContaining(`compressed (${encoding})`)
              expect(yield* Effect.flip(service.get("a"))).toMatchObject({
                _tag: "ResponseDecodeError",
                message
              })
              const download = yield* Effect.flip(textOf(service.download("a")))
              expect(download).toMatchObject({ _tag: "ResponseDecodeError", message })
              const stream = yield* Effect.flip(Stream.runDrain(service.events()))
              expect(stream).toMatchObject({ _tag: "ResponseDecodeError", message })
              expect(server.arrived).toHaveLength(3)
            }).pipe(Effect.provide(layer))
        )
      }
    }
  })
}

describe("a body that is not JSON", () => {
  const problemWith = (encoding: string) =>
    Effect.gen(function* () {
      const headers = { "content-type": "application/json", "content-encoding": encoding }
      const { client } = mockClient(() => new Response("<p>Welcome</p>", { headers }))
      return (yield* Effect.flip((yield* makeThings(client)).get("a"))).message
    })

  it.effect("is reported as compressed if the response has a content encoding", () =>
    Effect.gen(function* () {
      expect(yield* problemWith("gzip")).toContain("compressed (gzip)")
    })
  )

  for (const encoding of ["", "identity"]) {
    it.effect(`is not reported as compressed with the content encoding "${encoding}"`, () =>
      Effect.gen(function* () {
        expect(yield* problemWith(encoding)).toContain("expected JSON")
        expect(yield* problemWith(encoding)).not.toContain("compressed")
      })
    )
  }
})
