import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { identity } from "effect/Function"
import * as Stream from "effect/Stream"
import type { EventBatch } from "../../src/internal/response/serverSentEvents.js"
import { mockClient } from "../support/http.js"
import { makeThings } from "../support/synthetic.js"
import { errorOf } from "../support/time.js"

/** A body without a type of its own. */
const bodyOf = (text: string) => new Response(new TextEncoder().encode(text)).body

const reading = (body: BodyInit | null, init: ResponseInit = {}) =>
  Effect.gen(function* () {
    const things = yield* makeThings(mockClient(() => new Response(body, init)).client)
    const batches: Array<EventBatch> = []
    const exit = yield* Effect.exit(
      Stream.runForEach(Stream.flatMap(things.events(), identity), (batch) =>
        Effect.sync(() => batches.push(batch))
      )
    )
    return { batches, error: Exit.isFailure(exit) ? errorOf(exit) : undefined }
  })

const withType = (type: string): ResponseInit => ({ headers: { "content-type": type } })

describe("an event stream", () => {
  it.effect("has the type text/event-stream in any case and with any parameters, or none", () =>
    Effect.gen(function* () {
      const types = [
        "text/event-stream",
        "Text/Event-Stream;charset=utf-8",
        "text/event-stream ; charset=utf-8",
        " text/event-stream"
      ]
      for (const type of types) expect((yield* reading("data: 1\n\n", withType(type))).error).toBeUndefined()
      expect((yield* reading(bodyOf("data: 1\n\n"))).batches.flatMap(({ events }) => events)).toHaveLength(1)
    })
  )

  it.effect("fails with ResponseDecodeError that names another type", () =>
    Effect.gen(function* () {
      for (const type of ["text/html", "text/event-streams", "x-text/event-stream", "application/json"]) {
        expect((yield* reading("data: 1\n\n", withType(type))).error).toMatchObject({
          _tag: "ResponseDecodeError",
          operation: "mailbox.things.events",
          status: 200,
          issue: `expected text/event-stream, and the response is ${type}: check baseUrl`
        })
      }
    })
  )

  it.effect("fails as a connection that ended, and not as another type, if the response has no content", () =>
    Effect.gen(function* () {
      const { batches, error } = yield* reading(null, { status: 204, ...withType("text/html") })
      expect(batches).toEqual([])
      expect(error).toMatchObject({ _tag: "TransportError", reason: "TruncatedBody" })
    })
  )

  it.effect("includes the retry field in every batch after it", () =>
    Effect.gen(function* () {
      const chunks = ["data: 1\n\n", "retry: 5000\n\n", "data: 2\n\n", "retry: soon\n\n"]
      const body = new ReadableStream({
        pull: (controller) => {
          const next = chunks.shift()
          if (next === undefined) controller.close()
          else controller.enqueue(new TextEncoder().encode(next))
        }
      })
      const { batches } = yield* reading(body)
      expect(batches.map(({ events, retry }) => [events.length, retry])).toEqual([
        [1, undefined],
        [0, 5_000],
        [1, 5_000],
        [0, 5_000]
      ])
    })
  )

  it.effect("ignores an empty id and an id of more than 1024 characters", () =>
    Effect.gen(function* () {
      const ids = ["", "1", "x".repeat(1_024), "x".repeat(1_025)]
      const text = ids.map((id) => `id: ${id}\ndata: 1\n\n`).join("")
      const { batches } = yield* reading(bodyOf(text))
      expect(batches.flatMap(({ events }) => events.map(({ id }) => id?.length))).toEqual([
        undefined,
        1,
        1_024,
        undefined
      ])
    })
  )

  it.effect("is truncated if its connection is lost, after the frames that arrived", () =>
    Effect.gen(function* () {
      let sent = false
      const body = new ReadableStream({
        pull: (controller) => {
          if (sent) controller.error(Object.assign(new Error("lost"), { code: "ECONNRESET" }))
          else controller.enqueue(new TextEncoder().encode("data: 1\n\n"))
          sent = true
        }
      })
      const { batches, error } = yield* reading(body)
      expect(batches).toHaveLength(1)
      expect(error).toMatchObject({ _tag: "TransportError", reason: "TruncatedBody" })
    })
  )

  it.effect("is truncated if a frame has more than 64 Mi characters", () =>
    Effect.gen(function* () {
      const block = new TextEncoder().encode(`data: ${"x".repeat(8 * 1024 * 1024)}`)
      let sent = 0
      const body = new ReadableStream({
        pull: (controller) => {
          if (sent++ < 10) controller.enqueue(block)
          else controller.close()
        }
      })
      expect((yield* reading(body)).error).toMatchObject({ _tag: "TransportError", reason: "TruncatedBody" })
    })
  )

  it.effect("opens once for each connection", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(() => new Response(bodyOf("data: 1\n\n")))
      const things = yield* makeThings(client)
      expect(Chunk.size(yield* Stream.runCollect(things.events()))).toBe(1)
      expect(seen).toHaveLength(1)
    })
  )
})
