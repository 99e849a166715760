import type { ServerResponse } from "node:http"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as fc from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import { identity } from "effect/Function"
import * as Stream from "effect/Stream"
import * as Retry from "../../src/internal/timing/retry.js"
import { failure, mockClient } from "../support/http.js"
import { clients, serve } from "../support/server.js"
import { makeThings, type Things } from "../support/synthetic.js"

const block = Buffer.alloc(16_384, "x")

/** Writes a body that never ends, as fast as the client reads it. */
const endless = (response: ServerResponse) => {
  response.writeHead(200, { "content-type": "application/octet-stream" })
  const more = () => {
    if (!response.destroyed) response.write(block, () => setImmediate(more))
  }
  more()
}

const soon = Retry.policy({ baseDelay: 1, maxDelay: 1 })

const gather = <E>(stream: Stream.Stream<Uint8Array, E>) =>
  Effect.map(Stream.runCollect(stream), (chunks) => Buffer.concat(Chunk.toReadonlyArray(chunks)))

for (const [name, layer] of clients) {
  describe(`a download over ${name}`, () => {
    it.scopedLive("emits all bytes, and returns the metadata of the response", () =>
      Effect.gen(function* () {
        const whole = Buffer.concat(Array<Buffer>(40).fill(block))
        const server = yield* serve((_, response) => {
          response.writeHead(206, {
            "content-length": String(whole.length),
            "content-range": "bytes 0-1/2",
            etag: '"1"'
          })
          response.end(whole)
        })
        const things = yield* makeThings(yield* HttpClient.HttpClient, { baseUrl: server.origin })
        expect((yield* gather(things.download("a/b"))).equals(whole)).toBe(true)
        const { data, meta } = yield* things.download.withResponse("a/b", { range: { start: 5, end: 9 } })
        expect((yield* gather(data)).equals(whole)).toBe(true)
        expect(meta).toMatchObject({ status: 206, etag: '"1"', attempts: 1 })
        expect(server.arrived.map(({ headers, url }) => [url, headers.range])).toEqual([
          ["/bytes/a%2Fb", undefined],
          ["/bytes/a%2Fb", "bytes=5-9"]
        ])
      }).pipe(Effect.provide(layer))
    )

    const open: Record<string, (things: Things) => Stream.Stream<Uint8Array, unknown>> = {
      "the stream": (things) => things.download("a"),
      "the stream of a response": (things) =>
        Stream.flatMap(Stream.fromEffect(things.download.withResponse("a")), ({ data }) => data)
    }
    for (const [what, download] of Object.entries(open)) {
      it.scopedLive(`closes the socket when ${what} is not read to its end`, () =>
        Effect.gen(function* () {
          const server = yield* serve((_, response) => endless(response))
          const things = yield* makeThings(yield* HttpClient.HttpClient, { baseUrl: server.origin })
          expect(yield* Stream.runCount(Stream.take(download(things), 2))).toBe(2)
          yield* server.closed
        }).pipe(Effect.provide(layer))
      )

      it.scopedLive(`closes the socket when the consumer of ${what} fails or is interrupted`, () =>
        Effect.gen(function* () {
          for (const reader of [Effect.fail("full disk"), Effect.never]) {
            const server = yield* serve((_, response) => endless(response))
            const things = yield* makeThings(yield* HttpClient.HttpClient, { baseUrl: server.origin })
            let reading = false
            const fiber = yield* Effect.fork(
              Stream.runForEach(download(things), () =>
                Effect.suspend(() => {
                  reading = true
                  return reader
                })
              )
            )
            yield* Effect.yieldNow().pipe(Effect.repeat({ until: () => reading }))
            yield* Fiber.interrupt(fiber)
            yield* server.closed
          }
        }).pipe(Effect.provide(layer))
      )

      it.scopedLive(
        `fails ${what} when it is shorter than Content-Length, or its last chunk is missing`,
        () =>
          Effect.gen(function* () {
            const server = yield* serve((_, response, index) => {
              response.writeHead(200, index === 0 ? { "content-length": "100" } : {})
              response.write("half", () => setImmediate(() => response.socket?.destroy()))
            })
            const things = yield* makeThings(yield* HttpClient.HttpClient, { baseUrl: server.origin })
            for (const _ of [0, 1]) {
              const received: Array<string> = []
              const error = yield* Effect.flip(
                Stream.runForEach(download(things), (bytes) =>
                  Effect.sync(() => received.push(String(Buffer.from(bytes))))
                )
              )
              expect(error).toMatchObject({ _tag: "TransportError", reason: "TruncatedBody", attempts: 1 })
              expect(received.join("")).toBe("half")
            }
          }).pipe(Effect.provide(layer))
      )

      it.scopedLive(`limits only the time until the headers of ${what} arrive`, () =>
        Effect.gen(function* () {
          const server = yield* serve((_, response, index) => {
            if (index > 0) return
            response.writeHead(200)
            response.write("a", () => setTimeout(() => response.end("b"), 150))
          })
          const options = { baseUrl: server.origin, timeout: 60, retry: Retry.none }
          const things = yield* makeThings(yield* HttpClient.HttpClient, options)
          expect(String(yield* gather(download(things)))).toBe("ab")
          const error = yield* Effect.flip(gather(download(things)))
          expect(error).toMatchObject({ _tag: "TransportError", reason: "Timeout" })
          yield* server.closed
        }).pipe(Effect.provide(layer))
      )
    }

    it.scopedLive("retries a transient failure, and fails with the APIError of any other failure", () =>
      Effect.gen(function* () {
        const body = JSON.stringify({ ok: false, error: { code: "not_found", message: "Gone" } })
        const server = yield* serve((_, response, index) => {
          if (index === 0) response.writeHead(503).end()
          else if (index === 1) response.end("bytes")
          else response.writeHead(404).end(body)
        })
        const things = yield* makeThings(yield* HttpClient.HttpClient, {
          baseUrl: server.origin,
          retry: soon
        })
        expect(String(yield* gather(things.download("a")))).toBe("bytes")
        const error = yield* Effect.flip(gather(things.download("a")))
        expect(error).toMatchObject({ _tag: "APIError", code: "not_found", attempts: 1 })
        expect(server.arrived).toHaveLength(3)
      }).pipe(Effect.provide(layer))
    )

    const useless: Record<string, (response: ServerResponse) => void> = {
      "received no headers": () => undefined,
      "failed and received half of its body": (response) => {
        response.writeHead(503, { "content-type": "application/json" })
        response.write('{"ok":')
      }
    }
    for (const [how, half] of Object.entries(useless)) {
      it.scopedLive(`closes the socket of an attempt that ${how}, before a later attempt is read`, () =>
        Effect.gen(function* () {
          const server = yield* serve((_, response, index) =>
            index === 0 ? half(response) : endless(response)
          )
          const options = { baseUrl: server.origin, timeout: 60, retry: soon }
          const things = yield* makeThings(yield* HttpClient.HttpClient, options)
          const read = Stream.mapEffect(things.download("a"), () => server.closed)
          expect(yield* Stream.runCount(Stream.take(read, 1))).toBe(1)
          expect(server.arrived).toHaveLength(2)
        }).pipe(Effect.provide(layer))
      )
    }

    it.scopedLive("decompresses a body, whose length differs from Content-Length, or fails", () =>
      Effect.gen(function* () {
        const { gzipSync } = yield* Effect.promise(() => import("node:zlib"))
        const packed = gzipSync(block)
        const server = yield* serve((_, response) => {
          response.writeHead(200, { "content-encoding": "gzip", "content-length": String(packed.length) })
          response.end(packed)
        })
        const things = yield* makeThings(yield* HttpClient.HttpClient, { baseUrl: server.origin })
        const exit = yield* Effect.exit(gather(things.download("a")))
        // A client that does not decompress fails, instead of a stream of compressed bytes.
        expect(Exit.isSuccess(exit) ? exit.value.length : "failed").toBe(
          name === "FetchHttpClient" ? block.length : "failed"
        )
      }).pipe(Effect.provide(layer))
    )
  })
}

interface Frame {
  readonly id: string | undefined
  readonly event: string
  readonly data: string
}

const word = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
  .map((text) => text.replace(/[\r\n\0]/g, "_").trim() || "_")

const frame: fc.Arbitrary<Frame> = fc.record({
  id: fc.option(word, { nil: undefined }),
  event: fc.oneof(fc.constant("message"), word),
  data: fc.array(word, { minLength: 1, maxLength: 3 }).map((lines) => lines.join("\n"))
})

const write = ({ data, event, id }: Frame, newline: string): string =>
  [
    ": keep-alive",
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(event === "message" ? [] : [`event: ${event}`]),
    ...data.split("\n").map((line) => `data: ${line}`),
    "",
    ""
  ].join(newline)

/** A body whose chunks end at the given offsets, even in the middle of a character. */
const inChunks = (bytes: Uint8Array, ends: ReadonlyArray<number>): ReadableStream<Uint8Array> => {
  const cuts = [...new Set(ends.map((end) => end % (bytes.length + 1)))].sort((a, b) => a - b)
  return new ReadableStream({
    start(controller) {
      let from = 0
      for (const to of [...cuts, bytes.length]) {
        if (to > from) controller.enqueue(bytes.slice(from, to))
        from = to
      }
      controller.close()
    }
  })
}

const readFrames = (body: ReadableStream<Uint8Array>) =>
  Effect.gen(function* () {
    const things = yield* makeThings(mockClient(() => new Response(body)).client)
    const batches = things.events().pipe(Stream.flatMap(identity))
    const frames = yield* Stream.runCollect(Stream.mapConcat(batches, ({ events }) => events))
    return Chunk.toReadonlyArray(frames)
  })

describe("an event stream", () => {
  it("emits the same frames wherever its chunks end", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(frame, { maxLength: 6 }),
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.array(fc.nat(), { maxLength: 40 }),
        async (frames, newline, ends) => {
          const bytes = new TextEncoder().encode(frames.map((one) => write(one, newline)).join(""))
          // A carriage return at the end may be half of a line break, so another character has to follow it.
          const ended = newline === "\r" ? new Uint8Array([...bytes, 10]) : bytes
          expect(await Effect.runPromise(readFrames(inChunks(ended, ends)))).toEqual(frames)
        }
      ),
      { numRuns: 100 }
    ))

  it("emits the same frames when each byte arrives separately", async () => {
    const frames: ReadonlyArray<Frame> = [
      { id: "1", event: "message.received", data: '{"subject":"Grüße 日本 🚀"}' },
      { id: undefined, event: "message", data: "one\ntwo" }
    ]
    const bytes = new TextEncoder().encode(`\uFEFF${frames.map((one) => write(one, "\r\n")).join("")}`)
    const ends = Array.from(bytes, (_, index) => index)
    expect(await Effect.runPromise(readFrames(inChunks(bytes, ends)))).toEqual(frames)
  })

  it.effect("ignores an id that is too long for a request header", () =>
    Effect.gen(function* () {
      const text = `id: ${"x".repeat(1_025)}\ndata: 1\n\nid: ${"y".repeat(1_024)}\ndata: 2\n\n`
      const frames = yield* readFrames(inChunks(new TextEncoder().encode(text), []))
      expect(frames.map(({ id }) => id?.length)).toEqual([undefined, 1_024])
    })
  )

  it.effect("fails when an event has no end, whatever its lines are", () =>
    Effect.gen(function* () {
      for (const [start, line] of [
        ["data: ", "x"],
        ["id: ", "x"],
        ["", "data: x\n"],
        ["", "data:\n"],
        ["", "unknown: x\n"],
        ["", ": c\ndata: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"]
      ] as const) {
        const text = start + line.repeat(Math.ceil(4_600_000 / line.length))
        const ends = Array.from({ length: 80 }, (_, index) => index * 65_536)
        const error = yield* Effect.flip(readFrames(inChunks(new TextEncoder().encode(text), ends)))
        expect(error).toMatchObject({ _tag: "TransportError", reason: "TruncatedBody" })
      }
    })
  )

  it.effect("stays open however many comments arrive without an event", () =>
    Effect.gen(function* () {
      const text = `${": ping\n\n".repeat(700_000)}${":\n".repeat(2_500_000)}id: 1\ndata: x\n\n`
      const frames = yield* readFrames(inChunks(new TextEncoder().encode(text), []))
      expect(frames).toMatchObject([{ id: "1" }])
    })
  )

  it.effect("drops comments, frames without data, and an incomplete frame at the end", () =>
    Effect.gen(function* () {
      const text = ": ping\n\nevent: tick\n\ndata:\n\nid: 1\ndata: x\n\ndata: half"
      const body = inChunks(new TextEncoder().encode(text), [])
      expect(yield* readFrames(body)).toEqual([
        { id: undefined, event: "message", data: "" },
        { id: "1", event: "message", data: "x" }
      ])
    })
  )

  it.effect("accepts events and JSON, and fails with the APIError of a failure", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(() => failure(403, "insufficient_permissions"))
      const things = yield* makeThings(client)
      const error = yield* Effect.flip(Stream.runDrain(Stream.flatMap(things.events(), identity)))
      expect(error).toMatchObject({ _tag: "APIError", code: "insufficient_permissions" })
      expect(seen[0]?.headers["accept"]).toBe("text/event-stream, application/json")
    })
  )
})
