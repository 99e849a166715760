/**
 * Events as they happen, over server-sent events: with replay, signs of life, and an end when it was asked for.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { now } from "../../internal/dialect/core.js"
import { openStream, paginate } from "../../internal/dialect/stream.js"
import { eventOperations } from "../../mailbox/events/events.js"
import { Refusal } from "../exchange.js"
import type { Route } from "../http/routes.js"
import { iso } from "../state/team.js"
import { teamFacts } from "../state/world.js"
import type { LoggedEvent } from "./state/eventLog.js"
import type { MailboxStore } from "./state/store.js"
import { type MailboxStores, mailboxRoute } from "./state/stores.js"

const maxReaders = 50
const defaultPing = 30
/** Seconds until a reader who asks too much should come again. */
const retryAfter = 5

const encoder = new TextEncoder()

const frame = (id: number, type: string, data: Readonly<Record<string, unknown>>): Uint8Array =>
  encoder.encode(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`)

const comment = (text: string): Uint8Array => encoder.encode(`: ${text}\n\n`)

/** Frames, and the event after which to go on, unless this was the end. */
type Step = readonly [ReadonlyArray<Uint8Array>, Option.Option<number>]

interface Reading {
  /** The event after which to begin; `undefined` for what comes from now on. */
  readonly after: string | undefined
  readonly types: ReadonlyArray<string> | undefined
  readonly pingMillis: number
  readonly closeAt: number
}

const numberOf = (id: string): number => (/^\d{1,15}$/.test(id) ? Number(id) : Number.NaN)

const syncRequired = (store: MailboxStore, at: number): Uint8Array =>
  frame(store.events.newest, "sync_required", {
    event_type: "sync_required",
    team_public_id: teamFacts.id,
    mailbox_id: store.mailbox.id,
    message_id: null,
    message_id_kind: null,
    sender: null,
    recipients: [],
    is_spam: null,
    message: null,
    occurred_at: iso(at)
  })

/** What a reader gets, from the moment it is asked for. */
const read = (
  store: MailboxStore,
  { after, closeAt, pingMillis, types }: Reading
): Stream.Stream<Uint8Array> => {
  const { events } = store
  const wanted = ({ type }: LoggedEvent) => types === undefined || types.includes(type)
  // Listening begins when the call is answered, and not when the reader first asks for more.
  const start = after === undefined ? events.newest : numberOf(after)

  const next = (seen: number): Effect.Effect<Step> =>
    Effect.flatMap(now, (at): Effect.Effect<Step> => {
      if (at >= closeAt) return Effect.succeed([[], Option.none()])
      const fresh = events.after(seen)
      if (fresh === undefined) {
        return Effect.succeed([[syncRequired(store, at)], Option.some(events.newest)])
      }
      const last = fresh.at(-1)
      if (last !== undefined) {
        const frames = fresh.filter(wanted).map(({ data, number, type }) => frame(number, type, data))
        return Effect.succeed([frames, Option.some(last.number)])
      }
      const wait = Math.min(pingMillis, closeAt - at)
      return Effect.flatMap(
        events.bell.wait(() => events.newest !== seen, wait),
        () =>
          Effect.map(now, (later): Step => {
            const quiet = events.newest === seen && later < closeAt
            return [quiet ? [comment("ping")] : [], Option.some(seen)]
          })
      )
    })

  const connected = Effect.acquireRelease(
    Effect.sync(() => {
      events.readers++
    }),
    () =>
      Effect.sync(() => {
        events.readers--
      })
  )
  return openStream(
    Effect.map(connected, () => Stream.concat(Stream.succeed(comment("listening")), paginate(start, next)))
  )
}

export const eventRoutes = (stores: MailboxStores): ReadonlyArray<Route> => [
  mailboxRoute(stores, eventOperations.stream, (call, store) => {
    if (store.events.readers >= maxReaders) {
      throw new Refusal("rate_limit_exceeded", "Too many connections to this mailbox", { retryAfter })
    }
    const { close_after, event_types, last_event_id, ping = defaultPing } = call.input ?? {}
    return {
      body: {
        kind: "stream",
        contentType: "text/event-stream",
        stream: read(store, {
          after: call.request.headers["last-event-id"] ?? last_event_id,
          types: event_types,
          pingMillis: ping * 1000,
          closeAt: close_after === undefined ? Number.POSITIVE_INFINITY : call.now + close_after * 1000
        })
      },
      headers: { "cache-control": "no-cache" }
    }
  })
]
