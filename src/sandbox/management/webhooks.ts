/**
 * Webhooks and their deliveries.
 */
import { webhookEventTypes } from "../../internal/model/webhookEventTypes.js"
import { webhookOperations } from "../../management/webhooks/webhooks.js"
import { fail, failField, found, reply, replyPage } from "../exchange.js"
import { pageOf } from "../http/pages.js"
import { checkIfMatch, type Route, route } from "../http/routes.js"
import { Ring } from "../state/bounded.js"
import { type DeliveryTransport, deliver, makeEvent } from "../state/deliveries.js"
import { type DeliveryRecord, iso, isoOrNull, newestFirst, type WebhookRecord } from "../state/team.js"
import type { World } from "../state/world.js"

const maxWebhooks = 20
const payloadLifeMillis = 7 * 86_400_000

const showWebhook = (record: WebhookRecord) => ({
  id: record.id,
  name: record.name,
  url: record.url,
  event_types: record.event_types,
  filters: { mailbox_ids: record.mailbox_ids },
  enabled: record.enabled,
  failing: record.failing,
  created_at: iso(record.createdAt),
  updated_at: iso(record.updatedAt)
})

const showDelivery = (now: number) => (delivery: DeliveryRecord) => ({
  id: delivery.id,
  event_id: delivery.event.id,
  event_type: delivery.event.type,
  result: delivery.result,
  delivery_attempt: delivery.attempt,
  max_attempts: delivery.maxAttempts,
  response_status: delivery.responseStatus,
  response_body: delivery.responseBody,
  response_ms: delivery.responseMillis,
  error_message: delivery.error,
  request_payload_bytes: delivery.payloadBytes,
  request_payload_sha256: null,
  payload_available: now < delivery.createdAt + payloadLifeMillis,
  payload_expires_at: iso(delivery.createdAt + payloadLifeMillis),
  next_retry_at: isoOrNull(delivery.nextRetryAt),
  created_at: iso(delivery.createdAt)
})

const types: ReadonlyArray<string> = webhookEventTypes

const isEventType = (type: string): boolean => types.includes(type)

const checkTypes = (given: ReadonlyArray<string>): void => {
  const index = given.findIndex((type) => !isEventType(type))
  if (index !== -1) failField(`event_types[${index}]`, "is not a known event type")
}

export const webhookRoutes = (world: World, transport: DeliveryTransport): ReadonlyArray<Route> => {
  const { id, team } = world
  const find = (webhookId: string) => found(team.webhooks.get(webhookId), "webhook")
  const operations = webhookOperations
  return [
    route(operations.list, (call) =>
      replyPage(
        pageOf(newestFirst(team.webhooks.values()), call.input ?? {}, {
          idOf: (webhook) => webhook.id,
          show: showWebhook
        })
      )
    ),
    route(operations.create, (call) => {
      if (team.webhooks.size >= maxWebhooks) {
        return fail("limit_exceeded", `A team can have at most ${maxWebhooks} webhooks`)
      }
      const { enabled = true, event_types, filters, name, url } = call.input
      checkTypes(event_types)
      const record: WebhookRecord = {
        id: id("whk"),
        name: name ?? null,
        url,
        event_types,
        mailbox_ids: filters?.mailbox_ids ?? [],
        enabled,
        failing: false,
        secret: id("whsec", 40),
        createdAt: call.now,
        updatedAt: call.now,
        deliveries: new Ring({ maxEntries: world.server.maxDeliveries }),
        pending: 0
      }
      team.webhooks.set(record.id, record)
      return reply(
        { ...showWebhook(record), secret: record.secret },
        { location: `${new URL(call.base).pathname}/webhooks/${record.id}` }
      )
    }),
    route(operations.delete, (call) => {
      const record = find(call.ids[0])
      team.webhooks.delete(record.id)
      return reply({ deleted: true, id: record.id })
    }),
    route(operations.get, (call) => reply(showWebhook(find(call.ids[0])))),
    route(operations.update, (call) => {
      const record = find(call.ids[0])
      checkIfMatch(call, showWebhook(record))
      const { enabled, event_types = record.event_types, filters, name, url } = call.input
      checkTypes(event_types)
      if (name !== undefined) record.name = name
      if (url !== undefined) record.url = url
      record.event_types = event_types
      if (filters !== undefined) record.mailbox_ids = filters.mailbox_ids
      // Enabling a failing webhook again resets its state.
      if (enabled === true && !record.enabled) record.failing = false
      if (enabled !== undefined) record.enabled = enabled
      record.updatedAt = call.now
      return reply(showWebhook(record))
    }),
    route(operations.rotateSecret, (call) => {
      const record = find(call.ids[0])
      record.secret = id("whsec", 40)
      record.updatedAt = call.now
      return reply({ ...showWebhook(record), secret: record.secret })
    }),
    route(operations.test, (call) => {
      const record = find(call.ids[0])
      if (!record.event_types.includes("sendmux.test")) {
        return fail("conflict", "The webhook does not receive events of the type sendmux.test")
      }
      const event = makeEvent(world, "sendmux.test", call.now, { webhook_id: record.id })
      transport.run(deliver(world, transport, record, event))
      return reply({ event_id: event.id })
    }),
    route(operations.listDeliveries, (call) => {
      const { event_type, result } = call.input ?? {}
      if (event_type !== undefined && !isEventType(event_type)) {
        return fail("invalid_parameter", "event_type must be a known event type", { param: "event_type" })
      }
      const shown = find(call.ids[0])
        .deliveries.toArray()
        .filter(
          (delivery) =>
            (event_type === undefined || delivery.event.type === event_type) &&
            (result === undefined || delivery.result === result)
        )
        .reverse()
      return replyPage(
        pageOf(shown, call.input ?? {}, {
          idOf: (delivery) => delivery.id,
          show: showDelivery(call.now),
          defaultLimit: 25
        })
      )
    }),
    route(operations.getDeliveryPayload, (call) => {
      const delivery = found(
        find(call.ids[0])
          .deliveries.toArray()
          .find((known) => known.id === call.ids[1]),
        "delivery"
      )
      const expiresAt = delivery.createdAt + payloadLifeMillis
      if (call.now >= expiresAt) return fail("not_found", "The payload has expired")
      return reply({
        id: delivery.id,
        event_id: delivery.event.id,
        event_type: delivery.event.type,
        delivery_attempt: delivery.attempt,
        payload: delivery.event,
        expires_at: iso(expiresAt),
        created_at: iso(delivery.createdAt)
      })
    })
  ]
}
