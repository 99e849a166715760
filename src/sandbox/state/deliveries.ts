/**
 * Webhook deliveries. They are signed and retried as the API does it.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { timeoutFail } from "../../internal/dialect/core.js"
import type { PostFailure, PostResponse } from "../../internal/dialect/shared/localClient.js"
import { sign } from "../../webhooks/sign.js"
import { seenDelivery } from "./deliveryLog.js"
import { digest } from "./ids.js"
import { outcomeOf } from "./mail.js"
import type { Saved } from "./saved.js"
import {
  type DeliveryRecord,
  day,
  iso,
  type PendingDelivery,
  type WebhookEvent,
  type WebhookEventData,
  type WebhookRecord
} from "./team.js"
import {
  type ArrivedMail,
  type Events,
  type Outcome,
  type SentEmail,
  teamFacts,
  type World
} from "./world.js"

/** How the sandbox delivers events. */
export interface DeliveryTransport {
  /**
   * Runs an effect in the background, until it ends, the scope of the sandbox closes or the returned function is called.
   */
  readonly run: (work: Effect.Effect<void>) => () => void
  /** Posts to a URL. */
  readonly post: (
    url: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array
  ) => Effect.Effect<PostResponse, PostFailure>
}

/** The headers and the body of a post. */
interface SignedRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** The delays between attempts in milliseconds. They add up to about one day. */
const retryDelays = [5_000, 30_000, 120_000, 600_000, 3_600_000, 21_600_000, 57_600_000]

const maxAttempts = retryDelays.length + 1

/** The part of a response body that is stored with a delivery, in characters. */
const maxStoredBody = 2048

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

const wants = (webhook: WebhookRecord, type: string, mailboxId: string | undefined): boolean =>
  webhook.enabled &&
  webhook.event_types.includes(type) &&
  (webhook.mailbox_ids.length === 0 || (mailboxId !== undefined && webhook.mailbox_ids.includes(mailboxId)))

/** Delivers the events of the sandbox to its webhooks. */
export const notifyWebhooks = (world: World, transport: DeliveryTransport): void => {
  const notify = (
    type: string,
    at: number,
    mailboxId: string | undefined,
    data: Partial<WebhookEventData>
  ) => {
    for (const webhook of world.team.webhooks.values()) {
      if (!wants(webhook, type, mailboxId)) continue
      const event = makeEvent(world, type, at, {
        ...data,
        webhook_id: webhook.id,
        mailbox_id: mailboxId ?? null
      })
      transport.run(deliver(world, transport, webhook, event))
    }
  }
  const notifyOutcome: Events["outcome"] = (email, recipient, outcome, at, data) =>
    notify(outcome, at, email.mailboxId, {
      ...sentData(email, recipient),
      ...outcomeData(outcome, at),
      ...data
    })
  world.saved.add("pendingDeliveries", savedDeliveries(world, transport))
  world.listeners.outcome.push(notifyOutcome)
  world.listeners.sent.push((email) => {
    for (const { email: recipient } of [...email.to, ...email.cc, ...email.bcc]) {
      notifyOutcome(email, recipient, outcomeOf(recipient), email.sentAt, {})
    }
  })
  world.listeners.arrived.push((mail) => {
    const type = mail.spam ? "message.received.spam" : "message.received"
    notify(type, mail.receivedAt, mail.mailboxId, arrivedData(mail))
  })
}

const sentData = (email: SentEmail, recipient: string): Partial<WebhookEventData> => ({
  message_id: email.rfc5322_message_id,
  message_id_kind: "rfc5322",
  sendmux_message_id: email.id,
  sender: email.from.email,
  recipients: [recipient]
})

const outcomeData = (outcome: Outcome, at: number): Partial<WebhookEventData> => {
  switch (outcome) {
    case "message.bounced":
      return { bounce_type: "Permanent", bounce_subtype: "General" }
    case "message.complained":
      return { complaint_type: "abuse" }
    case "message.rejected":
      return { reject_reason: "The address is on the suppression list" }
    case "message.delivery_delayed":
      return { delay_type: "MailboxFull", delay_expires_at: iso(at + day) }
    case "message.delivered":
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

/** The result of one attempt, and the delay before the next attempt if there is one. */
const resultOf = (
  status: number | null,
  attempt: number
): { readonly result: DeliveryRecord["result"]; readonly delay: number | undefined } => {
  if (status !== null && status >= 200 && status < 300) return { result: "success", delay: undefined }
  if (status === 410) return { result: "permanent_failure", delay: undefined }
  const delay = retryDelays[attempt - 1]
  return { result: delay === undefined ? "failed" : "retrying", delay }
}

/** Posts an event once. Fails if the receiver does not respond in time. */
const post = ({ server }: World, transport: DeliveryTransport, url: string, signed: SignedRequest) =>
  timeoutFail(
    transport.post(url, signed.headers, signed.body),
    server.webhookTimeoutMillis,
    (): PostFailure => ({
      reason: `The receiver did not respond within ${server.webhookTimeoutMillis} milliseconds`,
      notConnected: false
    })
  ).pipe(
    Effect.match({
      onFailure: ({ reason }) => ({ responseStatus: null, responseBody: null, error: reason }),
      onSuccess: ({ body, status }) => ({
        responseStatus: status,
        responseBody: body.slice(0, maxStoredBody),
        error: null
      })
    })
  )

/**
 * Delivers an event. Repeats the attempt until the receiver responds with 2xx or 410, or the attempts are used up. An event
 * is not delivered if too many events of the webhook are pending, so that a receiver that is down does not use up the memory.
 */
export const deliver = (
  world: World,
  transport: DeliveryTransport,
  webhook: WebhookRecord,
  event: WebhookEvent
): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { maxDeliveries } = world.server
    if (webhook.pending >= maxDeliveries) {
      return Effect.map(world.clock.now, (at) =>
        record(world, webhook, event, {
          result: "failed",
          attempt: 1,
          responseStatus: null,
          responseBody: null,
          responseMillis: 0,
          error: `The event was not sent, because ${maxDeliveries} events of the webhook are pending`,
          payloadBytes: payloadOf(event).byteLength,
          nextRetryAt: undefined,
          createdAt: at
        })
      )
    }
    return Effect.flatMap(world.clock.now, (due) =>
      continueDelivery(world, transport, webhook, { webhookId: webhook.id, event, attempt: 1, due })
    )
  })

const payloadOf = (event: WebhookEvent): Uint8Array => new TextEncoder().encode(JSON.stringify(event))

/** Makes the attempts of a delivery that are left. */
const continueDelivery = (
  world: World,
  transport: DeliveryTransport,
  webhook: WebhookRecord,
  pending: PendingDelivery
): Effect.Effect<void> =>
  Effect.suspend(() => {
    webhook.pending++
    world.pendingDeliveries.add(pending)
    return Effect.onExit(attempts(world, transport, webhook, pending), () =>
      Effect.sync(() => {
        webhook.pending--
        world.pendingDeliveries.delete(pending)
      })
    )
  })

/** The pending deliveries as a part of the state. An attempt without a response is made again after a restart. */
const savedDeliveries = (
  world: World,
  transport: DeliveryTransport
): Saved<ReadonlyArray<PendingDelivery>> => {
  let restored: ReadonlyArray<PendingDelivery> = []
  return {
    snapshot: () => Array.from(world.pendingDeliveries, (pending) => ({ ...pending })),
    restore: (given) => {
      restored = given
    },
    resume: () => {
      for (const pending of restored) {
        const webhook = world.team.webhooks.get(pending.webhookId)
        if (webhook !== undefined) transport.run(continueDelivery(world, transport, webhook, pending))
      }
      restored = []
    }
  }
}

/**
 * The id of an attempt. It follows from the event, because attempts end when their receivers respond, and must not change which
 * ids other resources get.
 */
const deliveryId = ({ id }: WebhookEvent, attempt: number): string =>
  `whda_${digest(`${id} ${attempt}`)}${digest(`${attempt} ${id}`).slice(0, 8)}`

/** Adds an attempt to the deliveries of a webhook. */
const record = (
  world: World,
  webhook: WebhookRecord,
  event: WebhookEvent,
  attempt: Omit<DeliveryRecord, "id" | "event" | "maxAttempts">
): void => {
  webhook.failing = attempt.result !== "success"
  const delivery: DeliveryRecord = { id: deliveryId(event, attempt.attempt), event, maxAttempts, ...attempt }
  webhook.deliveries.push(delivery)
  const item = seenDelivery(webhook.id, delivery)
  const position = world.deliveries.push(item)
  world.feed.publish({ kind: "delivery", id: delivery.id, item, position })
}

const attempts = (
  world: World,
  transport: DeliveryTransport,
  webhook: WebhookRecord,
  pending: PendingDelivery
): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { event } = pending
    const body = payloadOf(event)
    for (; pending.attempt <= maxAttempts; pending.attempt++) {
      const { attempt, due } = pending
      yield* world.clock.sleepUntil(due)
      if (attempt > 1 && !(webhook.enabled && world.team.webhooks.has(webhook.id))) return
      const at = yield* world.clock.now
      const secret = Redacted.make(webhook.secret)
      // One after the other, because the runtime may end concurrent signatures in any order, and every run has to be the same.
      const headers = yield* world.signing(sign({ body, secret, id: event.id, type: event.type, attempt }))
      const response = yield* post(world, transport, webhook.url, { headers, body })
      const { delay, result } = resultOf(response.responseStatus, attempt)
      record(world, webhook, event, {
        ...response,
        result,
        attempt,
        responseMillis: (yield* world.clock.now) - at,
        payloadBytes: body.byteLength,
        nextRetryAt: delay === undefined ? undefined : due + delay,
        createdAt: at
      })
      if (delay === undefined) return
      // The time of the sandbox may have been moved past several attempts, which are then all due.
      pending.due = due + delay
    }
  })
