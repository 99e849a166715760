/**
 * The events of a mailbox.
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
 * The message of an event: its summary, and its bodies up to a size limit.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RealtimeMessage = Schema.Struct({
  ...messageSummaryFields,
  /** The id in the API, which `messages.get`, `messages.reply` and other methods accept. */
  id: Schema.String,
  /** The `Message-ID` header of the message, which no method accepts as an id. */
  rfc5322_message_id: Nullable(Schema.String),
  body: Schema.Struct({
    text: Nullable(Schema.String),
    html: Nullable(Schema.String),
    /** Whether a body was longer than `max_bytes`. `messages.getBody` returns the complete bodies. */
    is_truncated: Schema.Boolean,
    /** The size limit of the bodies, in bytes. */
    max_bytes: Schema.Number
  })
})

/**
 * The type of the schema `RealtimeMessage`.
 *
 * @since 0.1.0
 * @category models
 */
export interface RealtimeMessage extends Schema.Schema.Type<typeof RealtimeMessage> {}

/**
 * The data of an event. `message` is null if it does not match its schema, so that the event is emitted nevertheless.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RealtimeEvent = Schema.Struct({
  event_type: OpenEnum(["message.received", "message.received.spam", "sync_required"]),
  team_public_id: Nullable(Schema.String),
  mailbox_id: Nullable(Schema.String),
  /**
   * The id of the message, for incoming mail its `Message-ID` header (RFC 5322), which no method accepts. The id for
   * `messages.get`, `messages.reply` and other methods is `message.id`.
   */
  message_id: Nullable(Schema.String),
  /** Whether `message_id` is the id in the API (`provider`) or the `Message-ID` header (`rfc5322`). */
  message_id_kind: Nullable(OpenEnum(["provider", "rfc5322"])),
  sender: Nullable(Schema.String),
  recipients: mapped(
    Nullable(Schema.Array(Schema.String)),
    Schema.Array(Schema.String),
    (recipients) => recipients ?? [],
    (recipients) => recipients
  ),
  is_spam: Nullable(Schema.Boolean),
  /** The message. Its `id` is the one that the methods of the API accept. Null if it does not match its schema. */
  message: nullableLenient(RealtimeMessage),
  occurred_at: NullableTimestamp
})

/**
 * The type of the schema `RealtimeEvent`.
 *
 * @since 0.1.0
 * @category models
 */
export interface RealtimeEvent extends Schema.Schema.Type<typeof RealtimeEvent> {}

// -----------------------------------------------------------------------------
// events
// -----------------------------------------------------------------------------

/**
 * The mailbox received a message.
 *
 * @since 0.1.0
 * @category models
 */
export interface MessageReceived {
  readonly _tag: "MessageReceived"
  /** The id of the event. Pass it as `last_event_id` to start after this event. */
  readonly id: string | undefined
  readonly type: "message.received" | "message.received.spam"
  readonly data: RealtimeEvent
}

/**
 * Events may be missing. Read the changes with `changes.get` or `sync.changes`, or list the messages again.
 *
 * @since 0.1.0
 * @category models
 */
export interface SyncRequired {
  readonly _tag: "SyncRequired"
  readonly id: string | undefined
  /**
   * `server`: the server can no longer resume after the last event. `gap`: a connection was lost and another one is
   * open, but there was no event id to resume after.
   */
  readonly reason: "server" | "gap"
  /** The data of the server's event, if it matches its schema. */
  readonly data: RealtimeEvent | undefined
}

/**
 * An event of an unknown type, or an event that does not match its schema.
 *
 * @since 0.1.0
 * @category models
 */
export interface UnknownEvent {
  readonly _tag: "UnknownEvent"
  readonly id: string | undefined
  readonly type: string
  /** The data as the server sent it. It is `Redacted`, because it may contain URLs that work without a credential. */
  readonly data: Redacted.Redacted
  /** For an event of a known type: how it differs from its schema. */
  readonly issue: string | undefined
}

/**
 * An element of `events.stream`.
 *
 * @since 0.1.0
 * @category models
 */
export type MailboxEvent = MessageReceived | SyncRequired | UnknownEvent

// -----------------------------------------------------------------------------
// reading
// -----------------------------------------------------------------------------

/** The names of events that only keep a connection open. */
const heartbeats: ReadonlySet<string> = new Set(["ping", "heartbeat", "keepalive", "keep-alive"])

/** Reads the event of a frame. Returns `undefined` for a heartbeat. */
export const readEvent = (frame: ServerSentEvent): MailboxEvent | undefined => {
  const parsed = parseJson(frame.data)
  const type = typeIn(parsed) ?? frame.event
  if (heartbeats.has(type) || (frame.data === "" && type !== "sync_required")) return undefined
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

/** Decodes the data of an event. The name of the frame replaces a missing `event_type`. */
const decodeEvent = (parsed: unknown, type: string): Coded<RealtimeEvent> => {
  decode ??= decoder(RealtimeEvent)
  return decode(isRecord(parsed) && !("event_type" in parsed) ? { event_type: type, ...parsed } : parsed)
}
