import { gzipSync } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Core from "../../src/Core.js"
import { apiKey } from "../support/http.js"
import { clients, respondOk, serve } from "../support/server.js"

const clientOf = (baseUrl: string) =>
  Core.httpClient({
    surface: "sending",
    apiKey: Redacted.make(apiKey),
    baseUrl,
    retry: Core.Retry.policy({ baseDelay: 1, maxDelay: 1 })
  })

const body = JSON.stringify({ ok: true, data: "x".repeat(1_000) })
const json = { "content-type": "application/json" }

for (const [name, layer] of clients) {
  describe(`Core.httpClient over ${name}`, () => {
    it.scopedLive("sends the credential to the API only, for absolute URLs too", () =>
      Effect.gen(function* () {
        const other = yield* serve((_, response) => respondOk(response, {}))
        const api = yield* serve((_, response) => respondOk(response, { id: 1 }))
        const client = yield* clientOf(`${api.origin}/api/v1`)
        for (const url of ["/things", `${api.origin}/api/v1/things`]) {
          expect(yield* (yield* client.get(url, { urlParams: { a: "b c" } })).json).toMatchObject({
            data: { id: 1 }
          })
        }
        expect(api.arrived.map(({ headers, url }) => [url, headers.authorization])).toEqual(
          Array(2).fill(["/api/v1/things?a=b+c", `Bearer ${apiKey}`])
        )
        const error = yield* Effect.flip(client.get(`${other.origin}/things`))
        expect(error.message).toContain(`the credential is for ${api.origin} only`)
        expect([api.arrived.length, other.arrived.length]).toEqual([2, 0])
      }).pipe(Effect.provide(layer))
    )

    for (const status of [301, 302, 303, 307, 308]) {
      it.scopedLive(`returns a ${status} to another host, which receives no request`, () =>
        Effect.gen(function* () {
          const other = yield* serve((_, response) => respondOk(response, {}))
          const api = yield* serve((_, response) => {
            response.writeHead(status, { location: `${other.origin}/things` }).end()
          })
          const client = yield* clientOf(api.origin)
          const response = yield* client.get("/things")
          expect([response.status, response.headers["location"]]).toEqual([status, `${other.origin}/things`])
          expect([api.arrived.length, other.arrived.length]).toEqual([1, 0])
        }).pipe(Effect.provide(layer))
      )
    }

    const cuts = {
      "before its Content-Length": { "content-length": String(body.length) },
      "without a Content-Length": { connection: "close" }
    }
    for (const [where, headers] of Object.entries(cuts)) {
      it.scopedLive(`retries JSON that was truncated ${where}`, () =>
        Effect.gen(function* () {
          const api = yield* serve((_, response, index) => {
            response.useChunkedEncodingByDefault = false
            response.writeHead(200, { ...json, ...headers })
            if (index > 0) response.end(body)
            else response.write(body.slice(0, 20), () => setImmediate(() => response.socket?.end()))
          })
          const client = yield* clientOf(api.origin)
          const response = yield* client.get("/things")
          expect(yield* response.json).toEqual(JSON.parse(body))
          expect(api.arrived).toHaveLength(2)
        }).pipe(Effect.provide(layer))
      )
    }

    it.scopedLive(
      "reads JSON that the platform has decompressed, and otherwise says that it is compressed",
      () =>
        Effect.gen(function* () {
          const api = yield* serve((_, response) => {
            response.writeHead(200, { ...json, "content-encoding": "gzip" }).end(gzipSync(body))
          })
          const client = yield* clientOf(api.origin)
          if (name === "FetchHttpClient") {
            const response = yield* client.get("/things")
            expect(yield* response.json).toEqual(JSON.parse(body))
            expect(response.headers["content-encoding"]).toBeUndefined()
          } else {
            const error = yield* Effect.flip(client.get("/things"))
            expect(error.message).toContain("it is compressed (gzip)")
          }
        }).pipe(Effect.provide(layer))
    )

    it.scopedLive("streams a body that is not JSON, and closes the socket when the stream ends early", () =>
      Effect.gen(function* () {
        const api = yield* serve((_, response) => {
          response.writeHead(200, { "content-type": "text/csv" })
          response.write("a,b\n")
        })
        const client = yield* clientOf(api.origin)
        const first = yield* Effect.scoped(
          Effect.flatMap(client.get("/things"), ({ stream }) => Stream.runCollect(Stream.take(stream, 1)))
        )
        expect(Buffer.concat([...first]).toString()).toBe("a,b\n")
        yield* api.closed
      }).pipe(Effect.provide(layer))
    )

    it.scopedLive("fails with the error of the SDK as the cause if the connection is refused", () =>
      Effect.gen(function* () {
        const { origin } = yield* Effect.scoped(serve((_, response) => response.end()))
        const client = yield* clientOf(origin)
        const error = yield* Effect.flip(client.get("/things"))
        expect(error.message).toContain("ECONNREFUSED, 3 attempts")
        expect(JSON.stringify(error)).not.toContain(apiKey)
      }).pipe(Effect.provide(layer))
    )
  })
}
