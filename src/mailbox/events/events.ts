/**
 * The events of a mailbox, as they happen.
 *
 * @since 0.1.0
 */

import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { toMillis } from "../../internal/dialect/core.js"
import { mapped, typeOf } from "../../internal/dialect/schema.js"
import type { Methods } from "../../internal/methods/methods.js"
import type { DurationInput } from "../../internal/model/call.js"
import type { SendmuxError } from "../../internal/model/errors.js"
import { invalidRequest } from "../../internal/model/invalidRequest.js"
import { operation, operationName } from "../../internal/operation/operation.js"
import { ListOf, Literals, OptionalInput, Text, WholeNumber } from "../../internal/schema/schema.js"
import { notObjects } from "../objects.js"
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
 * Which events to stream, and from where.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EventsInput = Schema.Struct({
  /** The types of events to stream. Default: both. */
  event_types: OptionalInput(EventTypes),
  /** The id of the event to start after. A store that contains an id takes precedence. */
  last_event_id: OptionalInput(Text({ min: 1 })),
  /**
   * The interval in seconds at which the server sends a heartbeat, 10 to 300. Default: 30. When nothing arrives for
   * twice this interval plus 5 seconds, the stream opens another connection.
   */
  ping: OptionalInput(WholeNumber(10, 300)),
  /** After how many seconds the server closes a connection, 30 to 3600. The stream then opens another one. */
  close_after: OptionalInput(WholeNumber(30, 3600))
})

/**
 * The type of the schema `EventsInput`.
 *
 * @since 0.1.0
 * @category models
 */
export interface EventsInput extends Schema.Schema.Type<typeof EventsInput> {}

/**
 * When to connect again after a connection has ended.
 *
 * @since 0.1.0
 * @category options
 */
export interface ReconnectOptions {
  /** The delay after a healthy connection. It doubles with each consecutive failure. Default: 500 ms. */
  readonly baseDelay?: DurationInput | undefined
  /** The longest delay, unless the server asks for a longer one, which may be up to 5 minutes. Default: 60 seconds. */
  readonly maxDelay?: DurationInput | undefined
  /** After how many consecutive failures the stream fails with the last error. Default: no limit. */
  readonly maxFailures?: number | undefined
}

/**
 * Options of an event stream. `timeout` limits how long it may take to open each connection.
 *
 * @since 0.1.0
 * @category options
 */
export interface EventStreamOptions<out E = never> extends MailboxOptions {
  /**
   * Where to save the id of the last event, so that a restarted program resumes after it. Default: no store. Reconnecting
   * within one stream works without a store.
   */
  readonly store?: EventIdStore<E> | undefined
  /** When to connect again after a connection has ended. */
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
 * The methods of `mailbox.events`.
 *
 * @since 0.1.0
 * @category services
 */
export interface Events {
  /**
   * Streams the events of a mailbox as they happen: `GET /mailbox/events`. The API sends events for incoming messages
   * only. The stream ends when the consumer stops, which also closes the connection.
   *
   * The stream survives lost connections: when a connection fails, ends or stays silent, it opens another one with a
   * fresh access token and resumes after the last event. Each event is emitted once. When events may have been missed,
   * the stream emits `SyncRequired`. An event of an unknown type is emitted as `UnknownEvent`. The stream reads from the
   * connection only as fast as the consumer takes events.
   *
   * The delay before a connection grows with consecutive failures, and is at least as long as the server asks for, up to
   * 5 minutes. Each wait counts in the metric `sendmux_stream_waits`, and is logged at Info unless it is a short one
   * after the server has closed a healthy connection.
   *
   * If the server refuses the id to resume after, the stream gives up the id once and emits `SyncRequired`: after a
   * status below 500 other than 401, 403, 408 and 429. Once the stream has worked, it survives up to 10 responses in a
   * row that do not come from the API, such as the HTML page of a proxy. The stream fails when another connection would
   * fail as well:
   *
   * - `APIError` with a status below 500 other than 408 and 429, for example `authentication_required` or
   *   `insufficient_permissions`
   * - `ResponseDecodeError` when the first response is not an event stream
   * - `InvalidRequestError` for an invalid input or option
   * - the error of the store, if one is used
   *
   * @example
   * import { Mailbox } from "effect-sendmux/Mailbox"
   * import * as Effect from "effect/Effect"
   * import * as Stream from "effect/Stream"
   *
   * export const logIncomingMessages = Effect.gen(function* () {
   *   const mailbox = yield* Mailbox
   *   const events = mailbox.events.stream({ event_types: ["message.received"] })
   *   yield* Stream.runForEach(events, (event) => {
   *     switch (event._tag) {
   *       case "MessageReceived":
   *         return Effect.log("Received", event.data.message?.id)
   *       case "SyncRequired":
   *         return Effect.log("Events may be missing: list the messages again")
   *       case "UnknownEvent":
   *         return Effect.log("Ignored", event.type)
   *     }
   *   })
   * })
   *
   * @see `messages.incoming` for the messages themselves, also those that arrived while the program was down
   * @see `eventIdsInKeyValueStore` to resume after a restart
   * @see `sync.follow` for all changes of a mailbox, not only for incoming messages
   */
  readonly stream: <E = never>(
    input?: EventsInput,
    options?: EventStreamOptions<E>
  ) => Stream.Stream<MailboxEvent, SendmuxError | E>
  /**
   * Streams the same events as `stream`, and emits `Listening` whenever a connection has opened. Events that happen
   * after `Listening` are not missed. A program that lists messages after the first `Listening` therefore sees every
   * message, either in the list or as an event.
   */
  readonly listen: <E = never>(
    input?: EventsInput,
    options?: EventStreamOptions<E>
  ) => Stream.Stream<MailboxSignal, SendmuxError | E>
}

const defaultPing = 30

/** How long a connection may be silent: two heartbeats may be lost or late. */
const maxSilence = (ping: number): number => ping * 2000 + 5000

/** @internal */
export const makeEvents = (methods: Methods): Events => {
  const open = methods.events(eventOperations.stream)
  const name = operationName(eventOperations.stream)
  const listen: Events["listen"] = (input = {}, given = {}) => {
    const invalid = notObjects(name, {
      "the input": input,
      "the options": given,
      "option reconnect": given?.reconnect ?? {}
    })
    if (invalid !== undefined) return Stream.fail(invalid)
    const { store, reconnect, ...options } = given
    const backoff = toBackoff(reconnect)
    if (typeof backoff === "string") {
      return Stream.fail(invalidRequest(name, backoff))
    }
    const { last_event_id, ping = defaultPing, ...filters } = input
    return followEvents({
      operation: name,
      connect: (after) => open({ ...filters, ping, last_event_id: after }, options),
      store,
      startAfter: last_event_id,
      maxSilence: maxSilence(ping),
      backoff
    })
  }
  return {
    listen,
    stream: (input, options) => Stream.filter(listen(input, options), isEvent)
  }
}

const isEvent = (signal: MailboxSignal): signal is MailboxEvent => signal._tag !== "Listening"

/** Returns the delays, or what is wrong with the options. */
const toBackoff = ({
  baseDelay = 500,
  maxDelay = 60_000,
  maxFailures = Number.POSITIVE_INFINITY
}: ReconnectOptions = {}): Backoff | string => {
  const base = toMillis(baseDelay)
  const max = toMillis(maxDelay)
  if (base === undefined || base < 0) return "reconnect.baseDelay must be a duration of zero or more"
  if (max === undefined || max < base)
    return "reconnect.maxDelay must be a duration that is not shorter than reconnect.baseDelay"
  if (!(maxFailures >= 1)) return "reconnect.maxFailures must be at least 1"
  return { baseDelay: base, maxDelay: max, maxFailures }
}
