import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import { currentStates, readChanges } from "../../src/mailbox/sync/readChanges.js"
import { makeSources, type Sources } from "../../src/mailbox/sync/sources.js"
import { apiError, changesFrom, report } from "../support/changes.js"
import { untyped } from "../support/synthetic.js"
import { errorOf } from "../support/time.js"

describe("readChanges", () => {
  it.effect(
    "requests the types with their states only, and reports the changes in the order of the types",
    () =>
      Effect.gen(function* () {
        const { groups, inputs } = changesFrom(() => ({
          messages: report("m2", {
            old_state: "m1",
            created: ["a"],
            updated: ["b"],
            destroyed: ["c"],
            has_more: true
          }),
          folders: report("f2", { updated_properties: ["name"] })
        }))
        const states = { messages: "m1", folders: "f1", threads: "t1" }
        const changes = yield* readChanges(groups, ["folders", "messages"], states, 7, {})
        expect(inputs).toEqual([
          {
            types: ["folders", "messages"],
            limit: 7,
            messages_since_state: "m1",
            folders_since_state: "f1"
          }
        ])
        expect(changes).toEqual([
          {
            _tag: "Changes",
            type: "folders",
            created: [],
            updated: [],
            removed: [],
            updatedProperties: ["name"],
            oldState: null,
            newState: "f2",
            hasMore: false,
            states: { messages: "m1", folders: "f2", threads: "t1" }
          },
          {
            _tag: "Changes",
            type: "messages",
            created: ["a"],
            updated: ["b"],
            removed: ["c"],
            updatedProperties: undefined,
            oldState: "m1",
            newState: "m2",
            hasMore: true,
            states: { messages: "m2", folders: "f2", threads: "t1" }
          }
        ])
      })
  )

  it.effect("reads the current state of a type that must be synchronized again", () =>
    Effect.gen(function* () {
      const { groups, inputs } = changesFrom(({ types }, index) =>
        index === 0
          ? {
              messages: report("m2", { sync_required: true }),
              folders: report("f2", { sync_required: false })
            }
          : { [types[0] ?? "messages"]: report("m3") }
      )
      const states = { messages: "m1", folders: "f1" }
      const changes = yield* readChanges(groups, ["messages", "folders"], states, 7, {})
      expect(changes).toMatchObject([
        {
          _tag: "ResyncRequired",
          type: "messages",
          newState: "m3",
          states: { messages: "m3", folders: "f1" }
        },
        { _tag: "Changes", type: "folders", states: { messages: "m3", folders: "f2" } }
      ])
      expect(inputs[1]).toEqual({ types: ["messages"], limit: 7, messages_since_state: undefined })
    })
  )

  it.effect("requests each type alone if the server refuses one of several states", () =>
    Effect.gen(function* () {
      for (const [status, code] of [
        [400, "invalid_parameter"],
        [422, "validation_error"]
      ] as const) {
        const { groups, inputs } = changesFrom((input) =>
          input["folders_since_state"] === "old"
            ? apiError(status, code)
            : Object.fromEntries(input.types.map((type) => [type, report(`${type}-now`)]))
        )
        const states = { messages: "m1", folders: "old" }
        const changes = yield* readChanges(groups, ["messages", "folders"], states, 7, {})
        expect(changes.map(({ _tag, type }) => [_tag, type])).toEqual([
          ["Changes", "messages"],
          ["ResyncRequired", "folders"]
        ])
        expect(inputs.map(({ types }) => types)).toEqual([
          ["messages", "folders"],
          ["messages"],
          ["folders"],
          ["folders"]
        ])
      }
    })
  )

  it.effect("requests each type alone if the server refuses the only state of several types", () =>
    Effect.gen(function* () {
      const { groups, inputs } = changesFrom((input) =>
        input["folders_since_state"] === "old"
          ? apiError(400, "invalid_parameter")
          : Object.fromEntries(input.types.map((type) => [type, report(`${type}-now`)]))
      )
      const changes = yield* readChanges(groups, ["messages", "folders"], { folders: "old" }, 7, {})
      expect(changes.map(({ _tag, type }) => [_tag, type])).toEqual([
        ["Changes", "messages"],
        ["ResyncRequired", "folders"]
      ])
      expect(inputs).toHaveLength(4)
    })
  )

  it.effect("fails at once for a type that a response does not mention, without another request", () =>
    Effect.gen(function* () {
      const { groups, inputs } = changesFrom(() => ({ messages: report("m2") }))
      const error = yield* Effect.flip(readChanges(groups, ["messages", "folders"], {}, 7, {}))
      expect([error._tag, inputs.length]).toEqual(["ResponseDecodeError", 1])
    })
  )

  it.effect("fails with any other failure, and with one of a request without states", () =>
    Effect.gen(function* () {
      const denied = apiError(403, "insufficient_permissions")
      const refused = changesFrom(() => denied)
      const states = { messages: "m1", folders: "f1" }
      expect(yield* Effect.flip(readChanges(refused.groups, ["messages", "folders"], states, 7, {}))).toBe(
        denied
      )
      expect(refused.inputs).toHaveLength(1)
      const invalid = apiError(400, "invalid_parameter")
      const stateless = changesFrom(() => invalid)
      expect(yield* Effect.flip(readChanges(stateless.groups, ["messages", "folders"], {}, 7, {}))).toBe(
        invalid
      )
      expect(stateless.inputs).toHaveLength(1)
    })
  )

  it.effect("fails with ResponseDecodeError if the response does not mention a type", () =>
    Effect.gen(function* () {
      const issue = "types.folders is missing: the request asked for this type"
      const { groups } = changesFrom(() => ({ messages: report("m2") }))
      const error = yield* Effect.flip(readChanges(groups, ["messages", "folders"], {}, 7, {}))
      expect(error).toMatchObject({
        _tag: "ResponseDecodeError",
        operation: "mailbox.changes.get",
        status: 200,
        issue
      })
      const again = changesFrom((_, index) =>
        index === 0 ? { folders: report("f2", { sync_required: true }) } : {}
      )
      const second = readChanges(again.groups, ["folders"], { folders: "f1" }, 7, {})
      expect(yield* Effect.flip(second)).toMatchObject({ _tag: "ResponseDecodeError", issue })
    })
  )

  it.effect("fails with PaginationError if there are more changes but the state stays the same", () =>
    Effect.gen(function* () {
      const read = (has_more: boolean, new_state: string) =>
        Effect.exit(
          readChanges(
            changesFrom(() => ({ messages: report(new_state, { has_more }) })).groups,
            ["messages"],
            { messages: "m1" },
            7,
            {}
          )
        )
      expect(errorOf(yield* read(true, "m1"))).toMatchObject({
        _tag: "PaginationError",
        operation: "mailbox.changes.get",
        reason: "RepeatedCursor"
      })
      expect(Exit.isSuccess(yield* read(false, "m1"))).toBe(true)
      expect(Exit.isSuccess(yield* read(true, "m2"))).toBe(true)
    })
  )

  it.effect("reads the current states of types", () =>
    Effect.gen(function* () {
      const { groups } = changesFrom(() => ({ messages: report("m1"), folders: report("f1") }))
      expect(yield* currentStates(groups, ["messages", "folders"], 7, {})).toEqual({
        messages: "m1",
        folders: "f1"
      })
      expect(yield* currentStates(groups, [], 7, {})).toEqual({})
    })
  )
})

describe("the sources of a follower", () => {
  const calls: Array<readonly [string, unknown, unknown]> = []

  const page = (name: string) => (input: unknown, options: unknown) =>
    Effect.sync(() => {
      calls.push([`${name}.page`, input, options])
      return { items: [{ id: "1" }, { id: "2" }], hasMore: name !== "quotas", nextCursor: "next" }
    })

  const list = (name: string) =>
    Object.assign(
      (input: unknown, options: unknown) =>
        Stream.suspend(() => {
          calls.push([name, input, options])
          return Stream.make({ id: "1" }, { id: "2" }, { id: "3" })
        }),
      { page: page(name) }
    )

  let running = 0
  let most = 0
  const get = (name: string) => (id: string, options: unknown) =>
    Effect.gen(function* () {
      calls.push([`${name}.get`, id, options])
      most = Math.max(most, ++running)
      yield* Effect.yieldNow()
      running--
      if (id === "gone") return yield* Effect.fail(apiError(404, "not_found"))
      if (id === "refused") return yield* Effect.fail(apiError(403, "insufficient_permissions"))
      return { id }
    })

  const options = { mailbox_id: "mbx_1" }
  const sources: Sources = makeSources(
    untyped({
      messages: {
        list: list("messages"),
        batchGet: (input: unknown, given: unknown) =>
          Effect.sync(() => {
            calls.push(["messages.batchGet", input, given])
            return {
              results: [
                { _tag: "Found", message: { id: "2" } },
                { _tag: "NotFound", id: "9" }
              ]
            }
          })
      },
      folders: { list: list("folders") },
      threads: { list: list("threads"), get: get("threads") },
      submissions: { list: list("submissions"), get: get("submissions") },
      identities: { list: list("identities") },
      quotas: { list: list("quotas") }
    }),
    options
  )
  const types = ["messages", "folders", "threads", "submissions", "identities", "quotas"] as const

  it.effect("read pages of 100 items, messages in the order of their arrival", () =>
    Effect.gen(function* () {
      for (const type of types) {
        calls.length = 0
        const read = yield* sources[type].page("c")
        expect(read).toEqual({
          items: ["1", "2"].map((id) => ({ _tag: "Snapshot", type, id, value: { id } })),
          next: type === "quotas" ? undefined : "next"
        })
        const order = type === "messages" ? { sort_by: "received_at", sort_direction: "asc" } : {}
        expect(calls).toEqual([[`${type}.page`, { cursor: "c", limit: 100, ...order }, options]])
      }
    })
  )

  it.effect("read changed items by their ids, and report the others as removed", () =>
    Effect.gen(function* () {
      const expected = {
        messages: [["messages.batchGet", { ids: ["2", "9"] }, options]],
        folders: [["folders", { limit: 100 }, options]],
        threads: [
          ["threads.get", "2", options],
          ["threads.get", "9", options]
        ],
        submissions: [
          ["submissions.get", "2", options],
          ["submissions.get", "9", options]
        ],
        identities: [["identities", { limit: 100 }, options]],
        quotas: [["quotas", { limit: 100 }, options]]
      }
      for (const type of types) {
        calls.length = 0
        const single = type === "threads" || type === "submissions"
        const changed = yield* sources[type].changed("Updated", ["2", single ? "gone" : "9"])
        expect(changed).toEqual([
          { _tag: "Updated", type, id: "2", value: { id: "2" } },
          { _tag: "Removed", type, id: single ? "gone" : "9" }
        ])
        expect(JSON.stringify(calls).replaceAll("gone", "9")).toBe(JSON.stringify(expected[type]))
        calls.length = 0
        expect(yield* sources[type].changed("Created", [])).toEqual([])
        expect(calls).toEqual([])
      }
    })
  )

  it.effect("read single items four at a time, and fail with any failure other than not_found", () =>
    Effect.gen(function* () {
      most = 0
      yield* sources.threads.changed("Created", ["1", "2", "3", "4", "5", "6"])
      expect(most).toBe(4)
      const error = yield* Effect.flip(sources.submissions.changed("Created", ["1", "refused"]))
      expect(error).toMatchObject({ status: 403 })
    })
  )

  it("know that an update moves every item but a message", () => {
    expect(types.map((type) => sources[type].updatesMove)).toEqual([false, true, true, true, true, true])
  })

  it("report the reset of a type and removed ids", () => {
    expect(sources.folders.reset({ messages: "m1" })).toEqual({
      _tag: "Reset",
      type: "folders",
      states: { messages: "m1" }
    })
    expect(sources.folders.removed(["1"])).toEqual([{ _tag: "Removed", type: "folders", id: "1" }])
  })
})
