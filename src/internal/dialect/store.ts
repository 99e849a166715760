/**
 * The dialect's part for key-value stores: the platform's service of strings by key, with its errors made plain.
 */
import type * as PlatformErrors from "@effect/platform/Error"
import * as Platform from "@effect/platform/KeyValueStore"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { literals } from "./schema.js"

/** The platform's store, as a service. */
export type KeyValueStore = Platform.KeyValueStore

export const KeyValueStore: typeof Platform.KeyValueStore = Platform.KeyValueStore

/** The store did not answer. Holds neither key nor value nor cause, so that no secret can travel in it. */
export class StoreError extends Schema.TaggedError<StoreError>("effect-sendmux/StoreError")("StoreError", {
  action: literals("get", "set", "remove"),
  /** The platform's word for it, such as `PermissionDenied`. */
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

const plainly =
  (action: StoreError["action"]) =>
  (error: PlatformErrors.PlatformError): StoreError =>
    new StoreError({ action, reason: error._tag === "SystemError" ? error.reason : error._tag })

/** The platform's store as a store of strings. */
export const stringStore: Effect.Effect<StringStore, never, KeyValueStore> = Effect.map(
  KeyValueStore,
  (store) => ({
    get: (key) =>
      Effect.map(Effect.mapError(store.get(key), plainly("get")), (found) =>
        found._tag === "Some" ? found.value : undefined
      ),
    set: (key, value) => Effect.mapError(store.set(key, value), plainly("set")),
    remove: (key) => Effect.mapError(store.remove(key), plainly("remove"))
  })
)
