/**
 * The service that makes each event be handled once, however often it is delivered.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Service } from "../../internal/dialect/core.js"
import type { KeyValueStore } from "../../internal/dialect/shared/store.js"
import { keyValueBackend, memoryBackend } from "./backends.js"
import type {
  DedupeBackend,
  DedupeKeyValueOptions,
  DedupeMemoryOptions,
  DedupeStoreService
} from "./model.js"
import { makeOnce } from "./once.js"

/**
 * The store of handled events. The handlers use it to acknowledge a repeated delivery without handling its event
 * again.
 *
 * @example
 * import { DedupeStore } from "effect-sendmux/Webhooks"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const store = yield* DedupeStore
 *   const first = yield* store.once("evt_1", Console.log("handling evt_1"))
 *   const second = yield* store.once("evt_1", Console.log("handling evt_1"))
 *   return [first, second] // ["Handled", "Duplicate"]
 * })
 *
 * Effect.runPromise(Effect.provide(program, DedupeStore.layerMemory({ capacity: 10_000, maxAge: "2 days" })))
 *
 * @since 0.1.0
 * @category services
 */
export class DedupeStore extends Service("effect-sendmux/Webhooks/DedupeStore")<
  DedupeStore,
  DedupeStoreService
>() {
  /**
   * Makes the service over a custom store.
   *
   * @since 0.1.0
   */
  static readonly make = (backend: DedupeBackend): DedupeStoreService => ({
    ...backend,
    once: makeOnce(backend)
  })

  /**
   * Provides the service over a custom store, such as a table with a unique event id or a Redis set with expiry.
   *
   * @since 0.1.0
   */
  static readonly layer = (backend: DedupeBackend): Layer.Layer<DedupeStore> =>
    Layer.sync(DedupeStore, () => DedupeStore.make(backend))

  /**
   * Provides a store in memory, with limits on the number and the age of its events. It is lost when the process ends
   * and is not shared between processes.
   *
   * @since 0.1.0
   */
  static readonly layerMemory = (options: DedupeMemoryOptions = {}): Layer.Layer<DedupeStore> =>
    Layer.sync(DedupeStore, () => DedupeStore.make(memoryBackend(options)))

  /**
   * Provides a store over the platform's `KeyValueStore`, which survives a restart. Two processes that receive the same
   * event at the same moment may both handle it. An expired entry is removed only when its event is looked up again, so
   * also set an expiry in the underlying store if it supports one.
   *
   * @since 0.1.0
   */
  static readonly layerKeyValueStore = (
    options: DedupeKeyValueOptions = {}
  ): Layer.Layer<DedupeStore, never, KeyValueStore> =>
    Layer.effect(DedupeStore, Effect.map(keyValueBackend(options), DedupeStore.make))
}
