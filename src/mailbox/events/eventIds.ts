/**
 * Stores for the id of the last handled event, from which a restarted program resumes.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { type KeyValueStore, type StoreError, stringStore } from "../../internal/dialect/shared/store.js"

export type {
  /**
   * A store of strings by key: the `KeyValueStore` of `@effect/platform`.
   *
   * @since 0.1.0
   * @category models
   */
  KeyValueStore,
  /**
   * The `KeyValueStore` failed to read or to write.
   *
   * @since 0.1.0
   * @category errors
   */
  StoreError
} from "../../internal/dialect/shared/store.js"

/**
 * Stores the id of the last handled event.
 *
 * The stream saves the id of an event when the consumer asks for the next event. An event whose handling is interrupted
 * is therefore delivered again after a restart: each event is handled at least once.
 *
 * Use one store for each combination of mailbox and consumer. If an effect of the store fails, the stream fails with the
 * same error.
 *
 * @since 0.1.0
 * @category models
 */
export interface EventIdStore<out E = never> {
  /** Returns the saved id, or `undefined` if there is none. Runs once, when the stream starts. */
  readonly load: Effect.Effect<string | undefined, E>
  /** Saves an id. `undefined` removes the saved id, because the server can no longer resume after it. */
  readonly save: (id: string | undefined) => Effect.Effect<void, E>
}

/**
 * Makes a store that keeps the id in memory. `initial` is the id that it contains at first.
 *
 * @since 0.1.0
 * @category constructors
 */
export const eventIdsInMemory = (initial?: string): EventIdStore => {
  let saved = initial
  return {
    load: Effect.sync(() => saved),
    save: (id) =>
      Effect.sync(() => {
        saved = id
      })
  }
}

/**
 * Makes a store that keeps the id in the program's `KeyValueStore` under the given key. The layer of the
 * `KeyValueStore` decides where that is, for example in files or in the storage of a browser.
 *
 * @example
 * import { eventIdsInKeyValueStore, Mailbox } from "effect-sendmux/Mailbox"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * export const listen = Effect.gen(function* () {
 *   const mailbox = yield* Mailbox
 *   const store = yield* eventIdsInKeyValueStore("support-inbox")
 *   yield* Stream.runForEach(mailbox.events.stream({}, { store }), (event) => Effect.log(event._tag))
 * })
 *
 * @since 0.1.0
 * @category constructors
 */
export const eventIdsInKeyValueStore = (
  key: string
): Effect.Effect<EventIdStore<StoreError>, never, KeyValueStore> =>
  Effect.map(stringStore, (store) => ({
    load: store.get(key),
    save: (id) => (id === undefined ? store.remove(key) : store.set(key, id))
  }))
