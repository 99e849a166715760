/**
 * Streams and waits that end with a signal or with a timer, whichever comes first.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { catchCause, suspendUntil } from "../core.js"
import { openStream, repeatEffect } from "../stream.js"

/**
 * Emits immediately, and then whenever `signals` has emitted or the given number of milliseconds has passed since the
 * last element was consumed. Signals that arrive in between are merged into one. `signals` runs in the background, and
 * its failure fails the stream.
 */
export const wakeups = <E>(signals: Stream.Stream<unknown, E>, everyMillis: number): Stream.Stream<void, E> =>
  openStream(
    Effect.gen(function* () {
      const pending = yield* Queue.sliding<void>(1)
      const failed = yield* Deferred.make<never, E>()
      const listening = Stream.runForEach(signals, () => Queue.offer(pending, undefined))
      yield* Effect.forkScoped(catchCause(listening, (cause) => Deferred.failCause(failed, cause)))
      const signal = Effect.raceFirst(Deferred.await(failed), Queue.take(pending))
      const next = Number.isFinite(everyMillis)
        ? Effect.asVoid(Effect.timeoutOption(signal, everyMillis))
        : signal
      return Stream.concat(Stream.succeed(undefined), repeatEffect(next))
    })
  )

/** Wakes the fibers that wait. A ring without waiting fibers has no effect. */
export interface Bell {
  readonly ring: () => void
  /** Waits for a ring, for at most the given number of milliseconds. Does not wait if `ready` returns `true`. */
  readonly wait: (ready: () => boolean, millis: number) => Effect.Effect<void>
}

export const makeBell = (): Bell => {
  const waiting = new Set<() => void>()
  return {
    ring: () => {
      for (const wake of [...waiting]) wake()
    },
    wait: (ready, millis) => {
      const rung = suspendUntil((resume) => {
        const wake = () => {
          waiting.delete(wake)
          resume()
        }
        if (ready()) wake()
        else waiting.add(wake)
        return () => {
          waiting.delete(wake)
        }
      })
      return Number.isFinite(millis) ? Effect.asVoid(Effect.timeoutOption(rung, millis)) : rung
    }
  }
}
