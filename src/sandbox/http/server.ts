/**
 * Turns a request into the response that the API would send.
 */
import * as Effect from "effect/Effect"
import { catchAll } from "../../internal/dialect/core.js"
import type {
  IncomingRequest,
  LocalRequest,
  LocalResponse
} from "../../internal/dialect/shared/localClient.js"
import { type OperationFacts, operationName } from "../../internal/operation/operation.js"
import { ApiFailure, failureResponse, type Reply, replyResponse } from "../exchange.js"
import { responseInstead } from "../state/faults.js"
import { entityTagOf } from "../state/ids.js"
import type { Actor, World } from "../state/world.js"
import { authenticate, claimKey, countRequest } from "./middleware.js"
import { observed, withFaults } from "./observed.js"
import { failRepeated, matcher, type RawCall, type Route } from "./routes.js"
import { targetOf } from "./target.js"

/** Handles every request that reaches the sandbox. */
export type Server = (request: IncomingRequest) => Effect.Effect<LocalResponse>

/** Serves routes. */
export const serve = (world: World, routes: ReadonlyArray<Route>): Server => {
  const match = matcher(routes)
  return (request) =>
    Effect.gen(function* () {
      const at = yield* world.clock.now
      const requestId = world.id("req")
      const target = targetOf(request.url)
      const matched = target && match(target.host, request.method, target.path)
      const operation = matched && operationName(matched.route.operation)
      const response =
        target === undefined || matched === undefined
          ? Effect.succeed(failureResponse(noOperation(request), requestId))
          : respond(world, request, { ...matched, base: target.base, requestId, at })
      return yield* observed(
        world,
        request,
        { requestId, at, operation },
        response,
        (received) => matched !== undefined && changesTeam(matched.route.operation, received)
      )
    })
}

/** Returns whether a call has changed the team. */
const changesTeam = ({ http, surface }: OperationFacts, { status }: LocalResponse): boolean =>
  surface === "management" && http !== "GET" && status < 300

const noOperation = ({ method, url }: IncomingRequest): ApiFailure =>
  new ApiFailure("not_found", `There is no operation ${method} ${url.pathname}`)

/** A request whose operation was found. */
interface Matched extends Pick<RawCall, "base" | "ids" | "requestId"> {
  readonly route: Route
  readonly at: number
}

/** Runs the operation of a request, unless a fault replaces the response. */
const respond = (
  world: World,
  incoming: IncomingRequest,
  { at, base, ids, requestId, route }: Matched
): Effect.Effect<LocalResponse> =>
  withFaults(
    world,
    incoming,
    { at, requestId, operation: operationName(route.operation) },
    {
      instead: (fault) => {
        const limit = world.rate.limits[route.operation.surface]
        return responseInstead(fault, { requestId, limit, now: at })
      },
      run: (request, readyAt) => runCall(route, { world, request, requestId, now: at, ids, base }, readyAt)
    }
  )

/** Applies the middleware to a call and runs its handler. `readyAt` is when the caller receives the response. */
const runCall = (
  route: Route,
  received: Omit<RawCall, "actor" | "mailboxId">,
  readyAt: number
): Effect.Effect<LocalResponse> => {
  const { now, request, requestId, world } = received
  const { operation } = route

  const limited = (actor: Actor, retryAfter: number | undefined) =>
    Effect.gen(function* () {
      if (retryAfter !== undefined) {
        return yield* Effect.fail(new ApiFailure("rate_limit_exceeded", "Too many requests", { retryAfter }))
      }
      const claim = yield* attempt(() => claimKey(world, operation, actor, request, now))
      if (claim._tag === "Replay") return claim.response
      const mailboxId =
        operation.flags.mailboxId === true ? yield* attempt(() => mailboxIdOf(request)) : undefined
      const response = yield* runHandler(route, { ...received, actor, mailboxId })
      if (claim._tag === "Unkeyed") return response
      if (response.status < 300) {
        claim.keep({ ...response, headers: { ...response.headers, "x-request-id": requestId } }, readyAt)
      } else claim.release()
      return response
    })

  return Effect.gen(function* () {
    const actor = yield* attempt(() => authenticate(world, operation, request, now))
    const rate = countRequest(world, operation, actor, now)
    const response = yield* limited(actor, rate.retryAfter).pipe(respondWithFailure(requestId))
    return { ...response, headers: { ...response.headers, ...rate.headers } }
  }).pipe(respondWithFailure(requestId))
}

const mailboxIdOf = ({ url }: LocalRequest): string | undefined => {
  const [mailboxId, ...others] = url.searchParams.getAll("mailbox_id")
  return others.length > 0 ? failRepeated("mailbox_id") : mailboxId
}

const runHandler = (route: Route, call: RawCall): Effect.Effect<LocalResponse> =>
  Effect.gen(function* () {
    const handled = yield* attempt(() => route.run(call))
    const made = Effect.isEffect(handled) ? yield* handled : handled
    return responseOf(route, call, made)
  }).pipe(respondWithFailure(call.requestId))

/** Runs code that may throw an `ApiFailure`. */
const attempt = <A>(step: () => A): Effect.Effect<A, ApiFailure> =>
  Effect.try({
    try: step,
    catch: (thrown) => {
      if (thrown instanceof ApiFailure) return thrown
      throw thrown
    }
  })

const respondWithFailure =
  (requestId: string) =>
  (self: Effect.Effect<LocalResponse, ApiFailure>): Effect.Effect<LocalResponse> =>
    catchAll(self, (failure) => Effect.succeed(failureResponse(failure, requestId)))

// -----------------------------------------------------------------------------
// ETags
// -----------------------------------------------------------------------------

/** The response for a reply, with its ETag, or 304 if the caller has that version. */
const responseOf = (
  { operation }: Route,
  { request, requestId }: RawCall,
  made: Reply<unknown>
): LocalResponse => {
  const { conditional, ifMatch } = operation.flags
  const response = replyResponse(made, operation.success[0] ?? 200, requestId)
  // The response of a DELETE is a confirmation, and not a resource with a version.
  if (operation.http === "DELETE" || (conditional !== true && ifMatch !== true)) return response
  const etag = response.headers["etag"] ?? tagOf(made)
  if (etag === undefined) return response
  if (conditional !== true || !matchesAny(request.headers["if-none-match"], etag)) {
    return { ...response, headers: { ...response.headers, etag } }
  }
  const caching = response.headers["cache-control"]
  return {
    status: 304,
    headers: { etag, ...(caching === undefined ? {} : { "cache-control": caching }) },
    body: undefined
  }
}

const opaqueTag = (tag: string): string => tag.trim().replace(/^W\//, "")

/** Compares an ETag with those of `If-None-Match`. The comparison is weak, as HTTP specifies for this header. */
const matchesAny = (header: string | undefined, etag: string): boolean =>
  header !== undefined &&
  (header.trim() === "*" || header.split(",").some((tag) => opaqueTag(tag) === opaqueTag(etag)))

const tagOf = ({ body }: Reply<unknown>): string | undefined => {
  switch (body.kind) {
    case "data":
    case "document":
      return entityTagOf(body.data)
    case "page":
      return entityTagOf({ items: body.items, ...body.pagination })
    default:
      return undefined
  }
}
