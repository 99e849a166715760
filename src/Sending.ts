/**
 * The Sending surface: email out over the team's own providers.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type ConfigError, Service } from "./internal/dialect/core.js"
import type { HttpClient } from "./internal/dialect/http.js"
import { makeDataMethods } from "./internal/methods/data.js"
import type { ConfigurationError } from "./internal/model/errors.js"
import type { LayerConfigOptions, LayerOptions } from "./internal/model/options.js"
import { makePipeline, type PipelineOptions, resolveConfig } from "./internal/pipeline/make.js"
import { type Attachments, makeAttachments } from "./sending/attachments.js"
import { makeConnection, type SendingConnection } from "./sending/connection.js"
import { type Emails, makeEmails } from "./sending/emails.js"
import { makeMeta, type SendingMeta } from "./sending/meta.js"

/**
 * What the Sending surface can do.
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
 * The address of the Sending API at Sendmux.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultBaseUrl = "https://smtp.sendmux.ai/api/v1"

const make = (
  options: PipelineOptions
): Effect.Effect<SendingService, ConfigurationError, HttpClient.HttpClient> =>
  Effect.map(makePipeline("sending", defaultBaseUrl, options), (pipeline) => {
    const methods = makeDataMethods(pipeline)
    return {
      emails: makeEmails(methods),
      attachments: makeAttachments(methods),
      connection: makeConnection(methods),
      meta: makeMeta(methods)
    }
  })

/**
 * The Sending surface as a service.
 *
 * It takes a key that starts with `smx_mbx_` or `smx_agent_`, or an access token. Building the layer fails with a
 * `ConfigurationError` for a credential that cannot work; nothing is sent for that.
 *
 * @example
 * import { Sending } from "effect-sendmux/Sending"
 * import * as Config from "effect/Config"
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
 * }).pipe(Effect.provide(Sending.layerConfig({ apiKey: Config.redacted("SENDMUX_MAILBOX_API_KEY") })))
 *
 * @since 0.1.0
 * @category services
 */
export class Sending extends Service("effect-sendmux/Sending")<Sending, SendingService>() {
  /**
   * The service itself, for those who need no layer.
   *
   * @since 0.1.0
   */
  static readonly make: (
    options: LayerOptions
  ) => Effect.Effect<SendingService, ConfigurationError, HttpClient.HttpClient> = make

  /**
   * The service over whichever `HttpClient` is provided, such as `FetchHttpClient.layer` or, on Node,
   * `NodeHttpClient.layerUndici`.
   *
   * @since 0.1.0
   */
  static readonly layer = (
    options: LayerOptions
  ): Layer.Layer<Sending, ConfigurationError, HttpClient.HttpClient> => Layer.effect(Sending, make(options))

  /**
   * Like `layer`, with credential, base URL and timeout read from `Config`.
   *
   * @since 0.1.0
   */
  static readonly layerConfig = (
    options: LayerConfigOptions
  ): Layer.Layer<Sending, ConfigurationError | ConfigError, HttpClient.HttpClient> =>
    Layer.effect(Sending, Effect.flatMap(resolveConfig(options), make))
}

export type * from "./internal/model/call.js"
export { Connection } from "./internal/model/connection.js"
export * from "./internal/model/errors.js"
export type * from "./internal/model/options.js"
export * as Retry from "./internal/timing/retry.js"
export {
  Attachment,
  type Attachments,
  AttachmentUpload,
  CompleteUploadInput,
  CreateUploadInput,
  UploadInput
} from "./sending/attachments.js"
export type { SendingConnection } from "./sending/connection.js"
export {
  AddressInput,
  type BatchFailed,
  BatchInput,
  type BatchItem,
  BatchItemError,
  type BatchQueued,
  type BatchResult,
  BatchSummary,
  EmailInput,
  type Emails,
  InlineAttachment,
  SendResult,
  UploadedAttachment
} from "./sending/emails.js"
export type { SendingMeta } from "./sending/meta.js"
