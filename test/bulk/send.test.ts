import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Bulk } from "../../src/Bulk.js"
import {
  arrivals,
  collect,
  duplicates,
  message,
  messages,
  options,
  requests,
  services,
  tags
} from "./support.js"
import { live } from "./time.js"

describe("Bulk.send", () => {
  it.effect("sends a source in chunks of at most 100 messages and emits one outcome for each", () =>
    Effect.gen(function* () {
      const outcomes = yield* live(collect(messages(250)))
      expect(tags(outcomes)).toEqual({ Queued: 250 })
      expect(new Set(outcomes.map(({ id }) => id)).size).toBe(250)
      expect((yield* arrivals).size).toBe(250)
      expect(yield* requests).toHaveLength(3)
    }).pipe(Effect.provide(services()))
  )

  it.effect("limits a chunk by its bytes, and sends a larger message alone", () =>
    Effect.gen(function* () {
      const large = { html_body: "x".repeat(5_000) }
      const source = [message(1), message(2), message(3, large), message(4, large), message(5)]
      const outcomes = yield* live(collect(source, { ...options, maxChunkBytes: 1_000, concurrency: 1 }))
      expect(tags(outcomes)).toEqual({ Queued: 5 })
      expect(yield* requests).toHaveLength(4)
    }).pipe(Effect.provide(services()))
  )

  it.effect("rejects the messages that it finds invalid, and sends the others", () =>
    Effect.gen(function* () {
      const bad = [message(7, { to: { email: "nobody" } }), { id: "", email: message(8).email }]
      const outcomes = yield* live(collect([...messages(3), ...bad]))
      expect(tags(outcomes)).toEqual({ Rejected: 2, Queued: 3 })
      const rejected = outcomes.flatMap((outcome) => (outcome._tag === "Rejected" ? [outcome] : []))
      expect(rejected.map(({ error, id }) => [id, error.code, error.errors?.[0]?.field])).toEqual([
        ["m-7", "invalid_request", "to.email"],
        ["", "invalid_request", "id"]
      ])
      expect((yield* arrivals).size).toBe(3)
    }).pipe(Effect.provide(services()))
  )

  it.effect("rejects the messages that the server refuses, without sending them again", () =>
    Effect.gen(function* () {
      const source = [message(1), message(2, { to: { email: "a,b@example.com" } }), message(3)]
      const outcomes = yield* live(collect(source))
      expect(tags(outcomes)).toEqual({ Queued: 2, Rejected: 1 })
      expect(yield* requests).toHaveLength(1)
      expect(tags(yield* live(collect(source)))).toEqual({ Queued: 2, Rejected: 1 })
      expect(yield* requests).toHaveLength(1)
    }).pipe(Effect.provide(services()))
  )

  it.effect("sends the messages of a refused chunk one by one, so that each has its own outcome", () =>
    Effect.gen(function* () {
      const source = [message(1, { to: { email: "a,b@c.de" } }), message(2, { to: { email: "a;b@c.de" } })]
      const outcomes = yield* live(collect(source))
      expect(tags(outcomes)).toEqual({ Rejected: 2 })
      expect(outcomes.map((outcome) => outcome._tag === "Rejected" && outcome.error.code)).toEqual([
        "validation_error",
        "validation_error"
      ])
      expect(yield* requests).toHaveLength(3)
    }).pipe(Effect.provide(services()))
  )

  it.effect("emits outcomes from the ledger when the campaign runs again, and sends only what is new", () =>
    Effect.gen(function* () {
      const first = yield* live(collect(messages(150)))
      const again = yield* live(collect(messages(160)))
      const ids = (outcomes: typeof first) =>
        new Map(outcomes.map((outcome) => [outcome.id, outcome._tag === "Queued" ? outcome.message_id : ""]))
      for (const [id, messageId] of ids(first)) expect(ids(again).get(id)).toBe(messageId)
      expect(tags(again)).toEqual({ Queued: 160 })
      expect((yield* arrivals).size).toBe(160)
      expect(yield* duplicates).toEqual([])
    }).pipe(Effect.provide(services()))
  )

  it.effect("keeps campaigns separate", () =>
    Effect.gen(function* () {
      yield* live(collect(messages(2)))
      yield* live(collect(messages(2), { campaign: "other" }))
      expect([...(yield* arrivals).values()]).toEqual([2, 2])
    }).pipe(Effect.provide(services()))
  )

  it.effect("rejects an id that the ledger knows with other content, and sends nothing for it", () =>
    Effect.gen(function* () {
      yield* live(collect(messages(2)))
      const outcomes = yield* live(collect([message(0, { subject: "Other news" }), message(1)]))
      expect(tags(outcomes)).toEqual({ Rejected: 1, Queued: 1 })
      const rejected = outcomes.find(({ _tag }) => _tag === "Rejected")
      expect(rejected?._tag === "Rejected" && rejected.error.code).toBe("id_reused")
      expect((yield* arrivals).size).toBe(2)
    }).pipe(Effect.provide(services()))
  )

  it.effect("sends a message only once if the source repeats its id, and emits its outcome each time", () =>
    Effect.gen(function* () {
      const outcomes = yield* live(collect([message(1), message(2), message(1)]))
      expect(outcomes.map(({ id }) => id).toSorted()).toEqual(["m-1", "m-1", "m-2"])
      expect(new Set(outcomes.map((outcome) => outcome._tag === "Queued" && outcome.message_id)).size).toBe(2)
      expect((yield* arrivals).size).toBe(2)
      expect(yield* duplicates).toEqual([])
    }).pipe(Effect.provide(services()))
  )

  it.effect("treats messages as equal that differ only in the order of their keys", () =>
    Effect.gen(function* () {
      yield* live(collect([message(1, { custom_headers: { "X-A": "1", "X-B": "2" } })]))
      const { email, id } = message(1, { custom_headers: { "X-B": "2", "X-A": "1" } })
      const reversed = Object.fromEntries(Object.entries(email).toReversed()) as unknown as typeof email
      expect(tags(yield* live(collect([{ id, email: reversed }])))).toEqual({ Queued: 1 })
    }).pipe(Effect.provide(services()))
  )

  it.effect("fails for invalid options before it reads the source", () =>
    Effect.gen(function* () {
      const source = Stream.die("was read")
      const bad = { campaign: "news", chunkSize: 101, lease: -1, maxWait: -1 }
      const error = yield* Effect.flip(collect(source, bad))
      expect(error.message).toContain("chunkSize must be an integer from 1 to 100")
      expect(error.message).toContain("lease must be a duration")
      expect(error.message).toContain("maxWait must be a duration of at least 0 ms")
      const named = yield* Effect.flip(collect(source, { campaign: "" }))
      expect(named.message).toContain("campaign must be text of 1 to 200 characters")
    }).pipe(Effect.provide(services()))
  )

  it.effect("fails with the error of the source after the outcomes of what it had produced", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const source = Stream.concat(Stream.fromIterable(messages(120)), Stream.fail("broken" as const))
      const error = yield* live(
        Effect.flip(
          Stream.runForEach(Bulk.send(source, options), ({ id }) => Effect.sync(() => seen.push(id)))
        )
      )
      expect(error).toBe("broken")
      expect(seen).toHaveLength(120)
    }).pipe(Effect.provide(services()))
  )

  it.effect("sends what a slow source has produced after the linger time", () =>
    Effect.gen(function* () {
      const source = Stream.concat(Stream.fromIterable(messages(3)), Stream.never)
      const outcomes = yield* live(
        Effect.map(Stream.runCollect(Stream.take(Bulk.send(source, options), 3)), (chunk) => [...chunk])
      )
      expect(tags(outcomes)).toEqual({ Queued: 3 })
    }).pipe(Effect.provide(services()))
  )

  it.effect("reads the source only as far as its outcomes are consumed", () =>
    Effect.gen(function* () {
      let read = 0
      const source = Stream.range(0, 99_999, 10).pipe(
        Stream.map((index) => {
          read++
          return message(index)
        })
      )
      const taken = yield* live(
        Stream.runCollect(Stream.take(Bulk.send(source, { ...options, concurrency: 2, chunkSize: 10 }), 10))
      )
      expect(taken.length).toBe(10)
      expect(read).toBeLessThan(200)
    }).pipe(Effect.provide(services()))
  )
})
