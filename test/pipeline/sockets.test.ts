import type { ServerResponse } from "node:http"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Retry from "../../src/internal/timing/retry.js"
import { apiKey } from "../support/http.js"
import { answerOk, clients, serve } from "../support/server.js"
import { makeThings } from "../support/synthetic.js"

const item = { id: "thg_1" }
const soon = Retry.policy({ baseDelay: 1, maxDelay: 1 })
const body = JSON.stringify({ ok: true, data: item, meta: { request_id: "req_1" } })

for (const [name, layer] of clients) {
  describe(`over ${name}`, () => {
    for (const status of [301, 302, 303, 307, 308]) {
      it.scopedLive(`a ${status} to another host is not followed and carries no credential`, () =>
        Effect.gen(function* () {
          const other = yield* serve((_, response) => answerOk(response, item))
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

    it.scopedLive("a redirect within the same host is not followed either", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => {
          response.writeHead(302, { location: "/elsewhere" }).end()
        })
        const things = yield* makeThings(yield* HttpClient.HttpClient, { baseUrl: server.origin })
        expect(yield* Effect.flip(things.getPart("a", "b"))).toMatchObject({ status: 302 })
        expect(server.arrived).toHaveLength(1)
      }).pipe(Effect.provide(layer))
    )

    const cuts = {
      "before its Content-Length": (end: number) => ({ headers: { "content-length": String(end + 20) } }),
      "in the middle of a chunked body": () => ({ headers: {} })
    }
    for (const [where, head] of Object.entries(cuts)) {
      it.scopedLive(`a body cut ${where} is read again on a safe call and typed on another`, () =>
        Effect.gen(function* () {
          const server = yield* serve((request, response, index) => {
            if (index > 0 && request.method === "GET") return answerOk(response, item)
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
          expect(error).toMatchObject({ _tag: "TransportError", reason: "CutBody", attempts: 1 })
          expect(server.arrived.map(({ method }) => method)).toEqual(["GET", "GET", "POST"])
        }).pipe(Effect.provide(layer))
      )
    }

    it.scopedLive("a body that is cut after whole JSON is a cut body too", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => {
          response.writeHead(200, { "content-length": String(body.length + 1) })
          response.write(body, () => setImmediate(() => response.socket?.destroy()))
        })
        const things = yield* makeThings(yield* HttpClient.HttpClient, { baseUrl: server.origin })
        const error = yield* Effect.flip(things.note({ text: "x" }))
        expect(error).toMatchObject({ _tag: "TransportError", reason: "CutBody" })
      }).pipe(Effect.provide(layer))
    )

    it.scopedLive("the body of a failure that is cut leaves the status", () =>
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

    it.scopedLive("nobody listening is a network failure with the system's word", () =>
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
      it.scopedLive(`interruption ${where} closes the socket`, () =>
        Effect.gen(function* () {
          const server = yield* serve((_, response) => half(response))
          const things = yield* makeThings(yield* HttpClient.HttpClient, { baseUrl: server.origin })
          const fiber = yield* Effect.fork(things.getPart("a", "b"))
          yield* Effect.yieldNow().pipe(Effect.repeat({ until: () => server.arrived.length > 0 }))
          yield* Fiber.interrupt(fiber)
          yield* server.closed
        }).pipe(Effect.provide(layer))
      )

      it.scopedLive(`the timeout covers an answer that hangs ${where}, and closes the socket`, () =>
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

    it.scopedLive("a timeout is one attempt's, and a safe call is sent again", () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response, index) => {
          if (index > 0) answerOk(response, item)
        })
        const things = yield* makeThings(yield* HttpClient.HttpClient, {
          baseUrl: server.origin,
          retry: soon
        })
        const { meta } = yield* things.getPart.withResponse("a", "b", { timeout: "60 millis" })
        expect(meta.attempts).toBe(2)
      }).pipe(Effect.provide(layer))
    )

    // The platform's client over node:http keeps no connection alive unless its agent is told to.
    it.scopedLive.skipIf(name === "NodeHttpClient")(
      "calls share connections, not-modified ones included",
      () =>
        Effect.gen(function* () {
          const server = yield* serve((request, response) => {
            if (request.headers["if-none-match"] === undefined) return answerOk(response, item)
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
