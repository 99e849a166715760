import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Retry from "../../src/internal/timing/retry.js"
import { metrics } from "../support/dialect/telemetry.js"
import { failure, mockClient, ok } from "../support/http.js"
import { makeThings } from "../support/synthetic.js"
import { counterValue, parentName, record } from "../support/telemetry.js"
import { recordWaits } from "../support/time.js"

const item = { id: "thg_1" }
const forever = { timeout: Number.POSITIVE_INFINITY }

describe("spans", () => {
  it.effect("contain one span for a call, with a child span for each attempt", () => {
    const { layer, spans } = record()
    return Effect.gen(function* () {
      const { client } = mockClient((_, index) =>
        index === 0
          ? failure(503, "service_unavailable", { headers: { "x-request-id": "req_1" } })
          : ok(item, { headers: { "x-request-id": "req_2" }, meta: { request_id: "req_2" } })
      )
      const things = yield* makeThings(client, forever)
      yield* recordWaits(Effect.withSpan(things.getPart("a b", "c"), "outer"))
      expect(spans.map((span) => [span.name, parentName(span), span.kind])).toEqual([
        ["outer", undefined, "internal"],
        ["Sendmux.mailbox.things.getPart", "outer", "client"],
        ["Sendmux.attempt", "Sendmux.mailbox.things.getPart", "client"],
        ["Sendmux.attempt", "Sendmux.mailbox.things.getPart", "client"]
      ])
      expect(Object.fromEntries(spans[1]?.attributes ?? [])).toEqual({
        "http.request.method": "GET",
        "http.route": "/things/{id}/parts/{part}",
        "http.response.status_code": 200,
        "sendmux.operation": "mailbox.things.getPart",
        "sendmux.request_id": "req_2",
        "sendmux.attempts": 2
      })
      expect(spans.slice(2).map(({ attributes }) => Object.fromEntries(attributes))).toEqual([
        { "sendmux.attempt": 1, "http.response.status_code": 503 },
        { "sendmux.attempt": 2, "http.response.status_code": 200 }
      ])
      expect(spans.map(({ status }) => status._tag)).toEqual(["Ended", "Ended", "Ended", "Ended"])
    }).pipe(Effect.provide(layer))
  })

  it.effect(
    "contain the code and the request id of a failure, even when only the body has the request id",
    () => {
      const { layer, spans } = record()
      return Effect.gen(function* () {
        const { client } = mockClient((_, index) => (index === 0 ? failure(404, "not_found") : ok(item)))
        const things = yield* makeThings(client)
        yield* Effect.flip(things.getPart("a", "b"))
        yield* things.getPart("a", "b")
        const [failed, worked] = spans.filter(({ name }) => name === "Sendmux.mailbox.things.getPart")
        expect(Object.fromEntries(failed?.attributes ?? [])).toMatchObject({
          "http.response.status_code": 404,
          "sendmux.error_code": "not_found",
          "sendmux.request_id": "req_failed"
        })
        expect(worked?.attributes.get("sendmux.request_id")).toBe("req_ok")
        expect(worked?.attributes.has("sendmux.error_code")).toBe(false)
      }).pipe(Effect.provide(layer))
    }
  )

  it.effect("contain neither the status nor the request id of an earlier attempt", () => {
    const { layer, spans } = record()
    return Effect.gen(function* () {
      const headers = { "x-request-id": "req_1" }
      const { client } = mockClient((_, index) =>
        index === 0 ? failure(503, "service_unavailable", { headers }) : "network"
      )
      const things = yield* makeThings(client, { ...forever, retry: Retry.policy({ maxAttempts: 2 }) })
      yield* recordWaits(things.getPart("a", "b"))
      expect(Object.fromEntries(spans[0]?.attributes ?? [])).toEqual({
        "http.request.method": "GET",
        "http.route": "/things/{id}/parts/{part}",
        "sendmux.operation": "mailbox.things.getPart",
        "sendmux.attempts": 2
      })
    }).pipe(Effect.provide(layer))
  })

  it.effect("never contain the query, an id, a cursor or a body", () => {
    const { layer, spans } = record()
    return Effect.gen(function* () {
      const { client } = mockClient(() => ok([]))
      const things = yield* makeThings(client)
      yield* Stream.runDrain(things.list({ status: "private-filter", cursor: "private-cursor" }))
      yield* Effect.ignore(things.change("private-id", { text: "private-text" }))
      expect(spans).toHaveLength(4)
      for (const { attributes, name } of spans) {
        expect([name, ...[...attributes].flat()].join(" ")).not.toContain("private")
      }
    }).pipe(Effect.provide(layer))
  })

  it.effect("do not include the span of the platform's client", () => {
    const { layer, spans } = record()
    return Effect.gen(function* () {
      const { client } = mockClient(() => ok(item))
      const things = yield* makeThings(client)
      yield* things.getPart("a", "b")
      expect(spans.map(({ name }) => name)).toEqual(["Sendmux.mailbox.things.getPart", "Sendmux.attempt"])
    }).pipe(Effect.provide(layer))
  })
})

describe("trace headers", () => {
  it.effect("are sent only with propagateTrace: true", () => {
    const { layer, spans } = record()
    return Effect.gen(function* () {
      const { client, seen } = mockClient(() => ok(item))
      for (const options of [{}, { propagateTrace: false }, { propagateTrace: true }]) {
        const things = yield* makeThings(client, options)
        yield* Effect.withSpan(things.getPart("a", "b"), "outer")
      }
      for (const { headers } of seen.slice(0, 2)) {
        expect(Object.keys(headers).filter((name) => /trace|b3/.test(name))).toEqual([])
      }
      const attempt = spans[spans.length - 1]
      expect(seen[2]?.headers["traceparent"]).toBe(`00-${attempt?.traceId}-${attempt?.spanId}-01`)
    }).pipe(Effect.provide(layer))
  })
})

/** The durations of an operation that were measured so far, in this and in other tests. */
const durations = (operation: string) =>
  Effect.map(metrics, (all) => {
    const state: unknown = all.find(
      ({ name, tags }) => name === "sendmux_call_duration_ms" && tags["operation"] === operation
    )?.state
    const numberAt = (key: string): number => {
      const value: unknown = typeof state === "object" && state !== null ? Reflect.get(state, key) : undefined
      return typeof value === "number" ? value : 0
    }
    return { count: numberAt("count"), sum: numberAt("sum") }
  })

describe("metrics", () => {
  const operation = "mailbox.things.create"
  const read = Effect.all({
    succeeded: counterValue("sendmux_calls", { operation, outcome: "success" }),
    failed: counterValue("sendmux_calls", { operation, outcome: "APIError" }),
    lost: counterValue("sendmux_calls", { operation, outcome: "TransportError" }),
    refused: counterValue("sendmux_calls", { operation, outcome: "InvalidRequestError" }),
    retries: counterValue("sendmux_retries", { operation }),
    waits: counterValue("sendmux_rate_limit_waits", { operation }),
    durations: counterValue("sendmux_call_duration_ms", { operation })
  })

  it.effect("count calls by outcome, retries, waits for the rate limit, and durations", () =>
    Effect.gen(function* () {
      const limited = () => failure(429, "rate_limit_exceeded", { headers: { "retry-after": "1" } })
      const tomorrow = () => failure(429, "rate_limit_exceeded", { headers: { "retry-after": "86400" } })
      const reactions = [
        () => ok(item),
        limited,
        () => ok(item),
        () => failure(422, "validation_error"),
        tomorrow,
        () => "network" as const
      ]
      const { client } = mockClient((_, index) => (reactions[index] ?? (() => "network" as const))())
      const things = yield* makeThings(client, forever)
      const before = yield* read
      for (let call = 0; call < 5; call++) yield* recordWaits(things.create({ text: "x" }))
      const after = yield* read
      expect(after).toEqual({
        succeeded: before.succeeded + 2,
        failed: before.failed + 2,
        lost: before.lost + 1,
        refused: before.refused,
        retries: before.retries + 3,
        waits: before.waits + 1,
        durations: before.durations + 5
      })
    })
  )

  it.effect("measure the duration of a call including the delays before its retries", () =>
    Effect.gen(function* () {
      const { client } = mockClient((_, index) =>
        index === 0 ? failure(503, "x", { headers: { "retry-after": "3" } }) : ok(item)
      )
      const things = yield* makeThings(client, forever)
      const before = yield* durations("mailbox.things.remove")
      yield* recordWaits(things.remove("a"))
      const after = yield* durations("mailbox.things.remove")
      expect(after.count - before.count).toBe(1)
      expect(after.sum - before.sum).toBe(3000)
    })
  )

  it.effect("count an interrupted call with the outcome interrupt", () =>
    Effect.gen(function* () {
      const { client } = mockClient(() => Effect.never)
      const things = yield* makeThings(client)
      const tags = { operation: "mailbox.things.text", outcome: "interrupt" }
      const before = yield* counterValue("sendmux_calls", tags)
      const ended = yield* Effect.fork(Effect.timeoutOption(things.text(), "1 second"))
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(ended)).toEqual(Option.none())
      expect(yield* counterValue("sendmux_calls", tags)).toBe(before + 1)
    })
  )
})

describe("transformClient", () => {
  it.effect("receives every attempt, and changes what is sent", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient((_, index) => (index === 0 ? failure(503, "x") : ok(item)))
      const urls: Array<string> = []
      const things = yield* makeThings(client, {
        ...forever,
        transformClient: (inner) =>
          HttpClient.mapRequest(inner, (request) => {
            urls.push(request.url)
            return { ...request, url: request.url.replace("api.test", "proxy.test") }
          })
      })
      yield* recordWaits(things.getPart("a", "b"))
      expect(urls).toEqual(Array(2).fill("https://api.test/v1/things/a/parts/b"))
      expect(seen.map(({ url }) => url.host)).toEqual(["proxy.test", "proxy.test"])
    })
  )
})
