/**
 * The part of the dialect for key-value stores: a store of strings with an error of the SDK's own.
 */
import * as Platform from "@effect/platform/KeyValueStore"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type KeyValueFailure, reasonOfStore, valueIn } from "../platform.js"
import { literals, TaggedError } from "../schema.js"

/** The platform's key-value store, which is also the tag of its service. */
export type KeyValueStore = Platform.KeyValueStore

export const KeyValueStore: typeof Platform.KeyValueStore = Platform.KeyValueStore

/** The store failed. The error contains neither key, value nor cause, so that it cannot leak a secret. */
export class StoreError extends TaggedError<StoreError>("effect-sendmux/StoreError")("StoreError", {
  action: literals("get", "set", "remove"),
  /** The platform's name for the failure, such as `PermissionDenied`. */
  reason: Schema.String
}) {
  override get message(): string {
    return `The key-value store failed to ${this.action} a value: ${this.reason}`
  }
}

/** A store of strings. */
export interface StringStore {
  readonly get: (key: string) => Effect.Effect<string | undefined, StoreError>
  readonly set: (key: string, value: string) => Effect.Effect<void, StoreError>
  readonly remove: (key: string) => Effect.Effect<void, StoreError>
}

const toStoreError =
  (action: StoreError["action"]) =>
  (error: KeyValueFailure): StoreError =>
    new StoreError({ action, reason: reasonOfStore(error) })

/** Succeeds with the platform's store as a store of strings. */
export const stringStore: Effect.Effect<StringStore, never, KeyValueStore> = Effect.map(
  KeyValueStore,
  (store) => ({
    get: (key) => Effect.mapError(valueIn(store, key), toStoreError("get")),
    set: (key, value) => Effect.mapError(store.set(key, value), toStoreError("set")),
    remove: (key) => Effect.mapError(store.remove(key), toStoreError("remove"))
  })
)
