/**
 * What happens to every request, whichever server handles it: it is recorded and counted, and faults apply to it.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type {
  IncomingRequest,
  LocalRequest,
  LocalResponse
} from "../../internal/dialect/shared/localClient.js"
import { type FaultKind, responseWithFault, takeFault } from "../state/faults.js"
import type { World } from "../state/world.js"
import { bodyResponse, readRequest } from "./requestBody.js"
import { recordRequest } from "./requestLog.js"

interface RequestFacts {
  readonly requestId: string
  /** When the request arrived, in milliseconds since the epoch. */
  readonly at: number
  readonly operation: string | undefined
}

/** The name under which requests without an operation are counted. */
const unknownOperation = "none"

/** Records a request and its response. `changesTeam` tells whether the response means that the team changed. */
export const observed = (
  world: World,
  request: IncomingRequest,
  facts: RequestFacts,
  respond: Effect.Effect<LocalResponse>,
  changesTeam: (response: LocalResponse) => boolean
): Effect.Effect<LocalResponse> =>
  Effect.suspend(() => {
    const { operation = unknownOperation, requestId } = facts
    if (facts.operation !== undefined) request.note?.({ operation: facts.operation })
    const { position, record } = recordRequest(world, request, facts)
    world.feed.publish({ kind: "request", id: requestId, item: record, position })
    const abandoned = Effect.sync(() => {
      record.state = "abandoned"
      world.counters.add(operation, "abandoned")
      world.feed.publish({ kind: "response", id: requestId, item: record, position })
    })
    return respond.pipe(
      Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : abandoned)),
      Effect.map((response) => {
        record.status = response.status
        record.state = "responded"
        world.counters.add(operation, String(response.status))
        if (response.broken !== "before")
          world.exchanges.addResponse(requestId, response.headers, response.body)
        if (changesTeam(response)) world.feed.publish({ kind: "team" })
        world.feed.publish({ kind: "response", id: requestId, item: record, position })
        // A replayed response has the id of the request that it was first sent for.
        return { ...response, headers: { "x-request-id": requestId, ...response.headers } }
      })
    )
  })

interface Handling {
  /** The response of a fault that replaces the call, or `undefined` if the call runs. */
  readonly instead: (fault: FaultKind | undefined) => LocalResponse | undefined
  /** Runs the call. The caller receives the response at `readyAt`. */
  readonly run: (request: LocalRequest, readyAt: number) => Effect.Effect<LocalResponse>
}

/** Reads a request and runs its operation, unless a fault replaces the response. */
export const withFaults = (
  world: World,
  incoming: IncomingRequest,
  { at, operation, requestId }: RequestFacts & { readonly operation: string },
  { instead, run }: Handling
): Effect.Effect<LocalResponse> =>
  Effect.gen(function* () {
    const taken = takeFault(world.faults, operation, world.random)
    if (taken !== undefined) {
      world.faultsApplied++
      world.exchanges.addFault(requestId, { id: taken.id, kind: taken.fault.kind._tag })
      world.feed.publish({ kind: "fault", id: taken.id })
      incoming.note?.({ fault: taken.fault.kind._tag })
    }
    const fault = taken?.fault.kind
    const replaced = instead(fault)
    // A connection breaks before the body arrives. Any other fault responds to a request that was read.
    if (replaced?.broken === "before") return replaced
    const delay = fault?._tag === "Slow" ? fault.millis : 0
    const received = yield* readRequest(world, incoming).pipe(
      Effect.match({
        onFailure: (problem): LocalRequest | LocalResponse => bodyResponse(world, problem, requestId),
        onSuccess: (request): LocalRequest | LocalResponse => request
      })
    )
    if ("status" in received) return replaced ?? received
    world.exchanges.addRequest(requestId, received.headers["content-type"], received.body)
    if (replaced !== undefined) return replaced
    const response = yield* Effect.uninterruptible(run(received, at + delay))
    if (delay > 0) yield* world.clock.sleepUntil(at + delay)
    return responseWithFault(fault, response)
  })
