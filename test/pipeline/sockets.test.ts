import type { ServerResponse } from "node:http"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Retry from "../../src/internal/timing/retry.js"
import { apiKey } from "../support/http.js"
import { clients, respondOk, serve } from "../support/server.js"
import { makeThings } from "../support/synthetic.js"

const item = { id: "thg_1" }
const soon = Retry.policy({ baseDelay: 1, maxDelay: 1 })
const body = JSON.stringify({ ok: true, data: item, meta: { request_id: "req_1" } })

for (const [name, layer] of clients) {
  describe(`a call over ${name}`, () => {
    for (const status of [301, 302, 303, 307, 308]) {
      it.scopedLive(`does not follow a ${status} to another host, which receives no credential`, () =>
        Effect.gen(function* () {
          const other = yield* serve((_, response) => respondOk(response, item))
          const server = yield* serve((_, response) => {
            response.writeHead(status, { location: `${other.origin}/things/a/parts/b` }).end()
          })
          const things = yield* makeThings(yield* HttpClient.HttpClient, { baseUrl: server.origin })
          for (const call of [things.getPart("a", "b"), things.note({ text: "x" })]) {
            const error = yield* Effect.flip(call)
            expect(error).toMatchObject({ _tag: "APIError", status, code: `http_${status}`, attempts: 1 })
          }
          expect(server.arrived[0]?.headers.authorization).toBe(`Bearer ${apiKey}`)
          expect(other.arrived).toEqual([])
        }).pipe(Effect.provide(layer))
      )
    }

    it.scopedLive("does not follow a redirect within the same host", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => {
          response.writeHead(302, { location: "/elsewhere" }).end()
        })
        const things = yield* makeThings(yield* HttpClient.HttpClient, { baseUrl: server.origin })
        expect(yield* Effect.flip(things.getPart("a", "b"))).toMatchObject({ status: 302 })
        expect(server.arrived).toHaveLength(1)
      }).pipe(Effect.provide(layer))
    )

    const truncations = {
      "before its Content-Length": (end: number) => ({ headers: { "content-length": String(end + 20) } }),
      "in the middle of a chunked body": () => ({ headers: {} })
    }
    for (const [where, head] of Object.entries(truncations)) {
      it.scopedLive(
        `retries a body that was truncated ${where} if the call is safe to repeat, and fails with TruncatedBody otherwise`,
        () =>
          Effect.gen(function* () {
            const server = yield* serve((request, response, index) => {
              if (index > 0 && request.method === "GET") return respondOk(response, item)
              response.writeHead(200, { "content-type": "application/json", ...head(body.length).headers })
              response.write(body.slice(0, 20), () => setImmediate(() => response.socket?.destroy()))
            })
            const things = yield* makeThings(yield* HttpClient.HttpClient, {
              baseUrl: server.origin,
              retry: soon
            })
            const { data, meta } = yield* things.getPart.withResponse("a", "b")
            expect([data, meta.attempts]).toEqual([item, 2])
            const error = yield* Effect.flip(things.note({ text: "x" }))
            expect(error).toMatchObject({ _tag: "TransportError", reason: "TruncatedBody", attempts: 1 })
            expect(server.arrived.map(({ method }) => method)).toEqual(["GET", "GET", "POST"])
          }).pipe(Effect.provide(layer))
      )
    }

    it.scopedLive("fails with TruncatedBody when the body is truncated after complete JSON", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => {
          response.writeHead(200, { "content-length": String(body.length + 1) })
          response.write(body, () => setImmediate(() => response.socket?.destroy()))
        })
        const things = yield* makeThings(yield* HttpClient.HttpClient, { baseUrl: server.origin })
        const error = yield* Effect.flip(things.note({ text: "x" }))
        expect(error).toMatchObject({ _tag: "TransportError", reason: "TruncatedBody" })
      }).pipe(Effect.provide(layer))
    )

    it.scopedLive("fails with the status when the body of a failure is truncated", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => {
          response.writeHead(404, { "content-length": "500", "x-request-id": "req_cut" })
          response.write('{"ok":false', () => setImmediate(() => response.socket?.destroy()))
        })
        const things = yield* makeThings(yield* HttpClient.HttpClient, { baseUrl: server.origin })
        const error = yield* Effect.flip(things.getPart("a", "b"))
        expect(error).toMatchObject({ _tag: "APIError", status: 404, requestId: "req_cut" })
      }).pipe(Effect.provide(layer))
    )

    it.scopedLive("fails with the code of the operating system when the connection is refused", () =>
      Effect.gen(function* () {
        const { origin } = yield* Effect.scoped(serve((_, response) => response.end()))
        const things = yield* makeThings(yield* HttpClient.HttpClient, { baseUrl: origin, retry: soon })
        const error = yield* Effect.flip(things.getPart("a", "b"))
        expect(error).toMatchObject({
          _tag: "TransportError",
          reason: "Network",
          systemCode: "ECONNREFUSED",
          attempts: 3
        })
      }).pipe(Effect.provide(layer))
    )

    const halves = {
      "before the headers": () => undefined,
      "in the middle of the body": (response: ServerResponse) => {
        response.writeHead(200, { "content-length": "500" })
        response.write('{"ok":')
      }
    }
    for (const [where, half] of Object.entries(halves)) {
      it.scopedLive(`closes the socket when it is interrupted ${where}`, () =>
        Effect.gen(function* () {
          const server = yield* serve((_, response) => half(response))
          const things = yield* makeThings(yield* HttpClient.HttpClient, { baseUrl: server.origin })
          const fiber = yield* Effect.fork(things.getPart("a", "b"))
          yield* Effect.yieldNow().pipe(Effect.repeat({ until: () => server.arrived.length > 0 }))
          yield* Fiber.interrupt(fiber)
          yield* server.closed
        }).pipe(Effect.provide(layer))
      )

      it.scopedLive(`fails with Timeout and closes the socket when the response stops ${where}`, () =>
        Effect.gen(function* () {
          const server = yield* serve((_, response) => half(response))
          const things = yield* makeThings(yield* HttpClient.HttpClient, {
            baseUrl: server.origin,
            timeout: 60
          })
          const error = yield* Effect.flip(things.note({ text: "x" }))
          expect(error).toMatchObject({ _tag: "TransportError", reason: "Timeout", attempts: 1 })
          yield* server.closed
        }).pipe(Effect.provide(layer))
      )
    }

    it.scopedLive("limits each attempt separately, and retries a timeout if the call is safe to repeat", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response, index) => {
          if (index > 0) respondOk(response, item)
        })
        const things = yield* makeThings(yield* HttpClient.HttpClient, {
          baseUrl: server.origin,
          retry: soon
        })
        const { meta } = yield* things.getPart.withResponse("a", "b", { timeout: "60 millis" })
        expect(meta.attempts).toBe(2)
      }).pipe(Effect.provide(layer))
    )

    // The client over node:http keeps connections alive only if its agent is configured to.
    it.scopedLive.skipIf(name === "NodeHttpClient")("reuses connections, also after a 304", () =>
      Effect.gen(function* () {
        const server = yield* serve((request, response) => {
          if (request.headers["if-none-match"] === undefined) return respondOk(response, item)
          response.writeHead(304, { etag: 'W/"1"' }).end()
        })
        const things = yield* makeThings(yield* HttpClient.HttpClient, { baseUrl: server.origin })
        for (let round = 0; round < 5; round++) {
          yield* things.getPart("a", "b")
          expect(yield* things.get.ifNoneMatch('W/"1"', "a")).toEqual(Option.none())
        }
        expect(server.connections()).toBeLessThanOrEqual(2)
      }).pipe(Effect.provide(layer))
    )
  })
}
