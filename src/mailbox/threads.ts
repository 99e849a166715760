/**
 * Threads: the conversations of a mailbox.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Methods } from "../internal/methods/methods.js"
import type { ConditionalListMethod, ConditionalMethod, ListMethod } from "../internal/model/call.js"
import { operation } from "../internal/operation/operation.js"
import { Nullable, OptionalInput, Text, TimestampInput } from "../internal/schema/schema.js"
import { MailboxAddress } from "./addresses.js"
import { CleanContentInput, Direction, pageFields } from "./filters.js"
import { MessageContent, MessageSummary } from "./messages/schemas.js"
import type { MailboxOptions } from "./options.js"

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

const summaryFields = {
  id: Schema.String,
  subject: Nullable(Schema.String),
  participants: Schema.Array(MailboxAddress),
  /** The ids of all folders that contain a message of the thread. */
  folder_ids: Schema.Array(Schema.String),
  message_count: Schema.Number,
  unread_count: Schema.Number,
  has_attachments: Schema.Boolean,
  last_message: Nullable(MessageSummary),
  states: Schema.Struct({
    thread_state: Nullable(Schema.String),
    email_state: Nullable(Schema.String)
  })
}

/**
 * A thread with its last message.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ThreadSummary = Schema.Struct(summaryFields)

/**
 * A thread with its last message.
 *
 * @since 0.1.0
 * @category models
 */
export interface ThreadSummary extends Schema.Schema.Type<typeof ThreadSummary> {}

/**
 * A thread with the ids of its messages.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Thread = Schema.Struct({ ...summaryFields, message_ids: Schema.Array(Schema.String) })

/**
 * A thread with the ids of its messages.
 *
 * @since 0.1.0
 * @category models
 */
export interface Thread extends Schema.Schema.Type<typeof Thread> {}

/**
 * The filters and the order of a list of threads.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListThreadsInput = Schema.Struct({
  ...pageFields,
  /** Words that occur anywhere in the messages. */
  q: OptionalInput(Schema.String),
  /** A part of the address or of the display name of a participant. */
  participant: OptionalInput(Schema.String),
  /** The id of a folder that contains a message of the thread. */
  folder_id: OptionalInput(Text({ min: 1 })),
  /** The thread has a last message after this time. */
  after: OptionalInput(TimestampInput),
  /** The thread has a last message before this time. */
  before: OptionalInput(TimestampInput),
  /** `true` selects threads with attachments. `false` is sent to the API, but may not exclude them. */
  has_attachment: OptionalInput(Schema.Boolean),
  /** Whether the thread has an unread message. */
  is_unread: OptionalInput(Schema.Boolean),
  sort_direction: OptionalInput(Direction)
})

/**
 * The filters and the order of a list of threads.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListThreadsInput extends Schema.Schema.Type<typeof ListThreadsInput> {}

/**
 * The order of the messages of a thread.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListThreadMessagesInput = Schema.Struct({ ...pageFields, sort: OptionalInput(Direction) })

/**
 * The order of the messages of a thread.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListThreadMessagesInput extends Schema.Schema.Type<typeof ListThreadMessagesInput> {}

/**
 * The order of the messages of a thread, and how to prepare their content for reading.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ThreadContentInput = Schema.Struct({
  ...pageFields,
  ...CleanContentInput.fields,
  sort: OptionalInput(Direction)
})

/**
 * The order of the messages of a thread, and how to prepare their content for reading.
 *
 * @since 0.1.0
 * @category models
 */
export interface ThreadContentInput extends Schema.Schema.Type<typeof ThreadContentInput> {}

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** @internal */
export const threadOperations = {
  list: operation("mailbox.threads.list", {
    http: "GET",
    path: "/mailbox/threads",
    input: ListThreadsInput,
    data: Schema.Array(ThreadSummary),
    flags: ["mailboxId", "paginated"]
  }),
  get: operation("mailbox.threads.get", {
    http: "GET",
    path: "/mailbox/threads/{thread_id}",
    data: Thread,
    flags: ["conditional", "mailboxId"]
  }),
  getContent: operation("mailbox.threads.getContent", {
    http: "GET",
    path: "/mailbox/threads/{thread_id}/content",
    input: ThreadContentInput,
    data: Schema.Array(MessageContent),
    flags: ["conditional", "mailboxId", "paginated"]
  }),
  listMessages: operation("mailbox.threads.listMessages", {
    http: "GET",
    path: "/mailbox/threads/{thread_id}/messages",
    input: ListThreadMessagesInput,
    data: Schema.Array(MessageSummary),
    flags: ["mailboxId", "paginated"]
  })
}

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * The methods of `mailbox.threads`.
 *
 * @since 0.1.0
 * @category services
 */
export interface Threads {
  /** Streams the threads that match the filters: `GET /mailbox/threads`. A page has at most 100 threads. */
  readonly list: ListMethod<[input?: ListThreadsInput, options?: MailboxOptions], ThreadSummary>
  /**
   * Reads a thread: `GET /mailbox/threads/{thread_id}`.
   *
   * Fails with `not_found` if the mailbox has no thread with this id.
   */
  readonly get: ConditionalMethod<[thread_id: string, options?: MailboxOptions], Thread>
  /**
   * Streams the messages of a thread, prepared for reading, with up to 25,000 characters each by default:
   * `GET /mailbox/threads/{thread_id}/content`.
   *
   * The `meta.extra` of each page contains the `participants` and the `states` of the thread. `ifNoneMatch` fetches the
   * first page, whose ETag identifies the version of the thread.
   *
   * Fails with `not_found` if the mailbox has no thread with this id.
   */
  readonly getContent: ConditionalListMethod<
    [thread_id: string, input?: ThreadContentInput, options?: MailboxOptions],
    MessageContent
  >
  /**
   * Streams the messages of a thread without their bodies: `GET /mailbox/threads/{thread_id}/messages`.
   *
   * Fails with `not_found` if the mailbox has no thread with this id.
   */
  readonly listMessages: ListMethod<
    [thread_id: string, input?: ListThreadMessagesInput, options?: MailboxOptions],
    MessageSummary
  >
}

/** @internal */
export const makeThreads = (methods: Methods): Threads => ({
  list: methods.list(threadOperations.list),
  get: methods.conditional(threadOperations.get),
  getContent: methods.conditionalList(threadOperations.getContent),
  listMessages: methods.list(threadOperations.listMessages)
})
