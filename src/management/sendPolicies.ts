/**
 * Send policies: from whom and to whom a team, a mailbox or a credential may send.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { type ModifyMethod, modifyOf } from "../internal/methods/modify.js"
import type { DataMethods } from "../internal/methods/types.js"
import type { CallOptions, ConditionalMethod, IdempotentOptions, Method } from "../internal/model/call.js"
import { operation } from "../internal/operation/operation.js"
import {
  Checked,
  EmailAddress,
  ListOf,
  Nullable,
  Optional,
  OptionalInput
} from "../internal/schema/schema.js"

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

const strings = Optional(Schema.Array(Schema.String))

/**
 * Sender addresses that a policy lets through: listed ones, those of listed domains, and the mailbox's own.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SenderRule = Schema.Struct({
  addresses: strings,
  domains: strings,
  /** Whether the mailbox's own address is among them; where nothing is said, it is. */
  own_address: Optional(Schema.Boolean)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SenderRule extends Schema.Schema.Type<typeof SenderRule> {}

/**
 * Recipients, by address or by domain.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RecipientRule = Schema.Struct({ addresses: strings, domains: strings })

/**
 * @since 0.1.0
 * @category models
 */
export interface RecipientRule extends Schema.Schema.Type<typeof RecipientRule> {}

/**
 * From whom and to whom may be sent. What a policy does not mention has its default.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SendPolicy = Schema.Struct({
  /** Who may stand in `From`. */
  allowed_from: Optional(SenderRule),
  /** Who may stand in `Reply-To`. */
  allowed_reply_to: Optional(SenderRule),
  /** Further sender addresses to choose from. */
  alternate_from: strings,
  recipients: Optional(
    Schema.Struct({
      /** Only these; null for anyone. */
      allow: Nullable(RecipientRule),
      /** None of these, whatever `allow` says. */
      deny: Optional(RecipientRule)
    })
  )
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SendPolicy extends Schema.Schema.Type<typeof SendPolicy> {}

/**
 * A policy and its version.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SendPolicySnapshot = Schema.Struct({
  policy: SendPolicy,
  /** 64 hexadecimal digits that change with the policy. `ifMatch` takes the ETag, not this. */
  version: Schema.String
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SendPolicySnapshot extends Schema.Schema.Type<typeof SendPolicySnapshot> {}

const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
const domainName = new RegExp(`^${label}(?:\\.${label})+$`)

const DomainName = Checked(Schema.String, (name) =>
  name.length <= 253 && domainName.test(name)
    ? undefined
    : "must be a domain in lower case, such as example.com"
)

const addresses = OptionalInput(ListOf(EmailAddress, 0, 100))
const domains = OptionalInput(ListOf(DomainName, 0, 100))

/**
 * @since 0.1.0
 * @category schemas
 */
export const SenderRuleInput = Schema.Struct({
  /** Up to 100. Default: none. */
  addresses,
  /** Up to 100, in lower case. Default: none. */
  domains,
  /** Whether the mailbox's own address may be used. Default: `true`. */
  own_address: OptionalInput(Schema.Boolean)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SenderRuleInput extends Schema.Schema.Type<typeof SenderRuleInput> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const RecipientRuleInput = Schema.Struct({
  /** Up to 100. Default: none. */
  addresses,
  /** Up to 100, in lower case. Default: none. */
  domains
})

/**
 * @since 0.1.0
 * @category models
 */
export interface RecipientRuleInput extends Schema.Schema.Type<typeof RecipientRuleInput> {}

/**
 * A policy to set in place of the present one, whole: what it leaves out falls back to its default.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SendPolicyInput = Schema.Struct({
  /** Who may stand in `From`. Default: the mailbox's own address. */
  allowed_from: OptionalInput(SenderRuleInput),
  /** Who may stand in `Reply-To`. Default: the mailbox's own address. */
  allowed_reply_to: OptionalInput(SenderRuleInput),
  /** Further sender addresses to choose from, up to 100. Default: none. */
  alternate_from: OptionalInput(ListOf(EmailAddress, 0, 100)),
  recipients: OptionalInput(
    Schema.Struct({
      /** Only these. Default: null, anyone. */
      allow: OptionalInput(Schema.NullOr(RecipientRuleInput)),
      /** None of these. Default: nobody. */
      deny: OptionalInput(RecipientRuleInput)
    })
  )
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SendPolicyInput extends Schema.Schema.Type<typeof SendPolicyInput> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ReplaceSendPolicyInput = Schema.Struct({ policy: SendPolicyInput })

/**
 * @since 0.1.0
 * @category models
 */
export interface ReplaceSendPolicyInput extends Schema.Schema.Type<typeof ReplaceSendPolicyInput> {}

/**
 * Whose policy: the whole team's, a mailbox's, or that of a credential, which is an API key, the grant of a connected
 * app, or the registration of an agent.
 *
 * @since 0.1.0
 * @category models
 */
export type SendPolicyScope = "team" | "mailbox" | "api_key" | "oauth_grant" | "agent_registration"

/**
 * Options of `sendPolicies.replace`, which never writes blindly.
 *
 * @since 0.1.0
 * @category options
 */
export interface ReplaceSendPolicyOptions extends IdempotentOptions {
  /** The ETag of the policy that is replaced, verbatim. Another one on the server fails with `conflict`. */
  readonly ifMatch: string
}

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** @internal */
export const sendPolicyOperations = {
  get: operation("management.sendPolicies.get", {
    http: "GET",
    path: "/mailbox-send-policies/{scope}/{public_id}",
    data: SendPolicySnapshot,
    flags: ["conditional"]
  }),
  replace: operation("management.sendPolicies.replace", {
    http: "PUT",
    path: "/mailbox-send-policies/{scope}/{public_id}",
    body: "json",
    input: ReplaceSendPolicyInput,
    data: SendPolicySnapshot,
    flags: ["idempotencyKey", "ifMatch"]
  })
}

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category services
 */
export interface SendPolicies {
  /**
   * The policy of a team, a mailbox or a credential, by its public id:
   * `GET /mailbox-send-policies/{scope}/{public_id}`.
   *
   * Fails with `insufficient_permissions` where the key may not see that scope: each scope has its own permission.
   */
  readonly get: ConditionalMethod<
    [scope: SendPolicyScope, public_id: string, options?: CallOptions],
    SendPolicySnapshot
  >
  /**
   * Sets a policy in place of the present one: `PUT /mailbox-send-policies/{scope}/{public_id}`.
   *
   * Needs the ETag of the policy it replaces; fails with `conflict` when that is no longer the present one. `modify`
   * sees to both.
   */
  readonly replace: Method<
    [
      scope: SendPolicyScope,
      public_id: string,
      input: ReplaceSendPolicyInput,
      options: ReplaceSendPolicyOptions
    ],
    SendPolicySnapshot
  >
  /** Reads a policy, decides, and replaces it unless someone else did meanwhile. */
  readonly modify: ModifyMethod<
    [scope: SendPolicyScope, public_id: string],
    SendPolicySnapshot,
    ReplaceSendPolicyInput
  >
}

/** @internal */
export const makeSendPolicies = (methods: DataMethods): SendPolicies => {
  const get = methods.conditional(sendPolicyOperations.get)
  const replace = methods.call(sendPolicyOperations.replace)
  return { get, replace, modify: modifyOf(sendPolicyOperations.replace, get, replace) }
}
