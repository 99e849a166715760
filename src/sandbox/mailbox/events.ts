/**
 * The events of a mailbox as server-sent events.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { openStream, paginate } from "../../internal/dialect/stream.js"
import { eventOperations } from "../../mailbox/events/events.js"
import { fail } from "../exchange.js"
import type { Route } from "../http/routes.js"
import type { SandboxClock } from "../state/clock.js"
import { iso } from "../state/team.js"
import { teamFacts } from "../state/world.js"
import type { LoggedEvent } from "./state/eventLog.js"
import type { MailboxStore } from "./state/store.js"
import { type MailboxStores, mailboxRoute } from "./state/stores.js"

const maxConnections = 50
const defaultPingSeconds = 30
/** The `Retry-After` of a rejected connection, in seconds. */
const retryAfter = 5

const encoder = new TextEncoder()

const frame = (id: number, type: string, data: Readonly<Record<string, unknown>>): Uint8Array =>
  encoder.encode(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`)

const comment = (text: string): Uint8Array => encoder.encode(`: ${text}\n\n`)

/** Frames to send, and the number of the event to continue after, or none if the connection ends. */
type Step = readonly [frames: ReadonlyArray<Uint8Array>, next: Option.Option<number>]

interface ConnectionOptions {
  /** The id of the event to resume after. If it is `undefined`, only new events are sent. */
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

/** The frames of one connection. */
const framesOf = (
  store: MailboxStore,
  { now }: SandboxClock,
  { after, closeAt, pingMillis, types }: ConnectionOptions
): Stream.Stream<Uint8Array> => {
  const { events } = store
  const isWanted = ({ type }: LoggedEvent) => types === undefined || types.includes(type)
  // The connection starts with the call, even if the stream is read later.
  const start = after === undefined ? events.newest : numberOf(after)

  const next = (seen: number): Effect.Effect<Step> =>
    Effect.gen(function* () {
      const at = yield* now
      if (at >= closeAt || events.ended) return [[], Option.none()]
      const newer = events.after(seen)
      if (newer === undefined) return [[syncRequired(store, at)], Option.some(events.newest)]
      const last = newer.at(-1)
      if (last !== undefined) {
        const frames = newer.filter(isWanted).map(({ data, number, type }) => frame(number, type, data))
        return [frames, Option.some(last.number)]
      }
      yield* events.bell.wait(
        () => events.newest !== seen || events.ended,
        Math.min(pingMillis, closeAt - at)
      )
      const isQuiet = events.newest === seen && !events.ended && (yield* now) < closeAt
      return [isQuiet ? [comment("ping")] : [], Option.some(seen)]
    })

  const connect = Effect.acquireRelease(
    Effect.sync(() => {
      events.connections++
    }),
    () =>
      Effect.sync(() => {
        events.connections--
      })
  )
  return connect.pipe(
    Effect.map(() => Stream.concat(Stream.succeed(comment("listening")), paginate(start, next))),
    openStream
  )
}

export const eventRoutes = (stores: MailboxStores): ReadonlyArray<Route> => [
  mailboxRoute(stores, eventOperations.stream, (call, store) => {
    if (store.events.connections >= maxConnections) {
      return fail("rate_limit_exceeded", `A mailbox can have at most ${maxConnections} event connections`, {
        retryAfter
      })
    }
    const { close_after, event_types, last_event_id, ping = defaultPingSeconds } = call.input ?? {}
    return {
      body: {
        kind: "stream",
        contentType: "text/event-stream",
        stream: framesOf(store, call.world.clock, {
          after: call.request.headers["last-event-id"] ?? last_event_id,
          types: event_types,
          pingMillis: ping * 1000,
          // A stream ends when its access token expires.
          closeAt: Math.min(
            close_after === undefined ? Number.POSITIVE_INFINITY : call.now + close_after * 1000,
            call.actor.token?.expiresAt ?? Number.POSITIVE_INFINITY
          )
        })
      },
      headers: { "cache-control": "no-cache" }
    }
  })
]
