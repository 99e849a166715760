/**
 * Checks the arguments of methods that read them before they call an operation, for callers without types.
 */
import * as Effect from "effect/Effect"
import type { InvalidRequestError } from "../internal/model/errors.js"
import { invalidRequest } from "../internal/model/invalidRequest.js"
import { isRecord } from "../internal/values/json.js"

/** Returns the error of a call if one of its arguments is not an object. The keys are the names of the arguments. */
export const notObjects = (
  operation: string,
  values: Readonly<Record<string, unknown>>
): InvalidRequestError | undefined => {
  const issues = Object.entries(values)
    .filter(([, value]) => !isRecord(value))
    .map(([name]) => ({ path: "", message: `${name} must be an object` }))
  return issues.length === 0 ? undefined : invalidRequest(operation, issues)
}

/** Runs an effect whose arguments must be objects. */
export const withObjects = <A, E, R>(
  operation: string,
  values: Readonly<Record<string, unknown>>,
  use: () => Effect.Effect<A, E, R>
): Effect.Effect<A, E | InvalidRequestError, R> =>
  Effect.suspend((): Effect.Effect<A, E | InvalidRequestError, R> => {
    const invalid = notObjects(operation, values)
    return invalid === undefined ? use() : Effect.fail(invalid)
  })
