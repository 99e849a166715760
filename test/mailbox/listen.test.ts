import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import { ResponseDecodeError, type SendmuxError } from "../../src/internal/model/errors.js"
import { invalidRequest } from "../../src/internal/model/invalidRequest.js"
import type { EventBatch, ServerSentEvent } from "../../src/internal/response/serverSentEvents.js"
import { followEvents, type MailboxSignal } from "../../src/mailbox/events/stream.js"
import { errorsOf } from "../support/errors.js"
import { errorOf, recordWaits } from "../support/time.js"
import { logLayer } from "../support/dialect/telemetry.js"

const operation = "mailbox.events.stream"

const { apiError: failed, transportError } = errorsOf(operation)

const apiError = (status: number, code = "invalid_parameter", retryAfter?: number) =>
  failed(status, {
    code,
    retryAfter: retryAfter === undefined ? undefined : Duration.millis(retryAfter)
  })

const odd = new ResponseDecodeError({ operation, status: 200, requestId: undefined, issue: "HTML" })

const frame = (id: string | undefined, event = "folder.renamed", data = "{}"): ServerSentEvent => ({
  id,
  event,
  data
})

const syncRequired = (id?: string) => frame(id, "sync_required", "")

/** A connection: it cannot be opened, or it stays open for some time, gives batches, and ends. */
interface Connection {
  readonly frames?: ReadonlyArray<ServerSentEvent>
  readonly retry?: number
  readonly open?: number
  readonly error?: SendmuxError
}

interface Options {
  readonly baseDelay?: number
  readonly maxDelay?: number
  readonly maxFailures?: number
  readonly startAfter?: string
  readonly stored?: string
  readonly random?: number
  readonly take?: number
  readonly logLevel?: "Debug" | "Info"
}

const nameOf = (signal: MailboxSignal): string =>
  signal._tag === "Listening"
    ? `listening${signal.resumed ? " again" : ""}`
    : signal._tag === "SyncRequired"
      ? `sync by ${signal.reason}`
      : `event ${signal.id}`

/** Follows the events of the given connections. The one after the last is refused with 401. */
const following = (connections: ReadonlyArray<Connection | SendmuxError>, options: Options = {}) =>
  Effect.gen(function* () {
    const resumedAfter: Array<string | undefined> = []
    const openedAt: Array<number> = []
    const saved: Array<string | undefined> = []
    const signals: Array<string> = []
    const logs: Array<string> = []
    const { baseDelay = 1_000, maxDelay = 8_000, maxFailures = Number.POSITIVE_INFINITY } = options
    const stream = followEvents<never>({
      operation,
      connect: (lastEventId) => {
        const connection = connections[resumedAfter.length] ?? apiError(401)
        resumedAfter.push(lastEventId)
        const opening = Effect.map(Clock.currentTimeMillis, (now) => void openedAt.push(now))
        if ("_tag" in connection) return Stream.fromEffect(Effect.zipRight(opening, Effect.fail(connection)))
        const { error, frames = [], open = 0, retry } = connection
        const batches: Stream.Stream<EventBatch, SendmuxError> = Stream.concat(
          frames.length === 0 && retry === undefined
            ? Stream.empty
            : Stream.succeed<EventBatch>({ events: frames, retry }),
          open === 0 ? Stream.empty : Stream.drain(Stream.fromEffect(Effect.sleep(open)))
        )
        return Stream.fromEffect(
          Effect.as(opening, error === undefined ? batches : Stream.concat(batches, Stream.fail(error)))
        )
      },
      store:
        options.stored === undefined
          ? undefined
          : {
              load: Effect.succeed(options.stored === "" ? undefined : options.stored),
              save: (id) => Effect.sync(() => void saved.push(id))
            },
      startAfter: options.startAfter,
      maxSilence: 65_000,
      backoff: { baseDelay, maxDelay, maxFailures }
    })
    const logged = logLayer(({ level, message }) => {
      if (String(message).startsWith(operation)) logs.push(`${level} ${String(message)}`)
    }, options.logLevel)
    const { exit } = yield* recordWaits(
      Stream.runForEach(options.take === undefined ? stream : Stream.take(stream, options.take), (signal) =>
        Effect.sync(() => signals.push(nameOf(signal)))
      ).pipe(Effect.provide(logged)),
      options.random
    )
    const error = Exit.isFailure(exit) ? errorOf(exit) : undefined
    /** The times between two connections. */
    const waits = openedAt.slice(1).map((time, index) => time - (openedAt[index] ?? 0))
    return { signals, resumedAfter, saved, waits, logs, error }
  })

describe("the delay before the next connection", () => {
  it.effect("doubles with each connection that fails or ends without an event, up to maxDelay", () =>
    Effect.gen(function* () {
      const useless = [{}, transportError("Network"), {}, apiError(500), apiError(408)]
      expect((yield* following(useless)).waits).toEqual([1_000, 2_000, 4_000, 4_000, 4_000])
      expect((yield* following(useless.slice(0, 2), { random: 0.5 })).waits).toEqual([1_500, 3_000])
    })
  )

  it.effect("starts again at baseDelay after a connection that delivered an event", () =>
    Effect.gen(function* () {
      const { waits } = yield* following([{}, {}, { frames: [frame("1")] }, {}, {}])
      expect(waits).toEqual([1_000, 2_000, 500, 1_000, 2_000])
      const heartbeats = yield* following([{}, { frames: [frame("1", "ping")] }])
      expect(heartbeats.waits).toEqual([1_000, 2_000])
    })
  )

  it.effect("starts again at baseDelay after a connection that was open for 20 seconds", () =>
    Effect.gen(function* () {
      const { waits } = yield* following([{}, { open: 19_999 }, { open: 20_000 }, apiError(503)])
      expect(waits).toEqual([1_000, 21_999, 20_500, 1_000])
    })
  )

  it.effect("is as long as the server asks for, plus jitter, and at most five minutes", () =>
    Effect.gen(function* () {
      const asking = [apiError(503, "x", 90_000), apiError(429, "x", 300_001), apiError(503, "x", 0), {}]
      expect((yield* following(asking)).waits).toEqual([90_000, 300_000, 0, 4_000])
      expect((yield* following(asking.slice(0, 1), { random: 0.5 })).waits).toEqual([90_500])
    })
  )

  it.effect("is at least the retry field of the last connection that had one, and at most an hour", () =>
    Effect.gen(function* () {
      const { waits } = yield* following([{ retry: 3_000 }, {}, {}, { retry: 0 }, { retry: 9_999_999 }])
      expect(waits).toEqual([3_000, 3_000, 4_000, 4_000, 3_600_000])
    })
  )

  it.effect("follows a connection that was silent for too long", () =>
    Effect.gen(function* () {
      const { logs, waits } = yield* following([{ open: 65_001 }])
      expect(waits).toEqual([65_500])
      expect(logs).toEqual([
        `INFO ${operation}: waiting 500 ms before the next attempt (TransportError Timeout)`
      ])
    })
  )
})

describe("the log of a wait", () => {
  it.effect("says why the stream waits, without text of the server", () =>
    Effect.gen(function* () {
      const { logs } = yield* following([
        apiError(503, "service_unavailable"),
        transportError("Network"),
        { frames: [frame("1")], error: odd },
        { frames: [frame("2")], open: 0 }
      ])
      const wait = (millis: number, why: string) =>
        `INFO ${operation}: waiting ${millis} ms before the next attempt (${why})`
      expect(logs).toEqual([
        wait(1_000, "503 service_unavailable"),
        wait(2_000, "TransportError Network"),
        wait(500, "ResponseDecodeError")
      ])
    })
  )

  it.effect("is at Debug if the server closed a healthy connection and the wait is under a second", () =>
    Effect.gen(function* () {
      const ended = "before the next attempt (the connection ended)"
      const short = yield* following([{ frames: [frame("1")] }], {
        baseDelay: 1_998,
        logLevel: "Debug"
      })
      expect(short.logs).toEqual([`DEBUG ${operation}: waiting 999 ms ${ended}`])
      const long = yield* following([{ frames: [frame("1")] }], {
        baseDelay: 2_000,
        logLevel: "Debug"
      })
      expect(long.logs).toEqual([`INFO ${operation}: waiting 1000 ms ${ended}`])
    })
  )
})

describe("an event stream that fails", () => {
  it.effect("fails with the last error after maxFailures connections in a row without an event", () =>
    Effect.gen(function* () {
      const lost = transportError("Network")
      const { error, resumedAfter } = yield* following([{}, { frames: [frame("1")] }, {}, lost, {}], {
        maxFailures: 2
      })
      expect([error, resumedAfter.length]).toEqual([lost, 4])
    })
  )

  it.effect("reports that the server closed every connection if there was no error", () =>
    Effect.gen(function* () {
      const { error } = yield* following([{}, {}, {}], { maxFailures: 3 })
      expect(error).toMatchObject({
        _tag: "TransportError",
        operation,
        reason: "TruncatedBody",
        detail: "The server closed every connection immediately",
        attempts: 3
      })
    })
  )

  it.effect("fails at once with a failure that another connection would not avoid", () =>
    Effect.gen(function* () {
      for (const status of [400, 401, 403, 404, 409, 422, 499]) {
        const { error, resumedAfter } = yield* following([{}, apiError(status), {}])
        expect([error, resumedAfter.length]).toMatchObject([{ status }, 2])
      }
      expect((yield* following([transportError("TooLarge"), {}])).resumedAfter).toHaveLength(1)
      expect((yield* following([odd, {}])).resumedAfter).toHaveLength(1)
      const invalid = invalidRequest(operation, "ping must be at least 10")
      expect(yield* following([{}, invalid, {}])).toMatchObject({ error: invalid, waits: [1_000] })
      for (const status of [408, 429, 500, 503]) {
        expect((yield* following([apiError(status)])).resumedAfter).toHaveLength(2)
      }
    })
  )

  it.effect(
    "continues after nine odd responses in a row once it was open, and counts from zero after another failure",
    () =>
      Effect.gen(function* () {
        const odds = (count: number) => Array.from({ length: count }, () => odd)
        const tenth = yield* following([{}, ...odds(10), {}])
        expect([tenth.error, tenth.resumedAfter.length]).toEqual([odd, 11])
        const between = yield* following([{}, ...odds(9), apiError(503), ...odds(9), {}])
        expect(between.resumedAfter).toHaveLength(22)
        const notFound = yield* following([{}, apiError(404, "http_404"), {}])
        expect(notFound.resumedAfter).toHaveLength(4)
      })
  )
})

describe("the events that a connection resumes after", () => {
  it.effect("is the last id of any frame, or else the id to start after", () =>
    Effect.gen(function* () {
      const { resumedAfter, signals } = yield* following(
        [
          {},
          { frames: [frame("1"), frame(undefined), frame("2"), frame("3", "ping")] },
          { frames: [frame("0"), frame("3"), frame("2"), frame("4")] },
          apiError(503),
          apiError(401)
        ],
        { startAfter: "0" }
      )
      expect(resumedAfter).toEqual(["0", "0", "3", "4", "4"])
      expect(signals).toEqual([
        "listening again",
        "listening again",
        "event 1",
        "event undefined",
        "event 2",
        "listening again",
        "event 4"
      ])
    })
  )

  it.effect("stays the last id after a frame without one, and after a heartbeat that repeats an id", () =>
    Effect.gen(function* () {
      const { resumedAfter, signals } = yield* following([
        { frames: [frame("1"), frame(undefined)] },
        { frames: [frame("2"), frame("2", "ping")] }
      ])
      expect(resumedAfter).toEqual([undefined, "1", "2"])
      expect(signals).toEqual(["listening", "event 1", "event undefined", "listening again", "event 2"])
    })
  )

  it.effect("is forgotten with sync_required, whose id is not remembered for the next connection", () =>
    Effect.gen(function* () {
      const { resumedAfter, signals } = yield* following([
        { frames: [frame("1"), syncRequired("1"), syncRequired("2")] },
        { frames: [syncRequired()] },
        { frames: [frame("3")] },
        { frames: [] }
      ])
      expect(resumedAfter).toEqual([undefined, undefined, undefined, "3", "3"])
      expect(signals).toEqual([
        "listening",
        "event 1",
        "sync by server",
        "sync by server",
        "listening",
        "sync by gap",
        "sync by server",
        "listening",
        "sync by gap",
        "event 3",
        "listening again"
      ])
    })
  )

  it.effect("is discarded once if the server refuses it with a status that has no other cause", () =>
    Effect.gen(function* () {
      for (const status of [400, 404, 499]) {
        const { resumedAfter, signals } = yield* following([apiError(status), {}, {}], { startAfter: "0" })
        expect(resumedAfter).toEqual(["0", undefined, undefined, undefined])
        expect(signals).toEqual(["listening", "sync by gap", "listening", "sync by gap"])
      }
      for (const refused of [apiError(302), apiError(401), apiError(403), odd]) {
        const { resumedAfter } = yield* following([refused, {}], { startAfter: "0" })
        expect(resumedAfter).toEqual(["0"])
      }
      for (const status of [408, 429, 500, 599]) {
        const { resumedAfter } = yield* following([apiError(status), apiError(401)], { startAfter: "0" })
        expect(resumedAfter).toEqual(["0", "0"])
      }
      const again = yield* following([apiError(404), apiError(404), {}], { startAfter: "0" })
      expect(again.resumedAfter).toEqual(["0", undefined])
    })
  )

  it.effect("are remembered up to the last 4096, so that none of them is emitted twice", () =>
    Effect.gen(function* () {
      const frames = Array.from({ length: 4_097 }, (_, index) => frame(String(index)))
      const { signals } = yield* following([{ frames }, { frames: [frame("1"), frame("0")] }])
      expect(signals.slice(4_098)).toEqual(["listening again", "event 0"])
    })
  )
})

describe("the store of an event stream", () => {
  it.effect("takes precedence over the id to start after", () =>
    Effect.gen(function* () {
      const stored = yield* following([apiError(401)], { startAfter: "0", stored: "7" })
      expect(stored.resumedAfter).toEqual(["7"])
      const empty = yield* following([apiError(401)], { startAfter: "0", stored: "" })
      expect(empty.resumedAfter).toEqual(["0"])
    })
  )

  it.effect("receives each id after its event, and undefined after SyncRequired", () =>
    Effect.gen(function* () {
      const { saved, signals } = yield* following(
        [
          { frames: [frame("1"), frame(undefined), frame("2", "ping"), frame("1"), frame("3")] },
          { frames: [syncRequired("4")] },
          {}
        ],
        { stored: "0", take: 8 }
      )
      expect(signals).toEqual([
        "listening again",
        "event 1",
        "event undefined",
        "event 3",
        "listening again",
        "sync by server",
        "listening",
        "sync by gap"
      ])
      expect(saved).toEqual(["1", "3", undefined])
    })
  )
})
