import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import { ResponseDecodeError, type SendmuxError } from "../../src/internal/model/errors.js"
import { policy } from "../../src/internal/timing/retry.js"
import { apiError, changesFrom, report, transportError } from "../support/changes.js"
import { round, sourcesOf } from "../support/rounds.js"
import { untyped } from "../support/synthetic.js"
import { errorOf, recordWaits } from "../support/time.js"

describe("a round of a follower, when requests fail", () => {
  it.effect("retries a transient failure of a step, and fails with any other at once", () =>
    Effect.gen(function* () {
      const lost = transportError("Network")
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

  it.effect(
    "continues after nine odd responses in a row once it has worked, and counts from zero after another failure",
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
})
