/**
 * The Mailbox API as a service: reads, changes and sends the messages of mailboxes, and follows their changes.
 *
 * @since 0.1.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type ConfigError, Service } from "./internal/dialect/core.js"
import type { HttpClient } from "./internal/dialect/http.js"
import { type WithValue, withValueOf } from "./internal/dialect/stream.js"
import { makeMethods } from "./internal/methods/methods.js"
import type { ConfigurationError } from "./internal/model/errors.js"
import type { LayerConfigOptions, LayerOptions } from "./internal/model/options.js"
import { appUrl } from "./internal/model/surfaces.js"
import { makePipeline, type PipelineOptions, resolveConfig } from "./internal/pipeline/make.js"
import { CurrentMailbox } from "./internal/request/currentMailbox.js"
import { type MailboxAttachments, makeMailboxAttachments } from "./mailbox/attachments/attachments.js"
import { type Changes, makeChanges } from "./mailbox/changes/changes.js"
import { type MailboxConnection, makeConnection } from "./mailbox/connection.js"
import { type Drafts, makeDrafts } from "./mailbox/drafts/drafts.js"
import { type Events, makeEvents } from "./mailbox/events/events.js"
import { type Folders, makeFolders } from "./mailbox/folders.js"
import { type Identities, makeIdentities } from "./mailbox/identities.js"
import { type GrantedMailboxes, makeMailboxes } from "./mailbox/mailboxes.js"
import { type Me, makeMe } from "./mailbox/me.js"
import { type Messages, makeMessages } from "./mailbox/messages/messages.js"
import { makeQuotas, type Quotas } from "./mailbox/quotas.js"
import { type MailboxSenderChoices, makeSenderChoices } from "./mailbox/senderChoices.js"
import { makeSession, type Session } from "./mailbox/session.js"
import { makeSubmissions, type Submissions } from "./mailbox/submissions.js"
import { makeSync, type Sync } from "./mailbox/sync/sync.js"
import { makeThreads, type Threads } from "./mailbox/threads.js"
import { makeUsage, type Usage } from "./mailbox/usage.js"

export type { ModifyChange, ModifyMethod, ModifyOptions } from "./internal/methods/modify.js"
export type { ConditionalStreamMethod } from "./internal/methods/types.js"
export type * from "./internal/model/call.js"
export * from "./internal/model/connection.js"
export * from "./internal/model/errors.js"
export type * from "./internal/model/options.js"
export * as Call from "./internal/timing/deadline.js"
export type { WaitOptions } from "./internal/timing/poll.js"
export * as Retry from "./internal/timing/retry.js"
export * from "./mailbox/addresses.js"
export * from "./mailbox/attachments/attachments.js"
export * from "./mailbox/attachments/schemas.js"
export * from "./mailbox/attachments/text.js"
export * from "./mailbox/changes/changes.js"
export * from "./mailbox/changes/schemas.js"
export * from "./mailbox/connection.js"
export * from "./mailbox/drafts/drafts.js"
export * from "./mailbox/drafts/errors.js"
export * from "./mailbox/drafts/schemas.js"
export * from "./mailbox/events/eventIds.js"
export * from "./mailbox/events/events.js"
export {
  type MailboxEvent,
  type MessageReceived,
  RealtimeEvent,
  RealtimeMessage,
  type SyncRequired,
  type UnknownEvent
} from "./mailbox/events/schemas.js"
export type { Listening, MailboxSignal } from "./mailbox/events/stream.js"
export * from "./mailbox/filters.js"
export * from "./mailbox/folders.js"
export * from "./mailbox/identities.js"
export * from "./mailbox/mailboxes.js"
export * from "./mailbox/me.js"
export * from "./mailbox/messages/batch.js"
export type * from "./mailbox/messages/incoming.js"
export * from "./mailbox/messages/inputs.js"
export * from "./mailbox/messages/messages.js"
export type * from "./mailbox/messages/reply.js"
export * from "./mailbox/messages/schemas.js"
export * from "./mailbox/messages/waitFor.js"
export type * from "./mailbox/options.js"
export * from "./mailbox/quotas.js"
export * from "./mailbox/senderChoices.js"
export * from "./mailbox/session.js"
export * from "./mailbox/submissions.js"
export type * from "./mailbox/sync/sync.js"
export * from "./mailbox/threads.js"
export * from "./mailbox/usage.js"
export * from "./mailbox/waiting.js"

/**
 * The methods of the Mailbox API, by resource.
 *
 * @since 0.1.0
 * @category services
 */
export interface MailboxService {
  readonly messages: Messages
  readonly threads: Threads
  readonly attachments: MailboxAttachments
  readonly drafts: Drafts
  readonly folders: Folders
  readonly events: Events
  readonly changes: Changes
  readonly sync: Sync
  readonly submissions: Submissions
  readonly senderChoices: MailboxSenderChoices
  readonly identities: Identities
  readonly quotas: Quotas
  readonly usage: Usage
  readonly session: Session
  readonly me: Me
  readonly mailboxes: GrantedMailboxes
  readonly connection: MailboxConnection
}

/**
 * The base URL of the Mailbox API.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultBaseUrl = appUrl

/**
 * The options of `Mailbox.layer`.
 *
 * @since 0.1.0
 * @category options
 */
export type MailboxLayerOptions = LayerOptions & {
  /** The id of the mailbox for calls that do not select one, if the credential can access several. */
  readonly mailbox_id?: string | undefined
  /**
   * Whether each call has to select a mailbox, as a credential that can access several mailboxes requires, for example an
   * integration credential. A call that selects none then fails with `InvalidRequestError` before anything is sent.
   * Default: `false`, which leaves the check to the server.
   *
   * @since 0.2.0
   */
  readonly requireMailbox?: boolean | undefined
}

/**
 * The options of `Mailbox.layerConfig`, whose credential, base URL, timeout and mailbox are read from `Config`.
 *
 * @since 0.1.0
 * @category options
 */
export type MailboxLayerConfigOptions = LayerConfigOptions & {
  /** The id of the mailbox for calls that do not select one, if the credential can access several. */
  readonly mailbox_id?: Config.Config<string | undefined> | undefined
  /**
   * Whether each call has to select a mailbox, as for `Mailbox.layer`. Default: `false`.
   *
   * @since 0.2.0
   */
  readonly requireMailbox?: boolean | undefined
}

const make = (
  options: PipelineOptions
): Effect.Effect<MailboxService, ConfigurationError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const methods = makeMethods(yield* makePipeline("mailbox", defaultBaseUrl, options))
    const events = makeEvents(methods)
    const drafts = makeDrafts(methods)
    const folders = makeFolders(methods)
    const resources = {
      messages: makeMessages(methods, { drafts, events, folders }),
      threads: makeThreads(methods),
      attachments: makeMailboxAttachments(methods),
      drafts,
      folders,
      events,
      changes: makeChanges(methods),
      submissions: makeSubmissions(methods),
      senderChoices: makeSenderChoices(methods),
      identities: makeIdentities(methods),
      quotas: makeQuotas(methods),
      usage: makeUsage(methods),
      session: makeSession(methods),
      me: makeMe(methods),
      mailboxes: makeMailboxes(methods),
      connection: makeConnection(methods)
    }
    return { ...resources, sync: makeSync(resources) }
  })

/**
 * The service of the Mailbox API.
 *
 * The credential is an API key that starts with `smx_mbx_` or `smx_agent_`, or an OAuth access token. Building the layer
 * sends no request. It fails with `ConfigurationError` for a malformed credential or an invalid option.
 *
 * If the credential can access several mailboxes, each call needs to select one: with the option `mailbox_id` of the
 * call, with `Mailbox.withMailbox`, or with the option `mailbox_id` of the layer, in this order of precedence.
 *
 * @example
 * import { Mailbox } from "effect-sendmux/Mailbox"
 * import { redacted } from "effect/Config"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * export const program = Effect.gen(function* () {
 *   const mailbox = yield* Mailbox
 *   yield* mailbox.messages
 *     .list({ is_unread: true })
 *     .pipe(Stream.take(10), Stream.runForEach(({ subject }) => Console.log(subject)))
 * }).pipe(Effect.provide(Mailbox.layerConfig({ apiKey: redacted("SENDMUX_MAILBOX_API_KEY") })))
 *
 * @since 0.1.0
 * @category services
 */
export class Mailbox extends Service("effect-sendmux/Mailbox")<Mailbox, MailboxService>() {
  /**
   * Makes the service as a value, for programs with several credentials.
   *
   * @since 0.1.0
   */
  static readonly make: (
    options: MailboxLayerOptions
  ) => Effect.Effect<MailboxService, ConfigurationError, HttpClient.HttpClient> = make

  /**
   * The layer of the service. It needs an `HttpClient`, such as `FetchHttpClient.layer`, or
   * `NodeHttpClient.layerUndici` on Node.
   *
   * @since 0.1.0
   */
  static readonly layer = (
    options: MailboxLayerOptions
  ): Layer.Layer<Mailbox, ConfigurationError, HttpClient.HttpClient> => Layer.effect(Mailbox, make(options))

  /**
   * The layer of the service, with the credential, the base URL, the timeout and the mailbox read from `Config`.
   *
   * @since 0.1.0
   */
  static readonly layerConfig = (
    options: MailboxLayerConfigOptions
  ): Layer.Layer<Mailbox, ConfigurationError | ConfigError, HttpClient.HttpClient> =>
    Layer.effect(Mailbox, Effect.flatMap(resolveConfig(options), make))

  /**
   * Selects a mailbox for all calls of an Effect or a Stream that do not select one with their option `mailbox_id`.
   *
   * @example
   * import { Mailbox } from "effect-sendmux/Mailbox"
   * import * as Effect from "effect/Effect"
   *
   * export const unread = (mailbox_id: string) =>
   *   Mailbox.pipe(
   *     Effect.flatMap((mailbox) => mailbox.messages.count({ is_unread: true })),
   *     Mailbox.withMailbox(mailbox_id)
   *   )
   *
   * @since 0.1.0
   */
  static readonly withMailbox: WithValue<string> = withValueOf(CurrentMailbox)
}
