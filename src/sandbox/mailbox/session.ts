/**
 * What a key can access and what a mailbox can do.
 */
import { maxMessageBytes } from "../../internal/model/limits.js"
import { syncTypes } from "../../mailbox/changes/schemas.js"
import { connectionOperations } from "../../mailbox/connection.js"
import { mailboxesOperations } from "../../mailbox/mailboxes.js"
import { meOperations } from "../../mailbox/me.js"
import { type MailboxSession, sessionOperations } from "../../mailbox/session.js"
import { reply, replyPage } from "../exchange.js"
import { replyConnection } from "../http/connection.js"
import { pageOf } from "../http/pages.js"
import { type Route, route } from "../http/routes.js"
import { iso } from "../state/team.js"
import { maxFileBytes } from "./attachments.js"
import { defaultBodyChars, defaultThreadBodyChars } from "./mail/content.js"
import { type MailboxStores, mailboxRoute } from "./state/stores.js"

type Session = typeof MailboxSession.Encoded

const capabilities: Session["capabilities"] = {
  attachments: {
    download: true,
    metadata: true,
    parsing: false,
    range_download: true,
    send_with_uploaded_blob: true,
    upload: true
  },
  folders: {
    changes: true,
    create: true,
    delete: true,
    detail: true,
    list: true,
    query_changes: true,
    update: true
  },
  identities: { changes: true, create: false, delete: false, list: true, update: true },
  messages: {
    batch_get: true,
    batch_update: true,
    changes: true,
    clean_content: true,
    count: true,
    delete: true,
    detail: true,
    keywords: true,
    list: true,
    permanent_delete: true,
    query_changes: true,
    raw_body: true,
    search_snippets: true,
    update_fields: ["seen", "flagged", "keywords"]
  },
  quotas: { changes: true, list: true, update: false, usage: true },
  submissions: { changes: true, detail: true, list: true, send: true },
  sync: { query_changes: ["messages", "folders"], typed_changes: true, types: syncTypes },
  threads: { changes: true, clean_content: true, detail: true, list: true, messages: true }
}

const endpoints: Session["endpoints"] = {
  folders: ["/mailbox/folders", "/mailbox/folders/changes", "/mailbox/folders/query-changes"],
  mailbox: ["/mailbox/me", "/mailbox/session", "/mailbox/identity", "/mailbox/identities"],
  messages: ["/mailbox/messages", "/mailbox/messages/send", "/mailbox/drafts"],
  submissions: ["/mailbox/submissions", "/mailbox/submissions/changes"],
  sync: ["/mailbox/changes", "/mailbox/events", "/mailbox/messages/query-changes"],
  threads: ["/mailbox/threads"],
  usage: ["/mailbox/usage", "/mailbox/quotas", "/mailbox/quotas/changes"]
}

const gated: Session["gated"] = {
  attachment_parsing: false,
  blob_copy: false,
  blob_lookup: false,
  events: true,
  filter_script_writes: false,
  identity_mutation: true,
  message_copy: false,
  message_import: false,
  message_parse: false,
  quota_mutation: false,
  raw_protocol: false,
  vacation_response: false
}

const limits: Session["limits"] = {
  draft_schedule_days_max: 30,
  attachment_upload_bytes_max: maxFileBytes,
  batch_ids_max: 100,
  body_chars_max: 1_000_000,
  changes_limit_max: 500,
  inline_attachment_bytes_max: 5_000_000,
  keywords_per_update_max: 50,
  list_limit_max: 100,
  message_body_chars_default: defaultBodyChars,
  outbound_raw_message_bytes_max: maxMessageBytes,
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
      states: {
        folders: logs.folders.state,
        identities: logs.identities.state,
        messages: logs.messages.state,
        quotas: logs.quotas.state,
        submissions: logs.submissions.state,
        threads: logs.threads.state
      }
    })
  ),
  mailboxRoute(stores, meOperations.get, (_, { mailbox, usedBytes }) =>
    reply({
      id: mailbox.id,
      email: mailbox.email,
      display_name: mailbox.display_name,
      status: mailbox.status,
      quota_bytes: mailbox.quota_bytes,
      quota_used_bytes: usedBytes,
      send_scope: mailbox.send_scope,
      created_at: iso(mailbox.createdAt)
    })
  ),
  route(mailboxesOperations.list, (call) => {
    const input = call.input ?? {}
    const query = input.q?.toLowerCase() ?? ""
    const accessible = stores.granted(call).filter(({ email }) => email.toLowerCase().includes(query))
    return replyPage(
      pageOf(accessible, input, { idOf: ({ id }) => id, show: ({ email, id }) => ({ id, email }) })
    )
  }),
  route(connectionOperations.get, replyConnection)
]
