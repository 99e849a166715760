import type * as Scope from "effect/Scope"

export * from "effect/Scope"
export { provide as extend } from "effect/Scope"
export type CloseableScope = Scope.Closeable
