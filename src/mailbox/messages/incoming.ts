/**
 * The messages that arrive: `messages.incoming`.
 *
 * The stream joins two sources. The events name messages as they arrive, and a list of the inbox names those whose events
 * are missing: at the first start, and after the server has lost the position. A position holds where both have come to, so
 * that a restarted program continues.
 *
 * @since 0.2.0
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { mapArray, mapArrayEffect, paginate } from "../../internal/dialect/stream.js"
import type { ListMethod } from "../../internal/model/call.js"
import { PaginationError, type SendmuxStreamError } from "../../internal/model/errors.js"
import { invalidRequest } from "../../internal/model/invalidRequest.js"
import { isRecord, parseJson } from "../../internal/values/json.js"
import { foreverRetry, retryTransient } from "../endlessRetry.js"
import type { Events, EventStreamOptions } from "../events/events.js"
import type { MailboxSignal } from "../events/stream.js"
import type { PageInput } from "../filters.js"
import type { MailboxFolder } from "../folders.js"
import { notObjects } from "../objects.js"
import type { MailboxOptions } from "../options.js"
import type { ListMessagesInput } from "./inputs.js"
import type { MessageSummary } from "./schemas.js"

/**
 * Where `messages.incoming` starts.
 *
 * @since 0.2.0
 * @category models
 */
export interface IncomingInput {
  /**
   * What the first start does with messages that are already in the inbox. `now` leaves them out, `unread` emits the unread
   * ones first, oldest first. Later starts continue after the saved position. Default: `now`.
   */
  readonly from?: "now" | "unread" | undefined
}

/**
 * The options of `messages.incoming`. `store` saves the position, and must not be the store of another stream.
 *
 * @since 0.2.0
 * @category options
 */
export interface IncomingOptions<out E = never> extends EventStreamOptions<E> {}

/**
 * Streams the messages that arrive in the inbox, each at least once.
 *
 * @since 0.2.0
 * @category methods
 */
export type IncomingMessages = <E = never>(
  input?: IncomingInput,
  options?: IncomingOptions<E>
) => Stream.Stream<MessageSummary, SendmuxStreamError | E>

const operation = "mailbox.messages.incoming"

/** How far, in milliseconds, a list reaches back before the newest handled message, since messages may overtake each other. */
const overlap = 60_000

/** The number of handled messages that a position names, so that a list does not emit them again. */
const maxRecent = 100

const pageSize = 100

/** How many messages are remembered while the stream runs. */
const maxSeen = 4_096

/** How far a program has come. */
interface Position {
  /** The id of the last handled event, if the server can resume after it. */
  readonly id: string | undefined
  /** When the newest handled message was received, in milliseconds. `undefined` if that is not known. */
  readonly at: number | undefined
  /** The ids of the messages that were handled last. */
  readonly recent: ReadonlyArray<string>
}

/** A position as a store keeps it. */
const encodePosition = (position: Position): string => JSON.stringify(position)

/** Reads a stored position. The id of an event alone, as `events.stream` saves it, is one too. */
const decodePosition = (text: string): Position => {
  const parsed = parseJson(text)
  if (!isRecord(parsed) || !Array.isArray(parsed["recent"])) return { id: text, at: undefined, recent: [] }
  const { at, id, recent } = parsed
  return {
    id: typeof id === "string" ? id : undefined,
    at: typeof at === "number" ? at : undefined,
    recent: recent.filter((one) => typeof one === "string")
  }
}

interface IncomingCalls {
  readonly listen: Events["listen"]
  readonly list: Pick<
    ListMethod<[input?: ListMessagesInput, options?: MailboxOptions], MessageSummary>,
    "page"
  >
  readonly folders: ListMethod<[input?: PageInput, options?: MailboxOptions], MailboxFolder>
}

/** A message to emit, or the end of a step without one, and the event that both belong to. */
interface Step {
  readonly message: MessageSummary | undefined
  readonly eventId: string | undefined
}

/** @internal */
export const incomingMessages =
  ({ folders, list, listen }: IncomingCalls): IncomingMessages =>
  <E>(input: IncomingInput = {}, given: IncomingOptions<E> = {}) => {
    const invalid = notObjects(operation, { "the input": input, "the options": given })
    if (invalid !== undefined) return Stream.fail(invalid)
    const { from = "now", ...unknown } = input
    if (from !== "now" && from !== "unread") {
      return Stream.fail(invalidRequest(operation, [{ path: "from", message: 'must be "now" or "unread"' }]))
    }
    const [other] = Object.keys(unknown)
    if (other !== undefined) {
      return Stream.fail(invalidRequest(operation, [{ path: other, message: "is not a known field" }]))
    }
    const { reconnect, store, ...options } = given

    return Stream.suspend(() => {
      /** The messages that were emitted, oldest first. */
      const seen = new Set<string>()
      let position: Position | undefined
      /** The id of the inbox, once it is known. */
      let inbox: { readonly id: string | undefined } | undefined
      let hasWorked = false
      let isFirst = true

      const read = <A>(self: Effect.Effect<A, SendmuxStreamError>): Effect.Effect<A, SendmuxStreamError> =>
        Effect.map(
          retryTransient(operation, self, foreverRetry, () => hasWorked),
          (value) => {
            hasWorked = true
            return value
          }
        )

      const remember = (id: string): void => {
        seen.add(id)
        for (const oldest of seen) {
          if (seen.size <= maxSeen) break
          seen.delete(oldest)
        }
      }

      const findInbox = Effect.suspend(() => {
        if (inbox !== undefined) return Effect.succeed(inbox.id)
        return Effect.map(read(Stream.runHead(Stream.filter(folders({}, options), isInbox))), (found) => {
          inbox = { id: Option.getOrUndefined(found)?.id }
          return inbox.id
        })
      })

      const page = (filter: ListMessagesInput) =>
        Effect.flatMap(findInbox, (folder_id) =>
          read(
            list.page(
              {
                ...filter,
                limit: pageSize,
                sort_by: "received_at",
                ...(folder_id === undefined ? {} : { folder_id })
              },
              options
            )
          )
        )

      /** Makes the newest messages of the inbox the beginning, without emitting them. */
      const begin = Effect.gen(function* () {
        const { items } = yield* page({ sort_direction: "desc" })
        for (const { id } of items) remember(id)
        position = { id: undefined, at: newestOf(items), recent: items.map(({ id }) => id) }
        return items
      })

      /** The messages that have arrived since the position and were not emitted, oldest first. */
      const missed = (): Stream.Stream<Step, SendmuxStreamError> => {
        const at = position?.at ?? 0
        const filter: ListMessagesInput = {
          sort_direction: "asc",
          ...(from === "unread" ? { is_unread: true } : {}),
          ...(at > overlap ? { after: new Date(at - overlap) } : {})
        }
        return paginate<ReadonlyArray<string>, Step, SendmuxStreamError, never>([], (cursors) =>
          Effect.gen(function* () {
            const { hasMore, items, nextCursor } = yield* page({ ...filter, cursor: cursors.at(-1) })
            const steps = items.flatMap((message) => fresh(message, undefined))
            if (!hasMore || nextCursor === undefined) return [steps, Option.none()] as const
            if (cursors.includes(nextCursor)) {
              return yield* new PaginationError({ operation, reason: "RepeatedCursor", requestId: undefined })
            }
            return [steps, Option.some([...cursors, nextCursor])] as const
          })
        )
      }

      const fresh = (message: MessageSummary, eventId: string | undefined): ReadonlyArray<Step> => {
        if (seen.has(message.id)) return eventId === undefined ? [] : [{ message: undefined, eventId }]
        remember(message.id)
        return [{ message, eventId }]
      }

      const done: Step = { message: undefined, eventId: undefined }

      const startUp = (): Stream.Stream<Step, SendmuxStreamError> => {
        // Whatever arrives from now on causes an event, so that the list and the events together leave nothing out.
        if (position === undefined && from === "now") return Stream.fromEffect(Effect.as(begin, done))
        return position?.id === undefined ? missed() : Stream.empty
      }

      const stepsOf = (signal: MailboxSignal): Stream.Stream<Step, SendmuxStreamError> => {
        hasWorked = true
        switch (signal._tag) {
          case "Listening": {
            if (!isFirst) return Stream.empty
            isFirst = false
            return startUp()
          }
          case "MessageReceived": {
            const { message } = signal.data
            return message === null
              ? Stream.concat(missed(), Stream.succeed({ message: undefined, eventId: signal.id }))
              : Stream.fromIterable(fresh(message, signal.id))
          }
          case "SyncRequired": {
            const known = position
            // Without a time, as after the position of another stream, nothing tells which messages are new.
            if (known !== undefined && known.at === undefined && from === "now") {
              return Stream.fromEffect(Effect.as(begin, done))
            }
            if (known !== undefined) position = { ...known, id: undefined }
            return missed()
          }
          case "UnknownEvent":
            // An event of an incoming message that could not be read.
            return signal.type === "message.received" ? missed() : Stream.empty
        }
      }

      const advance = ({ eventId, message }: Step): Position => {
        const { at, id, recent } = position ?? { at: undefined, id: undefined, recent: [] }
        return {
          id: eventId ?? id,
          at: message === undefined ? at : Math.max(at ?? 0, newestOf([message])),
          recent: message === undefined ? recent : [...recent, message.id].slice(-maxRecent)
        }
      }

      const save = (step: Step): Effect.Effect<ReadonlyArray<MessageSummary>, E> =>
        Effect.suspend(() => {
          position = advance(step)
          return store === undefined
            ? Effect.succeed([])
            : Effect.as(store.save(encodePosition(position)), [])
        })

      const load = Effect.suspend(() =>
        store === undefined
          ? Effect.void
          : Effect.map(store.load, (text) => {
              if (text === undefined) return
              position = decodePosition(text)
              for (const id of position.recent) remember(id)
            })
      )

      const signals = Stream.flatMap(Stream.fromEffect(load), () =>
        listen(
          {
            event_types: ["message.received"],
            ...(position?.id === undefined ? {} : { last_event_id: position.id })
          },
          { ...options, reconnect }
        )
      )
      // A message is handled when the consumer asks for the next one, so only then its position is saved.
      const effects = mapArray(
        Stream.flatMap(signals, stepsOf),
        (step): ReadonlyArray<Effect.Effect<ReadonlyArray<MessageSummary>, E>> =>
          step.message === undefined ? [save(step)] : [Effect.succeed([step.message]), save(step)]
      )
      return mapArrayEffect(effects, (effect) => effect)
    })
  }

const isInbox = ({ role }: MailboxFolder): boolean => role?.toLowerCase() === "inbox"

/** When the newest of several messages was received, in milliseconds, or 0. */
const newestOf = (messages: ReadonlyArray<Pick<MessageSummary, "received_at">>): number =>
  messages.reduce(
    (newest, { received_at }) =>
      received_at === null ? newest : Math.max(newest, DateTime.toEpochMillis(received_at)),
    0
  )
