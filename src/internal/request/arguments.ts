/**
 * A caller's arguments: positional ids, the input, the options.
 */

import type { InvalidRequestError, RequestIssue } from "../model/errors.js"
import { invalidRequest } from "../model/invalidRequest.js"
import { type OperationFacts, operationName } from "../operation/operation.js"
import { isRecord } from "../values/json.js"

/** A caller's arguments by their place, unchecked. */
export interface Arguments {
  readonly ids: ReadonlyArray<unknown>
  readonly input: unknown
  readonly options: unknown
}

const noIds: ReadonlyArray<unknown> = []

export const splitArguments = (operation: OperationFacts, args: ReadonlyArray<unknown>): Arguments => {
  const count = operation.idCount
  const ids = count === 0 ? noIds : args.slice(0, count)
  return operation.input === undefined
    ? { ids, input: undefined, options: args[count] }
    : { ids, input: args[count], options: args[count + 1] }
}

/** Every option that a call may have, unchecked. Which ones it accepts follows from its operation's flags. */
export interface AnyOptions {
  readonly timeout?: unknown
  readonly maxResponseBytes?: unknown
  readonly headers?: unknown
  readonly idempotencyKey?: unknown
  readonly onConflict?: unknown
  readonly ifMatch?: unknown
  readonly mailbox_id?: unknown
  readonly range?: unknown
  readonly idleTimeout?: unknown
}

const optionNames = ({ flags }: OperationFacts): ReadonlyArray<string> => [
  "timeout",
  "maxResponseBytes",
  "headers",
  ...(flags.idempotencyKey === true ? ["idempotencyKey", "onConflict"] : []),
  ...(flags.ifMatch === true ? ["ifMatch"] : []),
  ...(flags.mailboxId === true ? ["mailbox_id"] : []),
  ...(flags.range === true ? ["range"] : []),
  ...(flags.bytes === true ? ["idleTimeout"] : [])
]

const noOptions: AnyOptions = {}

/** The options of a call, of which the operation accepts each. */
export const checkOptions = (operation: OperationFacts, options: unknown): AnyOptions => {
  if (options === undefined) return noOptions
  if (!isRecord(options)) return refuse("the options must be an object")
  for (const name in options) {
    if (options[name] !== undefined && !optionNames(operation).includes(name)) {
      refuse(
        `option ${name} is not accepted by this call, which accepts ${optionNames(operation).join(", ")}`
      )
    }
  }
  return options
}

// -----------------------------------------------------------------------------
// refusing
// -----------------------------------------------------------------------------

type Problem = string | ReadonlyArray<RequestIssue>

class Refusal {
  constructor(readonly problem: Problem) {}
}

/** Ends the preparation of a request, anywhere below `refusing`. */
export const refuse = (problem: Problem): never => {
  throw new Refusal(problem)
}

/** Prepares a request; a refusal becomes the typed error. */
export const refusing = <A>(operation: OperationFacts, prepare: () => A): A | InvalidRequestError => {
  try {
    return prepare()
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    return invalidRequest(operationName(operation), thrown.problem)
  }
}
