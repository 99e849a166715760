/**
 * The changes of the sandbox as server-sent events.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { makeBell } from "../../internal/dialect/shared/wakeups.js"
import { openStream, paginate } from "../../internal/dialect/stream.js"
import type { Change, ChangeFeed } from "../state/feed.js"
import { type ControlRoute, failWith } from "./dispatch.js"

const maxConnections = 50

/** How often a connection without changes receives a comment. */
const keepAliveMillis = 15_000

/** The number of changes that wait for a slow reader. A reader that misses changes is told to fetch everything again. */
const maxWaiting = 1000

const encoder = new TextEncoder()

/** A change as the events show it: without its item. */
const showChange = (change: Change) => ({
  kind: change.kind,
  ...("id" in change ? { id: change.id } : {}),
  ...("mailbox" in change ? { mailbox: change.mailbox } : {})
})

const frameOf = (change: Change): Uint8Array =>
  encoder.encode(`event: change\ndata: ${JSON.stringify(showChange(change))}\n\n`)

const comment = (text: string): Uint8Array => encoder.encode(`: ${text}\n\n`)

/** The frames of one connection, from when it is opened. */
const framesOf = (feed: ChangeFeed): Stream.Stream<Uint8Array> => {
  const open = Effect.acquireRelease(
    Effect.sync(() => {
      let waiting: Array<Change> = []
      const bell = makeBell()
      const stop = feed.subscribe((change) => {
        if (waiting.length >= maxWaiting) waiting = [{ kind: "reset" }]
        else waiting.push(change)
        bell.ring()
      })
      const take = (): ReadonlyArray<Change> => {
        const taken = waiting
        waiting = []
        return taken
      }
      feed.connections++
      return { isQuiet: () => waiting.length === 0, bell, stop, take }
    }),
    ({ stop }) =>
      Effect.sync(() => {
        feed.connections--
        stop()
      })
  )
  return openStream(
    Effect.map(open, ({ bell, isQuiet, take }) => {
      const next = Effect.map(
        bell.wait(() => !isQuiet(), keepAliveMillis),
        (): readonly [ReadonlyArray<Uint8Array>, Option.Option<void>] => {
          const changes = take()
          return [changes.length === 0 ? [comment("ping")] : changes.map(frameOf), Option.some(undefined)]
        }
      )
      return Stream.concat(
        Stream.succeed(comment("listening")),
        paginate(undefined, () => next)
      )
    })
  )
}

export const eventRoutes: ReadonlyArray<ControlRoute> = [
  {
    method: "GET",
    pattern: "/events",
    handle: ({ sandbox }) =>
      sandbox.current.world.feed.connections >= maxConnections
        ? failWith("rate_limit_exceeded", `The control has at most ${maxConnections} event connections`, {
            retryAfter: 5
          })
        : Effect.succeed({
            status: 200,
            headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
            body: framesOf(sandbox.current.world.feed)
          })
  }
]
