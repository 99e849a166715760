/**
 * Conversations.
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
  /** Every folder that holds one of its messages. */
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
 * A conversation at a glance.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ThreadSummary = Schema.Struct(summaryFields)

/**
 * @since 0.1.0
 * @category models
 */
export interface ThreadSummary extends Schema.Schema.Type<typeof ThreadSummary> {}

/**
 * A conversation with the ids of its messages.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Thread = Schema.Struct({ ...summaryFields, message_ids: Schema.Array(Schema.String) })

/**
 * @since 0.1.0
 * @category models
 */
export interface Thread extends Schema.Schema.Type<typeof Thread> {}

/**
 * Which conversations to list.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListThreadsInput = Schema.Struct({
  ...pageFields,
  /** Words anywhere in the messages. */
  q: OptionalInput(Schema.String),
  /** Part of the address or display name of somebody who takes part. */
  participant: OptionalInput(Schema.String),
  /** Conversations with a message in this folder. */
  folder_id: OptionalInput(Text({ min: 1 })),
  /** Conversations that last moved after this. */
  after: OptionalInput(TimestampInput),
  /** Conversations that last moved before this. */
  before: OptionalInput(TimestampInput),
  /** `true` for those with attachments; `false` is passed on and need not exclude them. */
  has_attachment: OptionalInput(Schema.Boolean),
  /** Conversations with something unread. */
  is_unread: OptionalInput(Schema.Boolean),
  sort_direction: OptionalInput(Direction)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface ListThreadsInput extends Schema.Schema.Type<typeof ListThreadsInput> {}

/**
 * In which order to list a conversation's messages.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListThreadMessagesInput = Schema.Struct({ ...pageFields, sort: OptionalInput(Direction) })

/**
 * @since 0.1.0
 * @category models
 */
export interface ListThreadMessagesInput extends Schema.Schema.Type<typeof ListThreadMessagesInput> {}

/**
 * In which order to read a conversation's messages, and how to make them clean.
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
 * @since 0.1.0
 * @category services
 */
export interface Threads {
  /** Conversations, by the filters: `GET /mailbox/threads`. */
  readonly list: ListMethod<[input?: ListThreadsInput, options?: MailboxOptions], ThreadSummary>
  /** One conversation: `GET /mailbox/threads/{thread_id}`. */
  readonly get: ConditionalMethod<[thread_id: string, options?: MailboxOptions], Thread>
  /**
   * The messages of a conversation with clean bodies, up to 25,000 characters each unless asked otherwise:
   * `GET /mailbox/threads/{thread_id}/content`.
   *
   * Each page's `meta.extra` has the conversation's `participants` and `states`. `ifNoneMatch` asks for the first
   * page, whose ETag stands for the conversation.
   */
  readonly getContent: ConditionalListMethod<
    [thread_id: string, input?: ThreadContentInput, options?: MailboxOptions],
    MessageContent
  >
  /** The messages of a conversation without bodies: `GET /mailbox/threads/{thread_id}/messages`. */
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
