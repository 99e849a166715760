/** Causes as text, in Effect 4, which always includes the causes of errors. */
import * as Cause from "effect/Cause"

/** The text of a cause, with the causes of its errors. */
export const prettyWithCauses = (cause: Cause.Cause<unknown>): string => Cause.pretty(cause)
