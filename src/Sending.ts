/**
 * The Sending API as a service: sends email through the providers of the team.
 *
 * @since 0.1.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type ConfigError, Service } from "./internal/dialect/core.js"
import type { HttpClient } from "./internal/dialect/http.js"
import { makeDataMethods } from "./internal/methods/data.js"
import { makeUploadMethods } from "./internal/methods/uploads.js"
import type { ConfigurationError } from "./internal/model/errors.js"
import type { LayerConfigOptions, LayerOptions } from "./internal/model/options.js"
import { sendingUrl } from "./internal/model/surfaces.js"
import { makePipeline, type PipelineOptions, resolveConfig } from "./internal/pipeline/make.js"
import { type Attachments, makeAttachments } from "./sending/attachments.js"
import { makeConnection, type SendingConnection } from "./sending/connection.js"
import { type Emails, makeEmails } from "./sending/emails/emails.js"
import { makeMeta, type SendingMeta } from "./sending/meta.js"

export type * from "./internal/model/call.js"
export * from "./internal/model/connection.js"
export * from "./internal/model/errors.js"
export type * from "./internal/model/options.js"
export * as Call from "./internal/timing/deadline.js"
export * as Retry from "./internal/timing/retry.js"
export * from "./sending/attachments.js"
export * from "./sending/connection.js"
export * from "./sending/emails/emails.js"
export * from "./sending/emails/schemas.js"
export * from "./sending/meta.js"

/**
 * The methods of the Sending API, by resource.
 *
 * @since 0.1.0
 * @category services
 */
export interface SendingService {
  readonly emails: Emails
  readonly attachments: Attachments
  readonly connection: SendingConnection
  readonly meta: SendingMeta
}

/**
 * The base URL of the Sending API.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultBaseUrl = sendingUrl

const make = (
  options: PipelineOptions
): Effect.Effect<SendingService, ConfigurationError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const pipeline = yield* makePipeline("sending", defaultBaseUrl, options)
    const methods = { ...makeDataMethods(pipeline), ...makeUploadMethods(pipeline) }
    return {
      emails: makeEmails(methods),
      attachments: makeAttachments(methods),
      connection: makeConnection(methods),
      meta: makeMeta(methods)
    }
  })

/**
 * The service of the Sending API.
 *
 * The credential is an API key that starts with `smx_mbx_` or `smx_agent_`, or an OAuth access token. Building the
 * layer sends no request. It fails with `ConfigurationError` for a malformed credential or an invalid option.
 *
 * @example
 * import { Sending } from "effect-sendmux/Sending"
 * import { redacted } from "effect/Config"
 * import * as Effect from "effect/Effect"
 *
 * export const program = Effect.gen(function* () {
 *   const sending = yield* Sending
 *   return yield* sending.emails.send({
 *     from: { email: "hello@example.com" },
 *     to: { email: "ada@example.com" },
 *     subject: "Welcome",
 *     html_body: "<p>Hi</p>"
 *   })
 * }).pipe(Effect.provide(Sending.layerConfig({ apiKey: redacted("SENDMUX_MAILBOX_API_KEY") })))
 *
 * @since 0.1.0
 * @category services
 */
export class Sending extends Service("effect-sendmux/Sending")<Sending, SendingService>() {
  /**
   * Makes the service as a value, for programs with several credentials.
   *
   * @since 0.1.0
   */
  static readonly make: (
    options: LayerOptions
  ) => Effect.Effect<SendingService, ConfigurationError, HttpClient.HttpClient> = make

  /**
   * The layer of the service. It needs an `HttpClient`, such as `FetchHttpClient.layer`, or
   * `NodeHttpClient.layerUndici` on Node.
   *
   * @since 0.1.0
   */
  static readonly layer = (
    options: LayerOptions
  ): Layer.Layer<Sending, ConfigurationError, HttpClient.HttpClient> => Layer.effect(Sending, make(options))

  /**
   * The layer of the service, with the credential, the base URL and the timeout read from `Config`.
   *
   * @since 0.1.0
   */
  static readonly layerConfig = (
    options: LayerConfigOptions
  ): Layer.Layer<Sending, ConfigurationError | ConfigError, HttpClient.HttpClient> =>
    Layer.effect(Sending, Effect.flatMap(resolveConfig(options), make))
}
