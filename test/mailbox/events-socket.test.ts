import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { makeMethods } from "../../src/internal/methods/methods.js"
import { makePipeline } from "../../src/internal/pipeline/make.js"
import * as Retry from "../../src/internal/timing/retry.js"
import { eventIdsInMemory } from "../../src/mailbox/events/eventIds.js"
import { type Events, makeEvents } from "../../src/mailbox/events/events.js"
import type { MailboxEvent } from "../../src/mailbox/events/schemas.js"

/** Returns a generator of pseudo-random numbers in [0, 1), determined by the seed. */
const randomNumbers = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
}

const frame = (n: number): string =>
  `id: e${n}\nevent: message.received\ndata: ${JSON.stringify({
    event_type: "message.received",
    team_public_id: "team_1",
    mailbox_id: "mbx_1",
    message_id: `msg_${n}`,
    message_id_kind: "provider",
    sender: "ada@example.com",
    recipients: ["inbox@example.com"],
    is_spam: false,
    message: null,
    occurred_at: "2026-11-23T10:00:00.000Z"
  })}\n\n`

type Handle = (request: IncomingMessage, response: ServerResponse, after: number) => void

const serve = (handle: Handle) =>
  Effect.acquireRelease(
    Effect.async<{ readonly baseUrl: string; readonly server: Server }>((resume) => {
      const server = createServer((request, response) => {
        const after = new URL(request.url ?? "", "http://localhost").searchParams.get("last_event_id")
        handle(request, response, after === null ? 0 : Number(after.slice(1)))
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        resume(Effect.succeed({ baseUrl: `http://127.0.0.1:${port}/app/api/v1`, server }))
      })
    }),
    ({ server }) =>
      Effect.async<void>((resume) => {
        server.closeAllConnections()
        server.close(() => resume(Effect.void))
      })
  )

const eventsAt = (baseUrl: string): Effect.Effect<Events> =>
  Effect.map(
    Effect.orDie(
      makePipeline("mailbox", baseUrl, {
        apiKey: Redacted.make("smx_mbx_test_0123456789"),
        retry: Retry.policy({ baseDelay: 1 })
      })
    ),
    (pipeline) => makeEvents(makeMethods(pipeline))
  ).pipe(Effect.provide(FetchHttpClient.layer))

const numberOf = (event: MailboxEvent): number =>
  event._tag === "MessageReceived" ? Number(event.id?.slice(1)) : Number.NaN

const total = 2000
const cuts = 200
const all = Array.from({ length: total }, (_, index) => index + 1)
const reconnect = { baseDelay: 1, maxDelay: 5 }

describe("events.stream over a socket", () => {
  it.live(
    "emits each of 2,000 events once and in order although 200 connections end at random positions",
    () =>
      Effect.gen(function* () {
        const random = randomNumbers(42)
        let cutsMade = 0
        let open = 0
        let mostOpen = 0
        const positions: Array<number> = []
        const { baseUrl } = yield* serve((request, response, after) => {
          positions.push(after)
          open++
          mostOpen = Math.max(mostOpen, open)
          request.socket.once("close", () => open--)
          const cut = cutsMade < cuts
          const kind = cut ? Math.floor(random() * 5) : -1
          if (cut) cutsMade++
          if (kind === 0 && random() < 0.3) return request.socket.destroy()
          response.writeHead(200, { "content-type": "text/event-stream", connection: "close" })
          // Some servers resume with the last event or with earlier ones.
          const first = Math.max(1, after + 1 - (kind === 1 ? Math.floor(random() * 4) : 0))
          const last = cut ? Math.min(total, after + Math.floor(random() * 19)) : total
          response.write(": hello\n\n")
          for (let n = first; n <= last; n++) response.write(frame(n))
          if (!cut) return undefined
          const half = frame(Math.min(total, last + 1)).slice(0, Math.floor(random() * 60))
          if (kind === 2) return response.end()
          if (kind === 3) return response.end(half)
          return response.write(half, () => setImmediate(() => request.socket.destroy()))
        })
        const events = yield* eventsAt(baseUrl)
        const received = yield* Stream.runCollect(
          events.stream({ last_event_id: "e0" }, { reconnect }).pipe(Stream.take(total))
        )
        expect(Array.from(received, numberOf)).toEqual(all)
        expect(cutsMade).toBe(cuts)
        expect(mostOpen).toBe(1)
        expect(positions).toEqual([...positions].sort((one, other) => one - other))
        expect(positions.at(-1)).toBeGreaterThan(total / 2)
      }).pipe(Effect.scoped)
  )

  it.live("misses no event when the consumer is killed and resumes from the saved id", () =>
    Effect.gen(function* () {
      const random = randomNumbers(7)
      const { baseUrl } = yield* serve((request, response, after) => {
        response.writeHead(200, { "content-type": "text/event-stream", connection: "close" })
        for (let n = after + 1; n <= total; n++) response.write(frame(n))
        if (random() < 0.3) request.socket.end()
      })
      const events = yield* eventsAt(baseUrl)
      const store = eventIdsInMemory("e0")
      const handled: Array<number> = []
      let lives = 0
      while (handled.at(-1) !== total) {
        lives++
        let left = Math.floor(random() * 60)
        const killed = yield* Effect.async<"killed" | "done">((resume) => {
          const fiber = Effect.runFork(
            events.stream({}, { store, reconnect }).pipe(
              Stream.takeUntil((event) => numberOf(event) === total),
              Stream.runForEach((event) =>
                Effect.suspend(() => {
                  // The kill interrupts the handling of an event, of which some or all may be done.
                  if (left-- === 0) {
                    if (random() < 0.5) handled.push(numberOf(event))
                    resume(Effect.as(Fiber.interrupt(fiber), "killed" as const))
                    return Effect.never
                  }
                  handled.push(numberOf(event))
                  return Effect.void
                })
              )
            )
          )
          fiber.addObserver(() => resume(Effect.succeed("done")))
        })
        if (killed === "done") break
      }
      expect(lives).toBeGreaterThan(40)
      expect([...new Set(handled)]).toEqual(all)
      expect(handled.length).toBeGreaterThan(total)
      expect(handled.length).toBeLessThan(total + lives)
    }).pipe(Effect.scoped)
  )

  it.live("closes the socket when the consumer stops", () =>
    Effect.gen(function* () {
      let closed: () => void = () => undefined
      const whenClosed = new Promise<void>((resolve) => {
        closed = resolve
      })
      const { baseUrl } = yield* serve((request, response) => {
        request.socket.once("close", closed)
        response.writeHead(200, { "content-type": "text/event-stream" })
        response.write(frame(1))
      })
      const events = yield* eventsAt(baseUrl)
      const first = yield* Stream.runHead(events.stream({ last_event_id: "e0" }))
      expect(first._tag).toBe("Some")
      yield* Effect.promise(() => whenClosed)
    }).pipe(Effect.scoped)
  )

  it.live("reads every valid form of frames, wherever the chunks end", () =>
    Effect.gen(function* () {
      const data = (message_id: string) => JSON.stringify({ event_type: "message.received", message_id })
      const [first = "", rest = ""] = data("split ü 日本 🎉").split(",")
      const wire = Buffer.from(
        [
          `\uFEFF: hello\r\n\r\nid: e1\r\ndata: ${data("crlf")}\r\n\r\n`,
          `id: e2\rdata: ${data("cr")}\r\r`,
          `retry: 1\nretry: soon\nid: e3\ndata: ${first},\ndata: ${rest}\n\n`,
          `id: e3\ndata: ${data("repeated")}\n\n`,
          `data: ${data("no id")}\n\nid: e4\n\nevent: ping\ndata: {}\n\n`,
          `strange: field\nid:e5\ndata:${data("x".repeat(3_000_000))}\n\n`,
          "id: e6\ndata: not JSON\n\n",
          `id: e7\ndata: ${data("never ended")}\n`
        ].join("")
      )
      const asked: Array<number> = []
      const { baseUrl } = yield* serve((_, response, after) => {
        asked.push(after)
        if (asked.length > 1) {
          response.writeHead(401).end()
          return
        }
        response.writeHead(200, { "content-type": "Text/Event-Stream; charset=utf-8" })
        const write = (from: number): void => {
          // The beginning is written byte by byte, so that every character and every line break is split.
          const to = from + (from < 600 ? 1 : 50_000)
          if (from >= wire.length) return void response.end()
          response.write(wire.subarray(from, to), () => setImmediate(write, to))
        }
        write(0)
      })
      const events = yield* eventsAt(baseUrl)
      const seen: Array<string> = []
      const error = yield* Effect.flip(
        Stream.runForEach(events.stream({ last_event_id: "e0" }, { reconnect }), (event) =>
          Effect.sync(() => {
            const text = event._tag === "MessageReceived" ? event.data.message_id : event._tag
            seen.push(`${event.id} ${text?.slice(0, 20)}`)
          })
        )
      )
      expect(error).toMatchObject({ _tag: "APIError", status: 401 })
      expect(seen).toEqual([
        "e1 crlf",
        "e2 cr",
        "e3 split ü 日本 🎉",
        "undefined no id",
        `e5 ${"x".repeat(20)}`,
        "e6 UnknownEvent"
      ])
      expect(asked).toEqual([0, 6])
    }).pipe(Effect.scoped)
  )

  it.live("stops reading when the consumer stops taking events", () =>
    Effect.gen(function* () {
      const big = frame(0).replace("inbox@example.com", "x".repeat(64 * 1024))
      let written = 0
      let stalled: () => void = () => undefined
      const whenStalled = new Promise<void>((resolve) => {
        stalled = resolve
      })
      const { baseUrl } = yield* serve((_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" })
        const more = (n: number): void => {
          written = n
          if (n === 4000) {
            stalled()
            return
          }
          // A write that takes this long means that the client has stopped reading.
          const timer = setTimeout(stalled, 500)
          response.write(big.replace("id: e0", `id: e${n}`), () => {
            clearTimeout(timer)
            more(n + 1)
          })
        }
        more(1)
      })
      const events = yield* eventsAt(baseUrl)
      const taken = yield* Stream.runHead(
        events.stream({ last_event_id: "e0" }).pipe(
          Stream.mapEffect((event) =>
            Effect.as(
              Effect.promise(() => whenStalled),
              event
            )
          )
        )
      )
      expect(taken._tag).toBe("Some")
      expect(written).toBeLessThan(1000)
    }).pipe(Effect.scoped)
  )
})
