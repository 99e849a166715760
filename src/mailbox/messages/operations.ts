/**
 * The operations on the messages of a mailbox.
 */
import * as Schema from "effect/Schema"
import { operation } from "../../internal/operation/operation.js"
import { Deleted, MailboxQueryChanges } from "../changes/schemas.js"
import { CleanContentInput } from "../filters.js"
import { messageBatchOperations } from "./batch.js"
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
import { Message, MessageContent, MessageCount, MessageSummary, RawBody, SearchSnippets } from "./schemas.js"

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
