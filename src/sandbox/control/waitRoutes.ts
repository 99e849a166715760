/**
 * Waits over HTTP, as a long poll.
 */
import * as Effect from "effect/Effect"
import type { LocalResponse } from "../../internal/dialect/shared/localClient.js"
import { closestName } from "../../internal/values/closest.js"
import type { ApiFailure } from "../exchange.js"
import type { InstanceRef } from "../instance.js"
import { isOperationName, operationNames } from "../state/operationNames.js"
import { type ControlRoute, failWith, okResponse, readInteger } from "./dispatch.js"
import { matchesArrival, matchesDelivery, matchesEmail, matchesRequest } from "./filters.js"
import { showEmail } from "./lists.js"
import { arrivals, deliveries, emails, requests, type Watched, waitFrom } from "./waits.js"

const defaultMillis = 10_000
const maxMillis = 60_000

/** What a wait needs besides its filter. */
interface Poll {
  readonly sandbox: InstanceRef
  readonly position: number
  readonly millis: number
}

/** The filters of a wait, as text. */
type Filters = Readonly<Record<string, string | undefined>>

interface Kind {
  readonly filters: ReadonlyArray<string>
  readonly wait: (poll: Poll, filters: Filters) => Effect.Effect<LocalResponse, ApiFailure>
}

const poll = <A>(
  { sandbox, ...start }: Poll,
  watched: Watched<A>,
  matches: (item: A) => boolean,
  show: (item: A) => unknown
): Effect.Effect<LocalResponse, ApiFailure> =>
  waitFrom(sandbox, watched, matches, start).pipe(
    Effect.map(({ item, position }) =>
      okResponse({ kind: watched.kind, position, [watched.kind]: show(item) })
    ),
    Effect.catchTag("SandboxTimeoutError", ({ message }) => failWith("request_timeout", message))
  )

const badParameter = (param: string, problem: string) =>
  failWith("invalid_parameter", `The parameter ${param} ${problem}`, { param })

/** The value of a filter that is `true` or `false`. */
const readBoolean = (param: string, text: string | undefined) =>
  text === undefined || text === "true" || text === "false"
    ? Effect.succeed(text === undefined ? undefined : text === "true")
    : badParameter(param, "must be true or false")

/** The value of a filter that is a status of HTTP. */
const readStatus = (text: string | undefined) =>
  text === undefined || /^\d{1,3}$/.test(text)
    ? Effect.succeed(text === undefined ? undefined : Number(text))
    : badParameter("status", "must be a status of HTTP, such as 200")

const results = ["success", "retrying", "failed", "permanent_failure"] as const

const readResult = (text: string | undefined) => {
  const result = results.find((known) => known === text)
  return text === undefined || result !== undefined
    ? Effect.succeed(result)
    : badParameter("result", `must be one of ${results.join(", ")}`)
}

const readOperation = (text: string | undefined) => {
  if (text === undefined || isOperationName(text)) return Effect.succeed(text)
  const closest = closestName(text, operationNames)
  return badParameter(
    "operation",
    `must be the name of an operation${closest === undefined ? "" : `. Did you mean ${closest}?`}`
  )
}

const same = <A>(item: A): A => item

const kinds: Readonly<Record<string, Kind>> = {
  email: {
    filters: ["to", "from", "subject", "mailbox"],
    wait: (start, filters) => poll(start, emails, matchesEmail(filters), showEmail)
  },
  arrival: {
    filters: ["to", "from", "subject", "mailbox", "spam"],
    wait: (start, { spam, ...filters }) =>
      Effect.flatMap(readBoolean("spam", spam), (isSpam) =>
        poll(start, arrivals, matchesArrival({ ...filters, spam: isSpam }), same)
      )
  },
  request: {
    filters: ["operation", "status"],
    wait: (start, filters) =>
      Effect.gen(function* () {
        const operation = yield* readOperation(filters["operation"])
        const status = yield* readStatus(filters["status"])
        return yield* poll(start, requests, matchesRequest({ operation, status }), same)
      })
  },
  delivery: {
    filters: ["webhook", "type", "status", "result"],
    wait: (start, { result, status, ...filters }) =>
      Effect.gen(function* () {
        const matches = matchesDelivery({
          ...filters,
          status: yield* readStatus(status),
          result: yield* readResult(result)
        })
        return yield* poll(start, deliveries, matches, same)
      })
  }
}

/** The parameters that every wait has. */
const common = ["for", "after", "timeout_ms"]

export const waitRoutes: ReadonlyArray<ControlRoute> = [
  {
    method: "GET",
    pattern: "/wait",
    handle: ({ request: { url }, sandbox }) =>
      Effect.gen(function* () {
        const name = url.searchParams.get("for") ?? ""
        const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
        if (kind === undefined)
          return yield* badParameter("for", `must be one of ${Object.keys(kinds).join(", ")}`)
        const known = [...common, ...kind.filters]
        for (const param of new Set(url.searchParams.keys())) {
          if (!known.includes(param)) {
            return yield* badParameter(
              param,
              `is unknown. The parameters of this wait are ${known.join(", ")}`
            )
          }
          if (url.searchParams.getAll(param).length > 1)
            return yield* badParameter(param, "must not be repeated")
        }
        const position = yield* readInteger(url, "after", 0, 0, Number.MAX_SAFE_INTEGER)
        const millis = yield* readInteger(url, "timeout_ms", defaultMillis, 0, maxMillis)
        const filters = Object.fromEntries(
          kind.filters.flatMap((param) => {
            const text = url.searchParams.get(param)
            return text === null ? [] : [[param, text] as const]
          })
        )
        return yield* kind.wait({ sandbox, position, millis }, filters)
      })
  }
]
