/**
 * Send policies: which senders and recipients a team, a mailbox or a credential may use.
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
 * The sender addresses that a policy allows.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SenderRule = Schema.Struct({
  addresses: strings,
  /** Domains whose addresses are all allowed. */
  domains: strings,
  /** Whether the address of the mailbox is allowed. A missing value means that it is. */
  own_address: Optional(Schema.Boolean)
})

/**
 * The sender addresses that a policy allows.
 *
 * @since 0.1.0
 * @category models
 */
export interface SenderRule extends Schema.Schema.Type<typeof SenderRule> {}

/**
 * A set of recipients, as addresses and domains.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RecipientRule = Schema.Struct({ addresses: strings, domains: strings })

/**
 * A set of recipients, as addresses and domains.
 *
 * @since 0.1.0
 * @category models
 */
export interface RecipientRule extends Schema.Schema.Type<typeof RecipientRule> {}

/**
 * A send policy. A missing key has its default.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SendPolicy = Schema.Struct({
  /** The addresses that are allowed in `From`. */
  allowed_from: Optional(SenderRule),
  /** The addresses that are allowed in `Reply-To`. */
  allowed_reply_to: Optional(SenderRule),
  /** Additional sender addresses to choose from. */
  alternate_from: strings,
  recipients: Optional(
    Schema.Struct({
      /** The only recipients that are allowed. Null allows all recipients. */
      allow: Nullable(RecipientRule),
      /** Recipients that are not allowed, even if `allow` contains them. */
      deny: Optional(RecipientRule)
    })
  )
})

/**
 * A send policy.
 *
 * @since 0.1.0
 * @category models
 */
export interface SendPolicy extends Schema.Schema.Type<typeof SendPolicy> {}

/**
 * A send policy and its version.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SendPolicySnapshot = Schema.Struct({
  policy: SendPolicy,
  /** 64 hexadecimal digits that change with the policy. For `ifMatch` use the ETag, not the version. */
  version: Schema.String
})

/**
 * A send policy and its version.
 *
 * @since 0.1.0
 * @category models
 */
export interface SendPolicySnapshot extends Schema.Schema.Type<typeof SendPolicySnapshot> {}

const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
const domainName = new RegExp(`^${label}(?:\\.${label})+$`)

const DomainName = Checked(Schema.String, (name) =>
  name.length <= 253 && domainName.test(name)
    ? undefined
    : "must be a domain in lowercase, such as example.com"
)

const addresses = OptionalInput(ListOf(EmailAddress, 0, 100))
const domains = OptionalInput(ListOf(DomainName, 0, 100))

/**
 * The sender addresses to allow in a policy.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SenderRuleInput = Schema.Struct({
  /** At most 100 addresses. Default: no addresses. */
  addresses,
  /** At most 100 domains, in lowercase. Default: no domains. */
  domains,
  /** Whether the address of the mailbox is allowed. Default: `true`. */
  own_address: OptionalInput(Schema.Boolean)
})

/**
 * The sender addresses to allow in a policy.
 *
 * @since 0.1.0
 * @category models
 */
export interface SenderRuleInput extends Schema.Schema.Type<typeof SenderRuleInput> {}

/**
 * The recipients to allow or to deny in a policy.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RecipientRuleInput = Schema.Struct({
  /** At most 100 addresses. Default: no addresses. */
  addresses,
  /** At most 100 domains, in lowercase. Default: no domains. */
  domains
})

/**
 * The recipients to allow or to deny in a policy.
 *
 * @since 0.1.0
 * @category models
 */
export interface RecipientRuleInput extends Schema.Schema.Type<typeof RecipientRuleInput> {}

/**
 * A complete policy that replaces the previous one. A missing key gets its default.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SendPolicyInput = Schema.Struct({
  /** The addresses that are allowed in `From`. Default: the address of the mailbox. */
  allowed_from: OptionalInput(SenderRuleInput),
  /** The addresses that are allowed in `Reply-To`. Default: the address of the mailbox. */
  allowed_reply_to: OptionalInput(SenderRuleInput),
  /** At most 100 additional sender addresses to choose from. Default: no addresses. */
  alternate_from: OptionalInput(ListOf(EmailAddress, 0, 100)),
  recipients: OptionalInput(
    Schema.Struct({
      /** The only recipients that are allowed. Default: null, which allows all recipients. */
      allow: OptionalInput(Schema.NullOr(RecipientRuleInput)),
      /** Recipients that are not allowed, even if `allow` contains them. Default: no recipients. */
      deny: OptionalInput(RecipientRuleInput)
    })
  )
})

/**
 * A complete policy that replaces the previous one.
 *
 * @since 0.1.0
 * @category models
 */
export interface SendPolicyInput extends Schema.Schema.Type<typeof SendPolicyInput> {}

/**
 * The input of `sendPolicies.replace`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ReplaceSendPolicyInput = Schema.Struct({ policy: SendPolicyInput })

/**
 * The input of `sendPolicies.replace`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReplaceSendPolicyInput extends Schema.Schema.Type<typeof ReplaceSendPolicyInput> {}

/**
 * The kind of resource that a policy belongs to: the team, a mailbox, an API key, the OAuth grant of a connected app,
 * or the registration of an agent.
 *
 * @since 0.1.0
 * @category models
 */
export type SendPolicyScope = "team" | "mailbox" | "api_key" | "oauth_grant" | "agent_registration"

/**
 * The options of `sendPolicies.replace`.
 *
 * @since 0.1.0
 * @category options
 */
export interface ReplaceSendPolicyOptions extends IdempotentOptions {
  /**
   * The ETag of the policy to replace, exactly as received. The call fails with `conflict` if the policy has changed.
   */
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
 * The methods of `management.sendPolicies`.
 *
 * @since 0.1.0
 * @category services
 */
export interface SendPolicies {
  /**
   * Reads the policy of a team, a mailbox or a credential by its public id:
   * `GET /mailbox-send-policies/{scope}/{public_id}`.
   *
   * Fails with `not_found` if the team has no such resource, and with `insufficient_permissions` if the credential
   * may not read policies of this scope. Each scope has its own permission.
   */
  readonly get: ConditionalMethod<
    [scope: SendPolicyScope, public_id: string, options?: CallOptions],
    SendPolicySnapshot
  >
  /**
   * Replaces a policy: `PUT /mailbox-send-policies/{scope}/{public_id}`. The option `ifMatch` is required.
   *
   * Fails with `conflict` if the policy has changed since the ETag was read.
   *
   * @see `modify` to read the ETag and to repeat the change after a conflict
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
  /**
   * Reads a policy, applies a change and replaces the policy with the ETag that was read. After a `conflict` it repeats
   * all steps, up to 5 times by default. A change that returns `undefined` writes nothing.
   *
   * @example
   * import { Management } from "effect-sendmux/Management"
   * import * as Effect from "effect/Effect"
   *
   * export const addSender = (mailboxId: string, address: string) =>
   *   Effect.gen(function* () {
   *     const { sendPolicies } = yield* Management
   *     return yield* sendPolicies.modify("mailbox", mailboxId, ({ policy }) => ({
   *       policy: { ...policy, alternate_from: [...(policy.alternate_from ?? []), address] }
   *     }))
   *   })
   */
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
