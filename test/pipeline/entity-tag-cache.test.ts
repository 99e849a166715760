import { SystemError } from "@effect/platform/Error"
import * as HttpClient from "@effect/platform/HttpClient"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as EntityTagCache from "../../src/EntityTagCache.js"
import { makeMethods } from "../../src/internal/methods/methods.js"
import { operation } from "../../src/internal/operation/operation.js"
import { makePipeline } from "../../src/internal/pipeline/make.js"
import { Secret } from "../../src/internal/schema/schema.js"
import { type LayerOptions, Management } from "../../src/Management.js"
import { Sending } from "../../src/Sending.js"
import { failure, mockClient, ok, type Reaction, type Seen } from "../support/http.js"
import { openStore } from "../support/keyValueStores.js"
import { rootKey, tagged } from "../support/management.js"
import { counterValue } from "../support/telemetry.js"
import { recordWaits } from "../support/time.js"

const mailbox = (id: string, display_name = "Ada") => ({
  id,
  email: "ada@example.com",
  display_name,
  status: "active",
  quota_bytes: null,
  send_scope: null,
  created_at: "2026-08-01T10:00:00.000Z"
})

const idOf = ({ url }: Seen) => url.pathname.split("/")[4] ?? ""

const confirmed = (headers: Record<string, string> = {}) =>
  new Response(null, { status: 304, headers: { "x-request-id": "req_304", ...headers } })

/** A server whose mailboxes all have the same version, and which supports conditional requests. */
const versioned = (version = '"v1"') => {
  const state = { version, name: "Ada" }
  const server = mockClient((request) => {
    if (request.method !== "GET") return tagged(mailbox(idOf(request), state.name), state.version)
    if (request.headers["if-none-match"] === state.version) return confirmed({ etag: state.version })
    return tagged(mailbox(idOf(request), state.name), state.version)
  })
  return { ...server, state }
}

const asked = (seen: ReadonlyArray<Seen>) => seen.map(({ headers }) => headers["if-none-match"])

/** The Management layer over a mocked client, with a cache. */
const over = (
  client: HttpClient.HttpClient,
  cache: Layer.Layer<never> = EntityTagCache.layerMemory(),
  options: LayerOptions = { apiKey: Redacted.make(rootKey) }
) =>
  Management.layer(options).pipe(
    Layer.provide(cache),
    Layer.provide(Layer.succeed(HttpClient.HttpClient, client))
  )

/** The value of a counter of the cache. */
const counted = (operation: string, outcome: string) =>
  counterValue("sendmux_cache_reads", { operation, outcome })

describe("the cache in memory", () => {
  it.effect("serves a 304 from the cached value", () => {
    const { client, seen } = versioned()
    return Effect.gen(function* () {
      const { mailboxes } = yield* Management
      const first = yield* mailboxes.get("mbx_1")
      const second = yield* mailboxes.get("mbx_1")
      expect(second).toEqual(first)
      expect(asked(seen)).toEqual([undefined, '"v1"'])
    }).pipe(Effect.provide(over(client)))
  })

  it.effect("reports the status and the request id of the 304 in the meta", () => {
    const { client } = versioned()
    return Effect.gen(function* () {
      const { mailboxes } = yield* Management
      const first = yield* mailboxes.get.withResponse("mbx_1")
      const second = yield* mailboxes.get.withResponse("mbx_1")
      expect(first.meta).toMatchObject({ status: 200, etag: '"v1"', requestId: "req_ok" })
      expect(second.meta).toMatchObject({ status: 304, etag: '"v1"', requestId: "req_304", attempts: 1 })
    }).pipe(Effect.provide(over(client)))
  })

  it.effect("replaces the entry when the response is newer, and sends its ETag from then on", () => {
    const { client, seen, state } = versioned()
    return Effect.gen(function* () {
      const { mailboxes } = yield* Management
      yield* mailboxes.get("mbx_1")
      Object.assign(state, { version: 'W/"v2"', name: "Grace" })
      expect((yield* mailboxes.get("mbx_1")).display_name).toBe("Grace")
      expect((yield* mailboxes.get("mbx_1")).display_name).toBe("Grace")
      expect(asked(seen)).toEqual([undefined, '"v1"', 'W/"v2"'])
    }).pipe(Effect.provide(over(client)))
  })

  it.effect("sends no If-None-Match when no cache layer is provided", () => {
    const { client, seen } = versioned()
    return Effect.gen(function* () {
      const { mailboxes } = yield* Management
      yield* mailboxes.get("mbx_1")
      yield* mailboxes.get("mbx_1")
      expect(asked(seen)).toEqual([undefined, undefined])
    }).pipe(Effect.provide(over(client, Layer.empty)))
  })

  it.effect("caches each URL separately, and ignores operations without an ETag", () => {
    const { client, seen } = mockClient((request) =>
      request.url.pathname.endsWith("/stats")
        ? failure(404, "not_found")
        : tagged(mailbox(idOf(request)), '"v1"')
    )
    return Effect.gen(function* () {
      const { mailboxes, providers } = yield* Management
      yield* mailboxes.get("mbx_1")
      yield* mailboxes.get("mbx_2")
      yield* Effect.exit(providers.getStats())
      yield* Effect.exit(providers.getStats())
      expect(asked(seen)).toEqual([undefined, undefined, undefined, undefined])
    }).pipe(Effect.provide(over(client)))
  })

  it.effect("does not interfere with the caller's own conditional reads", () => {
    const { client, seen } = versioned()
    return Effect.gen(function* () {
      const { mailboxes } = yield* Management
      yield* mailboxes.get("mbx_1")
      expect(yield* mailboxes.get.ifNoneMatch('"v1"', "mbx_1")).toEqual(Option.none())
      const other = yield* mailboxes.get.ifNoneMatch('"other"', "mbx_1")
      expect(Option.map(other, ({ meta }) => meta.status)).toEqual(Option.some(200))
      expect(asked(seen)).toEqual([undefined, '"v1"', '"other"'])
    }).pipe(Effect.provide(over(client)))
  })

  it.effect("gives each caller its own value, so that a change by one does not reach another", () => {
    const { client } = versioned()
    return Effect.gen(function* () {
      const { mailboxes } = yield* Management
      const first = yield* mailboxes.get("mbx_1")
      Object.assign(first, { display_name: "Eve" })
      const second = yield* mailboxes.get("mbx_1")
      expect(second.display_name).toBe("Ada")
      Object.assign(second, { display_name: "Eve" })
      expect((yield* mailboxes.get("mbx_1")).display_name).toBe("Ada")
    }).pipe(Effect.provide(over(client)))
  })

  it.effect("evicts the least recently used responses when their total length is exceeded", () => {
    const { client, seen } = versioned()
    const length = JSON.stringify({ ok: true, data: mailbox("mbx_1"), meta: { request_id: "req_ok" } }).length
    return Effect.gen(function* () {
      const { mailboxes } = yield* Management
      for (const id of ["mbx_1", "mbx_2", "mbx_1", "mbx_3", "mbx_1", "mbx_2"]) yield* mailboxes.get(id)
      expect(asked(seen)).toEqual([undefined, undefined, '"v1"', undefined, '"v1"', undefined])
    }).pipe(Effect.provide(over(client, EntityTagCache.layerMemory({ maxTotalLength: 2 * length + 50 }))))
  })

  it.effect("bypasses the cache for a call with its own headers", () => {
    const { client, seen } = versioned()
    return Effect.gen(function* () {
      const { mailboxes } = yield* Management
      const options = { headers: { "accept-language": "de" } }
      yield* mailboxes.get("mbx_1", options)
      yield* mailboxes.get("mbx_1", options)
      expect(asked(seen)).toEqual([undefined, undefined])
    }).pipe(Effect.provide(over(client)))
  })

  it.effect("evicts the least recently used response when the capacity is exceeded", () => {
    const { client, seen } = versioned()
    return Effect.gen(function* () {
      const { mailboxes } = yield* Management
      for (const id of ["a", "b", "a", "c", "a", "b"]) yield* mailboxes.get(id)
      expect(asked(seen)).toEqual([undefined, undefined, '"v1"', undefined, '"v1"', undefined])
    }).pipe(Effect.provide(over(client, EntityTagCache.layerMemory({ capacity: 2 }))))
  })

  it.effect("does not store a response with no-store, without an ETag, or with an invalid ETag", () => {
    const headers: ReadonlyArray<Record<string, string>> = [
      { etag: '"v1"', "cache-control": "private, no-store" },
      {},
      { etag: "not one\u00e9" },
      { etag: "\u00e9not-one" }
    ]
    const { client, seen } = mockClient((request, index) =>
      ok(mailbox(idOf(request)), { headers: headers[index % headers.length] ?? {} })
    )
    return Effect.gen(function* () {
      const { mailboxes } = yield* Management
      for (let i = 0; i < 2 * headers.length; i++) yield* mailboxes.get("mbx_1")
      expect(asked(seen).every((etag) => etag === undefined)).toBe(true)
    }).pipe(Effect.provide(over(client)))
  })

  it.effect("does not store a response longer than maxLength", () => {
    const { client, seen } = versioned()
    return Effect.gen(function* () {
      const { mailboxes } = yield* Management
      yield* mailboxes.get("mbx_1")
      yield* mailboxes.get("mbx_1")
      expect(asked(seen)).toEqual([undefined, undefined])
    }).pipe(Effect.provide(over(client, EntityTagCache.layerMemory({ maxLength: 20 }))))
  })

  it("throws a RangeError for an invalid capacity or maxLength", () => {
    expect(() => EntityTagCache.layerMemory({ capacity: 0 })).toThrow(RangeError)
    expect(() => EntityTagCache.layerKeyValueStore({ maxLength: Number.NaN })).toThrow(RangeError)
  })

  it.effect("sends the same If-None-Match when it retries a conditional read", () => {
    const responses: Array<Reaction> = [
      tagged(mailbox("mbx_1"), '"v1"'),
      failure(503, "service_unavailable"),
      confirmed()
    ]
    const { client, seen } = mockClient(() => responses.shift() ?? failure(500, "internal_error"))
    return Effect.gen(function* () {
      const { mailboxes } = yield* Management
      yield* mailboxes.get("mbx_1")
      const { exit } = yield* recordWaits(mailboxes.get.withResponse("mbx_1"))
      const meta = Exit.map(exit, ({ meta }) => meta)
      expect(meta).toMatchObject({ value: { status: 304, etag: '"v1"', attempts: 2 } })
      expect(asked(seen)).toEqual([undefined, '"v1"', '"v1"'])
    }).pipe(Effect.provide(over(client)))
  })

  it.effect("fails on a 304 in response to an unconditional request", () => {
    const { client } = mockClient(() => confirmed())
    return Effect.gen(function* () {
      const { mailboxes } = yield* Management
      expect(yield* Effect.flip(mailboxes.get("mbx_1"))).toMatchObject({ _tag: "APIError", status: 304 })
    }).pipe(Effect.provide(over(client)))
  })

  it.effect("counts hits and misses by operation", () => {
    const name = "management.mailboxes.getFilters"
    const filters = mockClient(({ headers }) =>
      headers["if-none-match"] === '"f"' ? confirmed() : tagged({ mode: "off", rules: [] }, '"f"')
    )
    return Effect.gen(function* () {
      const { mailboxes } = yield* Management
      const hits = yield* counted(name, "hit")
      const misses = yield* counted(name, "miss")
      for (let i = 0; i < 3; i++) yield* mailboxes.getFilters("mbx_1")
      expect((yield* counted(name, "hit")) - hits).toBe(2)
      expect((yield* counted(name, "miss")) - misses).toBe(1)
    }).pipe(Effect.provide(over(filters.client)))
  })
})

describe("credentials", () => {
  it.effect("credentials that share a store never see each other's responses", () => {
    const { client, seen } = versioned()
    return Effect.gen(function* () {
      const cache = yield* Layer.build(EntityTagCache.layerMemory())
      const shared = Layer.succeedContext(cache)
      const get = (apiKey: string) =>
        Effect.flatMap(Management, ({ mailboxes }) => mailboxes.get("mbx_1")).pipe(
          Effect.provide(over(client, shared, { apiKey: Redacted.make(apiKey) }))
        )
      yield* get("smx_root_one")
      yield* get("smx_root_two")
      yield* get("smx_root_one")
      yield* get("smx_root_two")
      expect(asked(seen)).toEqual([undefined, undefined, '"v1"', '"v1"'])
    }).pipe(Effect.scoped)
  })

  it.effect("a renewed access token starts with an empty cache, and finds its own entries again", () => {
    const { client, seen } = versioned()
    const tokens = ["one", "one", "two", "two", "one"]
    const accessToken = Effect.sync(() => Redacted.make(tokens.shift() ?? "none"))
    return Effect.gen(function* () {
      const { mailboxes } = yield* Management
      for (let i = 0; i < 5; i++) yield* mailboxes.get("mbx_1")
      expect(asked(seen)).toEqual([undefined, '"v1"', undefined, '"v1"', '"v1"'])
    }).pipe(Effect.provide(over(client, EntityTagCache.layerMemory(), { accessToken })))
  })
})

describe("writes", () => {
  it.effect("a read after a write returns the new value, because the server revalidates every read", () => {
    const { client, seen, state } = versioned()
    return Effect.gen(function* () {
      const { mailboxes } = yield* Management
      yield* mailboxes.get("mbx_1")
      Object.assign(state, { version: '"v2"', name: "Grace" })
      yield* mailboxes.update("mbx_1", { display_name: "Grace" })
      const { data, meta } = yield* mailboxes.get.withResponse("mbx_1")
      expect(data.display_name).toBe("Grace")
      expect(meta.status).toBe(200)
      expect(asked(seen)).toEqual([undefined, undefined, '"v1"'])
    }).pipe(Effect.provide(over(client)))
  })

  it.effect("a read that a write overtakes is stored under its old ETag, which the server then rejects", () =>
    Effect.gen(function* () {
      const released = yield* Deferred.make<void>()
      let version = '"old"'
      const { client, seen } = mockClient((request, index) => {
        const name = version.replaceAll('"', "")
        if (request.method !== "GET") version = '"new"'
        if (request.headers["if-none-match"] === version) return confirmed({ etag: version })
        const response = tagged(mailbox(idOf(request), name), `"${name}"`)
        return index === 0 ? Effect.as(Deferred.await(released), response) : response
      })
      yield* Effect.gen(function* () {
        const { mailboxes } = yield* Management
        const read = yield* Effect.fork(mailboxes.get("mbx_1"))
        while (seen.length === 0) yield* Effect.yieldNow()
        yield* mailboxes.update("mbx_1", { display_name: "new" })
        yield* Deferred.succeed(released, undefined)
        expect((yield* Fiber.join(read)).display_name).toBe("old")
        expect((yield* mailboxes.get("mbx_1")).display_name).toBe("new")
        expect((yield* mailboxes.get("mbx_1")).display_name).toBe("new")
        expect(asked(seen)).toEqual([undefined, undefined, '"old"', '"new"'])
      }).pipe(Effect.provide(over(client)))
    })
  )
})

const storeError = new SystemError({ reason: "PermissionDenied", module: "KeyValueStore", method: "get" })

describe("the cache in a KeyValueStore", () => {
  const kept = () => {
    const { entries: map, layer } = openStore()
    const cache = (options?: EntityTagCache.CacheOptions) =>
      Layer.provide(EntityTagCache.layerKeyValueStore(options), layer)
    return { map, cache }
  }

  it.effect("serves entries that another process stored, and decodes them again", () => {
    const { client, seen } = versioned()
    const { cache, map } = kept()
    const get = Effect.flatMap(Management, ({ mailboxes }) => mailboxes.get.withResponse("mbx_1"))
    return Effect.gen(function* () {
      const first = yield* Effect.provide(get, over(client, cache()))
      const second = yield* Effect.provide(get, over(client, cache()))
      expect(second.data).toEqual(first.data)
      expect(second.meta).toMatchObject({ status: 304, etag: '"v1"', requestId: "req_304" })
      expect(asked(seen)).toEqual([undefined, '"v1"'])
      expect(map.size).toBe(1)
      const [text = ""] = map.values()
      expect(text).not.toContain(rootKey)
      expect(text).toContain("https://app.sendmux.ai/api/v1/mailboxes/mbx_1")
    })
  })

  it.effect("stores only the fields that the schema knows", () => {
    const { cache, map } = kept()
    const { client } = mockClient(({ headers }) =>
      headers["if-none-match"] === '"v1"'
        ? confirmed()
        : tagged({ ...mailbox("mbx_1"), new_secret: "hunter2" }, '"v1"')
    )
    return Effect.gen(function* () {
      const { mailboxes } = yield* Management
      const first = yield* mailboxes.get("mbx_1")
      expect(yield* mailboxes.get("mbx_1")).toEqual(first)
      expect([...map.values()].join()).toContain("ada@example.com")
      expect([...map.values()].join()).not.toContain("hunter2")
    }).pipe(Effect.provide(over(client, cache())))
  })

  it.effect("fills at most as many slots as its capacity", () => {
    const { client, seen } = versioned()
    const { cache, map } = kept()
    return Effect.gen(function* () {
      const { mailboxes } = yield* Management
      for (let i = 0; i < 50; i++) yield* mailboxes.get(`mbx_${i}`)
      expect(map.size).toBeLessThanOrEqual(4)
      yield* mailboxes.get("mbx_49")
      expect(asked(seen).at(-1)).toBe('"v1"')
    }).pipe(Effect.provide(over(client, cache({ capacity: 4 }))))
  })

  it.effect("stores responses that contain amounts and dates", () => {
    const mail = {
      quantity: "1",
      incurred_amount: "0.000100",
      posted_quantity: "1",
      posted_amount: "0.000100",
      unbillable_quantity: "0",
      unbillable_amount: "0.000000",
      coverage_started_at: "2026-09-01T00:00:00Z",
      state: "final"
    }
    const usage = {
      mailbox_id: "mbx_1",
      start: "2026-09-01T00:00:00Z",
      end: "2026-10-01T00:00:00Z",
      currency: "USD",
      state: "final",
      posted_amount: "0.000200",
      incoming: mail,
      outgoing: mail,
      storage: {
        raw_amount: "0.000000000000000001",
        allocated_amount: "0.000000",
        posted_amount: "0.000000",
        state: "final"
      }
    }
    const { client } = mockClient(({ headers }) =>
      headers["if-none-match"] === '"u"' ? confirmed() : tagged(usage, '"u"')
    )
    const { cache } = kept()
    return Effect.gen(function* () {
      const { mailboxes } = yield* Management
      const read = mailboxes.getCostUsage.withResponse("mbx_1", { start: usage.start, end: usage.end })
      const first = yield* read
      const second = yield* read
      expect([first.meta.status, second.meta.status]).toEqual([200, 304])
      expect(JSON.stringify(second.data)).toBe(JSON.stringify(first.data))
    }).pipe(Effect.provide(over(client, cache())))
  })

  it.effect("does not store a response that contains a secret", () => {
    const read = operation("mailbox.messages.get", {
      http: "GET",
      path: "/mailbox/messages/{message_id}",
      data: Secret,
      flags: ["conditional"]
    })
    const { client } = mockClient(() => tagged("https://files.example/secret", '"v1"'))
    const { cache, map } = kept()
    return Effect.gen(function* () {
      const pipeline = yield* makePipeline("mailbox", "http://127.0.0.1:4700/app/api/v1", {
        apiKey: Redacted.make("smx_mbx_1")
      })
      const get = makeMethods(pipeline).conditional(read)
      expect(Redacted.value(yield* get("m1"))).toBe("https://files.example/secret")
      expect(map.size).toBe(0)
    }).pipe(Effect.provide(cache()), Effect.provideService(HttpClient.HttpClient, client))
  })

  it.effect("does not store a response that is nested too deeply to search for secrets", () => {
    const deep = `{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`
    const { client } = mockClient(() => new Response(deep, { headers: { etag: '"v1"' } }))
    const { cache, map } = kept()
    return Effect.gen(function* () {
      const sending = yield* Sending.make({ apiKey: Redacted.make("smx_mbx_1") })
      expect(Object.keys(yield* sending.meta.getOpenApiSpec())).toEqual(["a"])
      expect(map.size).toBe(0)
    }).pipe(Effect.provide(cache()), Effect.provideService(HttpClient.HttpClient, client))
  })

  it.effect("treats an unreadable entry and a failing store as a miss", () => {
    const { client, seen } = versioned()
    const { cache, map } = kept()
    const broken = Layer.provide(
      EntityTagCache.layerKeyValueStore(),
      Layer.succeed(
        KeyValueStore.KeyValueStore,
        KeyValueStore.makeStringOnly({
          get: () => Effect.fail(storeError),
          set: () => Effect.fail(storeError),
          remove: () => Effect.fail(storeError),
          clear: Effect.fail(storeError),
          size: Effect.fail(storeError)
        })
      )
    )
    const get = Effect.flatMap(Management, ({ mailboxes }) => mailboxes.get("mbx_1"))
    return Effect.gen(function* () {
      for (const spoil of [() => "{", () => "null", (text: string) => text.replace("mbx_1", "mbx_2")]) {
        yield* Effect.provide(get, over(client, cache()))
        for (const [slot, text] of map) map.set(slot, spoil(text))
      }
      yield* Effect.provide(get, over(client, cache()))
      yield* Effect.provide(get, over(client, broken))
      yield* Effect.provide(get, over(client, broken))
      expect(asked(seen).every((etag) => etag === undefined)).toBe(true)
    })
  })
})
