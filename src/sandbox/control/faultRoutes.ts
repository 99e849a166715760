/**
 * The faults over HTTP.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { literals, optionalInput, requestDecoder, union } from "../../internal/dialect/schema.js"
import type { ApiFailure } from "../exchange.js"
import type { Fault, FaultKind } from "../state/faults.js"
import { OperationName } from "../state/operationNames.js"
import { type ControlRoute, failWith, okResponse, readJson, wrong } from "./dispatch.js"

const kind = <const Tag extends FaultKind["_tag"], Fields extends Schema.Struct.Fields>(
  tag: Tag,
  fields: Fields
) => Schema.Struct({ _tag: literals(tag), ...fields })

const FaultBody = Schema.Struct({
  operation: optionalInput(OperationName),
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

const readFault = requestDecoder(FaultBody)

/** The number of pending faults that the control accepts over HTTP. */
const maxFaults = 1000

/** Fails if a fault could not be applied. */
const checkFault = ({ kind, probability, times }: Fault): Effect.Effect<void, ApiFailure> => {
  if (times !== undefined && !(Number.isInteger(times) && times > 0)) {
    return wrong("times", "must be a positive integer")
  }
  if (probability !== undefined && !(probability > 0 && probability <= 1)) {
    return wrong("probability", "must be greater than 0 and at most 1")
  }
  if (
    kind._tag === "ErrorResponse" &&
    !(Number.isInteger(kind.status) && kind.status >= 400 && kind.status <= 599)
  ) {
    return wrong("kind.status", "must be an integer from 400 to 599")
  }
  if (kind._tag === "Slow" && !(kind.millis >= 0)) return wrong("kind.millis", "must not be negative")
  return Effect.void
}

export const faultRoutes: ReadonlyArray<ControlRoute> = [
  {
    method: "POST",
    pattern: "/faults",
    handle: ({ control, request, sandbox }) =>
      Effect.gen(function* () {
        const fault = yield* readJson(request, readFault)
        yield* checkFault(fault)
        if (sandbox.current.world.faults.length >= maxFaults) {
          return yield* failWith("limit_exceeded", `At most ${maxFaults} faults can be pending`)
        }
        return okResponse({ id: yield* control.inject(fault) })
      })
  },
  {
    method: "DELETE",
    pattern: "/faults",
    handle: ({ control }) => Effect.map(control.clearFaults, () => okResponse())
  }
]
