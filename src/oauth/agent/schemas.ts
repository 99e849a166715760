/**
 * The schemas of agent self-registration. Parts of its responses are not published, so they are decoded leniently.
 *
 * @since 0.2.0
 */
import * as Schema from "effect/Schema"
import { literals, secret, unknownRecord } from "../../internal/dialect/schema.js"
import { Optional } from "../../internal/schema/schema.js"

/** The response to a registration. */
export const IdentityResponse = Schema.Struct({
  registration_id: Schema.String,
  identity_assertion: secret,
  claim_token: secret,
  pre_claim_scopes: Optional(Schema.Array(Schema.String)),
  /** The mailbox of the agent. Its shape is not published. */
  mailbox: Optional(Schema.Unknown)
})

/**
 * A registered agent. It can be encoded as JSON to be kept, and then contains its secrets.
 *
 * @since 0.2.0
 * @category schemas
 */
export const AgentRegistration = Schema.Struct({
  version: literals(1),
  registration_id: Schema.String,
  /** Proves the identity of the agent until its owner has claimed it, for 15 minutes. */
  identity_assertion: secret,
  /** Gets the access tokens of an agent that its owner has claimed, for 24 hours. */
  claim_token: secret,
  /** What the agent may do before it is claimed. */
  pre_claim_scopes: Schema.Array(Schema.String),
  /** The mailbox of the agent, as the server sent it. */
  mailbox: unknownRecord,
  /** When the identity assertion expires, in milliseconds since the epoch. */
  assertion_expires_at: Schema.Number,
  /** When the claim token expires, in milliseconds since the epoch. */
  claim_expires_at: Schema.Number
})

/**
 * The decoded `AgentRegistration`.
 *
 * @since 0.2.0
 * @category models
 */
export interface AgentRegistration extends Schema.Schema.Type<typeof AgentRegistration> {}

/** How long an identity assertion and a claim token are valid, in milliseconds. */
export const assertionLifetime = 900_000
export const claimLifetime = 86_400_000
