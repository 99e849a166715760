import { describe, expect, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { ChangeLog } from "../../../src/sandbox/mailbox/state/changeLog.js"
import { QueryStates } from "../../../src/sandbox/mailbox/state/queryStates.js"

const limit = FastCheck.integer({ min: 1, max: 5 })

describe("ChangeLog", () => {
  it("updates a copy from any state to the current one, whatever the limit", () => {
    const mutation = FastCheck.tuple(
      FastCheck.integer({ min: 0, max: 6 }),
      FastCheck.boolean(),
      FastCheck.boolean()
    )
    FastCheck.assert(
      FastCheck.property(FastCheck.array(mutation, { maxLength: 60 }), limit, (mutations, limit) => {
        const log = new ChangeLog("x-")
        const truth = new Map<string, number>()
        const copy = new Map<string, number>()
        let state = log.state
        const catchUp = () => {
          for (;;) {
            const changes = log.since(state, limit)
            // Each id occurs at most once in a response.
            const all = [...changes.created, ...changes.updated, ...changes.destroyed]
            expect(new Set(all).size).toBe(all.length)
            for (const id of changes.created) expect(copy.has(id)).toBe(false)
            for (const id of changes.updated) expect(copy.has(id)).toBe(true)
            for (const id of changes.destroyed) expect(copy.delete(id)).toBe(true)
            for (const id of [...changes.created, ...changes.updated]) copy.set(id, truth.get(id) ?? -1)
            expect(changes.has_more && changes.new_state === state).toBe(false)
            state = changes.new_state
            if (!changes.has_more) return
          }
        }
        mutations.forEach(([n, destroys, reads], index) => {
          const id = `id${n}`
          if (destroys && truth.delete(id)) log.record(id, "destroyed")
          else {
            log.record(id, truth.has(id) ? "updated" : "created")
            truth.set(id, index)
          }
          if (reads) catchUp()
        })
        catchUp()
        expect(copy).toEqual(truth)
      })
    )
  })
})

describe("QueryStates", () => {
  it("updates a copy from any list to any other list, whatever the limit", () => {
    const list = FastCheck.uniqueArray(FastCheck.integer({ min: 0, max: 12 }).map(String), { maxLength: 10 })
    FastCheck.assert(
      FastCheck.property(list, list, limit, (before, after, limit) => {
        const states = new QueryStates()
        let since = states.stateOf("list", before)
        let copy = [...before]
        for (;;) {
          const step = states.changes(after, { query: "list", since, limit, calculateTotal: true })
          expect(step.removed.length + step.added.length).toBeLessThanOrEqual(limit)
          expect(step.total).toBe(after.length)
          copy = copy.filter((id) => !step.removed.includes(id))
          for (const { id, index } of step.added) copy.splice(index, 0, id)
          since = step.new_query_state
          if (!step.has_more) break
        }
        expect(copy).toEqual(after)
      })
    )
  })
})
