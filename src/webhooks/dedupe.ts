/**
 * Remembering which events were handled, so that each is handled once however often it comes.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { catchAll, type DurationInput, now, observing, Service, toMillis } from "../internal/dialect/core.js"
import { literals } from "../internal/dialect/schema.js"
import { type KeyValueStore, type StoreError, stringStore } from "../internal/dialect/store.js"

/**
 * The store did not answer. A delivery is then answered with 500, and comes again.
 *
 * @since 0.1.0
 * @category errors
 */
export class DedupeStoreError extends Schema.TaggedError<DedupeStoreError>("effect-sendmux/DedupeStoreError")(
  "DedupeStoreError",
  {
    action: literals("isDone", "markDone"),
    /** What happened, for people. */
    reason: Schema.String
  }
) {
  /** @since 0.1.0 */
  override get message(): string {
    return `The store of handled events failed (${this.action}): ${this.reason}`
  }
}

/**
 * What a store of one's own must do.
 *
 * @since 0.1.0
 * @category models
 */
export interface DedupeBackend {
  /** Whether the event was handled successfully. */
  readonly isDone: (eventId: string) => Effect.Effect<boolean, DedupeStoreError>
  /** Remembers that the event was handled successfully, for longer than the 24 hours for which Sendmux retries. */
  readonly markDone: (eventId: string) => Effect.Effect<void, DedupeStoreError>
}

/**
 * What became of an event: its handler ran now (`Handled`), it was handled before (`Duplicate`), or it was being
 * handled at the same time and that failed (`Failed`).
 *
 * @since 0.1.0
 * @category models
 */
export type OnceResult = "Handled" | "Duplicate" | "Failed"

/**
 * @since 0.1.0
 * @category services
 */
export interface DedupeStoreService extends DedupeBackend {
  /**
   * Runs `handle` unless the event was handled before. An event is done once `handle` succeeded, and only then. While
   * it runs, another delivery of the same event in this process waits for it and takes its result; should it be
   * interrupted, the one that waits runs instead.
   */
  readonly once: <E, R>(
    eventId: string,
    handle: Effect.Effect<unknown, E, R>
  ) => Effect.Effect<OnceResult, E | DedupeStoreError, R>
}

/**
 * For how long an event is remembered, and how many.
 *
 * @since 0.1.0
 * @category options
 */
export interface DedupeMemoryOptions {
  /** How many events are remembered at most; the oldest go first. Default 100,000. */
  readonly capacity?: number | undefined
  /** For how long an event is remembered. Default 7 days. */
  readonly maxAge?: DurationInput | undefined
}

/**
 * @since 0.1.0
 * @category options
 */
export interface DedupeKeyValueOptions {
  /** What the keys begin with. Default `sendmux-webhook-`. */
  readonly prefix?: string | undefined
  /** For how long an event is remembered. Default 7 days. */
  readonly maxAge?: DurationInput | undefined
}

const defaultMaxAge = 7 * 24 * 3_600_000

const maxAgeOf = (input: DurationInput | undefined): number => {
  const millis = input === undefined ? defaultMaxAge : toMillis(input)
  if (millis === undefined) throw new RangeError("DedupeStore: maxAge must be a duration")
  return millis
}

// -----------------------------------------------------------------------------
// once
// -----------------------------------------------------------------------------

type Ending = "success" | "failure" | "interrupt"

const makeOnce = (backend: DedupeBackend): DedupeStoreService["once"] => {
  const running = new Map<string, Promise<Ending>>()

  const follow = <E, R>(eventId: string, handle: Effect.Effect<unknown, E, R>, ending: Ending) =>
    ending === "interrupt"
      ? once(eventId, handle)
      : Effect.succeed<OnceResult>(ending === "success" ? "Duplicate" : "Failed")

  // The check and the registration are one synchronous step, and cannot be interrupted apart.
  const once = <E, R>(
    eventId: string,
    handle: Effect.Effect<unknown, E, R>
  ): Effect.Effect<OnceResult, E | DedupeStoreError, R> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.suspend((): Effect.Effect<OnceResult, E | DedupeStoreError, R> => {
        const other = running.get(eventId)
        if (other !== undefined) {
          return restore(
            Effect.flatMap(
              Effect.promise(() => other),
              (ending) => follow(eventId, handle, ending)
            )
          )
        }
        let end: (ending: Ending) => void = () => {}
        running.set(
          eventId,
          new Promise((resolve) => {
            end = resolve
          })
        )
        const run = Effect.flatMap(
          restore(backend.isDone(eventId)),
          (done): Effect.Effect<OnceResult, E, R> =>
            done
              ? Effect.succeed("Duplicate")
              : Effect.flatMap(restore(handle), () => Effect.as(remember(eventId), "Handled"))
        )
        return observing(run, ({ _tag }) => {
          running.delete(eventId)
          end(_tag === "defect" ? "failure" : _tag)
        })
      })
    )

  /** The event is handled, whether or not that can be written down: a failure here must not have it sent again. */
  const remember = (eventId: string): Effect.Effect<void> =>
    catchAll(backend.markDone(eventId), (error) =>
      Effect.logWarning(`Event ${JSON.stringify(eventId)} was handled, but: ${error.message}`)
    )

  return once
}

// -----------------------------------------------------------------------------
// backends
// -----------------------------------------------------------------------------

const memoryBackend = (options: DedupeMemoryOptions): DedupeBackend => {
  const capacity = options.capacity ?? 100_000
  const maxAge = maxAgeOf(options.maxAge)
  /** In the order of the times, oldest first, since a map keeps the order of insertion. */
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

const keyValueBackend = (
  options: DedupeKeyValueOptions
): Effect.Effect<DedupeBackend, never, KeyValueStore> =>
  Effect.map(stringStore, (store) => {
    const prefix = options.prefix ?? "sendmux-webhook-"
    const maxAge = maxAgeOf(options.maxAge)
    const failing = (action: DedupeStoreError["action"]) => (error: StoreError) =>
      new DedupeStoreError({ action, reason: error.message })
    return {
      isDone: (eventId) =>
        Effect.mapError(
          Effect.flatMap(store.get(prefix + eventId), (doneAt) =>
            doneAt === undefined
              ? Effect.succeed(false)
              : Effect.flatMap(now, (time) =>
                  time - Number(doneAt) < maxAge
                    ? Effect.succeed(true)
                    : Effect.as(store.remove(prefix + eventId), false)
                )
          ),
          failing("isDone")
        ),
      markDone: (eventId) =>
        Effect.mapError(
          Effect.flatMap(now, (time) => store.set(prefix + eventId, String(time))),
          failing("markDone")
        )
    }
  })

// -----------------------------------------------------------------------------
// service
// -----------------------------------------------------------------------------

/**
 * Which events were handled. The handlers ask it, so that an event delivered again is acknowledged and not handled
 * again.
 *
 * @since 0.1.0
 * @category services
 */
export class DedupeStore extends Service("effect-sendmux/Webhooks/DedupeStore")<
  DedupeStore,
  DedupeStoreService
>() {
  /**
   * The service over a store of your own.
   *
   * @since 0.1.0
   */
  static readonly make = (backend: DedupeBackend): DedupeStoreService => ({
    ...backend,
    once: makeOnce(backend)
  })

  /**
   * A store of your own: a table with a unique event id, a Redis set with expiry.
   *
   * @since 0.1.0
   */
  static readonly layer = (backend: DedupeBackend): Layer.Layer<DedupeStore> =>
    Layer.sync(DedupeStore, () => DedupeStore.make(backend))

  /**
   * Remembers in memory, within bounds of number and age. Forgotten when the process ends, and not shared with others.
   *
   * @since 0.1.0
   */
  static readonly layerMemory = (options: DedupeMemoryOptions = {}): Layer.Layer<DedupeStore> =>
    Layer.sync(DedupeStore, () => DedupeStore.make(memoryBackend(options)))

  /**
   * Remembers in the platform's `KeyValueStore`, across restarts. Two processes that are handed the same event at the
   * same moment may both handle it. Old entries are dropped when they are asked for; where the store has an expiry of
   * its own, set that too.
   *
   * @since 0.1.0
   */
  static readonly layerKeyValueStore = (
    options: DedupeKeyValueOptions = {}
  ): Layer.Layer<DedupeStore, never, KeyValueStore> =>
    Layer.effect(
      DedupeStore,
      Effect.map(keyValueBackend(options), (backend) => DedupeStore.make(backend))
    )
}
