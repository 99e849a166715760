/**
 * Headers, paths and checks that the clients written by hand share.
 */
import { mailboxKey, messageId, pageSize, rootKey } from "../fixtures.js"

export const jsonHeaders = () => ({
  accept: "application/json",
  authorization: `Bearer ${mailboxKey}`,
  "content-type": "application/json",
  "idempotency-key": crypto.randomUUID()
})

export const readHeaders = (key: string = mailboxKey) => ({
  accept: "application/json",
  authorization: `Bearer ${key}`
})

export const eventHeaders = { accept: "text/event-stream", authorization: `Bearer ${mailboxKey}` }

export const uploadHeaders = () => ({
  accept: "application/json",
  authorization: `Bearer ${mailboxKey}`,
  "content-type": "application/octet-stream",
  "idempotency-key": crypto.randomUUID()
})

export const logHeaders = readHeaders(rootKey)

export interface Envelope<A> {
  readonly data: A
}

export interface Identified {
  readonly id: string
}

export const isSent = ({ data }: Envelope<{ readonly message_id: string }>): boolean =>
  data.message_id === messageId

export const isBatchSent = ({ data }: Envelope<{ readonly results: ReadonlyArray<unknown> }>): boolean =>
  data.results.length === pageSize

export const isPage = ({ data }: Envelope<ReadonlyArray<Identified>>): boolean =>
  data.length === pageSize && data[1]?.id.endsWith("01") === true
