import { describe, expect, it } from "@effect/vitest"
import { type Listing, listOrCatchUp, nextListing } from "../../src/mailbox/sync/phases.js"

describe("the phase after the state of a type is known", () => {
  it("lists the first type from its first page, and catches up with all types when none is left", () => {
    expect(listOrCatchUp(["folders", "threads"], ["messages", "folders", "threads"])).toEqual({
      _tag: "List",
      type: "folders",
      rest: ["threads"],
      cursors: [undefined],
      size: 0,
      rereads: 0
    })
    expect(listOrCatchUp([], ["messages", "folders"])).toEqual({
      _tag: "CatchUp",
      types: ["messages", "folders"]
    })
  })
})

describe("the page after a page of a snapshot", () => {
  const listing: Listing = {
    _tag: "List",
    type: "messages",
    rest: [],
    cursors: [undefined, "1", "2"],
    size: 3,
    rereads: 0
  }
  const facts = { count: 3, next: "3", changed: false, moved: 0 }

  it("is the next one if nothing has changed, and there is none after the last page", () => {
    expect(nextListing(listing, facts)).toEqual({ ...listing, cursors: [undefined, "1", "2", "3"] })
    expect(nextListing(listing, { ...facts, count: 5 })?.size).toBe(5)
    expect(nextListing(listing, { ...facts, count: 1 })?.size).toBe(3)
    expect(nextListing(listing, { ...facts, next: undefined })).toBeUndefined()
  })

  it("is the page before if fewer items than a page may have moved", () => {
    const moved = (count: number) => nextListing(listing, { ...facts, changed: true, moved: count })
    expect(moved(1)).toEqual({ ...listing, cursors: [undefined, "1"], rereads: 0 })
    expect(moved(2)?.cursors).toEqual([undefined, "1"])
    expect(nextListing(listing, { ...facts, count: 4, changed: true, moved: 3 })?.cursors).toEqual([
      undefined,
      "1"
    ])
    const last = nextListing(listing, { ...facts, next: undefined, changed: true, moved: 1 })
    expect(last?.cursors).toEqual([undefined, "1"])
  })

  it("is the first page if a page of items or more may have moved", () => {
    for (const moved of [3, 4]) {
      expect(nextListing(listing, { ...facts, changed: true, moved })?.cursors).toEqual([undefined])
    }
    const first: Listing = { ...listing, cursors: [undefined] }
    expect(nextListing(first, { ...facts, changed: true, moved: 1 })?.cursors).toEqual([undefined])
  })

  it("is read again after changes that move nothing, at most 100 times", () => {
    const again = nextListing(listing, { ...facts, changed: true })
    expect([again?.cursors, again?.rereads]).toEqual([[undefined, "1"], 1])
    const often = { ...listing, rereads: 99 }
    expect(nextListing(often, { ...facts, changed: true })?.rereads).toBe(100)
    const enough = { ...listing, rereads: 100 }
    expect(nextListing(enough, { ...facts, changed: true })?.cursors).toEqual([undefined, "1", "2", "3"])
    expect(nextListing(enough, { ...facts, changed: true, moved: 1 })).toMatchObject({
      cursors: [undefined, "1"],
      rereads: 100
    })
  })

  it("is not read again if it is the only page", () => {
    const only: Listing = { ...listing, cursors: [undefined] }
    expect(nextListing(only, { ...facts, next: undefined, changed: true, moved: 9 })).toBeUndefined()
  })
})
