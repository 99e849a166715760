/**
 * What a key reaches, and what a mailbox can do.
 */

import { syncTypes } from "../../mailbox/changes/schemas.js"
import { connectionOperations } from "../../mailbox/connection.js"
import { mailboxesOperations } from "../../mailbox/mailboxes.js"
import { meOperations } from "../../mailbox/me.js"
import { sessionOperations } from "../../mailbox/session.js"
import { reply, replyPage } from "../exchange.js"
import { replyConnection } from "../http/connection.js"
import { pageOf } from "../http/pages.js"
import { type Route, route } from "../http/routes.js"
import { iso } from "../state/team.js"
import { maxFileBytes } from "./attachments.js"
import { defaultBodyChars, defaultThreadBodyChars } from "./mail/content.js"
import { type MailboxStores, mailboxRoute } from "./state/stores.js"

const yes = <const Name extends string>(...names: ReadonlyArray<Name>) =>
  Object.fromEntries(names.map((name) => [name, true]))

const no = <const Name extends string>(...names: ReadonlyArray<Name>) =>
  Object.fromEntries(names.map((name) => [name, false]))

const capabilities = {
  attachments: {
    ...yes("download", "metadata", "range_download", "send_with_uploaded_blob", "upload"),
    parsing: false
  },
  folders: yes("changes", "create", "delete", "detail", "list", "query_changes", "update"),
  identities: { ...yes("changes", "list", "update"), ...no("create", "delete") },
  messages: {
    ...yes("batch_get", "batch_update", "changes", "clean_content", "count", "delete", "detail", "keywords"),
    ...yes("list", "permanent_delete", "query_changes", "raw_body", "search_snippets"),
    update_fields: ["seen", "flagged", "keywords"]
  },
  quotas: { ...yes("changes", "list", "usage"), update: false },
  submissions: yes("changes", "detail", "list", "send"),
  sync: { query_changes: ["messages", "folders"], typed_changes: true, types: syncTypes },
  threads: yes("changes", "clean_content", "detail", "list", "messages")
}

const endpoints = {
  folders: ["/mailbox/folders", "/mailbox/folders/changes", "/mailbox/folders/query-changes"],
  mailbox: ["/mailbox/me", "/mailbox/session", "/mailbox/identity", "/mailbox/identities"],
  messages: ["/mailbox/messages", "/mailbox/messages/send", "/mailbox/drafts"],
  submissions: ["/mailbox/submissions", "/mailbox/submissions/changes"],
  sync: ["/mailbox/changes", "/mailbox/events", "/mailbox/messages/query-changes"],
  threads: ["/mailbox/threads"],
  usage: ["/mailbox/usage", "/mailbox/quotas", "/mailbox/quotas/changes"]
}

const gated = {
  events: true,
  identity_mutation: true,
  ...no("attachment_parsing", "blob_copy", "blob_lookup", "filter_script_writes", "message_copy"),
  ...no("message_import", "message_parse", "quota_mutation", "raw_protocol", "vacation_response")
}

const limits = {
  draft_schedule_days_max: 30,
  attachment_upload_bytes_max: maxFileBytes,
  batch_ids_max: 100,
  body_chars_max: 1_000_000,
  changes_limit_max: 500,
  inline_attachment_bytes_max: 5_000_000,
  keywords_per_update_max: 50,
  list_limit_max: 100,
  message_body_chars_default: defaultBodyChars,
  outbound_raw_message_bytes_max: 26_214_400,
  thread_body_chars_default: defaultThreadBodyChars
}

export const sessionRoutes = (stores: MailboxStores): ReadonlyArray<Route> => [
  mailboxRoute(stores, sessionOperations.get, (_, { logs, mailbox }) =>
    reply({
      capabilities,
      endpoints,
      gated,
      limits,
      mailbox: { display_name: mailbox.display_name, email: mailbox.email, id: mailbox.id },
      states: Object.fromEntries(syncTypes.map((type) => [type, logs[type].state]))
    })
  ),
  mailboxRoute(stores, meOperations.get, (_, store) => {
    const { mailbox } = store
    return reply({
      id: mailbox.id,
      email: mailbox.email,
      display_name: mailbox.display_name,
      status: mailbox.status,
      quota_bytes: mailbox.quota_bytes,
      quota_used_bytes: store.usedBytes,
      send_scope: mailbox.send_scope,
      created_at: iso(mailbox.createdAt)
    })
  }),
  route(mailboxesOperations.list, (call) => {
    const q = call.input?.q?.toLowerCase() ?? ""
    const granted = stores.granted(call).filter(({ email }) => email.toLowerCase().includes(q))
    return replyPage(
      pageOf(granted, call.input ?? {}, { idOf: ({ id }) => id, show: ({ email, id }) => ({ id, email }) })
    )
  }),
  route(connectionOperations.get, replyConnection)
]
