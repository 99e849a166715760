/**
 * Messages of a mailbox: listing, reading, changing, deleting and sending them.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { ConditionalStreamMethod, Methods } from "../../internal/methods/methods.js"
import { type ModifyMethod, modifyOf } from "../../internal/methods/modify.js"
import type { ConditionalMethod, ListMethod, Method } from "../../internal/model/call.js"
import type { SendmuxError } from "../../internal/model/errors.js"
import { joinBytes } from "../../internal/values/bytes.js"
import type { Deleted, MailboxQueryChanges } from "../changes/schemas.js"
import type { Drafts } from "../drafts/drafts.js"
import type { Events } from "../events/events.js"
import type { CleanContentInput } from "../filters.js"
import type { Folders } from "../folders.js"
import type {
  MailboxByteStreamOptions,
  MailboxConditionalWriteOptions,
  MailboxIdempotentOptions,
  MailboxModifyOptions,
  MailboxOptions
} from "../options.js"
import type {
  BatchDeleteInput,
  BatchDeleteResult,
  BatchGetInput,
  BatchGetResult,
  BatchUpdateInput,
  BatchUpdateResult
} from "./batch.js"
import { batchDeleteOf, batchGetOf, batchUpdateOf } from "./batchCalls.js"
import { type IncomingMessages, incomingMessages } from "./incoming.js"
import type {
  CountMessagesInput,
  DeleteMessageInput,
  ListMessagesInput,
  MessageQueryChangesInput,
  RawBodyInput,
  SearchSnippetsInput,
  SendMessageInput,
  SendMessageResult,
  UpdateMessageInput
} from "./inputs.js"
import { messageOperations } from "./operations.js"
import { type ReplyToMessage, replyTo } from "./reply.js"
import type {
  Message,
  MessageContent,
  MessageCount,
  MessageSummary,
  RawBody,
  SearchSnippets
} from "./schemas.js"
import { type WaitForMessage, waitForMessage } from "./waitFor.js"

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * Streams the bytes of a complete message.
 *
 * @since 0.1.0
 * @category methods
 */
export interface DownloadRaw
  extends ConditionalStreamMethod<[message_id: string, options?: MailboxByteStreamOptions], Uint8Array> {
  /** Succeeds with all bytes, which are collected in memory. */
  readonly bytes: (
    message_id: string,
    options?: MailboxByteStreamOptions
  ) => Effect.Effect<Uint8Array, SendmuxError>
}

/**
 * The methods of `mailbox.messages`.
 *
 * @since 0.1.0
 * @category services
 */
export interface Messages {
  /**
   * Streams the messages that match the filters, without their bodies: `GET /mailbox/messages`. A page has 1 to 100
   * messages, as set with `limit`.
   *
   * Fails with `InvalidRequestError` if `thread_id` is combined with other filters, or `header_value` is used without
   * `header_name`, before anything is sent.
   *
   * @example
   * import { Mailbox } from "effect-sendmux/Mailbox"
   * import * as Effect from "effect/Effect"
   * import * as Stream from "effect/Stream"
   *
   * export const unreadSubjects = Effect.gen(function* () {
   *   const mailbox = yield* Mailbox
   *   return yield* mailbox.messages.list({ is_unread: true, sort_by: "received_at", sort_direction: "desc" }).pipe(
   *     Stream.take(20),
   *     Stream.map(({ subject }) => subject),
   *     Stream.runCollect
   *   )
   * })
   *
   * @see `get` and `getContent` for the bodies
   * @see `threads.list` for conversations
   */
  readonly list: ListMethod<[input?: ListMessagesInput, options?: MailboxOptions], MessageSummary>
  /**
   * Counts the messages that match the filters: `GET /mailbox/messages/count`. Fails for invalid combinations of filters
   * like `list`.
   */
  readonly count: Method<[input?: CountMessagesInput, options?: MailboxOptions], MessageCount>
  /**
   * Returns excerpts of the messages in which the words of a search occur: `GET /mailbox/messages/search-snippets`.
   * Fails for invalid combinations of filters like `list`.
   */
  readonly searchSnippets: Method<[input: SearchSnippetsInput, options?: MailboxOptions], SearchSnippets>
  /**
   * Reads how a filtered and sorted list of messages has changed since a state of the list:
   * `GET /mailbox/messages/query-changes`.
   *
   * Fails with `invalid_parameter` if the server does not know the state. List the messages again in this case.
   *
   * @see `sync.follow` to follow all changes of a mailbox
   */
  readonly queryChanges: Method<
    [input?: MessageQueryChangesInput, options?: MailboxOptions],
    MailboxQueryChanges
  >
  /**
   * Reads a message with its bodies: `GET /mailbox/messages/{message_id}`. `ifNoneMatch` may return a message that has
   * not changed, because the URLs of its attachments were renewed.
   *
   * Fails with `not_found` if the mailbox has no message with this id.
   */
  readonly get: ConditionalMethod<[message_id: string, options?: MailboxOptions], Message>
  /**
   * Reads the unchanged bodies of a message: `GET /mailbox/messages/{message_id}/body`.
   *
   * Fails with `not_found` if the mailbox has no message with this id.
   */
  readonly getBody: ConditionalMethod<
    [message_id: string, input?: RawBodyInput, options?: MailboxOptions],
    RawBody
  >
  /**
   * Reads a message prepared for reading, by default without quoted messages and signature:
   * `GET /mailbox/messages/{message_id}/content`.
   *
   * Fails with `not_found` if the mailbox has no message with this id.
   *
   * @see `threads.getContent` for all messages of a conversation
   */
  readonly getContent: ConditionalMethod<
    [message_id: string, input?: CleanContentInput, options?: MailboxOptions],
    MessageContent
  >
  /**
   * Streams the complete message (`message/rfc822`) in constant memory: `GET /mailbox/messages/{message_id}/raw`. The
   * method `bytes` collects it in memory instead.
   *
   * Fails with `not_found` if the mailbox has no message with this id, and with `TransportError` if the response body
   * was truncated or no data arrived for the `idleTimeout`.
   */
  readonly downloadRaw: DownloadRaw
  /**
   * Reads any number of messages, 100 in each request: `POST /mailbox/messages:batch-get`. Succeeds with one result for
   * each id, in the order of the ids. A message that is not in the mailbox is a `NotFound` result, not a failure.
   */
  readonly batchGet: Method<[input: BatchGetInput, options?: MailboxOptions], BatchGetResult>
  /**
   * Changes any number of messages, 100 in each request, one request after another:
   * `POST /mailbox/messages:batch-update`. Succeeds with one result for each id, in the order of the ids.
   *
   * The server may change some messages and not others, so check every result. With `if_in_state`, each request uses the
   * state that the previous one returned. The call fails only if its first request fails, for example with `conflict`.
   * If a later request fails, the results of the remaining messages are `Unconfirmed`.
   *
   * @example
   * import { Mailbox } from "effect-sendmux/Mailbox"
   * import * as Effect from "effect/Effect"
   *
   * export const markAsRead = (ids: ReadonlyArray<string>) =>
   *   Effect.gen(function* () {
   *     const mailbox = yield* Mailbox
   *     const { results } = yield* mailbox.messages.batchUpdate({ ids, seen: true })
   *     return results.filter(({ _tag }) => _tag !== "Updated")
   *   })
   */
  readonly batchUpdate: Method<[input: BatchUpdateInput, options?: MailboxOptions], BatchUpdateResult>
  /**
   * Deletes any number of messages or moves them to the trash folder, 100 in each request, one request after another:
   * `POST /mailbox/messages:batch-delete`.
   *
   * @see `batchUpdate` for the results and failures
   */
  readonly batchDelete: Method<[input: BatchDeleteInput, options?: MailboxOptions], BatchDeleteResult>
  /**
   * Changes the flags and keywords of a message: `PATCH /mailbox/messages/{message_id}`.
   *
   * Fails with `not_found` if the mailbox has no message with this id, and with `conflict` if the message has changed
   * since the ETag in `ifMatch` was read.
   *
   * @example
   * import { Mailbox } from "effect-sendmux/Mailbox"
   * import * as Effect from "effect/Effect"
   *
   * export const markAsDone = (id: string) =>
   *   Effect.gen(function* () {
   *     const mailbox = yield* Mailbox
   *     return yield* mailbox.messages.update(id, { seen: true, keywords: { done: true } })
   *   })
   *
   * @see `modify` for a change that depends on the current message
   */
  readonly update: Method<
    [message_id: string, change: UpdateMessageInput, options?: MailboxConditionalWriteOptions],
    Message
  >
  /**
   * Reads a message, applies a change and writes it with the ETag that was read. After a `conflict` it repeats all steps,
   * up to 5 times by default. A change that returns `undefined` writes nothing.
   *
   * Fails with `not_found` if the mailbox has no message with this id, with `conflict` if the last attempt failed with
   * it, and with the error of the change.
   *
   * @example
   * import { Mailbox } from "effect-sendmux/Mailbox"
   * import * as Effect from "effect/Effect"
   *
   * // Of several workers that claim the same message, one succeeds. The others read the keyword that it has set.
   * export const claim = (id: string) =>
   *   Effect.gen(function* () {
   *     const mailbox = yield* Mailbox
   *     return yield* mailbox.messages.modify(id, ({ keywords }) =>
   *       keywords.includes("claimed") ? Effect.fail("already claimed") : { keywords: { claimed: true } }
   *     )
   *   })
   *
   * @see `update` for a change that does not depend on the current message
   */
  readonly modify: ModifyMethod<[message_id: string], Message, UpdateMessageInput, MailboxModifyOptions>
  /**
   * Moves a message to the trash folder, or deletes it permanently: `DELETE /mailbox/messages/{message_id}`.
   *
   * Fails with `not_found` if the mailbox has no message with this id, and with `conflict` if the message has changed
   * since the ETag in `ifMatch` was read.
   */
  readonly delete: Method<
    [message_id: string, input?: DeleteMessageInput, options?: MailboxConditionalWriteOptions],
    Deleted
  >
  /**
   * Queues a message from the mailbox: `POST /mailbox/messages/send`.
   *
   * The request carries an idempotency key, so that retries of the call do not send the message twice. By default each
   * call generates a key. Pass your own `idempotencyKey` if the same message may be sent again by another call or
   * another process.
   *
   * Fails with `InvalidRequestError` if the message has no recipients or more than 50, before anything is sent. Fails
   * with `payload_too_large` if the message with its attachments exceeds the limit of the mailbox, and with
   * `idempotency_conflict` if the key was used for another message.
   *
   * @example
   * import { Mailbox } from "effect-sendmux/Mailbox"
   * import * as Effect from "effect/Effect"
   *
   * export const confirmOrder = (order: string, email: string) =>
   *   Effect.gen(function* () {
   *     const mailbox = yield* Mailbox
   *     return yield* mailbox.messages.send(
   *       {
   *         to: [{ email }],
   *         subject: `Your order ${order}`,
   *         text_body: "Thank you for your order."
   *       },
   *       { idempotencyKey: `order-${order}` }
   *     )
   *   })
   *
   * @see `attachments.upload` for attachments
   * @see `drafts` for messages that are edited before they are sent
   * @see `reply` for a reply to a message
   * @see `submissions` for the delivery status
   */
  readonly send: Method<[message: SendMessageInput, options?: MailboxIdempotentOptions], SendMessageResult>
  /**
   * Replies to a message, in its thread and once: creates a draft from the message (`POST /mailbox/drafts`), waits until it
   * is prepared, sends it (`POST /mailbox/drafts/{draftId}/send`), and waits until the outcome is known
   * (`GET /mailbox/drafts/{draftId}`). Succeeds with the draft, whose status is `queued`.
   *
   * The reply has a text, an HTML body, or both, and does not quote the message. It goes to the sender, and with
   * `all: true` also to the other recipients. Template tags in the subject of the message are escaped, because it comes from
   * a stranger. Escape what you quote with `Template.escape` or `Template.escapeHtml`.
   *
   * The same call again, also after a restart, continues the same draft for 24 hours and does not send it twice. By default
   * the idempotency key follows from the message and the content of the reply. If the content differs from call to call, as
   * with a language model, pass your own `idempotencyKey`: another content with the same key then fails with
   * `idempotency_conflict`, and means that the reply was begun before.
   *
   * Fails with `InvalidRequestError` if the reply has no body or is invalid, before anything is sent, and with `not_found` if
   * the mailbox has no message with this id. Fails with `DraftStateError` if the reply was not sent and will not be, and
   * with `WaitTimeoutError` if the outcome is still unknown: make the same call again to continue.
   *
   * @example
   * import { Mailbox } from "effect-sendmux/Mailbox"
   * import * as Effect from "effect/Effect"
   *
   * export const acknowledge = (message_id: string) =>
   *   Effect.gen(function* () {
   *     const { messages } = yield* Mailbox
   *     return yield* messages.reply(
   *       message_id,
   *       { text_body: "Thank you, we will answer soon." },
   *       { idempotencyKey: `acknowledge-${message_id}` }
   *     )
   *   })
   *
   * @see `drafts.reply` for a reply that is edited or scheduled
   */
  readonly reply: ReplyToMessage
  /**
   * Streams the messages that arrive in the inbox, for a program that handles each of them. The stream never ends. It listens
   * to events (`GET /mailbox/events`), and reads the inbox where events are missing (`GET /mailbox/folders`,
   * `GET /mailbox/messages`): at the first start, and after the server could not resume. Spam is left out.
   *
   * `from` decides about the messages that are in the inbox at the first start. With a `store`, a restarted program
   * continues where it stopped, and also receives what has arrived since. A message is handled when the program asks for
   * the next one, and only then its position is saved, so after a crash the last message is emitted again: each message at
   * least once. Handle it so that a repetition does no harm, for example with `reply`.
   *
   * Survives the same failures as `events.stream` and `sync.follow`, and fails like `events.stream`.
   *
   * @example
   * import { eventIdsInKeyValueStore, Mailbox } from "effect-sendmux/Mailbox"
   * import * as Effect from "effect/Effect"
   * import * as Stream from "effect/Stream"
   *
   * export const worker = Effect.gen(function* () {
   *   const { messages } = yield* Mailbox
   *   const store = yield* eventIdsInKeyValueStore("worker")
   *   yield* messages
   *     .incoming({ from: "unread" }, { store })
   *     .pipe(Stream.runForEach(({ id }) => messages.reply(id, { text_body: "Thank you." })))
   * })
   *
   * @see `events.stream` for the events themselves
   */
  readonly incoming: IncomingMessages
  /**
   * Waits until a message matches the filters, and succeeds with the newest one. A message that is already in the mailbox
   * also matches: pass `after` to wait for a new one.
   *
   * The call listens to events (`GET /mailbox/events`) before it lists messages (`GET /mailbox/messages`), so that it
   * does not miss a message that arrives in between. It also lists messages every 30 seconds, because changes of flags
   * cause no events, and because the event stream may not be available.
   *
   * Fails with `WaitTimeoutError` if no message matched in time, and like `events.stream` and `list`.
   *
   * @example
   * import { Mailbox } from "effect-sendmux/Mailbox"
   * import * as Effect from "effect/Effect"
   *
   * export const confirmationCode = (since: Date) =>
   *   Effect.gen(function* () {
   *     const mailbox = yield* Mailbox
   *     const message = yield* mailbox.messages.waitFor(
   *       { from: "noreply@example.com", subject: "code", after: since },
   *       { timeout: "2 minutes" }
   *     )
   *     const { body } = yield* mailbox.messages.getContent(message.id)
   *     return body.text?.match(/\d{6}/)?.[0]
   *   })
   *
   * @see `events.stream` for every incoming message
   */
  readonly waitFor: WaitForMessage
}

/** The groups whose methods the methods of messages call. */
interface MessageGroups {
  readonly drafts: Drafts
  readonly events: Pick<Events, "listen">
  readonly folders: Pick<Folders, "list">
}

/** @internal */
export const makeMessages = (methods: Methods, { drafts, events, folders }: MessageGroups): Messages => {
  const list = methods.list(messageOperations.list)
  const get = methods.conditional(messageOperations.get)
  const update = methods.call(messageOperations.update)
  const downloadRaw = methods.conditionalBytes(messageOperations.downloadRaw)
  return {
    list,
    count: methods.call(messageOperations.count),
    searchSnippets: methods.call(messageOperations.searchSnippets),
    queryChanges: methods.call(messageOperations.queryChanges),
    get,
    getBody: methods.conditional(messageOperations.getBody),
    getContent: methods.conditional(messageOperations.getContent),
    downloadRaw: Object.assign(downloadRaw, {
      bytes: (message_id: string, options?: MailboxByteStreamOptions) =>
        collect(downloadRaw(message_id, options))
    }),
    batchGet: batchGetOf(methods.call(messageOperations.batchGet)),
    batchUpdate: batchUpdateOf(methods.call(messageOperations.batchUpdate)),
    batchDelete: batchDeleteOf(methods.call(messageOperations.batchDelete)),
    update,
    modify: modifyOf(messageOperations.update, get, update),
    delete: methods.call(messageOperations.delete),
    send: methods.call(messageOperations.send),
    reply: replyTo(drafts),
    incoming: incomingMessages({ listen: events.listen, list, folders: folders.list }),
    waitFor: waitForMessage(events.listen, list)
  }
}

const collect = (stream: Stream.Stream<Uint8Array, SendmuxError>): Effect.Effect<Uint8Array, SendmuxError> =>
  Effect.gen(function* () {
    const chunks: Array<Uint8Array> = []
    yield* Stream.runForEach(stream, (chunk) => Effect.sync(() => void chunks.push(chunk)))
    return joinBytes(chunks)
  })
