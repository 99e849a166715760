/**
 * The faults over HTTP.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { literals, optionalInput, requestDecoder, union } from "../../internal/dialect/schema.js"
import type { ApiFailure } from "../exchange.js"
import { fieldError } from "../http/routes.js"
import { type Fault, type FaultKind, faultProblem } from "../state/faults.js"
import { isOperationName } from "../state/operationNames.js"
import { type ControlRoute, failWith, invalid, okResponse, readJson, succeedWith, wrong } from "./dispatch.js"

const kind = <const Tag extends FaultKind["_tag"], Fields extends Schema.Struct.Fields>(
  tag: Tag,
  fields: Fields
) => Schema.Struct({ _tag: literals(tag), ...fields })

const FaultBody = Schema.Struct({
  operation: optionalInput(Schema.String),
  times: optionalInput(Schema.Number),
  probability: optionalInput(Schema.Number),
  kind: union(
    kind("RateLimited", { retryAfter: optionalInput(Schema.Number) }),
    kind("ErrorResponse", {
      status: Schema.Number,
      code: optionalInput(Schema.String),
      retryable: optionalInput(Schema.Boolean),
      retryAfter: optionalInput(Schema.Number)
    }),
    kind("BadGateway", {}),
    kind("ConnectionLost", {}),
    kind("ResponseLost", {}),
    kind("ResponseTruncated", {}),
    kind("Slow", { millis: Schema.Number })
  )
})

type FaultBody = typeof FaultBody.Type

const decodeFault = requestDecoder(FaultBody)

/** The number of pending faults that the control accepts over HTTP. */
const maxFaults = 1000

/** A fault that could apply. The name of its operation is checked here, because a schema would list all names. */
const checkedFault = (body: FaultBody): Effect.Effect<Fault, ApiFailure> => {
  const { operation, ...fault } = body
  const problem = faultProblem(body)
  if (problem !== undefined) return wrong(problem.field, problem.message)
  return Effect.succeed(
    operation !== undefined && isOperationName(operation) ? { ...fault, operation } : fault
  )
}

/** Reads a fault from the JSON of a file. */
export const readFault = (input: unknown): Effect.Effect<Fault, ApiFailure> =>
  Effect.suspend(() => {
    const coded = decodeFault(input)
    return coded.ok ? checkedFault(coded.value) : invalid(coded.issues.map(fieldError))
  })

export const faultRoutes: ReadonlyArray<ControlRoute> = [
  {
    method: "POST",
    pattern: "/faults",
    handle: ({ control, request, sandbox }) =>
      Effect.gen(function* () {
        const fault = yield* checkedFault(yield* readJson(request, decodeFault))
        if (sandbox.current.world.faults.length >= maxFaults) {
          return yield* failWith("limit_exceeded", `At most ${maxFaults} faults can be pending`)
        }
        return okResponse({ id: yield* control.inject(fault) })
      })
  },
  {
    method: "GET",
    pattern: "/faults",
    handle: ({ control }) =>
      Effect.gen(function* () {
        return okResponse({ faults: yield* control.faults, unused: yield* control.unusedFaults })
      })
  },
  {
    method: "DELETE",
    pattern: "/faults",
    handle: ({ control }) =>
      Effect.gen(function* () {
        const unused = yield* control.unusedFaults
        yield* control.clearFaults
        return okResponse({ unused })
      })
  },
  {
    method: "DELETE",
    pattern: "/faults/{id}",
    handle: ({ control, params: [id = ""] }) =>
      Effect.flatMap(control.removeFault(id), (removed) =>
        removed ? succeedWith() : failWith("not_found", `There is no pending fault ${id}`)
      )
  }
]
