/**
 * Promises as effects.
 */
import * as Effect from "effect/Effect"
import { Problem } from "./problem.js"

/** Runs a promise whose rejections are problems of the user, or mistakes of the program. */
export const attempt = <A>(promise: Promise<A>): Effect.Effect<A, Problem> =>
  Effect.tryPromise({
    try: () => promise,
    catch: (error) => {
      if (error instanceof Problem) return error
      throw error
    }
  })
