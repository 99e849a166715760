/**
 * What the inspection lists: messages, logs, webhooks, requests and domains, newest first.
 */
import { fail, found } from "../../exchange.js"
import type { Instance } from "../../instance.js"
import { findMessages, sortMessages, wordsOf } from "../../mailbox/mail/search.js"
import type { MessageRecord } from "../../mailbox/state/records.js"
import { isUnread, type MailboxStore } from "../../mailbox/state/store.js"
import { verificationOf } from "../../management/domains.js"
import type { Ring } from "../../state/bounded.js"
import type { SeenBody } from "../../state/exchanges.js"
import {
  type DeliveryRecord,
  type DomainRecord,
  iso,
  isoOrNull,
  newestFirst,
  type WebhookRecord
} from "../../state/team.js"
import type { EmailLogRecord, InboxLogRecord, RequestRecord, SentEmail, World } from "../../state/world.js"
import { detailsOf, inspectedOf, summaryOf } from "./content.js"
import type {
  RequestSummary,
  SentMessage,
  SentSummary,
  ShownBody,
  ShownDelivery,
  ShownDomain,
  ShownLog,
  ShownMailbox,
  ShownRequest,
  ShownWebhook,
  StoredMessage,
  StoredSummary
} from "./shapes.js"

type State = Pick<Instance, "stores" | "world">

/** What a list is asked for. */
export interface Query {
  /** Words that an item must contain, in any case. */
  readonly words: ReadonlyArray<string>
  readonly limit: number
}

const defaultLimit = 200
const maxLimit = 1000

export const queryOf = ({ searchParams }: URL): Query => {
  const text = searchParams.get("limit")
  const limit = text === null ? defaultLimit : /^\d+$/.test(text) ? Number(text) : Number.NaN
  return limit >= 1 && limit <= maxLimit
    ? { words: wordsOf(searchParams.get("q") ?? ""), limit }
    : fail("invalid_parameter", `The parameter limit must be an integer from 1 to ${maxLimit}`, {
        param: "limit"
      })
}

/** A part of a list. `total` is the number of items that match. */
interface Listed<out A> {
  readonly items: ReadonlyArray<A>
  readonly total: number
}

/** The items that match, newest first. Only those that are returned are shown. */
const listed = <A, B>(
  items: ReadonlyArray<A>,
  { limit, words }: Query,
  textOf: (item: A) => string,
  show: (item: A) => B
): Listed<B> => {
  const matching =
    words.length === 0
      ? items
      : items.filter((item) => {
          const text = textOf(item).toLowerCase()
          return words.every((word) => text.includes(word))
        })
  return { items: matching.slice(-limit).reverse().map(show), total: matching.length }
}

// -----------------------------------------------------------------------------
// messages
// -----------------------------------------------------------------------------

const addressText = (email: SentEmail): string =>
  [email.from, ...email.to, ...email.cc, ...email.bcc]
    .map(({ email, name }) => `${name ?? ""} ${email}`)
    .join(" ")

/** The log entries of the messages, by the id of the message. */
const newestLogs = ({ emailLog }: World): ReadonlyMap<string, EmailLogRecord> =>
  new Map(emailLog.toArray().map((log) => [log.emailId, log]))

const sentSummary = (email: SentEmail, log: EmailLogRecord | undefined): SentSummary => ({
  ...summaryOf(inspectedOf(email), email),
  via: email.via,
  status: log?.status ?? null
})

export const listSent = ({ world }: State, query: Query): Listed<SentSummary> => {
  const logs = newestLogs(world)
  return listed(
    world.outbox.toArray(),
    query,
    (email) => [email.subject, addressText(email), email.text, email.html, email.id].join("\n"),
    (email) => sentSummary(email, logs.get(email.id))
  )
}

const newest = <A>(ring: Ring<A>, isWanted: (item: A) => boolean): A | undefined =>
  ring.toArray().findLast(isWanted)

export const sentEmail = ({ world }: State, id: string): SentEmail =>
  found(
    newest(world.outbox, (email) => email.id === id),
    "sent message"
  )

export const showSent = ({ world }: State, email: SentEmail): SentMessage => {
  const log = newest(world.emailLog, ({ emailId }) => emailId === email.id)
  return {
    ...sentSummary(email, log),
    ...detailsOf(inspectedOf(email)),
    idempotency_key: email.idempotencyKey ?? null,
    recipients: log?.recipients ?? []
  }
}

export const storeOf = ({ stores }: State, mailboxId: string): MailboxStore =>
  found(stores.byId(mailboxId), "mailbox")

export const storedMessage = (state: State, mailboxId: string, id: string): MessageRecord =>
  storeOf(state, mailboxId).message(id)

const storedSummary = (store: MailboxStore, message: MessageRecord): StoredSummary => ({
  ...summaryOf(message),
  folder: store.folders.get(message.folderId)?.name ?? null,
  is_unread: isUnread(message),
  is_draft: message.keywords.has("$draft")
})

export const listMailboxes = ({ stores, world }: State): Listed<ShownMailbox> => {
  const items = [...world.team.mailboxes.values()].map((mailbox): ShownMailbox => {
    const { display_name, email, id, status } = mailbox
    const messages = [...stores.of(mailbox).messages.values()]
    return {
      id,
      email,
      display_name,
      status,
      message_count: messages.length,
      unread_count: messages.filter(isUnread).length
    }
  })
  return { items, total: items.length }
}

export const listStored = (
  state: State,
  mailboxId: string,
  { limit, words }: Query
): Listed<StoredSummary> => {
  const store = storeOf(state, mailboxId)
  const q = words.map((word) => `"${word.replaceAll('"', "")}"`).join(" ")
  const messages = sortMessages(findMessages(store, q === "" ? {} : { q }), {})
  return {
    items: messages.slice(0, limit).map((message) => storedSummary(store, message)),
    total: messages.length
  }
}

export const showStored = (state: State, mailboxId: string, id: string): StoredMessage => {
  const store = storeOf(state, mailboxId)
  const message = store.message(id)
  return {
    ...storedSummary(store, message),
    ...detailsOf(message),
    mailbox_id: store.mailbox.id,
    thread_id: message.threadId
  }
}

// -----------------------------------------------------------------------------
// logs
// -----------------------------------------------------------------------------

const showEmailLog = (log: EmailLogRecord, emailId: string | null): ShownLog => ({
  id: log.id,
  direction: "sent",
  at: iso(log.createdAt),
  from: log.email.from.email,
  to: log.recipients.map(({ email }) => email),
  subject: log.email.subject,
  status: log.status,
  reason: log.reason,
  provider: log.providerName,
  size_bytes: log.size,
  message_id: log.email.rfc5322_message_id,
  recipients: log.recipients,
  email_id: emailId,
  mailbox_id: log.email.mailboxId ?? null
})

const showInboxLog = (mail: InboxLogRecord): ShownLog => ({
  id: mail.id,
  direction: "received",
  at: iso(mail.receivedAt),
  from: mail.from.email,
  to: [mail.to],
  subject: mail.subject,
  status: mail.spam ? "spam" : "received",
  reason: null,
  provider: null,
  size_bytes: mail.size,
  message_id: mail.rfc5322_message_id,
  recipients: [],
  email_id: null,
  mailbox_id: mail.mailboxId
})

/** The logs of sent and of received messages as one list. */
export const listLogs = ({ world }: State, query: Query): Listed<ShownLog> => {
  const kept = new Set(world.outbox.toArray().map(({ id }) => id))
  const sent = listed(
    world.emailLog.toArray(),
    query,
    ({ email, id, recipients, status }) =>
      [email.subject, email.from.email, status, id, ...recipients.map((recipient) => recipient.email)].join(
        "\n"
      ),
    (log) => showEmailLog(log, kept.has(log.emailId) ? log.emailId : null)
  )
  const received = listed(
    world.inboxLog.toArray(),
    query,
    ({ from, id, spam, subject, to }) => [subject, from.email, to, id, spam ? "spam" : "received"].join("\n"),
    showInboxLog
  )
  const items = [...sent.items, ...received.items].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
  return { items: items.slice(0, query.limit), total: sent.total + received.total }
}

// -----------------------------------------------------------------------------
// webhooks
// -----------------------------------------------------------------------------

const showWebhook = (webhook: WebhookRecord): ShownWebhook => ({
  id: webhook.id,
  name: webhook.name,
  url: webhook.url,
  event_types: webhook.event_types,
  mailbox_ids: webhook.mailbox_ids,
  enabled: webhook.enabled,
  failing: webhook.failing,
  pending: webhook.pending,
  delivery_count: webhook.deliveries.toArray().length,
  created_at: iso(webhook.createdAt)
})

export const listWebhooks = ({ world }: State): Listed<ShownWebhook> => {
  const items = newestFirst(world.team.webhooks.values()).map(showWebhook)
  return { items, total: items.length }
}

const showDelivery = (delivery: DeliveryRecord): ShownDelivery => ({
  id: delivery.id,
  event_id: delivery.event.id,
  event_type: delivery.event.type,
  result: delivery.result,
  attempt: delivery.attempt,
  max_attempts: delivery.maxAttempts,
  response_status: delivery.responseStatus,
  response_body: delivery.responseBody,
  response_ms: delivery.responseMillis,
  error: delivery.error,
  next_retry_at: isoOrNull(delivery.nextRetryAt),
  at: iso(delivery.createdAt),
  payload: delivery.event
})

export const listDeliveries = ({ world }: State, webhookId: string, query: Query): Listed<ShownDelivery> =>
  listed(
    found(world.team.webhooks.get(webhookId), "webhook").deliveries.toArray(),
    query,
    ({ error, event, id, responseStatus, result }) =>
      [id, result, responseStatus, error, JSON.stringify(event)].join("\n"),
    showDelivery
  )

// -----------------------------------------------------------------------------
// requests
// -----------------------------------------------------------------------------

const requestSummary = ({ exchanges }: World, record: RequestRecord): RequestSummary => ({
  id: record.requestId,
  at: iso(record.at),
  method: record.method,
  path: record.path,
  query: record.query,
  operation: record.operation ?? null,
  status: record.status ?? null,
  fault: exchanges.get(record.requestId)?.fault ?? null
})

export const listRequests = ({ world }: State, query: Query): Listed<RequestSummary> =>
  listed(
    world.requests.toArray(),
    query,
    ({ method, operation, path, query, requestId, status }) =>
      [`${method} ${path}?${query}`, operation, status, requestId].join("\n"),
    (record) => requestSummary(world, record)
  )

const showBody = (body: SeenBody | undefined): ShownBody | null =>
  body === undefined
    ? null
    : {
        content_type: body.contentType ?? null,
        size_bytes: body.size ?? null,
        text: body.text ?? null,
        truncated: body.truncated
      }

export const showRequest = ({ world }: State, id: string): ShownRequest => {
  const record = found(
    newest(world.requests, ({ requestId }) => requestId === id),
    "request"
  )
  const exchange = world.exchanges.get(id)
  return {
    ...requestSummary(world, record),
    request: { headers: record.headers, body: showBody(exchange?.request) },
    response:
      exchange?.response === undefined
        ? null
        : { headers: exchange.response.headers, body: showBody(exchange.response.body) },
    is_kept: exchange !== undefined
  }
}

// -----------------------------------------------------------------------------
// domains
// -----------------------------------------------------------------------------

/** The last time that has a date. */
const maxDate = 8.64e15

/** How long the control keeps the verification from being what it is otherwise. */
const holdOf = (
  { override }: DomainRecord,
  now: number
): Pick<ShownDomain, "is_held" | "held_until" | "held_for_ms"> => {
  if (override === undefined || now >= override.until) {
    return { is_held: false, held_until: null, held_for_ms: null }
  }
  const { until } = override
  return until <= maxDate
    ? { is_held: true, held_until: iso(until), held_for_ms: until - now }
    : { is_held: true, held_until: null, held_for_ms: null }
}

export const listDomains = ({ world }: State, now: number): Listed<ShownDomain> => {
  const items = newestFirst(world.team.domains.values()).map(
    (record): ShownDomain => ({
      id: record.id,
      domain: record.domain,
      mode: record.mode,
      verification_status: verificationOf(record, now),
      ...holdOf(record, now),
      verified_at: isoOrNull(record.verifiedAt),
      created_at: iso(record.createdAt)
    })
  )
  return { items, total: items.length }
}
