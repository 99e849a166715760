import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import type { PipelineOptions } from "../../src/internal/pipeline/make.js"
import * as Retry from "../../src/internal/timing/retry.js"
import { failure, mockClient, ok, type Reaction } from "../support/http.js"
import { makeThings, type Things } from "../support/synthetic.js"
import { errorOf, recordWaits } from "../support/time.js"

const item = { id: "thg_1" }

/** Runs a call without a timeout against a server that responds by the index of the request. */
const against = <A, E>(
  react: (index: number) => Reaction,
  call: (things: Things) => Effect.Effect<A, E>,
  options: Partial<PipelineOptions> = {},
  random = 0
) =>
  Effect.gen(function* () {
    const { client, seen } = mockClient((_, index) => react(index))
    const things = yield* makeThings(client, { timeout: Number.POSITIVE_INFINITY, ...options })
    const { exit, waits } = yield* recordWaits(call(things), random)
    return { exit, waits, requests: seen.length, seen }
  })

const read = (things: Things) => things.getPart("a", "b")
const create = (things: Things) => things.create({ text: "x" })
const note = (things: Things) => things.note({ text: "x" })

describe("a response to a call that is safe to repeat", () => {
  for (const status of [408, 429, 500, 502, 503, 504]) {
    it.effect(`is retried when its status is ${status}`, () =>
      Effect.gen(function* () {
        const { exit, requests } = yield* against(
          (index) => (index < 2 ? new Response("<html>", { status }) : ok(item)),
          read
        )
        expect(exit).toEqual(Exit.succeed(item))
        expect(requests).toBe(3)
      })
    )
  }

  for (const status of [302, 304, 400, 401, 402, 403, 404, 409, 410, 413, 422, 501, 505]) {
    it.effect(`is not retried when its status is ${status}, whatever the body says`, () =>
      Effect.gen(function* () {
        const { requests } = yield* against(() => {
          const { headers } = failure(status, "some_code", { retryable: true })
          const body = status === 304 ? null : JSON.stringify({ error: { code: "x", retryable: true } })
          return new Response(body, { status, headers })
        }, read)
        expect(requests).toBe(1)
      })
    )
  }

  it.effect("is not retried when the body has retryable: false", () =>
    Effect.gen(function* () {
      for (const status of [429, 500, 503]) {
        const { exit, requests } = yield* against(() => failure(status, "x", { retryable: false }), read)
        expect(requests).toBe(1)
        expect(errorOf(exit)).toMatchObject({ _tag: "APIError", retryable: false, attempts: 1 })
      }
    })
  )

  it.effect("is not retried when its code is no_active_providers, even with retryable: true", () =>
    Effect.gen(function* () {
      const { requests } = yield* against(
        () => failure(503, "no_active_providers", { retryable: true }),
        create
      )
      expect(requests).toBe(1)
    })
  )

  it.effect("is not retried when it does not match the schema", () =>
    Effect.gen(function* () {
      const { exit, requests } = yield* against(() => ok({ id: 7 }), read)
      expect(requests).toBe(1)
      expect(errorOf(exit)._tag).toBe("ResponseDecodeError")
    })
  )

  it.effect("is retried when its body was truncated, as is a network failure", () =>
    Effect.gen(function* () {
      for (const broken of ["network", new Response('{"ok":true,"data":{"id')] as const) {
        const reactions = [broken, ok(item)]
        const { exit, requests } = yield* against((index) => reactions[index] ?? "network", read)
        expect(exit).toEqual(Exit.succeed(item))
        expect(requests).toBe(2)
      }
    })
  )
})

describe("a retry", () => {
  const calls: ReadonlyArray<
    readonly [string, (things: Things) => Effect.Effect<unknown, unknown>, boolean]
  > = [
    ["GET", read, true],
    ["DELETE", (things) => things.remove("a"), true],
    ["POST with a key", create, true],
    ["POST marked replayable", (things) => things.batchGet({ ids: ["a"] }), true],
    ["upload with a key", (things) => things.upload({ name: "a", content: new Uint8Array([1]) }), true],
    ["POST without a key", note, false],
    ["PUT", (things) => things.replace("a", { text: "x" }), false],
    ["PATCH", (things) => things.change("a", { text: "x" }), false],
    ["PATCH with If-Match", (things) => things.change("a", { text: "x" }, { ifMatch: '"1"' }), false]
  ]
  const broken = {
    "a 500": () => failure(500, "internal_error"),
    "a network failure": () => "network" as const,
    "a truncated body": () => new Response('{"ok":tr')
  }

  for (const [name, call, replayed] of calls) {
    for (const [what, react] of Object.entries(broken)) {
      it.effect(`${replayed ? "follows" : "does not follow"} ${what} in response to a ${name}`, () =>
        Effect.gen(function* () {
          const { exit, requests } = yield* against(react, call)
          expect(requests).toBe(replayed ? 3 : 1)
          expect(errorOf(exit)).toMatchObject({ attempts: replayed ? 3 : 1 })
        })
      )
    }
    it.effect(`follows a 429 in response to a ${name}, because the server has not run it`, () =>
      Effect.gen(function* () {
        const { exit, requests } = yield* against(
          (index) => (index === 0 ? failure(429, "rate_limit_exceeded") : failure(404, "not_found")),
          call
        )
        expect(requests).toBe(2)
        expect(errorOf(exit)).toMatchObject({ code: "not_found", attempts: 2 })
      })
    )
  }
})

describe("a failure whose body is truncated", () => {
  const whole = JSON.stringify({
    ok: false,
    error: { code: "not_found", message: "gone", retryable: false },
    meta: { request_id: "req_gone" }
  })
  const broken = () =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => {
        controller.enqueue(new TextEncoder().encode(whole.slice(0, 30)))
        controller.error(new Error("The connection ended"))
      }
    })
  const truncations: Readonly<Record<string, () => BodyInit>> = {
    "by the end of the connection": broken,
    "without an error of the connection": () => whole.slice(0, 30)
  }

  for (const [how, body] of Object.entries(truncations)) {
    it.effect(`${how} is retried if the call is safe to repeat, so that its code is known`, () =>
      Effect.gen(function* () {
        for (const call of [read, create]) {
          const { exit, requests } = yield* against(
            (index) => new Response(index === 0 ? body() : whole, { status: 404 }),
            call
          )
          expect(errorOf(exit)).toMatchObject({
            _tag: "APIError",
            code: "not_found",
            requestId: "req_gone"
          })
          expect(requests).toBe(2)
        }
      })
    )

    it.effect(`${how} fails with its status if the call is not safe to repeat`, () =>
      Effect.gen(function* () {
        const { exit, requests } = yield* against(() => new Response(body(), { status: 404 }), note)
        expect(errorOf(exit)).toMatchObject({ _tag: "APIError", code: "http_404" })
        expect(requests).toBe(1)
      })
    )
  }
})

describe("an idempotency_conflict", () => {
  const conflict = () => failure(409, "idempotency_conflict", { retryable: false })

  it.effect("is retried beyond maxAttempts while an earlier attempt of the call is in flight", () =>
    Effect.gen(function* () {
      const reactions = ["network" as const, conflict(), conflict(), conflict(), conflict(), ok(item)]
      const { exit, requests } = yield* against((index) => reactions[index] ?? "network", create)
      expect(exit).toEqual(Exit.succeed(item))
      expect(requests).toBe(6)
    })
  )

  it.effect("fails the first attempt, because another call uses the key", () =>
    Effect.gen(function* () {
      const { exit, requests } = yield* against(conflict, create)
      expect(requests).toBe(1)
      expect(errorOf(exit)).toMatchObject({ code: "idempotency_conflict", attempts: 1 })
    })
  )

  it.effect("fails a call without a key", () =>
    Effect.gen(function* () {
      const { requests } = yield* against(
        (index) => (index === 0 ? failure(429, "rate_limit_exceeded") : conflict()),
        note
      )
      expect(requests).toBe(2)
    })
  )

  it.effect("is retried until the budget is used up", () =>
    Effect.gen(function* () {
      const { exit, waits } = yield* against(
        (index) => (index === 0 ? ("network" as const) : conflict()),
        create,
        { retry: Retry.policy({ budget: "10 seconds", baseDelay: "2 seconds", maxDelay: "2 seconds" }) },
        1
      )
      expect(waits).toEqual([2000, 2000, 2000, 2000, 2000])
      expect(errorOf(exit)).toMatchObject({ code: "idempotency_conflict", attempts: 6 })
    })
  )
})

describe("the number of attempts", () => {
  const busy = () => failure(503, "service_unavailable")

  it.effect("is at most maxAttempts, which counts the first request", () =>
    Effect.gen(function* () {
      for (const maxAttempts of [1, 2, 5]) {
        const { requests } = yield* against(busy, read, { retry: Retry.policy({ maxAttempts }) })
        expect(requests).toBe(maxAttempts)
      }
    })
  )

  it.effect("is one with Retry.none on the layer", () =>
    Effect.gen(function* () {
      const { requests } = yield* against(busy, read, { retry: Retry.none })
      expect(requests).toBe(1)
    })
  )

  it.effect("is decided by Retry.with inside its Effect, and by the layer outside of it", () =>
    Effect.gen(function* () {
      const { requests } = yield* against(busy, (things) => Retry.with(read(things), Retry.none))
      expect(requests).toBe(1)
      const more = yield* against(
        busy,
        (things) =>
          read(things).pipe(
            Retry.with(Retry.policy({ maxAttempts: 4 })),
            Effect.ignore,
            Effect.zipRight(read(things))
          ),
        { retry: Retry.none }
      )
      expect(more.requests).toBe(5)
    })
  )

  it.effect("does not include requests for which no access token was available", () =>
    Effect.gen(function* () {
      let asked = 0
      const accessToken = Effect.suspend(() =>
        ++asked < 3 ? Effect.fail("no") : Effect.succeed(Redacted.make("oauth-token"))
      )
      const { exit, requests } = yield* against(() => ok(item), read, { accessToken })
      expect(exit).toEqual(Exit.succeed(item))
      expect([asked, requests]).toEqual([3, 1])
    })
  )
})
