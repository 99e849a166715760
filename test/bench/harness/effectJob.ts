/**
 * A job of effects. It has a module of its own, so that the processes of other clients do not load Effect.
 */
import * as Effect from "effect/Effect"
import type * as ManagedRuntime from "effect/ManagedRuntime"
import { expectRight, type Job, shares } from "./job.js"

/** A job of calls that are effects. They run in fibers of one program, as in an application. */
export const effectJob = <A, R>(
  runtime: ManagedRuntime.ManagedRuntime<R, unknown>,
  call: Effect.Effect<A, unknown, R>,
  isRight: (result: A) => boolean
): Job => ({
  check: async () => expectRight(await runtime.runPromise(call), isRight),
  run: (calls) =>
    runtime.runPromise(
      Effect.forEach(shares(calls), (share) => Effect.repeatN(call, share - 1), {
        concurrency: "unbounded",
        discard: true
      })
    ),
  close: () => runtime.dispose()
})
