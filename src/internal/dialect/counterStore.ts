/**
 * The part of the dialect for a count in Redis, which is the store of the ecosystem's rate limiter. Only the entry for Redis
 * loads it.
 */
import * as RedisStore from "@effect/experimental/RateLimiter/Redis"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { RedisOptions } from "ioredis"

/** The options of a connection to Redis. */
export type RedisConnection = RedisOptions

/** A count in Redis. Its errors are those of the client, and may contain the address of the server. */
export interface RedisCounter {
  readonly add: (
    key: string,
    by: number,
    limit: number,
    millis: number
  ) => Effect.Effect<{ readonly sum: number; readonly age: number }, unknown>
}

/** How long closing the connection may take, in milliseconds. */
const closeTimeout = 2_000

/** `ioredis` prints each connection that fails to the console, so the attempts soon become rare. */
const defaultRetryDelay = (times: number): number => Math.min(1_000 * 2 ** Math.min(times - 1, 5), 30_000)

/** Connects to Redis in the background, so that it succeeds even if the server is away. */
export const redisCounter = (
  { disconnectTimeout, tls, ...rest }: RedisConnection,
  prefix: string
): Effect.Effect<RedisCounter, never, Scope.Scope> =>
  Effect.gen(function* () {
    let isClosing = false
    const retryDelay = rest.retryStrategy ?? defaultRetryDelay
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => {
      isClosing = true
      // Without a connection the command to quit fails, which is no defect of this program.
      const close = Effect.catchAllCause(Scope.close(scope, Exit.void), () => Effect.void)
      return Effect.ignore(Effect.timeout(Effect.disconnect(Effect.interruptible(close)), closeTimeout))
    })
    const store = yield* Scope.extend(
      RedisStore.make({
        // Commands fail while the server is away, instead of waiting for it.
        maxRetriesPerRequest: 1,
        connectTimeout: 2_000,
        ...rest,
        ...(disconnectTimeout === undefined ? {} : { disconnectTimeout }),
        ...(tls === undefined ? {} : { tls }),
        retryStrategy: (times) => (isClosing ? null : retryDelay(times)),
        prefix
      }),
      scope
    )
    return {
      // A key of the store lives for `refillRate` times its count, which tells its age.
      add: (key, by, limit, millis) =>
        Effect.map(
          store.fixedWindow({ key, tokens: by, limit, refillRate: Duration.millis(millis) }),
          ([sum, ttl]) => ({ sum, age: Math.max(0, (sum <= limit ? sum : sum - by) * millis - ttl) })
        )
    }
  })
