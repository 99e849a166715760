import * as Context from "effect/Context"

export * from "effect/Context"
export const Tag =
  <const Id extends string>(id: Id) =>
  <Self, Shape>(): Context.ServiceClass<Self, Id, Shape> =>
    Context.Service<Self, Shape>()(id)
