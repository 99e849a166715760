/**
 * Messages: finding, reading, changing, deleting and sending them.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { ConditionalStreamMethod, Methods } from "../../internal/methods/methods.js"
import { type ModifyMethod, modifyOf } from "../../internal/methods/modify.js"
import type { ConditionalMethod, ListMethod, Method } from "../../internal/model/call.js"
import type { SendmuxError } from "../../internal/model/errors.js"
import { operation } from "../../internal/operation/operation.js"
import { Nullable } from "../../internal/schema/schema.js"
import { Deleted, MailboxQueryChanges } from "../changes/schemas.js"
import type { Events } from "../events/events.js"
import { CleanContentInput } from "../filters.js"
import type {
  MailboxConditionalWriteOptions,
  MailboxIdempotentOptions,
  MailboxModifyOptions,
  MailboxOptions
} from "../options.js"
import {
  type BatchDeleteInput,
  type BatchDeleteResult,
  type BatchGetInput,
  type BatchGetResult,
  type BatchUpdateInput,
  type BatchUpdateResult,
  messageBatchOperations
} from "./batch.js"
import { batchDeleteOf, batchGetOf, batchUpdateOf } from "./batchCalls.js"
import {
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
import { Message, MessageContent, MessageSummary, RawBody } from "./schemas.js"
import { type WaitForMessage, waitForMessage } from "./waitFor.js"

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

/**
 * How many messages the filters find.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageCount = Schema.Struct({
  total: Schema.Number,
  /** The state of the messages that were counted. */
  sync_state: Nullable(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface MessageCount extends Schema.Schema.Type<typeof MessageCount> {}

/**
 * Where the words of a search stand in messages.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SearchSnippets = Schema.Struct({
  snippets: Schema.Array(
    Schema.Struct({
      message_id: Schema.String,
      subject: Nullable(Schema.String),
      /** The place in the body, with the words marked as the server marks them. */
      preview: Nullable(Schema.String)
    })
  ),
  /** Messages asked for that the mailbox does not have. */
  not_found: Schema.Array(Schema.String),
  sync_state: Nullable(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface SearchSnippets extends Schema.Schema.Type<typeof SearchSnippets> {}

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** @internal */
export const messageOperations = {
  ...messageBatchOperations,
  list: operation("mailbox.messages.list", {
    http: "GET",
    path: "/mailbox/messages",
    input: ListMessagesInput,
    data: Schema.Array(MessageSummary),
    flags: ["mailboxId", "paginated"]
  }),
  count: operation("mailbox.messages.count", {
    http: "GET",
    path: "/mailbox/messages/count",
    input: CountMessagesInput,
    data: MessageCount,
    flags: ["mailboxId"]
  }),
  searchSnippets: operation("mailbox.messages.searchSnippets", {
    http: "GET",
    path: "/mailbox/messages/search-snippets",
    input: SearchSnippetsInput,
    data: SearchSnippets,
    flags: ["mailboxId"]
  }),
  queryChanges: operation("mailbox.messages.queryChanges", {
    http: "GET",
    path: "/mailbox/messages/query-changes",
    input: MessageQueryChangesInput,
    data: MailboxQueryChanges,
    flags: ["mailboxId"]
  }),
  get: operation("mailbox.messages.get", {
    http: "GET",
    path: "/mailbox/messages/{message_id}",
    data: Message,
    flags: ["conditional", "mailboxId"]
  }),
  getBody: operation("mailbox.messages.getBody", {
    http: "GET",
    path: "/mailbox/messages/{message_id}/body",
    input: RawBodyInput,
    data: RawBody,
    flags: ["conditional", "mailboxId"]
  }),
  getContent: operation("mailbox.messages.getContent", {
    http: "GET",
    path: "/mailbox/messages/{message_id}/content",
    input: CleanContentInput,
    data: MessageContent,
    flags: ["conditional", "mailboxId"]
  }),
  downloadRaw: operation("mailbox.messages.downloadRaw", {
    http: "GET",
    path: "/mailbox/messages/{message_id}/raw",
    response: "bytes",
    flags: ["conditional", "mailboxId"]
  }),
  update: operation("mailbox.messages.update", {
    http: "PATCH",
    path: "/mailbox/messages/{message_id}",
    body: "json",
    input: UpdateMessageInput,
    data: Message,
    flags: ["ifMatch", "mailboxId"]
  }),
  delete: operation("mailbox.messages.delete", {
    http: "DELETE",
    path: "/mailbox/messages/{message_id}",
    input: DeleteMessageInput,
    data: Deleted,
    flags: ["ifMatch", "mailboxId"]
  }),
  send: operation("mailbox.messages.send", {
    http: "POST",
    path: "/mailbox/messages/send",
    body: "json",
    input: SendMessageInput,
    data: SendMessageResult,
    flags: ["idempotencyKey", "mailboxId"]
  })
}

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * A message as it came over the wire.
 *
 * @since 0.1.0
 * @category methods
 */
export interface DownloadRaw
  extends ConditionalStreamMethod<[message_id: string, options?: MailboxOptions], Uint8Array> {
  /** All of it at once, in memory. */
  readonly bytes: (message_id: string, options?: MailboxOptions) => Effect.Effect<Uint8Array, SendmuxError>
}

/**
 * @since 0.1.0
 * @category services
 */
export interface Messages {
  /**
   * Messages, by the filters: `GET /mailbox/messages`. A `thread_id` beside other filters, or a `header_value`
   * without its `header_name`, is refused before anything is sent.
   */
  readonly list: ListMethod<[input?: ListMessagesInput, options?: MailboxOptions], MessageSummary>
  /** How many messages the filters find: `GET /mailbox/messages/count`. */
  readonly count: Method<[input?: CountMessagesInput, options?: MailboxOptions], MessageCount>
  /** Where the words of a search stand: `GET /mailbox/messages/search-snippets`. */
  readonly searchSnippets: Method<[input: SearchSnippetsInput, options?: MailboxOptions], SearchSnippets>
  /** How a list of messages changed since a state of it: `GET /mailbox/messages/query-changes`. */
  readonly queryChanges: Method<
    [input?: MessageQueryChangesInput, options?: MailboxOptions],
    MailboxQueryChanges
  >
  /**
   * One message with its bodies: `GET /mailbox/messages/{message_id}`. `ifNoneMatch` may give it although it is the
   * same, to renew the addresses of its attachments.
   */
  readonly get: ConditionalMethod<[message_id: string, options?: MailboxOptions], Message>
  /** A message's bodies as they were sent: `GET /mailbox/messages/{message_id}/body`. */
  readonly getBody: ConditionalMethod<
    [message_id: string, input?: RawBodyInput, options?: MailboxOptions],
    RawBody
  >
  /**
   * A message made clean for reading, without quotes and signature unless asked otherwise:
   * `GET /mailbox/messages/{message_id}/content`.
   */
  readonly getContent: ConditionalMethod<
    [message_id: string, input?: CleanContentInput, options?: MailboxOptions],
    MessageContent
  >
  /**
   * The whole message as bytes (`message/rfc822`): `GET /mailbox/messages/{message_id}/raw`. A stream in constant
   * memory; `.bytes` gathers it.
   */
  readonly downloadRaw: DownloadRaw
  /**
   * Reads any number of messages, a hundred in each request: `POST /mailbox/messages:batch-get`. One result for each
   * id, in the order given.
   */
  readonly batchGet: Method<[input: BatchGetInput, options?: MailboxOptions], BatchGetResult>
  /**
   * Changes any number of messages, a hundred in each request, one request after the other:
   * `POST /mailbox/messages:batch-update`.
   *
   * One result for each id, in the order given: look at every one. With `if_in_state`, each request builds on the
   * state after the one before. Fails as a whole only when the first request does, as with `conflict`; what a
   * later failure leaves is `Unconfirmed`.
   */
  readonly batchUpdate: Method<[input: BatchUpdateInput, options?: MailboxOptions], BatchUpdateResult>
  /**
   * Deletes any number of messages, or moves them to the trash, a hundred in each request, one request after the
   * other: `POST /mailbox/messages:batch-delete`. Results and failures are as in `batchUpdate`.
   */
  readonly batchDelete: Method<[input: BatchDeleteInput, options?: MailboxOptions], BatchDeleteResult>
  /**
   * Changes flags and keywords of a message: `PATCH /mailbox/messages/{message_id}`. Fails with `conflict` when
   * `ifMatch` is not the message's version any more.
   */
  readonly update: Method<
    [message_id: string, change: UpdateMessageInput, options?: MailboxConditionalWriteOptions],
    Message
  >
  /** Reads a message, decides on a change and writes it only if nobody wrote in between, else starts over. */
  readonly modify: ModifyMethod<[message_id: string], Message, UpdateMessageInput, MailboxModifyOptions>
  /** Moves a message to the trash, or deletes it for good: `DELETE /mailbox/messages/{message_id}`. */
  readonly delete: Method<
    [message_id: string, input?: DeleteMessageInput, options?: MailboxConditionalWriteOptions],
    Deleted
  >
  /**
   * Queues a message from the mailbox: `POST /mailbox/messages/send`. The call carries an idempotency key, so its
   * retries send one message.
   */
  readonly send: Method<[message: SendMessageInput, options?: MailboxIdempotentOptions], SendMessageResult>
  /**
   * The newest message that the filters find, once there is one. It listens first and looks then, so that none slips
   * between.
   */
  readonly waitFor: WaitForMessage
}

/** @internal */
export const makeMessages = (methods: Methods, events: Pick<Events, "listen">): Messages => {
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
      bytes: (message_id: string, options?: MailboxOptions) => gather(downloadRaw(message_id, options))
    }),
    batchGet: batchGetOf(methods.call(messageOperations.batchGet)),
    batchUpdate: batchUpdateOf(methods.call(messageOperations.batchUpdate)),
    batchDelete: batchDeleteOf(methods.call(messageOperations.batchDelete)),
    update,
    modify: modifyOf(messageOperations.update, get, update),
    delete: methods.call(messageOperations.delete),
    send: methods.call(messageOperations.send),
    waitFor: waitForMessage(events.listen, list)
  }
}

const gather = (stream: Stream.Stream<Uint8Array, SendmuxError>): Effect.Effect<Uint8Array, SendmuxError> =>
  Effect.suspend(() => {
    const chunks: Array<Uint8Array> = []
    const gathered = Stream.runForEach(stream, (chunk) => Effect.sync(() => void chunks.push(chunk)))
    return Effect.map(gathered, () => {
      const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.byteLength, 0))
      let offset = 0
      for (const chunk of chunks) {
        bytes.set(chunk, offset)
        offset += chunk.byteLength
      }
      return bytes
    })
  })
