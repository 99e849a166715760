/**
 * The part of the dialect for the errors of the platform's files and key-value stores.
 */
import type * as Effect from "effect/Effect"
import type * as KeyValueStore from "effect/persistence/KeyValueStore"
import * as PlatformErrors from "effect/PlatformError"

export type PlatformError = PlatformErrors.PlatformError

/** The failure of a key-value store. */
export type KeyValueFailure = KeyValueStore.KeyValueStoreError

/** The platform's name for a failure, such as `PermissionDenied`. */
export const reasonOf = (error: PlatformError): string => error.reason._tag

/** The platform's name for the failure of a key-value store. */
export const reasonOfStore = (error: KeyValueFailure): string =>
  PlatformErrors.isPlatformError(error.cause) ? reasonOf(error.cause) : "Unknown"

/** Reads a value of a key-value store. */
export const valueIn = (
  store: KeyValueStore.KeyValueStore,
  key: string
): Effect.Effect<string | undefined, KeyValueFailure> => store.get(key)
