/**
 * What a mailbox tells as it happens.
 *
 * @since 0.1.0
 */

import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { type Coded, decoder, mapped, nullableLenient } from "../../internal/dialect/schema.js"
import type { ServerSentEvent } from "../../internal/response/serverSentEvents.js"
import { Nullable, NullableTimestamp, OpenEnum } from "../../internal/schema/schema.js"
import { isRecord, parseJson } from "../../internal/values/json.js"
import { messageSummaryFields } from "../messages/schemas.js"

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

/**
 * A message as an event brings it: its summary, and the beginning of its bodies.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RealtimeMessage = Schema.Struct({
  ...messageSummaryFields,
  /** The message's own `Message-ID`, not the id that the API knows it by. */
  rfc5322_message_id: Nullable(Schema.String),
  body: Schema.Struct({
    text: Nullable(Schema.String),
    html: Nullable(Schema.String),
    /** Whether there is more than `max_bytes` let through; `messages.getBody` has it all. */
    is_truncated: Schema.Boolean,
    max_bytes: Schema.Number
  })
})

/**
 * @since 0.1.0
 * @category models
 */
export interface RealtimeMessage extends Schema.Schema.Type<typeof RealtimeMessage> {}

/**
 * What an event says. A message that cannot be understood reads as null, so that its event still arrives.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RealtimeEvent = Schema.Struct({
  event_type: OpenEnum(["message.received", "message.received.spam", "sync_required"]),
  team_public_id: Nullable(Schema.String),
  mailbox_id: Nullable(Schema.String),
  message_id: Nullable(Schema.String),
  /** What `message_id` is: the API's own id, or the `Message-ID` header. */
  message_id_kind: Nullable(OpenEnum(["provider", "rfc5322"])),
  sender: Nullable(Schema.String),
  recipients: mapped(
    Nullable(Schema.Array(Schema.String)),
    Schema.Array(Schema.String),
    (recipients) => recipients ?? [],
    (recipients) => recipients
  ),
  is_spam: Nullable(Schema.Boolean),
  message: nullableLenient(RealtimeMessage),
  occurred_at: NullableTimestamp
})

/**
 * @since 0.1.0
 * @category models
 */
export interface RealtimeEvent extends Schema.Schema.Type<typeof RealtimeEvent> {}

// -----------------------------------------------------------------------------
// events
// -----------------------------------------------------------------------------

/**
 * A message came in.
 *
 * @since 0.1.0
 * @category models
 */
export interface MessageReceived {
  readonly _tag: "MessageReceived"
  /** The event's id, by which a later connection can go on after it. */
  readonly id: string | undefined
  readonly type: "message.received" | "message.received.spam"
  readonly data: RealtimeEvent
}

/**
 * Something may have happened that no event tells of: look for yourself, by `changes.get` or a list.
 *
 * @since 0.1.0
 * @category models
 */
export interface SyncRequired {
  readonly _tag: "SyncRequired"
  readonly id: string | undefined
  /**
   * `server`: the server says that its memory does not reach back far enough. `gap`: the connection was lost at a
   * time when there was no id to go on from, and a new one is open.
   */
  readonly reason: "server" | "gap"
  /** What the server said, where it said something that can be understood. */
  readonly data: RealtimeEvent | undefined
}

/**
 * An event of a kind that this version does not know, or one that does not fit its schema.
 *
 * @since 0.1.0
 * @category models
 */
export interface UnknownEvent {
  readonly _tag: "UnknownEvent"
  readonly id: string | undefined
  readonly type: string
  /** As it came. `Redacted`, since it may hold addresses that need no credential. */
  readonly data: Redacted.Redacted
  /** Where it and its schema part, for an event whose kind is known. */
  readonly issue: string | undefined
}

/**
 * What `events.stream` gives.
 *
 * @since 0.1.0
 * @category models
 */
export type MailboxEvent = MessageReceived | SyncRequired | UnknownEvent

// -----------------------------------------------------------------------------
// reading
// -----------------------------------------------------------------------------

/** Names under which servers send what only keeps the line alive. */
const signsOfLife: ReadonlySet<string> = new Set(["ping", "heartbeat", "keepalive", "keep-alive"])

/** The event of a frame, or `undefined` for a mere sign of life. */
export const readEvent = (frame: ServerSentEvent): MailboxEvent | undefined => {
  const parsed = parseJson(frame.data)
  const type = typeIn(parsed) ?? frame.event
  if (signsOfLife.has(type) || (frame.data === "" && type !== "sync_required")) return undefined
  const { id } = frame
  const unknown = (issue: string | undefined): UnknownEvent => ({
    _tag: "UnknownEvent",
    id,
    type,
    data: Redacted.make(frame.data),
    issue
  })
  switch (type) {
    case "sync_required": {
      const data = decodeEvent(parsed, type)
      return { _tag: "SyncRequired", id, reason: "server", data: data.ok ? data.value : undefined }
    }
    case "message.received":
    case "message.received.spam": {
      const data = decodeEvent(parsed, type)
      return data.ok
        ? { _tag: "MessageReceived", id, type, data: data.value }
        : unknown(data.issues.map(({ path, message }) => `${path} ${message}`.trim()).join("\n"))
    }
    default:
      return unknown(undefined)
  }
}

const typeIn = (parsed: unknown): string | undefined => {
  const type = isRecord(parsed) ? parsed["event_type"] : undefined
  return typeof type === "string" ? type : undefined
}

let decode: ((u: unknown) => Coded<RealtimeEvent>) | undefined

/** The frame's name stands in for an `event_type` that the data leaves out. */
const decodeEvent = (parsed: unknown, type: string): Coded<RealtimeEvent> => {
  decode ??= decoder(RealtimeEvent)
  return decode(isRecord(parsed) ? { event_type: type, ...parsed } : parsed)
}
