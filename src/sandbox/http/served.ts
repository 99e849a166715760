/**
 * The requests of other programs: which of them the sandbox accepts, and the line that is logged for each.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { now } from "../../internal/dialect/core.js"
import type { CallFacts, LocalResponse } from "../../internal/dialect/shared/localClient.js"
import type { ServedRequest } from "../../internal/dialect/shared/localServer.js"
import { parseJson, stringIn } from "../../internal/values/json.js"
import { isLoopback } from "../../internal/values/loopback.js"
import { isControl } from "../control/dispatch.js"
import { ApiFailure, failureResponse } from "../exchange.js"
import { type MakeId, makeIds } from "../state/ids.js"
import type { World } from "../state/world.js"
import { isPreflight, mayReadApi, mayUseControl, preflightResponse, readableBy } from "./crossOrigin.js"
import type { Server } from "./server.js"

/** The part of the state that a reset does not replace. */
type Limited = Pick<World, "server">

/**
 * Serves the requests of other programs. A web page must not reach the sandbox under a host name of its own, and a page
 * of another origin must not use the control.
 */
export const served = (world: Limited, server: Server) => {
  // Ids of their own, so that a refused request does not change the ids of the API.
  const makeId = makeIds(0xf00d)
  return (request: ServedRequest): Effect.Effect<LocalResponse> =>
    Effect.gen(function* () {
      const at = yield* now
      let facts: CallFacts = {}
      const note = (known: CallFacts) => {
        facts = { ...facts, ...known }
      }
      return yield* respond(world, server, { ...request, note }, makeId).pipe(
        Effect.onExit((exit) =>
          Effect.gen(function* () {
            const line = lineOf(request, facts, exit, (yield* now) - at)
            yield* isRead(request, exit) ? Effect.logTrace(line) : Effect.logDebug(line)
          })
        )
      )
    })
}

const respond = (
  world: Limited,
  server: Server,
  request: ServedRequest,
  makeId: MakeId
): Effect.Effect<LocalResponse> => {
  const { headers, method, note, readBody, url } = request
  const refuse = (failure: ApiFailure): Effect.Effect<LocalResponse> =>
    Effect.sync(() => {
      const requestId = makeId("req")
      const response = failureResponse(failure, requestId)
      return { ...response, headers: { ...response.headers, "x-request-id": requestId } }
    })
  if (url === undefined) {
    return refuse(
      new ApiFailure("invalid_parameter", "The URL or the Host header of the request is malformed")
    )
  }
  if (!isAllowed(world, url)) {
    return refuse(
      new ApiFailure(
        "insufficient_permissions",
        `The sandbox does not accept requests for the host ${url.hostname}. Use a loopback host such as 127.0.0.1, or set allowedHosts`
      )
    )
  }
  const handle = () => server({ method, url, headers, readBody, note })
  const origin = headers["origin"]
  const { allowedOrigins } = world.server
  if (isControl(url)) {
    if (!mayUseControl(request, url, allowedOrigins)) {
      return refuse(
        new ApiFailure(
          "insufficient_permissions",
          origin === undefined
            ? "The control does not accept requests of other sites"
            : `The control does not accept requests of the origin ${shownOrigin(origin)}. Add it to allowedOrigins`
        )
      )
    }
    if (origin === undefined || !allowedOrigins.includes(origin)) return handle()
  }
  if (origin === undefined) return handle()
  if (!mayReadApi(origin, allowedOrigins)) {
    return isPreflight(request)
      ? refuse(
          new ApiFailure(
            "insufficient_permissions",
            `Pages of the origin ${shownOrigin(origin)} cannot use the sandbox. Add it to allowedOrigins`
          )
        )
      : handle()
  }
  return isPreflight(request)
    ? Effect.succeed(preflightResponse(origin, request))
    : Effect.map(handle(), (response) => readableBy(origin, response))
}

/** An origin for a message. The header may contain anything. */
const shownOrigin = (origin: string): string => (URL.canParse(origin) ? new URL(origin).origin : "null")

const isAllowed = ({ server }: Limited, { hostname, href }: URL): boolean =>
  isLoopback(href) || server.allowedHosts.some((host) => host.toLowerCase() === hostname)

/** The path of a request. The query is left out, because it may contain a token. */
const shownTarget = ({ target, url }: ServedRequest): string =>
  (url?.pathname ?? target.split("?")[0] ?? "").replace(/[^\x21-\x7e]/g, "?")

/** Whether a request has read the control without a failure, as a page that shows the sandbox does after each change. */
const isRead = ({ method, url }: ServedRequest, exit: Exit.Exit<LocalResponse>): boolean =>
  url !== undefined &&
  isControl(url) &&
  method === "GET" &&
  !(Exit.isSuccess(exit) && exit.value.status >= 400)

const lineOf = (
  request: ServedRequest,
  { fault, operation }: CallFacts,
  exit: Exit.Exit<LocalResponse>,
  millis: number
): string =>
  [
    request.method,
    shownTarget(request),
    operation,
    Exit.isSuccess(exit) ? outcomeOf(exit.value) : "the client closed the connection",
    `${millis} ms`,
    fault && `(fault: ${fault})`
  ]
    .filter((part) => part !== undefined)
    .join(" ")

const outcomeOf = ({ body, broken, headers, status }: LocalResponse): string => {
  if (broken === "before") return "no response"
  const failure = status >= 400 && typeof body === "string" ? parseJson(body) : undefined
  const error = typeof failure === "object" && failure !== null ? Reflect.get(failure, "error") : undefined
  const parts = [String(status), stringIn(error, "code"), headers["x-request-id"]]
  return parts.filter((part) => part !== undefined).join(" ")
}
