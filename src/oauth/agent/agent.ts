/**
 * Agents that register themselves: identity, tokens, and the claim by an owner.
 *
 * @since 0.2.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { now, Service, timeoutFail, utcFromMillis } from "../../internal/dialect/core.js"
import { type HttpClient, HttpClientTag } from "../../internal/dialect/http.js"
import { decoder, encoder, unchecked } from "../../internal/dialect/schema.js"
import {
  type DeadlineExceededError,
  type InvalidRequestError,
  type RequestIssue,
  ResponseDecodeError
} from "../../internal/model/errors.js"
import { deadlineExceeded } from "../../internal/response/deadline.js"
import { formatIssues } from "../../internal/schema/issues.js"
import { currentDeadline, pause } from "../../internal/timing/deadline.js"
import { waitMillis } from "../../internal/timing/poll.js"
import { isRecord, parseJson } from "../../internal/values/json.js"
import { LoginRequired, OAuthError, type OAuthRequestError, TokenStoreError } from "../errors.js"
import { SingleFlight } from "../flight.js"
import { isSecure } from "../metadata.js"
import { checkTransport, failWith } from "../options.js"
import { type Form, send, sendForText } from "../request.js"
import { TokenStore } from "../store.js"
import { type StoredTokens, TokenResponse, tokensOf } from "../tokens.js"
import {
  type AgentAuthService,
  type AgentOptions,
  type AgentResource,
  type AgentToken,
  ClaimTimeoutError,
  defaultBaseUrl
} from "./model.js"
import {
  ChallengeParameters,
  ChallengeResponse,
  challengeIn,
  proofOf,
  solveChallenge
} from "./proofOfWork.js"
import { AgentRegistration, assertionLifetime, claimLifetime, IdentityResponse } from "./schemas.js"

const resources: Readonly<Record<string, string>> = {
  app: "https://app.sendmux.ai/api/v1",
  sending: "https://smtp.sendmux.ai/api/v1"
}

const grantTypes = {
  identity: "urn:ietf:params:oauth:grant-type:jwt-bearer",
  claim: "urn:workos:agent-auth:grant-type:claim"
}

/** How long before it expires a token is replaced, in milliseconds. */
const margin = 60_000

/** The pause between two checks for a claim if the server does not name one, in milliseconds. */
const defaultPause = 5_000

/** The number of access tokens that are remembered. */
const maxTokens = 1_000

const decodeParameters = decoder(ChallengeParameters)
const decodeRegistration = decoder(AgentRegistration)
const encodeRegistration = encoder(AgentRegistration)

/** The failures after which a claim may still come. */
const isPending = (error: OAuthRequestError): boolean =>
  error instanceof OAuthError &&
  (error.status === 429 ||
    ["authorization_pending", "slow_down", "temporarily_unavailable"].includes(error.code))

const tokenOf = ({ access_token, expires_at, scope }: StoredTokens): AgentToken => ({
  accessToken: access_token,
  scopes: scope.split(" ").filter((part) => part !== ""),
  expiresAt: utcFromMillis(expires_at)
})

/** The tokens of one registration for one resource. */
interface TokenState {
  readonly flight: SingleFlight<Redacted.Redacted, OAuthRequestError | LoginRequired>
  tokens: StoredTokens | undefined
}

const storeKey = (name: string): string => `agent:${name}`

const save: AgentAuthService["save"] = (name, registration) =>
  Effect.flatMap(TokenStore, (store) => {
    const coded = encodeRegistration(registration)
    return coded.ok
      ? store.set(storeKey(name), JSON.stringify(coded.value))
      : Effect.fail(
          new TokenStoreError({ action: "set", reason: "the value is not a registration" }, unchecked)
        )
  })

const load: AgentAuthService["load"] = (name) =>
  Effect.flatMap(TokenStore, (store) =>
    Effect.flatMap(store.get(storeKey(name)), (text) => {
      if (text === undefined) return Effect.succeed(undefined)
      const coded = decodeRegistration(parseJson(text))
      return coded.ok
        ? Effect.succeed(coded.value)
        : Effect.fail(
            new TokenStoreError(
              { action: "get", reason: "the stored registration cannot be read" },
              unchecked
            )
          )
    })
  )

const make = (
  options: AgentOptions = {}
): Effect.Effect<AgentAuthService, InvalidRequestError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const { allowInsecure = false, baseUrl = defaultBaseUrl, solve = solveChallenge } = options
    const problems: Array<RequestIssue> = []
    if (typeof baseUrl !== "string" || !isSecure(baseUrl, allowInsecure)) {
      problems.push({ path: "baseUrl", message: "must be an https URL" })
    }
    const transport = checkTransport(options, yield* HttpClientTag, problems)
    yield* failWith("agent.AgentAuth", problems)
    const base = baseUrl.replace(/\/+$/, "")

    const challenge = Effect.gen(function* () {
      const operation = "agent.challenge"
      const request = { operation, url: `${base}/agent/identity/challenge`, body: { json: {} }, secrets: [] }
      const { parameters, raw } = challengeIn(yield* send(transport, request, ChallengeResponse))
      const coded = decodeParameters(parameters)
      if (coded.ok) return { parameters: coded.value, raw }
      const issue = formatIssues(coded.issues)
      return yield* Effect.fail(
        new ResponseDecodeError({ operation, status: 200, requestId: undefined, issue }, unchecked)
      )
    })

    const register: AgentAuthService["register"] = (input = {}) =>
      Effect.gen(function* () {
        const { idempotency_key = globalThis.crypto.randomUUID(), ...rest } = input
        const given = yield* challenge
        const proof_of_work = proofOf(given, yield* solve(given))
        const at = yield* now
        const json = { type: "anonymous", ...rest, idempotency_key, proof_of_work }
        const identity = yield* send(
          transport,
          { operation: "agent.identity", url: `${base}/agent/identity`, body: { json }, secrets: [] },
          IdentityResponse
        )
        const { claim_token, identity_assertion, mailbox, pre_claim_scopes, registration_id } = identity
        return {
          version: 1,
          registration_id,
          identity_assertion,
          claim_token,
          pre_claim_scopes: pre_claim_scopes ?? [],
          mailbox: isRecord(mailbox) ? mailbox : { value: mailbox ?? null },
          assertion_expires_at: at + assertionLifetime,
          claim_expires_at: at + claimLifetime
        }
      })

    const requestTokens = (
      registration: AgentRegistration,
      grant: "identity" | "claim",
      resource: AgentResource
    ): Effect.Effect<StoredTokens, OAuthRequestError> =>
      Effect.gen(function* () {
        const operation = "agent.token"
        const secret = Redacted.value(
          grant === "identity" ? registration.identity_assertion : registration.claim_token
        )
        const form: Form = {
          grant_type: grantTypes[grant],
          ...(grant === "identity" ? { assertion: secret } : { claim_token: secret }),
          resource: resources[resource] ?? resource
        }
        const at = yield* now
        const request = { operation, url: `${base}/oauth2/token`, body: { form }, secrets: [secret] }
        const response = yield* send(transport, request, TokenResponse)
        const facts = {
          operation,
          issuer: base,
          client_id: registration.registration_id,
          scope: grant === "identity" ? registration.pre_claim_scopes.join(" ") : "",
          at
        }
        const tokens = tokensOf(response, facts)
        return "_tag" in tokens ? yield* Effect.fail(tokens) : tokens
      })

    const waitForClaim: AgentAuthService["waitForClaim"] = (
      registration,
      { resource = "app", timeout } = {}
    ) =>
      Effect.gen(function* () {
        const operation = "agent.waitForClaim"
        const startedAt = yield* now
        const left = Math.max(0, registration.claim_expires_at - startedAt)
        const millis = timeout === undefined ? left : waitMillis(operation, timeout, left)
        if (typeof millis !== "number") return yield* Effect.fail(millis)
        const gaveUp = () =>
          new ClaimTimeoutError(
            { registration_id: registration.registration_id, waited: Duration.millis(millis) },
            unchecked
          )
        // The wait's own timeout may end a pause in the middle. Only an earlier deadline prevents the pause.
        const beforeDeadline = (yield* currentDeadline) - startedAt
        const isLate = beforeDeadline < millis
        let attempts = 0
        let slower = 0
        const check: Effect.Effect<AgentToken, OAuthRequestError | DeadlineExceededError> = Effect.suspend(
          () => {
            attempts++
            return Effect.matchEffect(requestTokens(registration, "claim", resource), {
              onSuccess: (tokens) => {
                // The owner may have granted more than the agent could do before.
                stateOf(registration, resource).tokens = tokens
                return Effect.succeed(tokenOf(tokens))
              },
              onFailure: (error) => {
                if (!(error instanceof OAuthError) || !isPending(error)) return Effect.fail(error)
                // The standard of polling clients asks for 5 more seconds after each slow_down.
                if (error.code === "slow_down") slower += defaultPause
                const hint = error.retryAfter ?? Duration.millis(defaultPause)
                const delay = Duration.toMillis(hint) + slower
                const paused = isLate
                  ? pause(delay, { operation, awaited: "Check", attempts })
                  : Effect.sleep(Duration.millis(delay))
                return Effect.andThen(paused, check)
              }
            })
          }
        )
        return yield* isLate
          ? timeoutFail(check, Math.max(0, beforeDeadline), () =>
              deadlineExceeded({ operation, awaited: "Response", left: 0, attempts })
            )
          : timeoutFail(check, millis, gaveUp)
      })

    const states = new Map<string, TokenState>()
    const stateOf = (registration: AgentRegistration, resource: AgentResource): TokenState => {
      const key = JSON.stringify([registration.registration_id, resource])
      let state = states.get(key)
      if (state === undefined) {
        state = { flight: new SingleFlight(), tokens: undefined }
        const [oldest] = states.keys()
        if (states.size >= maxTokens && oldest !== undefined) states.delete(oldest)
        states.set(key, state)
      }
      return state
    }

    /** Asks with the claim token first, because an agent may do more after the claim. */
    const obtain = (
      registration: AgentRegistration,
      resource: AgentResource,
      at: number
    ): Effect.Effect<StoredTokens, OAuthRequestError | LoginRequired> => {
      const byIdentity = requestTokens(registration, "identity", resource)
      const hasIdentity = at < registration.assertion_expires_at
      if (at < registration.claim_expires_at) {
        return Effect.matchEffect(requestTokens(registration, "claim", resource), {
          onSuccess: (tokens) => Effect.succeed(tokens),
          onFailure: (error) => (hasIdentity && isPending(error) ? byIdentity : Effect.fail(error))
        })
      }
      return hasIdentity
        ? byIdentity
        : Effect.fail(
            new LoginRequired({ grant: registration.registration_id, reason: "Expired" }, unchecked)
          )
    }

    const accessToken: AgentAuthService["accessToken"] = (registration, resource = "app") =>
      Effect.flatMap(now, (at) => {
        const state = stateOf(registration, resource)
        const { tokens } = state
        if (tokens !== undefined && at < tokens.expires_at - margin) {
          return Effect.succeed(tokens.access_token)
        }
        return state.flight.run(
          Effect.map(obtain(registration, resource, at), (obtained) => {
            state.tokens = obtained
            return obtained.access_token
          })
        )
      })

    return {
      register,
      token: (registration, grant, resource = "app") =>
        Effect.map(requestTokens(registration, grant, resource), tokenOf),
      waitForClaim,
      accessToken,
      invite: (token, { email, idempotency_key = globalThis.crypto.randomUUID(), requested_role }) => {
        const secret = Redacted.value(token)
        return Effect.asVoid(
          sendForText(transport, {
            operation: "agent.invite",
            url: `${base}/agent/identity/invite`,
            headers: { authorization: `Bearer ${secret}` },
            body: { json: { email, requested_role, idempotency_key } },
            secrets: [secret]
          })
        )
      },
      revoke: (token) => {
        const secret = Redacted.value(token)
        return Effect.asVoid(
          sendForText(transport, {
            operation: "agent.revoke",
            url: `${base}/oauth2/revoke`,
            body: { form: { token: secret } },
            secrets: [secret]
          })
        )
      },
      save,
      load
    }
  })

/**
 * Agent self-registration: an agent gets a mailbox by itself, and a person claims it later.
 *
 * Building the layer sends no request. It fails with `InvalidRequestError` if an option is invalid.
 *
 * @example
 * import { AgentAuth } from "effect-sendmux/AgentAuth"
 * import * as Effect from "effect/Effect"
 *
 * export const program = Effect.gen(function* () {
 *   const agents = yield* AgentAuth
 *   const registration = yield* agents.register({ client_name: "my agent" })
 *   const token = yield* agents.accessToken(registration)
 *   yield* agents.invite(token, { email: "owner@example.com" })
 *   return yield* agents.waitForClaim(registration, { timeout: "1 hour" })
 * })
 *
 * @since 0.2.0
 * @category services
 */
export class AgentAuth extends Service("effect-sendmux/AgentAuth")<AgentAuth, AgentAuthService>() {
  /**
   * Makes the service as a value.
   *
   * @since 0.2.0
   */
  static readonly make: (
    options?: AgentOptions
  ) => Effect.Effect<AgentAuthService, InvalidRequestError, HttpClient.HttpClient> = make

  /**
   * The layer of the service.
   *
   * @since 0.2.0
   */
  static readonly layer = (
    options: AgentOptions = {}
  ): Layer.Layer<AgentAuth, InvalidRequestError, HttpClient.HttpClient> =>
    Layer.effect(AgentAuth, make(options))
}
