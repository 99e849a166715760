/**
 * The handover of the results of an effect from the fiber that runs it to another one.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { async } from "../core.js"

/** Runs an effect again and again in the fiber of `run`, once for each `take` of another fiber. */
export const makeHandover = <A, E, R>(self: Effect.Effect<A, E, R>) => {
  let outcome: Exit.Exit<A, E> | undefined
  let wanted = false
  let start: (() => void) | undefined
  let finish: ((exit: Exit.Exit<A, E>) => void) | undefined
  const request = async<void>((resume) => {
    if (wanted) resume(Effect.void)
    else start = () => resume(Effect.void)
  })
  const run: Effect.Effect<void, never, R> = Effect.flatMap(
    Effect.andThen(request, Effect.exit(self)),
    (exit) => {
      wanted = false
      start = undefined
      if (finish === undefined) outcome = exit
      else finish(exit)
      return Exit.isSuccess(exit) ? run : Effect.void
    }
  )
  /** Waits for the next outcome, for at most the given number of milliseconds. */
  const take = <E2>(millis: number | undefined, onTimeout: () => E2) =>
    async<A, E | E2>((resume) => {
      // The outcome is there already if an earlier `take` was interrupted.
      if (outcome !== undefined) {
        resume(outcome)
        outcome = undefined
        return
      }
      const stop = () => {
        finish = undefined
        clearTimeout(timer)
      }
      const timer =
        millis === undefined
          ? undefined
          : setTimeout(() => {
              stop()
              resume(Effect.fail(onTimeout()))
            }, millis)
      finish = (exit) => {
        stop()
        resume(exit)
      }
      if (!wanted) {
        wanted = true
        start?.()
      }
      return Effect.sync(stop)
    })
  return { run, take }
}
