/**
 * The built-in stores of handled events: in memory, and over the platform's `KeyValueStore`.
 */
import * as Effect from "effect/Effect"
import { type DurationInput, now, toMillis } from "../../internal/dialect/core.js"
import { type KeyValueStore, type StoreError, stringStore } from "../../internal/dialect/shared/store.js"
import {
  type DedupeBackend,
  type DedupeKeyValueOptions,
  type DedupeMemoryOptions,
  DedupeStoreError
} from "./model.js"

const defaultMaxAge = 7 * 24 * 3_600_000

const maxAgeOf = (input: DurationInput | undefined): number => {
  const millis = input === undefined ? defaultMaxAge : toMillis(input)
  if (millis === undefined) {
    throw new RangeError(
      'DedupeStore: maxAge is not a duration. Use a number of milliseconds or text such as "7 days"'
    )
  }
  return millis
}

/** A store in memory, with limits on the number and the age of its events. */
export const memoryBackend = (options: DedupeMemoryOptions): DedupeBackend => {
  const capacity = options.capacity ?? 100_000
  const maxAge = maxAgeOf(options.maxAge)
  // A map keeps the order of insertion, so the oldest event is always the first.
  const doneAt = new Map<string, number>()
  const forgetOld = (time: number): void => {
    for (const [eventId, at] of doneAt) {
      if (time - at < maxAge && doneAt.size <= capacity) return
      doneAt.delete(eventId)
    }
  }
  return {
    isDone: (eventId) =>
      Effect.map(now, (time) => {
        forgetOld(time)
        return doneAt.has(eventId)
      }),
    markDone: (eventId) =>
      Effect.map(now, (time) => {
        doneAt.delete(eventId)
        doneAt.set(eventId, time)
        forgetOld(time)
      })
  }
}

const failing = (action: DedupeStoreError["action"]) => (error: StoreError) =>
  new DedupeStoreError({ action, reason: error.message })

/** A store over the platform's `KeyValueStore`. It removes an expired event when the event is looked up. */
export const keyValueBackend = (
  options: DedupeKeyValueOptions
): Effect.Effect<DedupeBackend, never, KeyValueStore> =>
  Effect.gen(function* () {
    const store = yield* stringStore
    const prefix = options.prefix ?? "sendmux-webhook-"
    const maxAge = maxAgeOf(options.maxAge)
    return {
      isDone: (eventId) =>
        Effect.gen(function* () {
          const doneAt = yield* store.get(prefix + eventId)
          if (doneAt === undefined) return false
          if ((yield* now) - Number(doneAt) < maxAge) return true
          yield* store.remove(prefix + eventId)
          return false
        }).pipe(Effect.mapError(failing("isDone"))),
      markDone: (eventId) =>
        now.pipe(
          Effect.flatMap((time) => store.set(prefix + eventId, String(time))),
          Effect.mapError(failing("markDone"))
        )
    }
  })
