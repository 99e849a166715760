import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as EntityTagCache from "../../src/EntityTagCache.js"
import * as Retry from "../../src/internal/timing/retry.js"
import { makeClock } from "../../src/internal/dialect/clock.js"
import { annotation, clientSettings, Tenant, variable } from "../support/dialect/references.js"
import { metrics } from "../support/dialect/telemetry.js"
import { failure, mockClient, ok } from "../support/http.js"
import { makeThings, type Things, thing } from "../support/synthetic.js"
import { parentName, type RecordedSpan, record } from "../support/telemetry.js"
import { recordWaits } from "../support/time.js"

const item = { id: "thg_1" }
const read = (things: Things) => things.getPart("a", "b")

// -----------------------------------------------------------------------------
// tracer
// -----------------------------------------------------------------------------

const callSpan = (name: string) => `Sendmux.mailbox.things.${name}`

const outline = (spans: ReadonlyArray<RecordedSpan>) =>
  spans.map((span) => ({ name: span.name, parent: parentName(span), ends: span.ends }))

/** The spans of one call inside the span `outer`, each ended once. */
const expected = (name: string, attempts: number) => [
  { name: "outer", parent: undefined, ends: 1 },
  { name: callSpan(name), parent: "outer", ends: 1 },
  ...Array.from({ length: attempts }, () => ({
    name: "Sendmux.attempt",
    parent: callSpan(name),
    ends: 1
  }))
]

describe("a custom tracer", () => {
  const retry = Retry.policy({ baseDelay: 0, maxDelay: 0 })
  const unavailable = () => failure(503, "service_unavailable")

  const tracedCalls: Readonly<
    Record<
      string,
      readonly [name: string, react: () => Response, (things: Things) => Effect.Effect<unknown, unknown>]
    >
  > = {
    "a call": ["getPart", () => ok(item), read],
    "a call that fails": [
      "getPart",
      () => failure(404, "not_found"),
      (things) => Effect.ignore(read(things))
    ],
    "a call with a response": ["getPart", () => ok(item), (things) => things.getPart.withResponse("a", "b")],
    "a conditional read": [
      "get",
      () => ok(thing, { headers: { etag: '"2"' } }),
      (things) => things.get.ifNoneMatch('"1"', "a")
    ],
    "a conditional read that is not modified": [
      "get",
      () => new Response(null, { status: 304 }),
      (things) => things.get.ifNoneMatch('"1"', "a")
    ],
    "a page of a list": ["list", () => ok([item]), (things) => Stream.runDrain(things.list())],
    "a download": [
      "download",
      () => new Response("bytes"),
      (things) => Stream.runDrain(things.download("a"))
    ],
    "a download with its response": [
      "download",
      () => new Response("bytes"),
      (things) => Effect.flatMap(things.download.withResponse("a"), ({ data }) => Stream.runDrain(data))
    ],
    "a stream of events": [
      "events",
      () => new Response("data: 1\n\n", { headers: { "content-type": "text/event-stream" } }),
      (things) => Stream.runDrain(Stream.flatMap(things.events(), (batches) => batches))
    ]
  }

  for (const [what, [name, react, call]] of Object.entries(tracedCalls)) {
    it.live(`receives the span of ${what} and of each attempt, each with its parent and ended once`, () =>
      Effect.gen(function* () {
        for (const failures of [0, 2]) {
          const { layer, spans } = record()
          const { client } = mockClient((_, index) => (index < failures ? unavailable() : react()))
          const things = yield* makeThings(client, { retry })
          yield* Effect.withSpan(call(things), "outer").pipe(Effect.provide(layer))
          expect(outline(spans)).toEqual(expected(name, failures + 1))
        }
      })
    )
  }

  const caches = {
    memory: EntityTagCache.layerMemory(),
    "a KeyValueStore": EntityTagCache.layerKeyValueStore().pipe(Layer.provide(KeyValueStore.layerMemory))
  }
  for (const [where, cache] of Object.entries(caches)) {
    it.live(`receives the spans of reads through a cache in ${where}`, () =>
      Effect.gen(function* () {
        const { layer, spans } = record()
        const { client, seen } = mockClient(({ headers }) =>
          headers["if-none-match"] === undefined
            ? ok([item], { headers: { etag: '"1"' } })
            : new Response(null, { status: 304, headers: { etag: '"1"' } })
        )
        const things = yield* makeThings(client, { retry }).pipe(Effect.provide(cache))
        for (let read = 0; read < 2; read++) {
          yield* Effect.withSpan(things.list.page(), "outer").pipe(Effect.provide(layer))
        }
        expect(seen.map(({ headers }) => headers["if-none-match"])).toEqual([undefined, '"1"'])
        expect(outline(spans)).toEqual([...expected("list", 1), ...expected("list", 1)])
      })
    )
  }

  it.live("receives no span of the SDK inside Effect.withTracerEnabled(false)", () =>
    Effect.gen(function* () {
      const { layer, spans } = record()
      const things = yield* makeThings(mockClient(() => ok(item)).client)
      yield* read(things).pipe(Effect.withTracerEnabled(false), Effect.provide(layer))
      expect(spans.map(({ name }) => name)).toEqual([])
    })
  )

  it.live("is the one of the caller, not the one that was present when the layer was built", () =>
    Effect.gen(function* () {
      const built = record()
      const called = record()
      const things = yield* makeThings(mockClient(() => ok(item)).client).pipe(Effect.provide(built.layer))
      yield* Effect.provide(read(things), called.layer)
      expect(built.spans).toEqual([])
      expect(called.spans).toHaveLength(2)
    })
  )
})

// -----------------------------------------------------------------------------
// clock
// -----------------------------------------------------------------------------

/** A clock whose time advances only while somebody sleeps. Each sleep takes a few real milliseconds. */
const jumpingClock = (start: number) => {
  const sleeps: Array<number> = []
  let time = start
  const sleep = (millis: number): Effect.Effect<void> =>
    Effect.async((resume) => {
      sleeps.push(millis)
      const timer = setTimeout(() => {
        time += millis
        resume(Effect.void)
      }, 5)
      return Effect.sync(() => clearTimeout(timer))
    })
  const clock = makeClock({ now: () => time, sleep })
  return { clock, sleeps }
}

const nanos = (millis: number): bigint => BigInt(millis) * 1_000_000n

/** Returns the sum of the recorded durations of an operation, in milliseconds. */
const totalDuration = (operation: string): Effect.Effect<number> =>
  Effect.map(metrics, (all) => {
    const histogram = all.find(
      ({ name, tags }) => name === "sendmux_call_duration_ms" && tags["operation"] === operation
    )
    return histogram === undefined ? 0 : Number(Reflect.get(histogram.state, "sum"))
  })

describe("a custom clock", () => {
  const start = Date.UTC(2040, 0, 1)
  const withoutTimeout = { timeout: Number.POSITIVE_INFINITY }
  const withoutJitter = <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.withRandom(self, Random.fixed([0]))

  it.live("times the timeout of an attempt", () =>
    Effect.gen(function* () {
      const { clock, sleeps } = jumpingClock(start)
      const { client } = mockClient(() => Effect.never)
      const things = yield* makeThings(client, { timeout: "5 minutes", retry: Retry.none })
      const error = yield* Effect.flip(read(things)).pipe(Effect.withClock(clock))
      expect(error).toMatchObject({ _tag: "TransportError", reason: "Timeout" })
      expect(sleeps).toEqual([300_000])
    })
  )

  it.live("times the opening of a stream", () =>
    Effect.gen(function* () {
      const { clock, sleeps } = jumpingClock(start)
      const { client } = mockClient(() => Effect.never)
      const things = yield* makeThings(client, { timeout: "5 minutes", retry: Retry.none })
      const error = yield* Effect.flip(Stream.runDrain(things.download("a"))).pipe(Effect.withClock(clock))
      expect(error).toMatchObject({ _tag: "TransportError", reason: "Timeout" })
      expect(sleeps).toEqual([300_000])
    })
  )

  const hints = {
    "a number of seconds": "7",
    "a date, relative to the clock": new Date(start + 7_000).toUTCString()
  }
  for (const [form, header] of Object.entries(hints)) {
    it.live(`waits for a Retry-After that is ${form}, and measures the duration of the call`, () =>
      Effect.gen(function* () {
        const { clock, sleeps } = jumpingClock(start)
        const { client } = mockClient((_, index) =>
          index === 0 ? failure(503, "service_unavailable", { headers: { "retry-after": header } }) : ok(item)
        )
        const things = yield* makeThings(client, withoutTimeout)
        const before = yield* totalDuration("mailbox.things.remove")
        yield* things.remove("a").pipe(withoutJitter, Effect.withClock(clock))
        expect(sleeps).toEqual([7_000])
        expect(yield* totalDuration("mailbox.things.remove")).toBe(before + 7_000)
      })
    )
  }

  it.live("sets the start and the end of spans", () =>
    Effect.gen(function* () {
      const { clock } = jumpingClock(start)
      const { layer, spans } = record()
      const { client } = mockClient((_, index) =>
        index === 0 ? failure(503, "service_unavailable", { headers: { "retry-after": "7" } }) : ok(item)
      )
      const things = yield* makeThings(client, withoutTimeout)
      yield* read(things).pipe(withoutJitter, Effect.withClock(clock), Effect.provide(layer))
      expect(spans.map(({ status }) => [status.startTime, "endTime" in status && status.endTime])).toEqual([
        [nanos(start), nanos(start + 7_000)],
        [nanos(start), nanos(start)],
        [nanos(start + 7_000), nanos(start + 7_000)]
      ])
    })
  )

  it.live("is the one of the caller, not the one that was present when the layer was built", () =>
    Effect.gen(function* () {
      const built = jumpingClock(0)
      const called = jumpingClock(start)
      const { client } = mockClient(() => Effect.never)
      const things = yield* makeThings(client, { timeout: 50, retry: Retry.none }).pipe(
        Effect.withClock(built.clock)
      )
      yield* Effect.ignore(read(things)).pipe(Effect.withClock(called.clock))
      expect([built.sleeps, called.sleeps]).toEqual([[], [50]])
    })
  )
})

// -----------------------------------------------------------------------------
// references
// -----------------------------------------------------------------------------

/** What a client can observe of the fiber that it runs in. */
const observe = Effect.gen(function* () {
  const span = yield* Effect.option(Effect.currentSpan)
  return {
    reference: yield* Tenant,
    variable: yield* variable.get,
    annotation: yield* annotation.get("tenant"),
    span: Option.getOrUndefined(span)?.name
  }
})

const asAcme = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  self.pipe(
    Effect.provideService(Tenant, "acme"),
    variable.locally("acme"),
    Effect.annotateLogs("tenant", "acme"),
    Effect.withSpan("outer")
  )

const calls: Readonly<Record<string, (things: Things) => Effect.Effect<unknown, unknown>>> = {
  call: read,
  stream: (things) => Stream.runDrain(things.download("a"))
}

describe("the references of the caller", () => {
  for (const [kind, call] of Object.entries(calls)) {
    it.effect(`are visible to the client of transformClient in each attempt of a ${kind}`, () =>
      Effect.gen(function* () {
        const observed: Array<unknown> = []
        const { client } = mockClient((_, index) => (index === 0 ? failure(503, "x") : ok(item)))
        const things = yield* makeThings(client, {
          timeout: Number.POSITIVE_INFINITY,
          transformClient: HttpClient.transform((response) =>
            Effect.zipRight(
              Effect.map(observe, (facts) => observed.push(facts)),
              response
            )
          )
        })
        yield* recordWaits(asAcme(call(things)))
        const facts = { reference: "acme", variable: "acme", annotation: "acme", span: "outer" }
        expect(observed).toEqual([facts, facts])
      })
    )

    it.effect(`are visible to the accessToken effect of a ${kind}`, () =>
      Effect.gen(function* () {
        const observed: Array<unknown> = []
        const things = yield* makeThings(mockClient(() => ok(item)).client, {
          accessToken: Effect.map(observe, (facts) => {
            observed.push(facts)
            return Redacted.make("oauth-token")
          })
        })
        yield* asAcme(call(things))
        expect(observed).toEqual([{ reference: "acme", variable: "acme", annotation: "acme", span: "outer" }])
      })
    )

    it.effect(`do not change when the client or the accessToken effect of a ${kind} sets them`, () =>
      Effect.gen(function* () {
        const seen: Array<string> = []
        const overwrite = Effect.gen(function* () {
          seen.push(yield* variable.get)
          yield* variable.set("overwritten")
          yield* annotation.set("tenant", "overwritten")
        })
        const { client } = mockClient((_, index) => (index === 0 ? failure(503, "x") : ok(item)))
        const things = yield* makeThings(client, {
          timeout: Number.POSITIVE_INFINITY,
          accessToken: Effect.as(overwrite, Redacted.make("oauth-token")),
          transformClient: HttpClient.transform((response) => Effect.zipLeft(response, overwrite))
        })
        const { exit } = yield* recordWaits(asAcme(Effect.zipRight(Effect.exit(call(things)), observe)))
        expect(exit).toEqual(
          Exit.succeed({ reference: "acme", variable: "acme", annotation: "acme", span: "outer" })
        )
        // The second attempt starts from the caller's values as well.
        expect(seen).toEqual(["acme", "overwritten", "acme", "overwritten"])
      })
    )

    it.effect(`keep what the pipeline sets for the client of a ${kind} from the caller`, () =>
      Effect.gen(function* () {
        const settings = Effect.all({
          client: clientSettings,
          init: Effect.serviceOption(FetchHttpClient.RequestInit),
          scope: Effect.serviceOption(Scope.Scope)
        })
        const things = yield* makeThings(mockClient(() => ok(item)).client)
        const [before, after] = yield* Effect.fork(
          Effect.all([settings, Effect.zipRight(call(things), settings)])
        ).pipe(Effect.flatMap(Fiber.join))
        expect(after.client.redacted).toBe(before.client.redacted)
        expect(after.client.spanDisabled).toBe(before.client.spanDisabled)
        expect(after.init).toEqual(before.init)
        expect(after.scope).toEqual(before.scope)
      })
    )
  }

  it.effect("include the RequestInit of the caller, except that redirects are never followed", () =>
    Effect.gen(function* () {
      const inits: Array<RequestInit | undefined> = []
      const fetch: typeof globalThis.fetch = async (_, init) => {
        inits.push(init)
        return ok(item)
      }
      const client = yield* Effect.provide(HttpClient.HttpClient, FetchHttpClient.layer)
      const things = yield* makeThings(client)
      yield* read(things).pipe(
        Effect.provideService(FetchHttpClient.RequestInit, { keepalive: true, redirect: "follow" }),
        Effect.provideService(FetchHttpClient.Fetch, fetch)
      )
      expect(inits).toMatchObject([{ keepalive: true, redirect: "manual" }])
    })
  )
})
