import * as Clock from "effect/Clock"
import * as Context from "effect/Context"

export * from "effect/Clock"

/** The live clock. */
export const make = (): Clock.Clock => Context.get(Context.empty(), Clock.Clock)
