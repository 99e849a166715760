/**
 * The Management surface: the team's domains, mailboxes, providers, webhooks, logs and credit.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type ConfigError, Service } from "./internal/dialect/core.js"
import type { HttpClient } from "./internal/dialect/http.js"
import { makeDataMethods } from "./internal/methods/data.js"
import { makeListMethods } from "./internal/methods/lists.js"
import type { ConfigurationError } from "./internal/model/errors.js"
import type { LayerConfigOptions, LayerOptions } from "./internal/model/options.js"
import { makePipeline, type PipelineOptions, resolveConfig } from "./internal/pipeline/make.js"
import { type Billing, makeBilling } from "./management/billing.js"
import { type ManagementConnection, makeConnection } from "./management/connection.js"
import { type Domains, makeDomains } from "./management/domains/domains.js"
import { type ManagementEmails, makeEmails } from "./management/emails/emails.js"
import { type Inboxes, makeInboxes } from "./management/inboxes.js"
import { type Mailboxes, makeMailboxes } from "./management/mailboxes/mailboxes.js"
import { makeProviders, type Providers } from "./management/providers/providers.js"
import { makeSendPolicies, type SendPolicies } from "./management/sendPolicies.js"
import { makeWebhooks, type Webhooks } from "./management/webhooks/webhooks.js"

/**
 * What the Management surface can do.
 *
 * @since 0.1.0
 * @category services
 */
export interface ManagementService {
  readonly billing: Billing
  readonly connection: ManagementConnection
  readonly domains: Domains
  readonly emails: ManagementEmails
  readonly inboxes: Inboxes
  readonly mailboxes: Mailboxes
  readonly providers: Providers
  readonly sendPolicies: SendPolicies
  readonly webhooks: Webhooks
}

/**
 * The address of the Management API at Sendmux.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultBaseUrl = "https://app.sendmux.ai/api/v1"

const make = (
  options: PipelineOptions
): Effect.Effect<ManagementService, ConfigurationError, HttpClient.HttpClient> =>
  Effect.map(makePipeline("management", defaultBaseUrl, options), (pipeline) => {
    const methods = { ...makeDataMethods(pipeline), ...makeListMethods(pipeline) }
    return {
      billing: makeBilling(methods),
      connection: makeConnection(methods),
      domains: makeDomains(methods),
      emails: makeEmails(methods),
      inboxes: makeInboxes(methods),
      mailboxes: makeMailboxes(methods),
      providers: makeProviders(methods),
      sendPolicies: makeSendPolicies(methods),
      webhooks: makeWebhooks(methods)
    }
  })

/**
 * The Management surface as a service.
 *
 * It takes a key that starts with `smx_root_`, or an access token. Building the layer fails with a
 * `ConfigurationError` for a credential that cannot work; nothing is sent for that.
 *
 * @example
 * import { Management } from "effect-sendmux/Management"
 * import * as Config from "effect/Config"
 * import * as Effect from "effect/Effect"
 *
 * export const program = Effect.gen(function* () {
 *   const { domains } = yield* Management
 *   const domain = yield* domains.create({ domain: "mail.example.com" })
 *   return yield* domains.waitUntilVerified(domain.id, { timeout: "1 hour" })
 * }).pipe(Effect.provide(Management.layerConfig({ apiKey: Config.redacted("SENDMUX_ROOT_API_KEY") })))
 *
 * @since 0.1.0
 * @category services
 */
export class Management extends Service("effect-sendmux/Management")<Management, ManagementService>() {
  /**
   * The service itself, for those who need no layer.
   *
   * @since 0.1.0
   */
  static readonly make: (
    options: LayerOptions
  ) => Effect.Effect<ManagementService, ConfigurationError, HttpClient.HttpClient> = make

  /**
   * The service over whichever `HttpClient` is provided, such as `FetchHttpClient.layer` or, on Node,
   * `NodeHttpClient.layerUndici`.
   *
   * @since 0.1.0
   */
  static readonly layer = (
    options: LayerOptions
  ): Layer.Layer<Management, ConfigurationError, HttpClient.HttpClient> =>
    Layer.effect(Management, make(options))

  /**
   * Like `layer`, with credential, base URL and timeout read from `Config`.
   *
   * @since 0.1.0
   */
  static readonly layerConfig = (
    options: LayerConfigOptions
  ): Layer.Layer<Management, ConfigurationError | ConfigError, HttpClient.HttpClient> =>
    Layer.effect(Management, Effect.flatMap(resolveConfig(options), make))
}

export type { ModifyChange, ModifyMethod, ModifyOptions } from "./internal/methods/modify.js"
export type * from "./internal/model/call.js"
export { Connection } from "./internal/model/connection.js"
export * from "./internal/model/errors.js"
export type * from "./internal/model/options.js"
export type { WaitOptions } from "./internal/timing/poll.js"
export * as Retry from "./internal/timing/retry.js"
export {
  AutoTopup,
  Balance,
  type Billing,
  ListTransactionsInput,
  SpendSummary,
  SpendSummaryInput,
  Transaction
} from "./management/billing.js"
export { Deleted, PageInput } from "./management/common.js"
export type { ManagementConnection } from "./management/connection.js"
export {
  checkDns,
  type DnsFinding,
  type DnsFindings,
  type DnsPurpose,
  type DnsRecord,
  type DnsState,
  DomainChecks,
  DomainDnsRecords,
  type DomainWithRecords,
  dnsRecords,
  formatDns,
  formatDnsRecord,
  outstandingDns
} from "./management/domains/dns.js"
export {
  CreateDomainInput,
  Domain,
  type Domains,
  DomainVerification,
  DomainVerificationTimeoutError,
  UpdateDomainInput
} from "./management/domains/domains.js"
export { compareDns, type PublishedRecord } from "./management/domains/publishedDns.js"
export {
  type DeliveryFilter,
  type DeliveryTarget,
  DeliveryTimeoutError,
  EmailLog,
  EmailLogDetail,
  EmailLogRecipient,
  ListEmailLogsInput,
  type ManagementEmails
} from "./management/emails/emails.js"
export {
  EmailCounts,
  type EmailMeasure,
  EmailMetrics,
  EmailMetricsInput,
  EmailMetricsPoint,
  emailSeries,
  type SeriesPoint,
  sentShare
} from "./management/emails/metrics.js"
export { FilterRule, FilterRuleInput, FilterState, SetFiltersInput } from "./management/filters.js"
export { type Inboxes, InboxLog, ListInboxLogsInput } from "./management/inboxes.js"
export type { Mailboxes } from "./management/mailboxes/mailboxes.js"
export {
  CheckAvailabilityInput,
  CreateMailboxInput,
  CreateMailboxKeyInput,
  ListMailboxesInput,
  Mailbox,
  MailboxAvailability,
  MailboxCreated,
  MailboxCredential,
  MailboxKeyCreated,
  SendScope,
  SendScopeInput,
  UpdateMailboxInput
} from "./management/mailboxes/schemas.js"
export {
  MailboxCostInput,
  MailboxCostUsage,
  MailboxEmailCost,
  MailboxStorageCost
} from "./management/mailboxes/usage.js"
export { ListPosition, type Positioned, type ResumableList } from "./management/positions.js"
export {
  ProviderLimits,
  ResourceLimit,
  SendingAccountLimitRequest,
  SharedSesLimit,
  SharedSesLimitChange,
  SharedSesLimitRequest,
  SharedSesLimitStatus
} from "./management/providers/limits.js"
export type { Providers } from "./management/providers/providers.js"
export {
  CreateProviderInput,
  ListProvidersInput,
  Provider,
  ProviderActions,
  ProviderQuotaInput,
  ProviderQuotaRange,
  ProviderQuotas,
  ProviderQuotasInput,
  ProviderStats,
  ProviderTest,
  ProviderUsage,
  ProviderUsageItem,
  UpdateProviderInput
} from "./management/providers/schemas.js"
export {
  RecipientRule,
  RecipientRuleInput,
  ReplaceSendPolicyInput,
  type ReplaceSendPolicyOptions,
  SenderRule,
  SenderRuleInput,
  type SendPolicies,
  SendPolicy,
  SendPolicyInput,
  type SendPolicyScope,
  SendPolicySnapshot
} from "./management/sendPolicies.js"
export {
  CreateWebhookInput,
  ListDeliveriesInput,
  UpdateWebhookInput,
  Webhook,
  WebhookDelivery,
  WebhookDeliveryPayload,
  WebhookEventData,
  WebhookTest,
  WebhookWithSecret
} from "./management/webhooks/schemas.js"
export type { Webhooks } from "./management/webhooks/webhooks.js"
