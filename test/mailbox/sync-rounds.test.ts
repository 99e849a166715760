import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { SyncType } from "../../src/mailbox/changes/schemas.js"
import { changesFrom, report } from "../support/changes.js"
import { round, sourcesOf } from "../support/rounds.js"

describe("a round of a follower", () => {
  it.effect("takes a snapshot of each type without a state, and then catches up with all", () =>
    Effect.gen(function* () {
      const server = changesFrom(({ types }) =>
        Object.fromEntries(types.map((type) => [type, report(`${type}-1`)]))
      )
      const { lines, log } = yield* round(server, sourcesOf([2, 1]), ["messages", "folders"], {})
      expect(lines).toEqual([
        "reset messages {}",
        "reset folders {}",
        "Snapshot messages 0.0",
        "Snapshot messages 0.1",
        "Snapshot messages 1.0",
        'checkpoint {"messages":"messages-1"}',
        "Snapshot folders 0.0",
        "Snapshot folders 0.1",
        "Snapshot folders 1.0",
        'checkpoint {"messages":"messages-1","folders":"folders-1"}',
        'checkpoint! {"messages":"messages-1","folders":"folders-1"}'
      ])
      expect(log).toEqual(["messages page 0", "messages page 1", "folders page 0", "folders page 1"])
      expect(server.inputs.map(({ types }) => types.join())).toEqual([
        "messages,folders",
        "messages",
        "messages",
        "folders",
        "folders",
        "messages,folders"
      ])
      expect(server.inputs.every(({ limit }) => limit === 50)).toBe(true)
    })
  )

  it.effect("takes a snapshot only of the types without a state, and ignores the states of other types", () =>
    Effect.gen(function* () {
      const server = changesFrom(({ types }) =>
        Object.fromEntries(types.map((type) => [type, report(`${type}-1`)]))
      )
      const since = { messages: "messages-1", threads: "threads-1" }
      const { lines, log } = yield* round(server, sourcesOf([1]), ["messages", "folders"], since)
      expect(lines).toEqual([
        'reset folders {"messages":"messages-1"}',
        "Snapshot folders 0.0",
        'checkpoint {"messages":"messages-1","folders":"folders-1"}',
        'checkpoint! {"messages":"messages-1","folders":"folders-1"}'
      ])
      expect(log).toEqual(["folders page 0"])
    })
  )

  it.effect(
    "emits created, updated and removed items, and reads more changes of the types that have more",
    () =>
      Effect.gen(function* () {
        const server = changesFrom((_, index) =>
          index === 0
            ? {
                messages: report("m2", { created: ["a"], updated: ["b"], destroyed: ["c"], has_more: true }),
                folders: report("f1")
              }
            : { messages: report("m3") }
        )
        const since = { messages: "m1", folders: "f1" }
        const { lines } = yield* round(server, sourcesOf([1]), ["messages", "folders"], since)
        expect(lines).toEqual([
          "Created messages a",
          "Updated messages b",
          "Removed messages c",
          'checkpoint {"messages":"m2","folders":"f1"}',
          'checkpoint! {"messages":"m3","folders":"f1"}'
        ])
        expect(server.inputs.map(({ types }) => types.join())).toEqual(["messages,folders", "messages"])
      })
  )

  it.effect("announces that it has caught up once, and again only after new changes", () =>
    Effect.gen(function* () {
      let state = 1
      const server = changesFrom(() => ({ messages: report(`m${state}`) }))
      const { lines, stream } = yield* round(server, sourcesOf([1]), ["messages"], { messages: "m1" })
      expect(lines).toEqual(['checkpoint! {"messages":"m1"}'])
      expect(Chunk.size(yield* Stream.runCollect(stream))).toBe(0)
      state = 2
      expect(Chunk.toReadonlyArray(yield* Stream.runCollect(stream))).toEqual([
        { _tag: "Checkpoint", states: { messages: "m2" }, caughtUp: true }
      ])
      expect(Chunk.size(yield* Stream.runCollect(stream))).toBe(0)
    })
  )

  it.effect("reads a page again after changes, looks up its items, and reports those that are gone", () =>
    Effect.gen(function* () {
      const states = ["m1", "m1", "m2", "m2", "m2"]
      const server = changesFrom((_, index) => ({
        messages: report(states[index] ?? "m2", index === 2 ? { updated: ["0.0"], destroyed: ["9"] } : {})
      }))
      const { lines, log } = yield* round(
        server,
        sourcesOf([2, 1], (id) => id !== "1.0"),
        ["messages"],
        {}
      )
      expect(log).toEqual([
        "messages page 0",
        "messages page 1",
        "messages Updated 0.0",
        "messages Updated 1.0",
        "messages page 0",
        "messages page 1"
      ])
      expect(lines).toEqual([
        "reset messages {}",
        "Snapshot messages 0.0",
        "Snapshot messages 0.1",
        "Snapshot messages 1.0",
        "Updated messages 0.0",
        "Removed messages 9",
        "Removed messages 1.0",
        "Snapshot messages 0.0",
        "Snapshot messages 0.1",
        "Snapshot messages 1.0",
        'checkpoint {"messages":"m2"}',
        'checkpoint! {"messages":"m2"}'
      ])
    })
  )

  it.effect("starts a snapshot again when its state expires, at most three times in each round", () =>
    Effect.gen(function* () {
      const server = changesFrom((input) =>
        input["messages_since_state"] === undefined
          ? { messages: report("m1") }
          : { messages: report("m1", { sync_required: true }) }
      )
      const { lines, stream } = yield* round(server, sourcesOf([1]), ["messages"], {})
      const thrice = ["reset messages {}", "reset messages {}", "reset messages {}"]
      expect(lines).toEqual(thrice)
      expect(Chunk.size(yield* Stream.runCollect(stream))).toBe(3)
      const expired = changesFrom((input) => {
        const known = input["messages_since_state"]
        return {
          messages: report("m2", known === "m1" ? { sync_required: true } : {}),
          folders: report("f1")
        }
      })
      const since = { messages: "m1", folders: "f1" }
      const again = yield* round(expired, sourcesOf([1]), ["messages", "folders"], since)
      expect(again.lines).toEqual([
        'reset messages {"folders":"f1"}',
        "Snapshot messages 0.0",
        'checkpoint {"folders":"f1","messages":"m2"}',
        'checkpoint! {"folders":"f1","messages":"m2"}'
      ])
    })
  )

  it.effect("starts at the first page again if as many items as a page has are gone", () =>
    Effect.gen(function* () {
      const states = ["m1", "m1", "m1", "m2"]
      const server = changesFrom((_, index) => ({ messages: report(states[index] ?? "m2") }))
      const { log } = yield* round(
        server,
        sourcesOf([2, 2, 2], (id) => !id.startsWith("2.")),
        ["messages"],
        {}
      )
      expect(log.slice(0, 5)).toEqual([
        "messages page 0",
        "messages page 1",
        "messages page 2",
        "messages Updated 2.0,2.1",
        "messages page 0"
      ])
    })
  )

  it.effect("reads all changes since a snapshot began before the next page, and emits them once", () =>
    Effect.gen(function* () {
      const server = changesFrom((_, index) => ({
        messages:
          index === 1
            ? report("m2", { created: ["a"], has_more: true })
            : report(index === 0 ? "m1" : "m3", index === 2 ? { updated: ["b"] } : {})
      }))
      const { lines } = yield* round(
        server,
        sourcesOf([2], (id) => id !== "0.1"),
        ["messages"],
        {}
      )
      expect(lines).toEqual([
        "reset messages {}",
        "Snapshot messages 0.0",
        "Snapshot messages 0.1",
        "Created messages a",
        "Updated messages b",
        "Removed messages 0.1",
        'checkpoint {"messages":"m3"}',
        'checkpoint! {"messages":"m3"}'
      ])
    })
  )

  it.effect("counts removed items, and updated ones where an update moves an item, as moved", () =>
    Effect.gen(function* () {
      const pagesAfter = (type: SyncType, more: object) =>
        Effect.gen(function* () {
          const server = changesFrom((_, index) => ({
            [type]: report(index < 3 ? "s1" : "s2", index === 3 ? more : {})
          }))
          const { log } = yield* round(server, sourcesOf([2, 2, 2]), [type], {})
          const pages = log.filter((line) => line.includes("page")).map((line) => line.slice(-1))
          return pages.slice(0, 4).join("")
        })
      // With as many moved items as a page has, the snapshot starts again, and with fewer at the page before.
      expect(yield* pagesAfter("messages", { destroyed: ["a", "b"] })).toBe("0120")
      expect(yield* pagesAfter("messages", { destroyed: ["a"], updated: ["b"] })).toBe("0121")
      expect(yield* pagesAfter("folders", { destroyed: ["a"], updated: ["b"] })).toBe("0120")
      expect(yield* pagesAfter("folders", { updated: ["b"] })).toBe("0121")
    })
  )

  it.effect("starts snapshots of all types whose states have expired, and of no other", () =>
    Effect.gen(function* () {
      const expired = (input: { readonly [key: string]: unknown }, type: SyncType) =>
        report(`${type}-2`, input[`${type}_since_state`] === "old" ? { sync_required: true } : {})
      const server = changesFrom((input) =>
        Object.fromEntries(input.types.map((type) => [type, expired(input, type)]))
      )
      const both = yield* round(server, sourcesOf([0]), ["messages", "folders"], {
        messages: "old",
        folders: "old"
      })
      expect(both.lines).toEqual([
        "reset messages {}",
        "reset folders {}",
        'checkpoint {"messages":"messages-2"}',
        'checkpoint {"messages":"messages-2","folders":"folders-2"}',
        'checkpoint! {"messages":"messages-2","folders":"folders-2"}'
      ])
    })
  )

  it.effect("emits a checkpoint for a new state of any type, and for changes without one", () =>
    Effect.gen(function* () {
      let folders = report("f1")
      const server = changesFrom(() => ({ messages: report("m1"), folders }))
      const since = { messages: "m1", folders: "f1" }
      const { stream } = yield* round(server, sourcesOf([1]), ["messages", "folders"], since)
      folders = report("f2")
      expect(Chunk.toReadonlyArray(yield* Stream.runCollect(stream))).toEqual([
        { _tag: "Checkpoint", states: { messages: "m1", folders: "f2" }, caughtUp: true }
      ])
      folders = report("f2", { destroyed: ["a"] })
      expect(Chunk.toReadonlyArray(yield* Stream.runCollect(stream))).toEqual([
        { _tag: "Removed", type: "folders", id: "a" },
        { _tag: "Checkpoint", states: { messages: "m1", folders: "f2" }, caughtUp: true }
      ])
    })
  )
})
