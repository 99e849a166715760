/**
 * Turns a request to the authorization server into its response.
 */
import * as Effect from "effect/Effect"
import { catchAll } from "../../internal/dialect/core.js"
import type { IncomingRequest, LocalResponse } from "../../internal/dialect/shared/localClient.js"
import { observed, withFaults } from "../http/observed.js"
import { type FaultKind, responseInstead } from "../state/faults.js"
import type { World } from "../state/world.js"
import { type AgentCall, agentToken, challenge, identity, invite, revokeAgentToken } from "./agents.js"
import { authorize, describe, register, revoke, token } from "./endpoints.js"
import { attempt, failureOf, OAuthFailure } from "./failure.js"
import type { AuthorityName } from "./names.js"

interface AuthorityRoute {
  readonly name: AuthorityName
  readonly method: "GET" | "POST"
  readonly path: string
  readonly handle: (call: AgentCall) => LocalResponse | Promise<LocalResponse>
}

export const authorityRoutes: ReadonlyArray<AuthorityRoute> = [
  {
    name: "oauth.discover",
    method: "GET",
    path: "/.well-known/oauth-authorization-server",
    handle: describe
  },
  { name: "oauth.register", method: "POST", path: "/oauth/register", handle: register },
  { name: "oauth.authorize", method: "GET", path: "/oauth/authorize", handle: (call) => authorize(call) },
  { name: "oauth.token", method: "POST", path: "/oauth/token", handle: token },
  { name: "oauth.revoke", method: "POST", path: "/oauth/revoke", handle: revoke },
  {
    name: "agent.challenge",
    method: "POST",
    path: "/agent-auth/agent/identity/challenge",
    handle: challenge
  },
  { name: "agent.identity", method: "POST", path: "/agent-auth/agent/identity", handle: identity },
  { name: "agent.token", method: "POST", path: "/agent-auth/oauth2/token", handle: agentToken },
  { name: "agent.invite", method: "POST", path: "/agent-auth/agent/identity/invite", handle: invite },
  { name: "agent.revoke", method: "POST", path: "/agent-auth/oauth2/revoke", handle: revokeAgentToken }
]

/** Whether a host may be that of the authorization server: the app of Sendmux, or the host on which the sandbox is served. */
const isAuthorityHost = ({ hostname }: URL): boolean => hostname !== "smtp.sendmux.ai"

const routeOf = ({ method, url }: IncomingRequest): AuthorityRoute | undefined =>
  isAuthorityHost(url)
    ? authorityRoutes.find((route) => route.method === method && route.path === url.pathname)
    : undefined

/** Responds to requests to the authorization server. Returns `undefined` for any other request. */
export const serveAuthority =
  (world: World) =>
  (request: IncomingRequest): Effect.Effect<LocalResponse> | undefined => {
    const route = routeOf(request)
    return route === undefined ? undefined : respond(world, route, request)
  }

const respond = (
  world: World,
  route: AuthorityRoute,
  incoming: IncomingRequest
): Effect.Effect<LocalResponse> =>
  Effect.gen(function* () {
    const at = yield* world.clock.now
    const { authority } = world
    const facts = { requestId: authority.id("req"), at, operation: route.name }
    const issuer = incoming.url.origin
    const response = withFaults(world, incoming, facts, {
      instead: (fault) =>
        failureInstead(fault) ?? responseInstead(fault, { requestId: facts.requestId, limit: 0, now: at }),
      run: (request) => handle(route, { world, authority, request, issuer, now: at })
    })
    return yield* observed(world, incoming, facts, response, () => false)
  })

/** The failures that faults ask for, in the form of OAuth. */
const failureInstead = (fault: FaultKind | undefined): LocalResponse | undefined => {
  if (fault?._tag === "RateLimited") {
    return failureOf(
      new OAuthFailure("temporarily_unavailable", "Too many requests", {
        status: 429,
        retryAfter: fault.retryAfter ?? 1,
        rateLimitScope: "client"
      })
    )
  }
  if (fault?._tag !== "ErrorResponse") return undefined
  return failureOf(
    new OAuthFailure(fault.code ?? codeFor(fault.status), "A fault was injected into this call", {
      status: fault.status,
      retryAfter: fault.retryAfter
    })
  )
}

const codeFor = (status: number): string => {
  if (status === 401) return "invalid_client"
  if (status === 503) return "temporarily_unavailable"
  return status >= 500 ? "server_error" : "invalid_request"
}

const handle = (route: AuthorityRoute, call: AgentCall): Effect.Effect<LocalResponse> =>
  attempt(() => route.handle(call)).pipe(
    Effect.flatMap((handled) =>
      handled instanceof Promise
        ? Effect.tryPromise({
            try: () => handled,
            catch: (thrown) => {
              if (thrown instanceof OAuthFailure) return thrown
              throw thrown
            }
          })
        : Effect.succeed(handled)
    ),
    (handled) => catchAll(handled, (failure) => Effect.succeed(failureOf(failure)))
  )
