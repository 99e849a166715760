/** Values that a fiber carries, and what the platform's client reads from its fiber, in Effect 4. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as References from "effect/References"

/** A reference of an application. */
export const Tenant = Context.Reference<string>("test/Tenant", { defaultValue: () => "nobody" })

const Variable = Context.Reference<string>("test/Variable", { defaultValue: () => "nobody" })

const change = <A>(reference: Context.Reference<A>, to: (value: A) => A): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    fiber.setContext(Context.add(fiber.context, reference, to(fiber.getRef(reference))))
    return Effect.void
  })

/** Another value of the fiber, which a running effect can change. */
export const variable = {
  get: Effect.map(Variable, (value) => value),
  set: (value: string): Effect.Effect<void> => change(Variable, () => value),
  locally: (value: string) => Effect.provideService(Variable, value)
}

/** The annotations of log entries. */
export const annotation = {
  get: (name: string): Effect.Effect<unknown> =>
    Effect.map(References.CurrentLogAnnotations, (all) => all[name]),
  set: (name: string, value: string): Effect.Effect<void> =>
    change(References.CurrentLogAnnotations, (all) => ({ ...all, [name]: value }))
}

/** What the platform's client reads from its fiber. */
export const clientSettings = Effect.all({
  redacted: Headers.CurrentRedactedNames,
  spanDisabled: HttpClient.TracerDisabledWhen
})
