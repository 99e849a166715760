import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { failure, mockClient, type Seen } from "../support/http.js"
import { makeThings, methodsOver, thingOperations, untyped } from "../support/synthetic.js"

interface FakePage {
  readonly ids: ReadonlyArray<string>
  readonly next?: string | null
  readonly more?: boolean
}

const pageResponse = ({ ids, next, more = next !== undefined }: FakePage, index: number): Response =>
  new Response(
    JSON.stringify({
      ok: true,
      data: ids.map((id) => ({ id })),
      meta: { request_id: `req_${index}`, query_state: `q${index}` },
      pagination: { has_more: more, ...(next === undefined ? {} : { next_cursor: next }) }
    })
  )

/** A server that responds to each cursor with its page. The first page has the cursor "". */
const listing = (pages: Readonly<Record<string, FakePage>>) =>
  mockClient(({ url }, index) => {
    const page = pages[url.searchParams.get("cursor") ?? ""]
    return page === undefined ? failure(400, "invalid_parameter") : pageResponse(page, index)
  })

const three = {
  "": { ids: ["a", "b"], next: "c/1=" },
  "c/1=": { ids: ["c", "d"], next: "c 2" },
  "c 2": { ids: ["e"] }
}

const cursors = (seen: ReadonlyArray<Seen>) => seen.map(({ url }) => url.searchParams.get("cursor"))

const collect = <A, E>(stream: Stream.Stream<A, E>) =>
  Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

describe("a list", () => {
  it.effect("streams every item of every page, with the same filters for each page", () =>
    Effect.gen(function* () {
      const { client, seen } = listing(three)
      const things = yield* makeThings(client)
      const items = yield* collect(things.list({ status: "open", limit: 2 }))
      expect(items.map(({ id }) => id)).toEqual(["a", "b", "c", "d", "e"])
      expect(cursors(seen)).toEqual([null, "c/1=", "c 2"])
      for (const { url } of seen) {
        expect([url.searchParams.get("status"), url.searchParams.get("limit")]).toEqual(["open", "2"])
      }
    })
  )

  it.effect("fetches no page before it is needed", () =>
    Effect.gen(function* () {
      const { client, seen } = listing(three)
      const things = yield* makeThings(client)
      const list = things.list()
      expect(seen).toHaveLength(0)
      yield* collect(Stream.take(list, 1))
      expect(seen).toHaveLength(1)
      yield* collect(Stream.take(list, 2))
      expect(seen).toHaveLength(2)
      yield* collect(Stream.take(list, 3))
      expect(seen).toHaveLength(4)
      yield* collect(Stream.take(things.list.pages(), 1))
      expect(seen).toHaveLength(5)
    })
  )

  it.effect("starts again from the beginning when it is run again", () =>
    Effect.gen(function* () {
      const { client } = listing(three)
      const things = yield* makeThings(client)
      const list = things.list()
      expect(yield* collect(list)).toHaveLength(5)
      expect(yield* collect(list)).toHaveLength(5)
    })
  )

  it.effect("starts at the cursor of its input", () =>
    Effect.gen(function* () {
      const { client, seen } = listing(three)
      const things = yield* makeThings(client)
      expect(yield* collect(things.list({ cursor: "c/1=" }))).toHaveLength(3)
      expect(cursors(seen)).toEqual(["c/1=", "c 2"])
    })
  )

  it.effect("continues after an empty page that is not the last", () =>
    Effect.gen(function* () {
      const { client } = listing({ "": { ids: [], next: "1" }, 1: { ids: [], next: "2" }, 2: { ids: ["a"] } })
      const things = yield* makeThings(client)
      expect(yield* collect(things.list())).toEqual([{ id: "a" }])
    })
  )

  it.effect("ends when has_more is false, whatever the cursor is", () =>
    Effect.gen(function* () {
      for (const next of ["again", null]) {
        const { client, seen } = listing({ "": { ids: ["a"], next, more: false } })
        const things = yield* makeThings(client)
        expect(yield* collect(things.list())).toEqual([{ id: "a" }])
        expect(seen).toHaveLength(1)
      }
    })
  )

  it.effect("fails with the error of a page after it has emitted the items of the pages before", () =>
    Effect.gen(function* () {
      const { client } = listing({ "": { ids: ["a"], next: "gone" } })
      const things = yield* makeThings(client)
      const items: Array<string> = []
      const error = yield* Effect.flip(
        Stream.runForEach(things.list(), ({ id }) => Effect.sync(() => items.push(id)))
      )
      expect(items).toEqual(["a"])
      expect(error).toMatchObject({ _tag: "APIError", code: "invalid_parameter" })
    })
  )
})

describe("a list that cannot continue", () => {
  const broken: ReadonlyArray<
    readonly [string, Record<string, FakePage>, string, number, { cursor?: string }]
  > = [
    ["has more and no cursor", { "": { ids: ["a"], more: true } }, "MissingCursor", 1, {}],
    ["has more pages but no cursor", { "": { ids: ["a"], next: null, more: true } }, "MissingCursor", 1, {}],
    ["has more and an empty cursor", { "": { ids: ["a"], next: "" } }, "MissingCursor", 1, {}],
    [
      "returns the cursor of the same page",
      { "": { ids: ["a"], next: "1" }, 1: { ids: ["b"], next: "1" } },
      "RepeatedCursor",
      2,
      {}
    ],
    [
      "returns the cursor of an earlier page",
      { "": { ids: ["a"], next: "1" }, 1: { ids: ["b"], next: "2" }, 2: { ids: ["c"], next: "1" } },
      "RepeatedCursor",
      3,
      {}
    ],
    [
      "later returns the cursor of its input",
      { 1: { ids: ["a"], next: "2" }, 2: { ids: ["b"], next: "1" } },
      "RepeatedCursor",
      2,
      { cursor: "1" }
    ],
    [
      "returns the cursor of its input",
      { 1: { ids: ["a"], next: "1" } },
      "RepeatedCursor",
      1,
      { cursor: "1" }
    ]
  ]
  for (const [what, pages, reason, requests, input] of broken) {
    it.effect(`fails with ${reason} after it has emitted all items when a page ${what}`, () =>
      Effect.gen(function* () {
        const { client, seen } = listing(pages)
        const things = yield* makeThings(client)
        const items: Array<string> = []
        const error = yield* Effect.flip(
          Stream.runForEach(things.list(input), ({ id }) => Effect.sync(() => items.push(id)))
        )
        expect(error).toMatchObject({ _tag: "PaginationError", reason, requestId: `req_${requests - 1}` })
        expect(items).toHaveLength(requests)
        expect(seen).toHaveLength(requests)
      })
    )
  }
})

describe("pages", () => {
  it.effect("contain items, cursor and the metadata of the response", () =>
    Effect.gen(function* () {
      const { client } = listing(three)
      const things = yield* makeThings(client)
      const pages = yield* collect(things.list.pages())
      expect(pages.map(({ items, hasMore, nextCursor }) => [items.length, hasMore, nextCursor])).toEqual([
        [2, true, "c/1="],
        [2, true, "c 2"],
        [1, false, undefined]
      ])
      expect(pages.map(({ meta }) => [meta.requestId, meta.extra])).toEqual([
        ["req_0", { query_state: "q0" }],
        ["req_1", { query_state: "q1" }],
        ["req_2", { query_state: "q2" }]
      ])
    })
  )

  it.effect("can be fetched one by one, and a missing cursor does not fail a single page", () =>
    Effect.gen(function* () {
      const { client, seen } = listing({ "": { ids: ["a"], more: true } })
      const things = yield* makeThings(client)
      const page = yield* things.list.page({ limit: 1 })
      expect(page).toMatchObject({ items: [{ id: "a" }], hasMore: true, nextCursor: undefined })
      expect(seen).toHaveLength(1)
    })
  )
})

describe("a list", () => {
  it.effect("without conditional reads has the same items and pages", () =>
    Effect.gen(function* () {
      const { client } = listing(three)
      const { list: listOf } = yield* methodsOver(client)
      const list = listOf(thingOperations.list)
      expect(yield* collect(list())).toHaveLength(5)
      expect(yield* collect(list.pages({ cursor: "c 2" }))).toHaveLength(1)
      expect((yield* list.page()).items).toHaveLength(2)
    })
  )

  it.effect("fails with InvalidRequestError for filters that are not an object", () =>
    Effect.gen(function* () {
      const { client, seen } = listing(three)
      const things = yield* makeThings(client)
      for (const input of [null, 7, "open"]) {
        const error = yield* Effect.flip(Stream.runDrain(things.list(untyped(input))))
        expect(error).toMatchObject({ _tag: "InvalidRequestError", operation: "mailbox.things.list" })
      }
      expect(seen).toHaveLength(0)
    })
  )
})

describe("a list of several thousand pages", () => {
  /** A server whose cursors are numbers: those up to `cycle` are new, and then they repeat from 1 on. */
  const counting = (cycle: number) =>
    mockClient(({ url }, index) => {
      const current = Number(url.searchParams.get("cursor") ?? "0")
      return pageResponse({ ids: [], next: String((current % cycle) + 1) }, index)
    })

  it.effect("fails in a cycle that is longer than the history of its cursors", () =>
    Effect.gen(function* () {
      const { client, seen } = counting(1_500)
      const things = yield* makeThings(client)
      const error = yield* Effect.flip(Stream.runDrain(things.list()))
      expect(error).toMatchObject({ _tag: "PaginationError", reason: "RepeatedCursor" })
      expect(seen.length).toBeLessThan(6_000)
    })
  )
})
