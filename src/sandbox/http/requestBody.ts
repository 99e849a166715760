/**
 * Reads the bodies of requests, within the limits of the server.
 */
import * as Effect from "effect/Effect"
import type {
  BodyProblem,
  IncomingRequest,
  LocalRequest,
  LocalResponse
} from "../../internal/dialect/shared/localClient.js"
import { ApiFailure, failureResponse } from "../exchange.js"
import type { World } from "../state/world.js"

/** Reads the body of a request. */
export const readRequest = (
  { server }: World,
  { headers, method, readBody, url }: IncomingRequest
): Effect.Effect<LocalRequest, BodyProblem> =>
  readBody({ maxBytes: server.maxBodyBytes, timeoutMillis: server.bodyTimeoutMillis }).pipe(
    Effect.map((body) => ({ method, url, headers, body }))
  )

/** The response to a request whose body was not read. */
export const bodyResponse = ({ server }: World, problem: BodyProblem, requestId: string): LocalResponse => {
  switch (problem) {
    case "TooLarge":
      return failureResponse(
        new ApiFailure("payload_too_large", `A request body can have at most ${server.maxBodyBytes} bytes`),
        requestId
      )
    case "Stalled": {
      const response = failureResponse(
        new ApiFailure(
          "request_timeout",
          `No part of the request body arrived for ${server.bodyTimeoutMillis} milliseconds`
        ),
        requestId
      )
      // The rest of the body may never arrive, so the connection cannot be used again.
      return { ...response, headers: { ...response.headers, connection: "close" } }
    }
    case "Unreadable":
      return failureResponse(
        new ApiFailure("invalid_parameter", "The request body ended before it was complete"),
        requestId
      )
  }
}
