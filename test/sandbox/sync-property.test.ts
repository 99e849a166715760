import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import type { SyncEvent, SyncType } from "../../src/Mailbox.js"
import {
  type Following,
  isCaughtUp,
  play,
  scenario,
  truncatedNotFound,
  unreportedMessage
} from "../support/sandboxSync.js"

const numRuns = 150

/** Checks that the events of each item come in a possible order. */
class Order {
  private readonly listing = new Set<SyncType>()
  private readonly removed = new Set<string>()
  private readonly marks = new Map<string, number>()

  see(event: SyncEvent, had: boolean): void {
    if (event._tag === "Reset") {
      this.listing.add(event.type)
      return
    }
    if (event._tag === "Checkpoint") {
      for (const type of this.listing) if (event.states[type] !== undefined) this.listing.delete(type)
      return
    }
    const { id, type } = event
    if (event._tag === "Removed") {
      this.removed.add(id)
      return
    }
    expect(this.removed, "no event follows the removal of an item").not.toContain(id)
    // An item may change before the snapshot reaches it.
    if (event._tag === "Updated" && !this.listing.has(type))
      expect(had, "an updated item was reported before").toBe(true)
    if (event._tag === "Snapshot") expect(this.listing, "a snapshot follows a reset").toContain(type)
    if (event.type !== "messages") return
    const marks = event.value.keywords.filter((keyword) => /^v\d/.test(keyword)).length
    expect(marks, "an event is never older than an earlier event").toBeGreaterThanOrEqual(
      this.marks.get(id) ?? 0
    )
    this.marks.set(id, marks)
  }
}

describe("sync.follow on a mailbox of the sandbox", () => {
  it("produces a copy equal to the mailbox, whatever changes and wherever the connection breaks", async () => {
    await FastCheck.assert(
      FastCheck.asyncProperty(scenario, async (given) => {
        const { contents, copy } = await Effect.runPromise(play(given, () => Effect.void))
        expect(copy).toEqual(contents)
      }),
      { numRuns, examples: [[unreportedMessage], [truncatedNotFound]] }
    )
  }, 240_000)

  it("reports the events of each item in order, and CaughtUp only when the copy is equal to the mailbox", async () => {
    let checked = 0
    await FastCheck.assert(
      FastCheck.asyncProperty(scenario, async (given) => {
        const order = new Order()
        const watch = (event: SyncEvent, following: Following) =>
          Effect.gen(function* () {
            order.see(event, following.had)
            if (!isCaughtUp(event) || !following.isStill()) return
            checked++
            expect(following.consumer.contents).toEqual(yield* following.contents)
          })
        await Effect.runPromise(play(given, watch))
      }),
      { numRuns }
    )
    expect(checked).toBeGreaterThan(numRuns)
  }, 240_000)
})
