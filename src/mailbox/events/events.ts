/**
 * Mail as it comes in.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { toMillis } from "../../internal/dialect/core.js"
import { mapped, typeOf } from "../../internal/dialect/schema.js"
import type { Methods } from "../../internal/methods/methods.js"
import type { DurationInput } from "../../internal/model/call.js"
import { InvalidRequestError, type SendmuxError } from "../../internal/model/errors.js"
import { operation, operationName } from "../../internal/operation/operation.js"
import { ListOf, Literals, OptionalInput, Text, WholeNumber } from "../../internal/schema/schema.js"
import type { MailboxOptions } from "../options.js"
import type { EventIdStore } from "./eventIds.js"
import type { MailboxEvent } from "./schemas.js"
import { type Backoff, followEvents, type MailboxSignal } from "./stream.js"

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

const EventType = Literals("message.received", "message.received.spam")

const EventTypes = mapped(
  Schema.String,
  typeOf(ListOf(EventType, 1, 2)),
  (text) => text.split(",").filter(Schema.is(EventType)),
  (types) => types.join(",")
)

/**
 * Which events to listen for, and how.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EventsInput = Schema.Struct({
  /** Default: both. */
  event_types: OptionalInput(EventTypes),
  /** Where to begin: after the event with this id. With a store, only where the store holds none. */
  last_event_id: OptionalInput(Text({ min: 1 })),
  /**
   * Seconds between two signs of life on a quiet line, 10 to 300; default 30. A line that stays silent for more than
   * twice as long is taken for dead.
   */
  ping: OptionalInput(WholeNumber(10, 300)),
  /** Seconds after which the server ends a connection, 30 to 3600; a new one is opened then. */
  close_after: OptionalInput(WholeNumber(30, 3600))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface EventsInput extends Schema.Schema.Type<typeof EventsInput> {}

/**
 * How soon a lost connection is followed by another.
 *
 * @since 0.1.0
 * @category options
 */
export interface ReconnectOptions {
  /** The delay after a connection that was good; doubles with each failure in a row. Default 500 ms. */
  readonly baseDelay?: DurationInput | undefined
  /** The longest delay, unless the server asks for a longer one. Default 60 seconds. */
  readonly maxDelay?: DurationInput | undefined
  /** Failed connections in a row after which the stream fails with the last error. Default: no limit. */
  readonly maxFailures?: number | undefined
}

/**
 * Options of an event stream. `timeout` bounds each connection's opening.
 *
 * @since 0.1.0
 * @category options
 */
export interface EventStreamOptions<out E = never> extends MailboxOptions {
  /** Where the id of the last event is kept across restarts. Default: nowhere; reconnecting needs none. */
  readonly store?: EventIdStore<E> | undefined
  readonly reconnect?: ReconnectOptions | undefined
}

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** @internal */
export const eventOperations = {
  stream: operation("mailbox.events.stream", {
    http: "GET",
    path: "/mailbox/events",
    response: "events",
    input: EventsInput,
    flags: ["mailboxId"]
  })
}

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category services
 */
export interface Events {
  /**
   * Events as they happen, for as long as somebody listens: `GET /mailbox/events`.
   *
   * Runs for months: after a cut, a clean end or a silence a new connection is opened, with a fresh token, and goes
   * on after the last event, so that each arrives once. What cannot be gone on from is told by `SyncRequired`.
   * The next event is read when the consumer asks for it, and the socket closes when the consumer stops.
   *
   * Delays between connections grow, and keep to what the server asks for. The stream fails where no later connection
   * can fare better: `authentication_required` for a credential that does not work, `insufficient_permissions`, any
   * other refusal of the request itself, and an answer that is no event stream (`ResponseDecodeError`).
   */
  readonly stream: <E = never>(
    input?: EventsInput,
    options?: EventStreamOptions<E>
  ) => Stream.Stream<MailboxEvent, SendmuxError | E>
  /**
   * The same stream with one more element, `Listening`, whenever a connection has opened: what happens after it is
   * not missed. For those who subscribe first and then look.
   */
  readonly listen: <E = never>(
    input?: EventsInput,
    options?: EventStreamOptions<E>
  ) => Stream.Stream<MailboxSignal, SendmuxError | E>
}

const defaultPing = 30

/** @internal */
export const makeEvents = (methods: Methods): Events => {
  const open = methods.events(eventOperations.stream)
  const name = operationName(eventOperations.stream)
  const listen: Events["listen"] = (input = {}, { store, reconnect, ...options } = {}) => {
    const backoff = backoffOf(reconnect)
    if (typeof backoff === "string") {
      return Stream.fail(new InvalidRequestError({ operation: name, issue: backoff }))
    }
    const { last_event_id, ping = defaultPing, ...filters } = input
    return followEvents({
      operation: name,
      connect: (after) => open({ ...filters, ping, last_event_id: after }, options),
      store,
      startAfter: last_event_id,
      silence: ping * 2000 + 5000,
      backoff
    })
  }
  return {
    listen,
    stream: (input, options) => Stream.filter(listen(input, options), isEvent)
  }
}

const isEvent = (signal: MailboxSignal): signal is MailboxEvent => signal._tag !== "Listening"

const backoffOf = ({
  baseDelay = 500,
  maxDelay = 60_000,
  maxFailures = Number.POSITIVE_INFINITY
}: ReconnectOptions = {}): Backoff | string => {
  const base = toMillis(baseDelay)
  const max = toMillis(maxDelay)
  if (base === undefined || base < 0) return "option reconnect.baseDelay must be a duration of zero or more"
  if (max === undefined || max < base)
    return "option reconnect.maxDelay must be a duration of at least baseDelay"
  if (!(maxFailures >= 1)) return "option reconnect.maxFailures must be at least 1"
  return { baseDelay: base, maxDelay: max, maxFailures }
}
