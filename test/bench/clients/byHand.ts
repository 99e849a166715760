/**
 * The jobs written by hand: headers, JSON and a look at the status, without checks, retries or timeouts. `fetch` and
 * undici differ in how they send a request.
 */
import { createParser } from "eventsource-parser"
import { attachmentId, changesPerResponse, email, emails, fileBytes, pageSize } from "../fixtures.js"
import { type Job, type Jobs, promiseJob, streamJob } from "../harness/job.js"
import {
  type Envelope,
  eventHeaders,
  type Identified,
  isBatchSent,
  isPage,
  isSent,
  jsonHeaders,
  logHeaders,
  readHeaders,
  uploadHeaders
} from "./wire.js"

/** How to send a request. Both ways fail unless the status is a success. */
export interface Transport {
  readonly json: <A>(
    method: "GET" | "POST",
    url: string,
    headers: Readonly<Record<string, string>>,
    body?: string | Uint8Array<ArrayBuffer>
  ) => Promise<A>
  readonly bytes: (
    url: string,
    headers: Readonly<Record<string, string>>
  ) => Promise<AsyncIterable<Uint8Array>>
}

interface Changes {
  readonly types: {
    readonly messages: { readonly new_state: string; readonly created: ReadonlyArray<string> }
  }
}

interface Found {
  readonly messages: ReadonlyArray<{ readonly message: Identified }>
}

export const byHand = ({ bytes, json }: Transport): Jobs => ({
  send: async (origin) =>
    promiseJob(
      () =>
        json<Envelope<{ readonly message_id: string }>>(
          "POST",
          `${origin}/emails/send`,
          jsonHeaders(),
          JSON.stringify(email)
        ),
      isSent
    ),
  batch: async (origin) =>
    promiseJob(
      () =>
        json<Envelope<{ readonly results: ReadonlyArray<unknown> }>>(
          "POST",
          `${origin}/emails/send/batch`,
          jsonHeaders(),
          JSON.stringify({ messages: emails })
        ),
      isBatchSent
    ),
  messages: async (origin) => page(json, `${origin}/mailbox/messages?limit=${pageSize}`, readHeaders()),
  logs: async (origin) => page(json, `${origin}/emails/logs?limit=${pageSize}`, logHeaders),
  download: async (origin) =>
    promiseJob(
      async () => {
        let size = 0
        const url = `${origin}/mailbox/messages/msg_1/attachments/${attachmentId(fileBytes)}`
        for await (const chunk of await bytes(url, readHeaders())) size += chunk.byteLength
        return size
      },
      (size) => size === fileBytes
    ),
  upload: async (origin) => {
    const content = new Uint8Array(fileBytes).fill(7)
    return promiseJob(
      () =>
        json<Envelope<{ readonly size_bytes: number }>>(
          "POST",
          `${origin}/emails/attachments?filename=report.bin`,
          uploadHeaders(),
          content
        ),
      ({ data }) => data.size_bytes === fileBytes
    )
  },
  events: async (origin) =>
    streamJob(async (wanted) => {
      let taken = 0
      const parser = createParser({
        onEvent: ({ data }) => {
          const event: { readonly event_type: string } = JSON.parse(data)
          if (event.event_type === "message.received" && taken < wanted) taken++
        }
      })
      const decoder = new TextDecoder()
      for await (const chunk of await bytes(`${origin}/mailbox/events?ping=30`, eventHeaders)) {
        parser.feed(decoder.decode(chunk, { stream: true }))
        if (taken >= wanted) break
      }
      return taken
    }, pageSize),
  sync: async (origin) =>
    streamJob(async (wanted) => {
      let state = "0"
      let taken = 0
      while (taken < wanted) {
        const query = `types=messages&messages_since_state=${state}&limit=${changesPerResponse}`
        const changes = await json<Envelope<Changes>>(
          "GET",
          `${origin}/mailbox/changes?${query}`,
          readHeaders()
        )
        const { created, new_state } = changes.data.types.messages
        for (let at = 0; at < created.length; at += pageSize) {
          const body = JSON.stringify({ ids: created.slice(at, at + pageSize) })
          const url = `${origin}/mailbox/messages:batch-get`
          const found = await json<Envelope<Found>>("POST", url, jsonHeaders(), body)
          taken += found.data.messages.length
        }
        state = new_state
      }
      return taken
    }, changesPerResponse)
})

const page = (json: Transport["json"], url: string, headers: Readonly<Record<string, string>>): Job =>
  promiseJob(() => json<Envelope<ReadonlyArray<Identified>>>("GET", url, headers), isPage)
