/**
 * The attempts to deliver events, of all webhooks.
 */
import type { DeliveryRecord } from "./team.js"

/** An attempt to deliver an event to a webhook. */
export interface SeenDelivery {
  /** Starts with `whda_`. */
  readonly id: string
  /** The id of the webhook. */
  readonly webhook: string
  /** The type of the event, such as `message.received`. */
  readonly type: string
  /** The body of the request. */
  readonly event: DeliveryRecord["event"]
  readonly result: DeliveryRecord["result"]
  /** The number of the attempt, from 1. */
  readonly attempt: number
  /** The status of the response, or `null` if there was none. */
  readonly status: number | null
  /** Why there was no response. */
  readonly error: string | null
  /** Milliseconds since the epoch. */
  readonly at: number
}

export const seenDelivery = (webhook: string, record: DeliveryRecord): SeenDelivery => ({
  id: record.id,
  webhook,
  type: record.event.type,
  event: record.event,
  result: record.result,
  attempt: record.attempt,
  status: record.responseStatus,
  error: record.error,
  at: record.createdAt
})
