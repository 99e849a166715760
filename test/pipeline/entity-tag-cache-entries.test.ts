import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { vi } from "vitest"
import * as EntityTagCache from "../../src/EntityTagCache.js"
import { operation } from "../../src/internal/operation/operation.js"
import { slotStore } from "../../src/internal/pipeline/entityTagCache.js"
import { CurrentCache } from "../../src/internal/pipeline/responseCache.js"
import { Sending } from "../../src/Sending.js"
import { apiKey, mockClient, ok, type Reaction, type Seen } from "../support/http.js"
import { openStore } from "../support/keyValueStores.js"
import { pageOf } from "../support/management.js"
import { methodsOver, thingOperations } from "../support/synthetic.js"

const Note = Schema.Struct({ text: Schema.String })

const operations = {
  ...thingOperations,
  note: operation("mailbox.notes.get", { http: "GET", path: "/note", data: Note, flags: ["conditional"] }),
  posted: operation("mailbox.notes.post", {
    http: "POST",
    path: "/post",
    data: Note,
    flags: ["conditional"]
  }),
  untagged: operation("mailbox.notes.untagged", { http: "GET", path: "/untagged", data: Note }),
  zone: operation("mailbox.notes.zone", {
    http: "GET",
    path: "/zone",
    response: "text",
    data: Schema.String,
    flags: ["conditional"]
  }),
  document: operation("mailbox.notes.document", {
    http: "GET",
    path: "/document",
    response: "document",
    data: Schema.Unknown,
    flags: ["conditional"]
  })
}

const bodyOf = (data: unknown) => JSON.stringify({ ok: true, data, meta: { request_id: "req_ok" } })

/** A client that responds with `respond`, or with 304 to a request that has its ETag. */
const unchanged =
  (respond: (headers: Record<string, string>) => Response, etag = '"v1"', headers = {}) =>
  ({ headers: { "if-none-match": asked } }: Seen): Reaction =>
    asked === etag ? new Response(null, { status: 304 }) : respond({ ...headers, etag })

const notes = unchanged((headers) => ok({ text: "Hello" }, { headers }))

/** The methods of a surface with a cache, and the ETags that they send. */
const cachedOver = (
  react: (request: Seen, index: number) => Reaction,
  cache: Layer.Layer<never> = EntityTagCache.layerMemory()
) =>
  Effect.gen(function* () {
    const { client, seen } = mockClient(react)
    const methods = yield* Effect.provide(methodsOver(client), cache)
    return {
      note: methods.conditional(operations.note),
      posted: methods.conditional(operations.posted),
      untagged: methods.call(operations.untagged),
      zone: methods.conditional(operations.zone),
      document: methods.conditional(operations.document),
      list: methods.conditionalList(operations.list),
      asked: () => seen.map(({ headers }) => headers["if-none-match"])
    }
  })

/** A cache over a key-value store, with its content. */
const inSlots = (options?: EntityTagCache.CacheOptions) => {
  const { entries: slots, layer } = openStore()
  return { slots, cache: Layer.provide(EntityTagCache.layerKeyValueStore(options), layer) }
}

describe("the options of EntityTagCache", () => {
  it("are refused with a RangeError that names the option and its range", () => {
    const { layerKeyValueStore, layerMemory } = EntityTagCache
    const capacity = "EntityTagCache: capacity must be an integer of at least 1"
    for (const invalid of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => layerMemory({ capacity: invalid })).toThrow(new RangeError(capacity))
      expect(() => layerKeyValueStore({ capacity: invalid })).toThrow(new RangeError(capacity))
    }
    for (const invalid of [-1, Number.NaN]) {
      expect(() => layerMemory({ maxLength: invalid })).toThrow(
        new RangeError("EntityTagCache: maxLength must be a number of at least 0")
      )
      expect(() => layerMemory({ maxTotalLength: invalid })).toThrow(
        new RangeError("EntityTagCache: maxTotalLength must be a number of at least 0")
      )
    }
  })

  it("are accepted at the ends of their ranges", () => {
    for (const options of [{ capacity: 1 }, { maxLength: 0 }, { maxTotalLength: 0 }]) {
      expect(() => EntityTagCache.layerMemory(options)).not.toThrow()
    }
    const unlimited = { maxLength: Number.POSITIVE_INFINITY, maxTotalLength: Number.POSITIVE_INFINITY }
    expect(() => EntityTagCache.layerMemory(unlimited)).not.toThrow()
  })
})

describe("the cache", () => {
  it.effect("stores a response of exactly maxLength and maxTotalLength characters, and no longer one", () =>
    Effect.gen(function* () {
      const length = bodyOf({ text: "Hello" }).length
      const reads = (options: EntityTagCache.MemoryCacheOptions) =>
        Effect.gen(function* () {
          const { asked, note } = yield* cachedOver(notes, EntityTagCache.layerMemory(options))
          yield* note()
          yield* note()
          return asked()[1]
        })
      expect(yield* reads({ maxLength: length })).toBe('"v1"')
      expect(yield* reads({ maxLength: length - 1 })).toBeUndefined()
      expect(yield* reads({ maxTotalLength: length })).toBe('"v1"')
      expect(yield* reads({ maxTotalLength: length - 1 })).toBeUndefined()
    })
  )

  it.effect("applies to GET operations with an ETag only", () =>
    Effect.gen(function* () {
      const { asked, note, posted, untagged } = yield* cachedOver(notes)
      for (let i = 0; i < 2; i++) {
        yield* posted()
        yield* untagged()
      }
      yield* note()
      yield* note()
      expect(asked()).toEqual([undefined, undefined, undefined, undefined, undefined, '"v1"'])
    })
  )

  it.effect("serves the first page of a list with its pagination, and no later page", () =>
    Effect.gen(function* () {
      for (const cache of [EntityTagCache.layerMemory(), inSlots().cache]) {
        const react = unchanged((headers) => {
          const page = pageOf([{ id: "a" }], "next")
          page.headers.set("etag", headers["etag"] ?? "")
          return page
        })
        const { asked, list } = yield* cachedOver(react, cache)
        const first = yield* list.page({ status: "open" })
        const again = yield* list.page({ status: "open" })
        expect([first.hasMore, first.nextCursor, again.meta.status]).toEqual([true, "next", 304])
        expect({ ...again, meta: first.meta }).toEqual(first)
        yield* list.page({ status: "open", cursor: "next" })
        yield* list.page({ cursor: "next" })
        yield* list.page({ status: "open", cursor: "next" })
        yield* list.page({ cursor: "next" })
        expect(asked()).toEqual([undefined, '"v1"', undefined, undefined, undefined, undefined])
      }
    })
  )

  it.effect("serves texts and documents as they were received", () =>
    Effect.gen(function* () {
      for (const cache of [EntityTagCache.layerMemory(), inSlots().cache]) {
        const text = yield* cachedOver(
          unchanged((headers) => new Response('"a" 1\n{', { headers })),
          cache
        )
        expect([yield* text.zone(), yield* text.zone()]).toEqual(['"a" 1\n{', '"a" 1\n{'])
        expect(text.asked()).toEqual([undefined, '"v1"'])
        const json = '{"ok":true,"openapi":[1,{"a":null}]}'
        const document = yield* cachedOver(
          unchanged((headers) => new Response(json, { headers })),
          cache
        )
        expect(yield* document.document()).toEqual(JSON.parse(json))
        expect(yield* document.document()).toEqual(JSON.parse(json))
        expect(document.asked()).toEqual([undefined, '"v1"'])
      }
    })
  )

  it.effect(
    "does not store a response with another status than 200, or with an ETag of other characters",
    () =>
      Effect.gen(function* () {
        const cases: ReadonlyArray<readonly [number, string]> = [
          [203, '"v1"'],
          [200, '"v\u00e9"'],
          [200, '\u00e9"v1"'],
          [200, '"v1" "v2"']
        ]
        for (const [status, etag] of cases) {
          const { asked, note } = yield* cachedOver(() =>
            ok({ text: "Hello" }, { status, headers: { etag } })
          )
          yield* Effect.exit(note())
          yield* Effect.exit(note())
          expect(asked(), etag).toEqual([undefined, undefined])
        }
      })
  )

  it.effect("caches nothing in a runtime without WebCrypto, where reads still succeed", () =>
    Effect.gen(function* () {
      yield* Effect.addFinalizer(() => Effect.sync(() => vi.unstubAllGlobals()))
      vi.stubGlobal("crypto", undefined)
      const { asked, note } = yield* cachedOver(notes)
      expect([yield* note(), yield* note()]).toEqual([{ text: "Hello" }, { text: "Hello" }])
      expect(asked()).toEqual([undefined, undefined])
    }).pipe(Effect.scoped)
  )

  it.effect("digests a credential once for several reads, and again only if it has changed", () =>
    Effect.gen(function* () {
      const digest = vi.spyOn(crypto.subtle, "digest")
      yield* Effect.addFinalizer(() => Effect.sync(() => digest.mockRestore()))
      const { note } = yield* cachedOver(notes)
      for (let i = 0; i < 3; i++) yield* note()
      expect(digest).toHaveBeenCalledTimes(1)
    }).pipe(Effect.scoped)
  )

  it.effect("shares the entries of operations without a credential between all credentials", () =>
    Effect.gen(function* () {
      const { cache, slots } = inSlots()
      const { client } = mockClient(unchanged((headers) => new Response('{"openapi":"3.1.0"}', { headers })))
      yield* Effect.gen(function* () {
        const sending = yield* Sending.make({ apiKey: Redacted.make(apiKey) })
        yield* sending.meta.getOpenApiSpec()
      }).pipe(Effect.provide(cache), Effect.provideService(HttpClient.HttpClient, client))
      const [slot = "{}"] = slots.values()
      expect(JSON.parse(slot).key).toMatch(/^public https:\/\//)
    })
  )

  it("has a stable name, by which two copies of the package share it", () => {
    expect(Reflect.get(CurrentCache, "key")).toBe("effect-sendmux/EntityTagCache/CurrentCache")
  })
})

describe("the cache in a KeyValueStore", () => {
  it.effect("ignores a slot whose content is not a complete entry, or does not fit the operation", () =>
    Effect.gen(function* () {
      const { cache, slots } = inSlots()
      const { asked, note } = yield* cachedOver(notes, cache)
      yield* note()
      const [[slot, entry] = ["", ""]] = slots
      const spoiled = (change: Record<string, unknown>) => JSON.stringify({ ...JSON.parse(entry), ...change })
      const contents = [
        "null",
        "7",
        '"text"',
        "[]",
        "{",
        spoiled({ key: undefined }),
        spoiled({ etag: undefined }),
        spoiled({ etag: 7 }),
        spoiled({ etag: '"v1"\n' }),
        spoiled({ text: undefined }),
        spoiled({ text: { ok: true } }),
        spoiled({ text: "{" }),
        spoiled({ text: bodyOf({ text: 7 }) })
      ]
      for (const content of contents) {
        slots.set(slot, content)
        expect(yield* note(), content).toEqual({ text: "Hello" })
      }
      expect(asked().every((etag) => etag === undefined)).toBe(true)
      yield* note()
      expect(asked().at(-1)).toBe('"v1"')
    })
  )

  it.effect("ignores the entry of another URL in the same slot", () =>
    Effect.gen(function* () {
      const { cache, slots } = inSlots({ capacity: 1 })
      const { asked, document, note } = yield* cachedOver(notes, cache)
      yield* note()
      yield* document()
      yield* note()
      expect(asked()).toEqual([undefined, undefined, undefined])
      expect([...slots.keys()]).toEqual(["effect-sendmux/etag/0"])
    })
  )
})

describe("slotStore", () => {
  const response = (given: object, data: unknown) => ({
    etag: '"v1"',
    text: bodyOf(data),
    operation: { ...operations.document, ...given },
    fetched: {
      data,
      hasMore: false,
      nextCursor: undefined,
      meta: {
        status: 200,
        requestId: undefined,
        etag: '"v1"',
        rateLimit: undefined,
        attempts: 1,
        extra: undefined
      }
    }
  })

  const storing = (given: object, data: unknown, key = "key") => {
    const written: Array<readonly [string, string]> = []
    const store = slotStore(
      {
        get: () => Effect.succeed(undefined),
        set: (slot, text) => Effect.sync(() => void written.push([slot, text]))
      },
      2 ** 32
    )
    return Effect.as(store.set(key, response(given, data) as never), written)
  }

  it.effect("selects the slot by the FNV-1a hash of the key, which all processes and versions share", () =>
    Effect.gen(function* () {
      // The published test vectors of 32-bit FNV-1a.
      const vectors = { "": 0x811c9dc5, a: 0xe40c292c, foobar: 0xbf9cf968 }
      for (const [key, hash] of Object.entries(vectors)) {
        const [[slot] = [""]] = yield* storing({}, {}, key)
        expect(slot).toBe(`effect-sendmux/etag/${hash}`)
      }
    })
  )

  it.effect("stores nothing if a schema cannot encode the data, or if there is no schema", () =>
    Effect.gen(function* () {
      for (const kind of ["envelope", "document"]) {
        expect(yield* storing({ response: kind, data: Note }, { text: "Hello" })).toHaveLength(1)
        expect(yield* storing({ response: kind, data: Note }, { text: 7 })).toEqual([])
        expect(yield* storing({ response: kind, data: undefined }, { text: "Hello" })).toEqual([])
      }
    })
  )

  it.effect("stores nothing that contains a secret beside other fields or 101 levels deep", () =>
    Effect.gen(function* () {
      const secret = Redacted.make("whsec_1")
      const nested = (levels: number, inner: unknown): unknown =>
        Array.from({ length: levels }).reduce((value) => [value], inner)
      expect(yield* storing({}, { a: undefined, b: null, c: [1, "x"], d: {} })).toHaveLength(1)
      expect(yield* storing({}, { a: 1, secret, b: 2 })).toEqual([])
      expect(yield* storing({}, [1, [{ secret }, 2]])).toEqual([])
      expect(yield* storing({}, nested(100, {}))).toHaveLength(1)
      expect(yield* storing({}, nested(101, {}))).toEqual([])
    })
  )
})
