import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { eventIdsInMemory } from "../../src/mailbox/events/eventIds.js"
import type { EventStreamOptions } from "../../src/mailbox/events/events.js"
import { waitForMessage } from "../../src/mailbox/messages/waitFor.js"
import { logLayer } from "../support/dialect/telemetry.js"
import {
  after,
  data,
  describeSignal,
  type EventReaction,
  eventsOver,
  frame,
  idOf,
  isMessage,
  message,
  silent
} from "../support/eventStreams.js"
import { failure } from "../support/http.js"
import { counterValue } from "../support/telemetry.js"

describe("events.stream", () => {
  it.effect("decodes events, drops heartbeats, and emits unknown events", () => {
    const { events, seen } = eventsOver(() =>
      Stream.concat(
        Stream.make(
          ": comment\n\nretry: 10\n\n",
          "event: ping\ndata: {}\n\n",
          "data\n\n",
          frame("1").slice(0, 20),
          frame("1").slice(20),
          frame("2", "message.received.spam", data({ event_type: "message.received.spam", is_spam: true })),
          frame("3", "folder.renamed", { event_type: "folder.renamed", download_url: "https://secret" }),
          frame("4", "message.received", { ...data(), recipients: 7 }),
          frame("5", "message.received", "}{"),
          frame("6", "message.received", { message_id: "msg_6" }),
          frame("7", "message.received", data({ message: { id: "half" } })),
          frame("8", "sync_required", {})
        ),
        silent
      )
    )
    return Effect.gen(function* () {
      const { stream } = yield* events
      const input = { event_types: ["message.received", "message.received.spam"], ping: 20 } as const
      const all = Chunk.toReadonlyArray(
        yield* Stream.runCollect(stream(input, { mailbox_id: "mbx_1" }).pipe(Stream.take(8)))
      )
      expect(seen[0]?.pathname).toBe("/api/v1/mailbox/events")
      expect(Object.fromEntries(seen[0]?.searchParams ?? [])).toEqual({
        event_types: "message.received,message.received.spam",
        ping: "20",
        mailbox_id: "mbx_1"
      })
      expect(all.map((event) => `${event._tag} ${event.id}`)).toEqual([
        "MessageReceived 1",
        "MessageReceived 2",
        "UnknownEvent 3",
        "UnknownEvent 4",
        "UnknownEvent 5",
        "MessageReceived 6",
        "MessageReceived 7",
        "SyncRequired 8"
      ])
      const [first, spam, unknown, unfit, , , half] = all
      expect(first?._tag === "MessageReceived" && first.data.message?.subject).toBe("Hello")
      expect(first?._tag === "MessageReceived" && first.data.message?.sent_at).toBe(null)
      expect(spam?._tag === "MessageReceived" && spam.type).toBe("message.received.spam")
      expect(unknown).toMatchObject({ type: "folder.renamed", issue: undefined })
      expect(JSON.stringify(unknown)).not.toContain("https://secret")
      expect(unfit?._tag === "UnknownEvent" && unfit.issue).toContain("recipients")
      expect(half?._tag === "MessageReceived" && half.data).toMatchObject({
        message_id: "msg_1",
        message: null
      })
    })
  })

  it.effect("accepts comments as heartbeats", () => {
    const { events, seen } = eventsOver(() =>
      Stream.concat(
        Stream.make(": hi\n\n"),
        Stream.map(Stream.tick("30 seconds"), () => ": ping\n\n")
      )
    )
    return Effect.gen(function* () {
      const { stream } = yield* events
      const fiber = yield* Effect.fork(Stream.runDrain(stream()))
      yield* Effect.forEach(Array.from({ length: 20 }), () => TestClock.adjust("30 seconds"))
      expect(seen).toHaveLength(1)
      yield* Fiber.interrupt(fiber)
    })
  })

  it.effect("emits sync_required even without data or with an id that was emitted before", () => {
    const { events } = eventsOver(() =>
      Stream.concat(
        Stream.make(
          `${frame("1")}${frame("1")}id: 2\ndata:\n\n`,
          frame("1", "sync_required", { event_type: "sync_required" }),
          "event: sync_required\ndata:\n\n"
        ),
        silent
      )
    )
    return Effect.gen(function* () {
      const { stream } = yield* events
      const emitted = yield* Stream.runCollect(Stream.take(stream(), 3))
      expect(Chunk.toReadonlyArray(emitted).map(describeSignal)).toEqual([
        "MessageReceived 1",
        "sync required by server",
        "sync required by server"
      ])
    })
  })

  it.effect("fails with ResponseDecodeError when the response is not an event stream", () => {
    const { events } = eventsOver(
      () => new Response("<html>Hello</html>", { headers: { "content-type": "text/html" } })
    )
    return Effect.gen(function* () {
      const { listen } = yield* events
      const error = yield* Effect.flip(Stream.runDrain(listen()))
      expect(error).toMatchObject({ _tag: "ResponseDecodeError", operation: "mailbox.events.stream" })
      expect(String(error)).toContain("text/html")
    })
  })
})

const html = () => new Response("<html>Hello</html>", { headers: { "content-type": "text/html" } })

describe("an event stream that has worked", () => {
  it.effect("continues after an HTML page and after a failure without the error envelope of the API", () => {
    const { events, seen } = eventsOver((_, index) => {
      if (index === 1) return html()
      if (index === 2) return new Response("<html>Not found</html>", { status: 404 })
      return Stream.concat(Stream.make(frame(String(index))), index === 0 ? Stream.empty : silent)
    })
    return Effect.gen(function* () {
      const { stream } = yield* events
      const fiber = yield* Effect.fork(
        Stream.runCollect(stream().pipe(Stream.filter(isMessage), Stream.take(2)))
      )
      yield* TestClock.adjust("1 minute")
      expect(Chunk.toReadonlyArray(yield* Fiber.join(fiber)).map(idOf)).toEqual(["0", "3"])
      expect(seen).toHaveLength(4)
    })
  })

  it.effect("fails after maxFailures odd responses in a row, and after ten without that option", () => {
    const outcome = (options: EventStreamOptions) => {
      const { events, seen } = eventsOver((_, index) => (index === 0 ? Stream.make(frame("1")) : html()))
      return Effect.gen(function* () {
        const { stream } = yield* events
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(stream({}, options))))
        yield* TestClock.adjust("1 hour")
        return { error: yield* Fiber.join(fiber), requests: seen.length }
      })
    }
    return Effect.gen(function* () {
      const limited = yield* outcome({ reconnect: { maxFailures: 3 } })
      expect(limited.error._tag).toBe("ResponseDecodeError")
      expect(limited.requests).toBe(4)
      expect((yield* outcome({})).requests).toBe(11)
    })
  })

  it.effect("fails at once when the API refuses the credential", () => {
    const { events, seen } = eventsOver((_, index) =>
      index === 0 ? Stream.make(frame("1")) : failure(403, "insufficient_permissions")
    )
    return Effect.gen(function* () {
      const { stream } = yield* events
      const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(stream())))
      yield* TestClock.adjust("1 minute")
      expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "APIError", status: 403 })
      expect(seen).toHaveLength(2)
    })
  })
})

describe("the waits of an event stream", () => {
  it.effect("wait at most five minutes, even if the server asks for centuries", () => {
    const { events, seen } = eventsOver((_, index) =>
      index === 0
        ? failure(429, "rate_limit_exceeded", { headers: { "retry-after": "10000000000" } })
        : Stream.concat(Stream.make(frame("1")), silent)
    )
    return Effect.gen(function* () {
      const { stream } = yield* events
      const fiber = yield* Effect.fork(Stream.runHead(stream()))
      yield* TestClock.adjust("299 seconds")
      expect(seen).toHaveLength(1)
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(fiber)
      expect(seen).toHaveLength(2)
    })
  })

  it.effect("are logged at Info and counted in the metric sendmux_stream_waits", () => {
    const { events } = eventsOver((_, index) =>
      index === 0
        ? failure(503, "service_unavailable", { headers: { "retry-after": "120" } })
        : Stream.concat(Stream.make(frame("1")), silent)
    )
    const lines: Array<string> = []
    const logged = logLayer(({ level, message }) => lines.push(`${level} ${String(message)}`))
    const counted = counterValue("sendmux_stream_waits", { operation: "mailbox.events.stream" })
    return Effect.gen(function* () {
      const before = yield* counted
      const { stream } = yield* events
      const fiber = yield* Effect.fork(Stream.runHead(stream()))
      yield* TestClock.adjust("3 minutes")
      yield* Fiber.join(fiber)
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatch(
        /^INFO mailbox\.events\.stream: waiting 120\d{3} ms before the next attempt \(503 service_unavailable\)$/
      )
      expect((yield* counted) - before).toBe(1)
    }).pipe(Effect.provide(logged))
  })
})

describe("a stored event id that the server refuses", () => {
  it.effect("is given up once after each 4xx with no other reason, and SyncRequired is emitted", () =>
    Effect.gen(function* () {
      for (const [status, code] of [
        [400, "invalid_parameter"],
        [404, "not_found"],
        [410, "gone"],
        [422, "validation_error"]
      ] as const) {
        const { events, seen } = eventsOver((url) =>
          after(url) === "old" ? failure(status, code) : Stream.concat(Stream.make(frame("9")), silent)
        )
        const { stream } = yield* events
        const store = eventIdsInMemory("old")
        const fiber = yield* Effect.fork(Stream.runCollect(stream({}, { store }).pipe(Stream.take(2))))
        yield* TestClock.adjust("1 minute")
        expect(Chunk.toReadonlyArray(yield* Fiber.join(fiber)).map(describeSignal)).toEqual([
          "sync required by gap",
          "MessageReceived 9"
        ])
        expect(seen.map(after)).toEqual(["old", null])
        expect(yield* store.load).toBe(undefined)
      }
    })
  )

  it.effect("is not given up after 401 and 403, and a second refusal ends the stream", () =>
    Effect.gen(function* () {
      for (const [status, code, requests] of [
        [401, "authentication_required", 1],
        [403, "insufficient_permissions", 1],
        [404, "not_found", 2]
      ] as const) {
        const { events, seen } = eventsOver(() => failure(status, code))
        const { stream } = yield* events
        const store = eventIdsInMemory("old")
        const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(stream({}, { store }))))
        yield* TestClock.adjust("1 minute")
        expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "APIError", status })
        expect(seen).toHaveLength(requests)
        expect(yield* store.load).toBe("old")
      }
    })
  )
})

describe("messages.waitFor", () => {
  const { body: _, rfc5322_message_id: __, ...summary } = message
  const found = { ...summary, id: "msg_2", sent_at: null, received_at: null }

  const waiting = (pages: ReadonlyArray<ReadonlyArray<typeof found>>, body: () => EventReaction) => {
    const order: Array<string> = []
    const inputs: Array<unknown> = []
    const over = eventsOver(() => {
      order.push("listen")
      return body()
    })
    const page = (input: unknown) =>
      Effect.sync(() => {
        order.push("list")
        inputs.push(input)
        const items = pages[Math.min(inputs.length, pages.length) - 1] ?? []
        const meta = {
          status: 200,
          requestId: undefined,
          etag: undefined,
          location: undefined,
          rateLimit: undefined,
          retryAfter: undefined,
          attempts: 1,
          extra: {}
        }
        return {
          items: items.map((item) => ({ ...item, sent_at: null, received_at: null })),
          hasMore: false,
          nextCursor: undefined,
          meta
        }
      })
    const waitFor = Effect.map(over.events, ({ listen }) => waitForMessage(listen, { page }))
    return { waitFor, order, inputs }
  }

  it.effect("starts listening before it lists the messages", () => {
    const { inputs, order, waitFor } = waiting([[found]], () => silent)
    return Effect.gen(function* () {
      const wait = yield* waitFor
      const first = yield* wait({ subject: "code" }, { timeout: "1 minute" })
      expect(first.id).toBe("msg_2")
      expect(order).toEqual(["listen", "list"])
      expect(inputs).toEqual([{ subject: "code", limit: 1, sort_by: "received_at", sort_direction: "desc" }])
    })
  })

  it.effect(
    "lists the messages again after each event, and a little later in case the search index is behind",
    () => {
      const { order, waitFor } = waiting([[], [], [], [found]], () =>
        Stream.concat(
          Stream.drain(Stream.fromEffect(Effect.sleep("5 seconds"))),
          Stream.concat(Stream.make(frame("1")), silent)
        )
      )
      return Effect.gen(function* () {
        const wait = yield* waitFor
        const fiber = yield* Effect.fork(wait({ subject: "code" }, { timeout: "1 minute" }))
        yield* TestClock.adjust("4 seconds")
        expect(order).toEqual(["listen", "list"])
        yield* TestClock.adjust("10 seconds")
        expect((yield* Fiber.join(fiber)).id).toBe("msg_2")
        expect(order).toEqual(["listen", "list", "list", "list", "list"])
      })
    }
  )

  it.effect("lists the messages again after a connection was lost", () => {
    let connections = 0
    const { order, waitFor } = waiting([[], [found]], () => (connections++ === 0 ? Stream.empty : silent))
    return Effect.gen(function* () {
      const wait = yield* waitFor
      const fiber = yield* Effect.fork(wait({}, { timeout: "1 minute" }))
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(fiber)
      expect(order).toEqual(["listen", "list", "listen", "list"])
    })
  })

  it.effect("lists the messages at intervals even if no event arrives", () => {
    const { order, waitFor } = waiting([[], [], [found]], () => silent)
    return Effect.gen(function* () {
      const wait = yield* waitFor
      const fiber = yield* Effect.fork(wait({ keyword: "approved" }, { timeout: "5 minutes" }))
      yield* TestClock.adjust("31 seconds")
      expect(order).toEqual(["listen", "list", "list"])
      yield* TestClock.adjust("30 seconds")
      expect((yield* Fiber.join(fiber)).id).toBe("msg_2")
    })
  })

  it.effect("lists the messages at intervals while the event stream cannot be opened", () =>
    Effect.gen(function* () {
      for (const body of [() => failure(503, "service_unavailable"), html]) {
        const { order, waitFor } = waiting([[], [found]], body)
        const wait = yield* waitFor
        const fiber = yield* Effect.fork(wait({ subject: "code" }, { timeout: "5 minutes" }))
        yield* TestClock.adjust("29 seconds")
        expect(order).not.toContain("list")
        yield* TestClock.adjust("2 seconds")
        expect(order.filter((step) => step === "list")).toHaveLength(1)
        yield* TestClock.adjust("30 seconds")
        expect((yield* Fiber.join(fiber)).id).toBe("msg_2")
      }
    })
  )

  it.effect("fails with WaitTimeoutError when no message matches in time", () => {
    const { waitFor } = waiting([[]], () => silent)
    return Effect.gen(function* () {
      const wait = yield* waitFor
      const fiber = yield* Effect.fork(Effect.flip(wait({}, { timeout: "30 seconds" })))
      yield* TestClock.adjust("30 seconds")
      const error = yield* Fiber.join(fiber)
      expect(String(error)).toBe("The wait ended without a result after 30000 ms (mailbox.messages.waitFor)")
    })
  })
})
