import { createServer } from "node:net"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Redis } from "ioredis"
import { vi } from "vitest"
import * as RateLimitRedis from "../../src/RateLimitRedis.js"
import * as Sandbox from "../../src/Sandbox.js"
import { Sending } from "../../src/Sending.js"
import { record } from "../support/telemetry.js"
import { prove } from "./proof/prove.js"
import { redisOf } from "./redis.js"

const redis = redisOf(process.env["SENDMUX_TEST_REDIS"])

const describeWithRedis = redis === undefined ? describe.skip : describe

/** A port of the local machine that no server uses. */
const unusedPort = Effect.async<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() =>
      resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
    )
  })
})

const sendingOver = (client: HttpClient.HttpClient, options: RateLimitRedis.RedisRateLimitOptions) =>
  Sending.layer({ apiKey: Sandbox.mailboxKey }).pipe(
    Layer.provide(RateLimitRedis.layer(options)),
    Layer.provide(Layer.succeed(HttpClient.HttpClient, client))
  )

describe("a Redis server that cannot be reached", () => {
  it.scopedLive("holds up no call, is reported once at Warning, and lets the layer close", () => {
    const { layer, lines } = record()
    return Effect.gen(function* () {
      // The client of Redis prints failed connections to the console.
      const printed = vi.spyOn(console, "error").mockImplementation(() => undefined)
      yield* Effect.addFinalizer(() => Effect.sync(() => printed.mockRestore()))
      const port = yield* unusedPort
      const sandbox = yield* Sandbox.make()
      const started = Date.now()
      yield* Effect.gen(function* () {
        const sending = yield* Sending
        for (let i = 0; i < 5; i++) yield* sending.connection.get()
      }).pipe(Effect.provide(sendingOver(sandbox.client, { redis: { host: "127.0.0.1", port } })))
      expect(Date.now() - started).toBeLessThan(20_000)
      const warnings = lines.filter((line) => line.startsWith("WARN "))
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).toContain("The store of the rate limit cannot be used")
    }).pipe(Effect.provide(layer))
  })
})

describeWithRedis("over Redis (needs SENDMUX_TEST_REDIS=redis://host:port)", () => {
  it.live("two processes reach at least 98% of the limit, and none of their requests is refused", () =>
    Effect.gen(function* () {
      const proof = yield* prove({
        processes: 2,
        senders: 4,
        // Few enough that a busy machine can send them.
        limit: 60,
        window: 5_000,
        windows: 3,
        redis
      })
      expect(proof.refused).toBe(0)
      expect(proof.rate).toBeGreaterThanOrEqual(0.98)
    })
  )

  it.scopedLive("the keys contain a digest of the credential and the end of the window", () =>
    Effect.gen(function* () {
      const prefix = `test:${process.pid}:${Date.now()}:`
      const sandbox = yield* Sandbox.make()
      const client = yield* Effect.acquireRelease(
        Effect.sync(() => new Redis(redis ?? {})),
        (open) => Effect.promise(() => open.quit())
      )
      yield* Effect.gen(function* () {
        const sending = yield* Sending
        for (let i = 0; i < 5; i++) yield* sending.connection.get()
        const keys = yield* Effect.promise(() => client.keys(`${prefix}*`))
        expect(keys).toHaveLength(1)
        expect(keys[0]?.slice(prefix.length)).toMatch(/^[0-9a-f]{32}:\d{10}$/)
        expect(yield* Effect.promise(() => client.get(keys[0] ?? ""))).toBe("5")
        expect(yield* Effect.promise(() => client.pttl(keys[0] ?? ""))).toBeGreaterThan(60_000)
      }).pipe(Effect.provide(sendingOver(sandbox.client, { redis, prefix })))
    })
  )
})
