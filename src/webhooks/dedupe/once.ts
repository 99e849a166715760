/**
 * Runs the handler of an event once, across concurrent deliveries in one process.
 */
import * as Effect from "effect/Effect"
import { catchCause } from "../../internal/dialect/core.js"
import { type Ending, endingOf, onExitSync } from "../../internal/dialect/fiber.js"
import type { DedupeBackend, DedupeStoreError, DedupeStoreService, OnceResult } from "./model.js"

/** Makes the `once` of a store. */
export const makeOnce = (backend: DedupeBackend): DedupeStoreService["once"] => {
  const running = new Map<string, Promise<Ending>>()

  /** A failed write must not fail the call: the event was handled, and Sendmux must not send it again. */
  const remember = (eventId: string): Effect.Effect<void> =>
    catchCause(backend.markDone(eventId), (cause) =>
      Effect.logWarning(`Event ${JSON.stringify(eventId)} was handled but not recorded`, cause)
    )

  const join = <E, R>(
    eventId: string,
    handle: Effect.Effect<unknown, E, R>,
    other: Promise<Ending>
  ): Effect.Effect<OnceResult, E | DedupeStoreError, R> =>
    Effect.gen(function* () {
      const outcome = yield* Effect.promise(() => other)
      if (outcome === "interrupt") return yield* once(eventId, handle)
      return outcome === "success" ? "Duplicate" : "Failed"
    })

  /** Runs `handle` and registers it until it ends. Call it without a yield after reading `running`. */
  const run = <E, R>(
    eventId: string,
    handle: Effect.Effect<unknown, E, R>,
    restore: <A2, E2, R2>(self: Effect.Effect<A2, E2, R2>) => Effect.Effect<A2, E2, R2>
  ): Effect.Effect<OnceResult, E | DedupeStoreError, R> => {
    let settle: (outcome: Ending) => void = () => {}
    running.set(
      eventId,
      new Promise((resolve) => {
        settle = resolve
      })
    )
    const handled = Effect.gen(function* () {
      if (yield* restore(backend.isDone(eventId))) return "Duplicate"
      yield* restore(handle)
      yield* remember(eventId)
      return "Handled"
    })
    return onExitSync(handled, (exit) => {
      running.delete(eventId)
      settle(endingOf(exit))
    })
  }

  // The lookup and the registration happen in one synchronous step, and the mask keeps an interruption from leaving
  // a registration behind that nobody settles.
  const once = <E, R>(
    eventId: string,
    handle: Effect.Effect<unknown, E, R>
  ): Effect.Effect<OnceResult, E | DedupeStoreError, R> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        const other = running.get(eventId)
        return other === undefined ? run(eventId, handle, restore) : restore(join(eventId, handle, other))
      })
    )

  return once
}
