import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import { ResponseDecodeError, type SendmuxError, TransportError } from "../../src/internal/model/errors.js"
import { policy } from "../../src/internal/timing/retry.js"
import type { SyncType } from "../../src/mailbox/changes/schemas.js"
import { follower } from "../../src/mailbox/sync/follower.js"
import type { SyncStates } from "../../src/mailbox/sync/readChanges.js"
import { apiError, changesFrom, report } from "../support/changes.js"
import { untyped } from "../support/synthetic.js"
import { errorOf, recordWaits } from "../support/time.js"

describe("a round of a follower", () => {
  /** Sources whose lists have the given pages, each with a number of items, and whose every item exists. */
  const sourcesOf = (pages: ReadonlyArray<number>, found: (id: string) => boolean = () => true) => {
    const log: Array<string> = []
    const source = (type: SyncType) => ({
      updatesMove: type !== "messages",
      reset: (states: SyncStates) => ({ _tag: "Reset", type, states }),
      removed: (ids: ReadonlyArray<string>) => ids.map((id) => ({ _tag: "Removed", type, id })),
      page: (cursor: string | undefined) =>
        Effect.sync(() => {
          const at = Number(cursor ?? "0")
          log.push(`${type} page ${at}`)
          return {
            items: Array.from({ length: pages[at] ?? 0 }, (_, index) => ({
              _tag: "Snapshot",
              type,
              id: `${at}.${index}`
            })),
            next: at + 1 < pages.length ? String(at + 1) : undefined
          }
        }),
      changed: (tag: string, ids: ReadonlyArray<string>) =>
        Effect.sync(() => {
          if (ids.length > 0) log.push(`${type} ${tag} ${ids.join(",")}`)
          return ids.map((id) => ({ _tag: found(id) ? tag : "Removed", type, id }))
        })
    })
    return { log, sources: { messages: source("messages"), folders: source("folders") } }
  }

  const round = (
    server: ReturnType<typeof changesFrom>,
    { log, sources }: ReturnType<typeof sourcesOf>,
    types: ReadonlyArray<SyncType>,
    since: SyncStates,
    retry = policy({ maxAttempts: 3 })
  ) =>
    Effect.gen(function* () {
      const stream = follower({
        changes: server.groups.changes,
        sources: untyped(sources),
        types,
        since,
        limit: 50,
        retry,
        options: {}
      })
      const { exit, waits } = yield* recordWaits(Stream.runCollect(stream))
      const events = Exit.isSuccess(exit) ? Chunk.toReadonlyArray(exit.value) : []
      const lines = events.map((event) =>
        event._tag === "Checkpoint"
          ? `checkpoint${event.caughtUp ? "!" : ""} ${JSON.stringify(event.states)}`
          : event._tag === "Reset"
            ? `reset ${event.type} ${JSON.stringify(event.states)}`
            : `${event._tag} ${event.type} ${event.id}`
      )
      return { exit, lines, log, waits, stream }
    })

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

  it.effect("announces that it has caught up once, and again only after news", () =>
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

  it.effect(
    "survives nine odd responses in a row once it has worked, and counts them again after another end",
    () =>
      Effect.gen(function* () {
        const odd = new ResponseDecodeError({
          operation: "mailbox.changes.get",
          status: 200,
          requestId: undefined,
          issue: "text/html"
        })
        const nine = Array.from({ length: 9 }, () => odd)
        const responses: Array<SendmuxError> = []
        const server = changesFrom(() => responses.shift() ?? { messages: report("m1") })
        const retry = policy({ maxAttempts: 100, baseDelay: 1, budget: Number.POSITIVE_INFINITY })
        const { exit, stream } = yield* round(server, sourcesOf([1]), ["messages"], { messages: "m1" }, retry)
        expect(Exit.isSuccess(exit)).toBe(true)
        responses.push(...nine, apiError(503, "service_unavailable", true), ...nine)
        expect(Exit.isSuccess((yield* recordWaits(Stream.runDrain(stream))).exit)).toBe(true)
        responses.push(...nine, odd)
        expect(errorOf((yield* recordWaits(Stream.runDrain(stream))).exit)).toBe(odd)
        const before = changesFrom(() => odd)
        const first = yield* round(before, sourcesOf([1]), ["messages"], { messages: "m1" }, retry)
        expect([errorOf(first.exit), before.inputs.length]).toEqual([odd, 1])
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

  it.effect("fails at once when the API refuses a request, also once it has worked", () =>
    Effect.gen(function* () {
      const denied = apiError(403, "insufficient_permissions")
      const server = changesFrom((_, index) => (index === 0 ? { messages: report("m1") } : denied))
      const { stream } = yield* round(server, sourcesOf([1]), ["messages"], { messages: "m1" })
      expect(yield* Effect.flip(Stream.runDrain(stream))).toBe(denied)
      expect(server.inputs).toHaveLength(2)
    })
  )

  it.effect("fails with PaginationError if a list returns a cursor twice", () =>
    Effect.gen(function* () {
      const server = changesFrom(() => ({ messages: report("m1") }))
      const { log, sources } = sourcesOf([1, 1])
      const cyclic = {
        ...sources,
        messages: {
          ...sources.messages,
          page: (cursor: string | undefined) =>
            Effect.map(sources.messages.page(cursor), (page) => ({ ...page, next: "1" }))
        }
      }
      const { exit, waits } = yield* round(server, { log, sources: untyped(cyclic) }, ["messages"], {})
      expect(errorOf(exit)).toMatchObject({
        _tag: "PaginationError",
        operation: "mailbox.messages.list",
        reason: "RepeatedCursor"
      })
      expect([log, waits]).toEqual([["messages page 0", "messages page 1"], []])
    })
  )

  it.effect("retries a transient failure of a step, and fails with any other at once", () =>
    Effect.gen(function* () {
      const lost = new TransportError({
        operation: "mailbox.changes.get",
        reason: "Network",
        detail: "It failed",
        attempts: 1
      })
      const server = changesFrom((_, index) => (index < 2 ? lost : { messages: report("m1") }))
      const { lines, waits } = yield* round(server, sourcesOf([1]), ["messages"], { messages: "m1" })
      expect([lines, waits]).toEqual([['checkpoint! {"messages":"m1"}'], [125, 250]])
      const down = changesFrom(() => lost)
      const failed = yield* round(down, sourcesOf([1]), ["messages"], { messages: "m1" })
      expect([errorOf(failed.exit), down.inputs.length]).toEqual([lost, 3])
      const denied = apiError(403, "insufficient_permissions")
      const refused = changesFrom(() => denied)
      const second = yield* round(refused, sourcesOf([1]), ["messages"], { messages: "m1" })
      expect([errorOf(second.exit), refused.inputs.length]).toEqual([denied, 1])
    })
  )

  it.effect("waits as long as a transient failure asks for, and at most five minutes", () =>
    Effect.gen(function* () {
      const delays = ["2 seconds", "5 minutes", "10 minutes"] as const
      const server = changesFrom((_, index) => {
        const delay = delays[index]
        return delay === undefined
          ? { messages: report("m1") }
          : apiError(503, "service_unavailable", true, Duration.decode(delay))
      })
      const patient = policy({ maxAttempts: 4, budget: "1 hour" })
      const { waits } = yield* round(server, sourcesOf([1]), ["messages"], { messages: "m1" }, patient)
      expect(waits).toEqual([2_000, 300_000, 300_000])
    })
  )
})
