/**
 * The part of the dialect for a count in Redis, which is the store of the ecosystem's rate limiter. Only the entry for Redis
 * loads it.
 */
import * as RedisStore from "@effect/experimental/RateLimiter/Redis"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
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
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => {
      isClosing = true
      // Without a connection the command to quit fails, which is no defect of this program.
      const close = Effect.catchAllCause(Scope.close(scope, Exit.void), () => Effect.void)
      return Effect.ignore(Effect.timeout(Effect.disconnect(Effect.interruptible(close)), closeTimeout))
    })
    const store = yield* Scope.extend(
      RedisStore.make({ ...settingsOf(connection, () => isClosing), prefix }),
      scope
    )
    return {
      add: (key, by, limit, millis) =>
        Effect.map(
          store.fixedWindow({ key, tokens: by, limit, refillRate: Duration.millis(millis) }),
          ([sum, ttl]) => readingOf(sum, ttl, by, limit, millis)
        )
    }
  })
