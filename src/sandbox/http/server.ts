/**
 * From a request to an answer, as the API would give it.
 */
import * as Effect from "effect/Effect"
import { catchAll, now } from "../../internal/dialect/core.js"
import { operationName } from "../../internal/operation/operation.js"
import {
  type Answer,
  type Handled,
  Refusal,
  type Reply,
  refusalAnswer,
  replyAnswer,
  type SandboxRequest
} from "../exchange.js"
import { insteadOf, onTheWayBack, takeFault } from "../state/faults.js"
import { entityTagOf } from "../state/ids.js"
import type { World } from "../state/world.js"
import { authenticate, claimKey, countRequest } from "./middleware.js"
import { type Host, type Matcher, matcher, type RawCall, type Route } from "./routes.js"

/** A server: requests in, answers out. */
export type Server = (request: SandboxRequest) => Effect.Effect<Answer>

interface Target {
  readonly host: Host
  readonly base: string
  readonly path: string
}

const prefixes: ReadonlyArray<readonly [prefix: string, host: Host]> = [
  ["/sending/api/v1", "sending"],
  ["/app/api/v1", "app"]
]

const hosts: Readonly<Record<string, Host>> = { "smtp.sendmux.ai": "sending", "app.sendmux.ai": "app" }

const locate = (url: URL): Target | undefined => {
  const host = hosts[url.hostname]
  const [prefix, named] =
    host === undefined
      ? (prefixes.find(([prefix]) => url.pathname.startsWith(`${prefix}/`)) ?? [undefined, undefined])
      : ["/api/v1", host]
  return prefix !== undefined && named !== undefined && url.pathname.startsWith(`${prefix}/`)
    ? { host: named, base: `${url.origin}${prefix}`, path: url.pathname.slice(prefix.length) }
    : undefined
}

/** Serves the routes of every room over one world. */
export const serve = (world: World, routes: ReadonlyArray<Route>): Server => {
  const match = matcher(routes)
  return (request) =>
    Effect.flatMap(now, (at) => {
      const requestId = world.id("req")
      const note = noteRequest(world, request, requestId, at)
      return Effect.map(answerTo(world, match, request, requestId, at), ([answer, operation]) => {
        note(answer.status, operation)
        return answer.headers["x-request-id"] === undefined
          ? { ...answer, headers: { ...answer.headers, "x-request-id": requestId } }
          : answer
      })
    })
}

type Answered = readonly [answer: Answer, operation: string | undefined]

const answerTo = (
  world: World,
  match: Matcher,
  request: SandboxRequest,
  requestId: string,
  at: number
): Effect.Effect<Answered> => {
  const target = locate(request.url)
  const matched = target === undefined ? undefined : match(target.host, request.method, target.path)
  if (target === undefined || matched === undefined) {
    const refusal = new Refusal("not_found", `There is no ${request.method} ${request.url.pathname}`)
    return Effect.succeed([refusalAnswer(refusal, requestId), undefined])
  }
  const name = operationName(matched.route.operation)
  const fault = takeFault(world.faults, name)
  const instead = insteadOf(fault, {
    requestId,
    limit: world.limits[matched.route.operation.surface],
    now: at
  })
  if (instead !== undefined) return Effect.succeed([instead, name])
  const slow = fault?._tag === "Slow" ? fault.millis : 0
  const ran = Effect.uninterruptible(
    runCall(
      matched.route,
      { world, request, requestId, now: at, ids: matched.ids, base: target.base },
      at + slow
    )
  )
  const arrives = Effect.map(ran, (answer): Answered => [onTheWayBack(fault, answer), name])
  return slow === 0 ? arrives : Effect.flatMap(arrives, (answered) => Effect.as(Effect.sleep(slow), answered))
}

/** Authorises, counts, replays or runs a call, and puts envelope and headers around what came of it. */
const runCall = (
  route: Route,
  { world, request, requestId, now, ids, base }: Omit<RawCall, "actor" | "mailboxId">,
  readyAt: number
): Effect.Effect<Answer> =>
  guarding(requestId, () => {
    const { operation } = route
    const actor = authenticate(world, operation, request)
    const rate = countRequest(world, operation, actor, now)
    const counted = (answer: Answer): Answer => ({
      ...answer,
      headers: { ...answer.headers, ...rate.headers }
    })
    return Effect.map(
      guarding(requestId, () => {
        if (rate.retryAfter !== undefined) {
          throw new Refusal("rate_limit_exceeded", "Too many requests", { retryAfter: rate.retryAfter })
        }
        const claim = claimKey(world, operation, actor, request, now)
        if (claim._tag === "Replay") return Effect.succeed(claim.answer)
        const mailboxId =
          operation.flags.mailboxId === true
            ? (request.url.searchParams.get("mailbox_id") ?? undefined)
            : undefined
        const call: RawCall = { world, request, requestId, now, ids, base, actor, mailboxId }
        const ran = guarding(requestId, () =>
          catchAll(
            Effect.map(toEffect(route.run(call)), (made) => finish(route, request, made, requestId)),
            (refusal) => Effect.succeed(refusalAnswer(refusal, requestId))
          )
        )
        return claim._tag === "Unkeyed"
          ? ran
          : Effect.map(ran, (answer) => {
              if (answer.status < 300) {
                claim.keep({ ...answer, headers: { ...answer.headers, "x-request-id": requestId } }, readyAt)
              } else claim.release()
              return answer
            })
      }),
      counted
    )
  })

const toEffect = (handled: Handled<unknown>): Effect.Effect<Reply<unknown>, Refusal> =>
  Effect.isEffect(handled) ? handled : Effect.succeed(handled)

/** Runs a step, and turns a refusal thrown anywhere below it into its answer. */
const guarding = (requestId: string, step: () => Effect.Effect<Answer>): Effect.Effect<Answer> =>
  Effect.suspend(() => {
    try {
      return step()
    } catch (thrown) {
      if (thrown instanceof Refusal) return Effect.succeed(refusalAnswer(thrown, requestId))
      throw thrown
    }
  })

const finish = (route: Route, request: SandboxRequest, made: Reply<unknown>, requestId: string): Answer => {
  const { operation } = route
  const answer = replyAnswer(made, operation.success[0] ?? 200, requestId)
  // What a delete answers is no resource.
  if (
    operation.http === "DELETE" ||
    (operation.flags.conditional !== true && operation.flags.ifMatch !== true)
  )
    return answer
  const etag = answer.headers["etag"] ?? tagOf(made)
  if (etag === undefined) return answer
  const headers: Answer["headers"] = { ...answer.headers, etag }
  if (operation.flags.conditional !== true || !namesTag(request.headers["if-none-match"], etag)) {
    return { ...answer, headers }
  }
  const { "cache-control": caching } = headers
  return {
    status: 304,
    headers: { etag, ...(caching === undefined ? {} : { "cache-control": caching }) },
    body: undefined
  }
}

const opaque = (tag: string): string => tag.trim().replace(/^W\//, "")

/** Whether a header's list of ETags has one, compared weakly as a read compares them. */
const namesTag = (list: string | undefined, etag: string): boolean =>
  list !== undefined && (list.trim() === "*" || list.split(",").some((tag) => opaque(tag) === opaque(etag)))

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

/** Headers whose value is a secret. */
const secretHeaders = new Set(["authorization", "x-sendmux-upload-token"])

/** Query values that are secrets. */
const secretQueries = ["download_token", "upload_token", "token"]

const noteRequest = (world: World, request: SandboxRequest, requestId: string, at: number) => {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && !secretHeaders.has(name)) headers[name] = value
  }
  const query = new URLSearchParams(request.url.search)
  for (const name of secretQueries) if (query.has(name)) query.set(name, "redacted")
  return (status: number, operation: string | undefined): void => {
    world.requests.push({
      method: request.method,
      path: request.url.pathname,
      query: query.toString(),
      operation,
      status,
      requestId,
      headers,
      at
    })
  }
}
