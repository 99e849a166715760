export * from "effect/Exit"
export { hasInterrupts as isInterrupted } from "effect/Exit"
