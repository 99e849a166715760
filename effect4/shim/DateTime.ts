export * from "effect/DateTime"
export { makeUnsafe as unsafeMake, makeZonedUnsafe as unsafeMakeZoned } from "effect/DateTime"
