/**
 * Where the id of the last event is kept, so that a program that starts again goes on where it was.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { type KeyValueStore, type StoreError, stringStore } from "../../internal/dialect/store.js"

export type {
  /**
   * A place for strings by key: `@effect/platform`'s `KeyValueStore`.
   *
   * @since 0.1.0
   * @category models
   */
  KeyValueStore,
  /**
   * The store did not answer.
   *
   * @since 0.1.0
   * @category errors
   */
  StoreError
} from "../../internal/dialect/store.js"

/**
 * Keeps one id. An event's id is saved once the consumer has come back for the next event, so that an event whose
 * handling was cut short comes again: each at least once, across restarts.
 *
 * Keep one store for one mailbox and one consumer. Where an effect of the store fails, the stream fails with it.
 *
 * @since 0.1.0
 * @category models
 */
export interface EventIdStore<out E = never> {
  /** The id that was saved last, `undefined` without one. Read when the stream starts. */
  readonly load: Effect.Effect<string | undefined, E>
  /** Saves an id; `undefined` says that the one kept is worth nothing any more. */
  readonly save: (id: string | undefined) => Effect.Effect<void, E>
}

/**
 * Keeps the id in memory, for as long as the value lives.
 *
 * @since 0.1.0
 * @category constructors
 */
export const eventIdsInMemory = (initial?: string): EventIdStore => {
  let kept = initial
  return {
    load: Effect.sync(() => kept),
    save: (id) =>
      Effect.sync(() => {
        kept = id
      })
  }
}

/**
 * Keeps the id in the program's `KeyValueStore`, under a key of its own: files, a browser's storage or whatever the
 * layer says.
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
