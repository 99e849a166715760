import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { makeMethods } from "../../src/internal/methods/methods.js"
import { makePipeline, type PipelineOptions } from "../../src/internal/pipeline/make.js"
import { eventIdsInKeyValueStore, eventIdsInMemory } from "../../src/mailbox/events/eventIds.js"
import { type EventStreamOptions, makeEvents } from "../../src/mailbox/events/events.js"
import type { MailboxEvent } from "../../src/mailbox/events/schemas.js"
import type { MailboxSignal } from "../../src/mailbox/events/stream.js"
import { waitForMessage } from "../../src/mailbox/messages/waitFor.js"
import { logLayer } from "../support/dialect/telemetry.js"
import { failure } from "../support/http.js"
import { counterValue } from "../support/telemetry.js"

type Reaction = Response | Stream.Stream<string, Error>

/** Events over a client whose response bodies are streams of Effect, so that they use Effect's clock. */
const eventsOver = (
  react: (url: URL, index: number, headers: Readonly<Record<string, string>>) => Reaction,
  options: Partial<PipelineOptions> = {}
) => {
  const seen: Array<URL> = []
  const client = HttpClient.make((request, url) =>
    Effect.sync(() => {
      const reaction = react(url, seen.push(url) - 1, request.headers)
      if (reaction instanceof Response) return HttpClientResponse.fromWeb(request, reaction)
      const web = HttpClientResponse.fromWeb(request, new Response(null))
      const stream = Stream.map(reaction, (text) => new TextEncoder().encode(text))
      return Object.create(web, { stream: { value: stream } })
    })
  )
  const events = Effect.map(
    makePipeline("mailbox", "https://app.sendmux.ai/api/v1", {
      ...(options.accessToken === undefined ? { apiKey: Redacted.make("smx_mbx_test_0123456789") } : {}),
      ...options
    } as PipelineOptions),
    (pipeline) => makeEvents(makeMethods(pipeline))
  ).pipe(Effect.provideService(HttpClient.HttpClient, client), Effect.orDie)
  return { events, seen }
}

const message = {
  id: "msg_1",
  thread_id: "thr_1",
  folder_ids: ["fld_inbox"],
  subject: "Hello",
  preview: "Hi",
  from: { email: "ada@example.com", name: null },
  to: [{ email: "inbox@example.com", name: null }],
  cc: [],
  bcc: [],
  received_at: "2026-11-23T10:00:00Z",
  sent_at: "not a date",
  size_bytes: 100,
  has_attachments: false,
  keywords: [],
  flags: { seen: false, flagged: false, answered: false, draft: false },
  rfc5322_message_id: "<1@example.com>",
  body: { text: "Hi", html: null, is_truncated: false, max_bytes: 65536 }
}

const data = (extra: Record<string, unknown> = {}) => ({
  event_type: "message.received",
  team_public_id: "team_1",
  mailbox_id: "mbx_1",
  message_id: "msg_1",
  message_id_kind: "provider",
  sender: "ada@example.com",
  recipients: ["inbox@example.com"],
  is_spam: false,
  message,
  occurred_at: "2026-11-23T10:00:00Z",
  ...extra
})

const frame = (id: string | undefined, event = "message.received", body: unknown = data()): string =>
  `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(body)}\n\n`

const idOf = (event: MailboxEvent) => event.id
const describeSignal = (signal: MailboxSignal): string =>
  signal._tag === "Listening"
    ? `listening${signal.resumed ? ", resumed" : ""}`
    : signal._tag === "SyncRequired"
      ? `sync required by ${signal.reason}`
      : `${signal._tag} ${signal.id}`

const isMessage = (event: MailboxEvent) => event._tag === "MessageReceived"

const after = (url: URL | undefined) => url?.searchParams.get("last_event_id")

/** A connection that stays open and silent. */
const silent = Stream.never

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

  it.effect("resumes after the last event when a connection is silent, and emits no event twice", () => {
    const { events, seen } = eventsOver((_, index) =>
      index === 0
        ? Stream.concat(Stream.make(frame("1"), frame("2")), silent)
        : Stream.concat(Stream.make(frame("1"), frame("2"), frame("3")), silent)
    )
    return Effect.gen(function* () {
      const { stream } = yield* events
      const fiber = yield* Effect.fork(Stream.runCollect(stream({ ping: 10 }).pipe(Stream.take(3))))
      yield* TestClock.adjust("24 seconds")
      expect(seen).toHaveLength(1)
      yield* TestClock.adjust("2 seconds")
      expect(Chunk.toReadonlyArray(yield* Fiber.join(fiber)).map(idOf)).toEqual(["1", "2", "3"])
      expect(seen.map(after)).toEqual([null, "2"])
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

  it.effect(
    "uses a new access token for each connection, and fails with the APIError of a refused connection",
    () => {
      let tokens = 0
      const accessToken = Effect.sync(() => Redacted.make(`token-${++tokens}`))
      const used: Array<string | undefined> = []
      const { events } = eventsOver(
        (_, index, headers) => {
          used.push(headers["authorization"])
          return index < 2
            ? Stream.make(frame(String(index + 1)))
            : failure(index === 2 ? 401 : 403, "authentication_required")
        },
        { accessToken }
      )
      return Effect.gen(function* () {
        const { stream } = yield* events
        const received: Array<string | undefined> = []
        const fiber = yield* Effect.fork(
          Effect.flip(Stream.runForEach(stream(), (event) => Effect.sync(() => received.push(event.id))))
        )
        yield* TestClock.adjust("10 seconds")
        const error = yield* Fiber.join(fiber)
        expect(error._tag === "APIError" && error.status).toBe(401)
        expect(used).toEqual(["Bearer token-1", "Bearer token-2", "Bearer token-3"])
        expect(received).toEqual(["1", "2"])
      })
    }
  )

  it.effect("waits as long as the server asks, and otherwise longer after each failure", () => {
    const at: Array<number> = []
    let clock = 0
    const { events } = eventsOver(
      (_, index) => {
        at.push(clock)
        if (index === 0) return failure(429, "rate_limit_exceeded", { headers: { "retry-after": "90" } })
        return index < 6 ? Stream.empty : Stream.concat(Stream.make(frame("1")), silent)
      },
      { retry: undefined }
    )
    return Effect.gen(function* () {
      const { stream } = yield* events
      const options: EventStreamOptions = { reconnect: { baseDelay: "1 second", maxDelay: "8 seconds" } }
      const fiber = yield* Effect.fork(Stream.runHead(stream({}, options).pipe(Stream.filter(isMessage))))
      for (let second = 0; second < 135; second++) {
        clock = second
        yield* TestClock.adjust("1 second")
      }
      yield* Fiber.join(fiber)
      const delays = at.slice(1).map((time, index) => time - (at[index] ?? 0))
      expect(delays[0]).toBeGreaterThanOrEqual(90)
      expect(delays[0]).toBeLessThanOrEqual(92)
      expect(delays.slice(1)).toHaveLength(5)
      delays.slice(1).forEach((delay, index) => {
        const whole = Math.min(8, 2 ** (index + 2))
        expect(delay).toBeGreaterThanOrEqual(whole / 2 - 1)
        expect(delay).toBeLessThanOrEqual(whole + 1)
      })
    })
  })

  it.effect("connects again within an hour, even if the retry field asks for more", () => {
    const { events, seen } = eventsOver((_, index) =>
      index === 0 ? Stream.make(`retry: 99999999999\n\n${frame("1")}`) : silent
    )
    return Effect.gen(function* () {
      const { stream } = yield* events
      const fiber = yield* Effect.fork(Stream.runDrain(stream()))
      yield* TestClock.adjust("59 minutes")
      expect(seen).toHaveLength(1)
      yield* TestClock.adjust("2 minutes")
      expect(seen.length).toBeGreaterThan(1)
      yield* Fiber.interrupt(fiber)
    })
  })

  it.effect("fails after maxFailures consecutive failures", () => {
    const { events, seen } = eventsOver(() => Stream.fail(new Error("The connection ended")))
    return Effect.gen(function* () {
      const { stream } = yield* events
      const fiber = yield* Effect.fork(
        Effect.flip(Stream.runDrain(stream({}, { reconnect: { maxFailures: 3 } })))
      )
      yield* TestClock.adjust("1 minute")
      const error = yield* Fiber.join(fiber)
      expect(error._tag === "TransportError" && error.reason).toBe("TruncatedBody")
      expect(seen).toHaveLength(3)
      const refused = yield* Effect.flip(Stream.runDrain(stream({}, { reconnect: { maxFailures: 0 } })))
      expect(refused._tag).toBe("InvalidRequestError")
    })
  })

  it.effect(
    "forgets the resume id after sync_required, and emits SyncRequired when events may be missing",
    () => {
      const { events, seen } = eventsOver((_, index) => {
        if (index === 0)
          return Stream.make(frame("1"), frame("2", "sync_required", { event_type: "sync_required" }))
        return index === 1 ? Stream.make(frame("3")) : Stream.concat(Stream.make(frame("4")), silent)
      })
      return Effect.gen(function* () {
        const { listen } = yield* events
        const store = eventIdsInMemory("0")
        const fiber = yield* Effect.fork(Stream.runCollect(listen({}, { store }).pipe(Stream.take(8))))
        yield* TestClock.adjust("1 minute")
        expect(Chunk.toReadonlyArray(yield* Fiber.join(fiber)).map(describeSignal)).toEqual([
          "listening, resumed",
          "MessageReceived 1",
          "sync required by server",
          "listening",
          "sync required by gap",
          "MessageReceived 3",
          "listening, resumed",
          "MessageReceived 4"
        ])
        expect(seen.map(after)).toEqual(["0", null, "3"])
        expect(yield* store.load).toBe("3")
      })
    }
  )

  it.effect("starts without a resume id when the server refuses it, and emits SyncRequired", () => {
    const { events, seen } = eventsOver((_, index) =>
      index === 0
        ? new Response(
            JSON.stringify({
              ok: false,
              error: { code: "invalid_parameter", message: "No", retryable: false, param: "last_event_id" }
            }),
            { status: 400 }
          )
        : Stream.concat(Stream.make(frame("9")), silent)
    )
    return Effect.gen(function* () {
      const { listen } = yield* events
      const store = eventIdsInMemory("1")
      const saved: Array<string | undefined> = []
      const fiber = yield* Effect.fork(
        listen({}, { store }).pipe(
          Stream.tap(() => Effect.map(store.load, (id) => saved.push(id))),
          Stream.take(3),
          Stream.runCollect
        )
      )
      yield* TestClock.adjust("1 minute")
      expect(Chunk.toReadonlyArray(yield* Fiber.join(fiber)).map(describeSignal)).toEqual([
        "listening",
        "sync required by gap",
        "MessageReceived 9"
      ])
      expect(saved).toEqual(["1", "1", undefined])
      expect(seen.map(after)).toEqual(["1", null])
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

  it.effect("saves an id only when the consumer has handled its event", () => {
    const { events } = eventsOver(() =>
      Stream.concat(Stream.make(frame("1") + frame("2") + frame("3")), silent)
    )
    return Effect.gen(function* () {
      const { stream } = yield* events
      const store = yield* eventIdsInKeyValueStore("inbox")
      const saved: Array<string | undefined> = []
      yield* stream({}, { store }).pipe(
        Stream.take(3),
        Stream.runForEach(() => Effect.map(store.load, (id) => saved.push(id)))
      )
      expect(saved).toEqual([undefined, "1", "2"])
    }).pipe(Effect.provide(KeyValueStore.layerMemory))
  })

  it.effect("removes the key of the store for an id that is undefined", () =>
    Effect.gen(function* () {
      const keyValueStore = yield* KeyValueStore.KeyValueStore
      const store = yield* eventIdsInKeyValueStore("inbox")
      yield* store.save("1")
      expect(yield* keyValueStore.size).toBe(1)
      yield* store.save(undefined)
      expect(yield* keyValueStore.size).toBe(0)
    }).pipe(Effect.provide(KeyValueStore.layerMemory))
  )

  it.effect("fails with the error of the store", () => {
    const { events } = eventsOver(() => Stream.concat(Stream.make(frame("1"), frame("2")), silent))
    return Effect.gen(function* () {
      const { stream } = yield* events
      const store = { load: Effect.succeed(undefined), save: () => Effect.fail("disk full" as const) }
      const error = yield* Effect.flip(Stream.runDrain(stream({}, { store })))
      expect(error).toBe("disk full")
    })
  })

  it.effect("opens another connection whenever one ends, until the consumer stops", () => {
    const { events, seen } = eventsOver((_, index) =>
      Stream.concat(
        Stream.make(frame(String(index))),
        Stream.drain(Stream.fromEffect(Effect.sleep(Duration.seconds(60))))
      )
    )
    return Effect.gen(function* () {
      const { stream } = yield* events
      let count = 0
      const fiber = yield* Effect.fork(Stream.runForEach(stream(), () => Effect.sync(() => count++)))
      yield* Effect.forEach(Array.from({ length: 1 }), () => TestClock.adjust("1 hour"))
      expect(count).toBeGreaterThan(55)
      expect(seen.length).toBe(count)
      yield* Fiber.interrupt(fiber)
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

  const waiting = (pages: ReadonlyArray<ReadonlyArray<typeof found>>, body: () => Reaction) => {
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
