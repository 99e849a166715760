/** What exits and fibers hold, in Effect 4. */
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"

/** The typed failure that is all of an exit's cause, or `undefined` for any other exit. */
export const failureIn = <A, E>(exit: Exit.Exit<A, E>): E | undefined => {
  if (exit._tag === "Success") return undefined
  const [first, ...more] = exit.cause.reasons
  return first?._tag === "Fail" && more.length === 0 ? first.error : undefined
}

/** The first defect of an exit. */
export const defectIn = <A, E>(exit: Exit.Exit<A, E>): unknown => {
  if (exit._tag === "Success") return undefined
  const die = exit.cause.reasons.find((reason) => reason._tag === "Die")
  return die?._tag === "Die" ? die.defect : undefined
}

/** Whether a fiber has ended. */
export const hasEnded = <A, E>(fiber: Fiber.Fiber<A, E>): boolean => fiber.pollUnsafe() !== undefined

/** An exit that failed with an error that matches these properties, for `toMatchObject`. */
export const failedWith = (error: object): object => ({
  _tag: "Failure",
  cause: { reasons: [{ _tag: "Fail", error }] }
})

/** The tag of the error with which Schema rejects a value. */
export const schemaErrorTag = "SchemaError"
