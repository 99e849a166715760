/**
 * The operations that the sandbox has, and the search for the one of a request.
 */
import { isOperation, type OperationFacts } from "../../src/internal/operation/operation.js"
import { RealtimeEvent } from "../../src/mailbox/events/schemas.js"
import * as Mailbox from "../../src/Mailbox.js"
import { messageOperations } from "../../src/mailbox/messages/operations.js"
import * as Management from "../../src/Management.js"
import { type Host, matcher } from "../../src/sandbox/http/routes.js"
import * as Sending from "../../src/Sending.js"
import { type Shape, shapeOf, unknownShape } from "./shape.js"

const operationsOf = (surface: object): ReadonlyArray<OperationFacts> =>
  Object.entries(surface)
    .filter(([name]) => name.endsWith("Operations"))
    .flatMap(([, operations]) => Object.values(Object(operations)).filter(isOperation))

/** Every operation of the API. Some have a second definition for another kind of call, which is left out. */
export const operations: ReadonlyArray<OperationFacts> = [
  ...new Map(
    [Sending, Management, Mailbox, { messageOperations }]
      .flatMap(operationsOf)
      .reverse()
      .map((operation) => [operation.name, operation] as const)
  ).values()
]

const never = (): never => {
  throw new Error("the comparison does not run the routes")
}

const match = matcher(operations.map((operation) => ({ operation, run: never })))

/** Finds the operation of a request. The path is below the base URL of its host. */
export const findOperation = (host: Host, method: string, path: string): OperationFacts | undefined =>
  match(host, method, path)?.route.operation

/** The shape of the input of an operation. */
export const inputShape = (operation: OperationFacts | undefined): Shape =>
  operation?.input === undefined ? unknownShape : shapeOf(operation.input.ast)

/** The shape of the data of an operation: for a list that of the list, and for a stream that of an event. */
export const dataShape = (operation: OperationFacts | undefined): Shape => {
  if (operation?.response === "events") return shapeOf(RealtimeEvent.ast)
  return operation?.data === undefined ? unknownShape : shapeOf(operation.data.ast)
}
