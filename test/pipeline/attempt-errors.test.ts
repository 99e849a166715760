import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { PipelineOptions } from "../../src/internal/pipeline/make.js"
import * as Retry from "../../src/internal/timing/retry.js"
import { metrics } from "../support/dialect/telemetry.js"
import { failure, mockClient, ok } from "../support/http.js"
import { makeThings, untyped } from "../support/synthetic.js"
import { errorOf, recordWaits } from "../support/time.js"

const failing = (client: HttpClient.HttpClient, options: Partial<PipelineOptions> = {}) =>
  Effect.gen(function* () {
    const things = yield* makeThings(client, { retry: Retry.none, ...options })
    return errorOf((yield* recordWaits(things.getPart("a", "b"))).exit)
  })

describe("the error of an attempt", () => {
  it.effect("says why there is no access token", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(() => ok({ id: "thg_1" }))
      expect(yield* failing(client, { accessToken: Effect.fail("down") })).toMatchObject({
        _tag: "TransportError",
        operation: "mailbox.things.getPart",
        reason: "AccessToken",
        detail: "The accessToken effect failed",
        attempts: 1
      })
      const malformed = yield* failing(client, { accessToken: Effect.succeed(Redacted.make("Bearer x")) })
      expect(malformed).toMatchObject({ _tag: "InvalidRequestError", operation: "mailbox.things.getPart" })
      expect(String(malformed)).toContain(
        "the accessToken effect did not succeed with a bearer token: it must be Redacted, without a scheme or spaces"
      )
      expect(seen).toHaveLength(0)
    })
  )

  it.effect("says after how many milliseconds it timed out", () =>
    Effect.gen(function* () {
      const { client } = mockClient(() => Effect.never)
      expect(yield* failing(client, { timeout: 1_500 })).toMatchObject({
        _tag: "TransportError",
        reason: "Timeout",
        detail: "No response within 1500 ms",
        attempts: 1
      })
    })
  )

  it.effect("says that the client could not build the request", () =>
    Effect.gen(function* () {
      for (const reason of ["Encode", "InvalidUrl"] as const) {
        const client = HttpClient.make((request) =>
          Effect.fail(new HttpClientError.RequestError({ request, reason }))
        )
        const error = yield* failing(client)
        expect(error).toMatchObject({ _tag: "InvalidRequestError", operation: "mailbox.things.getPart" })
        expect(String(error)).toContain("the client could not build the request")
      }
    })
  )

  it.effect("has the code of the system, and the number of the attempt", () =>
    Effect.gen(function* () {
      const { client } = mockClient(() => "network")
      expect(yield* failing(client, { retry: Retry.policy({ maxAttempts: 2 }) })).toMatchObject({
        _tag: "TransportError",
        reason: "Network",
        systemCode: "ECONNRESET",
        attempts: 2
      })
    })
  )

  it.effect("never quotes the credential, the access token or a secret of the input", () =>
    Effect.gen(function* () {
      const secret = "correct-horse-battery"
      const echo = mockClient(({ body, headers }) =>
        failure(400, "invalid_parameter", { message: `${headers["authorization"]} ${body}` })
      )
      const token = Redacted.make("token-0123456789")
      for (const options of [{}, { accessToken: token }, { accessToken: Effect.succeed(token) }]) {
        const things = yield* makeThings(echo.client, options)
        const input = { user: "ada", password: Redacted.make(secret) }
        const error = yield* Effect.flip(things.setPassword(untyped(input)))
        const sent = echo.seen.at(-1)?.headers["authorization"]?.slice("Bearer ".length) ?? ""
        expect(error._tag === "APIError" && error.detail).toBe(
          'Bearer <redacted> {"user":"ada","password":"<redacted>"}'
        )
        expect([sent.length > 10, error.message.includes(sent)]).toEqual([true, false])
      }
    })
  )
})

describe("the metrics of a call", () => {
  it.effect("have names, descriptions and tags", () =>
    Effect.gen(function* () {
      const limited = failure(429, "rate_limit_exceeded", { headers: { "retry-after": "1" } })
      const { client } = mockClient((_, index) => (index === 0 ? limited : ok({ id: "thg_1" })))
      const things = yield* makeThings(client)
      yield* recordWaits(things.getPart("a", "b"))
      const found = new Map<string, unknown>()
      for (const { description, name, tags } of yield* metrics) {
        if (tags["operation"] !== "mailbox.things.getPart") continue
        if (tags["outcome"] !== undefined && tags["outcome"] !== "success") continue
        found.set(name, [description, tags])
      }
      const operation = "mailbox.things.getPart"
      expect(Object.fromEntries(found)).toMatchObject({
        sendmux_calls: ["Calls that ended, by outcome", { operation, outcome: "success" }],
        sendmux_call_duration_ms: ["How long calls took, retries included", { operation }],
        sendmux_retries: ["Attempts beyond the first", { operation }],
        sendmux_rate_limit_waits: ["Waits because the rate limit refused a request", { operation }]
      })
    })
  )
})
