import { inspect } from "node:util"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Core from "../../src/Core.js"
import { APIError } from "../../src/index.js"
import * as RateLimit from "../../src/RateLimit.js"
import { allowed } from "../ratelimit/support.js"
import { failure, mockClient, ok, type Reaction, type Seen } from "../support/http.js"
import { rootKey } from "../support/management.js"
import { counterValue, record } from "../support/telemetry.js"
import { errorOf, recordWaits } from "../support/time.js"

const base = "https://app.sendmux.ai/api/v1"

/** A client over a server that responds by `react`. */
const over = (
  react: (request: Seen, index: number) => Reaction,
  options: Partial<Core.HttpClientOptions> = {}
) => {
  const { client: inner, seen } = mockClient(react)
  const given = {
    surface: "management",
    apiKey: Redacted.make(rootKey),
    ...options
  } as Core.HttpClientOptions
  return { seen, made: Effect.provideService(Core.httpClient(given), HttpClient.HttpClient, inner) }
}

/** All texts that a value shows of itself. */
const shown = (value: unknown) =>
  [String(value), inspect(value, { depth: 20 }), JSON.stringify(value)].join("\n")

describe("Core.httpClient", () => {
  it.effect("resolves a relative URL below the base URL, and sends the credential", () => {
    const { made, seen } = over(() => ok({ id: 1 }))
    return Effect.gen(function* () {
      const client = yield* made
      for (const url of ["/reports:all", "reports:all", `${base}/reports:all`]) {
        const response = yield* client.get(url, { urlParams: { limit: 5 } })
        expect(yield* response.json).toMatchObject({ data: { id: 1 } })
      }
      expect(seen.map(({ url }) => url.href)).toEqual(Array(3).fill(`${base}/reports:all?limit=5`))
      expect(seen[0]?.headers).toMatchObject({
        authorization: `Bearer ${rootKey}`,
        "user-agent": `effect-sendmux/${Core.version}`
      })
    })
  })

  it.effect("never sends the credential to another origin", () => {
    const { made, seen } = over(() => ok({}))
    return Effect.gen(function* () {
      const client = yield* made
      for (const url of [
        "https://evil.test/x",
        "http://app.sendmux.ai/api/v1/x",
        "https://app.sendmux.ai:8443/x",
        "https://app.sendmux.ai@evil.test/x",
        "https://user:pass@app.sendmux.ai/api/v1/x",
        "HTTPS://evil.test/x",
        "ftp://app.sendmux.ai/x"
      ]) {
        const error = yield* Effect.flip(client.get(url))
        expect(shown(error), url).toContain("the credential is for https://app.sendmux.ai only")
      }
      expect(seen).toHaveLength(0)
      for (const url of [
        "//evil.test/x",
        "@evil.test/x",
        ".evil.test/x",
        "\\\\evil.test/x",
        ":8443/x",
        "https:evil.test"
      ]) {
        yield* client.get(url)
      }
      expect(new Set(seen.map(({ url }) => url.origin))).toEqual(new Set(["https://app.sendmux.ai"]))
    })
  })

  it.effect("does not follow redirects, and refuses a follower that leaves the origin", () => {
    const { made, seen } = over(
      () => new Response(null, { status: 302, headers: { location: "https://evil.test/" } })
    )
    return Effect.gen(function* () {
      const client = yield* made
      const response = yield* client.get("/x")
      expect([response.status, response.headers["location"]]).toEqual([302, "https://evil.test/"])
      const error = yield* Effect.flip(HttpClient.followRedirects(client).get("/x"))
      expect(shown(error)).toContain("the credential is for https://app.sendmux.ai only")
      expect(new Set(seen.map(({ url }) => url.host))).toEqual(new Set(["app.sendmux.ai"]))
    })
  })

  it.effect("replaces an Authorization header of the request", () => {
    const { made, seen } = over(() => ok({}))
    return Effect.gen(function* () {
      const client = yield* made
      yield* client.get("/x", { headers: { authorization: "Bearer other", "x-own": "1" } })
      expect(seen[0]?.headers).toMatchObject({ authorization: `Bearer ${rootKey}`, "x-own": "1" })
    })
  })

  it.effect("retries what is safe to repeat, and returns the last failed response with its body", () => {
    const { made, seen } = over(() => failure(503, "service_unavailable"))
    return Effect.gen(function* () {
      const client = yield* made
      const { exit } = yield* recordWaits(client.get("/x"))
      if (exit._tag === "Failure") throw new Error("expected a response")
      expect(exit.value.status).toBe(503)
      expect(yield* exit.value.json).toMatchObject({ error: { code: "service_unavailable" } })
      expect(seen).toHaveLength(3)
    })
  })

  it.effect("retries a POST with a key, and otherwise only after a 429", () => {
    const { made, seen } = over((_, index) =>
      index === 0 ? failure(429, "rate_limit_exceeded", { headers: { "retry-after": "2" } }) : "network"
    )
    return Effect.gen(function* () {
      const client = yield* made
      const post = HttpClientRequest.post("/x").pipe(HttpClientRequest.bodyUnsafeJson({ a: 1 }))
      const { exit, waits } = yield* recordWaits(client.execute(post))
      expect(shown(errorOf(exit))).toContain("Network")
      expect([waits, seen.length]).toEqual([[2_000], 2])
      seen.length = 0
      yield* recordWaits(client.execute(HttpClientRequest.setHeader(post, "Idempotency-Key", "k")))
      expect(seen.length).toBe(3)
      expect(seen.map(({ body, headers }) => [body, headers["idempotency-key"]])).toEqual(
        Array(3).fill(['{"a":1}', "k"])
      )
    })
  })

  it.effect("sends a body that is a stream once", () => {
    const { made, seen } = over(() => failure(429, "rate_limit_exceeded"))
    return Effect.gen(function* () {
      const client = yield* made
      const upload = HttpClientRequest.put("/x").pipe(
        HttpClientRequest.bodyStream(Stream.make(new Uint8Array(1)))
      )
      const response = yield* client.execute(upload)
      expect([response.status, seen.length]).toEqual([429, 1])
    })
  })

  it.effect("reads JSON in the attempt, with its timeout, its limit and its retries", () => {
    const json = { headers: { "content-type": "application/json" } }
    const { made, seen } = over(
      (_, index) =>
        index === 0
          ? new Response(
              new ReadableStream({ start: (controller) => controller.error(new Error("cut")) }),
              json
            )
          : new Response(new ReadableStream(), json),
      { timeout: "5 seconds" }
    )
    return Effect.gen(function* () {
      const client = yield* made
      const { exit, waits } = yield* recordWaits(client.get("/x"))
      expect(shown(errorOf(exit))).toContain("No response within 5000 ms")
      expect(seen).toHaveLength(3)
      expect(waits.filter((wait) => wait === 5_000)).toHaveLength(2)
      const large = over(() => ok("x".repeat(100)), { maxResponseBytes: 50 })
      const error = yield* Effect.flip((yield* large.made).get("/x"))
      expect(shown(error)).toContain("larger than 50 bytes")
    })
  })

  it.effect("streams other bodies, and reads an empty JSON response", () => {
    const { made } = over(({ url }) =>
      url.pathname.endsWith("empty")
        ? new Response(null, { status: 204, headers: { "content-type": "application/json" } })
        : new Response("a,b", { headers: { "content-type": "text/csv" } })
    )
    return Effect.gen(function* () {
      const client = yield* made
      const response = yield* client.get("/x")
      const text = yield* Stream.runFold(
        response.stream,
        "",
        (all, chunk) => all + new TextDecoder().decode(chunk)
      )
      expect(text).toBe("a,b")
      expect((yield* client.get("/empty")).status).toBe(204)
      expect((yield* client.head("/x")).status).toBe(200)
    })
  })

  it.effect("keeps the deadline of the call, and the error of the SDK is the cause", () => {
    const { made } = over(() => Effect.never)
    return Effect.gen(function* () {
      const client = yield* made
      const { exit, waits } = yield* recordWaits(client.get("/x").pipe(Core.Call.deadline("3 seconds")))
      expect(shown(errorOf(exit))).toContain("DeadlineExceededError")
      expect(waits).toEqual([3_000])
    })
  })

  it.effect("waits for the limiter of its surface", () => {
    const { made } = over(() => allowed(1, 0, 45))
    return Effect.gen(function* () {
      const client = yield* made
      yield* client.get("/x")
      const { waits } = yield* recordWaits(client.get("/x"))
      expect(waits[0]).toBe(45_000)
    }).pipe(Effect.provide(RateLimit.layerMemory()))
  })

  it.effect("has spans and metrics with its name, without the path, and shows no credential anywhere", () => {
    const { inspected, layer, logs, spans } = record()
    const { made } = over(
      (_, index) =>
        index === 0
          ? failure(503, "down", { message: `for ${rootKey}` })
          : failure(404, "x", { message: rootKey }),
      { operation: "management.reports.raw" }
    )
    return Effect.gen(function* () {
      const tags = { operation: "management.reports.raw" }
      const before = yield* counterValue("sendmux_retries", tags)
      const client = yield* made
      const { exit } = yield* recordWaits(client.get("/reports/rep_1?x=hunter2"))
      if (exit._tag === "Failure") throw new Error("expected a response")
      const response = exit.value
      const text = yield* response.text
      expect(text).toContain("<redacted>")
      expect((yield* counterValue("sendmux_retries", tags)) - before).toBe(1)
      expect(spans.map(({ name }) => name)).toEqual([
        "Sendmux.management.reports.raw",
        "Sendmux.attempt",
        "Sendmux.attempt"
      ])
      const all = [
        shown(response),
        inspect(response.request, { depth: 20 }),
        text,
        inspect(spans, { depth: 20 }),
        ...logs,
        ...inspected
      ].join("\n")
      expect(all).not.toContain(rootKey)
      expect(
        inspect(
          spans.map(({ attributes }) => attributes),
          { depth: 20 }
        )
      ).not.toMatch(/rep_1|hunter2/)
      const error = yield* APIError.fromResponse(response)
      expect(shown(error)).not.toContain(rootKey)
      expect(error.code).toBe("x")
    }).pipe(Effect.provide(layer))
  })

  it.effect("shows no credential in the response of a stream or in the error of a lost connection", () => {
    const { made } = over(({ url }) => (url.pathname.endsWith("lost") ? "network" : new Response("a")), {
      retry: Core.Retry.none
    })
    return Effect.gen(function* () {
      const client = yield* made
      const response = yield* client.get("/stream")
      const error = yield* Effect.flip(client.get("/lost"))
      for (const value of [response, response.request, error]) expect(shown(value)).not.toContain(rootKey)
    })
  })
})

describe("APIError.fromResponse", () => {
  const read = (response: Response, options?: { readonly operation: string }) => {
    const { client } = mockClient(() => response)
    return Effect.flatMap(
      client.get("https://app.sendmux.ai/x", { headers: { authorization: "Bearer hunter22" } }),
      (r) => APIError.fromResponse(r, options)
    )
  }

  it.effect("reads the envelope and the headers as the methods do", () =>
    Effect.gen(function* () {
      const error = yield* read(
        failure(429, "rate_limit_exceeded", { headers: { "retry-after": "5", "x-ratelimit-limit": "9" } }),
        { operation: "reports.get" }
      )
      expect(error).toBeInstanceOf(APIError)
      expect(error).toMatchObject({
        operation: "reports.get",
        status: 429,
        code: "rate_limit_exceeded",
        retryable: true,
        requestId: "req_failed",
        rateLimit: { limit: 9 },
        attempts: 1
      })
      expect(APIError.is("rate_limit_exceeded")(error)).toBe(true)
    })
  )

  it.effect(
    "has a code of its status without an envelope, and does not quote the credential of the request",
    () =>
      Effect.gen(function* () {
        expect(yield* read(new Response("<html>", { status: 502 }))).toMatchObject({
          operation: "GET request",
          code: "http_502"
        })
        expect((yield* read(failure(400, "x", { message: "of hunter22" }))).detail).toBe("of <redacted>")
        const cut = new ReadableStream({ start: (controller) => controller.error(new Error("cut")) })
        expect(yield* read(new Response(cut, { status: 500 }))).toMatchObject({
          truncated: true,
          status: 500
        })
      })
  )
})
