import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { failure, mockClient, ok } from "../support/http.js"
import { makeThings, untyped } from "../support/synthetic.js"
import { errorOf, recordWaits } from "../support/time.js"

const item = { id: "thg_1" }

/** A server that fails twice and then succeeds. */
const failingTwice = () =>
  mockClient((_, index) => (index === 0 ? "network" : index === 1 ? failure(503, "x") : ok(item)))

describe("the attempts of a call", () => {
  it.effect("send the same key, body and headers", () =>
    Effect.gen(function* () {
      const { client, seen } = failingTwice()
      const things = yield* makeThings(client, { timeout: Number.POSITIVE_INFINITY })
      yield* recordWaits(things.create({ text: "Grüße" }, { headers: { "x-own": "1" } }))
      expect(seen).toHaveLength(3)
      expect(seen[0]?.headers["idempotency-key"]).toMatch(/^[\x21-\x7e]{16,255}$/)
      expect(seen[0]?.body).toBe('{"text":"Grüße"}')
      expect(seen[1]).toEqual(seen[0])
      expect(seen[2]).toEqual(seen[0])
    })
  )

  it.effect("send the same bytes of an upload whose stream can be read only once", () =>
    Effect.gen(function* () {
      const { client, seen } = failingTwice()
      const things = yield* makeThings(client, { timeout: Number.POSITIVE_INFINITY })
      let opened = 0
      const content = Stream.suspend(() =>
        ++opened === 1
          ? Stream.make(new Uint8Array([104, 105]), new Uint8Array([33]))
          : Stream.fail("read twice")
      )
      yield* recordWaits(things.upload({ name: "a.txt", content, size: 3 }))
      expect(seen.map(({ body }) => body)).toEqual(["hi!", "hi!", "hi!"])
      expect(new Set(seen.map(({ headers }) => headers["idempotency-key"])).size).toBe(1)
    })
  )

  it.effect("send the same body when the caller changes the input in between", () =>
    Effect.gen(function* () {
      const input = { text: "before" }
      const { client, seen } = mockClient((_, index) => {
        input.text = "after"
        return index === 0 ? failure(503, "x") : ok(item)
      })
      const things = yield* makeThings(client, { timeout: Number.POSITIVE_INFINITY })
      yield* recordWaits(things.create(input))
      expect(seen.map(({ body }) => body)).toEqual(['{"text":"before"}', '{"text":"before"}'])
    })
  )
})

describe("the idempotency key", () => {
  it.effect("is the one of the caller, if there is one", () =>
    Effect.gen(function* () {
      const { client, seen } = failingTwice()
      const things = yield* makeThings(client, { timeout: Number.POSITIVE_INFINITY })
      yield* recordWaits(things.create({ text: "x" }, { idempotencyKey: "welcome 42" }))
      expect(seen.map(({ headers }) => headers["idempotency-key"])).toEqual(Array(3).fill("welcome 42"))
    })
  )

  it.effect("is a new one for each call, even when the same Effect runs twice", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(() => ok(item))
      const things = yield* makeThings(client)
      const create = things.create({ text: "x" })
      yield* Effect.all([create, create, things.create({ text: "x" })])
      expect(new Set(seen.map(({ headers }) => headers["idempotency-key"])).size).toBe(3)
    })
  )

  it.effect("is neither sent nor accepted for an operation that does not support it", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(() => ok(item))
      const things = yield* makeThings(client)
      yield* things.note({ text: "x" })
      expect(seen[0]?.headers).not.toHaveProperty("idempotency-key")
      const error = yield* Effect.flip(things.note({ text: "x" }, untyped({ idempotencyKey: "k" })))
      expect(error).toMatchObject({ _tag: "InvalidRequestError" })
      expect(error.message).toContain("idempotencyKey")
      expect(seen).toHaveLength(1)
    })
  )

  const invalid: ReadonlyArray<readonly [string, unknown]> = [
    ["that is empty", ""],
    ["of 256 characters", "k".repeat(256)],
    ["with a line break", "a\r\nx-evil: 1"],
    ["with a control character", "a\u0000"],
    ["with a character beyond ASCII", "schlüssel"],
    ["with a space at the end", "key "],
    ["that is a number", 7],
    ["that is null", null]
  ]
  for (const [what, idempotencyKey] of invalid) {
    it.effect(`${what} is rejected before anything is sent`, () =>
      Effect.gen(function* () {
        const { client, seen } = mockClient(() => ok(item))
        const things = yield* makeThings(client)
        const { exit } = yield* recordWaits(things.create({ text: "x" }, untyped({ idempotencyKey })))
        expect(errorOf(exit)).toMatchObject({ _tag: "InvalidRequestError" })
        expect(String(errorOf(exit))).toContain("idempotencyKey")
        expect(seen).toHaveLength(0)
      })
    )
  }

  it.effect("may have 1 to 255 characters", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(() => ok(item))
      const things = yield* makeThings(client)
      for (const idempotencyKey of ["k", "k".repeat(255)])
        yield* things.create({ text: "x" }, untyped({ idempotencyKey }))
      expect(seen).toHaveLength(2)
    })
  )
})
