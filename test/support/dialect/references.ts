/** Values that a fiber carries, and what the platform's client reads from its fiber. */
import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"

/** A reference of an application. */
export class Tenant extends Context.Reference<Tenant>()("test/Tenant", { defaultValue: () => "nobody" }) {}

const tenant = FiberRef.unsafeMake("nobody")

/** Another value of the fiber, which a running effect can change. */
export const variable = {
  get: FiberRef.get(tenant),
  set: (value: string): Effect.Effect<void> => FiberRef.set(tenant, value),
  locally: (value: string) => Effect.locally(tenant, value)
}

/** The annotations of log entries. */
export const annotation = {
  get: (name: string): Effect.Effect<unknown> =>
    Effect.map(FiberRef.get(FiberRef.currentLogAnnotations), (all) =>
      Option.getOrUndefined(HashMap.get(all, name))
    ),
  set: (name: string, value: string): Effect.Effect<void> =>
    FiberRef.update(FiberRef.currentLogAnnotations, HashMap.set<string, unknown>(name, value))
}

/** What the platform's client reads from its fiber. */
export const clientSettings = Effect.all({
  redacted: FiberRef.get(Headers.currentRedactedNames),
  spanDisabled: FiberRef.get(HttpClient.currentTracerDisabledWhen)
})
