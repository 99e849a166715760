import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as OAuth from "../../src/OAuth.js"
import * as Retry from "../../src/internal/timing/retry.js"
import * as Sandbox from "../../src/Sandbox.js"
import { Sending } from "../../src/Sending.js"
import { quiet } from "../support/dialect/telemetry.js"
import { clientOver, openTokenStore } from "../support/oauth.js"
import { makeVirtualClock } from "../support/virtualClock.js"

/** A time in which a program needs its token, and what goes wrong then. */
interface Round {
  /** How long the program has not used the grant before, in seconds. */
  readonly idle: number
  readonly faults: ReadonlyArray<{
    readonly operation: "oauth.token" | "oauth.discover"
    readonly kind: Sandbox.FaultKind
  }>
  /** What a proxy responds with, after the server has run the next refresh. */
  readonly replacement: "none" | "a failure in the form of OAuth" | "a page"
  /** The number of writes that the store refuses, after those that it accepts. */
  readonly refusedWrites: number
  readonly acceptedWrites: number
  readonly fibers: number
  /** What happens while the token is renewed. */
  readonly meanwhile: "nothing" | "the first fiber is interrupted" | "the process is killed"
  readonly restarts: boolean
  /** Whether the owner logs in afterwards, if that is required. */
  readonly logsIn: boolean
}

const kinds: FastCheck.Arbitrary<Sandbox.FaultKind> = FastCheck.constantFrom<Array<Sandbox.FaultKind>>(
  { _tag: "ResponseLost" },
  { _tag: "ResponseTruncated" },
  { _tag: "ConnectionLost" },
  { _tag: "BadGateway" },
  { _tag: "ErrorResponse", status: 500 },
  { _tag: "ErrorResponse", status: 503, retryAfter: 30 },
  { _tag: "ErrorResponse", status: 400, code: "invalid_request" },
  { _tag: "RateLimited", retryAfter: 10 },
  { _tag: "Slow", millis: 5_000 },
  { _tag: "Slow", millis: 60_000 }
)

const round: FastCheck.Arbitrary<Round> = FastCheck.record({
  idle: FastCheck.constantFrom(1, 770, 845, 900),
  faults: FastCheck.array(
    FastCheck.record({
      operation: FastCheck.constantFrom(
        "oauth.token" as const,
        "oauth.token" as const,
        "oauth.discover" as const
      ),
      kind: kinds
    }),
    { maxLength: 2 }
  ),
  replacement: FastCheck.constantFrom<Array<Round["replacement"]>>(
    "none",
    "none",
    "a failure in the form of OAuth",
    "a page"
  ),
  refusedWrites: FastCheck.constantFrom(0, 0, 0, 1, 2),
  acceptedWrites: FastCheck.constantFrom(0, 1),
  fibers: FastCheck.integer({ min: 1, max: 5 }),
  meanwhile: FastCheck.constantFrom<Array<Round["meanwhile"]>>(
    "nothing",
    "the first fiber is interrupted",
    "the process is killed"
  ),
  restarts: FastCheck.boolean(),
  logsIn: FastCheck.boolean()
})

const rounds = FastCheck.array(round, { minLength: 4, maxLength: 12 })

/** Raise it for a longer search: `OAUTH_RUNS=500 npx vitest run test/oauth/property.test.ts`. */
const numRuns = Number(process.env["OAUTH_RUNS"] ?? 25)

const pages: Readonly<Record<Exclude<Round["replacement"], "none">, () => Response>> = {
  "a failure in the form of OAuth": () =>
    new Response(JSON.stringify({ error: "server_error" }), { status: 500 }),
  "a page": () => new Response("<html>Please log in to the network.</html>", { status: 200 })
}

/** A proxy before a server, which replaces the next response to a refresh. */
const proxyOf = (http: HttpClient.HttpClient) => {
  let next: Round["replacement"] = "none"
  const client = HttpClient.make((request) =>
    Effect.map(http.execute(request), (response) => {
      if (next === "none" || !request.url.endsWith("/oauth/token")) return response
      const page = pages[next]()
      next = "none"
      return HttpClientResponse.fromWeb(request, page)
    })
  )
  const replaceNext = (replacement: Round["replacement"]): void => {
    next = replacement
  }
  return { client, replaceNext }
}

/** A process of the program. Once it is killed, nothing of it reaches the disk any more. */
const startProcess = (http: HttpClient.HttpClient, disk: OAuth.TokenStoreService) =>
  Effect.gen(function* () {
    const life = { ended: false }
    const killed = new OAuth.TokenStoreError({ action: "set", reason: "the process was killed" })
    const unlessEnded = <A>(self: Effect.Effect<A, OAuth.TokenStoreError>) =>
      Effect.suspend((): Effect.Effect<A, OAuth.TokenStoreError> => (life.ended ? Effect.fail(killed) : self))
    const client = yield* clientOver(http, {
      get: (grant) => unlessEnded(disk.get(grant)),
      set: (grant, text) => unlessEnded(disk.set(grant, text)),
      remove: (grant) => unlessEnded(disk.remove(grant))
    })
    const sending = yield* Effect.provideService(
      Sending.make({ accessToken: client.accessToken(), retry: Retry.none }),
      HttpClient.HttpClient,
      http
    )
    return { client, sending, life }
  })

/** Longer than all that one renewal can wait for: the timeouts of the discovery and of the refresh. */
const untilRenewed = 70_000

interface Outcome {
  /** The number of logins, each of which makes a grant. */
  readonly logins: number
  /** The number of grants that are valid in the end. A replay revokes one. */
  readonly valid: number
  readonly outcomes: ReadonlySet<string>
}

const run = (sampled: ReadonlyArray<Round>): Effect.Effect<Outcome> => {
  const { advance, clock, finish } = makeVirtualClock()
  /** Runs an effect to its end, however long it sleeps. */
  const completed = <A, E>(self: Effect.Effect<A, E>) =>
    Effect.flatMap(Effect.flatMap(Effect.fork(self), finish), (exit) => exit)

  const program = Effect.gen(function* () {
    const { client: server, control } = yield* Sandbox.make()
    const { client: http, replaceNext } = proxyOf(server)
    const { refuseWrites, store } = openTokenStore()
    let current = yield* startProcess(http, store)
    let logins = 0
    const outcomes = new Set<string>()
    const logIn = Effect.gen(function* () {
      yield* control.clearFaults
      refuseWrites(0, 0)
      replaceNext("none")
      // Nothing here sleeps. The digest of the verifier is computed outside of the event loop, so the clock stands still.
      const login = yield* current.client.startLogin()
      yield* current.client.finishLogin(login, yield* control.oauth.approve(login.url))
      logins++
    })
    const restart = Effect.gen(function* () {
      current.life.ended = true
      current = yield* startProcess(http, store)
    })
    yield* logIn
    for (const one of sampled) {
      yield* advance(one.idle * 1000)
      for (const fault of one.faults) yield* control.inject(fault)
      refuseWrites(one.refusedWrites, one.acceptedWrites)
      replaceNext(one.replacement)
      const { sending } = current
      const call = Effect.match(sending.connection.get(), {
        onFailure: (error) => ("reason" in error ? error.reason : `${error._tag} ${error.message}`),
        onSuccess: () => "success"
      })
      const fibers = yield* Effect.forEach(Array.from({ length: one.fibers }), () => Effect.fork(call))
      yield* advance(1)
      const isInterrupted = one.meanwhile === "the first fiber is interrupted"
      if (isInterrupted && fibers[0] !== undefined) yield* Fiber.interrupt(fibers[0])
      if (one.meanwhile === "the process is killed") yield* restart
      yield* advance(untilRenewed)
      for (const fiber of fibers.slice(isInterrupted ? 1 : 0))
        outcomes.add(yield* completed(Fiber.join(fiber)))
      if (one.restarts) yield* restart
      const state = yield* completed(
        Effect.match(current.client.accessToken(), {
          onFailure: ({ _tag }) => _tag,
          onSuccess: () => "success"
        })
      )
      outcomes.add(state)
      if (state === "LoginRequired" && one.logsIn) yield* logIn
    }
    current.life.ended = true
    return { logins, valid: yield* control.oauth.revokeGrants, outcomes }
  })
  return program.pipe(Effect.scoped, Effect.orDie, Effect.withClock(clock), Effect.provide(quiet))
}

describe("with any faults, restarts and interruptions", () => {
  it.effect("no refresh token is replayed, and no call is refused because of its token", () =>
    Effect.gen(function* () {
      const seen = new Set<string>()
      for (const sampled of FastCheck.sample(rounds, { numRuns, seed: 20261128 })) {
        const { logins, outcomes, valid } = yield* run(sampled)
        expect({ valid, sampled }).toEqual({ valid: logins, sampled })
        for (const outcome of outcomes) seen.add(outcome)
      }
      expect([...seen].toSorted()).toEqual([
        "AccessToken",
        "LoginRequired",
        "OAuthError",
        "TokenStoreError",
        "TransportError",
        "success"
      ])
    })
  )
})
