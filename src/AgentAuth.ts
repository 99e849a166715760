/**
 * Agents that register themselves with Sendmux: a proof of work, an identity with a mailbox, access tokens, and the claim by a
 * person. `docs/oauth.md` is the guide.
 *
 * @since 0.2.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"

export {
  DeadlineExceededError,
  InvalidRequestError,
  ResponseDecodeError,
  TransportError
} from "./internal/model/errors.js"
export * from "./oauth/agent/agent.js"
export * from "./oauth/agent/model.js"
export {
  type Challenge,
  ChallengeParameters,
  ProofOfWorkError,
  type Solution,
  solveChallenge
} from "./oauth/agent/proofOfWork.js"
export { AgentRegistration } from "./oauth/agent/schemas.js"
export {
  LoginRequired,
  OAuthError,
  type OAuthErrorCode,
  type OAuthRequestError,
  TokenStoreError
} from "./oauth/errors.js"
export type { OAuthTransportOptions } from "./oauth/options.js"
export { TokenStore, type TokenStoreService } from "./oauth/store.js"
