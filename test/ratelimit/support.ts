/**
 * A server that states a rate limit, and the SDK with a limiter in front of it.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as RateLimit from "../../src/RateLimit.js"
import { failure, ok, type Reaction, type Seen } from "../support/http.js"
import { makeThings } from "../support/synthetic.js"

/** The headers of a rate limit. `reset` is in seconds since the epoch. */
export const limitHeaders = (limit: number, remaining: number, reset: number) => ({
  "x-ratelimit-limit": String(limit),
  "x-ratelimit-remaining": String(remaining),
  "x-ratelimit-reset": String(reset)
})

/** A successful response that states a rate limit. */
export const allowed = (limit: number, remaining: number, reset: number): Response =>
  ok(
    { id: "thg_1" },
    { headers: { "content-type": "application/json", ...limitHeaders(limit, remaining, reset) } }
  )

/** A refusal. `retryAfter` is in seconds. */
export const refusal = (retryAfter: number): Response =>
  failure(429, "rate_limit_exceeded", { headers: { "retry-after": String(retryAfter) } })

export type React = (request: Seen, index: number) => Reaction

/** The surface of the tests with a limiter of its own. */
export const limitedThings = (
  client: HttpClient.HttpClient,
  options: RateLimit.RateLimitOptions = {},
  layer: Parameters<typeof makeThings>[1] = {}
) =>
  Effect.provide(
    makeThings(client, { timeout: Number.POSITIVE_INFINITY, ...layer }),
    RateLimit.layerMemory(options)
  )
