/** Calls every operation of a surface at least once, each successfully. */
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import type { Sandbox } from "../../src/index.js"
import type { MailboxService } from "../../src/Mailbox.js"
import type { ManagementService } from "../../src/Management.js"
import type { SendingService } from "../../src/Sending.js"
import { email } from "./http.js"

export interface Services {
  readonly sending: SendingService
  readonly management: ManagementService
  readonly mailbox: MailboxService
  readonly control: Sandbox.SandboxControl
}

const all = <A, E>(stream: Stream.Stream<A, E>) =>
  Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

const content = new TextEncoder().encode("Some words.")

const only = <A>(items: ReadonlyArray<A>): A => {
  const [first] = items
  if (first === undefined) throw new Error("the list is empty")
  return first
}

export const useSending = ({ sending }: Services) =>
  Effect.gen(function* () {
    const { attachments, connection, emails, meta } = sending
    yield* connection.get()
    yield* meta.getOpenApiSpec()
    const file = yield* attachments.upload({ filename: "a.txt", content, content_type: "text/plain" })
    yield* attachments.get(file.attachment_id)
    const upload = yield* attachments.createUpload({ filename: "b.txt", size_bytes: content.byteLength })
    yield* attachments.completeUpload(upload.upload_id, {
      content,
      upload_token: upload.headers["X-Sendmux-Upload-Token"] ?? ""
    })
    yield* emails.send({ ...email, attachments: [{ attachment_id: file.attachment_id }] })
    const invalid = { ...email, to: { email: "nobody@nowhere" } }
    const withoutAttachment = { ...email, attachments: [{ attachment_id: "att_aaaaaaaaaaaaaaaaaaaaaaaa" }] }
    yield* emails.sendBatch({ messages: [email, invalid, withoutAttachment] })
  })

const smtp = {
  name: "Own server",
  smtp_host: "smtp.example.com",
  smtp_port: 465,
  smtp_protocol: "tls" as const,
  smtp_username: "ada",
  smtp_password: Redacted.make("hunter2-secret")
}

export const useManagement = ({ control, management, sending }: Services) =>
  Effect.gen(function* () {
    const { billing, connection, domains, emails, inboxes } = management
    const { team } = yield* connection.get()

    // Messages with every outcome, so that the logs contain each of them.
    for (const to of ["ada@example.com", "reject@example.com", "agent@sandbox.test", "bounce@example.com"]) {
      yield* sending.emails.send({ ...email, to: { email: to }, delivery_group: "dgrp_messages" })
    }
    yield* control.deliver({ to: "agent@sandbox.test", subject: "Hi", text: "Hello" })
    yield* control.deliver({ to: "agent@sandbox.test", subject: "Buy", spam: true })

    yield* useDomains(management)
    const mailbox = yield* useMailboxes(management)
    yield* useProviders(management)
    yield* useWebhooks(management)

    for (const [scope, id] of [
      ["team", team.id],
      ["mailbox", mailbox]
    ] as const) {
      const { meta } = yield* management.sendPolicies.get.withResponse(scope, id)
      yield* management.sendPolicies.replace(
        scope,
        id,
        {
          policy: {
            allowed_from: { own_address: true, domains: ["example.com"] },
            recipients: { allow: null, deny: { addresses: ["eve@example.com"] } }
          }
        },
        { ifMatch: meta.etag ?? "" }
      )
      yield* management.sendPolicies.get(scope, id)
    }

    yield* emails.getMetrics()
    yield* emails.getMetrics({ window: "7d", granularity: "daily" })
    for (const { id } of yield* all(emails.listLogs({ limit: 1 }))) yield* emails.getLog(id)
    for (const { id } of yield* all(inboxes.listLogs({ limit: 1 }))) yield* inboxes.getLog(id)
    yield* billing.getBalance()
    yield* billing.getSummary()
    yield* all(billing.listTransactions({ limit: 3 }))
    yield* domains.list.page()
  })

const useDomains = ({ domains }: ManagementService) =>
  Effect.gen(function* () {
    const { id } = yield* domains.create({ domain: "example.com", mode: "send_only" })
    yield* domains.get(id)
    yield* domains.verify(id)
    const { meta } = yield* domains.get.withResponse(id)
    yield* domains.update(id, { mode: "send_receive" }, { ifMatch: meta.etag })
    yield* domains.getFilters(id)
    yield* domains.setFilters(id, {
      mode: "denylist",
      rules: [
        { type: "deny", pattern: "spam.example" },
        { type: "deny", pattern: "*@spam.test", note: "seen before" }
      ]
    })
    yield* domains.getFilters(id)
    yield* domains.zoneFile(id)
    yield* all(domains.list({ limit: 1 }))
    const other = yield* domains.create({ domain: "other.example" })
    yield* domains.delete(other.id)
  })

const useMailboxes = ({ mailboxes }: ManagementService) =>
  Effect.gen(function* () {
    yield* mailboxes.checkAvailability({ email: "ada@example.com" })
    const { mailbox } = yield* mailboxes.create({
      email: "ada@example.com",
      display_name: "Ada",
      send_scope: { type: "all" }
    })
    const { id } = mailbox
    yield* mailboxes.checkAvailability({ email: "ada@example.com" })
    yield* mailboxes.get(id)
    yield* mailboxes.update(id, { display_name: null, quota_bytes: 5_368_709_120 })
    yield* mailboxes.update(id, { send_scope: { type: "providers", provider_public_ids: ["dprov_1"] } })
    yield* mailboxes.getFilters(id)
    yield* mailboxes.setFilters(id, { mode: "allowlist", rules: [{ type: "allow", pattern: "example.org" }] })
    const { credential } = yield* mailboxes.createKey(id, { app_name: "Reader" })
    yield* mailboxes.deleteKey(id, credential.public_id)
    yield* mailboxes.suspend(id)
    yield* mailboxes.resume(id)
    yield* mailboxes.getCostUsage("mbx_sandbox", {
      start: "1970-01-01T00:00:00Z",
      end: "1970-01-02T00:00:00Z"
    })
    yield* all(mailboxes.list({ limit: 1 }))
    const other = yield* mailboxes.create({ email: "eve@example.com" })
    yield* mailboxes.delete(other.mailbox.id)
    yield* all(mailboxes.list({ include_deleted: true }))
    return id
  })

const useProviders = ({ providers }: ManagementService) =>
  Effect.gen(function* () {
    const { id } = yield* providers.create({
      ...smtp,
      quotas: { per_minute: 10, per_day: { min: 1, max: 100 } },
      variables: { region: "eu" }
    })
    yield* providers.get(id)
    const { meta } = yield* providers.get.withResponse(id)
    yield* providers.update(id, { from_email: "ada@example.com", percentage: 50 }, { ifMatch: meta.etag })
    yield* providers.update(id, { from_email: null, quotas: { per_minute: null } })
    yield* providers.deactivate(id)
    yield* providers.activate(id)
    yield* providers.test(id)
    yield* providers.getLimits()
    yield* providers.requestLimitIncrease()
    yield* providers.getLimits()
    yield* providers.getSharedSesLimitRequest()
    const { request } = yield* providers.createSharedSesLimitRequest()
    yield* providers.getSharedSesLimitRequest()
    yield* providers.cancelSharedSesLimitRequest(request.id)
    yield* providers.getStats()
    yield* providers.getUsage()
    yield* all(providers.list({ limit: 1 }))
    yield* providers.delete(id)
  })

const useWebhooks = ({ webhooks }: ManagementService) =>
  Effect.gen(function* () {
    const { id } = yield* webhooks.create({
      url: "https://hooks.example.com/in",
      event_types: ["message.delivered", "message.bounced", "sendmux.test"]
    })
    yield* webhooks.create({
      url: "https://hooks.example.com/received",
      event_types: ["message.received"],
      name: "Received",
      filters: { mailbox_ids: ["mbx_sandbox"] },
      enabled: false
    })
    const { meta } = yield* webhooks.get.withResponse(id)
    yield* webhooks.update(id, { name: "Sent" }, { ifMatch: meta.etag })
    yield* webhooks.test(id)
    yield* webhooks.rotateSecret(id)
    // WebCrypto signs the delivery asynchronously, which does not depend on the clock.
    for (;;) {
      const deliveries = yield* all(webhooks.listDeliveries(id, { limit: 1 }))
      const [delivery] = deliveries
      if (delivery === undefined) yield* Effect.sleep("1 millis")
      else {
        yield* webhooks.getDeliveryPayload(id, delivery.id)
        break
      }
    }
    yield* all(webhooks.list({ limit: 1 }))
    yield* webhooks.delete(id)
  })

export const useMailbox = (services: Services) =>
  Effect.gen(function* () {
    const { control, mailbox } = services
    const { changes, connection, events, identities, me, messages, quotas, session, usage } = mailbox
    yield* connection.get()
    yield* me.get()
    yield* session.get()
    yield* all(mailbox.mailboxes.list())
    yield* mailbox.senderChoices.get()
    yield* all(identities.list())
    yield* identities.updateDefault({ name: "Agent Smith", text_signature: "Smith" })
    yield* identities.getDefault()

    const before = yield* changes.get()
    const list = { sort_by: "subject" as const }
    const query = yield* messages.queryChanges(list)
    const folders = yield* mailbox.folders.queryChanges()
    const quota = yield* quotas.changes()
    const submissions = yield* mailbox.submissions.changes()

    for (const subject of ["Plan", "Re: Plan", "Lunch"]) {
      yield* control.deliver({
        to: "agent@sandbox.test",
        from: { email: "ada@example.com", name: "Ada" },
        subject,
        text: "See https://example.com\n\n> What?\n-- \nAda",
        html: "<p>See it</p><blockquote>What?</blockquote>",
        headers:
          subject === "Re: Plan" ? { "In-Reply-To": "<1@a>" } : { "Message-ID": `<${subject.length - 3}@a>` },
        attachments: [{ filename: "a.txt", content_type: "text/plain", bytes: content }]
      })
    }
    yield* control.deliver({ to: "agent@sandbox.test", subject: "Buy", spam: true })
    yield* useMessages(services)
    yield* useDrafts(services)
    yield* useFolders(services)

    yield* all(events.stream({ last_event_id: "0" }).pipe(Stream.take(4)))
    yield* changes.get({ since_state: before.new_state, limit: 2 })
    yield* changes.get({ types: ["messages", "folders", "threads", "submissions", "identities", "quotas"] })
    yield* messages.queryChanges({ ...list, since_query_state: query.new_query_state, calculate_total: true })
    yield* mailbox.folders.queryChanges({ since_query_state: folders.new_query_state })
    yield* quotas.changes({ since_state: quota.new_state })
    yield* mailbox.submissions.changes({ since_state: submissions.new_state })
    yield* all(quotas.list({ limit: 1 }))
    yield* usage.get()
    yield* me.get()
    yield* control.forgetChanges("mbx_sandbox")
    yield* changes.get({ since_state: before.new_state })
    yield* all(events.stream({ last_event_id: "1" }).pipe(Stream.take(1)))
  })

const useMessages = ({ mailbox }: Services) =>
  Effect.gen(function* () {
    const { attachments, messages, submissions, threads } = mailbox
    const blob = yield* attachments.upload({ filename: "b.txt", content, content_type: "text/plain" })
    yield* attachments.createUpload({
      filename: "c.txt",
      content_type: "text/plain",
      size_bytes: content.byteLength
    })
    const { message_id } = yield* messages.send({
      to: [{ email: "ada@example.com" }],
      cc: [{ email: "bounce@example.com", name: "Bo" }],
      subject: "Sent",
      text_body: "Words",
      html_body: "<p>Words</p>",
      attachments: [{ blob_id: blob.blob_id, filename: "b.txt", content_type: "text/plain" }]
    })
    const listed = yield* all(messages.list({ limit: 2 }))
    for (const { id } of listed) yield* messages.get(id)
    const { id } = only(listed.filter(({ subject }) => subject === "Plan"))
    yield* messages.getBody(id)
    yield* messages.getBody(id, { part: "html", max_body_chars: 4 })
    yield* messages.getContent(id)
    yield* messages.getContent(id, { include_html: true, include_headers: "full", part: "html" })
    yield* messages.getContent(id, {
      include_headers: "none",
      include_attachments: "none",
      max_body_chars: 2
    })
    yield* all(messages.downloadRaw(id))
    yield* messages.count()
    yield* messages.searchSnippets({ q: "plan" })
    yield* messages.searchSnippets({ q: "see", message_ids: [id, "gone"] })
    const { meta } = yield* messages.get.withResponse(id)
    yield* messages.update(id, { seen: true, keywords: { friends: true } }, { ifMatch: meta.etag })
    yield* messages.batchGet({ ids: [id, message_id, "gone"] })
    yield* messages.batchGet({ ids: [id], body_mode: "clean_json" })
    yield* messages.batchGet({ ids: [id], body_mode: "raw", part: "both" })

    const { attachments: files = [], thread_id } = yield* messages.get(id)
    const file = only(files).id
    yield* all(attachments.download(id, file))
    yield* all(attachments.download(id, file, {}, { range: { start: 2, end: 4 } }))
    yield* attachments.requestText(id, file)
    yield* attachments.getText(id, file)
    yield* Effect.sleep("150 millis")
    yield* attachments.getText(id, file)
    yield* Effect.sleep("100 millis")
    yield* attachments.requestText(id, file)
    yield* attachments.getText(id, file, { max_bytes: 3 })

    yield* all(threads.list({ limit: 1 }))
    const thread = thread_id ?? ""
    yield* threads.get(thread)
    yield* all(threads.listMessages(thread, { limit: 1 }))
    yield* all(threads.getContent(thread, { limit: 1 }))

    yield* messages.send({ to: [{ email: "delay@example.com" }], text_body: "Later" })
    for (const { id } of yield* all(submissions.list({ limit: 1 }))) yield* submissions.get(id)

    yield* messages.batchUpdate({ ids: [message_id, "gone"], flagged: true })
    yield* messages.batchDelete({ ids: [message_id, "gone"] })
    yield* messages.delete(message_id)
  })

const useDrafts = ({ mailbox }: Services) =>
  Effect.gen(function* () {
    const { drafts, messages } = mailbox
    const to = [{ email: "ada@example.com", name: "Ada" }]
    const draft = yield* drafts.create({ subject: "Later", text_body: "Words", to })
    yield* drafts.get(draft.id)
    const edited = yield* drafts.update(draft.id, {
      expected_revision: draft.revision,
      reply_to: [{ email: "agent@sandbox.test", name: null }],
      custom_headers: { "X-Kind": "letter" }
    })
    const tomorrow = new Date((yield* Clock.currentTimeMillis) + 86_400_000)
    const scheduled = yield* drafts.sendAt(edited, tomorrow)
    yield* drafts.get(draft.id)
    const cancelled = yield* drafts.cancelSchedule(scheduled)
    yield* drafts.sendNow(cancelled)
    const { id } = only(yield* all(messages.list({ subject: "lunch" })))
    const reply = yield* drafts.replyAll(id, { text_body: "Yes" })
    yield* drafts.get(reply.id)
    yield* drafts.forward(id, { to })
    yield* Effect.sleep("300 millis")
    const ready = yield* drafts.get.withResponse(reply.id)
    yield* all(drafts.list({ limit: 1 }))
    yield* drafts.delete(reply.id, { ifMatch: ready.meta.etag })
  })

const useFolders = ({ mailbox }: Services) =>
  Effect.gen(function* () {
    const { folders } = mailbox
    const state = yield* folders.changes()
    const { id } = yield* folders.create({ name: "Projects" })
    const child = yield* folders.create({ name: "Ada", parent_id: id })
    yield* folders.get(id)
    const { meta } = yield* folders.get.withResponse(child.id)
    yield* folders.update(child.id, { name: "Ada and Bob", sort_order: 3 }, { ifMatch: meta.etag })
    yield* all(folders.list({ limit: 2 }))
    yield* folders.delete(child.id)
    yield* folders.changes({ since_state: state.new_state })
  })
