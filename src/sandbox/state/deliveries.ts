/**
 * Webhook deliveries: signed, posted to loopback, tried again like the real ones.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { now } from "../../internal/dialect/core.js"
import { sign } from "../../webhooks/sign.js"
import {
  type DeliveryRecord,
  iso,
  type WebhookEvent,
  type WebhookEventData,
  type WebhookRecord
} from "./team.js"
import { type ArrivedMail, fateOf, type SentEmail, teamFacts, type World } from "./world.js"

/** How deliveries leave the sandbox. */
export interface Outlet {
  /** Runs work that nobody waits for, for as long as the sandbox lives. */
  readonly run: (work: Effect.Effect<void>) => void
  /** Posts to a URL; fails with what went wrong, in words. */
  readonly post: (
    url: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array
  ) => Effect.Effect<{ readonly status: number; readonly body: string }, string>
}

/** Waits between attempts, in milliseconds; they add up to about a day. */
const waits = [5_000, 30_000, 120_000, 600_000, 3_600_000, 21_600_000, 57_600_000]

const maxAttempts = waits.length + 1

const noData: WebhookEventData = {
  webhook_id: null,
  mailbox_id: null,
  message_id: null,
  message_id_kind: null,
  sendmux_message_id: null,
  sender: null,
  recipients: [],
  bounce_type: null,
  bounce_subtype: null,
  complaint_type: null,
  complaint_subtype: null,
  reject_reason: null,
  delay_type: null,
  delay_expires_at: null,
  is_spam: null
}

export const makeEvent = (
  world: World,
  type: string,
  at: number,
  data: Partial<WebhookEventData>
): WebhookEvent => ({
  id: world.id("evt"),
  type,
  occurred_at: iso(at),
  team_public_id: teamFacts.id,
  data: { ...noData, ...data }
})

/** Tells webhooks of what happens in the sandbox. */
export const tellWebhooks = (world: World, outlet: Outlet): void => {
  const tell = (type: string, at: number, mailboxId: string | undefined, data: Partial<WebhookEventData>) => {
    for (const webhook of world.team.webhooks.values()) {
      if (!webhook.enabled || !webhook.event_types.includes(type)) continue
      const { mailbox_ids } = webhook
      if (mailbox_ids.length > 0 && (mailboxId === undefined || !mailbox_ids.includes(mailboxId))) continue
      const event = makeEvent(world, type, at, {
        ...data,
        webhook_id: webhook.id,
        mailbox_id: mailboxId ?? null
      })
      outlet.run(deliver(world, outlet, webhook, event))
    }
  }
  world.listeners.sent.push((email) => {
    for (const { email: recipient } of [...email.to, ...email.cc, ...email.bcc]) {
      const fate = fateOf(recipient)
      tell(fate, email.sentAt, email.mailboxId, {
        ...sentData(email, recipient),
        ...fateData(fate, email.sentAt)
      })
    }
  })
  world.listeners.arrived.push((mail) => {
    const type = mail.spam ? "message.received.spam" : "message.received"
    tell(type, mail.receivedAt, mail.mailboxId, arrivedData(mail))
  })
}

const sentData = (email: SentEmail, recipient: string): Partial<WebhookEventData> => ({
  message_id: email.rfc5322_message_id,
  message_id_kind: "rfc5322",
  sendmux_message_id: email.id,
  sender: email.from.email,
  recipients: [recipient]
})

const fateData = (fate: string, at: number): Partial<WebhookEventData> => {
  switch (fate) {
    case "message.bounced":
      return { bounce_type: "Permanent", bounce_subtype: "General" }
    case "message.complained":
      return { complaint_type: "abuse" }
    case "message.rejected":
      return { reject_reason: "The address is on the suppression list" }
    case "message.delivery_delayed":
      return { delay_type: "MailboxFull", delay_expires_at: iso(at + 86_400_000) }
    default:
      return {}
  }
}

const arrivedData = (mail: ArrivedMail): Partial<WebhookEventData> => ({
  message_id: mail.rfc5322_message_id,
  message_id_kind: "rfc5322",
  sender: mail.from.email,
  recipients: [mail.to],
  is_spam: mail.spam
})

/** Posts an event until it is taken or the attempts are used up. */
export const deliver = (
  world: World,
  outlet: Outlet,
  webhook: WebhookRecord,
  event: WebhookEvent
): Effect.Effect<void> =>
  Effect.gen(function* () {
    const body = new TextEncoder().encode(JSON.stringify(event))
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const at = yield* now
      const headers = yield* sign({
        body,
        secret: Redacted.make(webhook.secret),
        id: event.id,
        type: event.type,
        attempt
      })
      const outcome = yield* Effect.match(outlet.post(webhook.url, headers, body), {
        onFailure: (error) => ({ status: null, body: null, error }),
        onSuccess: ({ body, status }) => ({ status, body: body.slice(0, 2048), error: null })
      })
      const taken = outcome.status !== null && outcome.status >= 200 && outcome.status < 300
      const gone = outcome.status === 410
      const wait = taken || gone ? undefined : waits[attempt - 1]
      webhook.failing = !taken
      webhook.deliveries.push({
        id: world.id("whda"),
        event,
        result: taken ? "success" : gone ? "permanent_failure" : wait === undefined ? "failed" : "retrying",
        attempt,
        maxAttempts,
        responseStatus: outcome.status,
        responseBody: outcome.body,
        responseMillis: (yield* now) - at,
        error: outcome.error,
        payloadBytes: body.byteLength,
        nextRetryAt: wait === undefined ? undefined : at + wait,
        createdAt: at
      } satisfies DeliveryRecord)
      if (wait === undefined) return
      yield* Effect.sleep(wait)
      if (!webhook.enabled || !world.team.webhooks.has(webhook.id)) return
    }
  })
