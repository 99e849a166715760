/**
 * The types of agent self-registration: options, inputs, results and methods.
 *
 * @since 0.2.0
 */
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { DurationInput } from "../../internal/dialect/core.js"
import { durationFromMillis, TaggedError } from "../../internal/dialect/schema.js"
import type { DeadlineExceededError } from "../../internal/model/errors.js"
import type { LoginRequired, OAuthRequestError, TokenStoreError } from "../errors.js"
import type { OAuthTransportOptions } from "../options.js"
import type { TokenStore } from "../store.js"
import type { Challenge, ProofOfWorkError, Solution } from "./proofOfWork.js"
import type { AgentRegistration } from "./schemas.js"

/**
 * The base URL of agent self-registration at Sendmux.
 *
 * @since 0.2.0
 * @category constants
 */
export const defaultBaseUrl = "https://app.sendmux.ai/agent-auth"

/**
 * The API that a token is for: `app` for Mailbox, `sending` for Sending, or the URL of another one.
 *
 * @since 0.2.0
 * @category models
 */
export type AgentResource = "app" | "sending" | (string & {})

/**
 * The options of `AgentAuth`.
 *
 * @since 0.2.0
 * @category options
 */
export interface AgentOptions extends OAuthTransportOptions {
  /** The URL of agent self-registration. Default: that of Sendmux. */
  readonly baseUrl?: string | undefined
  /** Solves the proof of work, instead of `solveChallenge`. */
  readonly solve?: ((challenge: Challenge) => Effect.Effect<Solution, ProofOfWorkError>) | undefined
}

/**
 * The input of a registration.
 *
 * @since 0.2.0
 * @category models
 */
export interface RegisterInput {
  /** The part before the `@` of the address that the agent would like to have. */
  readonly mailbox_local_part?: string | undefined
  /** The name of the program, for its owner. */
  readonly client_name?: string | undefined
  /**
   * A key under which the server registers one agent only. Use the same key again after a failure that leaves open whether the
   * server has registered the agent. Default: a random one.
   */
  readonly idempotency_key?: string | undefined
}

/**
 * The input of an invitation.
 *
 * @since 0.2.0
 * @category models
 */
export interface InviteInput {
  /** The address of the person who is to own the agent. */
  readonly email: string
  /** The role that the agent asks for. */
  readonly requested_role?: string | undefined
  /** Default: a random one. */
  readonly idempotency_key?: string | undefined
}

/**
 * An access token of an agent.
 *
 * @since 0.2.0
 * @category models
 */
export interface AgentToken {
  readonly accessToken: Redacted.Redacted
  readonly scopes: ReadonlyArray<string>
  readonly expiresAt: DateTime.Utc
}

/**
 * How long to wait for a claim.
 *
 * @since 0.2.0
 * @category options
 */
export interface ClaimWaitOptions {
  /** How long to wait in total. Default: until the claim token expires. */
  readonly timeout?: DurationInput | undefined
  /** The API that the token is for. Default: `app`. */
  readonly resource?: AgentResource | undefined
}

/**
 * Nobody claimed the agent before the wait ended. It may be claimed later.
 *
 * @since 0.2.0
 * @category errors
 */
export class ClaimTimeoutError extends TaggedError<ClaimTimeoutError>("effect-sendmux/ClaimTimeoutError")(
  "ClaimTimeoutError",
  { registration_id: Schema.String, waited: durationFromMillis }
) {
  override get message(): string {
    return `Nobody claimed the agent ${this.registration_id} within ${Duration.toMillis(this.waited)} ms`
  }
  override toString(): string {
    return `${this._tag}: ${this.message}`
  }
}

/**
 * The methods of agent self-registration.
 *
 * @since 0.2.0
 * @category services
 */
export interface AgentAuthService {
  /**
   * Registers an agent: fetches a challenge, solves it off the main loop, and asks for an identity. Keep the registration, for
   * example with `save`, because its secrets are sent once.
   */
  readonly register: (
    input?: RegisterInput
  ) => Effect.Effect<AgentRegistration, OAuthRequestError | ProofOfWorkError>
  /**
   * Gets an access token with the identity of the agent, for what it may do before it is claimed, or after the claim with the
   * claim token. `authorization_pending` is the code of the `OAuthError` while nobody has claimed it.
   */
  readonly token: (
    registration: AgentRegistration,
    grant: "identity" | "claim",
    resource?: AgentResource
  ) => Effect.Effect<AgentToken, OAuthRequestError>
  /**
   * Waits until an owner has claimed the agent, at the pace that the server asks for. Succeeds with an access token. Fails with
   * `DeadlineExceededError` under a `Call.deadline` that ends before the wait.
   */
  readonly waitForClaim: (
    registration: AgentRegistration,
    options?: ClaimWaitOptions
  ) => Effect.Effect<AgentToken, OAuthRequestError | ClaimTimeoutError | DeadlineExceededError>
  /**
   * Succeeds with a valid access token for the option `accessToken` of a layer. Tokens are remembered, and fibers that need a
   * new one at the same time cause one request. Before the claim it uses the identity, and afterwards the claim token. Fails with
   * `LoginRequired` when both have expired.
   */
  readonly accessToken: (
    registration: AgentRegistration,
    resource?: AgentResource
  ) => Effect.Effect<Redacted.Redacted, OAuthRequestError | LoginRequired>
  /** Asks a person to own the agent, with an access token of the agent for `app`. */
  readonly invite: (
    accessToken: Redacted.Redacted,
    input: InviteInput
  ) => Effect.Effect<void, OAuthRequestError>
  /** Revokes an access token. The server responds in the same way to a token that it does not know. */
  readonly revoke: (token: Redacted.Redacted) => Effect.Effect<void, OAuthRequestError>
  /** Keeps a registration in the `TokenStore` under a name. */
  readonly save: (
    name: string,
    registration: AgentRegistration
  ) => Effect.Effect<void, TokenStoreError, TokenStore>
  /** Reads a registration from the `TokenStore`. `undefined` if there is none. */
  readonly load: (name: string) => Effect.Effect<AgentRegistration | undefined, TokenStoreError, TokenStore>
}
