/**
 * The control over HTTP, below `/__sandbox`, for clients in any language.
 */
import * as Effect from "effect/Effect"
import { catchAll } from "../../internal/dialect/core.js"
import type { IncomingRequest, LocalResponse } from "../../internal/dialect/shared/localClient.js"
import { ApiFailure, failureResponse } from "../exchange.js"
import { bodyResponse, readRequest } from "../http/requestBody.js"
import type { InstanceRef } from "../instance.js"
import { oauthRoutes } from "../oauth/controlRoutes.js"
import { makeIds } from "../state/ids.js"
import { type ControlRoute, controlMatcher, controlPrefix, isControl } from "./dispatch.js"
import { eventRoutes } from "./eventRoutes.js"
import { faultRoutes } from "./faultRoutes.js"
import { inspectionRoutes } from "./inspection/inspection.js"
import { listRoutes } from "./lists.js"
import { mailRoutes } from "./mailRoutes.js"
import type { SandboxControl } from "./model.js"
import { steerRoutes } from "./steerRoutes.js"
import { waitRoutes } from "./waitRoutes.js"

const routes: ReadonlyArray<ControlRoute> = [
  ...steerRoutes,
  ...mailRoutes,
  ...waitRoutes,
  ...listRoutes,
  ...faultRoutes,
  ...eventRoutes,
  ...inspectionRoutes,
  ...oauthRoutes
]

const match = controlMatcher(routes)

/** Handles a request to the control. Returns `undefined` for any other request. */
export const controlOverHttp = (sandbox: InstanceRef, control: SandboxControl) => {
  // Ids of their own, so that a request to the control does not change the ids of the API.
  const makeId = makeIds(0xc0de)
  return (request: IncomingRequest): Effect.Effect<LocalResponse> | undefined =>
    isControl(request.url)
      ? Effect.suspend(() => {
          const requestId = makeId("ctl")
          return Effect.map(respond(sandbox, control, request, requestId), (response) => ({
            ...response,
            headers: { "x-request-id": requestId, ...response.headers }
          }))
        })
      : undefined
}

const respond = (
  sandbox: InstanceRef,
  control: SandboxControl,
  incoming: IncomingRequest,
  requestId: string
): Effect.Effect<LocalResponse> =>
  readRequest(sandbox.current.world, incoming).pipe(
    Effect.matchEffect({
      onFailure: (problem) => Effect.succeed(bodyResponse(sandbox.current.world, problem, requestId)),
      onSuccess: (request) => {
        const { method, url } = request
        const matched = match(method, url)
        if (matched === undefined) {
          const path = url.pathname.slice(controlPrefix.length)
          const failure = new ApiFailure("not_found", `The control has no ${method} ${path}`)
          return Effect.succeed(failureResponse(failure, requestId))
        }
        const { params, route } = matched
        return catchAll(
          Effect.suspend(() => route.handle({ sandbox, control, request, params, requestId })),
          (failure) => Effect.succeed(failureResponse(failure, requestId))
        )
      }
    })
  )
