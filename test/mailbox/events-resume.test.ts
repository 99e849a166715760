import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { eventIdsInKeyValueStore, eventIdsInMemory } from "../../src/mailbox/events/eventIds.js"
import { after, describeSignal, eventsOver, frame, idOf, silent } from "../support/eventStreams.js"

describe("the id that events.stream resumes after", () => {
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
})
