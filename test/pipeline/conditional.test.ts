import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { failure, mockClient, ok } from "../support/http.js"
import { makeThings, thing } from "../support/synthetic.js"

const notModified = () => new Response(null, { status: 304, headers: { etag: 'W/"7"' } })

describe("ifNoneMatch", () => {
  it.effect("sends the ETag unchanged and returns Option.none for a 304", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(notModified)
      const things = yield* makeThings(client)
      for (const etag of ['W/"7"', '"a-b"', "*", 'W/"ab,c"']) {
        expect(yield* things.get.ifNoneMatch(etag, "thg_1")).toEqual(Option.none())
      }
      expect(seen.map(({ headers }) => headers["if-none-match"])).toEqual(['W/"7"', '"a-b"', "*", 'W/"ab,c"'])
    })
  )

  it.effect("returns data and metadata when the resource has changed", () =>
    Effect.gen(function* () {
      const { client } = mockClient(() => ok(thing, { headers: { etag: 'W/"8"' } }))
      const things = yield* makeThings(client)
      const { data, meta } = Option.getOrThrow(yield* things.get.ifNoneMatch('W/"7"', "thg_1"))
      expect(data.id).toBe("thg_1")
      expect(DateTime.formatIso(data.at)).toBe(thing.at)
      expect(Redacted.value(data.secret)).toBe(thing.secret)
      expect(meta).toMatchObject({ status: 200, etag: 'W/"8"', requestId: "req_ok", attempts: 1 })
    })
  )

  it.effect("returns a page of a list, or Option.none when the page has not changed", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient((_, index) =>
        index === 0 ? notModified() : ok([{ id: "a" }], { headers: { etag: '"2"' } })
      )
      const things = yield* makeThings(client)
      expect(yield* things.list.ifNoneMatch('"1"', { status: "open" })).toEqual(Option.none())
      const page = Option.getOrThrow(yield* things.list.ifNoneMatch('"1"', { status: "open" }))
      expect(page).toMatchObject({ items: [{ id: "a" }], hasMore: false, nextCursor: undefined })
      expect(page.meta.etag).toBe('"2"')
      expect(seen[0]?.url.search).toBe("?status=open")
    })
  )

  it.effect("fails with the error of the server for any other status", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(() => failure(404, "not_found"))
      const things = yield* makeThings(client)
      const error = yield* Effect.flip(things.get.ifNoneMatch('"1"', "thg_1"))
      expect(error).toMatchObject({ _tag: "APIError", code: "not_found" })
      expect(seen).toHaveLength(1)
    })
  )

  it.effect("rejects an invalid ETag before anything is sent", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(notModified)
      const things = yield* makeThings(client)
      for (const etag of ["", '"a"\r\nx: 1', '"ä"']) {
        const error = yield* Effect.flip(things.get.ifNoneMatch(etag, "thg_1"))
        expect(error._tag).toBe("InvalidRequestError")
      }
      expect(seen).toHaveLength(0)
    })
  )

  it.effect("is not used by a plain read, for which a 304 is a failure", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(notModified)
      const things = yield* makeThings(client)
      const error = yield* Effect.flip(things.get("thg_1"))
      expect(error).toMatchObject({ _tag: "APIError", status: 304 })
      expect(seen[0]?.headers).not.toHaveProperty("if-none-match")
    })
  )
})

describe("ifMatch", () => {
  it.effect("is sent unchanged, and a newer version on the server fails with conflict", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(() => failure(409, "conflict"))
      const things = yield* makeThings(client)
      const error = yield* Effect.flip(things.change("a", { text: "x" }, { ifMatch: 'W/"3"' }))
      expect(error).toMatchObject({ _tag: "APIError", status: 409, code: "conflict" })
      expect(seen[0]?.headers["if-match"]).toBe('W/"3"')
    })
  )
})

describe("withResponse", () => {
  it.effect(
    "returns status, request id, ETag, location, rate limit, attempts and the extra keys of the envelope",
    () =>
      Effect.gen(function* () {
        const { client } = mockClient(() =>
          ok(
            { id: "a" },
            {
              status: 201,
              meta: { query_state: "s1" },
              headers: {
                etag: 'W/"1"',
                location: "/api/v1/things/a",
                "x-request-id": "req_header",
                "x-ratelimit-limit": "600",
                "x-ratelimit-remaining": "599",
                "x-ratelimit-reset": "1785585600"
              }
            }
          )
        )
        const things = yield* makeThings(client)
        const { data, meta } = yield* things.create.withResponse({ text: "x" })
        expect(data).toEqual({ id: "a" })
        expect(meta).toEqual({
          status: 201,
          requestId: "req_ok",
          etag: 'W/"1"',
          location: "/api/v1/things/a",
          rateLimit: { limit: 600, remaining: 599, reset: DateTime.unsafeMake(1_785_585_600_000) },
          attempts: 1,
          extra: { query_state: "s1" }
        })
      })
  )

  it.effect("returns no rate limit and no extra keys when the server sends none", () =>
    Effect.gen(function* () {
      const { client } = mockClient(
        () => new Response('{"ok":true,"data":{"id":"a"}}', { headers: { "x-request-id": "req_header" } })
      )
      const things = yield* makeThings(client)
      const { meta } = yield* things.getPart.withResponse("a", "b")
      expect(meta).toMatchObject({ requestId: "req_header", rateLimit: undefined, extra: {} })
    })
  )

  it.effect("fails for a response of status 200 whose envelope has ok: false", () =>
    Effect.gen(function* () {
      const { client } = mockClient(() => failure(200, "not_found", { retryable: false }))
      const things = yield* makeThings(client)
      const error = yield* Effect.flip(things.getPart("a", "b"))
      expect(error).toMatchObject({ _tag: "APIError", status: 200, code: "not_found" })
    })
  )
})
