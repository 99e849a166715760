/**
 * The part of the dialect for the errors of the platform's files and key-value stores.
 */
import type * as PlatformErrors from "@effect/platform/Error"
import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

export type PlatformError = PlatformErrors.PlatformError

/** The failure of a key-value store. */
export type KeyValueFailure = PlatformErrors.PlatformError

/** The platform's name for a failure, such as `PermissionDenied`. */
export const reasonOf = (error: PlatformError): string =>
  error._tag === "SystemError" ? error.reason : error._tag

/** The platform's name for the failure of a key-value store. */
export const reasonOfStore: (error: KeyValueFailure) => string = reasonOf

/** Reads a value of a key-value store. */
export const valueIn = (
  store: KeyValueStore.KeyValueStore,
  key: string
): Effect.Effect<string | undefined, KeyValueFailure> => Effect.map(store.get(key), Option.getOrUndefined)
