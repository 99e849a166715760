/**
 * The Management API as a service: the domains, mailboxes, providers, webhooks, logs and billing of a team.
 *
 * @since 0.1.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type ConfigError, Service } from "./internal/dialect/core.js"
import type { HttpClient } from "./internal/dialect/http.js"
import { makeDataMethods } from "./internal/methods/data.js"
import { makeListMethods } from "./internal/methods/lists.js"
import type { ConfigurationError } from "./internal/model/errors.js"
import type { LayerConfigOptions, LayerOptions } from "./internal/model/options.js"
import { appUrl } from "./internal/model/surfaces.js"
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

export type { ModifyChange, ModifyMethod, ModifyOptions } from "./internal/methods/modify.js"
export type * from "./internal/model/call.js"
export * from "./internal/model/connection.js"
export * from "./internal/model/errors.js"
export type * from "./internal/model/options.js"
export * as Call from "./internal/timing/deadline.js"
export type { WaitOptions } from "./internal/timing/poll.js"
export * as Retry from "./internal/timing/retry.js"
export * from "./management/billing.js"
export * from "./management/common.js"
export * from "./management/connection.js"
export * from "./management/domains/dns.js"
export * from "./management/domains/domains.js"
export * from "./management/domains/publishedDns.js"
export * from "./management/domains/schemas.js"
export * from "./management/domains/waitUntilVerified.js"
export * from "./management/emails/emails.js"
export * from "./management/emails/metrics.js"
export * from "./management/emails/schemas.js"
export * from "./management/emails/waitForDelivery.js"
export * from "./management/filters.js"
export * from "./management/inboxes.js"
export * from "./management/mailboxes/mailboxes.js"
export * from "./management/mailboxes/schemas.js"
export * from "./management/mailboxes/usage.js"
export * from "./management/positions.js"
export * from "./management/providers/limits.js"
export * from "./management/providers/providers.js"
export * from "./management/providers/schemas.js"
export * from "./management/sendPolicies.js"
export * from "./management/webhooks/schemas.js"
export * from "./management/webhooks/webhooks.js"

/**
 * The methods of the Management API, by resource.
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
 * The base URL of the Management API.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultBaseUrl = appUrl

const make = (
  options: PipelineOptions
): Effect.Effect<ManagementService, ConfigurationError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const pipeline = yield* makePipeline("management", defaultBaseUrl, options)
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
 * The service of the Management API.
 *
 * The credential is an API key that starts with `smx_root_`, or an OAuth access token. Building the layer sends no
 * request. It fails with `ConfigurationError` for a malformed credential or an invalid option.
 *
 * @example
 * import { Management } from "effect-sendmux/Management"
 * import { redacted } from "effect/Config"
 * import * as Effect from "effect/Effect"
 *
 * export const program = Effect.gen(function* () {
 *   const { domains } = yield* Management
 *   const domain = yield* domains.create({ domain: "mail.example.com" })
 *   return yield* domains.waitUntilVerified(domain.id, { timeout: "1 hour" })
 * }).pipe(Effect.provide(Management.layerConfig({ apiKey: redacted("SENDMUX_ROOT_API_KEY") })))
 *
 * @since 0.1.0
 * @category services
 */
export class Management extends Service("effect-sendmux/Management")<Management, ManagementService>() {
  /**
   * Makes the service as a value, for programs with several credentials.
   *
   * @since 0.1.0
   */
  static readonly make: (
    options: LayerOptions
  ) => Effect.Effect<ManagementService, ConfigurationError, HttpClient.HttpClient> = make

  /**
   * The layer of the service. It needs an `HttpClient`, such as `FetchHttpClient.layer`, or
   * `NodeHttpClient.layerUndici` on Node.
   *
   * @since 0.1.0
   */
  static readonly layer = (
    options: LayerOptions
  ): Layer.Layer<Management, ConfigurationError, HttpClient.HttpClient> =>
    Layer.effect(Management, make(options))

  /**
   * The layer of the service, with the credential, the base URL and the timeout read from `Config`.
   *
   * @since 0.1.0
   */
  static readonly layerConfig = (
    options: LayerConfigOptions
  ): Layer.Layer<Management, ConfigurationError | ConfigError, HttpClient.HttpClient> =>
    Layer.effect(Management, Effect.flatMap(resolveConfig(options), make))
}
