/** What exits and fibers hold. */
import * as Cause from "effect/Cause"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"

/** The typed failure that is all of an exit's cause, or `undefined` for any other exit. */
export const failureIn = <A, E>(exit: Exit.Exit<A, E>): E | undefined =>
  exit._tag === "Failure" && exit.cause._tag === "Fail" ? exit.cause.error : undefined

/** The first defect of an exit. */
export const defectIn = <A, E>(exit: Exit.Exit<A, E>): unknown =>
  exit._tag === "Failure" ? [...Cause.defects(exit.cause)][0] : undefined

/** Whether a fiber has ended. */
export const hasEnded = <A, E>(fiber: Fiber.RuntimeFiber<A, E>): boolean => fiber.unsafePoll() !== null

/** An exit that failed with an error that matches these properties, for `toMatchObject`. */
export const failedWith = (error: object): object => ({ _tag: "Failure", cause: { _tag: "Fail", error } })

/** The tag of the error with which Schema rejects a value. */
export const schemaErrorTag = "ParseError"
