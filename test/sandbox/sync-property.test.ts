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

/** Sees to it that what is told of each item makes sense in the order in which it is told. */
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
    expect(this.removed, "what is gone does not come back").not.toContain(id)
    // An item may change before the snapshot comes to it.
    if (event._tag === "Updated" && !this.listing.has(type)) expect(had, "what changes is known").toBe(true)
    if (event._tag === "Snapshot") expect(this.listing, "a snapshot is begun").toContain(type)
    if (event.type !== "messages") return
    const marks = event.value.keywords.filter((keyword) => /^v\d/.test(keyword)).length
    expect(marks, "what is told is never older than what was").toBeGreaterThanOrEqual(this.marks.get(id) ?? 0)
    this.marks.set(id, marks)
  }
}

describe("following a sandbox mailbox", () => {
  it("ends with a copy equal to the mailbox, whatever happens meanwhile and wherever it breaks", async () => {
    await FastCheck.assert(
      FastCheck.asyncProperty(scenario, async (given) => {
        const { contents, copy } = await Effect.runPromise(play(given, () => Effect.void))
        expect(copy).toEqual(contents)
      }),
      { numRuns, examples: [[unreportedMessage], [truncatedNotFound]] }
    )
  }, 60_000)

  it("tells of each item in order, and says that it has caught up only where it has", async () => {
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
  }, 60_000)
})
