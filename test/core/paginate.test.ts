import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Core from "../../src/Core.js"

const collect = <A, E>(stream: Stream.Stream<A, E>) =>
  Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

/** A function that returns the page of each cursor, and the cursors that it was called with. */
const source = <Page extends Core.FetchedPage<number>>(pages: Readonly<Record<string, Page>>) => {
  const cursors: Array<string | undefined> = []
  const fetchPage = (cursor: string | undefined) =>
    Effect.suspend(() => {
      cursors.push(cursor)
      const page = pages[cursor ?? ""]
      return page === undefined ? Effect.fail("no such page" as const) : Effect.succeed(page)
    })
  return { cursors, fetchPage }
}

describe("Core.paginate", () => {
  it.effect("streams the items of all pages, and has the pages as a stream", () =>
    Effect.gen(function* () {
      const { cursors, fetchPage } = source({
        "": { items: [1, 2], nextCursor: "a", total: 3 },
        a: { items: [], hasMore: true, nextCursor: "b", total: 3 },
        b: { items: [3], nextCursor: null, total: 3 }
      })
      const numbers = Core.paginate(fetchPage)
      expect(yield* collect(numbers)).toEqual([1, 2, 3])
      expect((yield* collect(numbers.pages)).map(({ items, total }) => [items.length, total])).toEqual([
        [2, 3],
        [0, 3],
        [1, 3]
      ])
      expect(cursors).toEqual([undefined, "a", "b", undefined, "a", "b"])
    })
  )

  it.effect("fetches a page when its items are needed, and begins at a given cursor", () =>
    Effect.gen(function* () {
      const { cursors, fetchPage } = source({ a: { items: [1], nextCursor: "b" }, b: { items: [2] } })
      const numbers = Core.paginate(fetchPage, { cursor: "a" })
      expect(yield* collect(Stream.take(numbers, 1))).toEqual([1])
      expect(cursors).toEqual(["a"])
      expect(yield* collect(numbers)).toEqual([1, 2])
    })
  )

  it.effect("ends when hasMore is false, whatever the cursor is", () =>
    Effect.gen(function* () {
      const { fetchPage } = source({ "": { items: [1], hasMore: false, nextCursor: "again" } })
      expect(yield* collect(Core.paginate(fetchPage))).toEqual([1])
    })
  )

  it.effect("fails after the items of a page that repeats a cursor or has none", () =>
    Effect.gen(function* () {
      const cases = [
        [{ "": { items: [1], hasMore: true, meta: { requestId: "req_1" } } }, "MissingCursor", "req_1"],
        [
          { "": { items: [1], nextCursor: "a" }, a: { items: [], nextCursor: "a" } },
          "RepeatedCursor",
          undefined
        ]
      ] as const
      for (const [pages, reason, requestId] of cases) {
        const items: Array<number> = []
        const numbers = Core.paginate(source<Core.FetchedPage<number>>(pages).fetchPage, {
          operation: "numbers.list"
        })
        const error = yield* Effect.flip(Stream.runForEach(numbers, (n) => Effect.sync(() => items.push(n))))
        expect(items).toEqual([1])
        expect(error).toMatchObject({ _tag: "PaginationError", operation: "numbers.list", reason, requestId })
      }
    })
  )

  it.effect("fails if the first page of a given cursor repeats it", () =>
    Effect.gen(function* () {
      const { fetchPage } = source({ a: { items: [1], nextCursor: "a" } })
      const error = yield* Effect.flip(collect(Core.paginate(fetchPage, { cursor: "a" })))
      expect(error).toMatchObject({ operation: "Core.paginate", reason: "RepeatedCursor" })
    })
  )

  it.effect("fails with the error of the function", () =>
    Effect.gen(function* () {
      const { fetchPage } = source({ "": { items: [1], nextCursor: "gone" } })
      expect(yield* Effect.flip(collect(Core.paginate(fetchPage)))).toBe("no such page")
    })
  )
})
