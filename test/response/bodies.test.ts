import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { operation } from "../../src/internal/operation/operation.js"
import { readDownload } from "../../src/internal/response/bytes.js"
import { mockClient } from "../support/http.js"
import { makeThings, methodsOver, thing, thingOperations, untyped } from "../support/synthetic.js"
import { errorOf, recordWaits } from "../support/time.js"

const headers = { "x-request-id": "req_header", etag: '"1"', location: "/things/1" }

/** The outcome of one read of a thing from a response. */
const reading = (body: string | null, init: ResponseInit = {}) =>
  Effect.gen(function* () {
    const { client, seen } = mockClient(() => new Response(body, { headers, ...init }))
    const things = yield* makeThings(client)
    const { exit } = yield* recordWaits(things.get.withResponse("thg_1"))
    return { exit, requests: seen.length }
  })

const envelope = (more: object = {}) => JSON.stringify({ ok: true, data: thing, ...more })

describe("a successful response", () => {
  it.effect("gives its data and metadata, for every status from 200 to 299", () =>
    Effect.gen(function* () {
      for (const status of [200, 201, 299]) {
        const { exit } = yield* reading(envelope({ meta: { request_id: "req_1" } }), { status, headers })
        expect(exit).toMatchObject({
          value: {
            data: { id: "thg_1" },
            meta: { status, requestId: "req_1", etag: '"1"', location: "/things/1", attempts: 1 }
          }
        })
      }
      expect(errorOf((yield* reading(envelope(), { status: 300 })).exit)).toMatchObject({
        _tag: "APIError",
        status: 300
      })
    })
  )

  it.effect("is truncated, and requested again, if it is empty or an incomplete object or array", () =>
    Effect.gen(function* () {
      for (const body of ["", " \n", "{", ' {"ok":true', "[1,"]) {
        const { exit, requests } = yield* reading(body)
        expect(errorOf(exit), body).toMatchObject({ _tag: "TransportError", reason: "TruncatedBody" })
        expect(requests).toBe(3)
      }
    })
  )

  it.effect("fails with ResponseDecodeError, and is not requested again, if it is not an envelope", () =>
    Effect.gen(function* () {
      const cases = {
        "<html>": "expected JSON, and the response body is something else",
        text: "expected JSON, and the response body is something else",
        "7": "expected the API's envelope, an object",
        null: "expected the API's envelope, an object",
        "[]": "expected the API's envelope, an object",
        "{}": "data is missing",
        '{"ok":true,"meta":{"request_id":"req_1"}}': "data is missing"
      }
      for (const [body, issue] of Object.entries(cases)) {
        const { exit, requests } = yield* reading(body)
        expect(errorOf(exit), body).toMatchObject({
          _tag: "ResponseDecodeError",
          operation: "mailbox.things.get",
          status: 200,
          requestId: body.includes("req_1") ? "req_1" : "req_header",
          issue
        })
        expect(requests).toBe(1)
      }
    })
  )

  it.effect("fails with the path of the data that does not match its schema", () =>
    Effect.gen(function* () {
      const { exit } = yield* reading(JSON.stringify({ ok: true, data: { ...thing, id: 7 } }))
      const error = errorOf(exit)
      expect(error._tag === "ResponseDecodeError" && error.issue).toMatch(
        /^id must be a string, got a number/
      )
    })
  )

  it.effect("is a failure if its envelope says so", () =>
    Effect.gen(function* () {
      const { exit } = yield* reading(
        JSON.stringify({ ok: false, error: { code: "not_found", message: "No" } })
      )
      expect(errorOf(exit)).toMatchObject({ _tag: "APIError", status: 200, code: "not_found", detail: "No" })
    })
  )

  it.effect("gives a page with its pagination", () =>
    Effect.gen(function* () {
      const pageFrom = (pagination: unknown) =>
        Effect.gen(function* () {
          const body = JSON.stringify({ ok: true, data: [{ id: "a" }], pagination })
          const { client } = mockClient(() => new Response(body))
          const { hasMore, nextCursor } = yield* (yield* makeThings(client)).list.page()
          return [hasMore, nextCursor]
        })
      expect(yield* pageFrom({ has_more: true, next_cursor: "c" })).toEqual([true, "c"])
      expect(yield* pageFrom({ has_more: false, next_cursor: "c" })).toEqual([false, "c"])
      expect(yield* pageFrom({ has_more: "true", next_cursor: 7 })).toEqual([false, undefined])
      expect(yield* pageFrom({ has_more: 1, next_cursor: "" })).toEqual([false, undefined])
      for (const none of [undefined, null, [], "text"])
        expect(yield* pageFrom(none)).toEqual([false, undefined])
    })
  )

  it.effect("returns a text unchanged, even if it looks like JSON", () =>
    Effect.gen(function* () {
      for (const body of ["", "{", "text", '{"ok":false}']) {
        const things = yield* makeThings(mockClient(() => new Response(body, { headers })).client)
        const { data, meta } = yield* things.text.withResponse()
        expect([data, meta.requestId]).toEqual([body, "req_header"])
      }
    })
  )
})

describe("a failed response", () => {
  const failing = (body: BodyInit, options: { readonly maxResponseBytes?: number } = {}) =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(() => new Response(body, { status: 404, headers }))
      const things = yield* makeThings(client, options)
      const { exit } = yield* recordWaits(things.note({ text: "a" }))
      return { error: errorOf(exit), requests: seen.length }
    })

  const notFound = (length: number) =>
    JSON.stringify({ error: { code: "not_found", message: "x".repeat(length) } })

  it.effect("is read up to 1 MiB, or up to the limit of the call if that is smaller", () =>
    Effect.gen(function* () {
      expect((yield* failing(notFound(1_000_000))).error).toMatchObject({ code: "not_found" })
      expect((yield* failing(notFound(1_048_576))).error).toMatchObject({
        code: "http_404",
        truncated: undefined,
        requestId: "req_header"
      })
      expect((yield* failing(notFound(2_000), { maxResponseBytes: 1_000 })).error).toMatchObject({
        code: "http_404"
      })
    })
  )

  it.effect("is truncated if its JSON is incomplete or its connection was lost, and only then", () =>
    Effect.gen(function* () {
      const truncated = { _tag: "APIError", status: 404, code: "http_404", truncated: true }
      expect((yield* failing('{"error":')).error).toMatchObject(truncated)
      const lost = new ReadableStream({ pull: (controller) => controller.error(new Error("lost")) })
      expect((yield* failing(lost)).error).toMatchObject(truncated)
      for (const body of ["<html>", "", '{"error":{}}']) {
        expect((yield* failing(body)).error).toMatchObject({ code: "http_404", truncated: undefined })
      }
    })
  )
})

describe("a stream of bytes", () => {
  const download = (
    body: BodyInit | null,
    given: Record<string, string>,
    idleTimeout = Number.POSITIVE_INFINITY
  ) =>
    Effect.gen(function* () {
      const { client } = mockClient(() => new Response(body, { headers: given }))
      const things = yield* makeThings(client)
      let text = ""
      const { exit } = yield* recordWaits(
        Stream.runForEach(things.download("a", { idleTimeout }), (bytes) =>
          Effect.sync(() => {
            text += new TextDecoder().decode(bytes)
          })
        )
      )
      return { text, error: Exit.isFailure(exit) ? errorOf(exit) : undefined }
    })

  it.effect("is truncated if it is shorter than Content-Length, after all its bytes were emitted", () =>
    Effect.gen(function* () {
      const short = yield* download("abc", { "content-length": "4" })
      expect(short.error).toMatchObject({
        _tag: "TransportError",
        reason: "TruncatedBody",
        detail: "The response body was truncated"
      })
      expect(short.text).toBe("abc")
      const empty = yield* download(null, { "content-length": "1" })
      expect(empty.error).toMatchObject({ reason: "TruncatedBody" })
    })
  )

  it.effect("is complete with as many bytes as Content-Length, or more", () =>
    Effect.gen(function* () {
      for (const length of ["3", "2", "0"]) {
        const { error, text } = yield* download("abc", { "content-length": length })
        expect([error, text]).toEqual([undefined, "abc"])
      }
    })
  )

  it.effect("ignores a Content-Length that is not a number of bytes, or that counts compressed bytes", () =>
    Effect.gen(function* () {
      const ignored: ReadonlyArray<Record<string, string>> = [
        {},
        { "content-length": "many" },
        { "content-length": "-9" },
        { "content-length": "9.5" },
        { "content-length": "99999999999999999999" },
        { "content-length": "9", "content-encoding": "gzip" },
        { "content-length": "9", "content-encoding": " BR " }
      ]
      for (const given of ignored) {
        expect((yield* download("abc", given)).error, JSON.stringify(given)).toBeUndefined()
      }
      for (const encoding of ["identity", " Identity ", " "]) {
        const given = { "content-length": "9", "content-encoding": encoding }
        expect((yield* download("abc", given)).error).toMatchObject({ reason: "TruncatedBody" })
      }
    })
  )

  it.effect("fails with the APIError of an error response", () =>
    Effect.gen(function* () {
      const body = JSON.stringify({ error: { code: "not_found", message: "Gone" } })
      const things = yield* makeThings(mockClient(() => new Response(body, { status: 404 })).client)
      const error = yield* Effect.flip(Stream.runDrain(things.download("a")))
      expect(error).toMatchObject({ _tag: "APIError", status: 404, code: "not_found" })
    })
  )

  it.effect("fails if it pauses for longer than idleTimeout", () =>
    Effect.gen(function* () {
      const { error } = yield* download(new ReadableStream(), {}, 2_500)
      expect(error).toMatchObject({ reason: "Timeout", detail: "No data arrived for 2500 ms" })
    })
  )

  it.effect("includes the metadata of its response, and is Option.none if it has not changed", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(({ headers: asked }) =>
        asked["if-none-match"] === '"1"'
          ? new Response(null, { status: 304 })
          : new Response("abc", { headers })
      )
      const things = yield* makeThings(client)
      const text = (bytes: Stream.Stream<Uint8Array, unknown>) =>
        Stream.runFold(Stream.decodeText(bytes), "", (all, part) => all + part)
      const { data, meta } = yield* things.download.withResponse("a", { range: { start: 1 } })
      expect([yield* text(data), meta.status, meta.etag, seen[0]?.headers["range"]]).toEqual([
        "abc",
        200,
        '"1"',
        "bytes=1-"
      ])
      const { conditionalBytes } = yield* methodsOver(client)
      const raw = operation("mailbox.things.raw", {
        http: "GET",
        path: "/raw/{id}",
        response: "bytes",
        data: Schema.Unknown,
        flags: ["conditional"]
      })
      const download = conditionalBytes(raw)
      expect(yield* text(download("a"))).toBe("abc")
      expect(yield* text((yield* download.withResponse("a")).data)).toBe("abc")
      expect(Option.isNone(yield* download.ifNoneMatch('"1"', "a"))).toBe(true)
      const changed = Option.getOrThrow(yield* download.ifNoneMatch('"0"', "a"))
      expect([yield* text(changed.data), changed.meta.etag]).toEqual(["abc", '"1"'])
      expect(seen.map(({ headers: asked }) => asked["if-none-match"])).toEqual([
        undefined,
        undefined,
        undefined,
        '"1"',
        '"0"'
      ])
    })
  )

  it.effect(
    "has the status, headers and length of its response when it is opened for a resumable download",
    () =>
      Effect.gen(function* () {
        const factsOf = (given: Record<string, string>, status = 206) =>
          Effect.map(
            Stream.runHead(
              readDownload(untyped({ status, headers: given, stream: Stream.empty }), {
                operation: thingOperations.download,
                attempts: 1,
                now: 0,
                secrets: [],
                maxBytes: 1,
                idleTimeout: 1,
                deadline: Number.POSITIVE_INFINITY
              })
            ),
            (head) => (head._tag === "Some" ? { ...head.value, bytes: undefined } : undefined)
          )
        expect(
          yield* factsOf({ "content-range": "bytes 0-2/3", etag: '"1"', "content-length": "3" })
        ).toEqual({
          status: 206,
          contentRange: "bytes 0-2/3",
          etag: '"1"',
          encoded: false,
          length: 3,
          bytes: undefined
        })
        expect(yield* factsOf({ "content-length": "0" })).toMatchObject({ length: 0 })
        expect(yield* factsOf({ "content-length": "-1" })).toMatchObject({ length: undefined })
        expect(yield* factsOf({ "content-encoding": "gzip", "content-length": "3" }, 200)).toMatchObject({
          status: 200,
          contentRange: undefined,
          etag: undefined,
          encoded: true,
          length: undefined
        })
      })
  )
})
