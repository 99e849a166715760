/**
 * Paces requests as `RateLimit` does, with limits that several processes and machines share through Redis.
 *
 * It needs the packages `@effect/experimental` and `ioredis`, which are optional peers, and it runs on Node.
 *
 * @since 0.2.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { backgroundRunner, layerFrom } from "./internal/dialect/core.js"
import { redisCounter } from "./internal/dialect/counterStore.js"
import type { RedisConnection } from "./internal/dialect/shared/redisConnection.js"
import { CurrentLimiter } from "./internal/model/limiter.js"
import { checkedOptions, makeLimiter, type RateLimitOptions } from "./ratelimit/limiter.js"
import { makeSharing } from "./ratelimit/sharing.js"

export type { RateLimitOptions } from "./ratelimit/limiter.js"

/**
 * The options of limits in Redis.
 *
 * @since 0.2.0
 * @category options
 */
export interface RedisRateLimitOptions extends RateLimitOptions {
  /** The connection, as options of `ioredis`. Default: port 6379 of the local machine. */
  readonly redis?: RedisConnection | undefined
  /** The prefix of all keys in Redis. Default: `effect-sendmux:ratelimit:`. */
  readonly prefix?: string | undefined
}

const defaultPrefix = "effect-sendmux:ratelimit:"

/**
 * Shares the limits of API keys through Redis, with the store of the rate limiter in `@effect/experimental`. The requests of
 * each window are counted under a digest of the key, so Redis never holds the key.
 *
 * While Redis cannot be used, each process paces itself by what the server states, and calls do not wait for Redis. That
 * is logged once at `Warning`, and once at `Info` when Redis is back. The layer builds even if Redis cannot be reached.
 *
 * A layer whose `accessToken` is an effect is paced within the process only, because its tokens change.
 *
 * Throws a `RangeError` when an option is out of range.
 *
 * @example
 * import * as RateLimitRedis from "effect-sendmux/RateLimitRedis"
 * import { Sending } from "effect-sendmux/Sending"
 * import * as Layer from "effect/Layer"
 * import * as Redacted from "effect/Redacted"
 *
 * export const paced = Sending.layer({ apiKey: Redacted.make("smx_mbx_sandbox") }).pipe(
 *   Layer.provide(RateLimitRedis.layer({ redis: { host: "127.0.0.1", port: 6379 } }))
 * )
 *
 * @since 0.2.0
 * @category layers
 */
export const layer = (options: RedisRateLimitOptions = {}): Layer.Layer<never> => {
  const settings = checkedOptions("RateLimitRedis.layer", options)
  return layerFrom(
    Effect.gen(function* () {
      const counter = yield* redisCounter(options.redis ?? {}, options.prefix ?? defaultPrefix)
      const run = yield* backgroundRunner
      const sharing = makeSharing({ counter, length: settings.length, run })
      return Layer.succeed(CurrentLimiter, makeLimiter(settings, sharing))
    })
  )
}
