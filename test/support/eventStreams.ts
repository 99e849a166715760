/**
 * Event streams whose connections a test scripts.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { makeMethods } from "../../src/internal/methods/methods.js"
import { makePipeline, type PipelineOptions } from "../../src/internal/pipeline/make.js"
import { makeEvents } from "../../src/mailbox/events/events.js"
import type { MailboxEvent } from "../../src/mailbox/events/schemas.js"
import type { MailboxSignal } from "../../src/mailbox/events/stream.js"

export type EventReaction = Response | Stream.Stream<string, Error>

/** Events over a client whose response bodies are streams of Effect, so that they use Effect's clock. */
export const eventsOver = (
  react: (url: URL, index: number, headers: Readonly<Record<string, string>>) => EventReaction,
  options: Partial<PipelineOptions> = {}
) => {
  const seen: Array<URL> = []
  const client = HttpClient.make((request, url) =>
    Effect.sync(() => {
      const reaction = react(url, seen.push(url) - 1, request.headers)
      if (reaction instanceof Response) return HttpClientResponse.fromWeb(request, reaction)
      const web = HttpClientResponse.fromWeb(request, new Response(null))
      const stream = Stream.map(reaction, (text) => new TextEncoder().encode(text))
      return Object.create(web, { stream: { value: stream } })
    })
  )
  const events = Effect.map(
    makePipeline("mailbox", "https://app.sendmux.ai/api/v1", {
      ...(options.accessToken === undefined ? { apiKey: Redacted.make("smx_mbx_test_0123456789") } : {}),
      ...options
    } as PipelineOptions),
    (pipeline) => makeEvents(makeMethods(pipeline))
  ).pipe(Effect.provideService(HttpClient.HttpClient, client), Effect.orDie)
  return { events, seen }
}

export const message = {
  id: "msg_1",
  thread_id: "thr_1",
  folder_ids: ["fld_inbox"],
  subject: "Hello",
  preview: "Hi",
  from: { email: "ada@example.com", name: null },
  to: [{ email: "inbox@example.com", name: null }],
  cc: [],
  bcc: [],
  received_at: "2026-11-23T10:00:00Z",
  sent_at: "not a date",
  size_bytes: 100,
  has_attachments: false,
  keywords: [],
  flags: { seen: false, flagged: false, answered: false, draft: false },
  rfc5322_message_id: "<1@example.com>",
  body: { text: "Hi", html: null, is_truncated: false, max_bytes: 65536 }
}

export const data = (extra: Record<string, unknown> = {}) => ({
  event_type: "message.received",
  team_public_id: "team_1",
  mailbox_id: "mbx_1",
  message_id: "msg_1",
  message_id_kind: "provider",
  sender: "ada@example.com",
  recipients: ["inbox@example.com"],
  is_spam: false,
  message,
  occurred_at: "2026-11-23T10:00:00Z",
  ...extra
})

export const frame = (id: string | undefined, event = "message.received", body: unknown = data()): string =>
  `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(body)}\n\n`

export const idOf = (event: MailboxEvent) => event.id
export const describeSignal = (signal: MailboxSignal): string =>
  signal._tag === "Listening"
    ? `listening${signal.resumed ? ", resumed" : ""}`
    : signal._tag === "SyncRequired"
      ? `sync required by ${signal.reason}`
      : `${signal._tag} ${signal.id}`

export const isMessage = (event: MailboxEvent) => event._tag === "MessageReceived"

export const after = (url: URL | undefined) => url?.searchParams.get("last_event_id")

/** A connection that stays open and silent. */
export const silent = Stream.never
