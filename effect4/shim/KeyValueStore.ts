import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as KeyValueStore from "effect/persistence/KeyValueStore"
import type * as PlatformError from "effect/PlatformError"

export * from "effect/persistence/KeyValueStore"

const inStore = (method: string) => (cause: PlatformError.PlatformError) =>
  new KeyValueStore.KeyValueStoreError({ message: "The store failed", method, cause })

/** A store whose functions fail with a platform error and return options, as in Effect 3. */
export const makeStringOnly = (options: {
  readonly get: (key: string) => Effect.Effect<Option.Option<string>, PlatformError.PlatformError>
  readonly set: (key: string, value: string) => Effect.Effect<void, PlatformError.PlatformError>
  readonly remove: (key: string) => Effect.Effect<void, PlatformError.PlatformError>
  readonly clear?: Effect.Effect<void, PlatformError.PlatformError>
  readonly size?: Effect.Effect<number, PlatformError.PlatformError>
}): KeyValueStore.KeyValueStore =>
  KeyValueStore.makeStringOnly({
    get: (key) => options.get(key).pipe(Effect.map(Option.getOrUndefined), Effect.mapError(inStore("get"))),
    set: (key, value) => Effect.mapError(options.set(key, value), inStore("set")),
    remove: (key) => Effect.mapError(options.remove(key), inStore("remove")),
    keys: Effect.succeed([]),
    clear: Effect.mapError(options.clear ?? Effect.void, inStore("clear")),
    size: Effect.mapError(options.size ?? Effect.succeed(0), inStore("size"))
  })
