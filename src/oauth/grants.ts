/**
 * The tokens of grants: which of them are valid, and when they are renewed.
 *
 * A refresh token is sent at most once. Before it is sent, the store is told, and the mark is removed only together with the
 * new tokens, or when it is certain that the server has not used the old ones. So a process that finds the mark knows that
 * the refresh did not come to its end, and asks for a login.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { type Mutex, makeMutex } from "../internal/dialect/concurrency.js"
import { counter, now } from "../internal/dialect/core.js"
import { unchecked } from "../internal/dialect/schema.js"
import { memoized } from "../internal/values/memo.js"
import {
  type LoginReason,
  LoginRequired,
  OAuthError,
  type OAuthRequestError,
  type TokenStoreError
} from "./errors.js"
import { SingleFlight } from "./flight.js"
import { provesUnused } from "./request.js"
import type { TokenStoreService } from "./store.js"
import { readTokens, type StoredTokens, textOf } from "./tokens.js"

/**
 * The errors of getting an access token.
 *
 * @since 0.2.0
 * @category errors
 */
export type AccessTokenError = LoginRequired | TokenStoreError | OAuthRequestError

/** How the client of a grant talks to its server. */
export interface GrantClient {
  readonly clientId: string
  readonly issuer: string
  /** How long before it expires an access token is renewed, in milliseconds. */
  readonly margin: number
  /** Runs before a refresh token is sent, without it. Its failure proves that the refresh token was not used. */
  readonly prepare: Effect.Effect<void, OAuthRequestError>
  /** Sends the refresh token of a grant. */
  readonly refresh: (
    tokens: StoredTokens,
    refreshToken: Redacted.Redacted
  ) => Effect.Effect<StoredTokens, OAuthRequestError>
}

export interface Grants {
  /** Succeeds with a valid access token. Fibers that need a new one at the same time share one refresh. */
  readonly accessToken: (grant: string) => Effect.Effect<Redacted.Redacted, AccessTokenError>
  /** Reads the tokens of a grant. */
  readonly read: (grant: string) => Effect.Effect<StoredTokens, LoginRequired | TokenStoreError>
  /** Stores the tokens of a login. */
  readonly save: (grant: string, tokens: StoredTokens) => Effect.Effect<void, TokenStoreError>
  /** Removes the tokens of a grant when `revoke` has succeeded for them. */
  readonly remove: <E>(
    grant: string,
    revoke: (tokens: StoredTokens) => Effect.Effect<unknown, E>
  ) => Effect.Effect<void, E | TokenStoreError>
  /** Waits until no refresh is running. */
  readonly settled: Effect.Effect<void>
}

/** Tokens that the store has not taken yet, and the refresh token with which they were requested. */
interface Unsaved {
  readonly tokens: StoredTokens
  readonly sent: Redacted.Redacted
}

/** What a process knows of a grant. Clients that share a store also share it. */
interface GrantState {
  readonly flight: SingleFlight<Redacted.Redacted, AccessTokenError>
  /** Keeps logins, refreshes and revocations of the grant apart. */
  readonly mutex: Mutex
  tokens: StoredTokens | undefined
  unsaved: Unsaved | undefined
  /** Until when a valid token is used without another refresh, because the server has refused one for now. */
  pausedUntil: number
  /** A refusal for a time that the server has named. */
  refusal: { readonly error: OAuthError; readonly until: number } | undefined
  /** The number of effects that use the state, so that it must not be dropped. */
  users: number
}

/** The number of grants that are remembered of a store. Of others, the tokens are read from the store again. */
const maxStates = 10_000

const statesOfStores = new WeakMap<TokenStoreService, Map<string, GrantState>>()

const stateOf = (store: TokenStoreService, grant: string): GrantState => {
  let states = statesOfStores.get(store)
  if (states === undefined) {
    states = new Map()
    statesOfStores.set(store, states)
  }
  let state = states.get(grant)
  if (state === undefined) {
    state = {
      flight: new SingleFlight(),
      mutex: makeMutex(),
      tokens: undefined,
      unsaved: undefined,
      pausedUntil: 0,
      refusal: undefined,
      users: 0
    }
    if (states.size >= maxStates) dropOne(states)
    states.set(grant, state)
  }
  return state
}

/** Drops the oldest state that nobody uses. */
const dropOne = (states: Map<string, GrantState>): void => {
  for (const [grant, { unsaved, users }] of states) {
    if (users > 0 || unsaved !== undefined) continue
    states.delete(grant)
    return
  }
}

/** How long no refresh is tried after a refusal that names no time, in milliseconds. */
const defaultPause = 5_000

type Outcome = "renewed" | "rejected" | "uncertain" | "refused"

const refreshes = /* @__PURE__ */ memoized((outcome) =>
  counter("sendmux_oauth_refreshes", "Refreshes of access tokens by their outcome", { outcome })
)

const outcomeOf = (error: OAuthRequestError): Outcome => {
  if (error instanceof OAuthError && error.code === "invalid_grant") return "rejected"
  return provesUnused(error) ? "refused" : "uncertain"
}

const loginRequired = (grant: string, reason: LoginReason) =>
  Effect.fail(new LoginRequired({ grant, reason }, unchecked))

/** How long before it expires a token is renewed. A token with a short life is used for half of it. */
const renewalOf = ({ expires_at, obtained_at }: StoredTokens, margin: number): number =>
  expires_at - Math.min(margin, (expires_at - obtained_at) / 2)

const forget = (state: GrantState): void => {
  state.tokens = undefined
  state.unsaved = undefined
  state.pausedUntil = 0
  state.refusal = undefined
}

export const makeGrants = (store: TokenStoreService, client: GrantClient): Grants => {
  const flights = new Set<GrantState["flight"]>()

  const isOwn = ({ client_id, issuer }: StoredTokens): boolean =>
    client_id === client.clientId && issuer === client.issuer

  const isUsable = ({ pausedUntil }: GrantState, tokens: StoredTokens, at: number): boolean =>
    at < renewalOf(tokens, client.margin) || (at < pausedUntil && at < tokens.expires_at)

  const exclusively = <A, E>(
    grant: string,
    use: (state: GrantState) => Effect.Effect<A, E>
  ): Effect.Effect<A, E | TokenStoreError> =>
    Effect.suspend(() => {
      const state = stateOf(store, grant)
      const used = Effect.suspend(() => use(state))
      state.users++
      return state.mutex(store.withLock === undefined ? used : store.withLock(grant, used)).pipe(
        Effect.onExit(() =>
          Effect.sync(() => {
            state.users--
          })
        )
      )
    })

  const write = (grant: string, tokens: StoredTokens) => store.set(grant, textOf(tokens))

  /** Reads the store, and completes a write that has failed before. */
  const load = (grant: string, state: GrantState) =>
    Effect.gen(function* () {
      const text = yield* store.get(grant)
      if (text === undefined) return yield* loginRequired(grant, "NoGrant")
      const tokens = readTokens(text)
      if (tokens === undefined) return yield* loginRequired(grant, "Unreadable")
      if (!isOwn(tokens)) return yield* loginRequired(grant, "OtherClient")
      const { unsaved } = state
      if (unsaved === undefined) return tokens
      state.unsaved = undefined
      // Another process may have stored the tokens of a later login.
      const { refresh_token: stored, state: mark } = tokens
      if (mark !== "refreshing" || stored === undefined) return tokens
      if (Redacted.value(stored) !== Redacted.value(unsaved.sent)) return tokens
      state.unsaved = unsaved
      yield* write(grant, unsaved.tokens)
      state.unsaved = undefined
      return unsaved.tokens
    })

  /** Writes what a request has found out. A failed write is completed by the next reader. */
  const settle = (grant: string, state: GrantState, tokens: StoredTokens, sent: Redacted.Redacted) =>
    Effect.suspend(() => {
      state.unsaved = { tokens, sent }
      return Effect.map(write(grant, tokens), () => {
        state.unsaved = undefined
        state.tokens = tokens
      })
    })

  const obtain = (grant: string, state: GrantState): Effect.Effect<Redacted.Redacted, AccessTokenError> =>
    Effect.gen(function* () {
      state.tokens = undefined
      const tokens = yield* load(grant, state)
      if (tokens.state === "refreshing") return yield* loginRequired(grant, "UncertainRefresh")
      const at = yield* now
      if (isUsable(state, tokens, at)) {
        state.tokens = tokens
        return tokens.access_token
      }
      if (state.refusal !== undefined && at < state.refusal.until) {
        return yield* Effect.fail(state.refusal.error)
      }
      state.refusal = undefined
      if (tokens.refresh_token !== undefined) return yield* renew(grant, state, tokens, tokens.refresh_token)
      return at < tokens.expires_at ? tokens.access_token : yield* loginRequired(grant, "NoRefreshToken")
    })

  /** After a failure that left the tokens as they are: uses the access token while it is valid. */
  const postpone = (state: GrantState, tokens: StoredTokens, error: OAuthRequestError) =>
    Effect.gen(function* () {
      const at = yield* now
      const hint = error instanceof OAuthError ? error.retryAfter : undefined
      state.pausedUntil = at + (hint === undefined ? defaultPause : Duration.toMillis(hint))
      if (error instanceof OAuthError && hint !== undefined) {
        state.refusal = { error, until: state.pausedUntil }
      }
      if (at >= tokens.expires_at) return yield* Effect.fail(error)
      state.tokens = tokens
      return tokens.access_token
    })

  const renew = (
    grant: string,
    state: GrantState,
    tokens: StoredTokens,
    refreshToken: Redacted.Redacted
  ): Effect.Effect<Redacted.Redacted, AccessTokenError> =>
    Effect.gen(function* () {
      const obstacle = yield* Effect.match(client.prepare, {
        onFailure: (error) => error,
        onSuccess: () => undefined
      })
      if (obstacle !== undefined) return yield* postpone(state, tokens, obstacle)
      yield* write(grant, { ...tokens, state: "refreshing" })
      const renewed = yield* Effect.match(client.refresh(tokens, refreshToken), {
        onFailure: (error) => ({ error }),
        onSuccess: (renewal) => ({ renewal })
      })
      if ("renewal" in renewed) {
        refreshes("renewed")(1)
        yield* settle(grant, state, renewed.renewal, refreshToken)
        yield* Effect.logDebug("OAuth: renewed an access token")
        return renewed.renewal.access_token
      }
      const { error } = renewed
      const outcome = outcomeOf(error)
      refreshes(outcome)(1)
      switch (outcome) {
        case "rejected":
          yield* Effect.logWarning("OAuth: the server rejected a refresh token, so a login is required")
          yield* store.remove(grant)
          return yield* loginRequired(grant, "Rejected")
        case "refused":
          yield* settle(grant, state, tokens, refreshToken)
          return yield* postpone(state, tokens, error)
        default:
          yield* Effect.logWarning(
            `OAuth: the result of a refresh is not known, so a login is required (${error.message})`
          )
          return yield* loginRequired(grant, "UncertainRefresh")
      }
    })

  return {
    accessToken: (grant) =>
      Effect.flatMap(now, (at) => {
        const state = stateOf(store, grant)
        const { tokens } = state
        if (tokens !== undefined && isOwn(tokens) && isUsable(state, tokens, at)) {
          return Effect.succeed(tokens.access_token)
        }
        const { flight } = state
        const work = exclusively(grant, () => obtain(grant, state))
        flights.add(flight)
        return flight.run(Effect.onExit(work, () => Effect.sync(() => void flights.delete(flight))))
      }),
    read: (grant) => exclusively(grant, (state) => load(grant, state)),
    save: (grant, tokens) =>
      exclusively(grant, (state) =>
        Effect.map(write(grant, tokens), () => {
          forget(state)
          state.tokens = tokens
        })
      ),
    remove: (grant, revoke) =>
      exclusively(grant, (state) =>
        Effect.gen(function* () {
          const text = yield* store.get(grant)
          const tokens = text === undefined ? undefined : readTokens(text)
          if (tokens !== undefined && !isOwn(tokens)) return
          if (tokens !== undefined) yield* revoke(state.unsaved?.tokens ?? tokens)
          yield* store.remove(grant)
          forget(state)
        })
      ),
    settled: Effect.suspend(() => Effect.asVoid(Effect.all([...flights].map(({ idle }) => idle))))
  }
}
