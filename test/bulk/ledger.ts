import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { Ledger, type LedgerChunk, type LedgerError, type LedgerService } from "../../src/Bulk.js"
import * as Sandbox from "../../src/Sandbox.js"
import { arrivals, batch, collect, duplicates, messages, options, sandbox, tags } from "./support.js"
import { live } from "./time.js"

const chunk = (key: string, ...ids: ReadonlyArray<string>): LedgerChunk => ({
  key,
  items: ids.map((id) => ({ id, hash: `hash of ${id}`, attempts: 0 })),
  body: JSON.stringify(ids),
  sentAt: 1_000
})

const lease = (runner: string, until: number) => ({ runner, owner: `${runner}/1`, until })

const queued = (id: string) => ({ _tag: "Queued", message_id: id }) as const

/** The tests that every ledger passes. `layer` opens an empty ledger, and `reopen` another connection to the same one. */
export const testLedger = <R>(layer: () => Layer.Layer<Ledger, LedgerError, R>, provide: Layer.Layer<R>) => {
  const withLedger = (body: (ledger: LedgerService) => Effect.Effect<void, LedgerError>) =>
    Effect.provide(Effect.provide(Effect.flatMap(Ledger, body), layer()), provide)

  it.effect("has no record of an id at first", () =>
    withLedger((ledger) =>
      Effect.gen(function* () {
        expect(yield* ledger.lookup("s", ["a"])).toEqual([])
        expect(yield* ledger.takeOver("s", 1e15, lease("x", 2e15))).toBeUndefined()
        expect(yield* ledger.renew("s", "k", lease("x", 1))).toBe(false)
      })
    )
  )

  it.effect("records a chunk once, and names the items that another chunk has", () =>
    withLedger((ledger) =>
      Effect.gen(function* () {
        expect(yield* ledger.begin("s", chunk("k1", "a", "b"), lease("x", 2_000))).toEqual([])
        expect(yield* ledger.begin("s", chunk("k2", "b", "c"), lease("y", 2_000))).toEqual([
          { id: "b", hash: "hash of b", state: { _tag: "InFlight" } }
        ])
        expect(yield* ledger.lookup("s", ["a", "b", "c"])).toHaveLength(2)
        expect(yield* ledger.lookup("other", ["a"])).toEqual([])
      })
    )
  )

  it.effect("refuses a chunk that is recorded under another claim, even one of the same runner", () =>
    withLedger((ledger) =>
      Effect.gen(function* () {
        yield* ledger.begin("s", chunk("k", "a"), { runner: "x", owner: "x/1", until: 2_000 })
        const again = yield* ledger.begin("s", chunk("k", "a"), { runner: "x", owner: "x/2", until: 2_000 })
        expect(again).toMatchObject([{ id: "a", state: { _tag: "InFlight" } }])
        expect(yield* ledger.release("s", chunk("k", "a"), "x/2")).toBe(false)
      })
    )
  )

  it.effect("settles a chunk once, whoever does so, and keeps every kind of outcome", () =>
    withLedger((ledger) =>
      Effect.gen(function* () {
        const error = { code: "validation_error", message: 'It\'s "bad"', retryable: false }
        const sent = chunk("k", "a", "b", "c", "d")
        yield* ledger.begin("s", sent, lease("x", 2_000))
        const states = [
          queued("eml_1"),
          { _tag: "Rejected", error },
          { _tag: "Unconfirmed", reason: "unexplained" },
          { _tag: "Free", attempts: 1 }
        ] as const
        expect(yield* ledger.settle("s", sent, states)).toBe(true)
        expect(yield* ledger.settle("s", sent, states)).toBe(false)
        const records = yield* ledger.lookup("s", ["a", "b", "c", "d"])
        const sorted = records.toSorted((a, b) => (a.id < b.id ? -1 : 1))
        expect(sorted.map(({ state }) => state)).toEqual(states)
        const again = { ...chunk("k2", "d"), items: [{ id: "d", hash: "hash of d", attempts: 1 }] }
        expect(yield* ledger.begin("s", chunk("k3", "d"), lease("x", 1))).toHaveLength(1)
        expect(yield* ledger.begin("s", again, lease("x", 1))).toEqual([])
      })
    )
  )

  it.effect("refuses an id with other content", () =>
    withLedger((ledger) =>
      Effect.gen(function* () {
        const sent = chunk("k", "a")
        yield* ledger.begin("s", sent, lease("x", 1))
        yield* ledger.settle("s", sent, [{ _tag: "Free", attempts: 0 }])
        const other = { ...chunk("k2", "a"), items: [{ id: "a", hash: "other", attempts: 0 }] }
        expect(yield* ledger.begin("s", other, lease("x", 1))).toEqual([
          { id: "a", hash: "hash of a", state: { _tag: "Free", attempts: 0 } }
        ])
      })
    )
  )

  it.effect("hands a chunk over when its lease has ended, and then refuses its former owner", () =>
    withLedger((ledger) =>
      Effect.gen(function* () {
        const sent = chunk("k", "a", "b")
        yield* ledger.begin("s", sent, lease("x", 2_000))
        expect(yield* ledger.takeOver("s", 1_999, lease("y", 3_000))).toBeUndefined()
        expect(yield* ledger.renew("s", "k", lease("x", 2_500), 1_500)).toBe(true)
        expect(yield* ledger.takeOver("s", 2_499, lease("y", 3_000))).toBeUndefined()
        expect(yield* ledger.takeOver("s", 2_500, lease("x", 3_000))).toBeUndefined()
        expect(yield* ledger.takeOver("s", 2_500, lease("y", 3_000))).toEqual({ ...sent, sentAt: 1_500 })
        expect(yield* ledger.renew("s", "k", lease("x", 9_000))).toBe(false)
        expect(yield* ledger.release("s", sent, "x/1")).toBe(false)
        expect(yield* ledger.settle("s", sent, [queued("1"), queued("2")])).toBe(true)
        expect(yield* ledger.renew("s", "k", lease("y", 9_000))).toBe(false)
      })
    )
  )

  it.effect("frees the items of a released chunk", () =>
    withLedger((ledger) =>
      Effect.gen(function* () {
        const sent = chunk("k", "a", "b")
        yield* ledger.begin("s", sent, lease("x", 2_000))
        expect(yield* ledger.release("s", sent, "x/1")).toBe(true)
        expect(yield* ledger.begin("s", chunk("k2", "b", "a"), lease("y", 1))).toEqual([])
      })
    )
  )

  it.effect("returns the messages that wait page by page, and none that is settled or in flight", () =>
    withLedger((ledger) =>
      Effect.gen(function* () {
        const ids = Array.from({ length: 25 }, (_, index) => `w${String(index).padStart(2, "0")}`)
        for (const [index, id] of ids.entries()) {
          const item = { id, hash: id, attempts: 0, payload: `"${id}"` }
          expect(yield* ledger.enqueue("s", item, index)).toBeUndefined()
          expect(yield* ledger.enqueue("s", item, index)).toMatchObject({ state: { _tag: "Free" } })
        }
        const page = yield* ledger.waiting("s", undefined, 10)
        expect(page.map(({ id }) => id)).toEqual(ids.slice(0, 10))
        const items = page.map(({ cursor: _, ...item }) => item)
        const sent = { key: "k", items, body: "[]", sentAt: 1 }
        expect(yield* ledger.begin("s", sent, lease("x", 9))).toEqual([])
        expect((yield* ledger.waiting("s", undefined, 3)).map(({ id }) => id)).toEqual(ids.slice(10, 13))
        const states = items.map(({ id }) =>
          id === "w03" ? ({ _tag: "Free", attempts: 1 } as const) : queued(id)
        )
        yield* ledger.settle("s", sent, states)
        const rest = yield* ledger.waiting("s", undefined, 100)
        expect(rest.map(({ id }) => id).toSorted()).toEqual(["w03", ...ids.slice(10)])
        expect(rest.find(({ id }) => id === "w03")).toMatchObject({ attempts: 1, payload: '"w03"' })
        const last = rest.at(-1)
        expect(yield* ledger.waiting("s", last?.cursor, 100)).toEqual([])
      })
    )
  )

  it.effect("keeps the message of a released chunk that waited", () =>
    withLedger((ledger) =>
      Effect.gen(function* () {
        const item = { id: "a", hash: "h", attempts: 0, payload: '"text"' }
        const sent = { key: "k", items: [item], body: "[]", sentAt: 1 }
        yield* ledger.begin("s", sent, lease("x", 9))
        yield* ledger.release("s", sent, "x/1")
        expect(yield* ledger.waiting("s", undefined, 5)).toMatchObject([{ id: "a", payload: '"text"' }])
      })
    )
  )

  it.effect("lets runs of one campaign share the work, and a later run find all of it", () =>
    Effect.gen(function* () {
      const control = yield* Sandbox.Control
      yield* control.inject({ operation: batch, kind: { _tag: "ResponseLost" }, times: 2 })
      yield* control.inject({ operation: batch, kind: { _tag: "ErrorResponse", status: 503 }, times: 2 })
      const run = collect(messages(600), { ...options, chunkSize: 50 })
      const both = yield* live(Effect.all([run, run], { concurrency: 2 }))
      expect(both.map(tags)).toEqual([{ Queued: 600 }, { Queued: 600 }])
      expect(tags(yield* live(collect(Stream.fromIterable(messages(601)))))).toEqual({ Queued: 601 })
      expect((yield* arrivals).size).toBe(601)
      expect(yield* duplicates).toEqual([])
    }).pipe(Effect.provide(layer()), Effect.provide(sandbox()), Effect.provide(provide))
  )
}
