/**
 * Work that many fibers need at the same time, and that runs once for all of them.
 */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import { detach, suspendUntil } from "../internal/dialect/core.js"

/** Work that is running, or has ended. */
interface Flight<out A, out E> {
  readonly result: Effect.Effect<A, E>
  /** Waits for the end, in whichever way it ends. */
  readonly ended: Effect.Effect<void>
}

export class SingleFlight<A, E> {
  private current: Flight<A, E> | undefined

  /**
   * Runs the work, or joins the work that is running. It runs independently of the fibers that wait for it: an interruption of
   * the first one, or of all of them, does not end it.
   */
  run(work: Effect.Effect<A, E>): Effect.Effect<A, E> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        if (this.current !== undefined) return restore(this.current.result)
        const { complete, flight } = makeFlight<A, E>()
        this.current = flight
        const ending = (exit: Exit.Exit<A, E>) =>
          Effect.sync(() => {
            this.current = undefined
            complete(exit)
          })
        return Effect.andThen(detach(Effect.onExit(work, ending)), restore(flight.result))
      })
    )
  }

  /** Waits until no work is running. */
  readonly idle: Effect.Effect<void> = Effect.suspend(() => this.current?.ended ?? Effect.void)
}

const makeFlight = <A, E>() => {
  const waiting = new Set<() => void>()
  let ended: Exit.Exit<A, E> | undefined
  const untilEnded = suspendUntil((resume) => {
    if (ended !== undefined) resume()
    else waiting.add(resume)
    return () => {
      waiting.delete(resume)
    }
  })
  // The fibers are resumed after the exit is set.
  const result = Effect.andThen(
    untilEnded,
    Effect.suspend((): Effect.Effect<A, E> => ended ?? Effect.interrupt)
  )
  const complete = (exit: Exit.Exit<A, E>): void => {
    ended = exit
    for (const resume of waiting) resume()
    waiting.clear()
  }
  return { flight: { result, ended: untilEnded }, complete }
}
