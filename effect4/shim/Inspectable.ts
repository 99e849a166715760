export * from "effect/Inspectable"
export { format } from "effect/Formatter"
