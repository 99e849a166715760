import * as Clock from "effect/Clock"
import * as ConfigProvider from "effect/ConfigProvider"
import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Random from "effect/Random"
import type { Either } from "./Either.js"

export * from "effect/Effect"
export {
  andThen as zipRight,
  callback as async,
  catch as catchAll,
  forkChild as fork,
  forkDetach as forkDaemon,
  tapCause as tapErrorCause
} from "effect/Effect"

export const clock: Effect.Effect<Clock.Clock> = Effect.clockWith(Effect.succeed)

export const dieMessage = (message: string): Effect.Effect<never> => Effect.die(new Error(message))

export const either = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<Either<A, E>, never, R> =>
  Effect.match(self, {
    onFailure: (left): Either<A, E> => ({ _tag: "Left", left }),
    onSuccess: (right): Either<A, E> => ({ _tag: "Right", right })
  })

export const zipLeft = <A, E, R, B, E2, R2>(
  self: Effect.Effect<A, E, R>,
  that: Effect.Effect<B, E2, R2>
): Effect.Effect<A, E | E2, R | R2> => Effect.tap(self, that)

const yieldOnce = (): Effect.Effect<void> => Effect.yieldNow
export { yieldOnce as yieldNow }

/** Both forms of a function that provides a service. */
interface Providing<in I, in S> {
  (value: S): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, Exclude<R, I>>
  <A, E, R>(self: Effect.Effect<A, E, R>, value: S): Effect.Effect<A, E, Exclude<R, I>>
}

const providing = <I, S>(service: Context.Key<I, S>): Providing<I, S> =>
  dual(2, <A, E, R>(self: Effect.Effect<A, E, R>, value: S) => Effect.provideService(self, service, value))

export const withClock = providing(Clock.Clock)

export const withRandom = providing(Random.Random)

export const withConfigProvider = providing(ConfigProvider.ConfigProvider)

export const repeatN =
  (times: number) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.repeat(self, { times })

export const timeoutFail =
  <E2>(options: { readonly duration: Duration.Input; readonly onTimeout: () => E2 }) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | E2, R> =>
    Effect.timeoutOrElse(self, {
      duration: options.duration,
      orElse: () => Effect.fail(options.onTimeout())
    })
