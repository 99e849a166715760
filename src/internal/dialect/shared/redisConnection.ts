/**
 * The connection to Redis of the shared rate limits.
 */
import type * as Effect from "effect/Effect"
import type { RedisOptions } from "ioredis"

/** The options of a connection to Redis. */
export type RedisConnection = RedisOptions

/** The options as the clients of both versions take them, without keys that are `undefined`. */
type ClientOptions = Omit<RedisOptions, "disconnectTimeout" | "tls"> & {
  disconnectTimeout?: number
  tls?: NonNullable<RedisOptions["tls"]>
}

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
export const closeTimeout = 2_000

/** `ioredis` prints each connection that fails to the console, so the attempts soon become rare. */
const defaultRetryDelay = (times: number): number => Math.min(1_000 * 2 ** Math.min(times - 1, 5), 30_000)

/** The options of the client. It connects again after a failure, unless `isClosing` returns `true`. */
export const settingsOf = (
  { disconnectTimeout, retryStrategy, tls, ...rest }: RedisConnection,
  isClosing: () => boolean
): ClientOptions => {
  const retryDelay = retryStrategy ?? defaultRetryDelay
  return {
    // Commands fail while the server is away, instead of waiting for it.
    maxRetriesPerRequest: 1,
    connectTimeout: 2_000,
    ...rest,
    ...(disconnectTimeout === undefined ? {} : { disconnectTimeout }),
    ...(tls === undefined ? {} : { tls }),
    retryStrategy: (times: number) => (isClosing() ? null : retryDelay(times))
  }
}

/** A reading of a counter. A key of the store lives for `millis` times its count, which tells its age. */
export const readingOf = (sum: number, ttl: number, by: number, limit: number, millis: number) => ({
  sum,
  age: Math.max(0, (sum <= limit ? sum : sum - by) * millis - ttl)
})
