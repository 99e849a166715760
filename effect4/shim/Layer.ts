import * as ConfigProvider from "effect/ConfigProvider"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Tracer from "effect/Tracer"

export * from "effect/Layer"
export { effect as scoped, unwrap as unwrapEffect, unwrap as unwrapScoped } from "effect/Layer"
export const setConfigProvider = (provider: ConfigProvider.ConfigProvider): Layer.Layer<never> =>
  ConfigProvider.layer(provider)
export const setTracer = (tracer: Tracer.Tracer): Layer.Layer<never> => Layer.succeed(Tracer.Tracer, tracer)
export const map = <A, E, R, B>(
  self: Layer.Layer<A, E, R>,
  f: (context: Context.Context<A>) => Context.Context<B>
): Layer.Layer<B, E, R> => Layer.effectContext(Effect.map(Layer.build(self), f))
