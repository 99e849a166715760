/**
 * The logs of sent and received messages, and the metrics of sent messages.
 */
import type { TimestampInput } from "../../internal/dialect/schema.js"
import { emailOperations } from "../../management/emails/emails.js"
import { inboxOperations } from "../../management/inboxes.js"
import { fail, found, reply, replyPage } from "../exchange.js"
import { pageOf } from "../http/pages.js"
import { type Route, route } from "../http/routes.js"
import { day, iso, millisOf } from "../state/team.js"
import type { EmailLogRecord, InboxLogRecord, World } from "../state/world.js"
import { money, pricePerMessage } from "./prices.js"

const hour = 3_600_000

/** Returns whether a time is in a window. A date without a time as the end includes that day. */
const inWindow = (
  {
    from_date,
    to_date
  }: { readonly from_date?: TimestampInput | undefined; readonly to_date?: TimestampInput | undefined },
  time: number
): boolean => {
  if (from_date !== undefined && time < millisOf(from_date)) return false
  if (to_date === undefined) return true
  const wholeDay = typeof to_date === "string" && /^\d{4}-\d{2}-\d{2}$/.test(to_date)
  return wholeDay ? time < millisOf(to_date) + day : time <= millisOf(to_date)
}

const matches = (search: string | undefined, texts: ReadonlyArray<string | null>): boolean =>
  search === undefined || texts.some((text) => text?.toLowerCase().includes(search.toLowerCase()))

const showLog = (log: EmailLogRecord) => ({
  id: log.id,
  provider_id: log.providerId,
  provider_name: log.providerName,
  message_id: log.email.rfc5322_message_id,
  from_email: log.email.from.email,
  sent_from_email: log.email.from.email,
  to_email: log.email.to[0]?.email ?? null,
  subject: log.email.subject,
  status: log.status,
  status_reason: log.reason,
  attempts: 1,
  sent_at: log.status === "sent" ? iso(log.createdAt) : null,
  size_bytes: log.size,
  created_at: iso(log.createdAt),
  recipient_count: log.recipients.length,
  accepted_recipient_count: log.recipients.filter(({ status }) => status === "accepted").length,
  rejected_recipient_count: log.recipients.filter(({ status }) => status === "rejected").length,
  delivery_group: log.email.delivery_group
})

const showArrival = (world: World, mail: InboxLogRecord) => ({
  id: mail.id,
  mailbox_id: mail.mailboxId,
  mailbox_email: world.team.mailboxes.get(mail.mailboxId)?.email ?? null,
  event_type: mail.spam ? "message.received.spam" : "message.received",
  message_id: mail.rfc5322_message_id,
  message_id_kind: "rfc5322",
  from_email: mail.from.email,
  to_emails: [mail.to],
  subject: mail.subject,
  size_bytes: mail.size,
  received_at: iso(mail.receivedAt),
  is_spam: mail.spam,
  billing_bucket_start: iso(mail.receivedAt - (mail.receivedAt % hour)),
  unit_amount: money(pricePerMessage),
  amount: money(pricePerMessage)
})

const windows = { "24h": day, "7d": 7 * day, "30d": 30 * day }

export const logRoutes = (world: World): ReadonlyArray<Route> => [
  route(emailOperations.listLogs, (call) => {
    const input = call.input ?? {}
    const logs = world.emailLog
      .toArray()
      .filter(
        (log) =>
          (input.status === undefined || log.status === input.status) &&
          (input.provider_id === undefined || log.providerId === input.provider_id) &&
          inWindow(input, log.createdAt) &&
          matches(input.search, [
            log.email.subject,
            log.email.from.email,
            log.email.rfc5322_message_id,
            ...log.recipients.map(({ email }) => email)
          ])
      )
      .reverse()
    return replyPage(pageOf(logs, input, { idOf: (log) => log.id, show: showLog, defaultLimit: 25 }))
  }),
  route(emailOperations.getLog, (call) => {
    const log = found(
      world.emailLog.toArray().find(({ id }) => id === call.ids[0]),
      "log"
    )
    return reply({ ...showLog(log), recipients: log.recipients })
  }),
  route(emailOperations.getMetrics, (call) => {
    const { from_date, granularity, provider_id, to_date, window = "24h" } = call.input ?? {}
    const end = to_date === undefined ? call.now : millisOf(to_date)
    const start = from_date === undefined ? end - windows[window] : millisOf(from_date)
    if (start > end) return fail("invalid_parameter", "from_date lies after to_date", { param: "from_date" })
    const step = (granularity ?? (end - start <= 2 * day ? "hourly" : "daily")) === "hourly" ? hour : day
    const logs = world.emailLog
      .toArray()
      .filter((log) => provider_id === undefined || log.providerId === provider_id)
    const between = (from: number, to: number) =>
      countsOf(logs.filter(({ createdAt }) => createdAt >= from && createdAt < to))
    const timeseries = []
    for (let at = start - (start % step); at <= end; at += step) {
      timeseries.push({ timestamp: iso(at), ...between(at, at + step) })
    }
    const summary = between(start, end + 1)
    const before = between(start - (end - start), start)
    return reply({ summary, comparison: { ...before, change_pct: change(before, summary) }, timeseries })
  }),
  route(inboxOperations.listLogs, (call) => {
    const input = call.input ?? {}
    const logs = world.inboxLog
      .toArray()
      .filter(
        (mail) =>
          (input.mailbox_id === undefined || mail.mailboxId === input.mailbox_id) &&
          (input.event_type === undefined || (input.event_type === "message.received.spam") === mail.spam) &&
          inWindow(input, mail.receivedAt) &&
          matches(input.search, [mail.subject, mail.from.email, mail.to])
      )
      .reverse()
    return replyPage(
      pageOf(logs, input, {
        idOf: (mail) => mail.id,
        show: (mail) => showArrival(world, mail),
        defaultLimit: 25
      })
    )
  }),
  route(inboxOperations.getLog, (call) =>
    reply(
      showArrival(
        world,
        found(
          world.inboxLog.toArray().find(({ id }) => id === call.ids[0]),
          "log"
        )
      )
    )
  )
]

const measures = ["total", "sent", "failed", "rejected", "pending"] as const

type Counts = Record<(typeof measures)[number], number>

const countsOf = (logs: ReadonlyArray<EmailLogRecord>): Counts => {
  const counts: Counts = { total: logs.length, sent: 0, failed: 0, rejected: 0, pending: 0 }
  for (const { status } of logs) counts[status]++
  return counts
}

const change = (before: Counts, after: Counts): Counts => {
  const changed = { ...after }
  for (const measure of measures) {
    changed[measure] =
      before[measure] === 0
        ? after[measure] === 0
          ? 0
          : 100
        : (100 * (after[measure] - before[measure])) / before[measure]
  }
  return changed
}
