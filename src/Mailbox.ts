/**
 * The Mailbox surface: reading mail, acting on it, and keeping up with it.
 *
 * @since 0.1.0
 */
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type ConfigError, Service } from "./internal/dialect/core.js"
import type { HttpClient } from "./internal/dialect/http.js"
import { type WithValue, withValueOf } from "./internal/dialect/stream.js"
import { makeMethods } from "./internal/methods/methods.js"
import type { ConfigurationError } from "./internal/model/errors.js"
import type { LayerConfigOptions, LayerOptions } from "./internal/model/options.js"
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

/**
 * What the Mailbox surface can do.
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
 * The address of the Mailbox API at Sendmux.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultBaseUrl = "https://app.sendmux.ai/api/v1"

/**
 * A layer's options.
 *
 * @since 0.1.0
 * @category options
 */
export type MailboxLayerOptions = LayerOptions & {
  /** The mailbox of every call that names none, for credentials that reach several. */
  readonly mailbox_id?: string | undefined
}

/**
 * A layer's options with the values that belong in configuration read from `Config`.
 *
 * @since 0.1.0
 * @category options
 */
export type MailboxLayerConfigOptions = LayerConfigOptions & {
  readonly mailbox_id?: Config.Config<string> | undefined
}

const make = (
  options: PipelineOptions
): Effect.Effect<MailboxService, ConfigurationError, HttpClient.HttpClient> =>
  Effect.map(makePipeline("mailbox", defaultBaseUrl, options), (pipeline) => {
    const methods = makeMethods(pipeline)
    const events = makeEvents(methods)
    const groups = {
      messages: makeMessages(methods, events),
      threads: makeThreads(methods),
      attachments: makeMailboxAttachments(methods),
      drafts: makeDrafts(methods),
      folders: makeFolders(methods),
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
    return { ...groups, sync: makeSync(groups) }
  })

/**
 * The Mailbox surface as a service.
 *
 * It takes a key that starts with `smx_mbx_` or `smx_agent_`, or an access token. A credential that reaches several
 * mailboxes needs to be told which: for each call (the option `mailbox_id`), for a stretch of program
 * (`Mailbox.withMailbox`), or on the layer, the nearer one winning. Building the layer fails with a
 * `ConfigurationError` for a credential that cannot work; nothing is sent for that.
 *
 * @example
 * import { Mailbox } from "effect-sendmux/Mailbox"
 * import * as Config from "effect/Config"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * export const program = Effect.gen(function* () {
 *   const mailbox = yield* Mailbox
 *   yield* mailbox.messages
 *     .list({ is_unread: true })
 *     .pipe(Stream.take(10), Stream.runForEach(({ subject }) => Console.log(subject)))
 * }).pipe(Effect.provide(Mailbox.layerConfig({ apiKey: Config.redacted("SENDMUX_MAILBOX_API_KEY") })))
 *
 * @since 0.1.0
 * @category services
 */
export class Mailbox extends Service("effect-sendmux/Mailbox")<Mailbox, MailboxService>() {
  /**
   * The service itself, for those who need no layer.
   *
   * @since 0.1.0
   */
  static readonly make: (
    options: MailboxLayerOptions
  ) => Effect.Effect<MailboxService, ConfigurationError, HttpClient.HttpClient> = make

  /** @since 0.1.0 */
  static readonly layer = (
    options: MailboxLayerOptions
  ): Layer.Layer<Mailbox, ConfigurationError, HttpClient.HttpClient> => Layer.effect(Mailbox, make(options))

  /**
   * Like `layer`, with credential, base URL, timeout and mailbox read from `Config`.
   *
   * @since 0.1.0
   */
  static readonly layerConfig = (
    options: MailboxLayerConfigOptions
  ): Layer.Layer<Mailbox, ConfigurationError | ConfigError, HttpClient.HttpClient> =>
    Layer.effect(Mailbox, Effect.flatMap(resolveConfig(options), make))

  /**
   * Every call of an Effect or a Stream that names no mailbox of its own is about this one.
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

export type { ModifyChange, ModifyMethod, ModifyOptions } from "./internal/methods/modify.js"
export type * from "./internal/model/call.js"
export { Connection } from "./internal/model/connection.js"
export * from "./internal/model/errors.js"
export type * from "./internal/model/options.js"
export type { WaitOptions } from "./internal/timing/poll.js"
export * as Retry from "./internal/timing/retry.js"
export { MailboxAddress, MailboxAddressInput } from "./mailbox/addresses.js"
export {
  DownloadInput,
  type MailboxAttachments,
  MailboxAttachmentUpload,
  MailboxCreateUploadInput,
  MailboxUploadInput,
  type MailboxUploadOptions,
  type ResumableDownloadOptions,
  UploadedBlob
} from "./mailbox/attachments/attachments.js"
export { AttachmentText, AttachmentTextInput, type AttachmentTexts } from "./mailbox/attachments/text.js"
export type { Changes, GetChanges, TypedChangesInput } from "./mailbox/changes/changes.js"
export {
  ChangesInput,
  Deleted,
  MailboxChanges,
  MailboxQueryChanges,
  MailboxTypedChanges,
  type SyncType,
  syncTypes
} from "./mailbox/changes/schemas.js"
export type { MailboxConnection } from "./mailbox/connection.js"
export { type DraftFromMessage, DraftStateError, type Drafts } from "./mailbox/drafts/drafts.js"
export {
  CreateDraftInput,
  Draft,
  DraftAddress,
  DraftAddressInput,
  DraftAttachment,
  DraftAttachmentInput,
  type DraftContent,
  DraftStatus,
  ScheduleDraftInput,
  SendDraftInput,
  UpdateDraftInput
} from "./mailbox/drafts/schemas.js"
export { type EventIdStore, eventIdsInKeyValueStore, eventIdsInMemory } from "./mailbox/events/eventIds.js"
export {
  type EventStreamOptions,
  type Events,
  EventsInput,
  type ReconnectOptions
} from "./mailbox/events/events.js"
export {
  type MailboxEvent,
  type MessageReceived,
  RealtimeEvent,
  RealtimeMessage,
  type SyncRequired,
  type UnknownEvent
} from "./mailbox/events/schemas.js"
export type { Listening, MailboxSignal } from "./mailbox/events/stream.js"
export { CleanContentInput, MessageFilter, PageInput } from "./mailbox/filters.js"
export {
  CreateFolderInput,
  FolderQueryChangesInput,
  type Folders,
  MailboxFolder,
  UpdateFolderInput
} from "./mailbox/folders.js"
export { type Identities, MailboxIdentity, UpdateIdentityInput } from "./mailbox/identities.js"
export { GrantedMailbox, type GrantedMailboxes, ListGrantedMailboxesInput } from "./mailbox/mailboxes.js"
export { MailboxMe, type Me } from "./mailbox/me.js"
export {
  type BatchDeleted,
  type BatchDeleteInput,
  type BatchDeleteItem,
  type BatchDeleteResult,
  type BatchFound,
  type BatchGetInput,
  type BatchGetItem,
  type BatchGetResult,
  type BatchMessageFailed,
  type BatchNotFound,
  BatchStates,
  type BatchUnconfirmed,
  type BatchUpdated,
  type BatchUpdateInput,
  type BatchUpdateItem,
  type BatchUpdateResult
} from "./mailbox/messages/batch.js"
export {
  CountMessagesInput,
  DeleteMessageInput,
  ListMessagesInput,
  MailboxBlobAttachment,
  MailboxInlineAttachment,
  MessageQueryChangesInput,
  RawBodyInput,
  SearchSnippetsInput,
  SendMessageInput,
  SendMessageResult,
  UpdateMessageInput
} from "./mailbox/messages/inputs.js"
export { type DownloadRaw, MessageCount, type Messages, SearchSnippets } from "./mailbox/messages/messages.js"
export {
  ContentHeaders,
  MailboxAttachment,
  Message,
  MessageContent,
  MessageFlags,
  MessageSummary,
  RawBody
} from "./mailbox/messages/schemas.js"
export type { WaitForMessage, WaitForOptions } from "./mailbox/messages/waitFor.js"
export type * from "./mailbox/options.js"
export { ListQuotasInput, MailboxQuota, type Quotas } from "./mailbox/quotas.js"
export {
  type MailboxSenderChoices,
  SenderChoiceSet,
  SenderChoices,
  SenderChoicesInput
} from "./mailbox/senderChoices.js"
export { MailboxSession, type Session } from "./mailbox/session.js"
export {
  ListSubmissionsInput,
  MailboxSubmission,
  SubmissionDelivery,
  type Submissions
} from "./mailbox/submissions.js"
export type * from "./mailbox/sync/sync.js"
export {
  ListThreadMessagesInput,
  ListThreadsInput,
  Thread,
  ThreadContentInput,
  ThreadSummary,
  type Threads
} from "./mailbox/threads.js"
export { MailboxUsage, type Usage, UsageResource } from "./mailbox/usage.js"
export { type MailboxWaitOptions, WaitTimeoutError } from "./mailbox/waiting.js"
