/**
 * The part of the dialect for a count in Redis, which is the store of Effect's rate limiter over `ioredis`. Only the entry for
 * Redis loads it.
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as Redis from "effect/persistence/Redis"
import type * as Scope from "effect/Scope"
import { Redis as Client } from "ioredis"
import {
  closeTimeout,
  type RedisConnection,
  type RedisCounter,
  readingOf,
  settingsOf
} from "./shared/redisConnection.js"

/** Connects to Redis in the background, so that it succeeds even if the server is away. */
export const redisCounter = (
  connection: RedisConnection,
  prefix: string
): Effect.Effect<RedisCounter, never, Scope.Scope> =>
  Effect.gen(function* () {
    let isClosing = false
    const client = yield* Effect.acquireRelease(
      Effect.sync(() => new Client(settingsOf(connection, () => isClosing))),
      (connected) => {
        isClosing = true
        const quit = Effect.tryPromise(() => connected.quit())
        // Without a connection the command to quit fails, which is no defect of this program.
        return quit.pipe(
          Effect.timeout(closeTimeout),
          Effect.ignore,
          Effect.andThen(Effect.sync(() => connected.disconnect()))
        )
      }
    )
    const send = <A>(command: string, ...args: ReadonlyArray<string>): Effect.Effect<A, Redis.RedisError> =>
      Effect.tryPromise({
        try: async () => {
          const reply: unknown = await client.call(command, ...args)
          // The caller of a command knows the type of its reply.
          return reply as A
        },
        catch: (cause) => new Redis.RedisError({ cause })
      })
    // Only commands are sent. Reserved connections and subscriptions are not used.
    const unused = Effect.fail(new Redis.RedisError({ cause: new Cause.NoSuchElementError() }))
    const redis = yield* Redis.make({ send, connect: unused, subscribe: () => unused })
    const store = yield* Effect.provideService(RateLimiter.makeStoreRedis({ prefix }), Redis.Redis, redis)
    return {
      add: (key, by, limit, millis) =>
        Effect.map(
          store.fixedWindow({ key, tokens: by, limit, refillRate: Duration.millis(millis) }),
          ([sum, ttl]) => readingOf(sum, ttl, by, limit, millis)
        )
    }
  })
