/**
 * What a wait is for.
 */
import type { SeenDelivery } from "../state/deliveryLog.js"
import type { OperationName } from "../state/operationNames.js"
import type { InboxLogRecord, SeenRequest, SentEmail } from "../state/world.js"

/** A message that arrived in a mailbox. */
export interface SeenArrival {
  /** The id of the message in its mailbox, which starts with `msg_`. */
  readonly id: string
  readonly mailboxId: string
  /** The address of the mailbox. */
  readonly to: string
  readonly from: SentEmail["from"]
  readonly subject: string
  readonly spam: boolean
  /** The `Message-ID` of the message, in angle brackets. */
  readonly rfc5322_message_id: string
  /** Milliseconds since the epoch. */
  readonly receivedAt: number
}

/** Which sent message a wait is for. Each field that is set has to match. Addresses are compared in lowercase. */
export interface EmailFilter {
  /** The address of a recipient, also in Cc or Bcc. */
  readonly to?: string | undefined
  readonly from?: string | undefined
  /** A part of the subject. */
  readonly subject?: string | undefined
  /** The id of the mailbox that sent the message. */
  readonly mailbox?: string | undefined
}

/** Which arrived message a wait is for. Each field that is set has to match. */
export interface ArrivalFilter extends Omit<EmailFilter, "mailbox"> {
  /** The id or the address of the mailbox. */
  readonly mailbox?: string | undefined
  readonly spam?: boolean | undefined
}

/** Which request a wait is for. Each field that is set has to match. */
export interface RequestFilter {
  readonly operation?: OperationName | undefined
  /** The status of the response. */
  readonly status?: number | undefined
}

/** Which attempt to deliver an event a wait is for. Each field that is set has to match. */
export interface DeliveryFilter {
  /** The id of the webhook. */
  readonly webhook?: string | undefined
  /** The type of the event, such as `message.received`. */
  readonly type?: string | undefined
  /** The status that the receiver responded with. */
  readonly status?: number | undefined
  readonly result?: SeenDelivery["result"] | undefined
}

export const arrivalOf = (record: InboxLogRecord): SeenArrival => ({
  id: record.messageId ?? record.id,
  mailboxId: record.mailboxId,
  to: record.to,
  from: record.from,
  subject: record.subject,
  spam: record.spam,
  rfc5322_message_id: record.rfc5322_message_id,
  receivedAt: record.receivedAt
})

/** Returns whether a wanted value is absent or equal to the actual one. */
const is = <A>(wanted: A | undefined, actual: A): boolean => wanted === undefined || wanted === actual

const isAddress = (wanted: string | undefined, addresses: ReadonlyArray<string>): boolean =>
  wanted === undefined || addresses.some((address) => address.toLowerCase() === wanted.toLowerCase())

const contains = (wanted: string | undefined, text: string): boolean =>
  wanted === undefined || text.includes(wanted)

export const matchesEmail =
  ({ from, mailbox, subject, to }: EmailFilter) =>
  (email: SentEmail): boolean =>
    isAddress(
      to,
      [...email.to, ...email.cc, ...email.bcc].map((recipient) => recipient.email)
    ) &&
    isAddress(from, [email.from.email]) &&
    contains(subject, email.subject) &&
    is(mailbox, email.mailboxId)

export const matchesArrival =
  ({ from, mailbox, spam, subject, to }: ArrivalFilter) =>
  (arrival: SeenArrival): boolean =>
    isAddress(to, [arrival.to]) &&
    isAddress(from, [arrival.from.email]) &&
    contains(subject, arrival.subject) &&
    isAddress(mailbox, [arrival.mailboxId, arrival.to]) &&
    is(spam, arrival.spam)

export const matchesRequest =
  ({ operation, status }: RequestFilter) =>
  (request: SeenRequest): boolean =>
    is<string | undefined>(operation, request.operation) && is(status, request.status)

export const matchesDelivery =
  ({ result, status, type, webhook }: DeliveryFilter) =>
  (delivery: SeenDelivery): boolean =>
    is(webhook, delivery.webhook) &&
    is(type, delivery.type) &&
    is<number | null>(status, delivery.status) &&
    is(result, delivery.result)
